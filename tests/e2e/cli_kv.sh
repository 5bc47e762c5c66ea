#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A secret's life through the command line and a real server.
set -eu
. "${srcdir:-.}/tests/e2e/server.sh"

"$cli" login -no-print < "$folder/root"
printf 'correct horse' | "$cli" kv put secret/app/db password=- > /dev/null
expect 0 'correct horse' kv get secret/app/db
[ "$("$cli" kv get -field=password secret/app/db)" = 'correct horse' ]
printf '{"n": 18446744073709551617.50}' | "$cli" kv put -cas=1 secret/app/db - > /dev/null
expect 0 '18446744073709551617.50' kv get -format=json secret/app/db
expect 2 'check-and-set' kv put -cas=1 secret/app/db -- a=b
expect 0 'version' kv rollback -version=1 secret/app/db
expect 0 'correct horse' kv get secret/app/db
expect 0 app/ kv list secret
expect 0 db kv list secret/app
expect 0 Success kv delete secret/app/db
expect 2 deletion_time kv get secret/app/db
expect 0 Success kv undelete -versions=3 secret/app/db
expect 0 'correct horse' kv get secret/app/db
expect 0 Success kv metadata put -max-versions=5 secret/app/db
expect 0 'max_versions            5' kv metadata get secret/app/db
expect 0 Success kv destroy -versions=1 secret/app/db
expect 2 '' kv get -version=1 secret/app/db
expect 2 'No value found' kv get secret/app/none
printf '{"user":"shop"}' | "$cli" kv patch secret/app/db - > /dev/null
expect 0 'user        shop' kv get secret/app/db
expect 0 'correct horse' kv get secret/app/db
"$cli" secrets enable -path=team/kv kv-v2 > /dev/null
printf x | "$cli" kv put -mount=team/kv a/b v=- > /dev/null
expect 0 'v      x' kv get -mount=team/kv a/b
expect 0 team/kv/ secrets list
expect 0 Success secrets disable team/kv
expect 2 '' kv get -mount=team/kv a/b

# A token that may only read, and one that may nothing.
printf 'path "secret/data/app/*" { capabilities = ["read"] }' > "$folder/policy"
expect 0 Success policy write reader "$folder/policy"
TEE_SECRETS_TOKEN=$("$cli" token create -policy=reader -field=token)
export TEE_SECRETS_TOKEN
expect 0 'correct horse' kv get secret/app/db
expect 2 'permission denied' kv put secret/app/db -- a=b
expect 2 'permission denied' kv list secret/app
expect 0 Revoked token revoke -self
expect 2 'permission denied' kv get secret/app/db
