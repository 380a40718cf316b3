#!/bin/bash
# determinism.sh - the same input, policy and seed give the same plaintext
# bytes, whatever the locale, time zone, folder, order, umask, clock or number
# of the run; another seed, day or input gives others.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need "${CC:-gcc}" gcc

seed_file "$work/seed" 2a
seed_file "$work/half" 3c
seed_file "$work/other-seed" 2b

# Each variation has a site of its own, with the same keys.
begin() {
    cd "$work" || exit 2
    site "$1"
    demo_traces
    cp "$root/demo/job.yaml" tracegate.yaml
}
digests() {
    local d
    for d in state/runs/*/bundle/*/manifest.json; do
        jq -r '.origin + " " + (.payload.volumes[] | .tar.sha256)' "$d"
    done | sort
}
go() { # [COMMAND...]: runs in this site, prints the digests
    run "$@" "$program" run --date 2026-11-24 --seed-file "$work/seed" --pseudonym-file "$work/half"
    [ "$status" = 7 ] || echo "exit $status: $(tail -n 1 "$err")"
    digests
}

begin plain
want=$(go env LANG=C LC_ALL=C)
same "two payloads" "$(echo "$want" | wc -l)" 2
check "both have a digest" sh -c "echo '$want' | grep -cE '^(FR|GB) [0-9a-f]{64}\$' | grep -qx 2"

# A French locale, made here when the system has none.
french=
if locale -a 2>/dev/null | grep -qix 'fr_FR.utf-\?8'; then
    french=fr_FR.UTF-8
elif command -v localedef >/dev/null && mkdir -p "$work/locale" &&
    localedef -i fr_FR -f UTF-8 "$work/locale/fr_FR.UTF-8" 2>/dev/null; then
    french=fr_FR.UTF-8
    export LOCPATH=$work/locale
fi
begin french
if [ -n "$french" ] && [ "$(LC_ALL=$french locale decimal_point)" = , ]; then
    same "LC_ALL=fr_FR.UTF-8" \
        "$(go env LANG=$french LC_ALL=$french LANGUAGE=fr)" "$want"
else
    echo "    skipped: no French locale (Debian: locales)"
fi
unset LOCPATH

begin time-zone
same "TZ=Pacific/Auckland" "$(go env TZ=Pacific/Auckland)" "$want"

begin "an other/folder, of another depth"
same "another folder" "$(go)" "$want"
cd "$work" || exit 2
begin from-elsewhere
cd / || exit 2
run tg run -c "$work/from-elsewhere/tracegate.yaml" --date 2026-11-24 \
    --seed-file "$work/seed" --pseudonym-file "$work/half"
cd "$work/from-elsewhere" || exit 2
same "run from another folder with -c" "$(digests)" "$want"

begin sources-reversed
awk '/path: traces\/en/ {keep = $0; next} /path: traces\/fr/ {print; print keep; next}
    {print}' "$root/demo/job.yaml" >tracegate.yaml
check "the order of the sources is another" sh -c "! cmp -s tracegate.yaml '$root/demo/job.yaml'"
same "sources listed in another order" "$(go)" "$want"

begin sources-split
sed 's|  - {path: traces/en,\(.*\)|  - {path: traces/en/otlp-traces.jsonl,\1\
  - {path: traces/en/graphs,\1\
  - {path: traces/en/otlp-logs.jsonl,\1|' "$root/demo/job.yaml" >tracegate.yaml
same "files given one by one, in another order" "$(go)" "$want"

begin files-created
rm -r traces
mkdir -p traces/fr/graphs traces/en/graphs
(cd "$root/demo/traces" && find . -type f | LC_ALL=C sort -r) | while read -r f; do
    cp "$root/demo/traces/$f" "traces/$f"
    touch -d "2001-02-03 04:05:0$((RANDOM % 10))" "traces/$f"
done
same "files created in another order, with other times" "$(go)" "$want"

begin modes
chmod -R go-rwx traces
chmod 400 traces/*/*.jsonl
cp "$root/demo/job.yaml" tracegate.yaml
same "umask 000, files of other modes" "$(umask 000 && go)" "$want"
same "umask 000: nothing of the run is open to others" \
    "$(find state/runs state/ledger-state keys -perm /077 | wc -l)" 0

begin environment
same "an empty environment" \
    "$(go env -i TRACEGATE_DATA_DIR="$TRACEGATE_DATA_DIR")" "$want"

begin one-processor
same "on one processor" "$(go taskset -c 0)" "$want"

begin other-clock
same "the wall clock a month ahead" "$(go later $((30 * 86400)))" "$want"

# The same site and keys, once more; FR destroyed its pseudonym key at the seal.
cd "$work/plain" || exit 2
exits 10 "a key that was destroyed is not made again, not even by hand" \
    tg run --date 2026-11-24 --new --seed-file "$work/seed" \
    --pseudonym-file "$work/half"
says "it says so" 'this key was destroyed'
rm -r state/runs/*-02 state/pseudonyms
run tg run --date 2026-11-24 --seed-file "$work/seed" --pseudonym-file "$work/half" --new
mkdir "$work/first"
mv state/runs/*-01 "$work/first"
same "a second run with --new" "$(digests)" "$want"
check "it is a run of its own" sh -c "ls -d state/runs/*-02"

begin again
run tg run --date 2026-11-24 --seed-file "$work/seed" --pseudonym-file "$work/half" --until rechecked
exits 7 "stopped at rechecked, taken up without the seed file" \
    tg run --date 2026-11-24
same "the run that was taken up" "$(digests)" "$want"

begin compressed
gzip traces/en/otlp-traces.jsonl
zstd -q --rm traces/fr/otlp-logs.jsonl
run tg run --date 2026-11-24 --seed-file "$work/seed" --pseudonym-file "$work/half"
same "compressed inputs: as many records" \
    "$(jq -s '[.[].records.count] | add' state/runs/*/bundle/*/manifest.json)" \
    "$(jq -s '[.[].records.count] | add' "$work"/first/*/bundle/*/manifest.json)"

# What must make a difference.
begin with-other-seed
run tg run --date 2026-11-24 --seed-file "$work/other-seed" --pseudonym-file "$work/half"
differs "another seed" "$(digests)" "$want"
begin no-seed
run tg run --date 2026-11-24
differs "a drawn seed" "$(digests)" "$want"
run tg run --date 2026-11-24 --new
same "two drawn seeds are two" \
    "$(jq -r .sampling.seed_commit state/runs/*UK*/bundle/*/manifest.json | sort -u | wc -l)" 2
begin other-input
sed -i '1s/a/e/' traces/en/otlp-traces.jsonl
run tg run --date 2026-11-24 --seed-file "$work/seed" --pseudonym-file "$work/half"
differs "another input" "$(digests | grep GB)" "$(echo "$want" | grep GB)"
exits 10 "a seed file that others may read" sh -c "chmod 644 '$work/other-seed'
    '$program' run --new --seed-file '$work/other-seed'"
head -c 31 "$work/seed" >"$work/short-seed"
chmod 600 "$work/short-seed"
exits 10 "a seed of 31 bytes" tg run --new --seed-file "$work/short-seed"
finish
