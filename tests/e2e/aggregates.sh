#!/bin/bash
# aggregates.sh - form: aggregate_only: no number of a trace leaves, only sums
# over at least k subjects, and the same sums as a few lines of Python make.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need python3 python3

# policy LINE...: what the project asks of aggregates.
policy() {
    printf '%s\n' 'schema: tracegate.policy/1' 'id: sums' 'version: 1.0.0' \
        'layer: project' 'extends: [base]' \
        'effective_from: 2026-11-24' 'review_by: 2027-06-01' \
        'activations:' '  form: aggregate_only' "$@" >sums.yaml
    grep -q '^policy:' tracegate.yaml || echo 'policy: sums.yaml' >>tracegate.yaml
}
manifest() { jq -r "$1" "$(bundle_dir latest)/manifest.json"; }
member() { find state/runs/*/spool -type f -exec grep -l tracegate.dev/aggregates {} + | sort; }

site sums
mkdir traces
# Feature 7: 12 traces, one with an address behind the second token; feature 8:
# 10, one short of none; feature 9: 9, one short of ten.
python3 - traces/rows.jsonl want.json <<'PY'
import json, sys
rows, want = [], {}
def mean(v):
    units = [int(abs(x) * 1024 + 0.5) * (1 if x > 0 else -1) for x in v if x]
    s, n = sum(units), len(units)
    return (abs(s) + n // 2) // n * (1 if s >= 0 else -1)
for feature, people in ((7, 12), (8, 10), (9, 9)):
    total = 0
    for i in range(people):
        tokens, values = ["<bos>", " fine", " day"], [0, 1.5 + i, 0.25 * feature]
        if (feature, i) == (7, 3):
            tokens, values = tokens + [" mail", " a.b", "@example.org"], values + [0, 9, 9]
        rows.append({"id": "r%d-%d" % (feature, i), "modelId": "gemma", "layer": "17-res",
                     "index": str(feature), "tokens": tokens, "values": values})
        total += mean([1.5 + i, 0.25 * feature])
    if people >= 10:
        want[feature] = [people, total]
with open(sys.argv[1], "w") as f:
    f.writelines(json.dumps(r) + "\n" for r in rows)
json.dump([[k, *v] for k, v in sorted(want.items())], open(sys.argv[2], "w"))
PY
job GB traces
policy
seed_file seed 07
check "a run of feature rows" run_job --seed-file seed
same "all of them went, with the reason" \
    "$(manifest '.funnel[]|select(.stage=="anonymise").dropped|map("\(.code) \(.n)")|join(",")')" "ANO-AGGREGATE 31"
same "one member is left" "$(find state/runs/*/spool -type f | wc -l)" 1
same "two cells, as counted by hand" \
    "$(sed -n 2p "$(member)" | jq -c .cells)" "$(jq -c . want.json)"
same "of which layer" "$(sed -n 2p "$(member)" | jq -r '"\(.format) \(.model) \(.at)"')" \
    "neuronpedia-export gemma 17-res"
same "the manifest counts them" \
    "$(manifest '.activations.aggregates|"\(.k) \(.cells) \(.suppressed) \(.subjects) \(.subjects_by.trace) \(.noise)"')" \
    "10 2 1 31 31 none"
check "no text and no id leaves" sh -c '! grep -rqE "fine|r7-" state/runs/*/spool'
page=$(find "$(bundle_dir latest)" -name evidence.en.html)
check "the evidence says it" grep -q 'at least <[a-z]*>10' "$page"
check "in French too" grep -q 'au moins <[a-z]*>10' "${page%en.html}fr.html"
tar_digests latest >one
check "the same seed again" run_job --seed-file seed --new
tar_digests latest >two
check "gives the same bytes" cmp one two

policy '  aggregate: {epsilon_milli: 1000, cells_per_subject: 1}'
check "with noise" run_job --seed-file seed --new
same "the manifest says how much" \
    "$(manifest '.activations.aggregates|"\(.noise) \(.epsilon_milli) \(.cells_per_subject) \(.clip)"')" \
    "discrete-laplace 1000 1 1000"
tar_digests latest >three
check "the same seed with noise" run_job --seed-file seed --new
tar_digests latest >four
check "gives the same noise" cmp three four

sed -n 2p "$(member | tail -n 1)" | jq -c .cells >noisy
policy '  topk_max: 31' '  aggregate: {epsilon_milli: 1000, cells_per_subject: 1}'
check "another policy, the same seed" run_job --seed-file seed --new
sed -n 2p "$(member | tail -n 1)" | jq -c .cells >other
refuses "has other noise: one cannot be taken from the other" cmp noisy other
policy '  aggregate: {subjects: named}'
refuses "nobody is named: nothing is left" run_job --seed-file seed --new
says "it says so" 'nothing of 31 records is left'
policy '  aggregate: {epsilon_milli: 1000}'
exits 3 "noise of no scale is refused" tg run --date 2026-11-24 --new
says "with the leaf that is missing" cells_per_subject
finish
