#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each C file is named in the subdir.am of its own or another folder: a header that is not builds
# here, and is missing from what is released.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
lists=$(mktemp)
trap 'rm -f "$lists"' EXIT
find include lib server plugins client tests bench -name subdir.am 2> /dev/null | while IFS= read -r list; do
    folder=${list%/subdir.am}
    sed "s|%D%|$folder|g" "$list" | tr -s ' \t\\=' '\n'
done > "$lists"
c_files include lib server plugins client tests bench | grep -vxFf "$lists" | sed 's/$/ is in no subdir.am/' | { ! grep . ; }
