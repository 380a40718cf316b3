#!/bin/sh
# instr.sh BENCH [gate] - instructions a byte of each row of redact_bench, on
# 1 MiB, counted by callgrind without start-up and the making of the text, and
# millions of instructions to load all rules and dictionaries.  With gate: fails
# when a figure is over its maximum, 5 % above what was measured.  Callgrind has
# no SHA instructions, so that 28 a byte of chat and acts and 58 million of load
# are a digest, more than on the machine.  The goal for prose is 35.
set -eu

bench=$1
gate=${2-}
status=0

prose_max=89.1
dense_max=146.6
chat_max=261.8
acts_max=113.7
load_max=318
goal=35

# show ROW FIGURE MAXIMUM WHAT [GOAL]
show() {
	printf '%-6s %8.1f %s' "$1" "$2" "$4"
	if [ -z "$gate" ]; then
		echo
	elif awk -v is="$2" -v max="$3" 'BEGIN { exit !(is > 0 && is <= max) }'
	then
		echo " (at most $3${5:+, goal $5})"
	else
		echo " - over $3"
		status=1
	fi
}

# count FUNCTION ROW
count() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    --toggle-collect="$1" "$bench" 1 "$2" 2>&1
}

# per_byte ROW MAXIMUM [GOAL]
per_byte() {
	show "$1" "$(count run_row "$1" | awk '
		/ bytes, / { bytes = $2 }
		/Collected/ { instr = $NF }
		END { printf "%.1f", (bytes > 0 ? instr / bytes : 0) }')" "$2" \
	    'instructions a byte' "${3-}"
}

per_byte prose $prose_max $goal
per_byte dense $dense_max
per_byte chat $chat_max
per_byte acts $acts_max
show load "$(count tg_ruleset_load prose |
    awk '/Collected/ { printf "%.1f", $NF / 1e6 }')" $load_max \
    'million instructions'
exit $status
