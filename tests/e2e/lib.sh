# shellcheck shell=bash
# lib.sh - what every end-to-end test shares; sourced.
#
#   some_test.sh [PROGRAM]      default build/release/tracegate
#   TG_TMP=DIR                  scratch (default build/e2e); TG_KEEP=1 keeps it
#
# A check is one line, "ok NAME" or "NOT OK NAME" with what was seen below it.
# finish prints "N passed, N failed" and exits 1 on a failure or when nothing
# was checked.  A test that cannot run here calls skip, which exits 77.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
topic=$(basename "$0" .sh)
cd "$root" || exit 2
program=$(realpath "${1:-build/${MODE:-release}/tracegate}") || exit 2
[ -x "$program" ] || {
    echo "$program: no such program (make build)"
    exit 2
}
# shellcheck disable=SC2034 # for the tests
samples=$root/../shared/samples
TRACEGATE_DATA_DIR=${TRACEGATE_DATA_DIR:-$root}
export TRACEGATE_DATA_DIR LC_ALL=C.UTF-8 TZ=UTC PYTHONDONTWRITEBYTECODE=1
unset HOME http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset "${!AWS_@}"
umask 022
mkdir -p "${TG_TMP:-build/e2e}"
work=$(realpath "${TG_TMP:-build/e2e}")/$topic
chmod -R u+rwX "$work" 2>/dev/null
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 2
out=$work/.out err=$work/.err # of the last program that was run
: >"$out"
: >"$err"
passed=0 failed=0 status=0

tg() { "$program" "$@"; }

skip() {
    echo "$topic: skipped: $1"
    exit 77
}

need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null || skip "no $1 (Debian: $2)"
}

ok() {
    passed=$((passed + 1))
    echo "ok $1"
}

# not_ok NAME - with the last program's output, a few lines of it.
not_ok() {
    failed=$((failed + 1))
    echo "NOT OK $1"
    head -n 12 "$out" | cut -c1-300 | sed 's/^/    > /'
    head -n 12 "$err" | cut -c1-300 | sed 's/^/    ! /'
}

# run COMMAND... - $status, $out, $err.
run() {
    # The shell's own word on a killed program is not the program's.
    { "$@" >"$out" 2>"$err" </dev/null; } 2>/dev/null
    status=$?
}

# exits STATUS NAME COMMAND...
exits() {
    local want=$1 name=$2
    shift 2
    run "$@"
    if [ "$status" = "$want" ]; then
        ok "$name"
    else
        not_ok "$name (exit $status, $want expected)"
        return 1
    fi
}

# check NAME COMMAND... - the command succeeds.
check() {
    local name=$1
    shift
    run "$@"
    if [ "$status" = 0 ]; then
        ok "$name"
    else
        not_ok "$name (exit $status)"
        return 1
    fi
}

# refuses NAME COMMAND... - the command fails, but does not crash.
refuses() {
    local name=$1
    shift
    run "$@"
    if [ "$status" != 0 ] && [ "$status" -lt 70 ]; then
        ok "$name"
    else
        not_ok "$name (exit $status)"
        return 1
    fi
}

# says NAME PATTERN - the last program's output has a match of the ERE.
says() {
    if cat "$out" "$err" | grep -qE -- "$2"; then
        ok "$1"
    else
        not_ok "$1 (nothing matches: $2)"
        return 1
    fi
}

# same NAME GOT WANT
same() {
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        failed=$((failed + 1))
        echo "NOT OK $1"
        printf '    got  %.300s\n    want %.300s\n' "$2" "$3"
        return 1
    fi
}

# differs NAME A B
differs() {
    if [ -n "$2" ] && [ -n "$3" ] && [ "$2" != "$3" ]; then
        ok "$1"
    else
        failed=$((failed + 1))
        echo "NOT OK $1"
        printf '    twice %.300s\n' "$2"
        return 1
    fi
}

# quietly COMMAND... - set-up that must work, else the test cannot go on.
quietly() {
    run "$@"
    [ "$status" = 0 ] && return
    echo "set-up failed (exit $status): $*"
    head -n 20 "$out" "$err"
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
}

finish() {
    echo "$passed passed, $failed failed"
    if [ "$failed" = 0 ] && [ -z "${TG_KEEP:-}" ]; then
        cd / && chmod -R u+rwX "$work" && rm -rf "$work"
    fi
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit
}

