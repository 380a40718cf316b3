#!/bin/bash
# holds.sh - a legal hold keeps what is past its date from being deleted, lets
# nothing of it leave, and stays until legal releases it.
# shellcheck disable=SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

record() { # ID [SED]: a hold over what was captured 60 to 20 days ago
    cat <<END | sed "${2:-}" >"$1.yaml"
schema: tracegate.hold/1
id: $1
holder: "Legal department"
case_reference: "HC-2026-000123"
requested_by: r.asker
reason: "A claim about an answer of the service."
scope:
  origins: [GB]
  captured: {from: "$(date -u -d '-60 days' +%F)", until: "$(date -u -d '-20 days' +%F)"}
placed_on: "$(date -u +%F)"
review_by: "$(date -u -d '+90 days' +%F)"
END
}
span() { # DAYS: a span of so many days ago
    printf '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032d",
        "spanId":"%016d","name":"chat","startTimeUnixNano":"%s000000000",
        "attributes":[{"key":"gen_ai.prompt","value":{"stringValue":"Hello"}}]
        }]}]}]}' "$1" "$1" "$(date -u -d "-$1 days" +%s)" | tr -d '\n'
    echo
}
dropped() { # CODE: how many units of the last run
    jq "[.funnel[].dropped[] | select(.code == \"$1\") | .n] | add // 0" \
        "$(bundle_dir latest)/manifest.json"
}

site holds
mkdir traces
for days in 1 29 31 59 61; do span "$days"; done >traces/a.jsonl
job GB traces
record HOLD-1
record HOLD-2 's/placed_on:.*/placed_on: "2026-01-01"/'
exits 3 "longer than the policy lets" tg hold add HOLD-2.yaml
says "the leaf is named" '/retention/legal_hold/max_review_days'
exits 0 "no holds yet" tg hold list
check "a record joins the register" tg hold add HOLD-1.yaml
says "it holds nothing yet" 'Draft'
exits 1 "the DPO may not sign" tg hold add HOLD-1.yaml --key people/dpo.key
says "APR-ROLE" 'APR-ROLE'
exits 4 "a draft holds nothing" tg run
same "three are too old" "$(dropped RET-EXPIRED) $(dropped RET-HELD)" "3 0"
check "legal signs" tg hold add HOLD-1.yaml --key people/legal.key
says "in force" 'HOLD-1 +In force'
exits 0 "no review is overdue" tg hold list --due
exits 4 "in force" tg run --new
same "two of the three are held, none of them leaves" \
    "$(dropped RET-EXPIRED) $(dropped RET-HELD) \
$(jq .records.count "$(bundle_dir latest)/manifest.json")" "1 2 2"
same "the manifest says by what" "$(jq -c \
    '.retention.held | [.records, .holds[0].id]' \
    "$(bundle_dir latest)/manifest.json")" '[2,"HOLD-1"]'
check "why, of one record" tg explain latest --record traces/a.jsonl:4
says "kept and not sent" 'RET-HELD'
check "in French" tg explain latest --record traces/a.jsonl:4 --lang fr
says "gel juridique" 'gel juridique'
check "the document says it" grep -q 'Kept past its date under legal hold HOLD-1, reviewed' \
    "$(bundle_dir latest)/evidence/evidence.en.html"
check "in French too" grep -q 'Conservé au-delà du terme.*gel juridique HOLD-1, réexaminé le' \
    "$(bundle_dir latest)/evidence/evidence.fr.html"
refuses "the case is nobody's business outside" \
    grep -rq 'HC-2026' "$(bundle_dir latest)" state/ledger
same "the ledger has it" "$(ledger_types | grep -o 'hold[a-z.]*')" hold.placed
exits 0 "status lists it" tg status
says "status" 'HOLD-1 +In force'
approve_all
exits 0 "a hold stops no export of what is not past its date" tg upload -n latest
exits 1 "past its date it does not leave because of a hold" \
    later $((2 * 86400)) "$program" upload -n latest
says "the code" 'RET-HELD'
exits 1 "overdue: told by the exit code" later $((91 * 86400)) "$program" hold list --due
says "overdue: told" 'OVERDUE'
exits 1 "overdue: status tells it too" later $((91 * 86400)) "$program" status
says "overdue: it is in force" 'In force'
mv state/holds/HOLD-1.yaml kept
exits 5 "its record is gone: nobody goes on" tg hold list
exits 5 "nor a run" tg run --new
mv kept state/holds/HOLD-1.yaml
exits 1 "the DPO may not release it" tg hold release HOLD-1 --key people/dpo.key
check "legal releases it" tg hold release HOLD-1 --key people/legal.key
exits 4 "released" tg run --new
same "it holds no more" "$(dropped RET-EXPIRED) $(dropped RET-HELD)" "3 0"
exits 1 "what is released stays so" tg hold add HOLD-1.yaml --key people/legal.key
finish
