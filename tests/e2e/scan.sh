#!/bin/bash
# scan.sh - scan and redact for people and CI: reasons, baseline, limit, SARIF,
# Markdown, rule packs of one's own; and no matched text in any of it.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need python3 python3

mkdir t && cd t || exit 2
cat >a.jsonl <<'EOF'
{"text":"Write to jane.roe@example.org, NIR 1 85 05 78 006 084 91."}

{"text":"épée jane.roe%40example.org","x":{"y":"{\"z\":\"card 4111 1111 1111 1111\"}"}}
{"messages":[{"role":"user","content":"Dear Dr Priya Raman, hello"}],"text":"card 4111111111111112"}
EOF

# --- text ------------------------------------------------------------------
cat >want <<'EOF'
a.jsonl:1  /text[9..29]  EMAIL  90  email.address  label
a.jsonl:1  /text[35..56]  FR_NIR  100  fr.nir  label
a.jsonl:2  /text[5..27]  EMAIL  90  email.address  label
a.jsonl:2  /x/y#/z[5..24]  CREDIT_CARD  100  card.number  label
a.jsonl:3  /messages/0/content[8..19]  PERSON  80  person.titled  label
EOF
exits 1 "text: something found" tg scan a.jsonl
head -n 5 "$out" >got
says "text: how many, of what" \
    '^5 findings in 3 of 3 records, [0-9]+ texts examined: 1 CREDIT_CARD, 2 EMAIL, 1 FR_NIR, 1 PERSON \(best effort\)\.$'
says "text: what is not counted, counted" \
    '^[0-9]+ below their threshold, 0 suppressed by a rule, 0 records left out$'
check "text: a line a finding" cmp got want
exits 1 "--explain: the same answer" tg scan --explain a.jsonl
grep -E '^a\.jsonl' "$out" | grep -v 'not counted' >got
says "--explain: pack, check, parts of the score, context's list, view" \
    '^    regions/fr/identifiers\.yaml:[0-9]+, direct_identifier; check ok \(fr_nir\); score 100 of [0-9]+: base 0, valid [0-9]+, context [0-9]+ \(words, before\), whole 0; view raw'
says "--explain: what was decoded" 'view decoded:escapes$'
same "--explain: what a check refused is not shown" "$(grep -c 'not counted: validator' "$out")" 0
check "--explain: the same findings" cmp got want
tg scan --explain=all a.jsonl >"$out"
says "--explain=all: it is" 'CREDIT_CARD  0  card\.number  not counted: validator'
exits 2 "--explain=some" tg scan --explain=some a.jsonl
exits 2 "--output: a wrong form" tg scan --output sarfi a.jsonl
says "and what was meant" 'did you mean sarif'
exits 2 "--output and --json" tg scan --output sarif --json a.jsonl

# --- JSON ------------------------------------------------------------------
exits 1 "json=lines" tg scan --output json=lines a.jsonl
cp "$out" lines
tg scan --json=lines a.jsonl >lines2
check "--output json=lines is --json=lines" cmp lines lines2
check "its members are the contract's" jq -es \
    'length == 5 and all(keys == ["action","end","file","path","record","rule","score","start","type"])' lines
tg scan --json --explain=all a.jsonl >doc.json
check "--json --explain=all: the parts are the score" jq -e '.result | length > 5 and
    all(.[]; .explain.score | ([.base + .valid + .context + .whole, 100] | min) == .total)' doc.json
check "a finding has its minimum, what is below has not" jq -e '.result |
    all(.[]; (.state == "found") == (.suppressed_by == null)) and
    all(.[] | select(.state == "found"); .explain.score.total >= .explain.score.minimum) and
    all(.[] | select(.state == "below"); .explain.score.total < .explain.score.minimum)' doc.json
