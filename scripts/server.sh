# SPDX-License-Identifier: Apache-2.0
# A development server from build/: configured, started, initialized.  Sourced by bash scripts.

server_free_port()
{
    local port=${1:-$((20000 + RANDOM % 20000))}
    while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do
        port=$((20000 + RANDOM % 20000))
    done
    echo "$port"
}

# server_configure FOLDER PORT: etc/dev.yaml for this folder and port, with the plugins of build/.
server_configure()
{
    mkdir -p "$1"
    chmod 700 "$1"
    {
        sed "s|tcp://127.0.0.1:8200|tcp://127.0.0.1:$2|" "$top/etc/dev.yaml"
        printf '\nplugins:\n  dir: "%s"\n' "$top/build/.libs"
    } > "$1/server.yaml"
    server_folder=$1
    export TEE_SECRETS_ADDR=http://127.0.0.1:$2
}

# server_start: in the background; $server_pid.  Fails with the end of its log.
server_start()
{
    TEE_SECRETS_DEV_DIR=$server_folder "$top/build/tee-secretsd" -c "$server_folder/server.yaml" \
        < /dev/null >> "$server_folder/server.log" 2>&1 &
    server_pid=$!
    for _ in $(seq 100); do
        if curl -s -o /dev/null "$TEE_SECRETS_ADDR/v1/sys/health"; then return 0; fi
        if ! kill -0 "$server_pid" 2> /dev/null; then break; fi
        sleep 0.1
    done
    echo "The server does not answer; the end of $server_folder/server.log:"
    tail -n 20 "$server_folder/server.log"
    return 1
}

server_stop()
{
    if [ -n "${server_pid:-}" ]; then
        kill "$server_pid" 2> /dev/null || :
        wait "$server_pid" 2> /dev/null || :
        server_pid=
    fi
}

# server_initialize: once; keeps the root token in the server's folder, which is for development
# only.  Sets TEE_SECRETS_TOKEN.
server_initialize()
{
    local token_file=$server_folder/root-token
    if [ ! -s "$token_file" ]; then
        (umask 077 && "$top/build/tee-secrets" init -format json \
            | sed -n 's/.*"root_token": *"\([^"]*\)".*/\1/p' > "$token_file")
    fi
    TEE_SECRETS_TOKEN=$(cat "$token_file")
    export TEE_SECRETS_TOKEN
    [ -n "$TEE_SECRETS_TOKEN" ]
}

# server_serve_here FOLDER: until interrupted.
server_serve_here()
{
    server_configure "$1" "$(server_free_port 8200)"
    trap 'server_stop; exit 0' INT TERM
    trap server_stop EXIT
    server_start
    server_initialize
    cat <<END

A secrets server is running, on a simulated TEE: it protects nothing from whoever owns this machine.

    address   $TEE_SECRETS_ADDR
    token     $TEE_SECRETS_TOKEN
    data      $1
    log       $1/server.log
    auditor   $1/auditor.txt (an age identity; it opens the audit log)

Try, in another terminal:

    export TEE_SECRETS_ADDR=$TEE_SECRETS_ADDR TEE_SECRETS_TOKEN=$TEE_SECRETS_TOKEN
    printf 'correct horse' | $top/build/tee-secrets kv put secret/app/db password=-
    $top/build/tee-secrets kv get secret/app/db
    curl -H "X-Vault-Token: \$TEE_SECRETS_TOKEN" \$TEE_SECRETS_ADDR/v1/secret/data/app/db

Ctrl-C stops it; ./quickstart starts it again with its data.
END
    wait "$server_pid"
}
