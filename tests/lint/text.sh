#!/bin/sh
# text.sh - text files are UTF-8, end with a newline, have no CR and no blank
# at a line's end; YAML has no tab; no path of a developer's machine.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

files '\.(c|h|def|md|yaml|sh|mk|txt|1|5|py|html|css)$|^Makefile$|^\.ci/' |
    grep -vE '(^|/)(data|golden|corpus)/' >"$work/files"
: >"$work/bad"
while IFS= read -r f; do
	[ ! -s "$f" ] || [ "$(tail -c 1 "$f" | wc -l)" -eq 1 ] ||
	    echo "$f: no newline at the end" >>"$work/bad"
done <"$work/files"

# find_in FILES WHAT GREP-ARGUMENTS...: lines of the files that match, at most
# three of each.
find_in()
{
	list=$1
	what=$2
	shift 2
	xargs -d '\n' grep -nHa -m 3 "$@" -- <"$list" |
	    LC_ALL=C sed "s|^\([^:]*:[0-9]*\):.*|\1: $what|" >>"$work/bad" || :
}
find_in "$work/files" "not UTF-8" -axv '.*'
find_in "$work/files" "blank or CR at the end of the line" \
    -E '[ 	]+$|'"$(printf '\r')"
grep '\.yaml$' "$work/files" >"$work/yaml" || :
find_in "$work/yaml" "a tab in YAML" "$(printf '\t')"
# This file itself names what it looks for.
grep -v '^tests/lint/text\.sh$' "$work/files" >"$work/other"
find_in "$work/other" "a path of somebody's machine" \
    -E '(^|[^A-Za-z0-9_.-])/(work|home|root)/'
finish "$(wc -l <"$work/files")"
