# SPDX-License-Identifier: Apache-2.0
# Read by the suites: BUILD (a build folder), CACHE (where packages may be installed).
set -u
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
export BUILD=${BUILD:-$tree/build} CACHE=${CACHE:-$tree/build-check/cache}
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
unset PYTHONPATH VIRTUAL_ENV

# skip REASON: a suite that cannot be run here is one skip.  make reads the status, ./check the lines.
skip()
{
    echo "skipped: $1"
    echo '0 passed, 0 failed, 1 skipped'
    if [ -n "${FAULTS_QUICK:-}" ]; then exit 77; fi
    exit 0
}

# Debian's own interpreter: it sees Debian's packages.
debian_python()
{
    if [ -x /usr/bin/python3 ]; then echo /usr/bin/python3; else command -v python3; fi
}

# run_python SCRIPT: the suite from here on, or a skip.
run_python()
{
    python=$(debian_python) || skip 'no python3'
    exec "$python" "$1"
}

# python_venv: sets $python to an interpreter that has requirements.txt, or skips the suite.
python_venv()
{
    venv=$CACHE/venv
    python=$venv/bin/python
    if cmp -s "$here/requirements.txt" "$venv/requirements.txt" && [ -x "$python" ]; then return; fi
    rm -rf "$venv"
    mkdir -p "$CACHE"
    "$(debian_python)" -m venv "$venv" || skip 'no virtual environment can be made'
    timeout 600 "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" \
        || skip 'the Python packages cannot be had from here'
    cp "$here/requirements.txt" "$venv/"
}

# ledger_verifier: sets $VERIFY to a program that checks a ledger, or to nothing.
ledger_verifier()
{
    export VERIFY=
    command -v go > /dev/null && command -v age > /dev/null \
        && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] || return 0
    mkdir -p "$CACHE"
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' GOCACHE=$CACHE/go \
        go build -o "$CACHE/verify-ledger" "$tree/tests/clients/ledger/verify.go" || return 0
    VERIFY=$CACHE/verify-ledger
}

# node_modules: sets $node_folder to a folder with package.json installed, or skips the suite.
node_modules()
{
    command -v npm > /dev/null || skip 'no npm'
    node_folder=$CACHE/node
    mkdir -p "$node_folder"
    cp "$here"/node/*.mjs "$node_folder/"
    if cmp -s "$here/node/package.json" "$node_folder/package.json" && [ -d "$node_folder/node_modules" ]; then
        return
    fi
    rm -rf "$node_folder/node_modules" "$node_folder/package.json"
    cp "$here/node/package.json" "$node_folder/package.json.new"
    mv "$node_folder/package.json.new" "$node_folder/package.json"
    (cd "$node_folder" && timeout 600 npm install --ignore-scripts --no-audit --no-fund \
        --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=1000) || {
        rm -rf "$node_folder/node_modules" "$node_folder/package.json"
        skip 'the npm packages cannot be had from here'
    }
}

# run_stores SCRIPT: "SCRIPT postgresql" and "SCRIPT redis" side by side, their results as one; the
# suite from here on.
run_stores()
{
    python=$(debian_python) || skip 'no python3'
    told=$(mktemp -d)
    "$python" "$1" postgresql > "$told/postgresql" 2>&1 &
    "$python" "$1" redis > "$told/redis" 2>&1
    statuses=$?
    wait $!
    statuses="$? $statuses"
    for store in postgresql redis; do
        sed -E "s/^(ok|FAILED|skipped|figure): /&$store: /" "$told/$store" | sed '$d'
        tail -n 1 "$told/$store" >> "$told/results"
    done
    line=$(awk '/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $1; f += $3; s += $5; n++ }
        { last[NR] = $0 } END { if (n != 2) { f++; print last[1] "\n" last[2] }
        print p + 0 " passed, " f + 0 " failed, " s + 0 " skipped" }' "$told/results")
    rm -rf "$told"
    printf '%s\n' "$line"
    case $statuses in
    '0 0' | '77 0' | '0 77') exit 0 ;;
    '77 77') exit 77 ;;
    *) exit 1 ;;
    esac
}
