#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A lint that cannot fail is worth nothing: each one must pass on a small clean tree and must
# refuse each violation put into a copy of it.
set -eu
lints=$(cd "${srcdir:-.}/tests/lint" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
spdx='/* SPDX-License-Identifier: Apache-2.0 */'
bad=0
claims=0

# A clean tree, made anew for each claim so that none sees another's violation.
fresh()
{
    rm -rf "$tmp/t"
    mkdir -p "$tmp/t/tests/lint" "$tmp/t/tests/base" "$tmp/t/tests/core" "$tmp/t/lib/base" \
        "$tmp/t/lib/codec" "$tmp/t/lib/crypto" "$tmp/t/server/core" "$tmp/t/server/api" \
        "$tmp/t/plugins/store-x" "$tmp/t/tests/plugins" "$tmp/t/include/tsec"
    cp "$lints"/*.sh "$lints"/*.awk "$tmp/t/tests/lint/"
    : > "$tmp/t/tests/lint/memcmp.allowed"
    : > "$tmp/t/tests/lint/twins.allowed"
    cp "$lints/../../.clang-format" "$tmp/t/"
    printf '%s\n#include "base/a.h"\n\n/* rand() is only spoken of. */\nint\na_of(void)\n{\n    return 1;\n}\n' "$spdx" \
        > "$tmp/t/lib/base/a.c"
    printf '%s\nint a_of(void);\n' "$spdx" > "$tmp/t/lib/base/a.h"
    printf '%s\n' "$spdx" > "$tmp/t/tests/base/test_a.c"
    printf '%s\n#include "base/a.h"\n' "$spdx" > "$tmp/t/server/core/noun.c"
    printf '%s\n' "$spdx" > "$tmp/t/tests/core/test_noun_life.c"
    printf '%s\n#include <tsec/store.h>\n\n#include "base/a.h"\n' "$spdx" > "$tmp/t/plugins/store-x/x.c"
    printf '%s\n' "$spdx" > "$tmp/t/tests/plugins/test_x.c"
}

run()
{
    claims=$((claims + 1))
    (cd "$tmp/t" && srcdir=. sh "tests/lint/$1.sh") > "$tmp/out" 2>&1
}

# passes LINT CLAIM
passes()
{
    got=0
    run "$1" || got=$?
    if [ $got -ne 0 ] && [ $got -ne 77 ]; then
        echo "not ok: $1 refuses $2"
        cat "$tmp/out"
        bad=1
    fi
}

# refuses LINT CLAIM: it must fail, and not by breaking down.
refuses()
{
    got=0
    run "$1" || got=$?
    if [ $got -eq 77 ]; then
        echo "skipped: $1: $(cat "$tmp/out")"
    elif [ $got -eq 0 ] || ! [ -s "$tmp/out" ]; then
        echo "not ok: $1 lets pass $2"
        bad=1
    fi
}

# put FILE TEXT...: appends lines to a file of the fresh tree.
put()
{
    file=$tmp/t/$1
    shift
    printf '%s\n' "$@" >> "$file"
}

for lint in layers banned format twins spdx comments sizes words; do
    fresh
    passes $lint 'a clean tree'
done

fresh; put lib/base/a.c '#include "core/noun.h"'; refuses layers 'a lower layer that includes a higher one'
fresh; put lib/base/a.c '#include "codec/pack.h"'; refuses layers 'base that includes codec'
fresh; put lib/codec/b.c "$spdx" '#include <openssl/evp.h>'; refuses layers 'OpenSSL outside lib/crypto'
fresh; put lib/codec/b.c "$spdx" '#include <secp256k1.h>'; refuses layers 'libsecp256k1 outside lib/crypto'
fresh; put plugins/store-x/x.c '#include "core/noun.h"'; refuses layers 'a plugin that includes the server'
fresh; put server/core/noun.c '#include "nowhere/x.h"'; refuses layers 'an unknown layer'
fresh; put server/core/noun.c '#include "base/log.h"'; refuses layers 'a log below api'
fresh; put server/core/noun.c '#include "noun.h"'; refuses layers 'an include without its folder'
fresh; put server/api/r.c "$spdx" '#include <core/noun.h>'; refuses layers 'our header in angle brackets'
fresh; put server/core/noun.c '#include <microhttpd.h>'; refuses layers 'HTTP below the gateway'
fresh; put server/core/noun.c '#include "core/../api/x.h"'; refuses layers 'an include that climbs'
fresh; put server/api/r.c "$spdx" '#include "core/noun.h"'; passes layers 'a higher layer that includes a lower one'

for name in strcpy strcat strncpy sprintf gets strtok alloca system popen atoi rand gmtime; do
    fresh; put server/core/noun.c "int x(void) { $name(0); }"; refuses banned "$name()"
done
fresh; put server/core/noun.c 'int x(void) { return memcmp("a", "b", 1); }'; refuses banned 'memcmp() that is not counted'
put tests/lint/memcmp.allowed 'server/core/noun.c:1'; passes banned 'memcmp() that is counted'
fresh; put tests/lint/memcmp.allowed 'server/core/noun.c:1'; refuses banned 'a count too high'
fresh; put server/core/noun.c '/* gets() */' 'const char *s = "rand()";' 'int y = widgets(1);'; passes banned 'names in comments and strings'

fresh; put server/core/noun.c 'int  x ;'; refuses format 'an unformatted line'

fresh; put server/core/lone.c "$spdx"; refuses twins 'a source without a test'
put tests/lint/twins.allowed 'server/core/lone.c is a table only'; passes twins 'a source let off with a reason'
fresh; put server/core/lone.c "$spdx"; put tests/lint/twins.allowed 'server/core/lone.c'; refuses twins 'no reason'
fresh; put tests/lint/twins.allowed 'server/core/gone.c was here once'; refuses twins 'a name of nothing'
fresh; put tests/lint/twins.allowed 'server/core/noun.c has no test yet'; refuses twins 'an exception that is not needed'

fresh; printf '\n%s\n' "$spdx" > "$tmp/t/server/core/noun.c"; refuses spdx 'a licence line that is not first'
fresh; printf '#!/bin/sh\necho\n' > "$tmp/t/tests/x.sh"; refuses spdx 'a script without licence line'

fresh; put server/core/noun.c 'int x; // why'; refuses comments 'a // comment'
fresh; put server/core/noun.c 'const char *u = "https://x"; /* http://y */'; passes comments 'an address'
fresh; put server/core/noun.c '/* @author me */'; refuses comments 'an author'

fresh; i=0; while [ $i -lt 500 ]; do echo; i=$((i + 1)); done >> "$tmp/t/server/core/noun.c"
refuses sizes 'a file of 502 lines'
fresh
{
    printf 'int\nx(void)\n{\n'
    i=0
    while [ $i -lt 81 ]; do echo '    y();'; i=$((i + 1)); done
    echo '}'
} >> "$tmp/t/server/core/noun.c"
refuses sizes 'a function of 81 lines'
sed -i '0,/^    y();$/{/^    y();$/d}' "$tmp/t/server/core/noun.c"; passes sizes 'a function of 80 lines'

fresh; put server/core/noun.c '/* TO''DO */'; refuses words 'unfinished work'
fresh; put server/core/noun.c '/* /ho''me/me/x */'; refuses words 'a path of one machine'
fresh; put server/core/utils.c "$spdx"; refuses words 'utils.c'

fresh; put tests/subdir.am 'x_SOURCES = %D%/base/test_a.c \' '    %D%/core/test_noun_life.c %D%/plugins/test_x.c'
put lib/subdir.am 'x_SOURCES=%D%/base/a.c lib/base/a.h'; put server/core/subdir.am 'x_SOURCES += %D%/noun.c'
put plugins/subdir.am 'x = %D%/store-x/x.c'; passes listed 'sources that are all listed'
put server/core/noun.h "$spdx"; refuses listed 'a header that no list has'

fresh; printf '[a](lib/base/a.h) [b](https://x/y)\n' > "$tmp/t/README.md"; passes links 'good links'
put README.md '[c](nowhere.md)'; refuses links 'a link to nothing'
fresh; mkdir -p "$tmp/t/docs"; printf '.Dd November 22, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n' > "$tmp/t/docs/x.1"
passes man 'a good page'
put docs/x.1 '.Xx unknown'; refuses man 'an unknown macro'

fresh; mkdir -p "$tmp/t/docs"; put include/tsec/reasons.def 'TSEC_REASON(A_B, "a-b", "wrong",  "do this")'
put docs/evidence.md '## Reasons' '| `a-b` | wrong | do this |' '## Looking'; passes reasons 'a page that has them all'
put include/tsec/reasons.def 'TSEC_REASON(C, "c", "wrong", "do that")'; refuses reasons 'a reason that the page has not'

fresh; mkdir -p "$tmp/t/docs"; put include/tsec/reasons.def 'TSEC_REASON(A_B, "a-b", "wrong",  "do this")'
printf '%s\n#define WHY "role-x"\n' "$spdx" > "$tmp/t/server/api/why.c"
put docs/troubleshooting.md '## The evidence' '| `a-b` | w | d |' '| `challenge` | w | d |' '| `role-x` | w | d |' '## Nothing'
passes troubles 'a page that has every reason'
put include/tsec/reasons.def 'TSEC_REASON(C, "c", "wrong", "do that")'; refuses troubles 'a reason without a line'
fresh; put server/core/noun.c '#include "plugins/attest-x/attest_x.h"'; refuses layers 'a server that includes a plugin'
fresh; mkdir -p "$tmp/t/client"
put client/c.c "$spdx" '#include "plugins/attest-x/attest_x.h"'; passes layers "a plugin's descriptor in the client"
put client/c.c '#include "plugins/attest-x/verifier.h"'; refuses layers "a plugin's inside in the client"

if command -v "${CC:-cc}" > /dev/null; then
    fresh
    so="$tmp/t/x.so"
    make_so() { printf '%s\n' "$1" | ${CC:-cc} -shared -fPIC -o "$so" -x c -; }
    exports() { (cd "$tmp/t" && PLUGINS=$so SERVER=$tmp/t/server.o sh "$lints/exports.sh") > "$tmp/out" 2>&1; }
    claims=$((claims + 4))
    echo 'int server_secret(void) { return 1; }' | ${CC:-cc} -c -o "$tmp/t/server.o" -x c -
    make_so 'int tsec_plugin_v1(void) { return 0; }'
    exports || { echo 'not ok: exports refuses a good plugin'; cat "$tmp/out"; bad=1; }
    make_so 'int tsec_plugin_v1(void) { return 0; } int more;'
    ! exports || { echo 'not ok: exports lets pass a second symbol'; bad=1; }
    make_so 'int server_secret(void); int tsec_plugin_v1(void) { return server_secret(); }'
    ! exports || { echo 'not ok: exports lets pass a symbol of the server'; bad=1; }
    make_so 'static int a; int other(void) { return a; }'
    ! exports || { echo 'not ok: exports lets pass a plugin without its entry'; bad=1; }
fi

echo "$claims claims about the lints"
exit $bad
