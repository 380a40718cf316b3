#!/bin/bash
# retain.sh - how much of one person leaves, how old an assessment may be, until
# when what left is kept: as the policy says, and written down.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

manifest() { cat state/runs/*/bundle/*/manifest.json; }

# Three records of one person, one of another, under a cap of two.
site person
mkdir traces
for id in a b c; do
    printf '{"id":"%s","user_id":"u-1","text":"hello %s"}\n' "$id" "$id"
done >traces/x.jsonl
echo '{"id":"d","user_id":"u-2","text":"hello"}' >>traces/x.jsonl
echo '{"id":"e","text":"hello"}' >>traces/x.jsonl
cat >cap.yaml <<'END'
schema: tracegate.policy/1
id: p
version: 1
layer: project
sampling: {caps: {max_records_per_subject: 2}}
END
job GB traces
echo "policy: cap.yaml" >>tracegate.yaml
exits 4 "a run under a cap of two a person" tg run --date 2026-11-24
says "the record over it has its reason" 'SMP-CAP-SUBJECT +1$'
same "it is counted, and whose the others are" \
    "$(manifest | jq -c '.sampling | [.kept, .subjects]')" \
    '[4,{"by_person":3,"by_session":0,"max_records":2,"unknown":1}]'
tg evidence latest -o evidence >/dev/null
for word in 'Cap on one person' 'Plafond par personne'; do
    check "the evidence says so: $word" grep -rqF "$word" evidence
done

# A mechanism that rests on an assessment: its day counts.
site assessed
small_traces traces
job GB traces
sed -i 's/^mechanisms:.*/mechanisms: {GB: idta_a1_0}/' tracegate.yaml
sed -i -e 's/^country: .*/country: US/' recipients/northgate.yaml
echo 'checks: [tra_recorded, contract_signed]' >>recipients/northgate.yaml
exits 3 "an assessment without a date" tg run --date 2026-11-24
says "is no assessment" 'XFR-ASSESSMENT-STALE: .*has no date'
echo 'assessment_date: "2025-11-23"' >>recipients/northgate.yaml
exits 3 "one of a year and a day ago" tg run --date 2026-11-24
says "is too old" 'XFR-ASSESSMENT-STALE: .*366 days old, 365'
sed -i 's/2025-11-23/2025-11-24/' recipients/northgate.yaml
exits 4 "one of a year ago" tg run --date 2026-11-24
same "its day is in the manifest" \
    "$(manifest | jq -r .recipient.assessment_date)" 2025-11-24
sed -i 's/2025-11-24/2026-11-25/' recipients/northgate.yaml
exits 3 "one of tomorrow" tg run --new --date 2026-11-24
says "is after the day of the run" 'after that of the run'
sed -i 's/2026-11-25/soon/' recipients/northgate.yaml
exits 3 "a date that is none" tg run --new --date 2026-11-24

# The clock of the retention: when a record was captured, not when it left.
span() { # TRACE SECONDS
    printf '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%s","spanId":"00000000000000%s","name":"chat","startTimeUnixNano":"%s000000000","attributes":[{"key":"gen_ai.prompt.0.content","value":{"stringValue":"hello"}}]}]}]}]}\n' \
        "$1" "$1" "$2"
}
site clock
mkdir traces
{
    span 01 "$(date -ud 2026-10-24T23:59:59Z +%s)"
    span 02 "$(date -ud 2026-11-01T00:00:00Z +%s)"
    span 03 "$(date -ud 2026-11-20T00:00:00Z +%s)"
} >traces/x.jsonl
job GB traces
exits 4 "a run over old and young records" tg run --date 2026-11-24
says "the one of 31 days ago does not leave" 'RET-EXPIRED +1$'
kept_until() { manifest | jq -r '.retention | "\(.expires_at) \(.undated)"'; }
same "the oldest that leaves says until when: 30 days after its day" \
    "$(kept_until)" "2026-12-01T00:00:00Z 0"
approve_all latest
check "sent" tg upload latest
for f in sent/*/manifest.json sent/*/payload-00000.tar.zst.age; do
    same "the date is metadata of ${f##*/}" "$(python3 -c 'import os, sys
try:
    print(os.getxattr(sys.argv[1], "user.tracegate.expires_at").decode())
except OSError:
    print("the target holds no metadata")' "$f")" \
        "$(grep -qs 'holds no metadata' "$out" "$err" &&
            echo "the target holds no metadata" || echo 2026-12-01T00:00:00Z)"
done
exits 4 "exported again two days later" tg run --new --date 2026-11-26
same "it is not kept longer for that" \
    "$(jq -r .retention.expires_at state/runs/EXP-2026-11-26-*/bundle/*/manifest.json)" \
    2026-12-01T00:00:00Z
exits 1 "and when all are too old nothing leaves" tg run --new --date 2026-12-31
finish
