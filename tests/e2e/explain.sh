#!/bin/bash
# explain.sh - why a record, a bundle, a decision is as it is: from runs that
# were made, in both languages and as JSON, and never with what was found.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need python3 python3

site explain
mkdir traces
planted='ann\.grey|example\.org|AKIAIOSFODNN7EXAMPLE|7946'
{
    echo '{"trace_id":"t-plain","text":"A record about gardens"}'
    echo '{"trace_id":"t-mail","text":"Write to ann.grey@example.org, call 020 7946 0123"}'
    echo '{"trace_id":"t-key","text":"The key is AKIAIOSFODNN7EXAMPLE, ask ann.grey@example.org"}'
    printf '{"trace_id":"t-long","text":"to ann.grey@example.org:%s"}\n' \
        "$(printf ' word%.0s' {1..1200})"
    echo '{"trace_id":"t-broken","text":"ann.grey@example.org"'
} >traces/a.jsonl
job GB traces
printf '%s\n' 'schema: tracegate.policy/1' 'id: p' 'version: 1' 'layer: project' \
    'limits: {on_exceed: drop_record}' >p.yaml
echo 'policy: p.yaml' >>tracegate.yaml
seed_file seed 07
check "a run" run_job --seed-file seed
run_of=$(run_dir latest)
told=$work/.told # all that explain has said
: >"$told"

# explains STATUS NAME ARGUMENT...
explains() {
    local want=$1 name=$2
    shift 2
    exits "$want" "$name" tg explain "$@"
    cat "$out" "$err" >>"$told"
}

# ---- records
explains 0 "a record that left" --record a.jsonl:2
says "it is in the bundle, with what was done to it" 'IN THE BUNDLE'
says "types and places, of how much" 'EMAIL.* 9 to 29 of 49'
explains 0 "the same by its trace id" --record t-mail
says "it is the second" 'a\.jsonl:2, unit 1 '
explains 0 "one that was dropped for what is in it" --record t-key
says "stage, code, rule, line of the policy" 'DROPPED at redact \(stage 3 of 7\)'
says "code" 'code +RED-DROP-RECORD'
says "the finding that decided" 'fact +.*by rule .*, score 0\.95, at least 0\.40, field text, characters 11 to 31 of 57, 20 long'
says "the leaf" 'base\.yaml:[0-9]+ +redaction\.detectors\.[A-Z_]+\.action = drop_record'
explains 0 "one that was too long" --record traces/a.jsonl:4
says "by how much" '1,2[0-9]{2} tokens \(estimated\), at most 1,000'
says "by which line" 'base\.yaml:[0-9]+ +limits\.max_tokens_per_trace = 1000'
explains 0 "en français" --record t-long --lang fr
says "en français : l'étape" 'ÉCARTÉ à l.+étape limit'
says "en français : le remède" 'remède'
explains 0 "one that was not understood" --record a.jsonl:5
says "with its place in the input" 'DEC-[A-Z]+'
explains 0 "as JSON" --record t-key --json
same "JSON: outcome, stage, code, kind of the fact" \
    "$(jq -r '.result.records[0]|"\(.outcome) \(.stage) \(.code) \(.fact.kind)"' "$out")" \
    "dropped redact RED-DROP-RECORD found"
same "JSON: words in both languages" \
    "$(jq -r '.result.records[0].words|(.en != "" and .fr != "" and .en != .fr)' "$out")" true
explains 2 "an id that was never read" --record t-never
explains 2 "a record behind the last" --record a.jsonl:99
explains 2 "no such run" EXP-2000-01-01-UK-01 --record t-key
explains 2 "nothing asked" latest
explains 2 "two things asked" --bundle --decision
explains 2 "another language" --bundle --lang de

# ---- bundle and decision
explains 0 "the bundle waits" --bundle
says "for whom" 'needed +[A-Z].*: 1$'
says "code" 'code +APR-MISSING'
says "what is in the ledger" 'ledger +.*Export prepared'
explains 0 "le lot, en français" --bundle --lang fr
says "de quel pays vers lequel" 'Royaume-Uni vers Irlande'
explains 0 "the decision" --decision --json
same "JSON: who must sign" \
    "$(jq -r '[.result.needed[].role]|sort|join(" ")' "$out")" "dpo legal"
