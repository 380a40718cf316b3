#!/bin/bash
# run.sh SCRIPT... - runs each, JOBS (2) at a time, shows what failed, ends with
# one count.  A script ends with "N passed, N failed" and exits 1 on a failure,
# or exits 77 with a reason when it cannot run here.
set -u
cd "$(dirname "$0")/.." || exit 2
TG_ROOT=$PWD
export TG_ROOT
jobs=${JOBS:-2}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0 skipped=0

one() { # NUMBER SCRIPT
    local start=$SECONDS
    "$2" >"$logs/$1.log" 2>&1
    echo "$? $((SECONDS - start))" >"$logs/$1.status"
}

report() { # NUMBER SCRIPT
    local status seconds last
    read -r status seconds <"$logs/$1.status"
    last=$(grep -E '[0-9]+ passed, [0-9]+ failed' "$logs/$1.log" | tail -n 1)
    if [ "$status" = 0 ] && [ -n "$last" ]; then
        echo "ok   $2 ($seconds s): $last"
        passed=$((passed + 1))
    elif [ "$status" = 77 ]; then
        echo "skip $2: $(tail -n 1 "$logs/$1.log")"
        skipped=$((skipped + 1))
    else
        echo "FAIL $2 (exit $status, $seconds s): ${last:-no closing line}"
        tail -n 40 "$logs/$1.log" | sed 's/^/     /'
        failed=$((failed + 1))
    fi
}

n=0
for script in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n
    done
    one "$n" "$script" &
    n=$((n + 1))
done
wait
n=0
for script in "$@"; do
    report "$n" "$script"
    n=$((n + 1))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
