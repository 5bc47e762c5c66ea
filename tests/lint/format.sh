#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format 14 writes it (`make format` does).
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
tool=$(command -v clang-format-14 || command -v clang-format) || { echo 'no clang-format'; exit 77; }
case $($tool --version) in
*'version 14.'*) ;;
*) echo "$($tool --version): the format is defined by version 14"; exit 77 ;;
esac
c_files include lib server plugins client tests bench | xargs "$tool" --dry-run -Werror
