# SPDX-License-Identifier: Apache-2.0
# Building, as ./quickstart and ./check both do it.  Sourced at the top of the tree.

jobs=$(nproc 2> /dev/null || echo 2)
if [ -z "${CC:-}" ]; then
    CC=gcc
    if command -v ccache > /dev/null 2>&1; then
        CC='ccache gcc'
    fi
fi
export CC

# build_configured FOLDER OPTION...: a configured build folder; does nothing when it is one.
build_configured()
{
    folder=$1
    shift
    if [ ! -x configure ] || [ configure.ac -nt configure ]; then
        autoreconf -fi || return 1
    fi
    mkdir -p "$folder"
    if [ -f "$folder/config.status" ] && [ "$(cat "$folder/options" 2> /dev/null)" = "$*" ]; then
        return 0
    fi
    source=$(pwd)
    (cd "$folder" && "$source/configure" -q "$@" < /dev/null) && echo "$*" > "$folder/options"
}

# build_made FOLDER [TARGET...]
build_made()
{
    folder=$1
    shift
    make -C "$folder" -s -j "$jobs" "$@" < /dev/null
}
