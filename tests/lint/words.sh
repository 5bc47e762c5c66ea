#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No unfinished work, no path of somebody's machine, no registry's host, and no file named for
# nothing in particular.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
rc=0
# Written so that this file does not find itself.
marks='TO''DO|FIX''ME|X''XX|HA''CK'
paths='/wo''rk/|/ro''ot/|/ho''me/[a-z]'
hosts='registry\.npm''js|py''pi\.org|pythonho''sted|proxy\.gol''ang|deb\.deb''ian'
if all_files | tr '\n' '\0' | xargs -0 grep -nIE "\\b($marks)\\b|($paths)|($hosts)"; then
    echo 'a mark of unfinished work, a path of one machine or a registry: say it otherwise'
    rc=1
fi
if all_files | grep -E '(^|/)(utils?|common|helpers?|misc|stuff)\.[a-z]+$'; then
    echo 'a file is named after what it is about'
    rc=1
fi
exit $rc