check "ok, fail and none" jq -e '[.result[].explain.verdict] | unique == ["fail","none","ok"]' doc.json
tg scan --output json -o out.json a.jsonl >"$out"
same "--output json -o: nothing on standard output" "$(stat -c %s "$out")" 0
check "--output json -o: the document" jq -e '.schema == "tracegate.scan/1" and (.result | length) == 5' out.json

# --- Markdown --------------------------------------------------------------
cat >want.md <<'EOF'
## tracegate scan: personal data or secrets found

5 findings in 3 of 3 records; N texts examined; 0 records left out.

| type | new | known |
|---|---:|---:|
| `CREDIT_CARD` | 1 | 0 |
| `EMAIL` | 2 | 0 |
| `FR_NIR` | 1 | 0 |
| `PERSON` (best effort) | 1 | 0 |

| file | new | known |
|---|---:|---:|
| a.jsonl | 5 | 0 |

EOF
exits 1 "markdown" tg scan --output markdown a.jsonl
head -n 15 "$out" | sed 's/[0-9]* texts/N texts/' >got.md
says "markdown: what is best effort" '^PERSON is best effort'
says "markdown: what is not counted" '^Not counted: [0-9]+ below their threshold, 0 suppressed'
check "markdown: types and files" cmp got.md want.md
cp a.jsonl 'b|c_*d.jsonl'
tg scan --output markdown 'b|c_*d.jsonl' >"$out"
says "markdown: a file's name is no markup" '^\| b\\\|c\\_\\\*d\.jsonl \| 5'

# --- SARIF -----------------------------------------------------------------
exits 1 "sarif" tg scan --output sarif --explain=all -o scan.sarif a.jsonl
same "sarif -o: nothing on standard output" "$(stat -c %s "$out")" 0
# shellcheck disable=SC2016 # $r is a variable of jq
check "sarif: 2.1.0, one run, its rules are those of the results" jq -e '
    .version == "2.1.0" and (.runs | length) == 1 and (.runs[0] |
    .tool.driver.name == "tracegate" and .columnKind == "unicodeCodePoints" and
    (.tool.driver.rules as $r | all(.results[]; $r[.ruleIndex].id == .ruleId)) and
    ([.tool.driver.rules[].id] | length == (unique | length)) and
    all(.tool.driver.rules[]; (.help.text | length > 0) and .defaultConfiguration.level and
        .shortDescription.text and .fullDescription.text))' scan.sarif
check "sarif: levels" jq -e '.runs[0].results |
    all(.[]; .level == (if .kind then "none" elif .properties.type == "PERSON"
        then "warning" else .level end)) and any(.[]; .level == "error") and
    all(.[]; .level | IN("error", "warning", "note", "none"))' scan.sarif
check "sarif: relative files, regions, messages" jq -e '.runs[0].results | all(.[];
    (.locations[0].physicalLocation | .artifactLocation.uri == "a.jsonl" and
     (.region | .charLength > 0 and .charOffset >= 0 and .startLine >= 1)) and
    (.message.text | length > 0))' scan.sarif
python3 - a.jsonl scan.sarif >got <<'PY'
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
for r in json.load(open(sys.argv[2], encoding="utf-8"))["runs"][0]["results"]:
    if "kind" in r:
        continue
    g = r["locations"][0]["physicalLocation"]["region"]
    print(g["startLine"], text[g["charOffset"]:g["charOffset"] + g["charLength"]])
PY
same "sarif: regions are code points of the file" "$(tr '\n' ';' <got)" \
    '1 jane.roe@example.org;1 1 85 05 78 006 084 91;3 jane.roe%40example.org;3 4111 1111 1111 1111;4 Priya Raman;'
printf '\xef\xbb\xbf' | cat - a.jsonl >bom.jsonl
tg scan --output sarif bom.jsonl >bom.sarif 2>/dev/null
same "sarif: a byte order mark is no character" \
    "$(jq -c '[.runs[0].results[].locations[0].physicalLocation.region]' bom.sarif)" \
    "$(tg scan --output sarif a.jsonl | jq -c '[.runs[0].results[].locations[0].physicalLocation.region]')"
