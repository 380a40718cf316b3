#!/bin/sh
# ledger-go.sh - a ledger folder under an auditor that is not ours: Go's
# golang.org/x/mod/sumdb/{note,tlog} (Debian: golang-go,
# golang-golang-x-mod-dev).
#
#   ledger-go.sh LEDGERDIR VKEYFILE [PROOF ENTRYJSON]
#       audits that folder, and a proof of one of its entries
#   ledger-go.sh
#       makes ledgers of several sizes with the built libraries, audits each,
#       then damages one in every file: each damage must be found
#
# Exit: 0 OK, 1 not, 2 usage, 77 skipped with the reason.
set -eu

ROOT=${TG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-build/${MODE:-release}}
CC=${CC:-gcc}
W=$ROOT/build/ledger-go
SIZES='1 2 5 256 257 300 700'

skip()
{
    echo "ledger-go: skipped: $1"
    exit 77
}

build_auditor()
{
    command -v go >/dev/null || skip "no go (Debian: golang-go)"
    [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] ||
        skip "no golang.org/x/mod (Debian: golang-golang-x-mod-dev)"
    mkdir -p "$W"
    (cd "$ROOT/tests/conformance" &&
        GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' \
        GOCACHE="$ROOT/build/go-cache" go build -o "$W/audit" ledger_audit.go)
}

build_demo()
{
    for lib in libpipeline_ledger libpipeline_bundle libbase; do
        [ -f "$ROOT/$B/$lib.a" ] ||
            skip "$B/$lib.a is not built (make unit-pipeline_ledger)"
    done
    SAN=
    case $B in *asan*) SAN="-fsanitize=address,undefined" ;; esac
    # shellcheck disable=SC2046,SC2086
    (cd "$ROOT" && $CC -std=c11 -O1 -g -Wall -Wextra -I. -D_GNU_SOURCE $SAN \
        -pthread -o "$W/demo" tests/conformance/ledger_demo.c \
        -Wl,--start-group "$B/libpipeline_ledger.a" \
        "$B/libpipeline_bundle.a" "$B/libbase.a" -Wl,--end-group \
        $(pkg-config --cflags --libs libsodium libzstd zlib libcrypto jansson \
        yaml-0.1))
}

# One byte of $1 is changed in place; the audit of $2 must fail.
damage()
{
    cp "$1" "$W/kept"
    last=$(($(wc -c <"$1") - 2))
    for at in 1 $((last / 2)) "$last"; do
        old=$(od -An -tu1 -j"$at" -N1 "$1" | tr -d ' ')
        # shellcheck disable=SC2059
        printf "\\$(printf %o $((old ^ 1)))" |
            dd of="$1" bs=1 seek="$at" conv=notrunc 2>/dev/null
        if "$W/audit" "$2/ledger" "$2/ledger/log.vkey" "$2/intent.tlog-proof" \
            "$2/intent.json" >/dev/null 2>&1; then
            echo "damage not found: $1 at $at"
            failed=$((failed + 1))
        else
            passed=$((passed + 1))
        fi
        cp "$W/kept" "$1"
    done
}

demo()
{
    passed=0 failed=0
    for size in $SIZES; do
        d=$W/demo-$size
        rm -rf "$d"
        "$W/demo" "$d" "$size"
        if "$W/audit" "$d/ledger" "$d/ledger/log.vkey" "$d/intent.tlog-proof" \
            "$d/intent.json"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
    d=$W/demo-257
    for f in checkpoint log.vkey tile/0/000 tile/entries/000 tile/1/000.p/1 \
        tile/0/001.p/1 tile/entries/001.p/1; do
        damage "$d/ledger/$f" "$d"
    done
    damage "$d/intent.tlog-proof" "$d"
    damage "$d/intent.json" "$d"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

case $# in
0)
    build_auditor
    build_demo
    demo
    ;;
2 | 4)
    build_auditor
    exec "$W/audit" "$@"
    ;;
*)
    echo "usage: ledger-go.sh [LEDGERDIR VKEYFILE [PROOF ENTRYJSON]]" >&2
    exit 2
    ;;
esac
