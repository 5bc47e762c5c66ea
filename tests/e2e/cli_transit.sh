#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Keys that stay in the server, through the command line and a real server.
set -eu
. "${srcdir:-.}/tests/e2e/server.sh"

"$cli" login -no-print < "$folder/root"
expect 0 Success secrets enable transit

# Encryption: what comes back is what went in, to the last byte, under every version.
head -c 100000 /dev/urandom > "$folder/data"
expect 0 'is there: k' transit keys create k
"$cli" transit encrypt k "$folder/data" > "$folder/v1"
grep -q '^vault:v1:' "$folder/v1"
expect 0 Rotated transit keys rotate k
"$cli" transit decrypt k "$folder/v1" | cmp - "$folder/data"
"$cli" transit rewrap k "$folder/v1" > "$folder/v2"
grep -q '^vault:v2:' "$folder/v2"
"$cli" transit decrypt k "$folder/v2" | cmp - "$folder/data"
expect 0 Configured transit keys config -min-decryption-version=2 k
expect 2 'too old' transit decrypt k "$folder/v1"
expect 2 'base64' transit encrypt -context='?' k "$folder/data"
head -c 800000 /dev/zero > "$folder/large"
expect 1 'one request takes' transit encrypt k "$folder/large"
expect 0 'ciphertext' transit datakey k
expect 0 'plaintext' transit datakey -plaintext k

# Signatures over files of any size, which openssl verifies.
head -c 3000000 /dev/urandom > "$folder/large"
for type in ecdsa-p256 ecdsa-secp256k1 rsa-2048; do
    expect 0 'is there' transit keys create -type=$type $type
    "$cli" transit keys public $type > "$folder/$type.pem"
    for file in data large; do
        "$cli" transit sign -algorithm=pkcs1v15 $type "$folder/$file" > "$folder/signature"
        expect 0 valid transit verify -algorithm=pkcs1v15 -signature-file="$folder/signature" $type "$folder/$file"
        sed 's/^vault:v1://' "$folder/signature" | base64 -d > "$folder/signature.der"
        openssl dgst -sha256 -verify "$folder/$type.pem" -signature "$folder/signature.der" "$folder/$file" > /dev/null
    done
    expect 2 'not valid' transit verify -algorithm=pkcs1v15 -signature-file="$folder/signature" $type "$folder/data"
done
expect 0 'is there' transit keys create -type=ed25519 ed
expect 1 'signs the data itself' transit sign ed "$folder/large"
"$cli" transit sign ed "$folder/data" > "$folder/signature"
expect 0 valid transit verify -signature-file="$folder/signature" ed "$folder/data"

# MACs, random bytes, hashes.
"$cli" transit hmac k "$folder/data" > "$folder/mac"
expect 0 valid transit verify -hmac="$(cat "$folder/mac")" k "$folder/data"
[ "$("$cli" transit random -encoding=hex 16 | tr -d '\n' | wc -c)" = 32 ]
[ "$("$cli" transit hash "$folder/large")" = "$(sha256sum < "$folder/large" | cut -d ' ' -f 1)" ]

# A key of one's own goes in wrapped, and does not come out.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$folder/own.pem" 2> /dev/null
expect 0 Imported transit keys import -type=ecdsa-p256 own "$folder/own.pem"
"$cli" transit sign own "$folder/data" | sed 's/^vault:v1://' | base64 -d > "$folder/signature.der"
openssl pkey -in "$folder/own.pem" -pubout -out "$folder/own.pub"
openssl dgst -sha256 -verify "$folder/own.pub" -signature "$folder/signature.der" "$folder/data" > /dev/null
expect 2 'not exportable' transit keys export signing-key own
expect 2 '' transit keys backup own
expect 2 '' transit keys import -type=rsa-2048 other "$folder/own.pem"

# What may leave, leaves and comes back.
expect 0 'is there' transit keys create -exportable -allow-plaintext-backup movable
"$cli" transit encrypt movable "$folder/data" > "$folder/v1"
"$cli" transit keys backup movable > "$folder/backup"
expect 2 'not allowed' transit keys delete movable
expect 0 Configured transit keys config -deletion-allowed movable
expect 0 Deleted transit keys delete movable
expect 2 '' transit decrypt movable "$folder/v1"
expect 0 Restored transit keys restore "$folder/backup"
"$cli" transit decrypt movable "$folder/v1" | cmp - "$folder/data"

# Certificates.
"$cli" transit keys csr ecdsa-p256 > "$folder/request.pem"
openssl req -in "$folder/request.pem" -verify -noout 2> /dev/null

# Where a key was made, and what it may do.
nonce=00112233445566778899aabbccddeeff
root=$(find "$folder" -name root.pem | head -n 1)
verify="evidence verify -format=sim-v1 -allow-simulated -sim-root=$root -statement=$folder/statement"
expect 0 sim-v1 transit keys attestation -nonce=$nonce -statement="$folder/statement" -evidence="$folder/evidence" ecdsa-p256
# shellcheck disable=SC2086
{
    expect 0 'generated there, not exportable' $verify -nonce=$nonce -public-key="$folder/ecdsa-p256.pem" "$folder/evidence"
    expect 1 'public-key' $verify -nonce=$nonce -public-key="$folder/own.pub" "$folder/evidence"
    expect 1 nonce $verify -nonce=00 "$folder/evidence"
    expect 1 simulated evidence verify -format=sim-v1 -sim-root="$root" -statement="$folder/statement" "$folder/evidence"
    sed -i 's/"exportable":false/"exportable":true/' "$folder/statement"
    expect 1 binding $verify -nonce=$nonce "$folder/evidence"
    expect 0 sim-v1 transit keys attestation -nonce=$nonce -statement="$folder/statement" -evidence="$folder/evidence" own
    expect 0 'imported, not exportable' $verify -nonce=$nonce -public-key="$folder/own.pub" "$folder/evidence"
}
expect 0 own transit keys list
expect 0 Success secrets disable transit
expect 2 '' transit keys list
