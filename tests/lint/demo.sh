#!/bin/sh
# demo.sh - the demo holds invented people only: every e-mail, host, address,
# phone, card, IBAN and number of a person in demo/ is from demo/RESERVED.md;
# the ground truth and the generated files are what the generator writes.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need perl

: >"$work/bad"
files '^demo/' | grep -v '^demo/RESERVED\.md$' >"$work/files" || :
# shellcheck disable=SC2046
n=$(perl "$lint/demo.pl" demo/RESERVED.md $(cat "$work/files") 2>>"$work/bad") || :
for lang in en fr; do
	have=$(cat demo/traces/$lang/otlp-traces.jsonl demo/traces/$lang/otlp-logs.jsonl 2>/dev/null | wc -l)
	[ "$have" -ge 100 ] || echo "demo/traces/$lang: $have prompts, 100 expected" >>"$work/bad"
done
if command -v python3 >/dev/null && [ -f demo/gen/gen.py ]; then
	PYTHONDONTWRITEBYTECODE=1 python3 demo/gen/gen.py "$work/gen" >>"$work/bad" 2>&1 || :
	for f in traces planted.jsonl lookalikes.jsonl; do
		diff -qr "demo/$f" "$work/gen/$f" >>"$work/bad" 2>&1 || :
	done
fi
# The leak oracle finds everything in the raw traces: it can find.
if [ -f demo/oracle.pl ]; then
	perl demo/oracle.pl -a demo/traces >"$work/oracle" 2>&1 ||
	    cat "$work/oracle" >>"$work/bad"
fi
finish "${n:-0}"
