#!/bin/bash
# hostile.sh - damaged input: a message with file and byte offset, exit 7, the
# record in quarantine as it was and counted, the rest exported, no crash, and
# nothing of it in the bundle.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need age age
need zstd zstd
need jq jq

quietly python3 "$here/hostile_cases.py" "$work/cases"

# Exit 7; a word on stderr with the file, and with the offset of the record.
told() { # NAME COMMAND...
    local name=$1 say
    shift
    exits 7 "$name: exit 7" "$@"
    if [ -n "$offset" ]; then
        say="$file:? .*at byte $offset"
    else
        say="$file"
    fi
    if grep -qE -- "$say" "$err"; then
        ok "$name: names file and place"
    else
        not_ok "$name: names file and place ($say)"
    fi
    if grep -aq MARKER "$err"; then
        not_ok "$name: no text of the record is in the message"
    fi
}

# No word of the record in what may be sent or in the words on the way.
absent() { # NAME PATH...
    local name=$1
    shift
    if grep -raq MARKER "$@"; then
        not_ok "$name: nothing of the record is there"
    else
        ok "$name: nothing of the record is there"
    fi
}

quarantined() { # BUNDLE: count of the manifest, of all sources
    jq '[.source[].quarantined] | add' "$1/manifest.json"
}

run_case() {
    local d=$1 name dir b q n
    name=$(basename "$d")
    read -r file offset <"$d/at"
    if [ "$name" = other-format ]; then
        # scan leaves nothing out here: it reads any JSON.
        exits 0 "$name: scan reads it" tg scan "$d/in"
    else
        told "$name: scan" tg scan "$d/in"
    fi
    told "$name: redact" tg redact "$d/in"
    cp "$out" "$d/redacted"
    absent "$name: redacted" "$d/redacted"
    if [ -e "$d/good.jsonl" ] && [ -s "$d/good.jsonl" ]; then
        tg redact - <"$d/good.jsonl" >"$d/want" 2>/dev/null
        check "$name: redact writes exactly the other records" \
            cmp "$d/want" "$d/redacted"
    fi

    site "sites/$name"
    mkdir -p traces
    cp "$d"/in/* traces/
    tail -n 2 "$root/demo/traces/en/otlp-traces.jsonl" >traces/zz-good.jsonl
    job GB traces
    told "$name: run" tg run --date 2026-11-24
    absent "$name: log" "$out" "$err"
    dir=$(run_dir latest)
    b=$(bundle_dir latest)
    q=$dir/quarantine
    if [ ! -d "$b" ]; then
        not_ok "$name: the rest is in a bundle"
        cd "$work" || exit 2
        return
    fi
    stock_open "$b" opened || not_ok "$name: age, zstd and tar open the bundle"
    absent "$name: bundle" opened "$b"
    n=$(quarantined "$b")
    if [ -e "$d/partial.jsonl" ]; then
        check "$name: counted ($n)" test "$n" -ge 1
        partial "$d" "$q"
    else
        same "$name: counted in the manifest" "$n" 1
    fi
    same "$name: the funnel counts it" "$(jq '[.funnel[] |
        select(.stage == "decode").dropped[].n] | add' "$b/manifest.json")" "$n"
    same "$name: the index of the quarantine has it" \
        "$(jq -r .file "$q/index.jsonl" | sort -u | sed 's|.*/||')" "$file"
    if [ -e "$d/bad" ]; then
        same "$name: with its offset" "$(jq .offset "$q/index.jsonl")" "$offset"
        printf '\n' | cat "$d/bad" - >"$d/bad-lf"
        check "$name: in quarantine as it was" cmp "$d/bad-lf" "$q/src-0000.raw"
        same "$name: the good records of the file are exported" \
            "$(cat opened/*/data/otlp-traces/src-0000-*.jsonl 2>/dev/null | wc -l)" \
            "$(wc -l <"$d/good.jsonl")"
    fi
    cd "$work" && rm -rf "sites/$name"
}

