#!/bin/bash
# anonymity.sh - nobody leaves alone: groups smaller than the policy's k go,
# with their reason; too many of them stop the run; the evidence shows it all.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

# people N FIRST COUNTRY WORD: one trace for each of N persons.  Invented.
people() {
    awk -v n="$1" -v first="$2" -v cc="$3" -v word="$4" 'BEGIN {
        for (i = first; i < first + n; i++) {
            printf "{\"resourceSpans\":[{\"resource\":{\"attributes\":[]},"
            printf "\"scopeSpans\":[{\"scope\":{\"name\":\"demo\"},\"spans\":["
            printf "{\"traceId\":\"%032x\",\"spanId\":\"%016x\",", i + 4096, i + 4096
            printf "\"name\":\"chat\",\"startTimeUnixNano\":\"17934912%02d000000000\",", i % 60
            printf "\"attributes\":[{\"key\":\"user.id\",\"value\":{\"stringValue\":\"u-%d\"}},", i
            printf "{\"key\":\"client.geo.country_iso_code\",\"value\":{\"stringValue\":\"%s\"}},", cc
            printf "{\"key\":\"gen_ai.prompt\",\"value\":{\"stringValue\":"
            printf "\"Question %d about %s\"}}]}]}]}]}\n", i % 5, word
        }
    }'
}

policy() { # [LINE...]: the project asks the same of invented people
    printf '%s\n' 'schema: tracegate.policy/1' 'id: everybody' 'version: 1.0.0' \
        'layer: project' 'extends: [base]' \
        'effective_from: 2026-11-24' 'review_by: 2027-06-01' \
        'anonymisation:' '  k_applies_to: all' "$@" >everybody.yaml
    grep -q '^policy:' tracegate.yaml || echo 'policy: everybody.yaml' >>tracegate.yaml
}

manifest() { jq -r "$1" "$(bundle_dir latest)/manifest.json"; }

site groups
mkdir traces
{
    people 120 100 FR gardens # a large group
    people 12 300 BE gardens  # 12 of at least 11
    people 10 400 CH gardens  # 10: goes
    people 1 500 MC gardens   # alone: goes
} >traces/a.jsonl
job FR traces
policy
seed_file seed 07
seed_file half 08
check "FR, k = 11: the run goes through" run_job --seed-file seed --pseudonym-file half
says "it says which groups there are" 'k-anonymity +groups: 4, the smallest: 1, policy: 11; 11 records below it'
same "the 11 of the small groups went, with the reason" \
    "$(manifest '.funnel[]|select(.stage=="anonymise").dropped|map("\(.code) \(.n)")|join(",")')" "ANO-K 11"
same "132 are left" "$(manifest '.records.count')" 132
same "the smallest group that is left" "$(manifest .anonymity.left.smallest)" 12
same "the smallest that was read" "$(manifest .anonymity.read.smallest)" 1
same "the greatest risk is 1/12" "$(manifest .anonymity.left.prosecutor_max_ppb)" 83333334
same "every group has five texts" "$(manifest .anonymity.left.l)" 5
same "subjects are persons" "$(manifest .anonymity.subjects_by.person)" 143
same "the histogram counts what is left" \
    "$(manifest '[.anonymity.left.histogram[]|select(.classes>0)|"\(.from):\(.classes)/\(.records)"]|join(" ")')" \
    "11:1/12 100:1/120"
check "nothing of them is in the run's folder" test ! -e "$(run_dir latest)/classes"
check "the country of the small groups does not leave" sh -c \
    '! grep -rqE "\"(CH|MC)\"" state/runs/*/spool'
