# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts of this folder: a server of its own on a Unix socket, a home of its own for
# the command line, and expect().  Leaves $cli, $folder, and the root token in $folder/root.
tree=$(cd "${srcdir:-.}" && pwd)
build=$(pwd)
cli=$build/tee-secrets
for program in ./tee-secretsd ./tee-secrets; do
    [ -x $program ] || { echo "$program is not built"; exit 77; }
done
folder=$(mktemp -d)
server=
end() {
    status=$?
    trap - EXIT
    if [ -n "$server" ]; then
        kill "$server" 2> /dev/null || :
        wait "$server" || { echo "the server ended with $?"; tail -20 "$folder/log"; status=1; }
    fi
    rm -rf "$folder"
    exit $status
}
trap end EXIT
trap 'exit 1' INT TERM

# The leak check of the address sanitizer traces the process, which the server does not allow.
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
unset VAULT_ADDR VAULT_TOKEN TEE_SECRETS_TOKEN XDG_STATE_HOME || :
mkdir -m 700 "$folder/home" "$folder/state"
export HOME="$folder/home" TEE_SECRETS_ADDR="unix://$folder/socket" TEE_SECRETS_DEV_DIR="$folder/state"
sed "s|tcp://127.0.0.1:8200|unix://$folder/socket|" "$tree/etc/dev.yaml" > "$folder/server.yaml"
printf '\nplugins:\n  dir: "%s/.libs"\n' "$build" >> "$folder/server.yaml"
# A script may have more to say to its server.
if command -v prepare_server > /dev/null; then prepare_server; fi
"$build/tee-secretsd" -c "$folder/server.yaml" 2> "$folder/log" &
server=$!
tries=0
while ! [ -S "$folder/socket" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 $server 2> /dev/null; then
        cat "$folder/log"
        exit 1
    fi
    sleep 0.1
done

# expect STATUS TEXT COMMAND...: the exit status, and TEXT in what is printed
expect() {
    status=$1 text=$2
    shift 2
    got=0
    out=$("$cli" "$@" 2>&1) || got=$?
    case $out in
    *"$text"*) ;;
    *) got="$got, without \"$text\"" ;;
    esac
    if [ "$got" != "$status" ]; then
        printf '%s\n  gives %s:\n%s\n' "$*" "$got" "$out"
        tail -5 "$folder/log"
        exit 1
    fi
}

expect 2 'initialized      false' status
expect 2 'not initialized' init -status
"$cli" init > "$folder/init"
sed -n 's/^Initial Root Token: //p' "$folder/init" > "$folder/root"
