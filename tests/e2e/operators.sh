#!/bin/bash
# operators.sh - every operator of redactors/operators.def over the whole
# program: a project asks for them, an export carries them out, the manifest
# counts them, nothing is found again, and other keys write other text.
# shellcheck disable=SC2317
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need age age

# A house whose floors are as wide as they get; the shipped ones forbid some.
mkdir data
cp -r "$root/policies" "$root/regions" "$root/redactors" data/
sed -i -e 's/^    UK_POSTCODE:   {floor: generalise}/&\
    UK_UTR:        {floor: keep}\
    UK_VAT:        {floor: tag}/' data/policies/base.yaml
sed -i 's/^  level: k_anonymous/  level: pseudonymised/' data/regions/uk/policy.yaml

project() { # FILE LINES: of detectors
    printf 'schema: tracegate.policy/1\nid: all-operators\nversion: 1\nlayer: project\nredaction:\n  number_becomes: "null"\n  detectors:\n%s\n' \
        "$2" >"$1"
}
every='    UK_UTR:        {operator: keep}
    UK_VAT:        {operator: tag}
    CREDIT_CARD:   {operator: mask, mask_char: "#"}
    DATE_OF_BIRTH: {operator: shift_date, shift_days: 200}
    IP_ADDRESS:    {operator: generalise}
    AGE:           {operator: generalise}
    GPS:           {operator: generalise}
    UK_POSTCODE:   {operator: generalise}
    PHONE:         {operator: tokenise}
    EMAIL:         {operator: hash}
    MAC_ADDRESS:   {operator: pseudonymise}
    PERSON:        {operator: number, number_scope: file}
    UK_NINO:       {operator: label}
    UK_SORT_CODE:  {operator: redact}
    IBAN:          {operator: drop_field}
    UK_NHS_NUMBER: {operator: drop_record}'

# The people are invented; numbers are of ranges kept for documentation.
write_traces() {
    cat >"$1" <<'END'
{"trace_id":"t-1","session_id":"s-1","text":"Imogen Barrett, born on 12/05/1985, aged 41, lives at SW1A 1AA.","metadata":{"card":4111111111111111}}
{"trace_id":"t-2","session_id":"s-1","text":"Card 4111 1111 1111 1111 of Thomas Martin, born on 3 March 1990, self assessment 19558 39661."}
{"trace_id":"t-3","session_id":"s-2","text":"imogen@example.org or IMOGEN@example.org from 192.0.2.17, MAC 00:00:5e:00:53:af, GPS 48.858370, 2.294481."}
{"trace_id":"t-4","session_id":"s-2","text":"Ring +44 20 7946 0958 or +44 (0)20 7946 0958. NI number: AB 12 34 56 C, sort code 20-12-34; then Imogen Barrett."}
{"trace_id":"t-5","session_id":"s-3","text":"Pay to GB82 WEST 1234 5698 7654 32 today."}
{"trace_id":"t-6","session_id":"s-3","text":"NHS number 943 476 5919 of the patient."}
{"trace_id":"t-7","session_id":"s-4","text":"VAT GB 980 7806 84 on the invoice."}
END
}

go() { # SITE: a site with the traces and the policy, as far as people
    site "$1"
    mkdir traces
    write_traces traces/a.jsonl
    project all.yaml "$every"
    job GB traces
    echo "policy: all.yaml" >>tracegate.yaml
}

export TRACEGATE_DATA_DIR=$work/data
seed_file "$work/seed" 07
go one
run tg run --date 2026-11-24 --seed-file "$work/seed"
same "the export is ready for people" "$status" 4
manifest=$(bundle_dir latest)/manifest.json
check "it opens with stock tools" stock_open "$(bundle_dir latest)" "$work/open"
find "$work/open" -name '*.jsonl' -exec cat {} + | sort >"$work/got"
line() { grep -F "$1" "$work/got" || true; }
text() { jq -r 'select(.text | contains($m)) | .text' --arg m "$1" "$work/got"; }

check "JSON" jq -es 'length == 6' "$work/got"
same "keep: reported, left" "$(text 'self assessment' | grep -c '19558 39661')" 1
same "mask: the last four" "$(text 'Card ' | grep -co 'Card #### #### #### 1111 of')" 1
same "generalise: age and postcode" \
    "$(text 'lives at' | sed 's/.*aged/aged/')" "aged [AGE:40s], lives at [UK_POSTCODE:SW1A]."
same "a JSON number becomes null" "$(jq -c 'select(.metadata != null) | .metadata' "$work/got")" '{"card":null}'
same "generalise: network and position" \
    "$(text 'GPS' | sed -E 's/.*from (.*), MAC.* (GPS .*)/\1 \2/')" "[IP_ADDRESS:192.0.2.x] GPS [GPS:48.9,2.3]."
same "hash: 26 digits, the same for both spellings" \
    "$(text 'GPS' | grep -oE '\[EMAIL_[a-z2-7]{26}\]' | sort -u | wc -l)" 1
same "pseudonymise: eight digits" "$(text 'GPS' | grep -cE '\[MAC_ADDRESS_[a-z2-7]{8}\]')" 1
same "tokenise: the shape, in letters of our own" \
    "$(text 'Ring' | grep -oE '\[PHONE~_[b-m]{2} [b-m]{2} [b-m]{4} [b-m]{4}\]' | wc -l)" 1
