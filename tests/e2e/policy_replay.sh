#!/bin/bash
# policy_replay.sh - what another policy would have decided of a run that was
# made, held against a run that is made under it with the same seed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need python3 python3

# world NAME SED...: policies of their own, so that they may be looser, too
world() {
    local name=$1
    shift
    mkdir "$work/$name"
    cp -R "$root/policies" "$root/regions" "$work/$name/"
    ln -s "$root/redactors" "$work/$name/redactors"
    sed -i "$@" "$work/$name/policies/base.yaml" "$work/$name/regions/uk/policy.yaml"
}

/usr/bin/python3 "$here/policy_replay_gen.py" "$work/traces" || exit 2
mkdir "$work/seeds"
seed_file "$work/seeds/seed" 07
site "$work/site"
cp -r "$work/traces" .
job GB traces
sed -i '/^rate:/d' tracegate.yaml

# made NAME: a run under its world; $work/NAME.run is its folder
made() {
    run env TRACEGATE_DATA_DIR="$work/$1" "$program" run --date 2026-11-24 \
        --new --seed-file "$work/seeds/seed"
    case $status in 4 | 7) ok "$1: a run under it" ;; *) not_ok "$1: a run under it" ;; esac
    ln -s "$(realpath "$(run_dir latest)")" "$work/$1.run"
}

k='s/k_min: 5/k_min: 6/; s/k_applies_to: real /k_applies_to: all /'
# What is planted is judged before a record is read, and not here.
rate='s/canary_min_per_type: [0-9]*/canary_min_per_type: 0/
    s/rate_default: 0.01/rate_default: RATE/; /rate_max: 0.05/s/0.05/1/
    /per_purpose:/s/0.05/1/g'
world a -e "$k" -e "${rate/RATE/0.9}" \
    -e 's/max_records_per_subject: 50/max_records_per_subject: 6/' \
    -e 's/max_tokens_per_trace: 1000/max_tokens_per_trace: 400/' \
    -e 's/on_exceed: truncate_window/on_exceed: drop_record/'
# Tighter in everything that a record can meet but the rate.
world b -e "${k/6/8}" -e "${rate/RATE/0.9}" \
    -e 's/max_records_per_subject: 50/max_records_per_subject: 4/' \
    -e 's/max_tokens_per_trace: 1000/max_tokens_per_trace: 120/' \
    -e 's/on_exceed: truncate_window/on_exceed: drop_record/' \
    -e 's/max_days: 30}/max_days: 15}/' \
    -e 's/EMAIL:  .*action: label,/EMAIL: {action: drop_record,/'
# Another sample, cut instead of dropped, phone numbers only when sure, and the
# groups of invented people do not matter.
world c -e "${rate/RATE/0.6}" \
    -e 's/max_tokens_per_trace: 1000/max_tokens_per_trace: 300/' \
    -e '/PHONE: /s/min_score: [0-9.]*/min_score: 0.95/'
for w in a b c; do made "$w"; done

# replays OLD NEW WHAT: what is foretold of OLD's run is what NEW's was
replays() {
    local id
    id=$(basename "$(realpath "$work/$1.run")")
    exits 1 "$1 to $2: it differs" tg policy diff --json --region uk \
        --replay "$id" "$work/$1" "$work/$2"
    cp "$out" "$work/$1-$2.json"
    check "$1 to $2: foretold as made" "$here/policy_replay_check.py" \
        "$work/$1.run" "$work/$2.run" "$work/$1-$2.json"
    cat "$out"
}
replays a b
replays b a
replays a c
replays b c
replays c a
finish
