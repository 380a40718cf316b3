#!/bin/bash
# standing.sh - people sign once for the exports of a nightly job; what no longer
# fits suspends itself and waits for people again.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

stand() { # ROLE [OPTION...]
    local role=$1
    shift
    tg approve latest --standing --role "$role" --key "people/$role.key" \
        --digest "$(run_digest latest)" --answer-all "Noted." \
        --max-records 100 --max-bytes 10000000 --max-runs 2 "$@"
}
standing() {
    tg status --json | jq -c '[.result.standing[] | [.role, .state, .why, .used.runs]]'
}
night() { tg run --new --date 2026-11-24; }
case_of() { cd "$work" && cp -a prepared "$1" && cd "$1" || exit 2; }
suspended_by() { # NAME CAUSE: the next night waits and says so
    exits 4 "$1: the run waits" night
    says "$1: and says why" "APR-SUSPENDED: .*$2"
    exits 4 "$1: nothing may go" tg upload latest
    same "$1: suspended once each" "$(ledger_types | grep -o standing.suspended | wc -l)" 2
}

site prepared
small_traces traces
job GB traces
run_job || quietly false
exits 2 "caps are needed" tg approve latest --standing --role dpo --key people/dpo.key \
    --digest "$(run_digest latest)" --answer-all "Noted."
check "the DPO stands" stand dpo
check "legal stands" stand legal
exits 4 "what was read needs its own decision" tg upload latest

case_of nights
check "within them a run needs no more" night
says "upload is next" 'tracegate upload'
m=$(bundle_dir latest)/manifest.json
same "the manifest names them" "$(jq -r '[.approvals.standing.used[] |
    .role + " " + .signer] | sort | join(", ")' "$m")" \
    "dpo c.besson, legal m.hartley"
check "the document says so" grep -q 'Standing approval' \
    "$(bundle_dir latest)/evidence/evidence.en.html"
same "status" "$(tg status --json latest | jq -r '.result.runs[0].state')" approved
same "status lists them" "$(standing)" '[["dpo","in force","",1],["legal","in force","",1]]'
check "and goes" tg upload latest
check "what was sent verifies without the ledger" tg verify --trust trust.yaml sent/*
exits 1 "the document alone: nobody signed over it" tg verify --trust trust.yaml sent/*/evidence
says "and it says so" "nobody has signed this evidence"
check "the second night" night
check "a person may still refuse one" tg reject latest --role dpo --key people/dpo.key \
    --digest "$(run_digest latest)" --reason "Not this one."
exits 1 "refused: it does not go" tg upload latest
suspended_by "a third, of two" cap_exceeded
same "status: what took them away" "$(standing)" \
    '[["dpo","suspended","cap_exceeded",2],["legal","suspended","cap_exceeded",2]]'
same "the ledger has the uses" "$(ledger_types | grep -o standing.used | wc -l)" 4

case_of key
quietly tg key new other --role recipient --dir recipients
sed -i "s|$(cat recipients/recipient.pub)|$(cat recipients/other.pub)|" recipients/northgate.yaml
suspended_by "another key" key_change

case_of gate
check "a night passes" night
cp tracegate.yaml good.yaml
sed -i 's|^  id: safety_research|  id: marketing|' tracegate.yaml
exits 3 "a gate fails" night
cp good.yaml tracegate.yaml
exits 4 "a failed gate: what was made before waits too" tg upload latest
suspended_by "a failed gate" gate_failure

case_of revoked
check "a night before" night
check "legal revokes" tg reject latest --standing --role legal --key people/legal.key \
    --digest "$(run_digest latest)" --reason "The study ended."
exits 4 "revoked: what is not sent stays" tg upload latest
says "revoked: the code" 'APR-REVOKED'

finish