tg scan --output sarif "$work/t/a.jsonl" >far.sarif
same "sarif: a file below the folder is relative however it is named" \
    "$(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' far.sarif)" a.jsonl
(mkdir -p ../away && cd ../away && tg scan --output sarif "$work/t/a.jsonl" >far.sarif)
check "sarif: one outside is relative to ROOT" jq -e '.runs[0] |
    (.results[0].locations[0].physicalLocation.artifactLocation | .uriBaseId == "ROOT" and
     (.uri | startswith("/") | not)) and .originalUriBaseIds.ROOT.uri == "file:///"' ../away/far.sarif
: >empty.txt
printf 'nothing here\n' >plain.txt
exits 0 "sarif: nothing found" tg scan --format text --output sarif plain.txt
check "sarif: no results, and no rules" jq -e '.runs[0] | .results == [] and .tool.driver.rules == []' "$out"
# The schema of the standard, where there is one: TG_SARIF_SCHEMA=FILE.
schema=${TG_SARIF_SCHEMA:-$root/build/tools/sarif-schema-2.1.0.json}
if [ -r "$schema" ] && python3 -c 'import jsonschema' 2>/dev/null; then
    for f in scan.sarif bom.sarif ../away/far.sarif "$out"; do
        check "sarif: $(basename "$f") is valid by the schema" python3 - "$schema" "$f" <<'PY'
import json, sys, jsonschema
load = lambda p: json.load(open(p, encoding="utf-8"))
jsonschema.Draft4Validator(load(sys.argv[1])).validate(load(sys.argv[2]))
PY
    done
else
    echo "note: no SARIF schema (TG_SARIF_SCHEMA=FILE, python3-jsonschema): structure alone was checked"
fi

# --- the limit, the file ---------------------------------------------------
exits 0 "--max-findings: as many as there are" tg scan --max-findings 5 a.jsonl
exits 1 "--max-findings: one fewer" tg scan --max-findings 4 a.jsonl
same "and all of them are shown" "$(grep -c '^a' "$out")" 5
exits 2 "--max-findings: no number" tg scan --max-findings few a.jsonl
(cat a.jsonl; echo '{"text":') >cut.jsonl
exits 7 "within the limit, but a record was left out" tg scan --max-findings 9 cut.jsonl
cp scan.sarif before.sarif
exits 2 "-o: a file that is there" tg scan --output sarif -o scan.sarif plain.txt
check "it is left alone" cmp scan.sarif before.sarif
exits 1 "--overwrite" tg scan --output sarif -o scan.sarif --overwrite a.jsonl
differs "it is another" "$(sha256sum <scan.sarif)" "$(sha256sum <before.sarif)"
mkdir in && cp a.jsonl in
exits 1 "-o into the folder that is scanned" tg scan --output markdown -o in/o.md in
says "only the traces were read" '^5 findings: in/o\.md$'
same "no other file is left in it" \
    "$(find in -type f -printf '%f\n' | LC_ALL=C sort | tr '\n' ' ')" "a.jsonl o.md "
exits 6 "-o where nothing can be written" tg scan -o no/such/folder/x a.jsonl

# --- the baseline ----------------------------------------------------------
cd .. && mkdir base && cd base || exit 2
cp ../t/a.jsonl .
exits 10 "--baseline without a key" sh -c "echo '{}' >n.json; '$program' scan --baseline n.json a.jsonl"
exits 1 "--write-baseline: the answer is the same" tg scan --write-baseline known.json a.jsonl
same "the key is 0600" "$(stat -c %a known.json.key)" 600
exits 0 "--baseline: all known" tg scan --baseline known.json a.jsonl
says "and counted" '5 known from the baseline'
exits 0 "--baseline: however the file is named" tg scan --baseline known.json "./$(basename .)/a.jsonl"
exits 0 "--baseline, --explain shows them" tg scan --explain --baseline known.json a.jsonl
same "all five" "$(grep -c 'not counted: baseline' "$out")" 5
exits 0 "--baseline, SARIF: unchanged" tg scan --output sarif --baseline known.json a.jsonl
check "each with its fingerprint" jq -e '.runs[0].results | length == 5 and
    all(.[]; .baselineState == "unchanged" and (.partialFingerprints | to_entries[0].value | test("^[0-9a-f]{32}$")))' "$out"
