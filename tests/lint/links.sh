#!/bin/sh
# links.sh - what the documents point at exists: relative links of Markdown,
# and paths of the tree in backquotes that hold a slash and an ending.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

files '\.md$' | grep -vE '(^|/)(data|golden|news)/' >"$work/files"
: >"$work/bad"
n=0
while IFS= read -r f; do
	dir=$(dirname "$f")
	grep -oE '\]\([^)# ]+' "$f" | sed 's/^](//' | grep -vE '^[a-z]+:' >"$work/links" || :
	while IFS= read -r link; do
		[ -e "$dir/$link" ] || echo "$f: link to $link" >>"$work/bad"
	done <"$work/links"
	# shellcheck disable=SC2016 # backquotes of Markdown
	grep -oE '`[a-z.][A-Za-z0-9_./-]*/[A-Za-z0-9_.-]+\.(c|h|def|md|sh|yaml|txt|mk)`' "$f" |
	    tr -d '`' >"$work/paths" || :
	while IFS= read -r path; do
		[ -e "$path" ] || [ -e "$dir/$path" ] ||
		    echo "$f: \`$path\` does not exist" >>"$work/bad"
	done <"$work/paths"
	n=$((n + $(wc -l <"$work/links") + $(wc -l <"$work/paths")))
done <"$work/files"
finish "$n"
