#!/bin/bash
# memory.sh PROGRAM - one check program under valgrind, quiet when clean.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if CK_FORK=no CK_TIMEOUT_MULTIPLIER=100 TG_VALGRIND=1 TG_ROOT=$PWD valgrind -q \
    --leak-check=full --error-exitcode=99 "$1" >"$log" 2>&1; then
    echo "$1: $(grep -E '^[0-9]+%: Checks' "$log")"
else
    status=$?
    cat "$log"
    echo "$1: failed under valgrind ($status)"
    exit 1
fi
