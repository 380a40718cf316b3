#!/bin/bash
# check.sh - every test, the quick ones first; goes on after a failure and says
# at the end what failed.  Called by `make check`.
set -u
cd "$(dirname "$0")/.." || exit 2
export LC_ALL=C.UTF-8
failures=
step() { # name, command...
    local name=$1 start=$SECONDS
    shift
    echo "=== $name"
    if "$@"; then
        echo "=== $name: ok, $((SECONDS - start)) s"
    else
        echo "=== $name: FAILED, $((SECONDS - start)) s"
        failures="$failures $name"
    fi
}
# Nothing further makes sense without a build.
make -j2 build || exit 1
step unit make -j2 unit
step lint make lint
step fault make fault
step replay make replay
step e2e make e2e
step conformance make conformance
step clang make -j2 CC=clang build
step asan make -j2 MODE=asan unit

if [ -n "$failures" ]; then
    echo "check: failed:$failures"
    exit 1
fi
echo "check: all steps passed in $SECONDS s"
