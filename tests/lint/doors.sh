#!/bin/sh
# doors.sh - each library has one door (doors.txt).
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

code '\.(c|h|def)$' >"$work/files"
# shellcheck disable=SC2046
awk -v table="$lint/doors.txt" '
BEGIN {
	while ((getline line < table) > 0) {
		if (line ~ /^#/ || line ~ /^ *$/)
			continue
		split(line, w, /[ \t]+/)
		header[++n] = w[1]
		file[n] = w[2]
	}
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	h = $0
	sub(/^[^<]*</, "", h)
	sub(/>.*/, "", h)
	for (i = 1; i <= n; i++)
		if (h ~ header[i] && FILENAME !~ file[i])
			print FILENAME ":" FNR ": <" h "> has its door elsewhere"
}' $(cat "$work/files") /dev/null >"$work/bad"
finish "$(wc -l <"$work/files")"
