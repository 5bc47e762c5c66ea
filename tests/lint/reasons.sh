#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/evidence.md tells each reason of tsec/reasons.def in its words, and no other.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
said=$(mktemp)
trap 'rm -f "$said"' EXIT
sed -n '/^## Reasons/,/^## Looking/s/^| `/| `/p' docs/evidence.md > "$said"
sed -n 's/^TSEC_REASON([A-Z_]*, *"\([^"]*\)", *"\([^"]*\)", *"\([^"]*\)").*/| `\1` | \2 | \3 |/p' \
    include/tsec/reasons.def | diff - "$said" || { echo 'docs/evidence.md and tsec/reasons.def differ'; exit 1; }
[ -s "$said" ] || { echo 'docs/evidence.md has no reasons'; exit 1; }
