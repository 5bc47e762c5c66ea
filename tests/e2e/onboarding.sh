#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/onboarding.md, "Simulated: try it": its commands as they stand there, on another port.
set -eu
tree=$(cd "${srcdir:-.}" && pwd)
PLUGINS=$(pwd)/.libs
for program in tee-secretsd tee-secrets; do
    [ -x "./$program" ] || { echo "$program is not built"; exit 77; }
done
for command in jq sha384sum; do
    command -v $command > /dev/null || { echo "no $command on this machine"; exit 77; }
done
PATH=$(pwd):$PATH
folder=$(mktemp -d)
pid=
end() {
    status=$?
    trap - EXIT
    [ -z "$pid" ] || { kill "$pid" 2> /dev/null && wait "$pid"; } || status=1
    [ $status -eq 0 ] || tail -n 30 "$folder/log" "$folder/said" 2> /dev/null || :
    rm -rf "$folder"
    exit $status
}
trap end EXIT
trap 'exit 1' INT TERM
# The leak check of the address sanitizer traces the process, which the server does not allow.
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" HOME="$folder" PATH PLUGINS
unset VAULT_ADDR VAULT_TOKEN TEE_SECRETS_ADDR TEE_SECRETS_TOKEN || :
port=$((20000 + $$ % 10000))
sed -n '/^## Simulated/,/^## AWS/s/^    //p' "$tree/docs/onboarding.md" | sed "s/127.0.0.1:8200/127.0.0.1:$port/" > "$folder/all"
cd "$folder"

# part FIRST LAST: the commands from the line that begins with FIRST to the one that begins with LAST.
part() {
    sed -n "/^$1/,/^$2/p" all > now
    [ -s now ] || { echo "the page has no $1"; exit 1; }
}

part measurement= own=
. ./now
export TEE_SECRETS_ADDR="https://127.0.0.1:$port"
grep 'there is no server yet' all > now
if (. ./now) > said 2>&1; then echo 'a channel without a server'; exit 1; fi
[ -s function/root.pem ] || { echo "the function's TEE has no root"; exit 1; }
part 'cat >' 'tee-secretsd --doctor'
. ./now > said 2>&1
grep -q ' 0 wrong$' said
tee-secretsd -c server.yaml 2> log &
pid=$!
tries=0
until curl -sko said "$TEE_SECRETS_ADDR/v1/sys/health"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] && kill -0 $pid || exit 1
    sleep 0.1
done
part 'tee-secrets init' 'tee-secrets write'
. ./now > said 2>&1
part unset code=
. ./now 2> said
# The flags in $own are several words.
for verb in release channel; do
    sed -n "/^tee-secrets $verb .*code/p" all > now
    (. ./now) > said 2>&1 || { echo "$verb fails"; exit 1; }
    grep -q 'correct horse' said || { echo "$verb does not bring the secret"; exit 1; }
done
own=$(printf '%s' "$own" | sed "s/$measurement/$(printf 'shop 1.1' | sha384sum | cut -d' ' -f1)/")
for verb in release channel; do
    sed -n "/^tee-secrets $verb .*code/p" all > now
    if (. ./now) > said 2>&1; then echo "$verb gives it to other code"; exit 1; fi
done
grep -q 'evidence refused.* reason=measurement' log
