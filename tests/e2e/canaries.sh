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
finish
