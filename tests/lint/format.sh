#!/bin/sh
# format.sh - clang-format decides (.clang-format).
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need clang-format

files '^(base|regions|policies|redactors|pipeline|report|cli|bench|tests)/.*\.[ch]$' >"$work/files"
: >"$work/bad"
# All at once says fast whether there is something to say.
xargs -d '\n' clang-format --dry-run -Werror <"$work/files" >/dev/null 2>&1 ||
    while IFS= read -r f; do
	clang-format --dry-run -Werror "$f" >/dev/null 2>&1 ||
	    echo "$f: clang-format -i would change it" >>"$work/bad"
    done <"$work/files"
finish "$(wc -l <"$work/files")"