# later SECONDS COMMAND... - the command with the wall clock set forward.
later() {
    local seconds=$1
    shift
    [ -e "$work/.clock.so" ] ||
        "${CC:-gcc}" -shared -fPIC -O1 -D_GNU_SOURCE -o "$work/.clock.so" \
            "$here/clock_shift.c" || return 70
    LD_PRELOAD=$work/.clock.so CLOCK_SHIFT=$seconds "$@"
}

# sent_nothing NAME - the target has no file.
sent_nothing() {
    same "$1: nothing was sent" \
        "$(find sent -type f 2>/dev/null | wc -l)" 0
}

# ledger_types - of all entries, in order, one line.
ledger_types() {
    tg ledger list --json | jq -r '.result[].type' | tr '\n' ' '
}

seed_file() { # FILE BYTE: 32 times that byte, private
    # shellcheck disable=SC2059
    printf "$(printf "\\\\x$2%.0s" {1..32})" >"$1"
    chmod 600 "$1"
}

# keys_once - the keys of the persons and of the recipient, made once a test
# and copied to each site: $work/.keys
keys_once() {
    local k=$work/.keys person
    [ -d "$k" ] && return
    mkdir -p "$k/site"
    cd "$k/site" || exit 2
    cp "$root/demo/job.yaml" tracegate.yaml
    quietly tg init . --no-passphrase --preparer "N. Ashby" \
        --origin demo.example.org/ledger
    quietly tg key new recipient --role recipient --dir recipients
    sed "s|@RECIPIENT_KEY@|$(cat recipients/recipient.pub)|" \
        "$root/demo/recipients/northgate.yaml" >recipients/northgate.yaml
    for person in dpo legal; do
        quietly tg key new "$person" --role approver --dir people \
            --no-passphrase
    done
    quietly tg key trust people/dpo.pub --as "C. Besson" --role dpo \
        --confirmed-by telephone
    quietly tg key trust people/legal.pub --as "M. Hartley" --role legal \
        --confirmed-by "in person"
    cd "$work" || exit 2
}

# site DIR - a folder as demo/run.sh makes it, without traces; enters it.
site() {
    keys_once
    mkdir -p "$1"
    cp -a "$work/.keys/site/." "$1"
    cd "$1" || exit 2
}

# job ORIGIN PATH... - the sources of tracegate.yaml are these.
job() {
    local origin=$1 path text=
    shift
    for path in "$@"; do
        text="$text  - {path: $path, origin: $origin, text_origin: synthetic}\n"
    done
    # shellcheck disable=SC2059
    awk -v text="$text" '/^sources:/ {print; printf text; skip = 1; next}
        /^[^ ]/ {skip = 0} !skip' "$root/demo/job.yaml" >tracegate.yaml
}

# small_traces DIR - three records of the demo that pass.
small_traces() {
    mkdir -p "$1"
    head -n 3 "$root/demo/traces/en/otlp-traces.jsonl" >"$1/a.jsonl"
}

# demo_traces - those of the demo, into the site.
demo_traces() { cp -r "$root/demo/traces" .; }

# stock_open BUNDLE DIR - by age, zstd and tar, without our program.
stock_open() {
    local v
    for v in "$1"/*.tar.zst.age; do
        mkdir -p "$2/$(basename "$v" .tar.zst.age)"
        age -d -i recipients/recipient.key "$v" | zstd -dq |
            tar -x -C "$2/$(basename "$v" .tar.zst.age)" || return 1
    done
}

run_job() { # [OPTION...]: tracegate run, waits for people (4) or 7
    run tg run --date 2026-11-24 "$@"
    [ "$status" = 4 ] || [ "$status" = 7 ]
}

# approve_all [RUN] - both roles decide on it.
approve_all() {
    local r=${1:-latest} digest role
    digest=$(run_digest "$r")
    for role in dpo legal; do
        quietly tg approve "$r" --role "$role" --key "people/$role.key" \
            --digest "$digest" --answer-all "Noted, the data is invented."
    done
}

run_dir() { # RUN: its folder
    local d
    if [ "$1" = latest ]; then
        for d in state/runs/*/; do :; done
        echo "${d%/}"
    else
        echo "state/runs/$1"
    fi
}

bundle_dir() { # RUN: the folder of its bundle
    local d
    for d in "$(run_dir "$1")"/bundle/*/; do
        echo "${d%/}"
    done
}

run_digest() { # RUN: SHA-256 of its manifest
    local d
    d=$(sha256sum "$(bundle_dir "$1")/manifest.json")
    echo "${d%% *}"
}

tar_digests() { # RUN: of its payload
    jq -r '.payload.volumes[].tar.sha256' "$(bundle_dir "$1")/manifest.json"
}
