#!/bin/bash
# ledger_strace.sh - an append to a ledger while each of its system calls in
# turn kills the process or fails.  Afterwards the ledger is the old tree or the
# new one, never anything else, and takes a further entry.  Then, from the log
# of an undisturbed append: each file synced before its name, each name before
# the next file, the checkpoint last.
#
# Needs strace and a built library.  Exit: 0 all as it must be, 1 not, 77
# skipped with the reason.  The closing line is "N passed, N failed".
set -u

ROOT=${TG_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-build/${MODE:-release}}
CC=${CC:-gcc}
CALLS='openat mkdir rename fsync write read flock'
FAULTS='signal=KILL error=EIO error=ENOSPC'

skip()
{
    echo "ledger_strace: skipped: $1"
    exit 77
}

command -v strace >/dev/null || skip "no strace"
for lib in libpipeline_ledger libpipeline_bundle libbase; do
    [ -f "$ROOT/$B/$lib.a" ] ||
        skip "$B/$lib.a is not built (make unit-pipeline_ledger)"
done
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"

W=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
trap 'rm -rf "$W"' EXIT

# shellcheck disable=SC2046
(cd "$ROOT" && $CC -std=c11 -O1 -g -Wall -Wextra -I. -D_GNU_SOURCE -pthread \
    -o "$W/driver" tests/fault/ledger_driver.c \
    -Wl,--start-group "$B/libpipeline_ledger.a" "$B/libpipeline_bundle.a" \
    "$B/libbase.a" -Wl,--end-group \
    $(pkg-config --cflags --libs libsodium libzstd zlib libcrypto jansson \
    yaml-0.1)) || exit 1

passed=0 failed=0

wrong()
{
    echo "$1"
    failed=$((failed + 1))
}

# calls_before LOG CALL: how many of CALL the loader makes before getppid.
calls_before()
{
    awk -v c="$2(" '/getppid\(/ {exit} index($0, c) {n++} END {print n + 0}' "$1"
}

# One scenario: NAME BASE MIN MAX COMMAND...; BASE is the folder to start from
# (or none), MIN its entries, MAX those after COMMAND, which runs in $W/d.
scenario()
{
    local name=$1 base=$2 min=$3 max=$4 call fault from i status
    shift 4
    restore "$base"
    strace -f -o "$W/log" "$W/driver" "$@" ||
        { wrong "$name: fails undisturbed"; return; }
    for call in $CALLS; do
        from=$(calls_before "$W/log" "$call")
        for fault in $FAULTS; do
            for ((i = from + 1; ; i++)); do
                restore "$base"
                {
                    strace -f -o "$W/hit" -e trace="$call" \
                        -e inject="$call:$fault:when=$i" "$W/driver" "$@"
                    status=$?
                } >/dev/null 2>&1 # the shell says "Killed" here
                grep -qE 'INJECTED|killed by' "$W/hit" || break
                judge "$name, $call $i $fault" "$min" "$max" "$status"
            done
        done
    done
}

restore()
{
    rm -rf "$W/d"
    if [ "$1" = none ]; then mkdir "$W/d"; else cp -a "$1" "$W/d"; fi
}

# After the fault: old or new; new when the command said it was done.
judge()
{
    local min=$2 max=$3
    [ "$4" -eq 0 ] && min=$max
    if "$W/driver" recover "$W/d" "$min" "$max" 2>"$W/why"; then
        passed=$((passed + 1))
    else
        wrong "$1: $(cat "$W/why")"
    fi
}

# The order of names and syncs in an undisturbed append.
order()
{
    restore "$1"
    strace -f -y -s 400 -e trace=fsync,rename -o "$W/log" \
        "$W/driver" append "$W/d" || { wrong "order: append fails"; return; }
    if awk -v want="$2" '
        function base(p) { sub(/.*\//, "", p); return p }
        /fsync\(/ {
            p = $0; sub(/.*fsync\([0-9]+</, "", p); sub(/>\).*/, "", p)
            synced[p] = 1
            if (p == dir) dir = ""
        }
        /rename\(/ {
            split($0, q, "\"")
            if (!(q[2] in synced)) { print "renamed unsynced: " q[2]; bad = 1 }
            if (dir != "") { print "next before " dir " was synced"; bad = 1 }
            dir = q[4]; sub(/\/[^\/]*$/, "", dir)
            got = got " " base(q[4])
        }
        END {
            if (dir != "") { print "not synced: " dir; bad = 1 }
            if (got != want) { print "order is" got; bad = 1 }
            exit bad
        }' "$W/log"; then
        passed=$((passed + 1))
    else
        wrong "order of an append"
    fi
}

"$W/driver" create "$W/three" 3 || exit 1
"$W/driver" create "$W/full" 255 || exit 1
order "$W/three" ' 4 4 last-signed checkpoint'
order "$W/full" ' 000 000 1 last-signed checkpoint'
scenario 'append to 3' "$W/three" 3 4 append "$W/d"
scenario 'append to 255' "$W/full" 255 256 append "$W/d"
scenario 'create' none 0 1 create "$W/d" 1
scenario 'create again' "$W/three" 3 3 create "$W/d" 1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 100 ]
