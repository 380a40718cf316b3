#!/bin/bash
# people.sh - nothing leaves before the people whom the policy names have
# decided on exactly this bundle; and a target is never overwritten.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need "${CC:-gcc}" gcc

# One run that waits for its people; each case begins with a copy of it.
site prepared
small_traces traces
job GB traces
run_job || quietly false
cd "$work" || exit 2
case_of() {
    cd "$work" && cp -a prepared "$1" && cd "$1" || exit 2
}
decide() { # VERB ROLE KEY [OPTION...]
    local verb=$1 role=$2 key=$3
    shift 3
    tg "$verb" latest --role "$role" --key "$key" --digest "$(run_digest latest)" "$@"
}
yes() { decide approve "$1" "people/$1.key" --answer-all "Noted."; }
upload() { tg upload latest; }

case_of nobody
exits 4 "no decision: upload waits" upload
sent_nothing "no decision"
exits 4 "no decision: a dry run waits too" tg upload -n latest
says "and says whose it is" 'APR-MISSING'
exits 0 "status shows the run" tg status --json latest
same "status: awaiting-decision" "$(jq -r '.result.runs[0].state' "$out")" awaiting-decision

case_of one-role
check "the DPO approves" yes dpo
exits 4 "one role of two: upload waits" upload
says "one role of two: legal is missing" 'legal'
sent_nothing "one role of two"
check "legal approves" yes legal
check "both: a dry run would send" tg upload --dry-run latest
sent_nothing "dry run"
same "dry run: the ledger has no intent" \
    "$(ledger_types | grep -c export.intent)" 0
check "both: upload sends" upload
same "the ledger, in order" "$(ledger_types)" "genesis key.added key.added \
sampling.committed export.prepared export.approved export.approved export.intent export.done "
check "no name of a person is in the ledger" \
    sh -c '! grep -raE "Besson|Hartley|Ashby" state/ledger'
check "what was sent verifies" tg verify --trust trust.yaml sent/*
find sent -type f -exec sha256sum {} + | sort >before
stat -c '%n %Y %i' sent/*/* >stat-before
check "upload again: done before, exit 0" upload
says "upload again: it says so" 'before'
find sent -type f -exec sha256sum {} + | sort >after
stat -c '%n %Y %i' sent/*/* >stat-after
check "upload again: the target's bytes are the same" cmp before after
check "upload again: no file was written anew" cmp stat-before stat-after
same "upload again: one intent" "$(ledger_types | grep -o export.intent | wc -l)" 1

case_of lost-target
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
mkdir -p sent/"$(basename "$(bundle_dir latest)")"
echo other >sent/"$(basename "$(bundle_dir latest)")"/manifest.json
exits 1 "other bytes at the target: upload refuses" upload
says "other bytes: the file is named" 'manifest.json'
same "other bytes: they are never replaced" \
    "$(cat sent/*/manifest.json)" other
exits 1 "other bytes: the same again" upload
same "other bytes: still there" "$(cat sent/*/manifest.json)" other
rm sent/*/manifest.json
check "once it is gone, the upload goes on" upload
check "and what is there verifies" tg verify --trust trust.yaml sent/*

case_of same-bytes
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
b=$(bundle_dir latest)
mkdir -p "sent/$(basename "$b")"
cp "$b/payload-00000.tar.zst.age" "sent/$(basename "$b")"
inode=$(stat -c '%i %Y' sent/*/payload-00000.tar.zst.age)
check "the same bytes at the target: upload goes on" upload
same "the same bytes: left as they are" \
    "$(stat -c '%i %Y' sent/*/payload-00000.tar.zst.age)" "$inode"

case_of link-target
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
mkdir -p elsewhere "sent/$(basename "$(bundle_dir latest)")"
ln -s "$PWD/elsewhere/stolen" \
    "sent/$(basename "$(bundle_dir latest)")/manifest.json"
refuses "a symbolic link at the target: upload refuses" upload
check "a symbolic link: nothing was written through it" test ! -e elsewhere/stolen

case_of preparer
exits 1 "the preparer cannot approve as exporter" \
    decide approve legal keys/export.key --answer-all "Noted."
quietly tg key trust keys/export.pub --as "N. Ashby" --role legal
exits 1 "the preparer cannot approve, even with the role" \
    decide approve legal keys/export.key --answer-all "Noted."
says "the preparer: the reason's code" 'APR-SAME-PERSON|APR-ROLE'
quietly tg key new second --role approver --dir people --no-passphrase
quietly tg key trust people/second.pub --as "N. Ashby" --id n.ashby --role legal
exits 1 "the preparer cannot approve with another key of his" \
    decide approve legal people/second.key --answer-all "Noted."