quietly tg reject latest --role legal --key people/legal.key \
    --digest "$(run_digest latest)" --reason "Too wide."
explains 0 "refused" --decision
says "by whom, with the reason that was given" 'Too wide\.'
says "code" 'APR-REJECTED'
explains 0 "refusé" --decision --lang fr
says "en français" 'refus'

# ---- what was kept is what was written
cp -a "$run_of" kept
# doctored PYTHON: the log with its digest made good again
doctored() {
    /usr/bin/python3 - "$run_of/private/facts.jsonl" "$1" <<'END'
import hashlib, json, sys
lines = open(sys.argv[1]).read().replace(*sys.argv[2].split("=>")).splitlines(True)
end = json.loads(lines[-1])
end["sha256"] = hashlib.sha256("".join(lines[:-1]).encode()).hexdigest()
lines[-1] = json.dumps(end, sort_keys=True, separators=(",", ":")) + "\n"
open(sys.argv[1], "w").write("".join(lines))
END
}
restore() {
    rm -rf "$run_of"
    cp -a kept "$run_of"
}
doctored 'x=>x'
explains 0 "a log that was written again as it was" --record t-key
doctored '"code":"RED-DROP-RECORD"=>"code":"LIM-TOKENS"'
explains 5 "another reason in the log, its own digest made good" --record t-key
says "by what is signed" 'not what the signed manifest says'
restore
sed -i 's/"RED-DROP-RECORD"/"LIM-TOKENS"/' "$run_of/private/facts.jsonl"
explains 5 "the digest left as it was" --record t-key
restore
sed -i 's/"value":"drop_record"/"value":"label"/' "$run_of/decided.json"
explains 5 "another policy said to have decided" --record t-key
explains 5 "also of the bundle" --bundle
restore
sed -i 's/"facts_sha256":"./"facts_sha256":"x/' "$run_of"/bundle/*/manifest.json
explains 5 "a manifest that is not the one in the ledger" --record t-key
restore
rm "$run_of/private/facts.jsonl"
explains 1 "a log that is gone: so it says" --record t-key
says "with what the manifest counts" 'RED-DROP-RECORD'
restore
same "the digest in the manifest is of a salted log" \
    "$(head -n 1 "$run_of/private/facts.jsonl" | jq -r '.salt|length')" 64
check "no name of an input is in the bundle" sh -c \
    "! grep -rq 'traces/a.jsonl' '$run_of'/bundle"

# ---- a run that the policy stopped
for i in 1 2 3; do
    printf '{"trace_id":"u-%s","session_id":"s-%s","text":"Ask ann.grey@example.org"}\n' \
        "$i" "$i"
done >traces/a.jsonl
printf '%s\n' 'anonymisation: {k_applies_to: all}' >>p.yaml
exits 1 "groups that are too small stop a run" tg run --date 2026-11-25
stopped=$(run_dir latest)
same "it is kept why" "$(jq -r .code "$stopped/stopped.json")" ANO-SUPPRESSED
explains 0 "explained" --bundle
says "stopped, by which code" 'ANO-SUPPRESSED'
says "and the leaf" 'max_suppression_ratio'
explains 0 "expliqué" --bundle --lang fr
says "en français" 'ANO-SUPPRESSED'
explains 0 "as JSON" --bundle --json
same "JSON: stopped" \
    "$(jq -r '.result|"\(.outcome) \(.reasons[0].code)"' "$out")" "stopped ANO-SUPPRESSED"
explains 1 "of its records nothing was kept" --record u-1
echo '{"code":"ANO-' >"$stopped/stopped.json"
explains 5 "stopped.json damaged" --bundle

check "never what was found" sh -c "! grep -nE '$planted' '$told'"
differs "something was said" "$(wc -l <"$told")" 0
finish
