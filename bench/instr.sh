#!/bin/sh
# instr.sh BENCH - instructions a byte of each row of redact_bench, on 1 MiB,
# counted by callgrind inside tg_scan (prose, dense) or tg_input_run.
set -eu

bench=$1
for row in prose dense chat acts; do
	case $row in
	prose | dense) inside=tg_scan ;;
	*) inside=tg_input_run ;;
	esac
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    --toggle-collect="$inside" "$bench" 1 "$row" 2>&1 |
	    awk -v row="$row" '
		/ bytes, / { bytes = $2 }
		/Collected/ { instr = $NF }
		END { printf "%-6s %8.1f instructions a byte\n", row, instr / bytes }'
done
