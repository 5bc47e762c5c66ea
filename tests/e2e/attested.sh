# SPDX-License-Identifier: Apache-2.0
# Sourced before server.sh: its server also listens with TLS at https://127.0.0.1:$port, and trusts
# the simulated TEE of a function, whose folder is $folder/function.  prove_server leaves in $accepts
# the flags that accept the server, and in $own those of the function's TEE.
port=$((20000 + $$ % 20000))
image=$(printf '%095d7' 0)
prepare_server() {
    # Who opens the plugin makes its folder; there is nobody yet to ask.
    own="-plugin=attest-sim -plugin-dir=$build/.libs -plugin-setting=state_dir=$folder/function -plugin-setting=measurement=$image"
    # shellcheck disable=SC2086
    "$cli" release -server-allow="sim:measurement=$image" -role=none $own none 2> /dev/null || :
    [ -s "$folder/function/root.pem" ]
    sed -i -e "s|listen: \[\"|&tcp://127.0.0.1:$port\", \"|" -e 's|mode: "off"|mode: "self-signed"|' "$folder/server.yaml"
    printf '  attest-sim:\n    trusted_roots: "%s/function/root.pem"\n' "$folder" >> "$folder/server.yaml"
}
prove_server() {
    measurement=$("$cli" read -format=json tee/info | sed -n 's/.*"measurement": "\(.*\)".*/\1/p')
    accepts="-allow-simulated -sim-root=$folder/state/root.pem -server-allow=sim:measurement=$measurement"
    tls="-address=https://127.0.0.1:$port -tls-by-evidence"
}
# What the operator says once: a secret, a key, a policy, and which code has it.
grant_function() {
    "$cli" login -no-print < "$folder/root"
    printf '{"password":"correct horse"}' | expect 0 version kv put secret/shop/db -
    expect 0 Success secrets enable transit
    expect 0 'is there' transit keys create -type=ecdsa-p256 orders
    printf 'path "secret/data/shop/*" { capabilities = ["read"] }\npath "transit/sign/orders" { capabilities = ["update"] }\n' \
        > "$folder/policy"
    expect 0 Success policy write shop "$folder/policy"
    printf '{"match":["sim:measurement=%s"],"token_policies":["shop"]}' "$image" | "$cli" write auth/attest/role/shop -
}
