#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line against a real server: what an operator does on the first day, up to a verified
# ledger.
set -eu
. "${srcdir:-.}/tests/e2e/server.sh"

expect 0 'sealed           false' status
expect 2 'already initialized' init
expect 2 'permission denied' token lookup
"$cli" login -no-print < "$folder/root"
expect 0 root token lookup
[ "$(stat -c %a "$HOME/.tee-secrets-token")" = 600 ]

printf 'path "secret/data/app/*" { capabilities = ["read"] }' | "$cli" policy write app -
expect 0 app policy list
expect 0 secret/data/app policy read app
printf 'path "x" {' > "$folder/bad"
expect 2 'At 1:12: object expected closing RBRACE got: EOF' policy write bad "$folder/bad"

expect 0 'Role written' approle write web token_policies=app
"$cli" approle role-id -field=role_id web > "$folder/role"
"$cli" approle secret-id -field=secret_id web > "$folder/secret"
"$cli" approle secret-id -wrap-ttl=60s -field=token web > "$folder/wrapped"
[ "$("$cli" unwrap -field=secret_id - < "$folder/wrapped" | wc -c)" = 36 ]
expect 2 '' unwrap - < "$folder/wrapped"
"$cli" login -method=approle -token-only role_id=@"$folder/role" secret_id=@"$folder/secret" \
    > "$folder/token"
TEE_SECRETS_TOKEN=$(cat "$folder/token")
export TEE_SECRETS_TOKEN
expect 0 '["read"]' token capabilities secret/data/app/db
expect 2 'permission denied' policy list
expect 0 Revoked token revoke -self
unset TEE_SECRETS_TOKEN

expect 1 'No such file' doctor "$folder/nothing.yaml"
expect 1 'another server has this database open' doctor "$folder/server.yaml"
expect 1 '"check":"store"' doctor -format=json "$folder/server.yaml"

expect 0 'the key came from the server' audit verify
expect 0 '"op":"tokenLookupSelf"' audit decrypt -identity="$folder/state/auditor.txt"
expect 0 extends audit export "$folder/mirror"
expect 0 leaves audit verify -dir="$folder/mirror"
bundle=$(find "$folder/mirror/tile/entries" -type f | head -1)
printf 'X' | dd of="$bundle" bs=1 seek=300 conv=notrunc 2> /dev/null
expect 2 Error audit verify -dir="$folder/mirror"