new() { # NAME: one new finding in a.jsonl
    exits 1 "$1 is new" tg scan --baseline known.json a.jsonl
    same "$1: it alone" "$(grep -c '^a\.jsonl:' "$out")" 1
}
cp a.jsonl keep
sed -i '1s/jane\.roe/john.roe/' a.jsonl
new "another value at a known place"
cp keep a.jsonl
echo '{"text":"again jane.roe@example.org"}' >>a.jsonl
new "the same value once more at its place"
cp keep a.jsonl
sed -i 's/"text":"card/"note":"jane.roe@example.org","text":"card/' a.jsonl
new "the same value at another path"
cp keep a.jsonl
cp a.jsonl other.jsonl
exits 1 "the same values in another file are new" tg scan --baseline known.json other.jsonl
same "all of them" "$(grep -c '^other' "$out")" 5
(echo '{"text":"a line above"}'; cat keep) >a.jsonl
exits 0 "a line above makes nothing new" tg scan --baseline known.json a.jsonl
cp keep a.jsonl
chmod 644 known.json.key
exits 10 "a key that others may read" tg scan --baseline known.json a.jsonl
chmod 600 known.json.key
exits 1 "another key" tg scan --write-baseline k2.json a.jsonl
differs "gives other fingerprints" "$(jq -c '[.findings[].fingerprint]|sort' known.json)" \
    "$(jq -c '[.findings[].fingerprint]|sort' k2.json)"
exits 10 "and does not fit" tg scan --baseline known.json --baseline-key k2.json.key a.jsonl
exits 1 "the same key" tg scan --write-baseline k3.json --baseline-key known.json.key a.jsonl
check "gives the same bytes" cmp known.json k3.json
exits 2 "a baseline is not overwritten" tg scan --write-baseline k3.json --baseline-key known.json.key a.jsonl
exits 2 "a key alone" tg scan --baseline-key known.json.key a.jsonl
cp known.json broken.json && sed -i 's/"count": 1/"count": 0/' broken.json
exits 3 "a baseline that says nothing" tg scan --baseline broken.json --baseline-key known.json.key a.jsonl
echo '{"schema":"other/1","findings":[]}' >broken.json
exits 3 "none at all" tg scan --baseline broken.json --baseline-key known.json.key a.jsonl
python3 - known.json <<'PY' >got
import hashlib, sys
text = open(sys.argv[1]).read()
for v in ("jane.roe@example.org", "1 85 05 78 006 084 91", "4111 1111 1111 1111", "Priya Raman"):
    for b in (v.encode(), v.replace(" ", "").encode()):
        for h in ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s"):
            if hashlib.new(h, b).hexdigest()[:16] in text:
                print(v, h)
        for n in (16, 32):
            if hashlib.blake2b(b, digest_size=n).hexdigest() in text:
                print(v, n)
PY
same "no hash of a value that anyone can make" "$(cat got)" ""

# --- masked context --------------------------------------------------------
cd .. && mkdir ctx && cd ctx || exit 2
for i in 1 2 3 4 5; do
    echo "{\"id\":\"t$i\",\"text\":\"please write to u$i@example.org for the keys\"}"
