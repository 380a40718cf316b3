#!/bin/sh
# headers.sh - every header compiles alone, without a warning.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need gcc
need pkg-config

# A translation unit must not be empty (-Wpedantic).
echo 'extern int tg_lint_empty; int tg_lint_empty;' >"$work/empty.c"
cflags=$(pkg-config --cflags yaml-0.1 libpcre2-8 libsodium jansson libcurl \
    libzstd zlib libcrypto 2>/dev/null) || cflags=
: >"$work/bad"
code '\.h$' >"$work/files"
while IFS= read -r h; do
	# shellcheck disable=SC2086
	gcc -std=c11 -I. -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Wpedantic \
	    -Werror $cflags -include "$h" "$work/empty.c" 2>"$work/err" ||
	    { echo "$h: does not compile alone: $(grep -m1 error "$work/err")" \
	    >>"$work/bad"; }
done <"$work/files"
finish "$(wc -l <"$work/files")"
