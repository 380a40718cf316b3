#!/bin/bash
# handover.sh - what a job must state of the hands that its bundle goes into, and
# what a month's budget lets leave.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

site hand
small_traces traces
job GB traces
cp recipients/northgate.yaml good.yaml
cp tracegate.yaml good.job

# refused CODE WORDS NAME FILE SED - with the one line changed, exit 3 and the
# code alone.
refused() {
    sed -i "$5" "$4"
    exits 3 "$3" tg run --date 2026-11-24
    says "$3: $1" "refuses this job: $1: $2"
    same "$3: no other reason" \
        "$(cat "$out" "$err" | grep -cE '; [A-Z]+-[A-Z]+: ')" 0
    cp good.yaml recipients/northgate.yaml
    cp good.job tracegate.yaml
}
them=recipients/northgate.yaml

refused KEY-AGE '.*does not say when' "a key without a date" $them /key_date/d
refused KEY-AGE '.*401 days old, 400' "a key of 401 days" $them \
    's/^key_date:.*/key_date: "2025-10-19"/'
refused DPA-CLAUSE '.*for: delete_and_confirm' "a clause that is not agreed" \
    $them /delete_and_confirm/d
refused XFR-ONWARD '.*: prior_approval; .*: allow' "free onward transfer" $them \
    's/^onward_transfer:.*/onward_transfer: allow/'
refused KEY-STORE 'our keys and the target' "a target beside the keys" \
    tracegate.yaml 's|file:sent|file:keys/sent|'
echo 'p90_latency_delta_ms: 100' >>good.job
cp good.job tracegate.yaml
refused LAT-P90 '.*101 ms' "capture that is too slow" tracegate.yaml \
    's/ms: 100/ms: 101/'
printf 'intruder_test_ref: IT-1\nintruder_test_date: "2025-11-24"\n' >>good.job
cp good.job tracegate.yaml
refused GATE-INTRUDER '.*366 days' "an old motivated-intruder test" \
    tracegate.yaml 's/2025-11-24/2025-11-23/'
refused GATE-INTRUDER '.*no date' "and one without a day" tracegate.yaml \
    /intruder_test_date/d
sed -i 's/^key_date:.*/key_date: "2026-11-25"/' $them
exits 3 "a key of tomorrow" tg run --date 2026-11-24
says "is after the day of the run" 'key_date .* after that of the run'
cp good.yaml $them
sed -i 's/^key_date:.*/key_date: "2025-10-20"/' $them
exits 4 "one of 400 days, and what else is stated: it runs" \
    tg run --date 2026-11-24
m=$(echo state/runs/*/bundle/*/manifest.json)
same "the clauses and their places are in the manifest" \
    "$(jq -r '.recipient.clauses | length' "$m")" 5
tg evidence latest -o evidence >/dev/null
check "the test is in the evidence" \
    grep -q 'IT-1, of 24 November 2025' evidence/evidence.en.md
check "and in the evidence" grep -q 'DSA-2026-014, clause 9' evidence/evidence.fr.md
check "which names the lines that nobody enforces" \
    grep -q 'does not enforce them: ' evidence/evidence.en.md
check "and the parts that are not made" \
    grep -q 'Not made by this\|not made by this' evidence/evidence.en.md

# France wants a certified host, or no health data.
site health
small_traces traces
job FR traces
sed -i /health_data/d tracegate.yaml
exits 3 "a French job that does not say what of health" tg run --date 2026-11-24
says "has its reason" 'TGT-HEALTH: .*hds_certified'
sed -i 's/^target: {/&certified: [hds_certified], /' tracegate.yaml
exits 4 "a certified host will do" tg run --date 2026-11-24

# The month's budget: what left counts at the next upload.
site month
small_traces traces
job GB traces
exits 4 "a run" tg run --date 2026-11-24
approve_all latest
check "the first upload" tg upload --json
same "counts the month" "$(jq '.result.month_bytes > 1000' "$out")" true
tg ledger list | awk '/export.done/ {print $1}' >index
check "and the ledger has" tg ledger show "$(tr -dc 0-9 <index)"
says "who got it" 'northgate-lab'

# What a lawyer asks: who makes the line true?
check "explain: a gate" tg policy explain --region uk /recipient_clauses
says "explain: its code" 'honoured +a job is refused before it begins \[DPA-CLAUSE\]'
check "explain: nobody, in French" \
    tg policy explain --region uk --lang fr /retention/deletion/method
says "explain: it says so" 'tenue +pas appliquée par cette version.: '
check "explain: as JSON" tg policy explain --region uk --json /logging/signed
same "explain: the word" "$(jq -r '.result[0].honoured_by' "$out")" always
finish