# A stream that broke off: whole lines before it are exported, the cut one is
# in quarantine, none is lost without a word.
partial() { # CASE QUARANTINE
    local name lines got cut
    name=$(basename "$1")
    lines=$(wc -l <"$1/partial.jsonl")
    got=$(cat opened/*/data/otlp-traces/src-0000-*.jsonl 2>/dev/null | wc -l)
    if [ "$got" = 0 ] && [ "$(jq .record "$2/index.jsonl")" = 0 ]; then
        # Short: the damage is known before the first record is handed on.
        ok "$name: left out as a whole"
        return
    fi
    if [ "$got" -le "$lines" ] && [ "$got" -gt 0 ]; then
        ok "$name: what came before is exported ($got of $lines)"
    else
        not_ok "$name: what came before is exported ($got of $lines)"
    fi
    if [ -s "$2/src-0000.raw" ]; then
        # The record that was cut is the beginning of the next line.
        cut=$(($(wc -c <"$2/src-0000.raw") - 1))
        head -c "$cut" "$2/src-0000.raw" >cut.raw
        sed -n "$((got + 1))p" "$1/partial.jsonl" | head -c "$cut" >cut.want
        check "$name: the cut record is in quarantine as it was" \
            cmp cut.want cut.raw
    elif [ "$got" = "$lines" ]; then
        ok "$name: no record was cut"
    else
        not_ok "$name: the cut record is in quarantine"
    fi
}

for d in "$work"/cases/*/; do
    run_case "${d%/}"
done

# Nothing at all to examine is no pass.
mkdir empty
exits 7 "an empty folder: scan" tg scan empty
says "an empty folder: scan says so" 'nothing|0 texts examined'
exits 7 "an empty folder: redact" tg redact empty
says "an empty folder: redact says so" 'nothing'
cd "$work" && site nothing
mkdir traces
job GB traces
run tg run --date 2026-11-24
same "an empty folder: run makes no bundle (1 or 7)" \
    "$([ "$status" = 1 ] || [ "$status" = 7 ] && echo no)" no
says "an empty folder: run says so" 'nothing'
check "an empty folder: no bundle" sh -c '! ls -d state/runs/*/bundle 2>/dev/null'
: >traces/empty.jsonl
run tg run --date 2026-11-24
same "only an empty file: run makes no bundle (1 or 7)" \
    "$([ "$status" = 1 ] || [ "$status" = 7 ] && echo no)" no
exits 2 "no such file: scan" tg scan no-such-file
exits 2 "no such file: redact" tg redact no-such-file

# What looks odd but is right comes through as it was.
cd "$work" || exit 2
good=$(sed -n 1p cases/crlf/good.jsonl | tr -d '\r')
printf '%s\r\n%s\r\n' "$good" "$good" >crlf.jsonl
exits 0 "CR LF: scan" tg scan crlf.jsonl
exits 0 "CR LF: redact" tg redact crlf.jsonl
same "CR LF: line ends are kept" "$(grep -c $'\r$' "$out")" 2
printf '%s' "$good" >no-eol.jsonl
exits 0 "no line end at the end: redact" tg redact no-eol.jsonl
printf '\xef\xbb\xbf%s\n' "$good" >bom.jsonl
exits 0 "a byte order mark: redact" tg redact bom.jsonl
printf '%s\n\n  \n%s\n' "$good" "$good" >blank.jsonl
exits 0 "blank lines: redact" tg redact blank.jsonl
same "blank lines: both records" "$(grep -c resourceSpans "$out")" 2
printf '%s\n' "${good/What is 1/A pair \\ud83d\\ude00 of}" >pair.jsonl
exits 0 "a pair of surrogates: redact" tg redact pair.jsonl
same "a pair of surrogates: kept as written" "$(grep -c 'ud83d\\ude00' "$out")" 1
finish
