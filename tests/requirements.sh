#!/bin/sh
# Installs what is missing on the machine, on Debian as root; anywhere else says what to install. Says nothing when nothing is missing.
#
#   tests/requirements.sh build     what compiling needs
#   tests/requirements.sh test      also what the tests start: PostgreSQL, a browser, two languages' clients, and what reads and makes codes
set -eu

has() { command -v "$1" >/dev/null 2>&1; }
has_postgresql() { has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_libraries() { has pkg-config && pkg-config --exists xmlsec1 libxml-2.0 openssl; }
has_libclang() { ls /usr/lib/llvm-*/lib/libclang.so* >/dev/null 2>&1 || ldconfig -p 2>/dev/null | grep -q 'libclang.so'; }
has_c() { has cc && echo 'int main(void) { return 0; }' | cc -include stdio.h -x c -o /dev/null - 2>/dev/null; }

packages=""
wanted=""
# need PACKAGE… -- WHAT IT IS: notes a lack for the end.
need() {
    while [ "$1" != -- ]; do packages="$packages $1"; shift; done
    shift
    wanted="$wanted
  - $*"
}

has make || need make -- "make"
has_c || need gcc libc6-dev -- "a C compiler with its headers (cc)"
if [ "${1:-build}" = test ]; then
    has_postgresql || need postgresql -- "PostgreSQL 14 or later, the server (initdb on the PATH)"
    has chromium || has google-chrome || need chromium fonts-liberation -- "Chromium, with any fonts"
    has chromedriver || need chromium-driver -- "chromedriver, of the browser's version"
    has zbarimg || need zbar-tools -- "zbarimg, which reads QR codes"
    has xmlsec1 || need xmlsec1 -- "xmlsec1, which signs and judges XML"
    has openssl || need openssl -- "openssl, which makes a key with its certificate"
    has_libraries || need pkg-config libxmlsec1-dev libxml2-dev libssl-dev -- "libxmlsec1, libxml2 and OpenSSL with their headers (pkg-config)"
    has_libclang || need libclang-dev -- "libclang, which reads headers for Rust"
    has php && [ -e /usr/share/simplesamlphp/www ] ||
        need simplesamlphp php-cli php-xml php-mbstring -- "simplesamlphp 1.19, and PHP for the command line (php)"
    has oathtool || need oathtool -- "oathtool, an authenticator app for the command line"
    has node || need nodejs -- "Node.js 18 or later (node)"
    has npm || need npm -- "npm"
    python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv -- "Python 3.10 or later, with venv (python3)"
fi
missing_rust=""
has cargo || missing_rust="Rust 1.95 or later (cargo)"
if [ "${1:-build}" = test ] && [ -z "$missing_rust" ]; then
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 ||
        missing_rust="rustfmt and clippy (with rustup: rustup component add rustfmt clippy)"
fi

if [ -n "$missing_rust" ]; then
    echo "Please install first:
  - $missing_rust$wanted" >&2
    exit 1
fi
[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ] && has apt-get && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then
    echo "Installing from Debian:$packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    # shellcheck disable=SC2086 # a list of words
    apt-get install -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends $packages </dev/null >/dev/null
else
    echo "Please install first:$wanted" >&2
    has apt-get && echo "As root, on Debian: apt-get install$packages" >&2
    exit 1
fi
