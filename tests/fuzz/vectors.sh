#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The harnesses on real evidence of every kind: TSEC_VECTORS names the folder.
set -eu
here="${srcdir:-.}/tests/fuzz"
[ -f "${TSEC_VECTORS:-}/manifest.json" ] || { echo "no real evidence at ${TSEC_VECTORS:-TSEC_VECTORS, which is not set}"; exit 77; }
command -v python3 > /dev/null || { echo 'no python3'; exit 77; }
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
python3 "$here/seeds.py" "$TSEC_VECTORS" "$seeds"
for folder in "$seeds"/*; do
    noun=$(basename "$folder")
    found=$(TSEC_FUZZ_SAY=1 "./tests/fuzz/fuzz_$noun" "$folder")
    echo "$noun: $found"
    # that none is genuine would show that the harness does not get far
    if echo "$found" | grep -qx '0 found genuine'; then exit 1; fi
done
