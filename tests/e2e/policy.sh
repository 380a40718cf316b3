#!/bin/bash
# policy.sh - what a policy's author and her reviewer use: the schema for the
# editor, the difference between two policies, why a leaf has its value.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
/usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null ||
    skip "no python3-jsonschema or python3-yaml"

# The schema is the one that is shipped, is one of draft-07, and takes what
# is shipped.
schema=$root/policies/policy.schema.json
# shellcheck disable=SC2317 # called by check
by_schema() { "$here/policy_schema.py" "$schema" "$@"; }
check "schema: printed" tg policy schema
cp "$out" printed.json
check "schema: the shipped one is current (policy schema >it)" \
    cmp printed.json "$schema"
check "schema: takes the shipped policies" by_schema \
    "$root/policies/base.yaml" "$root"/regions/*/policy.yaml
for f in "$root/policies/base.yaml" "$root"/regions/*/policy.yaml; do
    # shellcheck disable=SC2016 # a pattern
    link=$(sed -n '1s/^# yaml-language-server: \$schema=//p' "$f")
    same "schema: ${f#"$root"/} names it for the editor" \
        "$(realpath "$(dirname "$f")/${link:-none}")" "$schema"
done

# What is typed wrong is wrong to the schema and to the program.
mkdir wrong
wrong() { # NAME TEXT: a project's file that must not pass either
    {
        printf 'schema: tracegate.policy/1\nid: p\nversion: 1\n'
        printf 'layer: project\n%s\n' "$2"
    } >wrong/p.yaml
    refuses "wrong: $1: not by the schema" by_schema wrong/p.yaml
    exits 3 "wrong: $1: nor to policy check" \
        tg policy check wrong/p.yaml --region uk
    says "wrong: $1: with the place" 'wrong/p\.yaml:[0-9]+:[0-9]+: '
}
wrong "a key with a slip" 'limits: {max_tokens_per_trac: 10}'
wrong "a word for a number" 'limits: {max_tokens_per_trace: many}'
wrong "a number out of range" 'approvals: {per_bundle: {expires_days: 0}}'
wrong "a ratio over 1" 'sampling: {rate_max: 5}'
wrong "a word not of the list" 'limits: {on_exceed: explode}'
wrong "NO for no" 'targets: {verify_residency: "NO"}'
wrong "a list for a word" 'sampling: {unit: [trace]}'
wrong "a map for a number" 'anonymisation: {k_min: {}}'
wrong "an empty list of what is allowed" 'purposes: {allow: []}'
wrong "a type in small letters" \
    'redaction: {detectors: {email: {action: label}}}'

# YAML that is made to hurt: refused at its place, in little memory.
mkdir hurt
hurts() { # NAME: hurt/p.yaml, with 256 MB to live in and 10 s
    exits 3 "hurt: $1" timeout 10 bash -c 'ulimit -v 262144
        exec "$@"' - "$program" policy check hurt/p.yaml --region uk
    says "hurt: $1: with the place" 'hurt/p\.yaml:[0-9]+:[0-9]+: '
}
if ! (ulimit -v 262144 && "$program" policy check --region uk) >/dev/null 2>&1
then # a sanitizer wants more room than that
    hurts() {
        exits 3 "hurt: $1" tg policy check hurt/p.yaml --region uk
        says "hurt: $1: with the place" 'hurt/p\.yaml:[0-9]+:[0-9]+: '
    }
fi
head -c 104857600 /dev/zero | tr '\0' a >hurt/p.yaml
hurts "100 MB"
head -c 10000 /dev/zero | tr '\0' '[' >hurt/p.yaml
hurts "10,000 levels"
printf 'a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n' >hurt/p.yaml
hurts "billion laughs"
printf 'a: \377\n' >hurt/p.yaml
hurts "no UTF-8"
rm -f hurt/p.yaml