done >five.jsonl
head -n 4 five.jsonl >four.jsonl
sed 's/"id":"t[0-9]"/"id":"t1"/' five.jsonl >one.jsonl
sed 's/please/on page 7/' five.jsonl >digit.jsonl
tg scan five.jsonl >"$out"
same "no context unless it is asked for" "$(grep -c 'write to' "$out")" 0
tg scan --context five.jsonl >"$out"
says "five traces have the same: shown, masked" '^  please write to \[EMAIL\] for the keys$'
tg scan --context four.jsonl >"$out"
same "four do not" "$(grep -c 'write to' "$out")" 0
tg scan --context one.jsonl >"$out"
same "one trace five times does not" "$(grep -c 'write to' "$out")" 0
tg scan --context --output markdown digit.jsonl >"$out"
says "words with a digit are masked" '^- \\\* write to'

# --- rule packs of one's own -----------------------------------------------
cd .. && mkdir pack && cd pack || exit 2
cat >mine.yaml <<'EOF'
version: 1
pack: mine
lists:
  staff: [employee, staff number]
rules:
  - id: mine.staff
    type: STAFF_ID
    category: direct_identifier
    pattern: 'EMP-\d{6}'
    score: {base: 60, context: 20}
    context:
      words: ['@staff']
      negative: [sample]
    allow: ['EMP-000000']
    examples:
      match: ['employee [[EMP-123456]]', '[[EMP-654321]] signed']
      no_match: ['EMP-12', 'EMP-1234567']
EOF
echo '{"text":"EMP-123456 and EMP-000000 and then, for all of us, the sample EMP-777777 here"}' >a.jsonl
exits 0 "policy check: a pack by its content" tg policy check mine.yaml
says "its rules were examined" '^ok  mine\.yaml  rule pack, 1 rules, 0 warnings$'
exits 0 "policy check --pack" tg policy check --region fr --pack mine.yaml
exits 0 "without the pack: nothing" tg scan a.jsonl
exits 1 "scan --pack" tg scan --pack mine.yaml a.jsonl
says "the rule of one's own" '^a\.jsonl:1  /text\[0\.\.10\]  STAFF_ID  60  mine\.staff  label$'
says "what its lists left alone is counted" ' 2 suppressed by a rule'
tg scan --pack mine.yaml --explain a.jsonl >"$out"
says "--explain: the allow list" 'STAFF_ID .*not counted: allow list'
says "--explain: the negative words" 'STAFF_ID .*not counted: negative words'
tg scan --pack mine.yaml --explain --output sarif a.jsonl >s.sarif
check "sarif: suppressed results say by what" jq -e '[.runs[0].results[] |
    select(.suppressions) | .suppressions[0].justification] == ["allow list", "negative words"]' s.sarif
exits 0 "redact --pack" tg redact --pack mine.yaml a.jsonl
says "takes it out" '^\{"text":"\[STAFF_ID\] and EMP-000000'
exits 0 "redact -o" tg redact --pack mine.yaml -o r.jsonl a.jsonl
same "redact -o: nothing on standard output" "$(stat -c %s "$out")" 0
check "and what was not found stays" grep -q 'EMP-777777 here' r.jsonl
exits 2 "redact -o: a file that is there" tg redact -o r.jsonl a.jsonl
exits 0 "redact --explain" tg redact --explain --pack mine.yaml a.jsonl
says "why, on standard error" '^    mine\.yaml:6, direct_identifier; check none; score 60'
same "and nothing of it in the answer" "$(grep -c mine "$out")" 0
bad() { # NAME EDIT WANT
    sed "$2" mine.yaml >bad.yaml
    exits 3 "policy check refuses $1" tg policy check bad.yaml
    says "$1: with its place" "^bad\\.yaml:$3"
    exits 3 "$1: scan does too" tg scan --pack bad.yaml a.jsonl
}
bad "an unknown validator" "s/^    score/    validator: ibn\n&/" \
    "10:16: unknown validator 'ibn' \(did you mean 'iban'\?\)"
