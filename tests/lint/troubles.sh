#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/troubleshooting.md has a line for each reason that a refusal of evidence can have, and for
# nothing else.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sed -n '/^## The evidence/,/^## Nothing/s/^| `\([a-z-]*\)` |.*/\1/p' docs/troubleshooting.md \
    | LC_ALL=C sort > "$tmp/said"
{
    sed -n 's/^TSEC_REASON([A-Z_]*, *"\([^"]*\)".*/\1/p' include/tsec/reasons.def
    echo challenge
    # role-id is AppRole's.
    grep -ohE '"(challenge|channel|measurement|role)-[a-z]+"' server/api/*.c server/core/*.c \
        | tr -d '"' | grep -vx role-id
} | LC_ALL=C sort -u > "$tmp/there"
diff "$tmp/there" "$tmp/said" || { echo 'the reasons in the sources (<) and in docs/troubleshooting.md (>) differ'; exit 1; }
