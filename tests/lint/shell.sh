#!/bin/sh
# shell.sh - shellcheck over every script.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need shellcheck

{
	files '\.(sh|bash)$'
	files '^\.ci/run$'
	files '^(tests|demo|contrib|bench)/' | while IFS= read -r f; do
		case $(head -c 32 "$f" | head -n 1 | tr -d '\0') in
		'#!'*sh) echo "$f" ;;
		esac
	done
} | sort -u >"$work/files"
: >"$work/bad"
while IFS= read -r f; do
	shellcheck -x -f gcc "$f" >>"$work/bad" || :
done <"$work/files"
finish "$(wc -l <"$work/files")"
