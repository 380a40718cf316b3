#!/bin/bash
# evidence-demo.sh - the demo's evidence, printed on A4: the decision page is
# exactly page 1, in English and French.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=build/evidence-demo
if ! demo/run.sh "${B:-build/release}/tracegate" "$out" >"$out.log" 2>&1; then
    cat "$out.log"
    echo "0 passed, 1 failed"
    exit 1
fi
tests/conformance/evidence-print.sh "$out"/evidence-*/evidence.??.html
status=$?
case $status in
0) echo "4 passed, 0 failed" ;;
77) exit 77 ;;
*) echo "0 passed, 4 failed" ;;
esac
exit $status