check "the country of the others does" grep -rq '"BE"' state/runs/*/spool
page=$(find "$(bundle_dir latest)" -name 'evidence.en.html')
check "the evidence shows the groups" grep -q 'Groups by size' "$page"
check "and the risk" grep -q 'prosecutor' "$page"
check "in French too" grep -q 'Groupes par taille' "${page%en.html}fr.html"
tar_digests latest >one
# A key that was destroyed is not made again: as if it had never been.
rm -r state/pseudonyms
check "the same seed again" run_job --seed-file seed --pseudonym-file half --new
tar_digests latest >two
check "gives the same bytes" cmp one two

cd "$work" || exit 2
site one-text
mkdir traces
{
    people 150 100 FR gardens
    people 11 400 CH gardens | sed 's/Question [0-9]/Question 1/'
} >traces/a.jsonl
job FR traces
policy
check "a group that shares one text" run_job
same "goes, with its own reason" \
    "$(manifest '.funnel[]|select(.stage=="anonymise").dropped|map("\(.code) \(.n)")|join(",")')" "ANO-L 11"

cd "$work" || exit 2
site too-many
mkdir traces
{
    people 100 100 FR gardens
    people 6 300 CH gardens
    people 6 400 BE gardens
} >traces/a.jsonl
job FR traces
policy
exits 1 "10.7 % in small groups: the run stops" tg run --date 2026-11-24
says "with the code, the figures and the leaf" \
    'ANO-SUPPRESSED: 12 of 112 records \(10.7 %\).* fewer than 11 people.*10.0 % go \(/anonymisation/max_suppression_ratio\)'
sent_nothing "too many"
check "no bundle was made" test ! -e "$(run_dir latest)/bundle"
# A crash of ours left rows there: the next run takes them away.
mkdir -p "$(run_dir latest)/classes"
echo rows >"$(run_dir latest)/classes/rows-left"
exits 1 "again" tg run --date 2026-11-24
check "what a crash left is gone" test ! -e "$(run_dir latest)/classes"
job FR traces
check "invented people alone: measured, none goes" run_job --new
says "and said" 'not enforced'
same "all are there" "$(manifest .records.count)" 112
same "nothing is called enforced" "$(manifest .anonymity.enforced)" false

# Real people hide behind real people only.
cd "$work" || exit 2
site mixed
mkdir real invented
{
    people 4000 10000 FR gardens
    people 120 30000 CH gardens # 5 % of 120: about 6
} >real/a.jsonl
people 30 50000 CH gardens >invented/a.jsonl
job FR real invented
sed -i 's|path: real, origin: FR, text_origin: synthetic|path: real, origin: FR, text_origin: real|; s|^rate: 1|rate: 0.05|' tracegate.yaml
check "real people, FR: the run goes through" run_job --seed-file ../groups/seed
small=$(manifest '.anonymity.read.histogram[]|select(.from==5).records')
same "the small group of real people goes" \
    "$(manifest '.funnel[]|select(.stage=="anonymise").dropped|map("\(.code) \(.n)")|join(",")')" "ANO-K $small"
same "only they were counted" "$(manifest .anonymity.only_real)" true

# Where one record of a group is about health, more people are asked for.
cd "$work" || exit 2
site health
mkdir traces
{
    people 120 100 FR gardens
    people 8 300 BE gardens # 8 of at least 5, but one of them is about health
    people 8 400 CH gardens
} | sed '/"traceId":"0*1130"/ s/about gardens/about Medicare 1EG4-TE5-MK73/' >traces/a.jsonl
job GB traces
policy '  k_min_health: 11' 'provenance:' '  "/anonymisation/k_min_health": choice'
check "k 5, of health 11: the run goes through" run_job
same "the group with a finding on health goes, not the other of that size" \
    "$(manifest '.funnel[]|select(.stage=="anonymise").dropped|map("\(.code) \(.n)")|join(",")')" "ANO-K 8"
same "because of that alone" "$(manifest '.anonymity.below|"\(.k) \(.k_health)"')" "8 8"
same "no finding on health is left" "$(manifest '.anonymity|"\(.read.health_records) \(.left.health_records)"')" "1 0"
check "the evidence says so" grep -q 'Smallest group with findings on health' \
    "$(find "$(bundle_dir latest)" -name evidence.en.html)"

# A coarser value that stands in a text tells people apart as a field does.
cd "$work" || exit 2
site areas
mkdir traces
{
    people 30 100 GB 'postcode EC1A 1BB'
    people 2 400 GB 'postcode W1A 0AX'
} >traces/a.jsonl
job GB traces
policy 'redaction:' '  detectors:' '    UK_POSTCODE: {operator: generalise}'
check "postal areas in texts: the run goes through" run_job
same "the small area goes" \
    "$(manifest '.funnel[]|select(.stage=="anonymise").dropped|map("\(.code) \(.n)")|join(",")')" "ANO-K 2"
same "and is named among what tells apart" \
    "$(manifest '.anonymity.fields|index("generalised_text")!=null')" true
check "the area does not leave" sh -c '! grep -rqw W1A state/runs/*/spool'
check "the large one does" grep -rqw EC1A state/runs/*/spool

cd "$work" || exit 2
site nobody
mkdir traces
people 30 100 FR gardens >traces/a.jsonl
job FR traces
policy '  fields:' '    country: {class: quasi, op: drop}' '    timestamp: {class: quasi, op: drop}' \
    '    locale: {class: quasi, op: drop}' '    tenant: {class: quasi, op: drop}'
check "no quasi-identifier leaves: the run goes through" run_job
same "and nothing is called measured" "$(manifest .anonymity.measured)" false
page=$(find "$(bundle_dir latest)" -name 'evidence.en.html')
check "the evidence says not assessed" grep -q 'no field that tells people apart leaves' "$page"
finish
