#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file includes its own layer and lower ones; a plugin and the client include the plugin ABI, lib/
# and themselves; some libraries have one home.
set -eu
. "${srcdir:-.}/tests/lint/files.sh"
c_files include lib server plugins client | xargs awk '
BEGIN {
    n = split("tsec base codec crypto appraisal load amc sealed ledger state attest audit core channel api gateway " \
              "monitor process host conf boot main", layer, " ")
    for (i = 1; i <= n; i++) rank[layer[i]] = i
    # One home (a regular expression over file names) for each library.
    home["openssl/"] = "^lib/crypto/"
    home["secp256k1"] = "^lib/crypto/"
    home["microhttpd"] = "^server/gateway/"
    home["yaml.h"] = "^server/conf/"
    home["sqlite3"] = "^plugins/store-sqlite/"
    home["hiredis/"] = "^plugins/store-redis/"
    home["libpq"] = "^plugins/store-pg/"
    home["postgres_ext"] = "^plugins/store-pg/"
    home["curl/"] = "^(client|plugins)/"
    home["seccomp.h"] = "^server/process/"
    home["dlfcn.h"] = "^lib/load/"
    home["p11-kit/"] = "^client/pkcs11/"
}
function fail(text) { print FILENAME ":" FNR ": " text; bad = 1 }
FNR == 1 {
    split(FILENAME, f, "/")
    own = f[1] == "plugins" ? f[1] "/" f[2] : f[1]
    from = f[1] == "include" || f[1] == "lib" || f[1] == "server" ? f[2] : "amc"
    if (FILENAME == "server/main.c") from = "main"
    if (!(from in rank)) fail("a folder that the list of layers does not know")
}
match($0, /^[ \t]*#[ \t]*include[ \t]*[<"][^>"]+/) {
    to = substr($0, RSTART, RLENGTH)
    sub(/^[^<"]*[<"]/, "", to)
    quoted = $0 ~ /include[ \t]*"/
    for (lib in home)
        if (index(to, lib) == 1 && FILENAME !~ home[lib]) fail(to " belongs to " home[lib])
    if (!quoted) {
        if (to ~ /^(base|codec|crypto|appraisal|load|amc|sealed|ledger|state|attest|audit|core|api)\//)
            fail("<" to "> is ours: include it with quotes")
        next
    }
    if (to !~ /\//) {
        if (f[1] == "include" || f[1] == "lib" || f[1] == "server") fail("\"" to "\" has no folder")
        next
    }
    split(to, t, "/")
    if (index(to, own "/") == 1) next
    if (f[1] == "plugins" && t[1] == f[2]) next
    # The client carries the attest plugins in itself, each by its descriptor.
    if (f[1] == "client" && to ~ /^plugins\/attest-[a-z]+\/attest_[a-z]+\.h$/) next
    if (to ~ /\.\./) fail(to " climbs")
    else if (!(t[1] in rank)) fail("unknown layer " t[1])
    else if (rank[t[1]] > rank[from])
        fail((f[1] == "plugins" || f[1] == "client" ? "a " f[1] " file" : from) " includes " to)
    if (to == "base/log.h" && rank[from] > rank["amc"] && rank[from] < rank["api"])
        fail("below api nothing writes to the log")
}
END { exit bad }'