# Two policies, leaf by leaf.
diff_lines() { awk '/^(TIGHTER|LOOSER|CHANGED) /' "$out"; }
check "diff: a region and itself: nothing" tg policy diff uk uk
same "diff: so it says" "$(diff_lines | wc -l)" 0
says "diff: and how many it compared" '^[1-9][0-9]* leaves compared: 0 tighter'
cat >tight.yaml <<'END'
schema: tracegate.policy/1
id: p
version: 1
layer: project
limits: {max_tokens_per_trace: 500}
purposes: {deny: [dinner]}
END
exits 1 "diff: a project that tightens differs" \
    tg policy diff uk tight.yaml --region uk
same "diff: two leaves, both tighter" "$(diff_lines | awk '{print $1, $2}')" \
    'TIGHTER /limits/max_tokens_per_trace
TIGHTER /purposes/deny'
says "diff: old and new value, the place" \
    'max_tokens_per_trace +1000 -> 500 +tight.yaml:5'
says "diff: what came into a set" '/purposes/deny +\+dinner '
check "diff: --fail-on looser lets it pass" \
    tg policy diff uk tight.yaml --region uk --fail-on looser
exits 1 "diff: the other way round it is looser" \
    tg policy diff tight.yaml uk --region uk --fail-on looser
same "diff: both" "$(diff_lines | awk '{print $1}' | sort -u)" LOOSER

# A reason code: who says it, in words, by which line.
check "explain: a reason code" tg policy explain --region uk SMP-CAP-SUBJECT
says "explain: in words" 'More records of one person than the policy allows'
says "explain: the stage and the leaf" \
    '^rule +/sampling/caps/max_records_per_subject$'
says "explain: and where it stands" 'policies/base\.yaml:[0-9]+$'
check "explain: in French, as JSON" \
    tg policy explain --region fr --lang fr --json RED-NIR
same "explain: stage, rule and control" \
    "$(jq -r '.result | "\(.stage) \(.rule) \(.controls)"' "$out")" \
    "redact /redaction/detectors/FR_NIR/action FR-17"
says "explain: in French" 'NIR\) a été trouvé'

# A change of the floor itself, as a reviewer has it: two folders.
mkdir approved
cp -R "$root/policies" "$root/regions" approved/
cp -R approved changed
sed -i 's/^  topk_max: 32$/  topk_max: 64/; s/^    GPS: .*//' \
    changed/policies/base.yaml
exits 1 "diff: a floor that gives way" \
    tg policy diff approved changed --region uk --fail-on looser
same "diff: the number and the detector" \
    "$(diff_lines | awk '$1 == "LOOSER" {print $1, $2}')" \
    'LOOSER /activations/topk_max
LOOSER /redaction/detectors/GPS/fides'
exits 1 "diff: as JSON" tg policy diff approved changed --region uk --json
same "diff: JSON has the same" \
    "$(jq -r '.result[] | [.way, .path, .old, .new] | @tsv' "$out" | head -n 1)" \
    "LOOSER	/activations/topk_max	32	64"
same "diff: and says so" "$(jq -r '[.ok, .exit_code] | @tsv' "$out")" \
    "false	1"

# Of any two regions one way is the other turned round.
for pair in "uk fr" "uk us" "fr us" "uk uk,fr" "us uk,fr,us"; do
    # shellcheck disable=SC2086 # two words
    run tg policy diff $pair
    there=$(diff_lines | awk '{print $1, $2}')
    run tg policy diff "${pair#* }" "${pair% *}"
    back=$(diff_lines | awk '{print $1, $2}' |
        sed 's/^TIGHTER/X/; s/^LOOSER/TIGHTER/; s/^X/LOOSER/')
    same "diff: $pair and back" "$there" "$back"
    differs "diff: $pair: there is something" "$there" none
done
for all in "uk uk,fr" "us uk,fr,us"; do
    # shellcheck disable=SC2086 # two words
    run tg policy diff $all
    same "diff: $all: more laws loosen nothing" \
        "$(diff_lines | grep -c '^LOOSER')" 0
