#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tee-secrets evidence` on real evidence of every kind: TSEC_VECTORS names the folder.
set -eu
[ -f "${TSEC_VECTORS:-}/manifest.json" ] || { echo "no real evidence at ${TSEC_VECTORS:-TSEC_VECTORS, which is not set}"; exit 77; }
command -v python3 > /dev/null || { echo 'no python3'; exit 77; }
[ -x ./tee-secrets ] || { echo 'tee-secrets is not built'; exit 1; }
PYTHONDONTWRITEBYTECODE=1 exec python3 "${srcdir:-.}/tests/vectors/vectors.py" ./tee-secrets "$TSEC_VECTORS"
