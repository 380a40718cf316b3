#!/bin/sh
# symbols.sh - every global symbol of the product is tg_*, and nothing but
# main() is not.  Looks at the objects of $B (default build/release).
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need nm

B=${B:-build/release}
: >"$work/bad"
n=0
code '\.c$' >"$work/files"
while IFS= read -r f; do
	o=$B/${f%.c}.o
	if [ ! -f "$o" ]; then
		echo "$f: $o is not built (make build)" >>"$work/bad"
		continue
	fi
	n=$((n + 1))
	# Sanitizers and the compiler name their own with two underscores.
	nm -g --defined-only "$o" | awk -v f="$f" '
	NF == 3 && $3 !~ /^tg_/ && $3 !~ /^__/ &&
	    !($3 == "main" && f == "cli/main.c") {
		print f ": exports " $3
	}' >>"$work/bad"
done <"$work/files"
finish "$n"