yes dpo >/dev/null 2>&1
exits 4 "the preparer: upload waits" upload
sent_nothing "the preparer"

case_of one-person
exits 1 "a role that the key does not have" \
    decide approve legal people/dpo.key --answer-all "Noted."
says "the reason's code is APR-ROLE" 'APR-ROLE'
quietly tg key trust people/dpo.pub --as "C. Besson" --id c.besson --role legal
check "one person signs as dpo" yes dpo
run decide approve legal people/dpo.key --answer-all "Noted."
if [ "$status" = 0 ] || [ "$status" = 1 ]; then
    ok "and as legal: refused, or it does not count (exit $status)"
else
    not_ok "and as legal (exit $status)"
fi
exits 4 "one person in two roles: upload waits" upload
says "one person: the reason's code" 'APR-SAME-PERSON|APR-MISSING'
quietly tg key new third --role approver --dir people --no-passphrase
quietly tg key trust people/third.pub --as "C. Besson" --id c.besson --role legal
run decide approve legal people/third.key --answer-all "Noted."
exits 4 "one person with two keys: upload waits" upload
sent_nothing "one person"
exits 3 "one key cannot be two persons" \
    tg key trust people/dpo.pub --as "D. Other" --id d.other --role legal

case_of refusal
check "the DPO approves, legal rejects" yes dpo
exits 0 "a rejection is signed" \
    decide reject legal people/legal.key --reason "The purpose is too broad."
exits 1 "one rejection: upload refuses" upload
says "one rejection: the reason's code" 'APR-REJECTED'
sent_nothing "one rejection"
exits 1 "the same person cannot approve it afterwards" \
    decide approve legal people/legal.key --answer-all "Noted."
quietly tg key new fourth --role approver --dir people --no-passphrase
quietly tg key trust people/fourth.pub --as "E. Fourth" --role legal
run decide approve legal people/fourth.key --answer-all "Noted."
exits 1 "and another's approval does not undo it" upload
sent_nothing "a rejection that was approved over"
refuses "a rejection wants a reason" decide reject dpo people/dpo.key
same "the ledger has the rejection" \
    "$(ledger_types | grep -o export.rejected | wc -l)" 1

case_of digest
exits 5 "a wrong digest" tg approve latest --role dpo --key people/dpo.key \
    --digest 00000000 --answer-all "Noted."
d=$(run_digest latest)
exits 5 "four digits of the right one are too few" tg approve latest \
    --role dpo --key people/dpo.key --digest "${d: -4}" --answer-all "Noted."
exits 2 "no digest at all" tg approve latest --role dpo \
    --key people/dpo.key --answer-all "Noted."
exits 5 "a wrong digest, to reject" tg reject latest --role dpo \
    --key people/dpo.key --digest 00000000 --reason "Wrong."
same "nothing was signed" "$(find "$(bundle_dir latest)" -name 'decision-*' | wc -l)" 0
check "its last eight digits are enough" tg approve latest --role dpo \
    --key people/dpo.key --digest "${d: -8}" --answer-all "Noted."

case_of open-rows
exits 1 "open rows of the document without an answer" \
    decide approve dpo people/dpo.key
says "the row that wants one is named" '--answer [0-9]+='
row=$(grep -oE -- '--answer [0-9]+' "$err" | head -n 1 | grep -oE '[0-9]+')
exits 1 "one answer of several is not enough" \
    decide approve dpo people/dpo.key --answer "$row=Confirmed."
refuses "an empty answer is none" \
    decide approve dpo people/dpo.key --answer "$row=" --answer-all ""
check "with all answers it is signed" \
    decide approve dpo people/dpo.key --answer "$row=Confirmed." --answer-all "Noted."
same "the answers are in the decision" "$(jq -r ".answers[] |
    select(.row == $row) | .text" "$(bundle_dir latest)"/decision-dpo.json)" Confirmed.

case_of strangers
quietly tg key new stranger --role approver --dir people --no-passphrase
exits 10 "a key that nobody is trusted with" \
    decide approve dpo people/stranger.key --answer-all "Noted."
same "nothing was signed by it" \
    "$(find "$(bundle_dir latest)" -name 'decision-*' | wc -l)" 0
exits 10 "a key readable by others" sh -c "chmod 644 people/dpo.key
    '$program' approve latest --role dpo --key people/dpo.key \
        --digest $(run_digest latest) --answer-all Noted."

