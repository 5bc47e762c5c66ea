#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checks the models of the attested channel: what must hold holds in every state, and each weakened
# protocol breaks the claim that its missing part is there for.
set -u
models=$(cd "${srcdir:-.}/tests/formal" && pwd)
cc=${CC:-cc}
command -v spin > /dev/null || { echo 'no spin on this machine (Debian: apt-get install spin)'; exit 77; }
command -v "${cc%% *}" > /dev/null || { echo 'no C compiler on this machine'; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

bit()
{
    case $1 in
    handshake:secrecy | rekey:secrecy | messages:once) echo 1 ;;
    handshake:agreement | rekey:agreement | messages:match) echo 2 ;;
    handshake:injective | messages:served) echo 4 ;;
    handshake:reflection | rekey:reflection) echo 8 ;;
    handshake:relay) echo 16 ;;
    handshake:freshness) echo 32 ;;
    handshake:diversion) echo 64 ;;
    *) echo "no claim $1" >&2; echo 0 ;;
    esac
}

# search OPTIMIZATION MODEL FLAG...: explores every state; sets $errors, $states.
search()
{
    level=$1 model=$2
    shift 2
    rm -f "$tmp"/*
    # shellcheck disable=SC2086
    (cd "$tmp" && spin "$@" -a "$models/$model.pml" && $cc $level -w -DSAFETY -DNOREDUCE -o pan pan.c \
        && timeout 120 ./pan -m100000 -n -w22 -E) > "$tmp/log" 2>&1
    errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' "$tmp/log")
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$tmp/log")
    # Out of depth, memory or time is no proof.
    grep -Eq 'search depth too small|out of memory|Search not completed' "$tmp/log" \
        && [ "${errors:-0}" = 0 ] && errors=incomplete
    : "${errors:=none}" "${states:=0}"
}

said()
{
    printf '%-7s %-10s %-42s %s\n' "$@"
}

# The bits of several claims.
bits()
{
    sum=0
    of=$1
    shift
    for claim in "$@"; do sum=$((sum + $(bit "$of:$claim"))); done
    echo $sum
}

# holds MODEL "FLAGS" CLAIM...: and the end is reached, so that this says something.
holds()
{
    of=$1 flags=$2
    shift 2
    on=$(bits "$of" "$@")
    # shellcheck disable=SC2086
    search -O0 "$of" $flags -DON=0 -DREACH
    reached=$errors
    # shellcheck disable=SC2086
    search -O1 "$of" $flags "-DON=$on"
    if [ "$errors" = 0 ] && [ "$reached" = 1 ] && [ "$on" -gt 0 ]; then
        passed=$((passed + 1))
        said holds "$of" "${flags:-as designed}" "$states states: $*"
    else
        failed=$((failed + 1))
        said FAILED "$of" "${flags:-as designed}" "errors $errors, end reached $reached: $*"
        grep -E 'pan:|rror' "$tmp/log"
    fi
}

# breaks MODEL "FLAGS" CLAIM: only this claim is looked at, and an attack on it is found.
breaks()
{
    # shellcheck disable=SC2086
    search -O0 "$1" $2 "-DON=$(bit "$1:$3")"
    if [ "$errors" = 1 ] && grep -q 'assertion violated' "$tmp/log"; then
        passed=$((passed + 1))
        said breaks "$1" "$2" "$states states: $3"
    else
        failed=$((failed + 1))
        said FAILED "$1" "$2" "no attack on $3 was found (errors $errors)"
    fi
}

most='secrecy agreement injective reflection relay freshness'
# shellcheck disable=SC2086
{
holds handshake '' $most
holds handshake '-DPIN=2' $most diversion
holds handshake '-DPIN=2 -DBROKEN' $most diversion
holds handshake '-DPIN=2 -DIDLEAK' $most diversion
holds handshake '-DSYM' $most
holds handshake '-DSYM -DPIN=2' $most diversion
holds handshake '-DRESUME' $most
}
breaks handshake '-DBIND=0' secrecy
breaks handshake '-DBIND=0' relay
breaks handshake '-DBIND=1' secrecy
breaks handshake '-DBIND=1' agreement
breaks handshake '-DBIND=1' freshness
breaks handshake '-DPARTIAL' agreement
breaks handshake '-DNOMEAS' secrecy
breaks handshake '-DNOMEAS' agreement
breaks handshake '-DNOROLE -DSYM' reflection
breaks handshake '-DNOROLE -DSYM' secrecy
breaks handshake '-DNOFIN' agreement
breaks handshake '-DBROKEN' diversion
breaks handshake '-DBROKEN' secrecy
breaks handshake '-DPIN=1 -DBROKEN' diversion
breaks handshake '-DPIN=2 -DBROKEN -DIDLEAK' diversion
breaks handshake '-DKEEP' secrecy
breaks handshake '-DRESUME -DNOPSK' secrecy

holds rekey '' secrecy agreement reflection
holds rekey '-DLEAK' secrecy agreement reflection
holds rekey '-DLEAK -DSYM' secrecy agreement reflection
holds rekey '-DLEAK -DPASSIVE -DNOREATTEST' secrecy agreement
breaks rekey '-DLEAK -DNOREATTEST' secrecy
breaks rekey '-DLEAK -DNOEXPORTER' secrecy
breaks rekey '-DLEAK -DSYM -DNOROLE' reflection
breaks rekey '-DLEAK -DPASSIVE -DNOBASE' secrecy

holds messages '' once match served
breaks messages '-DNOWINDOW' once
breaks messages '-DNOATOMIC' once
breaks messages '-DNOEPOCH' once
breaks messages '-DMARKFIRST' served
breaks messages '-DNOSEQ' match
breaks messages '-DNODIR' match

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
