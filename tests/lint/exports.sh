#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A built plugin exports exactly tsec_plugin_v1 and takes nothing from the server; the PKCS #11
# module exports exactly C_GetFunctionList, and libtee-secrets what its header declares.
# Runs in the build folder; PLUGINS may name other objects, SERVER another archive of the server.
set -eu
rc=0
found=0
server=${SERVER:-.libs/libserver.a}
theirs=$(mktemp)
trap 'rm -f "$theirs"' EXIT
if [ -f "$server" ]; then
    nm --defined-only "$server" 2>/dev/null | awk 'NF == 3 && $2 ~ /[A-Z]/ { print $3 }' > "$theirs"
fi
for so in ${PLUGINS:-.libs/attest-*.so .libs/store-*.so .libs/*-pkcs11.so .libs/libtee-secrets.so}; do
    [ -f "$so" ] || continue
    case $so in
    *-pkcs11.so) wanted='C_GetFunctionList ' ;;
    *libtee-secrets.so)
        header=${srcdir:-.}/client/lib/tee-secrets.h
        wanted=$(sed -n 's/^TEES_API .*[ *]\(tees_[a-z_]*\)(.*/\1/p' "$header" | LC_ALL=C sort | tr '\n' ' ')
        ;;
    *) wanted='tsec_plugin_v1 ' ;;
    esac
    found=$((found + 1))
    exported=$(nm -D --defined-only "$so" | awk '{ print $NF }' | sed 's/@.*//' | LC_ALL=C sort | tr '\n' ' ')
    if [ "$exported" != "$wanted" ]; then
        echo "$so exports: $exported"
        rc=1
    fi
    if nm -D --undefined-only "$so" | awk '{ print $NF }' | grep -Fx -f "$theirs"; then
        echo "$so takes the symbols above from the server"
        rc=1
    fi
done
[ $found -gt 0 ] || { echo 'no plugin is built'; exit 77; }
exit $rc
