#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual pages are as mandoc wants them.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
command -v mandoc > /dev/null || { echo 'no mandoc'; exit 77; }
# What the page refers to need not be installed here, and the name is ours.
! find docs client -name '*.[1-8]' -type f | LC_ALL=C sort | xargs mandoc -T lint -W warning 2>&1 \
    | grep -v 'referenced manual not found'
