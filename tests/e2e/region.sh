#!/bin/bash
# region.sh - a fourth region is a folder: Switzerland, made here, checked,
# tested, shown, scanned for, run with, by the same program.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

mkdir -p data/regions/ch/names
cp -R "$root/policies" "$root/redactors" data/
cp -R "$root"/regions/{uk,fr,us} data/regions/
ch=data/regions/ch

cat >$ch/policy.yaml <<'END'
# yaml-language-server: $schema=../../policies/policy.schema.json
schema: tracegate.policy/1
id: ch
version: 1.0.0
layer: region
extends: [base]
jurisdiction: CH
authority: {name: "Federal Data Protection and Information Commissioner (FDPIC)", ref: "https://www.edoeb.admin.ch"}
owner_role: dpo
effective_from: 2026-11-24
review_by: 2027-06-01
title: {en: "Switzerland: FADP", fr: "Suisse : LPD"}
controls: [CH-01, CH-02, CH-03]
legal:
  basis_allow: [A6-1-c, A6-1-f]
transfers:
  destinations_allow: ["@EEA", CH, GB, US]
  origins:
    CH:
      mechanisms:
        CH:     [domestic]
        "@EEA": [fadp_art16_1]
        GB:     [fadp_art16_1]
        US:     [swiss_us_dpf]
      mechanism_checks: {swiss_us_dpf: [dpf_active]}
redaction:
  detectors:
    CH_AHV: {action: drop_field, min_score: 0.40, fides: user.government_id.national_identification_number}
anonymisation:
  level: k_anonymous
  claims: {CH: pseudonymised}
  k_min: 7
targets: {residency_allow: [CH, "@EEA"]}
evidence: {sections_require: [fadp_register]}
provenance:
  "/redaction/detectors": choice
  "/anonymisation/k_min": choice
  "/anonymisation/level": CH-01
END
cat >$ch/controls.yaml <<'END'
schema: tracegate.controls/1
region: ch
version: 1.0.0
controls:
  CH-01:
    source: "FADP art. 6"
    duty: {en: "Purpose, proportion, and making anonymous what is no longer needed.", fr: "Finalité, proportionnalité, anonymisation de ce qui n'est plus nécessaire."}
    leaves: [/anonymisation, /legal/basis_allow]
    codes: [ANO-K, LEG-BASIS]
    shown: [EP-2, EP-10]
  CH-02:
    source: "FADP art. 16, 17; DPO annex 1"
    duty: {en: "Abroad only to a state of the Federal Council's list or under a safeguard.", fr: "À l'étranger seulement vers un État de la liste du Conseil fédéral ou sous une garantie."}
    leaves: [/transfers/destinations_allow, /transfers/origins/CH, /targets/residency_allow]
    codes: [XFR-NOT-ALLOWED, XFR-MECHANISM, XFR-CHECKS, TGT-RESIDENCY]
    shown: [EP-11]
  CH-03:
    source: "OASIA (Old-Age and Survivors' Insurance Act) art. 153c"
    duty: {en: "The AHV number is for those that a law names.", fr: "Le numéro AVS est réservé à ceux que la loi désigne."}
    leaves: [/redaction/detectors/CH_AHV/action]
    codes: [RED-FIELD]
    shown: [EP-7]
END
cat >$ch/wording.yaml <<'END'
schema: tracegate.wording/1
region: ch
version: 1.0.0
sentences:
  claim.pseudonymised:
    en: "These data are pseudonymised. They remain personal data under the FADP."
    fr: "Ces données sont pseudonymisées. Elles restent des données personnelles au sens de la LPD."
  region.ch: {en: "Switzerland", fr: "Suisse"}
  type.CH_AHV: {en: "Old-age insurance number (CH)", fr: "Numéro AVS (CH)"}
  source.purpose-allowed.CH-01: {en: "FADP 6(3)", fr: "LPD 6, al. 3"}
  source.transfer-mechanism.CH-02: {en: "FADP 16, 17", fr: "LPD 16, 17"}
  source.personal-data-removed.CH-03: {en: "OASIA 153c", fr: "LAVS 153c"}
END
cat >$ch/identifiers.yaml <<'END'
version: 1
pack: ch
rules:
  - id: ch.ahv
    type: CH_AHV
    category: direct_identifier
    pattern: '756[. ]\d{4}[. ]\d{4}[. ]\d\d'
    boundary: strict
    score: {base: 70, context: 20}
    context: {words: [ahv, avs, avs-nr, ahv-nr], keys: [ahv, avs]}
    examples:
      match: ["AHV [[756.9217.0769.85]]", "numéro AVS [[756 9217 0769 85]]"]
      no_match: ["757.9217.0769.85", "756.9217.0769.850"]
END
cat >$ch/names/given.txt <<'END'
# Given names of Switzerland.
# Compiled for this test from general knowledge; names as such are facts.
# Licence: CC0-1.0.
Reto
Urs
END

export TRACEGATE_DATA_DIR=$work/data
check "check: the policy alone" tg policy check $ch/policy.yaml
check "check --strict: all that is there, with the new rules" \
    tg policy check --strict --date 2026-11-24
check "show: the leaves" tg policy show --region ch --json
same "show: a law of its own over the floor" "$(jq -r '.result.leaves[] |
    select(.path == "/anonymisation/k_min") | [.value, .file] | @tsv' "$out")" \
    "7	regions/ch/policy.yaml"

