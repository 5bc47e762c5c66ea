#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every source has a test named like it: server/core/token.c has tests/core/test_token*.c; a plugin's
# are in tests/plugins/ or tests/contract/.  What has none is in twins.allowed, with the reason.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
rc=0
for source in $(c_files lib server plugins client | grep '\.c$'); do
    noun=$(basename "$source" .c)
    layer=$(basename "$(dirname "$source")")
    case $source in
    plugins/*) places='tests/plugins tests/contract' ;;
    client/*) places='tests/client' ;;
    server/main.c) places='tests/e2e' ;;
    *) places="tests/$layer" ;;
    esac
    twin=
    for place in $places; do
        for test in "$place"/test_"$noun"*.c; do
            if [ -f "$test" ]; then twin=$test; fi
        done
    done
    allowed=$(awk -v f="$source" '$1 == f { print NF }' $lint/twins.allowed)
    if [ -z "$twin" ] && [ -z "$allowed" ]; then
        echo "$source has no test $places/test_$noun*.c"
        rc=1
    elif [ -n "$twin" ] && [ -n "$allowed" ]; then
        echo "$source is in twins.allowed and has $twin: take it out"
        rc=1
    elif [ -n "$allowed" ] && [ "$allowed" -lt 4 ]; then
        echo "$source is in twins.allowed without a reason"
        rc=1
    fi
done
for source in $(awk '!/^#/ && NF { print $1 }' $lint/twins.allowed); do
    if [ ! -f "$source" ]; then
        echo "twins.allowed names $source, which is not there"
        rc=1
    fi
done
exit $rc
