#!/bin/sh
# layers.sh - an include goes downwards, and is written from the root.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

code '\.(c|h|def)$' >"$work/files"
# shellcheck disable=SC2046 # names of files without blanks
awk -v table="$lint/layers.txt" '
BEGIN {
	while ((getline line < table) > 0) {
		if (line ~ /^#/ || line ~ /^ *$/)
			continue
		n = split(line, w, /[ \t]+/)
		known[w[1]] = 1
		for (i = 2; i <= n; i++)
			may[w[1] " " w[i]] = 1
	}
}
function folder(path) {
	sub(/\/[^\/]*$/, "", path)
	return path
}
function layer(dir) {
	while (!(dir in known) && dir ~ /\//)
		dir = folder(dir)
	return dir
}
function allowed(from, header,    dir) {
	dir = folder(header)
	if (dir == from || (from " " dir) in may || (from " " header) in may)
		return 1
	while (1) {
		if ((from " " dir "/*") in may)
			return 1
		if (dir !~ /\//)
			return 0
		dir = folder(dir)
	}
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, q, "\"")
	if (q[2] !~ /\//) {
		print FILENAME ":" FNR ": \"" q[2] "\" is not written from the root"
		next
	}
	from = layer(folder(FILENAME))
	if (!(from in known))
		print FILENAME ": no layer for this folder in layers.txt"
	else if (!allowed(from, q[2]))
		print FILENAME ":" FNR ": " from " may not include " q[2]
}' $(cat "$work/files") /dev/null >"$work/bad"
finish "$(wc -l <"$work/files")"
