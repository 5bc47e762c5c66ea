#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tour: put, get, list, versions, a denied write, a key that signs, code that proves itself, the
# audit log, a restart.
# Each step is checked; the first that is not as it should be ends the tour with an error.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
. scripts/server.sh

folder=$(mktemp -d)
cleanup()
{
    server_stop
    rm -rf "$folder"
}
trap cleanup EXIT
export HOME=$folder
unset VAULT_ADDR VAULT_TOKEN VAULT_NAMESPACE TEE_SECRETS_TOKEN TEE_SECRETS_NAMESPACE
ts=$top/build/tee-secrets

tell() { printf '\n%s\n' "$*"; }

# shows COMMAND...: prints the command and what it answers; its output is in $answer too.
shows()
{
    printf '  $ tee-secrets %s\n' "$*"
    answer=$("$ts" "$@" 2>&1) || { printf '%s\n' "$answer" | sed 's/^/    /'; exit 1; }
    printf '%s\n' "$answer" | sed 's/^/    /'
}

# must TEXT: the last answer has it.
must()
{
    case $answer in
    *"$1"*) ;;
    *) echo "expected to see: $1"; exit 1 ;;
    esac
}

tell '1. A server of its own, on a simulated TEE'
server_configure "$folder/data" "$(server_free_port)"
server_start
server_initialize
shows status

tell '2. A secret, twice, so that it has two versions'
printf '    (the value comes from standard input: it is never an argument)\n'
printf 'correct horse' | "$ts" kv put secret/app/db password=- > /dev/null
printf 'battery staple' | "$ts" kv put secret/app/db password=- > /dev/null
shows kv get secret/app/db
must 'battery staple'
shows kv get -version=1 secret/app/db
must 'correct horse'
shows kv list secret/app
must db

tell '3. A policy, and a token that may only read there'
printf 'path "secret/data/app/*" { capabilities = ["read"] }\n' > "$folder/reader.hcl"
shows policy write reader "$folder/reader.hcl"
reader=$("$ts" token create -policy=reader -ttl=10m -field=token)
[ -n "$reader" ]
printf '  $ TEE_SECRETS_TOKEN=(reader) tee-secrets kv get secret/app/db\n'
TEE_SECRETS_TOKEN=$reader "$ts" kv get -field=password secret/app/db | sed 's/^/    /'
printf '\n'
printf '  $ TEE_SECRETS_TOKEN=(reader) tee-secrets kv put secret/app/db …\n'
if denied=$(printf x | TEE_SECRETS_TOKEN=$reader "$ts" kv put secret/app/db password=- 2>&1); then
    echo 'the write should have been denied'
    exit 1
fi
printf '%s\n' "$denied" | sed 's/^/    /'
case $denied in *'permission denied'*) ;; *) echo 'denied, but not clearly'; exit 1 ;; esac

tell '4. A key that never leaves: it signs here, and anybody verifies with the public half'
shows secrets enable transit
shows transit keys create -type=ecdsa-p256 payments
printf 'pay 100 to alice' > "$folder/order"
shows transit sign payments "$folder/order"
must vault:v1:
printf '%s\n' "$answer" > "$folder/signature"
shows transit verify -signature-file="$folder/signature" payments "$folder/order"
must valid
printf '  $ tee-secrets transit keys export signing-key payments\n'
if refused=$("$ts" transit keys export signing-key payments 2>&1); then
    echo 'the private key should not have come out'
    exit 1
fi
printf '%s\n' "$refused" | sed 's/^/    /'

tell '5. Code that proves itself: no token, no password; its TEE shows what it runs (a simulated one here)'
server_code=$(printf 'tee-secrets simulated image' | sha384sum | cut -d' ' -f1)
code=$(printf 'shop 1.0' | sha384sum | cut -d' ' -f1)
shows write auth/attest/role/shop "match=sim:measurement=$code" token_policies=reader
fetch()
{
    TEE_SECRETS_TOKEN='' "$ts" channel -role=shop -allow-simulated -sim-root="$folder/data/root.pem" \
        -server-allow="sim:measurement=$server_code" -plugin=attest-sim -plugin-dir="$top/build/.libs" \
        -plugin-setting=state_dir="$folder/data" -plugin-setting=measurement="$1" -format=json \
        GET secret/data/app/db 2>&1
}
printf '  (shop 1.0) $ tee-secrets channel -role=shop -server-allow=… -plugin=attest-sim … GET secret/data/app/db\n'
answer=$(fetch "$code") || { printf '%s\n' "$answer"; exit 1; }
printf '%s\n' "$answer" | cut -c 1-160 | sed 's/^/    /'
must 'battery staple'
printf '  (other code) $ the same\n'
if answer=$(fetch "${server_code}"); then
    echo 'other code should have been refused'
    exit 1
fi
printf '%s\n' "$answer" | sed 's/^/    /'

tell '6. The ledger: every access is in it, signed; an auditor reads it'
shows audit verify
"$ts" audit decrypt -identity="$folder/data/auditor.txt" > "$folder/audit.jsonl"
tail -n 3 "$folder/audit.jsonl" | cut -c 1-160 | sed 's/^/    /'
for operation in kvWriteData kvReadData kvListMetadata sysWritePolicy tokenCreate transitSign teeChannelFinish; do
    grep -q "\"op\":\"$operation\"" "$folder/audit.jsonl" || { echo "$operation is not in the log"; exit 1; }
done
grep -q '"deny"' "$folder/audit.jsonl" || { echo 'the denial is not in the log'; exit 1; }
if grep -qE 'battery staple|correct horse' "$folder/audit.jsonl"; then echo 'a secret is in the log'; exit 1; fi

tell '7. What the host sees: no name and no value, neither in the database nor in the log'
if grep -rlaE 'battery staple|correct horse|app/db' "$folder/data"; then
    echo 'found in the files above'
    exit 1
fi
ls -l "$folder/data" | sed 's/^/    /'

tell '8. A restart: the TEE opens the root key again, the ledger is replayed, the secret is there'
server_stop
server_start
shows kv get -field=password secret/app/db
must 'battery staple'
shows audit verify

tell 'That was the tour.  ./quickstart runs a server to keep.'
