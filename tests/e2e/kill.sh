#!/bin/bash
# kill.sh - kill -9 at a system call of run or upload, again and again: the
# same command afterwards finishes with the same payload, the ledger is whole,
# and no byte is at the target before the intent is durable.
# TG_BIG=1 kills at every call that writes, else at one of some.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need strace strace
need jq jq
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"

CALLS='fsync write rename renameat2 openat mkdir unlinkat link'
step=${TG_BIG:+1}
step=${step:-4}

seed_file "$work/seed" 2a
seed_file "$work/half" 3c
site prepared
small_traces traces
sed -n 35p "$root/demo/traces/en/otlp-traces.jsonl" >>traces/a.jsonl # malformed
job GB traces
vkey=$(cat state/ledger/log.vkey)
go() { tg run --date 2026-11-24 --seed-file "$work/seed" --pseudonym-file "$work/half"; }

# points LOG: "CALL N" for each call that changes something on the disk.
points() {
    awk -v calls="$CALLS" 'BEGIN { n = split(calls, c); for (i = 1; i <= n; i++) want[c[i]] = 1 }
    {
        call = $2
        sub(/\(.*/, "", call)
        if (!(call in want)) next
        k[call]++
        if (call == "openat" && !/O_CREAT/) next
        if (call == "mkdir" && !/= 0$/) next
        print call, k[call]
    }' "$1"
}

restore() { # FROM
    cd "$work" && rm -rf site && cp -a "$1" site && cd site || exit 2
}

# struck CALL N VERB...: the program with a kill there; 1: it was not reached.
struck() {
    local call=$1 n=$2
    shift 2
    run strace -f -o "$work/hit" -e trace="$call" \
        -e inject="$call:signal=KILL:when=$n" "$program" "$@"
    grep -q 'killed by SIGKILL' "$work/hit"
}

# wrong NAME WHAT - one line a defect; the moment counts as failed.
bad=
wrong() { bad="$bad; $1"; }
judge() {
    if [ -z "$bad" ]; then
        ok "$1"
    else
        not_ok "$1: ${bad#; }"
    fi
}

# An undisturbed run and upload: what must come out, and where to strike.
restore prepared
strace -f -y -o "$work/run.log" "$program" run --date 2026-11-24 \
    --seed-file "$work/seed" --pseudonym-file "$work/half" >"$out" 2>"$err"
same "an undisturbed run" $? 7
digest=$(tar_digests latest)
raw=$(sha256sum <state/runs/*/quarantine/src-0000.raw)
points "$work/run.log" >"$work/run.points"
approve_all
cp -a . "$work/approved"
strace -f -y -s 100 -o "$work/upload.log" "$program" upload latest >"$out" 2>"$err"
same "an undisturbed upload" $? 0
points "$work/upload.log" >"$work/upload.points"
echo "    moments: run $(wc -l <"$work/run.points")," \
    "upload $(wc -l <"$work/upload.points"); one of $step is struck"

# From the log: the target is not touched before the checkpoint that has the
# intent has its name and its folder is synced.
first_touch() {
    awk '(/[( ]"sent/ || /"[^"]*\/sent\//) &&
        (/O_CREAT/ || /mkdir/ || /rename/ || /O_WRONLY/ || /O_RDWR/ || /link/) {
        print NR; exit }' "$1"
}
check "the run does not touch the target" \
    sh -c "! grep -E '\"(\\./)?sent(/|\")|/sent[/>]' '$work/run.log'"
touch=$(first_touch "$work/upload.log")
renamed=$(awk '/rename/ && /"\.\/state\/ledger\/checkpoint"\)/ {print NR; exit}' \
    "$work/upload.log")
synced=$(awk -v from="${renamed:-0}" 'NR > from && from > 0 &&
    /fsync\([0-9]+<[^>]*state\/ledger>\)/ {print NR; exit}' "$work/upload.log")
check "in the log: checkpoint renamed, folder synced, then the first touch" \
    test "${renamed:-0}" -gt 0 -a "${synced:-0}" -gt "${renamed:-0}" \
    -a "${touch:-0}" -gt "${synced:-0}"
# The checkpoint that was renamed there is the one that has the intent: the
# program is killed at its first touch, and the ledger is asked.
n=$(awk -v at="${touch:-0}" '/ mkdir\(/ {n++} NR == at {print n; exit}' "$work/upload.log")
restore approved
if struck mkdir "${n:-1}" upload latest; then
    ok "killed at the first touch of the target"
    sent_nothing "killed at the first touch"
    check "then the ledger is whole" tg verify --vkey "$vkey" state/ledger
    same "and has the intent" "$(ledger_types | grep -o export.intent)" export.intent
else
    not_ok "killed at the first touch of the target"
fi

hits=0
strike_run() { # CALL N
    bad=
    restore prepared
    struck "$1" "$2" run --date 2026-11-24 --seed-file "$work/seed" --pseudonym-file "$work/half" || return
    hits=$((hits + 1))
    [ -z "$(find sent 2>/dev/null)" ] || wrong "the target was touched"
    tg verify --vkey "$vkey" state/ledger >/dev/null 2>&1 ||
        wrong "the ledger is not whole after the kill"
    run go
    [ "$status" = 7 ] || wrong "the same command again: exit $status"
    [ "$(tar_digests latest 2>/dev/null)" = "$digest" ] || wrong "another payload"
    [ "$(sha256sum <"$(run_dir latest)/quarantine/src-0000.raw")" = "$raw" ] ||
        wrong "the quarantine is another"
    [ "$(jq '.source[0].quarantined' "$(bundle_dir latest)/manifest.json")" = 1 ] ||
        wrong "the count in quarantine is another"
    [ "$(find "$(run_dir latest)/bundle" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] ||
        wrong "more than one bundle"
    tg verify --trust trust.yaml "$(bundle_dir latest)" >"$out" 2>&1
    grep -q '^FAILED' "$out" && wrong "the bundle does not verify"
    tg verify --vkey "$vkey" state/ledger >/dev/null 2>&1 ||
        wrong "the ledger is not whole"
    [ -z "$(find sent 2>/dev/null)" ] || wrong "something was sent"
    judge "run killed at $1 $2"
}

strike_upload() { # CALL N
    bad=
    restore approved
    struck "$1" "$2" upload latest || return
    hits=$((hits + 1))
    tg verify --vkey "$vkey" state/ledger >/dev/null 2>&1 ||
        wrong "the ledger is not whole after the kill"
    if [ -n "$(find sent -type f 2>/dev/null)" ] &&
        ! ledger_types | grep -q export.intent; then
        wrong "sent without an intent in the ledger"
    fi
    run tg upload latest
    [ "$status" = 0 ] || wrong "the same command again: exit $status"
    tg verify --trust trust.yaml sent/* >"$out" 2>&1 ||
        wrong "what was sent does not verify"
    diff -r sent/* "$(bundle_dir latest)" >>"$out" 2>&1 || wrong "it is not the bundle"
    [ "$(jq -r '.payload.volumes[].tar.sha256' sent/*/manifest.json)" = "$digest" ] ||
        wrong "another payload"
    [ "$(ledger_types | grep -o export.intent | wc -l)" = 1 ] ||
        wrong "$(ledger_types | grep -o export.intent | wc -l) intents"
    [ "$(ledger_types | grep -o export.done | wc -l)" = 1 ] ||
        wrong "$(ledger_types | grep -o export.done | wc -l) times done"
    tg verify --vkey "$vkey" state/ledger >/dev/null 2>&1 ||
        wrong "the ledger is not whole"
    judge "upload killed at $1 $2"
}

for what in run upload; do
    hits=0
    awk -v step="$step" 'NR % step == 1 || step == 1' "$work/$what.points" \
        >"$work/$what.struck"
    while read -r call n; do
        "strike_$what" "$call" "$n"
    done <"$work/$what.struck"
    check "$what: most moments were reached ($hits of $(wc -l <"$work/$what.struck"))" \
        test $((hits * 10)) -ge $(($(wc -l <"$work/$what.struck") * 9)) -a "$hits" -gt 10
done
finish
