#!/bin/sh
# people_alloc.sh - builds people_alloc.c with the libraries that are there and
# runs it: every allocation of the ledger, of trust and recipient files and of
# decisions fails once.
#
# Exit: 0 all as it must be, 1 not, 77 skipped with the reason.
set -eu

ROOT=${TG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-build/${MODE:-release}}
CC=${CC:-gcc}
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT

cd "$ROOT"
for lib in libpipeline libpipeline_ledger libpipeline_bundle libbase; do
    if [ ! -f "$B/$lib.a" ]; then
        echo "people_alloc: skipped: $B/$lib.a is not built (make build)"
        exit 77
    fi
done
# shellcheck disable=SC2046
$CC -std=c11 -O1 -g -Wall -Wextra -I. -D_GNU_SOURCE -pthread \
    -o "$W/people_alloc" tests/fault/people_alloc.c tests/fault/alloc.c \
    -Wl,--start-group "$B/libpipeline.a" "$B/libpipeline_ledger.a" \
    "$B/libpipeline_bundle.a" "$B/libbase.a" -Wl,--end-group \
    $(pkg-config --cflags --libs libsodium libzstd zlib libcrypto jansson \
    yaml-0.1)
TMPDIR=$W "$W/people_alloc"
