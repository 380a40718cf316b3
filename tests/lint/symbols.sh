#!/bin/sh
# symbols.sh - every global symbol of the product is tg_*, and nothing but
# main() is not.  Looks at the objects of $B (default build/release).
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need nm

B=${B:-build/release}
: >"$work/bad"
code '\.c$' >"$work/files"
: >"$work/objects"
while IFS= read -r f; do
	o=$B/${f%.c}.o
	if [ -f "$o" ]; then
		echo "$o" >>"$work/objects"
	else
		echo "$f: $o is not built (make build)" >>"$work/bad"
	fi
done <"$work/files"
# Sanitizers and the compiler name their own with two underscores.
[ ! -s "$work/objects" ] || xargs -d '\n' nm -A -g --defined-only <"$work/objects" |
    awk -v b="$B/" '
NF == 3 && $3 !~ /^tg_/ && $3 !~ /^__/ {
	f = substr($1, length(b) + 1)
	sub(/\.o:.*/, ".c", f)
	if (!($3 == "main" && f == "cli/main.c"))
		print f ": exports " $3
}' >>"$work/bad"
finish "$(wc -l <"$work/objects")"