done
exits 2 "diff: one is not two" tg policy diff uk
exits 2 "diff: --fail-on takes a word it knows" \
    tg policy diff uk fr --fail-on better

# Tests of policies: the shipped ones, and that they notice.
check "test: the shipped cases, and no leaf can be loosened unseen" \
    tg policy test --coverage
says "test: counted" '^[1-9][0-9]+ leaves loosened, 0 unprotected'
says "test: with a closing line" '^[1-9][0-9]+ passed, 0 failed$'
mkdir cases
one_case() { # JOB EXPECT
    sed '/^cases:/q' "$root/regions/uk/uk.test.yaml" >cases/one.test.yaml
    printf '  - {name: it, policy: [uk], job: %s, expect: %s}\n' "$1" "$2" \
        >>cases/one.test.yaml
}
one_case '{k: 5}' '{decision: allow}'
check "test: a case of one's own" tg policy test cases/one.test.yaml
exits 1 "test: one case protects little" \
    tg policy test --coverage cases/one.test.yaml
says "test: a leaf that nothing protects is named, with its place" \
    '^FAIL  regions/uk/policy.yaml:[0-9]+: /anonymisation/'
one_case '{k: 4}' '{decision: allow}'
exits 1 "test: an answer that was not expected" \
    tg policy test cases/one.test.yaml
says "test: with the reason" 'ANO-K was not expected: k is 4, under 5'
one_case '{k: 4}' '{decision: deny, reasons: [ANO-K, SMP-RATE]}'
exits 1 "test: a reason that is missing" tg policy test cases/one.test.yaml
says "test: which" 'the reason SMP-RATE is missing'
one_case '{k: 4}' '{decision: deny}'
exits 3 "test: a no without its reasons" tg policy test cases/one.test.yaml
one_case '{kk: 4}' '{decision: allow}'
exits 3 "test: a key with a slip" tg policy test cases/one.test.yaml
says "test: with the place" 'one\.test\.yaml:[0-9]+:[0-9]+: .*kk'
printf 'schema: tracegate.policytest/1\ncases: []\n' >cases/none.test.yaml
exits 3 "test: no cases are no test" tg policy test cases/none.test.yaml
grep -v '^        k_min: ' "$root/regions/uk/uk.test.yaml" |
    grep -v 'ANO-K' >cases/less.test.yaml
sed -i '/k of 4/,+2d' cases/less.test.yaml
exits 1 "test: a floor without k" \
    tg policy test --coverage cases/less.test.yaml
same "test: exactly that is named" \
    "$(sed -n 's/^FAIL .*: \(\/[^:]*\): .*/\1/p' "$out")" /anonymisation/k_min
exits 1 "test: as JSON" tg policy test --coverage cases/less.test.yaml --json
same "test: JSON names it too" \
    "$(jq -r '.result[] | select(.ok | not) | .name' "$out")" \
    /anonymisation/k_min

# Why.
check "explain: a leaf by one name of it" tg policy explain --region fr k_min
says "explain: the value" '^/anonymisation/k_min = 11$'
says "explain: who says what" '^  base +5 +policies/base.yaml:[0-9]+$'
says "explain: and who wins" \
    '^  fr +11 +regions/fr/policy.yaml:[0-9]+  \(holds\)$'
says "explain: the control behind it" '^  FR-12 .*: .'
english=$(grep '^  FR-06' "$out")
check "explain: in French" tg policy explain --region fr k_min --lang fr
differs "explain: the duty is in French" "$(grep '^  FR-06' "$out")" "$english"
check "explain: a branch" tg policy explain --region uk /limits --json
same "explain: all of it" "$(jq -r '.result[].path' "$out" | sort)" \
    "$(tg policy show --region uk --json |
        jq -r '.result.leaves[].path | select(startswith("/limits/"))' | sort)"
exits 2 "explain: a name with a slip" \
    tg policy explain --region uk max_tokns_per_trace
says "explain: the name meant" "did you mean 'max_tokens_per_trace'"
exits 2 "explain: no region, no answer" tg policy explain k_min
finish
