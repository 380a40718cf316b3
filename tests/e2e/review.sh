#!/bin/bash
# review.sh - where the policy asks for it nobody approves what nobody has read;
# what was read is what was sealed; one finding refuses the export.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need python3 python3
python3 -c "import os; os.openpty()" 2>/dev/null || skip "no pseudo-terminals here (/dev/pts)"

# at_terminal ANSWERS ARGUMENT... - as a person would; $out is what they see.
at_terminal() {
    local answers=$1
    shift
    run python3 "$here/terminal.py" "$answers" "$program" "$@"
}
ok_times() { printf 'ok\\n%.0s' $(seq "$1"); }
approve_as() { # ROLE
    tg approve latest --role "$1" --key "people/$1.key" \
        --digest "$(run_digest latest)" --answer-all "Noted."
}
review() { tg review latest "$@"; }
manifest() { jq -c "$1" "$(bundle_dir latest)/manifest.json"; }
evidence() { jq -c "$1" "$(bundle_dir latest)/evidence/evidence.json"; }

site synthetic
small_traces traces
job GB traces
exits 4 "invented people: made" tg run
exits 0 "no review is asked for" review --json
same "and it says so" "$(jq -r '.result.state' "$out")" "not asked for"
check "approved as ever" approve_as dpo

# 2,000 records of people, of which one in twenty is drawn.
site real
mkdir traces
for i in {1..2000}; do
    printf '{"id":"r%d","text":"Printer of room %d: \\u0022slow\\u0022, \\u001b[31mred\xe2\x80\xae\xc2\x9b"}\n' \
        "$i" $((i % 7))
done >traces/a.jsonl
job GB traces
sed -i 's/text_origin: synthetic/text_origin: real/; s/^rate: 1$/rate: 0.05/' tracegate.yaml
exits 4 "real people: made" tg run
n=$(manifest .records.count)
same "the manifest asks for a review" "$(manifest \
    '.review | [.demanded, .min_records, .max_findings, .applies_to]')" '[true,50,0,"real"]'
