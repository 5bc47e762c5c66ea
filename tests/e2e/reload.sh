#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGHUP: what may change while the server runs does, and what may not stays as it was.
set -eu
. "${srcdir:-.}/tests/e2e/server.sh"
TEE_SECRETS_TOKEN=$(cat "$folder/root")
export TEE_SECRETS_TOKEN

# reload TEXT: waits until the log says it.
reload() {
    kill -HUP $server
    tries=0
    until grep -q "$1" "$folder/log"; do
        tries=$((tries + 1))
        [ $tries -le 50 ] || { echo "the log does not say: $1"; cat "$folder/log"; exit 1; }
        sleep 0.1
    done
}

head -c 20000 /dev/zero | tr '\0' x > "$folder/large"
expect 0 'version' kv put secret/a "value=@$folder/large"

sed -i 's/^server:$/server:\n  limits: {body_bytes: 8192}/; s/requests: true/requests: false/' "$folder/server.yaml"
printf 'auth: {default_token_ttl: 1h, max_token_ttl: 2h}\n' >> "$folder/server.yaml"
reload 'configuration reloaded'
expect 2 'too large' kv put secret/a "value=@$folder/large"
expect 0 '3600' token create -policy=default

sed -i 's/^  origin: .*/  origin: "another.example\/ledger\/1"/' "$folder/server.yaml"
reload 'was not reloaded'
grep -q 'audit.origin' "$folder/log" || { echo "it does not name the setting"; cat "$folder/log"; exit 1; }
expect 0 'xxxxxxxx' kv get -field=value secret/a
