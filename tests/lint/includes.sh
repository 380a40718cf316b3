#!/bin/sh
# includes.sh - "base/banned.h" is the last include of every .c, and foo.c has
# an include of foo.h as its first, where there is one: it proves that the
# header stands alone.  Headers do not include banned.h.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

code '\.(c|h)$' >"$work/files"
: >"$work/bad"
while IFS= read -r f; do
	# The preamble: a .def is included further down, where its table is.
	awk '/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
		split($0, q, /[<">]/)
		if (q[2] !~ /\.def$/)
			print q[2]
	}' "$f" >"$work/inc"
	case $f in
	*.h)
		if grep -qx 'base/banned.h' "$work/inc"; then
			echo "$f: a header includes base/banned.h" >>"$work/bad"
		fi
		continue
		;;
	esac
	if [ "$(tail -n 1 "$work/inc")" != base/banned.h ]; then
		echo "$f: base/banned.h is not the last include" >>"$work/bad"
	fi
	own=${f%.c}.h
	if [ -f "$own" ] && [ "$(head -n 1 "$work/inc")" != "$own" ]; then
		echo "$f: $own is not the first include" >>"$work/bad"
	fi
done <"$work/files"
finish "$(wc -l <"$work/files")"
