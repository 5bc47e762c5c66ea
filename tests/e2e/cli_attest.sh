#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A server proves what it is before anything is sent to it; secrets go to code that proves what it is.
set -eu
. "${srcdir:-.}/tests/e2e/attested.sh"
. "${srcdir:-.}/tests/e2e/server.sh"
grant_function > /dev/null
prove_server

# shellcheck disable=SC2086
{
    # What it is, over TLS whose key only its evidence vouches for, and over a socket.
    expect 0 'tls_bound        true' attest $tls $accepts
    expect 0 'tls_bound        false' attest $accepts
    identity=$("$cli" attest $tls $accepts -field=identity_key)
    [ "$identity" = "$("$cli" read -format=json tee/info | sed -n 's/.*"identity_key": "\(.*\)".*/\1/p')" ]
    expect 0 sim attest $tls $accepts -server-identity="$identity"

    # What it is not.
    expect 3 measurement attest $tls -allow-simulated -sim-root="$folder/state/root.pem" -server-allow=sim:measurement=$image
    expect 3 simulated attest $tls -sim-root="$folder/state/root.pem" -server-allow=sim:measurement=$measurement
    expect 3 chain attest $tls -allow-simulated -sim-root="$folder/function/root.pem" -server-allow=sim:measurement=$measurement
    expect 3 identity attest $tls $accepts -server-identity="$(printf 'another' | base64)"
    expect 3 tls-key attest -address="https://127.0.0.1:$port" $accepts
    expect 1 'server_allow' attest $tls -allow-simulated
    expect 1 'tls-by-evidence' attest -tls-skip-verify -address="https://127.0.0.1:$port" $accepts
    expect 2 'unavailable' attest $accepts -address=https://127.0.0.1:1 -tls-by-evidence
    TEE_SECRETS_SERVER_ALLOW="sim:svn>=7 sim:measurement=$measurement" \
        expect 0 'allowed_by       sim:measurement' attest $tls -allow-simulated -sim-root="$folder/state/root.pem"

    # Through a channel, without TLS: an operator with a token, a function with its role.
    expect 0 'correct horse' channel $accepts GET secret/data/shop/db
    expect 0 'correct horse' channel $accepts -hide-path -rekey GET secret/data/shop/db
    expect 2 'HTTP 404' channel $accepts GET secret/data/shop/none
    expect 3 measurement channel -allow-simulated -sim-root="$folder/state/root.pem" -server-allow=sim:measurement=$image GET sys/health
    mv "$HOME/.tee-secrets-token" "$folder/token"
    expect 2 'HTTP 403' channel $accepts GET secret/data/shop/db
    expect 0 'correct horse' channel $accepts $own -role=shop -rekey GET secret/data/shop/db
    expect 2 'HTTP 403' channel $accepts $own -role=shop GET secret/data/other
    expect 2 'refuses' channel $accepts $own -role=nobody GET secret/data/shop/db
    expect 2 'refuses' channel $accepts $own -plugin-setting=state_dir="$folder/stranger" -role=shop GET secret/data/shop/db
    expect 1 'plugin' channel $accepts -role=shop GET secret/data/shop/db
    printf 'GET secret/data/shop/db\n\nPOST transit/sign/orders {"input":"AAAA"}\nGET secret/data/other\n' > "$folder/lines"
    got=0
    "$cli" channel $accepts $own -role=shop < "$folder/lines" > "$folder/answers" 2> /dev/null || got=$?
    [ "$got" = 2 ]
    grep -q 'correct horse' "$folder/answers"
    grep -q 'vault:v1:' "$folder/answers"

    # In one request.
    expect 0 'correct horse' release $tls $accepts $own -role=shop secret/data/shop/db
    [ "$("$cli" release $tls $accepts $own -role=shop -field=password secret/data/shop/db)" = 'correct horse' ]
    expect 0 '"path": "secret/data/shop/db?version=1"' release $tls $accepts $own -role=shop -format=json \
        secret/data/shop/db 'secret/data/shop/db?version=1'
    expect 2 'HTTP 403' release $tls $accepts $own -role=shop secret/data/shop/db secret/data/other
    expect 2 'HTTP 403' release $tls $accepts $own -role=nobody secret/data/shop/db
    expect 3 'tls-key' release $accepts $own -role=shop secret/data/shop/db
    expect 1 'plugin' release $tls $accepts -role=shop secret/data/shop/db
    expect 1 'role' release $tls $accepts $own secret/data/shop/db
}

# Whoever stands between with a TLS key of its own is not the server, however genuine the evidence is
# that it passes on.
command -v openssl > /dev/null && command -v python3 > /dev/null || exit 0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=between -days 2 \
    -keyout "$folder/between.key" -out "$folder/between.pem" 2> /dev/null
python3 "$tree/tests/e2e/between.py" "$folder/between" $((port + 1)) "$folder/socket" &
between=$!
tries=0
until curl -sk "https://127.0.0.1:$((port + 1))/v1/sys/health" > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || exit 1
    sleep 0.1
done
# shellcheck disable=SC2086
{
    relayed="-address=https://127.0.0.1:$((port + 1)) -tls-by-evidence"
    expect 3 binding attest $relayed $accepts
    expect 3 binding release $relayed $accepts $own -role=shop secret/data/shop/db
    # A channel needs no TLS: the one between carries what it cannot read.
    expect 0 'correct horse' channel $relayed $accepts $own -role=shop GET secret/data/shop/db
}
kill $between
wait $between || :
