#!/bin/bash
# canaries.sh - values are planted and found before anything is read; rules that
# miss one stop the run; nothing of them leaves.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

manifest() { jq -r "$1" "$(bundle_dir latest)/manifest.json"; }

# What canaries.def and the carriers are made of.
words='last week|thanks for your help|merci de votre aide|BUKB|AKIA|mail\.example|Lefebvre'

site canaries
mkdir traces
echo '{"text":"A record about gardens"}' >traces/a.jsonl
job GB traces
seed_file seed 07
check "a run finds what it planted" run_job --seed-file seed
says "it says how many" 'canaries +1[0-9]{3} planted, 1[0-9]{3} found'
same "of every type all, twenty of each" \
    "$(manifest '[.canaries.types[]|select(.planted!=20 or .found!=20)]|length')" 0
same "with the exact bound of 20 of 20" \
    "$(manifest '[.canaries.types[].recall_low_ppb]|unique|join(" ")')" 860891659
same "a type without such values is named" "$(manifest '.canaries.not_covered|join(" ")')" CRYPTO_BTC
same "they are in no count of the run" "$(manifest '[.redaction[].spans]|add // 0')" 0
check "nothing of them is in the spool" sh -c "! grep -rqE '$words' state/runs/*/spool"
check "the evidence has the table in both languages" sh -c \
    "grep -q 'Planted values by type' '$(bundle_dir latest)'/evidence/evidence.en.html &&
     grep -q 'Valeurs implant' '$(bundle_dir latest)'/evidence/evidence.fr.html"

# A word beside which one rule looks away.
mkdir data
cp -R "$root/policies" "$root/redactors" "$root/regions" data/
sed -i '/id: uk.nino$/,/examples:/ s/keys: \[nino, national insurance, ni number\]/&\n      negative: [hello]/' \
    data/regions/uk/identifiers.yaml
export TRACEGATE_DATA_DIR=$work/canaries/data
exits 1 "a rule that looks away stops the run" tg run --date 2026-11-24 --seed-file seed
says "with the reason, the type and the share" \
    'GATE-CANARY: of 20 planted values of UK_NINO [0-9]+ were found; the policy asks for 100\.00 %'
check "nothing was read" sh -c "! ls state/runs/*02/spool/* >/dev/null 2>&1"

# Where the floor says so it goes on, and everybody who decides is told; a
# project alone cannot have it so.
printf '%s\n' 'schema: tracegate.policy/1' 'id: p' 'version: 1' 'layer: project' \
    'gates: {enforcement: warn}' >loose.yaml
exits 3 "a project cannot let a failed gate pass" \
    tg policy check --region uk loose.yaml
says "with its code" 'loose\.yaml:5:22: E-RELAX: /gates/enforcement'
sed -i 's/enforcement: block /enforcement: WORD /' data/policies/base.yaml
for word in warn report; do
    sed -i "s/enforcement: [A-Za-z]* /enforcement: $word /" data/policies/base.yaml
    check "$word: the run goes on" run_job --seed-file seed
    same "$word: told while it runs, or not" \
        "$(grep -c 'WARNING  *GATE-CANARY: of 20 planted' "$err")" \
        "$([ "$word" = warn ] && echo 1 || echo 0)"
    same "$word: in the manifest" \
        "$(manifest '.gates|"\(.enforcement) \(.not_blocked|map(.code)|join(" "))"')" \
        "$word GATE-CANARY"
    check "$word: in the evidence, in both languages" sh -c \
        "grep -q 'says .*$word.* (/gates/enforcement), and it went on' '$(bundle_dir latest)'/evidence/evidence.en.md &&
         grep -q '$word.*(/gates/enforcement), et il a continué' '$(bundle_dir latest)'/evidence/evidence.fr.md"
    check "$word: a requirement that is not met" jq -e \
        'any(.requirements[]; .id == "planted-examples" and .result == "not_met")' \
        "$(bundle_dir latest)/evidence/evidence.json"
done
refuses "nobody approves it without an answer" tg approve latest --role dpo \
    --key people/dpo.key --digest "$(run_digest latest)"
# A leaf that is missing is no word.
sed -i '/  enforcement: report /d' data/policies/base.yaml
refuses "without the leaf nothing runs" tg run --date 2026-11-24 --new
finish
