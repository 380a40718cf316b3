#!/bin/bash
# run.sh SCRIPT... - runs each, shows what failed, ends with one count.
# A script ends with "N passed, N failed" and exits 1 on a failure, or exits 77
# with a reason when it cannot run here.
set -u
cd "$(dirname "$0")/.." || exit 2
TG_ROOT=$PWD
export TG_ROOT
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for script in "$@"; do
    start=$SECONDS
    "$script" >"$log" 2>&1
    status=$?
    last=$(grep -E '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    case $status in
    0)
        if [ -z "$last" ]; then
            echo "FAIL $script: no closing line"
            failed=$((failed + 1))
        else
            echo "ok   $script ($((SECONDS - start)) s): $last"
            passed=$((passed + 1))
        fi
        ;;
    77)
        echo "skip $script: $(tail -n 1 "$log")"
        skipped=$((skipped + 1))
        ;;
    *)
        echo "FAIL $script (exit $status): $last"
        tail -n 40 "$log" | sed 's/^/     /'
        failed=$((failed + 1))
        ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
