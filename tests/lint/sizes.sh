#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No file over 500 lines, no function over 80.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
c_files include lib server plugins client tests bench | xargs awk '
function file_ends() {
    if (lines > 500) { print file ": " lines " lines, 500 is the limit"; bad = 1 }
}
FNR == 1 { file_ends(); file = FILENAME; inside = 0 }
{ lines = FNR }
/^{/ { inside = FNR }
/^}/ && inside {
    if (FNR - inside - 1 > 80) {
        print FILENAME ":" inside ": a function of " FNR - inside - 1 " lines, 80 is the limit"
        bad = 1
    }
    inside = 0
}
END { file_ends(); exit bad }'
