#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ProVerif on amc.pv, for any number of sessions; where it is not installed, a skip.  A few minutes.
set -u
models=$(cd "${srcdir:-.}/tests/formal" && pwd)
command -v proverif > /dev/null || { echo 'no proverif on this machine (opam install proverif)'; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# variant MARK...: the model with the lines of these marks.
variant()
{
    awk -v on=" $* " '!match($0, /\(\*[A-Z]+\*\)$/) || index(on, " " substr($0, RSTART + 2, RLENGTH - 4) " ")' \
        "$models/amc.pv" > "$tmp/amc.pv"
    timeout 900 proverif "$tmp/amc.pv" > "$tmp/log" 2>&1
    results=$(grep '^RESULT' "$tmp/log")
}

# holds MARK...: every query is proved, and the end is reached.
holds()
{
    variant "$@"
    if [ "$(echo "$results" | grep -c ' is true\.$')" = 5 ] \
        && echo "$results" | grep -q '^RESULT not event(reached) is false\.$'; then
        passed=$((passed + 1))
        echo "holds   $*"
    else
        failed=$((failed + 1))
        echo "FAILED  $*"
        tail -n 3 "$tmp/log"
    fi
    echo "$results"
}

# breaks PATTERN MARK...: an attack on the query whose result begins so.
breaks()
{
    pattern=$1
    shift
    variant "$@"
    if echo "$results" | grep -q "^RESULT $pattern.* is false\.\$"; then
        passed=$((passed + 1))
        echo "breaks  $*: $pattern"
    else
        failed=$((failed + 1))
        echo "FAILED  $*: no attack on $pattern"
        echo "$results"
    fi
}

holds UNPINNED STRICT BOUND
holds PINNED BROKEN STRICT BOUND
breaks 'not attacker_p1(secret_i2r' UNPINNED BROKEN STRICT BOUND
breaks 'not attacker_p1(secret_i2r' UNPINNED LAX BOUND
breaks 'not attacker_p1(secret_i2r' UNPINNED STRICT NONCE
breaks 'not attacker_p1(secret_i2r' UNPINNED STRICT KEY
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
