# SPDX-License-Identifier: Apache-2.0
# The Debian packages this project needs, in one place.  PACKAGE:COMMAND means that the command
# will do, wherever it came from.
packages_to_build='build-essential autoconf automake libtool pkg-config
    libmicrohttpd-dev libssl-dev libjansson-dev libcurl4-openssl-dev libpq-dev libhiredis-dev
    libyaml-dev libcunit1-dev libsqlite3-dev libseccomp-dev libgnutls28-dev libp11-kit-dev
    libsecp256k1-dev'
packages_to_try='curl:curl'
packages_to_check='clang-format-14:clang-format valgrind:valgrind age:age golang-go:go
    golang-golang-x-mod-dev python3 python3-venv python3-hvac python3-pytest python3-yaml python3-jwt python3-cryptography
    python3-ecdsa python3-jwcrypto
    nodejs:node npm:npm curl:curl jq:jq wrk:wrk sqlite3:sqlite3 redis-server:redis-server postgresql
    mandoc:mandoc spin:spin opensc:pkcs11-tool libengine-pkcs11-openssl gnutls-bin:p11tool openssh-client:ssh-keygen'

# packages_missing ENTRY...: those that are neither installed nor stood in for.
packages_missing()
{
    for entry in "$@"; do
        package=${entry%%:*}
        stand_in=${entry#"$package"}
        if [ -n "$stand_in" ] && command -v "${stand_in#:}" > /dev/null 2>&1; then
            continue
        fi
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^ii' || echo "$package"
    done
}

# packages_install LOG ENTRY...: installs what is missing, or says what to install and fails.
packages_install()
{
    log=$1
    shift
    if ! command -v dpkg-query > /dev/null 2>&1; then
        echo 'This is not Debian: what it calls the packages below is assumed to be there.'
        echo "    $*" | tr -s ' \n' ' '
        echo
        return 0
    fi
    missing=$(packages_missing "$@" | tr '\n' ' ')
    if [ -z "$missing" ]; then
        return 0
    fi
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo > /dev/null 2>&1 && { sudo -n true 2> /dev/null || [ -t 0 ]; }; then
            as_root=sudo
        else
            echo 'Some packages are missing and this is not root.  Run'
            echo "    apt-get update && apt-get install -y $missing"
            echo 'as root, then start this again.'
            return 1
        fi
    fi
    echo "installing $missing"
    # One retry: without a network the default's three only make the same answer wait.
    # shellcheck disable=SC2086
    if ! { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=1 update -q \
        && $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=1 install -q -y \
            --no-install-recommends $missing; } \
        < /dev/null > "$log" 2>&1; then
        tail -n 5 "$log"
        echo 'The packages could not be installed.  When the package sources answer, run'
        echo "    apt-get update && apt-get install -y $missing"
        echo "as root, then start this again; the whole log is $log"
        return 1
    fi
}
