#!/bin/bash
# s3-driver.sh OUT - builds s3_put.c as OUT, with MODE and CC as make has them.
set -eu
out=${1:?usage: s3-driver.sh OUT}
cd "$(dirname "$0")/../.."
cc=${CC:-gcc}
mode=${MODE:-release}
case $cc in
*clang*) lib=build/$mode-clang ;;
*) lib=build/$mode ;;
esac
libs=()
for name in pipeline_sinks pipeline_ledger pipeline_bundle base; do
	libs+=("$lib/lib$name.a")
done
log=$(make CC="$cc" MODE="$mode" "${libs[@]}" 2>&1) || {
	tail -n 20 <<<"$log" >&2
	exit 1
}
san=()
[ "$mode" = asan ] && san=("-fsanitize=address,undefined")
# shellcheck disable=SC2046 # pkg-config gives words
exec "$cc" -std=c11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE "${san[@]}" \
	-I. -o "$out" tests/conformance/s3_put.c \
	-Wl,--start-group "${libs[@]}" -Wl,--end-group -pthread \
	$(pkg-config --libs yaml-0.1 libpcre2-8 libsodium jansson libcurl \
		libzstd zlib libcrypto)