# What was approved is what is sent.
tampered() { # NAME FILE [AT]: after approval a byte of FILE of the bundle changes
    case_of "tampered-$1"
    yes dpo >/dev/null 2>&1
    yes legal >/dev/null 2>&1
    printf '~' | dd of="$(bundle_dir latest)/$2" bs=1 seek="${3:-60}" conv=notrunc \
        status=none
    exits 5 "$1 changed after approval" upload
    sent_nothing "$1 changed"
    same "$1 changed: no intent" "$(ledger_types | grep -c export.intent)" 0
}
tampered manifest manifest.json
tampered volume payload-00000.tar.zst.age
tampered evidence evidence/evidence.en.html
tampered evidence-model evidence/evidence.json
tampered verify-text VERIFY.txt
tampered decision decision-dpo.json
# The first line, a comment, is nobody's word.
tampered signature decision-legal.json.minisig \
    $(($(head -n 1 "$work/prepared/state/runs/"*/bundle/*/manifest.json.minisig | wc -c) + 90))

case_of respelled
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
b=$(bundle_dir latest)
sed -i 's/"target":"file:sent"/"target":"file:abcd"/' "$b/manifest.json"
(cd "$b" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
    xargs sha256sum >"$work/sums" && mv "$work/sums" SHA256SUMS)
exits 5 "another target in the manifest, checksums made again" upload
sent_nothing "another target"
check "nothing at the other target" test ! -e abcd

case_of extra-file
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
echo stowaway >"$(bundle_dir latest)/notes.txt"
exits 5 "a file too many in an approved bundle" upload
sent_nothing "a file too many"

# Decisions are about one bundle, for a time.
case_of other-bundle
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
first=$(bundle_dir latest)
run_job --new || not_ok "a second run (exit $status)"
second=$(bundle_dir latest)
differs "a second run is another bundle" "$first" "$second"
cp "$first"/decision-* "$second"
run upload
same "another bundle's decisions: not sent (4 or 5)" \
    "$([ "$status" = 4 ] || [ "$status" = 5 ] && echo no)" no
sent_nothing "another bundle's decisions"

case_of other-role
yes dpo >/dev/null 2>&1
b=$(bundle_dir latest)
cp "$b/decision-dpo.json" "$b/decision-legal.json"
cp "$b/decision-dpo.json.minisig" "$b/decision-legal.json.minisig"
run upload
same "a decision renamed to the other role: not sent (4 or 5)" \
    "$([ "$status" = 4 ] || [ "$status" = 5 ] && echo no)" no
sent_nothing "a renamed decision"

case_of lapsed
check "the DPO approves for an hour" \
    decide approve dpo people/dpo.key --answer-all "Noted." --expires 1h
yes legal >/dev/null 2>&1
check "within the hour it may go" tg upload -n latest
exits 4 "two hours later it has lapsed" later 7200 "$program" upload latest
says "lapsed: the reason's code" 'APR-EXPIRED'
sent_nothing "lapsed"
later 7200 "$program" status --json latest >"$out" 2>"$err"
same "status: lapsed" "$(jq -r '.result.runs[0].state' "$out")" lapsed
check "approved again, it may go" later 7200 "$program" approve latest --role dpo \
    --key people/dpo.key --digest "$(run_digest latest)" --answer-all "Noted."
check "and goes" later 7300 "$program" upload latest

case_of months
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
exits 4 "the policy's own term ends too" later $((400 * 86400)) "$program" upload latest
sent_nothing "after the policy's term"

case_of conditions
check "approval on a condition" decide approve dpo people/dpo.key \
    --answer-all "Noted." --condition "Only until March."
same "the decision says so" "$(jq -r '.decision + ": " + .conditions[0]' \
    "$(bundle_dir latest)"/decision-dpo.json)" \
    "approve_with_conditions: Only until March."
yes legal >/dev/null 2>&1
check "it counts" upload

case_of distrusted
yes dpo >/dev/null 2>&1
yes legal >/dev/null 2>&1
awk '/id: "c.besson"/ {skip = 1; next} /^  - id/ {skip = 0} !skip' trust.yaml >t
mv t trust.yaml
run upload
same "a person who is trusted no more: not sent (4 or 5)" \
    "$([ "$status" = 4 ] || [ "$status" = 5 ] && echo no)" no
sent_nothing "trusted no more"

cd "$work" && site unready
small_traces traces
job GB traces
exits 0 "a run stopped at bundled" tg run --until bundled --date 2026-11-24
exits 1 "is nothing to upload" upload
exits 1 "and nothing to approve" tg approve latest --role dpo \
    --key people/dpo.key --digest 00000000 --answer-all Noted.
sent_nothing "not recorded"
check "the next run takes it up" sh -c "'$program' run --date 2026-11-24; test \$? = 4"
finish
