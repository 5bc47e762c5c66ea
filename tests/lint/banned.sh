#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions nobody may call; memcmp(), which is for public bytes only, file by file, counted.
# `tests/lint/banned.sh --regenerate` writes the counts anew: read the diff before committing it.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
rc=0
code=$(mktemp)
trap 'rm -f "$code" "$code.n"' EXIT
c_files include lib server plugins client | xargs awk -f $lint/strip.awk > "$code"

names='strcpy|strcat|strncpy|sprintf|vsprintf|gets|strtok|strtok_r|alloca|system|popen|atoi|atol'
names="$names|rand|srand|random|localtime|localtime_r|gmtime|ctime|asctime|tmpnam|mktemp"
if grep -E "(^|[^A-Za-z0-9_>.])($names)[[:space:]]*\\(" "$code"; then
    echo 'a banned function: CONTRIBUTING.md names what to use instead'
    rc=1
fi

grep -E '(^|[^A-Za-z0-9_])memcmp[[:space:]]*\(' "$code" | cut -d: -f1 | LC_ALL=C sort | uniq -c \
    | awk '{ print $2 ":" $1 }' > "$code.n" || :
if [ "${1:-}" = --regenerate ]; then
    cp "$code.n" $lint/memcmp.allowed
elif ! diff -u $lint/memcmp.allowed "$code.n"; then
    echo 'memcmp() calls changed.  On a secret use tsec_ct_equal(); for public bytes run'
    echo 'tests/lint/banned.sh --regenerate and say why in the commit.'
    rc=1
fi
exit $rc
