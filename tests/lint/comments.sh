#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Comments are /* */; none says who wrote it or when.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
rc=0
if c_files include lib server plugins client tests bench | xargs awk -f $lint/strip.awk | grep -F '//'; then
    echo 'comments are written /* */'
    rc=1
fi
if c_files include lib server plugins client tests bench \
    | xargs grep -nE '@(author|date|since)\b|\$(Id|Date|Author)\$'; then
    echo 'authors and dates are in the history'
    rc=1
fi
exit $rc
