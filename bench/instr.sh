#!/bin/sh
# instr.sh BENCH - instructions a byte of each row of redact_bench, on 1 MiB,
# counted by callgrind without start-up and the making of the text.
set -eu

bench=$1
for row in prose dense chat acts; do
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    --toggle-collect=run_row "$bench" 1 "$row" 2>&1 |
	    awk -v row="$row" '
		/ bytes, / { bytes = $2 }
		/Collected/ { instr = $NF }
		END { printf "%-6s %8.1f instructions a byte\n", row, instr / bytes }'
done
