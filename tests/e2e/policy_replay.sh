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
}
replays a b
replays b a
replays a c
replays b c
replays c a
same "b to c: what was dropped for an e-mail address leaves" \
    "$(jq -r '[.result.replay.moved[] | select(.was == "RED-DROP-RECORD" and .is == "")
        | .n > 0][0]' "$work/b-c.json")" true
same "c to a: where others may fill a cap nothing is foretold" \
    "$(jq -r '.result.replay.unknown | map(.why) | sort | join(" ")' "$work/c-a.json")" \
    "caps undrawn"

# In words; by what ends it.
name() { basename "$(realpath "$work/$1.run")"; }
# shellcheck disable=SC2317 # called by exits
diff_of() { # OLD NEW OPTION...: of OLD's run
    local old=$1 new=$2
    shift 2
    tg policy diff --region uk --replay "$(name "$old")" "$@" "$work/$old" "$work/$new"
}
exits 0 "--fail-on looser: all that moves is dropped" diff_of a b --fail-on looser
says "how many" '247 records: 200 decided as before, 47 otherwise, 0 cannot be told'
says "from what to what, in words" 'moved +[0-9]+  leaves -> RED-DROP-RECORD  Held a kind of data'
says "what becomes of findings" 'findings +EMAIL: label -> drop_record, in 30 places'
says "and which records" 'record +.*a\.jsonl:1, unit [123]: leaves -> '
exits 1 "--fail-on looser: what would leave counts" diff_of b a --fail-on looser
exits 1 "en français" diff_of b c --lang fr
says "les fiches" '247 enregistrements.*: [0-9]+ décidés comme avant'
says "un score trop bas" 'PHONE.*: label -> rien, à [0-9]+ endroits'
says "ce qui n'est pas dit" 'indécis +[0-9]+  non échantillonné'
exits 0 "a policy and itself" diff_of a a
says "nothing moves" '247 decided as before, 0 otherwise, 0 cannot be told'
run tg policy diff --region uk --replay "$(name a)" "$work/b" "$work/b"
says "a run that the first one did not decide is told of" 'was decided by another policy'

# What stops the run.
sed 's/canary_min_per_type: 0/canary_min_per_type: 20/' -i "$work/b/policies/base.yaml"
sed -i 's/allow: \[incident_debug, safety_research,/allow: [incident_debug,/' \
    "$work"/b/policies/base.yaml "$work"/b/regions/uk/policy.yaml
run diff_of a b --json
same "a purpose that is not allowed stops it" \
    "$(jq -r '.result.replay.stops.is | map(.code) | join(" ")' "$out")" PUR-NOT-ALLOWED
same "what would be planted was not" \
    "$(jq -r '.result.replay.stops.unknown | join(" ")' "$out")" canaries
echo '# another job' >>tracegate.yaml
run diff_of a b --json
same "of another job nothing is said" \
    "$(jq -r '.result.replay.stops.unknown | join(" ")' "$out")" "job canaries"

# What cannot be replayed.
exits 2 "no such run" tg policy diff --region uk --replay EXP-1 "$work/a" "$work/b"
exits 2 "another language" diff_of a b --lang de
cp -a "$work/a.run/private" kept
sed -i 's/"bytes":[0-9]/"bytes":9/' "$work/a.run/private/facts.jsonl"
exits 5 "a log that was changed" diff_of a b
rm "$work/a.run/private/facts.jsonl"
exits 1 "a log that is gone" diff_of a b
says "so it says" 'has no log of its records'
rm -r "$work/a.run/private" && cp -a kept "$work/a.run/private"
echo >>"$work/b/regions/uk/identifiers.yaml"
run diff_of a b --json
same "other rules: nothing that was looked at is told" \
    "$(jq -r '[.result.replay.unknown[] | select(.why == "rules") | .n > 150][0]' "$out")" true
check "never what was found" sh -c "! cat '$work'/*.json '$out' '$err' |
    grep -qE '@example|AKIA|7946|u-many'"
finish
