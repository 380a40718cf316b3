#!/bin/sh
# age-cctv.sh - the age opener against the C2SP test vectors (npm cctv-age,
# 143 vectors, 0BSD/CC0/Unlicense; fetched, not kept in the tree).
# Needs npm, node and a built library; run from the checkout.
# Exit: 0 all as the vectors say, 1 a miss, 77 skipped with the reason.
set -eu

ROOT=${TG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-build/${MODE:-release}}
CC=${CC:-gcc}
VERSION=0.2.0
W=$ROOT/build/cctv-age

cd "$ROOT"

skip()
{
	echo "age-cctv: skipped: $1"
	exit 77
}

command -v npm >/dev/null || skip "no npm"
command -v node >/dev/null || skip "no node"
for lib in "$B/libpipeline_bundle.a" "$B/libbase.a"; do
	[ -f "$lib" ] || skip "$lib is not built (make unit-pipeline_bundle)"
done

mkdir -p "$W/vectors"
if [ ! -f "$W/node_modules/cctv-age/index.js" ]; then
	npm install --prefix "$W" --no-save --no-audit --no-fund \
	    --ignore-scripts "cctv-age@$VERSION" >"$W/npm.log" 2>&1 ||
	    skip "npm could not fetch cctv-age@$VERSION ($W/npm.log)"
fi
cat >"$W/unpack.mjs" <<'END'
import { writeFileSync } from "node:fs";
import * as vectors from "./node_modules/cctv-age/index.js";
for (const [name, bytes] of Object.entries(vectors))
	if (/^[a-z0-9_]+$/.test(name) && bytes instanceof Uint8Array)
		writeFileSync(`vectors/${name}`, bytes);
END
(cd "$W" && node unpack.mjs)

SAN=
case $B in *asan*) SAN="-fsanitize=address,undefined" ;; esac
# shellcheck disable=SC2046,SC2086
$CC -std=c11 -O1 -g -Wall -Wextra -I. -D_GNU_SOURCE $SAN -pthread \
    -o "$W/age_cctv" tests/conformance/age_cctv.c \
    "$B/libpipeline_bundle.a" "$B/libbase.a" \
    $(pkg-config --cflags --libs libsodium libzstd zlib libcrypto jansson yaml-0.1)
exec "$W/age_cctv" "$W/vectors"
