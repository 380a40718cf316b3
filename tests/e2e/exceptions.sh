#!/bin/bash
# exceptions.sh - one leaf is looser for a time, only where the job names the
# record that two persons signed, and every use is written down.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

exception() { tg policy exception "$@"; }
record() { # ID [SED]: a record for tokens of uk, in force on the day it is
    cat <<END | sed "${2:-}" >"$1.yaml"
schema: tracegate.exception/1
id: $1
region: uk
policy_path: /limits/max_tokens_per_trace
inherited_value: 1000
requested_value: 2000
direction: looser
scope: {project: uk-weekly-safety}
justification: "Long dialogues are what is studied."
risk: "More text of one person in a record."
compensating_controls: ["Rate halved"]
requested_by: r.asker
valid_from: "$(date -u -d '-1 day' +%F)"
valid_until: "$(date -u -d '+20 days' +%F)"
review_note: "Ends with the study."
END
}
named() { # ID...: the job names them
    sed -i '/^exceptions:/d' tracegate.yaml
    [ $# = 0 ] || printf 'exceptions: [%s]\n' "$(IFS=,; echo "$*")" >>tracegate.yaml
}

site exceptions
small_traces traces
job GB traces
name=$(awk '/^name:/ {print $2}' tracegate.yaml)
record EXC-1 "s/uk-weekly-safety/$name/"
check "a record joins the register" exception add EXC-1.yaml
exits 1 "once" exception add EXC-1.yaml
named EXC-1
exits 3 "signed by nobody: the run fails" tg run
says "signed by nobody: the code" 'EXC-UNSIGNED'
exits 1 "the preparer may not sign" exception approve EXC-1 --key keys/export.key
says "the preparer: the code" 'APR-(ROLE|SAME-PERSON)'
check "the DPO signs" exception approve EXC-1 --key people/dpo.key
exits 3 "one of two: the run fails" tg run
check "legal signs" exception approve EXC-1 --key people/legal.key
same "active" "$(exception list --json | jq -r '.result[0].state')" active
check "minisign's own form" test -s state/exceptions/EXC-1.approve.c.besson.minisig
exits 4 "signed: the run goes on" tg run
m=$(bundle_dir latest)/manifest.json
same "the manifest has it" "$(jq -c '.exceptions | [.declared, .used[0].id,
    .used[0].inherited_value, .used[0].requested_value,
    (.used[0].approved_by | length)]' "$m")" '[1,"EXC-1","1000","2000",2]'
same "and the policy is that one" "$(jq .limits.max_tokens "$m")" 2000
same "the use is in the ledger, before the export" "$(ledger_types)" "genesis \
key.added key.added exception.approved exception.approved sampling.committed \
exception.used export.prepared "
same "used" "$(exception list --json |
    jq -r '.result[0] | .state + " " + .uses[0].run')" \
    "used $(basename "$(run_dir latest)")"
check "the document says what for" grep -q 'Long dialogues are what is studied' \
    "$(bundle_dir latest)/evidence/evidence.en.html"
check "in French too" grep -q 'en vigueur dans cet export' \
    "$(bundle_dir latest)/evidence/evidence.fr.html"
approve_all
exits 0 "approved, it may go" tg upload -n latest
check "it is revoked" exception revoke EXC-1 --key people/legal.key
rm state/exceptions/*.revoke.*
exits 1 "revoked: nothing made under it leaves" tg upload latest
says "revoked: the code" 'EXC-REVOKED'
sent_nothing "revoked"
exits 3 "revoked: the next run fails" tg run --new
named
exits 4 "a job that names none" tg run --new
same "has the policy as it is" "$(jq -c '[.limits.max_tokens, .exceptions.declared]' \
    "$(bundle_dir latest)/manifest.json")" '[1000,0]'
finish
