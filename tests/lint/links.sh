#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A link of a document to a file of the project leads somewhere.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
all_files | grep '\.md$' | while IFS= read -r page; do
    grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -v '://' | while IFS= read -r to; do
        [ -e "$(dirname "$page")/$to" ] || echo "$page: nothing is at $to"
    done || :
done | { ! grep . ; }
