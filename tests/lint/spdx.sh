#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each C file begins with the licence line, each script has it in its first three lines.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
{
    c_files include lib server plugins client tests bench | xargs awk '
        FNR == 1 && $0 != "/* SPDX-License-Identifier: Apache-2.0 */" {
            print FILENAME ": the first line is not the licence line"; bad = 1
        }
        END { exit bad }' || echo FAILED
    all_files | grep -E '\.(sh|py|js|mjs|awk|go)$|^(check|quickstart)$|^\.ci/run$' | while IFS= read -r f; do
        head -n 3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' \
            || echo "$f: FAILED: no licence line in the first three"
    done
} | { ! grep . ; }
