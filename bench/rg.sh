#!/bin/sh
# rg.sh BENCH MIB - MB/s of CPU time of ripgrep replacing, in the same JSON
# lines, the patterns that it can read (those without look-around).
set -eu

if ! command -v rg >/dev/null; then
	echo 'rg: not installed, row left out'
	exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" "$2" write "$dir"
LC_ALL=C TIMEFORMAT='%U %S' bash -c 'time rg -j1 --no-unicode --passthru -a -N \
    -r "[X]" -f "$0/patterns" "$0/chat.jsonl" >/dev/null 2>"$0/err"' "$dir" \
    2>"$dir/time" || {
	echo 'rg: refused the patterns, row left out'
	head -5 "$dir/err"
	exit 0
}
awk -v bytes="$(wc -c <"$dir/chat.jsonl")" -v n="$(wc -l <"$dir/patterns")" '
{ printf "chat   rg, %d patterns      %8.1f MB/s\n", n, bytes / 1e6 / ($1 + $2) }' \
    "$dir/time"