bad "an unbounded repeat" 's/.d{6}/\\d+/' '9:21: .*unbounded repeat'
bad "a catastrophic pattern" "s/EMP-.d{6}/(a+)+\$/" '9:17: .*unbounded repeat'
bad "an unknown key" 's/pattern/patern/' "9:5: unknown key 'patern' \(did you mean 'pattern'\?\)"
bad "an unknown list" 's/@staff/@staf/' "12:15: unknown list 'staf' \(did you mean 'staff'\?\)"
bad "missing examples" '/no_match/d' "16:7: rule 'mine.staff' needs at least two 'no_match'"
bad "an example that is not found" 's/EMP-654321/EMQ-654321/' "16:42: .*'match' example is not found"
bad "an id that is there already" 's/mine\.staff/email.address/' "6:1: rule 'email.address' is there twice"
bad "a rule that finds its own replacement" "s/'EMP-.d{6}'/'(?:EMP-\\\\d{6}|\\\\[?STAFF)'/" \
    "6:1: rule 'mine.staff' matches the replacement of type STAFF_ID"
sed "s/'EMP-.d{6}'/'[A-Z0-9-]{1,9}[A-Z0-9-]\\\\d{3}'/; s/EMP-000000/x/; s/'EMP-12'/y/; s/'EMP-1234567'/z/" mine.yaml >slow.yaml
exits 0 "policy check: a slow rule is valid" tg policy check slow.yaml
says "it is named, with its cost" "^slow\\.yaml:9:15: SLOW-LANE: rule 'mine\\.staff' .*PCRE2 searches every text from end to end"
exits 3 "--strict: it is not" tg policy check --strict slow.yaml
sed "s/'EMP-.d{6}'/'(?:EMP|EMP)-\\\\d{6}'/" mine.yaml >alt.yaml
exits 0 "policy check: an alternative twice" tg policy check alt.yaml
says "it is named" "^alt\\.yaml:9:22: UNREACHABLE: "
# A region that asks for anonymisation has no use for what keeps the value.
mkdir -p data && cp -r "$root/policies" "$root/regions" "$root/redactors" data
sed -i 's/^  detectors:.*/&\n    STAFF_ID: {action: pseudonymise, min_score: 0.50}/' data/policies/base.yaml
exits 3 "an operator that the region forbids" tg policy check --data-dir data --region fr mine.yaml
says "with the policy's line and the reason" \
    "policies/base\\.yaml:[0-9]+.*STAFF_ID|STAFF_ID .policies/base\\.yaml:[0-9]+.*anonymisation is required"
exits 0 "elsewhere it is none" tg policy check --data-dir data --region uk mine.yaml

# A project's policy names packs: scan, policy check and run take them.
mkdir -p p/rules && cp mine.yaml p/rules
cat >p/project.yaml <<'EOF'
schema: tracegate.policy/1
id: p
version: 1.0.0
layer: project
owner_role: dpo
effective_from: 2026-11-24
review_by: 2027-06-01
title: {en: "P", fr: "P"}
redaction:
  packs: [rules/mine.yaml]
EOF
exits 1 "scan -p: the packs of the policy" tg scan --region uk -p p/project.yaml a.jsonl
says "its rule" 'STAFF_ID .* mine\.staff  label$'
exits 0 "policy check -p" tg policy check --region uk -p p/project.yaml
exits 0 "policy check: the project" tg policy check --region uk p/project.yaml
exits 0 "policy show: the leaf" tg policy show --region uk -p p/project.yaml
says "with its file" '^/redaction/packs +\[rules/mine\.yaml\] +project\.yaml:10'
sed -i 's/validator/x/; s/EMP-.d{6}/EMP-\\d+/' p/rules/mine.yaml
exits 3 "policy check -p: a pack that is wrong" tg policy check --region uk -p p/project.yaml
says "with its place" 'p/rules/mine\.yaml:9:21: '
exits 3 "scan -p: it is refused" tg scan --region uk -p p/project.yaml a.jsonl
rm p/rules/mine.yaml
refuses "scan -p: a pack that is not there" tg scan --region uk -p p/project.yaml a.jsonl
cp mine.yaml p/rules
pack=$PWD
site "$work/run"
mkdir -p traces rules && cp "$pack/mine.yaml" rules && cp "$pack/p/project.yaml" .
head -n 3 "$root/demo/traces/en/otlp-traces.jsonl" |
    sed 's/Priya Raman/Priya Raman EMP-123456/g' >traces/a.jsonl
