#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What bash completes: commands word by word, and the flags of a command.
set -eu
command -v bash > /dev/null || { echo 'no bash'; exit 77; }
[ -x ./tee-secrets ] || { echo 'tee-secrets is not built'; exit 1; }
exec bash -u -c '
. "$1"/client/tee-secrets.bash
compopt() { :; }
rc=0
expect() {
    local want=$1
    shift
    COMP_WORDS=(./tee-secrets "$@")
    COMP_CWORD=$#
    _tee_secrets
    if [ "${COMPREPLY[*]-}" != "$want" ]; then
        echo "$*: \"${COMPREPLY[*]-}\", not \"$want\""
        rc=1
    fi
}
expect "kv" k
expect "capabilities create" token c
expect "delete get put" kv metadata ""
expect "patch put" kv p
expect "-versions=" kv destroy -v
expect "-identity=" audit decrypt -i
expect "" kv get ""
expect "show verify" evidence ""
expect "-format= -format-in=" evidence verify -format
expect "nitro" evidence verify --format n
expect "snp sgx sim-v1" evidence verify -format = s
expect "table json" evidence show -output =
expect "hex" evidence show --format-in = h
expect "" evidence verify ""
expect "" nonsense ""
exit $rc' completion "${srcdir:-.}"
