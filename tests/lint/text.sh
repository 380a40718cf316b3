#!/bin/sh
# text.sh - text files are UTF-8, end with a newline, have no CR and no blank
# at a line's end; YAML has no tab; no path of a developer's machine.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

files '\.(c|h|def|md|yaml|sh|mk|txt|1|5|py|html|css)$|^Makefile$|^\.ci/' |
    grep -vE '(^|/)(data|golden|corpus)/' >"$work/files"
: >"$work/bad"
while IFS= read -r f; do
	[ -s "$f" ] || continue
	[ "$(tail -c 1 "$f" | wc -l)" -eq 1 ] ||
	    echo "$f: no newline at the end" >>"$work/bad"
	iconv -f UTF-8 -t UTF-8 "$f" >/dev/null 2>&1 ||
	    echo "$f: not UTF-8" >>"$work/bad"
	grep -nE '[ 	]+$|'"$(printf '\r')" "$f" | head -n 3 |
	    sed "s|^\([0-9]*\):.*|$f:\1: blank or CR at the end of the line|" >>"$work/bad"
	case $f in
	*.yaml) grep -n "$(printf '\t')" "$f" | head -n 3 |
	    sed "s|^\([0-9]*\):.*|$f:\1: a tab in YAML|" >>"$work/bad" ;;
	esac
	case $f in
	# This file itself names what it looks for.
	tests/lint/text.sh) ;;
	*) grep -nE '(^|[^A-Za-z0-9_.-])/(work|home|root)/' "$f" | head -n 3 |
	    sed "s|^\([0-9]*\):.*|$f:\1: a path of somebody's machine|" >>"$work/bad" ;;
	esac
done <"$work/files"
finish "$(wc -l <"$work/files")"