job GB traces
echo 'policy: project.yaml' >>tracegate.yaml
run_job || not_ok "run: with a policy that names a pack"
mkdir open && stock_open "$(bundle_dir latest)" open
same "run: the value was there" "$(grep -c EMP-123456 traces/a.jsonl)" 1
same "run: what its rule finds does not leave" "$(grep -rl EMP-123456 open)" ""
check "run: it is replaced" grep -rq '\[STAFF_ID\]' open
# shellcheck disable=SC2016 # $sha is a variable of jq
check "run: the manifest has the pack by name and digest" jq -e --arg sha "$(sha256sum <rules/mine.yaml | cut -c1-64)" \
    '[.. | .packs? // empty | .[] | select(.file == "mine.yaml" and .sha256 == $sha)] | length == 1' \
    "$(bundle_dir latest)/manifest.json"

# --- no matched text -------------------------------------------------------
cd "$work" && mkdir leak && cd leak || exit 2
# Files are named by numbers: their names are shown.
n=0
find "$root/demo/traces" -type f | LC_ALL=C sort | while read -r f; do
    n=$((n + 1))
    lang=${f#"$root/demo/traces/"}
    mkdir -p "traces/${lang%%/*}"
    cp "$f" "traces/${lang%%/*}/$n"
done
mkdir log
planted=$root/demo/planted.jsonl
log() { # NAME COMMAND...
    local name=$1
    shift
    run "$@"
    cp "$out" "log/$name.out"
    cp "$err" "log/$name.err"
    same "$name: it ran" "$([ "$status" = 1 ] || [ "$status" = 7 ] && echo yes)" yes
}
for lang in en fr; do
    log "text-$lang" tg scan -v --explain=all --context "traces/$lang"
    log "json-$lang" tg scan --json --explain=all --context "traces/$lang"
    log "lines-$lang" tg scan --output json=lines --explain=all "traces/$lang"
    log "sarif-$lang" tg scan --output sarif --explain=all -o "log/$lang.sarif" "traces/$lang"
    log "markdown-$lang" tg scan --output markdown --context -o "log/$lang.md" "traces/$lang"
    log "baseline-$lang" tg scan --write-baseline "log/$lang.json" "traces/$lang"
    run tg redact --explain=all -o "redacted-$lang" "traces/$lang"
    cp "$err" "log/redact-$lang.err"
    same "redact-$lang: it ran" "$status" 7
done
# Values as names of members, plain and in disguise, and inside a path.
mkdir keys
cat >keys/k.jsonl <<'EOF'
{"messages":[{"role":"user","content":{"jane.roe@example.org":{"q":"card 4111 1111 1111 1111"}}}]}
{"text":"{\"a/john.roe@example.org\":\"020 7946 0123\"}","u":{"\u0031 85 05 78 006 084 91":"jim.roe@example.org"}}
{"text":"x","Priya Raman":{"mail":"jack.roe%40example.org"}}
EOF
for form in text json json=lines sarif markdown; do
    log "keys-$form" tg scan --output "$form" --explain=all --context keys
done
log keys-baseline tg scan --write-baseline log/keys.json --baseline-key keys.key keys
same "no value that is a name in a path" "$(grep -rlE \
    '(jane|john|jim|jack)\.roe|4111|7946|85 05 78|Priya|Raman' log/keys* | tr '\n' ' ')" ""
check "where the names are, a star is" grep -q '/messages/0/content/\*/q' log/keys-text.out
check "no planted value in any output" python3 "$here/leak_oracle.py" search "$planted" log
exits 1 "and the oracle would see one" python3 "$here/leak_oracle.py" search "$planted" traces/en
finish