# Its tests: decisions with their codes, and a floor of every leaf.
jq '[.result.leaves[] | {p: (.path | ltrimstr("/") | split("/")), v: .value}] |
    reduce .[] as $l ({}; setpath($l.p; $l.v))' "$out" >floor.json
{
    cat <<'END'
schema: tracegate.policytest/1
defaults:
  purpose: safety_research
  legal_basis: A6-1-f
  assessment_ref: LIA-2026-07
  destination: CH
  mechanisms: {CH: domestic}
  recipient_fields: [legal_name, role, country, contact, contract_ref, contract_date]
  key_count: 1
  key_age_days: 30
  onward_transfer: prior_approval
cases:
  - {name: "within the country", policy: [ch], job: {k: 7, residency: CH}, expect: {decision: allow}}
  - {name: "k of 6", policy: [ch], job: {k: 6}, expect: {decision: deny, reasons: [ANO-K]}}
  - name: "to the United States, the list not looked at"
    policy: [ch]
    job: {destination: US, mechanisms: {CH: swiss_us_dpf}}
    expect: {decision: deny, reasons: [XFR-CHECKS]}
  - name: "to Japan"
    policy: [ch]
    job: {destination: JP}
    expect: {decision: deny, reasons: [XFR-NOT-ALLOWED, XFR-MECHANISM]}
  - name: "nothing is looser than this"
    policy: [ch]
    floor:
END
    sed 's/^/      /' floor.json
} >$ch/ch.test.yaml
check "test --coverage: no leaf can be loosened unseen" \
    tg policy test --coverage $ch/ch.test.yaml
says "test: counted" '^[1-9][0-9]+ leaves loosened, 0 unprotected'
cat >$ch/two.test.yaml <<'END'
schema: tracegate.policytest/1
cases:
  - name: "a record of two origins: the strictest of both"
    policy: [ch, uk]
    job: {purpose: safety_research, legal_basis: A6-1-f, assessment_ref: L, destination: GB,
      mechanisms: {CH: fadp_art16_1, GB: domestic}, k: 6,
      recipient_fields: [legal_name, role, country, contact, contract_ref, contract_date],
      key_count: 1, key_age_days: 30, onward_transfer: prior_approval,
      clauses: [no_reidentification_dpa2018_s171, no_onward_without_approval, delete_and_confirm]}
    expect: {decision: deny, reasons: [ANO-K]}
END
check "test: those of all four regions" tg policy test
says "test: the new ones are among them" 'ch.test.yaml|within the country'
check "explain: a leaf and its duty" tg policy explain --region ch CH_AHV
says "explain: the duty" 'CH-03'
exits 1 "diff: against another region" tg policy diff ch uk
exits 1 "diff: several" tg policy diff ch ch,uk --json
same "diff: more laws loosen nothing" \
    "$(jq '[.result[] | select(.way == "LOOSER")] | length' "$out")" 0
refuses "an unknown region" tg policy show --region cj
says "names the four" "did you mean 'ch'.*there are: ch, fr, uk, us"

# Its identifiers are found where it is asked for.
printf '{"text":"Reto, AVS 756.9217.0769.85, call"}\n' >a.jsonl
exits 1 "scan --region ch" tg scan --region ch a.jsonl --json
says "scan: the number is found" CH_AHV

# A job of Swiss traces.
check "init --region ch" tg init new --region ch --no-passphrase
says "init: wrote" 'wrote'
same "init: of that country" "$(sed -n 's/.*origin: \(..\),.*/\1/p' \
    new/tracegate.yaml)" CH
same "init: with its mechanism" "$(sed -n 's/^mechanism: //p' \
    new/recipients/example.yaml)" domestic
exits 2 "init: no such region" tg init other --region cj --no-passphrase
site job
demo_traces
cp -R traces/fr traces/ch
sed -e 's/^  - {path: traces\/en.*//' \
    -e 's/^  - {path: traces\/fr.*/  - {path: traces\/ch, origin: CH, text_origin: synthetic}/' \
    -e 's/^mechanisms: .*/mechanisms: {CH: fadp_art16_1}/' \
    "$root/demo/job.yaml" >tracegate.yaml
run tg run --date 2026-11-24
same "run: prepared, waits for approval" "$status" 4
manifest=$(ls state/runs/*/bundle/*/manifest.json)
same "run: of that origin" "$(jq -r .origin "$manifest")" CH
check "run: the policy in the bundle is the new one" \
    grep -q 'regions/ch/policy.yaml' "$manifest"

# The folder brings the words of its documents: nothing of it is in the program.
evidence=${manifest%/*}/evidence
words() { # LANG TEXT: the document has it
    check "words: $1, $2" grep -q -- "$2" "$evidence/evidence.$1.md"
}
words en 'Old-age insurance number (CH)'
words fr 'Numéro AVS (CH)'
words en 'CH-01, FADP 6(3)'
words fr 'CH-01, LPD 6, al. 3'
words en 'CH-03, OASIA 153c'
same "words: a code alone is no row of a table" \
    "$(grep -c '"row">CH_AHV' "$evidence/evidence.en.html")" 0
same "words: they are in evidence.json" \
    "$(jq -r '.words["region.ch"].fr' "$evidence/evidence.json")" Suisse
exits 0 "explain: by the line of the new region" tg explain --record \
    otlp-traces.jsonl:1
sed -i '/type.CH_AHV/s/fr: .*/fr: ""}/' "$TRACEGATE_DATA_DIR/regions/ch/wording.yaml"
exits 3 "words: one without a language is refused" tg policy check --region ch
says "words: with its place" "wording.yaml:[0-9]+:[0-9]+: 'type.CH_AHV' has no text in fr"
finish