exits 4 "nobody has read it: the DPO cannot approve" approve_as dpo
says "the code" 'GATE-REVIEW'
exits 4 "review waits for a person" review
same "status too" "$(tg status --json | jq -c ".result | [.reviews[0].wanted, .runs[-1].next]")" "[50,\"tracegate review\"]"
exits 2 "a record is shown on a terminal only" review --next
exits 1 "what was not shown is not answered" review --ok
at_terminal "" review latest --next
cp "$out" seen
same "one is shown" "$(grep -c 'Printer of room' seen)" 1
check "escapes do nothing there" grep -q '<U+001B>\[31mred' seen
check "nor marks that turn the writing, nor C1" grep -q 'red<U+202E><U+009B>' seen
check "what JSON escapes is readable" grep -q '"slow"' seen
exits 2 "a type is the answer, not a text" review --found "Ann Other"
exits 4 "answered" review --ok --json
same "one is read" "$(jq -c '.result | [.examined, .found, .wanted]' "$out")" '[1,0,50]'
same "and no text is told" "$(grep -c Printer "$out")" 0
exits 4 "not all are read: nobody signs" review --sign --role dpo --key people/dpo.key
at_terminal "$(ok_times 3)q\n" review latest
same "at the terminal, in turn" "$(review --json | jq .result.examined)" 4
at_terminal "$(ok_times 60)" review latest
same "all are read" "$(review --json | jq .result.examined)" 50
exits 1 "the preparer does not sign" review --sign --role exporter --key keys/export.key
cp -r state kept
draws=state/runs/$(basename "$(run_dir latest)")/private/review.json
jq -c '.items[0].record = .items[1].record' "$draws" >x && mv x "$draws"
chmod 600 "$draws"
exits 5 "other records in their place" review --sign --role dpo --key people/dpo.key
rm -r state && cp -r kept state
sed -i '0,/Printer/s//Painter/' "$(run_dir latest)"/spool/*.part
exits 5 "other records than those that were sealed" review --sign --role dpo --key people/dpo.key
rm -r state && cp -r kept state
check "the DPO signs" review --sign --role dpo --key people/dpo.key --json
same "its bound" "$(jq -c '.result | [.state, .found, .upper_ppb]' "$out")" '["passed",0,58155080]'
same "the record: figures, no name" "$(jq -c 'keys' "$(bundle_dir latest)/review.json")" \
    '["bundle_id","examined","found","manifest_sha256","population","records_root","reviewer_keyid","role","run","schema","selection","signed_at","types","upper_ppb"]'
same "minisign's own form" "$(head -c 18 "$(bundle_dir latest)/review.json.minisig")" "untrusted comment:"
same "the document has it" "$(evidence '.requirements[] | select(.id == "human-review") |
    [.result, .examined.v]')" '["met",50]'
check "in words" grep -q "found in 0 of 50 records reviewed, drawn at random from $n" \
    "$(bundle_dir latest)/evidence/evidence.en.html"
check "in French" grep -q 'Relu et signé le' "$(bundle_dir latest)/evidence/evidence.fr.html"
same "in the ledger" "$(ledger_types | grep -o 'review[a-z.]*')" review.recorded
cp "$(bundle_dir latest)/review.json" signed.json
exits 0 "again changes nothing" review --sign --role dpo --key people/dpo.key
same "the same record" "$(cmp signed.json "$(bundle_dir latest)/review.json" && echo same)" same
approve_all
exits 1 "decided: the document does not change" review --sign --role dpo --key people/dpo.key
exits 0 "it may go" tg upload -n latest
mv "$(bundle_dir latest)/review.json" kept.json
refuses "without its record it may not" tg upload -n latest
sed 's/"examined":50/"examined":60/' kept.json >"$(bundle_dir latest)/review.json"
exits 5 "nor with other figures" tg upload latest
mv kept.json "$(bundle_dir latest)/review.json"
exits 0 "sent" tg upload latest
check "verify counts what was read" tg verify --trust trust.yaml "$(bundle_dir latest)"
says "review: 50" 'review.*50'

# Three records, all of which are read.
cd "$work" || exit 2
site all
small_traces traces
job GB traces
echo 'policy: project.yaml' >>tracegate.yaml
printf '%s\n' 'schema: tracegate.policy/1' 'id: p' 'version: 1' 'layer: project' \
    'gates: {human_review_applies_to: all}' >project.yaml
stand() { # ROLE
    tg approve latest --standing --role "$1" --key "people/$1.key" \
        --digest "$(run_digest latest)" --answer-all "Noted." \
        --max-records 100 --max-bytes 10000000 --max-runs 9
}
exits 4 "a project asks for it of invented people too" tg run
exits 4 "nobody stands for what nobody has read" stand dpo
at_terminal "$(ok_times 3)" review latest
check "all three are read: signed" review --sign --role dpo --key people/dpo.key
says "all there are" '3 of 3'
check "the DPO stands" stand dpo
check "legal stands" stand legal
exits 4 "the next night is read all the same" tg run --new
says "and it says so" 'tracegate review'
exits 4 "before that it does not go" tg upload latest
at_terminal "ok\nPERSON PHONE\nok\n" review latest
exits 1 "something was found: signed" review --sign --role legal --key people/legal.key
says "refused" 'refused'
exits 1 "nobody approves it" approve_as dpo
says "why" 'GATE-REVIEW.*1 of 3'
same "what stood is suspended" "$(tg status --json |
    jq -c '[.result.standing[] | .why]')" '["gate_failure","gate_failure"]'
same "the document refuses" "$(evidence '[.status, .review.found, .review.upper_ppb,
    .review.types]')" \
    '["refused",1,333333334,[{"records":1,"type":"PERSON"},{"records":1,"type":"PHONE"}]]'
rm "$(bundle_dir latest)"/review.json*
exits 1 "what was found stays found" approve_as dpo
exits 1 "and is not reviewed away" review --sign --role dpo --key people/dpo.key
finish