same "label and redact" "$(text 'Ring' | sed -E 's/.*NI n/NI n/; s/then.*//')" \
    "NI number: [UK_NINO], sort code ; "
same "drop_field: all of the text" "$(text '[IBAN' | head -n 1)" "[IBAN]"
same "tag: the length" "$(text 'VAT' | grep -c '\[UK_VAT:14\]')" 1
same "drop_record: it does not leave" "$(grep -c 'patient' "$work/got")" 0
same "number: a file has its own, in order" \
    "$(grep -oE '\[PERSON[^]]*\]' "$work/got" | sort -u | tr '\n' ' ')" "[PERSON_1] [PERSON_2] "
same "number: the same value, the same number" \
    "$(text 'Ring' | grep -c 'then \[PERSON_1\]')" 1
# Two dates of one session move together: 1757 days lie between these.
days() { date -u -d "$1" +%s | awk '{print int($1 / 86400)}'; }
first=$(text 'lives at' | sed -nE 's/.*\[DATE_OF_BIRTH~d([0-9]+)\/([0-9]+)\/([0-9]+)d\].*/\3-\2-\1/p')
second=$(text 'Card ' | sed -nE 's/.*\[DATE_OF_BIRTH~d([0-9]+ [A-Z][a-z]+ [0-9]+)d\].*/\1/p')
same "shift_date: the distance of a session's dates stays" \
    "$(($(days "$second") - $(days "$first")))" \
    "$(($(days 1990-03-03) - $(days 1985-05-12)))"
differs "shift_date: but not the date" "$first" 1985-05-12

same "the manifest counts them" "$(jq -c '[.redaction[] | .operators | keys[]] | unique' "$manifest")" \
    '["drop_field","drop_record","generalise","hash","keep","label","mask","number","pseudonymise","redact","shift_date","tag","tokenise"]'
same "and says what was asked for" "$(jq -r '.redaction[] | select(.type == "PHONE") | .action' "$manifest")" tokenise
same "with the id of the key" "$(jq -r '.anonymisation.pseudonym_key_id | length' "$manifest")" 16
same "and no value" "$(grep -cE '192\.0\.2\.17|imogen|Barrett|7946' "$manifest")" 0
evidence=$(find state -name evidence.en.html | head -n 1)
same "the evidence says in words what was done" \
    "$(grep -coE 'replaced by a surrogate|replaced by a keyed hash|made coarser|date shifted' "$evidence" | awk '{print ($1 > 0)}')" 1
same "and how many were kept" \
    "$(sed 's/<[^>]*>/ /g' "$evidence" | tr -s ' \n' '  ' | grep -oE 'UK_UTR 1 [0-9]+ kept' | head -n 1)" "UK_UTR 1 1 kept"
same "a second look found nothing" "$(jq -r '.residual.findings' "$manifest")" 0
run tg scan --region uk,fr,us -p all.yaml "$work/got"
same "nor does the recipient's, but what was kept" \
    "$(grep -cv 'UK_UTR' <(grep '/text' "$out"))" 0
run tg scan --region uk -p all.yaml traces
says "scan says what would be done" 'PHONE .* tokenise$'

# The filter, twice; the key makes the text.
printf '%s\n' "$(head -c 32 /dev/zero | tr '\0' 'a' | base64)" >ka
printf '%s\n' "$(head -c 32 /dev/zero | tr '\0' 'b' | base64)" >kb
printf '%s\n' "$(head -c 31 /dev/zero | base64)" >short
chmod 600 ka kb short
filter() { tg redact --region uk -p all.yaml "$@" 2>/dev/null; }
filter --pseudonym-key ka traces >a1
filter --pseudonym-key ka traces >a2
filter --pseudonym-key kb traces >b1
filter traces >none
check "the same key writes the same" cmp a1 a2
differs "another key writes other" "$(cat a1)" "$(cat b1)"
same "no key: labels" "$(grep -cE 'PHONE~|EMAIL_|MAC_ADDRESS_|~d' none)" 0
filter --pseudonym-key ka a1 >a3
check "a second pass changes nothing" cmp a1 a3
exits 10 "a key of 31 bytes is refused" tg redact --region uk -p all.yaml --pseudonym-key short traces
says "and why" '32 bytes'

# What stops a run, and what does not compile.
project all.yaml '    IBAN: {operator: block_run}'
exits 1 "block_run" tg run --date 2026-11-24 --new
says "block_run says the rule" 'iban.any: the policy blocks the run'
unset TRACEGATE_DATA_DIR
export TRACEGATE_DATA_DIR=$root
project all.yaml '    UK_UTR: {operator: keep}'
exits 3 "the shipped floors: keep is refused" tg policy check --region uk all.yaml
project all.yaml '    PERSON: {operator: number}'
exits 3 "France: a number is not anonymous" tg policy check --region fr all.yaml
says "and why" 'E-CLAIM-OPERATOR.*claims/FR anonymised'
exits 0 "the United Kingdom: it may be asked for" tg policy check --region uk all.yaml
finish
