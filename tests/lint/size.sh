#!/bin/sh
# size.sh - a function has at most 60 lines and a cyclomatic complexity of at
# most 15 (pmccabe; a switch counts once), a file at most 600 lines.  The
# program's own files; tests keep the 600 lines only.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need pmccabe

LINES_FUNCTION=60
COMPLEXITY=15
LINES_FILE=600
code '\.c$' >"$work/files"
# shellcheck disable=SC2046
pmccabe $(cat "$work/files") /dev/null >"$work/figures"
# modified, traditional, statements, first line, lines, file(line): function
awk -v lines="$LINES_FUNCTION" -v cc="$COMPLEXITY" '
# A macro with arguments looks like a function to pmccabe.
NF >= 7 && $7 !~ /^[A-Z0-9_]+$/ {
	file = $6
	sub(/\([0-9]*\):$/, "", file)
	if ($5 > lines)
		print file " " $7 " " file ":" $4 ": " $7 " has " $5 " lines, at most " lines
	if ($1 > cc)
		print file " " $7 " " file ":" $4 ": " $7 " has complexity " $1 ", at most " cc
}' "$work/figures" >"$work/over"
files '^(base|regions|policies|redactors|pipeline|report|cli|tests|bench)/.*\.[ch]$' >"$work/all"
# shellcheck disable=SC2046
wc -l $(cat "$work/all") /dev/null | awk -v max="$LINES_FILE" '
$2 != "total" && $1 > max {
	print $2 " - " $2 ": " $1 " lines, at most " max
}' >>"$work/over"
# What sizes.txt allows, and what it allows for nothing.
awk '
FNR == NR {
	if ($0 !~ /^#/ && NF >= 3)
		pass[$1 " " $2] = 1
	next
}
{
	key = $1 " " $2
	if (key in pass) {
		used[key] = 1
		next
	}
	sub(/^[^ ]* [^ ]* /, "")
	print
}
END {
	for (key in pass)
		if (!(key in used))
			print "sizes.txt: not needed any more: " key
}' "$lint/sizes.txt" "$work/over" >"$work/bad"
finish "$(wc -l <"$work/figures")"
