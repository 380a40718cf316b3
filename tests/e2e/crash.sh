#!/bin/bash
# crash.sh - a program that dies in the middle of a record leaves nothing of it:
# no core, no text on standard error or in what was written, no file behind.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need strace strace
need python3 python3

# Values that stand nowhere else; rare enough to be searched for anywhere.
planted=(ysaline.rubija@example.org "+44 20 7946 0958" "4111 1111 1111 1111"
    "ghp_000000000000000000000000000000demo22" "Ysaline Rubija")
record() { # N: as many lines
    python3 - "$1" "${planted[@]}" <<'PY'
import json, sys
for i in range(int(sys.argv[1])):
    print(json.dumps({"text": "my name is Ysaline Rubija, " +
                      ", ".join(sys.argv[2:]) + f" line {i}"}))
PY
}
record 4000 >in.jsonl
ulimit -c unlimited 2>/dev/null || ulimit -c "$(ulimit -H -c)"

# absent NAME FILE... - none of the values, raw, in any case.
absent() {
    local name=$1 v
    shift
    for v in "${planted[@]}"; do
        if grep -qaiF -- "$v" "$@" 2>/dev/null; then
            failed=$((failed + 1))
            echo "NOT OK $name: a planted value is there"
            return 1
        fi
    done
    ok "$name: no planted value"
}
for v in "${planted[@]}"; do
    check "the search finds $v in the input" grep -qaiF -- "$v" in.jsonl
done
# Where a program may leave a core, it is found below.
mkdir control
(cd control && sh -c 'kill -ABRT $$') 2>/dev/null
echo "    a program that does not forbid it leaves $(find control -type f |
    wc -l) core files here ($(cat /proc/sys/kernel/core_pattern))"
rm -rf control

# The limits as the program sets them, asked of the kernel.
run strace -f -e trace=prctl,setrlimit,prlimit64,openat -o "$work/calls" \
    "$program" scan in.jsonl
check "no core dump: the limit is 0" grep -qE \
    'RLIMIT_CORE, \{rlim_cur=0, rlim_max=0\}' "$work/calls"
check "not dumpable, and no other process may read it" grep -qE \
    'prctl\(PR_SET_DUMPABLE, (0|SUID_DUMP_DISABLE)' "$work/calls"
before=$(sed '/PR_SET_DUMPABLE/q' "$work/calls" | grep -c 'in\.jsonl')
after=$(sed '1,/PR_SET_DUMPABLE/d' "$work/calls" | grep -c 'in\.jsonl')
same "before that no input was opened" "$before" 0
differs "but behind it" "$after" 0

# die SIGNAL VERB ARG... - killed while it waits for the rest of a record it has
# begun: the input is a pipe that stays open.
die() {
    local signal=$1 pid
    shift
    mkfifo "$work/pipe"
    "$program" "$@" - <"$work/pipe" >"$out" 2>"$err" &
    pid=$!
    exec 9>"$work/pipe"
    cat in.jsonl >&9
    printf '{"text": "%s' "${planted[0]}" >&9
    # All of it is read when the pipe is empty and the reader sleeps in read.
    while [ -d "/proc/$pid" ] && ! grep -q pipe_read "/proc/$pid/wchan" \
        2>/dev/null && ! grep -qE '^State:\s+S' "/proc/$pid/status" 2>/dev/null
    do :; done
    kill "-$signal" "$pid" 2>/dev/null
    exec 9>&-
    { wait "$pid"; } 2>/dev/null
    status=$?
    rm "$work/pipe"
}
for signal in ABRT SEGV FPE BUS; do
    die "$signal" scan --json=lines
    want=$((128 + $(kill -l "$signal")))
    same "scan, $signal in a record: died of it" "$status" "$want"
    absent "scan, $signal: output and errors" "$out" "$err"
    die "$signal" redact
    same "redact, $signal in a record: died of it" "$status" "$want"
    absent "redact, $signal: what was written and said" "$out" "$err"
done
cores=$(find "$work" -name 'core*' | wc -l)
same "no core file" "$cores" 0
# A fault of memory in the middle: the error has no text of the record.
run "$program" redact --region uk in.jsonl
absent "redact: all of it" "$out" "$err"
run bash -c 'ulimit -v 60000; exec "$@"' sh "$program" scan in.jsonl
absent "too little memory: output and errors" "$out" "$err"
run bash -c '"$1" redact in.jsonl >/dev/full' sh "$program"
absent "a full disk: errors" "$out" "$err"
printf '{"text": "%s", "text": "%s"}\n{"%s": \n' "${planted[@]:0:3}" >bad.jsonl
run "$program" redact bad.jsonl
same "records that are not understood" "$status" 7
absent "not understood: output and errors" "$out" "$err"
for how in --json --json=lines; do
    run "$program" scan "$how" bad.jsonl in.jsonl
    absent "scan $how: findings and errors" "$out" "$err"
done
finish
