#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The example in C, built as others would build it, from installed files alone: a function and a server
# in two simulated TEEs, which prove themselves to each other.
set -eu
. "${srcdir:-.}/tests/e2e/attested.sh"
. "${srcdir:-.}/tests/e2e/server.sh"
command -v pkg-config > /dev/null || { echo 'there is no pkg-config'; exit 77; }
if nm -D "$build/.libs/libtee-secrets.so" | grep -q __asan_init; then
    echo 'the library needs a sanitizer, which the example is built without'
    exit 77
fi
grant_function > /dev/null
prove_server

# What an installation has of the library: its header, the object, and the pkg-config file.
mkdir -p "$folder/usr/include" "$folder/usr/lib/pkgconfig" "$folder/build"
cp "$tree/client/lib/tee-secrets.h" "$folder/usr/include/"
cp -P "$build"/.libs/libtee-secrets.so* "$folder/usr/lib/"
sed "s|^prefix=.*|prefix=$folder/usr|; s|^exec_prefix=.*|exec_prefix=$folder/usr|; s|^libdir=.*|libdir=$folder/usr/lib|; s|^includedir=.*|includedir=$folder/usr/include|" \
    "$build/tee-secrets.pc" > "$folder/usr/lib/pkgconfig/tee-secrets.pc"
cp "$tree/examples/function-c/function.c" "$tree/examples/function-c/Makefile" "$folder/build/"
(cd "$folder/build" && PKG_CONFIG_PATH="$folder/usr/lib/pkgconfig" MAKEFLAGS='' make -s)

export LD_LIBRARY_PATH="$folder/usr/lib"
export FUNCTION_SERVER="https://127.0.0.1:$port" FUNCTION_SERVER_ALLOW="sim:measurement=$measurement"
export FUNCTION_SERVER_ROOT="$folder/state/root.pem" FUNCTION_PLUGIN_DIR="$build/.libs"
export FUNCTION_TEE_DIR="$folder/function" FUNCTION_TEE_MEASUREMENT="$image"

# run STATUS TEXT: the exit status, and TEXT in what is printed
run() {
    got=0
    "$folder/build/function" 'ship 3 to Oslo' > "$folder/printed" 2>&1 || got=$?
    if [ "$got" != "$1" ] || ! grep -q "$2" "$folder/printed"; then
        echo "the function gives $got, not $1 with \"$2\":"
        cat "$folder/printed"
        tail -5 "$folder/log"
        exit 1
    fi
}
run 0 'secret: [1-9]'
[ "$(grep -c 'signature: .*vault:v1:' "$folder/printed")" = 2 ]
if grep -q 'correct horse' "$folder/printed" "$folder/log"; then exit 1; fi

# Its signature holds.
"$cli" transit keys public orders > "$folder/orders.pem"
printf 'ship 3 to Oslo' > "$folder/message"
sed -n 's/.*"signature":"vault:v1:\([^"]*\)".*/\1/p' "$folder/printed" | head -n 1 | base64 -d > "$folder/signature"
openssl dgst -sha256 -verify "$folder/orders.pem" -signature "$folder/signature" "$folder/message" > /dev/null

# Other code, a server of other code, another TEE: each side says no to the other.
(FUNCTION_TEE_MEASUREMENT=$(printf '%095d8' 0) && run 1 'HTTP 403')
(FUNCTION_SERVER_ALLOW="sim:measurement=$image" && run 1 '(measurement)')
(FUNCTION_SERVER_ROOT="$folder/function/root.pem" && run 1 '(chain)')
(FUNCTION_TEE_DIR="$folder/stranger" && run 1 'HTTP 403')
