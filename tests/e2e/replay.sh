#!/bin/bash
# replay.sh - the draw is done again with the script of docs/REPLAY.md, which
# shares no code with the program: the same set, bit for bit.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need python3 python3

awk '/^```python$/ {on = 1; next} /^```$/ {on = 0} on' "$root/docs/REPLAY.md" \
    >replay.py
same "the script has ten lines" "$(wc -l <replay.py)" 10
seed_file seed 2c

# at RATE - the demo's job at that rate, in a site of its own.  A rate that
# leaves nothing of an origin stops there: the French one is tested at 0.5.
at() {
    cd "$work" || exit 2
    site "rate-$1"
    demo_traces
    sed -e "s/^rate: .*/rate: $1/" "$root/demo/job.yaml" >tracegate.yaml
    [ "$1" = 0.5 ] || sed -i '/path: traces\/fr/d' tracegate.yaml
    run tg run --date 2026-11-24 --seed-file "$work/seed" --until bundled
    [ "$status" = 0 ] || [ "$status" = 7 ] ||
        not_ok "a run at rate $1 (exit $status)"
}
ids() { # LANGUAGE [--session]
    find "traces/$1" -type f -exec "$here/replay_ids.py" "${@:2}" {} +
}
replay() { # REGION
    python3 "$work/replay.py" "$(echo state/runs/*-"$1"-01/bundle/*/manifest.json)" \
        "$(echo state/runs/*-"$1"-01/sample.txt)"
}
listed() { # REGION: numbers with a kept record
    awk 'NR > 1 && $3 > 0 {print $1}' state/runs/*-"$1"-01/sample.txt
}
figure() { # REGION KEY
    jq -r ".sampling$2" state/runs/*-"$1"-01/bundle/*/manifest.json
}

for rate in 1 0.5 0.05 0.01; do
    at "$rate"
    ids en | replay UK >"$work/uk-$rate" 2>"$err"
    same "rate $rate: the same set" "$(cat "$work/uk-$rate")" "$(listed UK)"
    same "rate $rate: as many as the manifest says" \
        "$(grep -c . "$work/uk-$rate")" "$(figure UK .identities.drawn)"
    same "rate $rate: of as many" "$(ids en | tr '\0' '\n' | sort -u | wc -l)" \
        "$(figure UK .identities.seen)"
    same "rate $rate: as many records" "$(awk 'NR > 1 {r += $2; k += $3}
        END {print r, k}' state/runs/*-UK-01/sample.txt)" \
        "$(figure UK .seen) $(figure UK .kept)"
    check "rate $rate: within what the rate predicts" \
        jq -e '.sampling.identities | .drawn >= .interval_low and
            .drawn <= .interval_high and .interval_low <= .interval_high' \
        state/runs/*-UK-01/bundle/*/manifest.json
done
cd "$work" || exit 2
check "at 1 more than at 0.5" test "$(wc -l <uk-1)" -gt "$(wc -l <uk-0.5)"
check "at 0.05 something" test -s uk-0.05
inside() {
    same "what $1 keeps is inside what $2 keeps" \
        "$(grep -c . "uk-$1")" "$(grep -cxFf "uk-$1" "uk-$2")"
}
inside 0.01 0.05
inside 0.05 0.5
inside 0.5 1

cd "$work/rate-0.5" || exit 2
same "the other origin draws sessions" "$(figure FR .unit)" session
ids fr --session | replay FR >"$work/fr" 2>"$err"
same "the other origin: the same set" "$(cat "$work/fr")" "$(listed FR)"
same "the list is private" "$(stat -c %a state/runs/*-UK-01/sample.txt)" 600
same "the keys were committed before anything was prepared" \
    "$(tg ledger list --json | jq -r '.result[].type' | tr '\n' ' ')" \
    "genesis key.added key.added sampling.committed pseudonym.key.destroyed sampling.committed "
tg ledger show "$(figure UK .ledger_index)" --json >"$work/entry"
check "the ledger holds the digest of this key" grep -q \
    "$(figure UK .sample_commit)" "$work/entry"
trace=$(ids en | tr '\0' '\n' | head -n 1)
refuses "no id is in the list" grep -q "$trace" state/runs/*/sample.txt

# What does not agree is seen.
# shellcheck disable=SC2317 # called by refuses
without_one() { ids en | tail -z -n +2 | replay UK; }
# shellcheck disable=SC2317
as_it_is() { ids en | replay UK; }
last=$(ids en | tr '\0' '\n' | sort | uniq -u | head -n 1)
# shellcheck disable=SC2317
without_single() { ids en | grep -zv "^$last\$" | replay UK; }
refuses "an identity that is kept back" without_single
chmod 600 state/runs/*-UK-01/sample.txt
cp state/runs/*-UK-01/sample.txt "$work/list"
sed -i '2d' state/runs/*-UK-01/sample.txt
refuses "a list with a line less" as_it_is
says "it is another list" 'another list'
cat "$work/list" >"$(echo state/runs/*-UK-01/sample.txt)"
check "as it was" as_it_is
finish
