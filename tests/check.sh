#!/bin/bash
# check.sh - every test, in two lanes side by side; goes on after a failure and
# says at the end what failed.  Called by `make check`.
set -u
cd "$(dirname "$0")/.." || exit 2
export LC_ALL=C.UTF-8
logs=build/check
rm -rf "$logs"
mkdir -p "$logs"

# Thousands of fsyncs: in memory where there is plenty of it.
room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
free=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
if [ -w /dev/shm ] && [ "${room:-0}" -gt 6000000 ] && [ "$free" -gt 12000000 ]; then
    TG_TMP=$(mktemp -d /dev/shm/tracegate-check.XXXXXX)
    export TG_TMP
    trap 'chmod -R u+rwX "$TG_TMP"; rm -rf "$TG_TMP"' EXIT
fi

step() { # name, command...
    local name=$1 start=$SECONDS
    shift
    if "$@" >"$logs/$name.log" 2>&1; then
        echo "=== $name: ok, $((SECONDS - start)) s"
    else
        echo "=== $name: FAILED, $((SECONDS - start)) s"
        touch "$logs/$name.failed"
    fi
}
lane_programs() {
    step unit make unit
    # Each test is a child: a full quarantine is copied with every one of them.
    export ASAN_OPTIONS=quarantine_size_mb=4
    step asan make -j2 MODE=asan unit
    # Its warnings: the release itself is gcc's.
    step clang make CC=clang MODE=plain build
}
lane_whole() {
    step e2e make e2e
    step lint make lint
    step fault make fault
    step score make score
    step replay make replay
    step classes make classes-soak N=300000
    step conformance make conformance
}

# Nothing further makes sense without a build.
make -j2 build || exit 1
lane_programs &
lane_whole
wait
# What each runner said, compilers' lines left out.
for log in "$logs"/*.log; do
    echo "--- $(basename "$log" .log)"
    grep -vE '^  (CC|LD) ' "$log"
done
failures=$(cd "$logs" && for f in *.failed; do
    [ -e "$f" ] && printf ' %s' "${f%.failed}"
done)
if [ -n "$failures" ]; then
    echo "check: failed:$failures"
    exit 1
fi
echo "check: all steps passed in $SECONDS s"
