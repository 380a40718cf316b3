#!/bin/bash
# memory.sh [PROGRAM] [BYTES] - memory does not grow with the input: scan,
# redact and run over OTLP lines stay below 64 MiB, and the larger input takes
# no more than the smaller.  64 MiB, or 1 GiB with TG_BIG=1.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need "${CC:-gcc}" gcc
need jq jq
time=/usr/bin/time
[ -x $time ] || skip "no $time (Debian: time)"

BOUND=$((64 * 1024))  # KiB
GROWTH=$((8 * 1024))  # KiB, from an eighth of the input to all of it
FILLS=$((22 * 1024))  # KiB: a run's sorted sets and its table of the draw fill up
bytes=${2:-$((${TG_BIG:+8} + 0))}
case $bytes in
0) bytes=$((64 << 20)) ;;
8) bytes=$((1 << 30)) ;;
esac
quietly "${CC:-gcc}" -O2 -o "$work/.gen" "$here/otlp_gen.c"
gen() { "$work/.gen" "$1"; }

# peak COMMAND... - $status, $kib
peak() {
    run $time -f %M -o peak.txt "$@"
    kib=$(tail -n 1 peak.txt)
}

# bounded NAME STATUS
bounded() {
    same "$1: exit $2" "$status" "$2"
    check "$1: $kib KiB, at most $BOUND" test "$kib" -le $BOUND -a "$kib" -gt 1000
}

grows() { # NAME SMALL LARGE [MORE]
    check "$1: $2 KiB, then $3 KiB" test "$3" -le $(($2 + GROWTH + ${4:-0}))
}

# Through a pipe: nothing can be read twice.
declare -A small
for part in $((bytes / 8)) "$bytes"; do
    for verb in scan redact; do
        want=$([ $verb = scan ] && echo 1 || echo 0)
        mkfifo pipe
        gen "$part" >pipe &
        run sh -c "exec $time -f %M -o peak.txt '$program' $verb - <pipe >answer"
        wait $!
        kib=$(tail -n 1 peak.txt)
        rm pipe
        bounded "$verb of $((part >> 20)) MiB through a pipe" "$want"
        if [ "$part" != "$bytes" ]; then
            small[$verb]=$kib
        else
            grows "$verb" "${small[$verb]}" "$kib"
        fi
    done
    # The last answer is redact's: the e-mail addresses are labels there.
    check "redact of $((part >> 20)) MiB: it did its work" sh -c \
        "! head -c 4000000 answer | grep -q 'anna.b@' &&
            test \$(head -c 4000000 answer | grep -c '\[EMAIL\]') -gt 100"
    rm answer
done

site big
mkdir traces
job GB traces
for part in $((bytes / 8)) "$bytes"; do
    gen "$part" >traces/a.jsonl
    lines=$(wc -l <traces/a.jsonl)
    peak "$program" run --date 2026-11-24 --new
    bounded "run over $((part >> 20)) MiB" 4
    same "run over $((part >> 20)) MiB: as many records read" \
        "$(jq '.source[0].records' "$(bundle_dir latest)/manifest.json")" "$lines"
    if [ "$part" != "$bytes" ]; then
        small[run]=$kib
    else
        grows run "${small[run]}" "$kib" $FILLS
    fi
done
rm traces/a.jsonl

# One record of many megabytes costs what a record may cost, and no more.
mkdir "$work/one" && cd "$work/one" || exit 2
{
    printf '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"'
    head -c $((bytes / 2)) /dev/zero | tr '\0' x
    printf '"}]}]}]}\n'
} >one.jsonl
for verb in scan redact; do
    peak "$program" $verb one.jsonl
    bounded "$verb of one record of $((bytes >> 21)) MiB" 7
done
gzip -1 one.jsonl
peak "$program" scan one.jsonl.gz
bounded "scan of the same, compressed" 7
finish
