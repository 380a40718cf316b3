#!/bin/bash
# purge.sh - keys of pseudonyms go when the policy says, with a signed record,
# and nothing is left that could make the pseudonyms again; what a bundle can be
# linked by is measured against those before it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need "${CC:-gcc}" gcc

manifest() { jq -c "$2" "$(bundle_dir "$1")/manifest.json"; }
key_id() { jq -r .anonymisation.pseudonym_key_id "$(bundle_dir "$1")/manifest.json"; }
pseudonyms() { # RUN: of the one person
    grep -ohE '"user_id":"p_[a-z2-7]{26}"' -r "$(run_dir "$1")/spool" | sort -u
}
# Files of the state folder with these 32 bytes, given in hex.
holding() {
    find state -type f -exec sh -c 'od -An -v -tx1 "$1" | tr -d " \\n" | grep -q "$2"' _ {} "$1" \; -print
}
day=86400

site gb
mkdir traces
long='the garden behind the house was dry that summer and nobody knew why the well had lost its water although rain had come in spring as it always did in those years by the sea'
cat >traces/a.jsonl <<END
{"id":"a","user_id":"u-1","text":"$long before the first week of june"}
{"id":"b","user_id":"u-1","text":"a second text that says something else of trains and timetables"}
END
job GB traces
check "a first bundle" run_job
same "was compared with no other" "$(manifest latest '.linkability.earlier')" \
    '{"bundles":0,"not_compared":0,"recipients":0}'
same "two records of one person are linked in it" \
    "$(manifest latest '.linkability.values.linked_records')" 2
first=$(pseudonyms latest)
same "he has one pseudonym" "$(echo "$first" | wc -l)" 1
id=$(key_id latest)
same "its key is private" "$(stat -c %a "state/pseudonyms/$id.key")" 600
key=$(od -An -v -tx1 "state/pseudonyms/$id.key" | tr -d " \n")
same "and in one place" "$(holding "$key")" "state/pseudonyms/$id.key"
same "what it can be linked by later is private" \
    "$(stat -c %a "$(run_dir latest)/private/linkage")" 600

# The same person and nearly the same text, to the same recipient.
sed -i "s/of june/of june they said/" traces/a.jsonl
check "a second bundle to the same recipient" run_job --new
same "has his pseudonym again: the period is the same" "$(pseudonyms latest)" "$first"
same "and is compared with one" "$(manifest latest '.linkability | [.earlier.bundles, .values.earlier_same_recipient > 0, .values.earlier_other_recipients, .texts.earlier]')" \
    '[1,true,0,2]'
sed -i 's/^id: .*/id: southgate-lab/' recipients/northgate.yaml
check "a third to another recipient" run_job --new
differs "has another pseudonym of him" "$(pseudonyms latest)" "$first"
same "nothing but texts links it to the others" "$(manifest latest '.linkability | [.earlier.bundles, .earlier.recipients, .values.earlier_same_recipient, .values.earlier_other_recipients, .texts.earlier]')" \
    '[2,1,0,0,2]'
page=$(find "$(bundle_dir latest)" -name 'evidence.en.md')
check "the evidence says with how many" grep -q "retention: 2, to recipients: 1" "$page"
check "and in French" grep -qE "conservation.: 2, destinataires.: 1" "${page%en.md}fr.md"
check "and that the key is held" grep -q 'still held' "$page"

exits 0 "nothing is due today" tg purge -n
says "it says so" 'nothing is due'
exits 1 "a month later something is" later $((40 * day)) tg purge -n
says "the keys and what is kept to compare" 'due +pseudonym key'
says "both" 'due +digests of a bundle'
same "a dry run changes nothing" "$(holding "$key" | wc -l)" 1
exits 1 "as JSON" later $((40 * day)) tg purge -n --json
same "three bundles, two keys" \
    "$(jq -c '[.result[].what] | group_by(.) | map(length)' "$out")" '[3,2]'
exits 0 "they go" later $((40 * day)) tg purge --keys
same "the key is nowhere" "$(holding "$key")" ""
check "--keys leaves the rest" test -e "$(run_dir latest)/private/linkage"
exits 0 "the rest goes" later $((40 * day)) tg purge
check "it is gone" test ! -e "$(run_dir latest)/private/linkage"
exits 0 "again: nothing is due" later $((40 * day)) tg purge -n
record=state/pseudonyms/destroyed/$id.json
same "the record says why" "$(jq -r .reason "$record")" retention_end
vkey=$(cat state/ledger/log.vkey)
exits 0 "verify knows the record" tg verify --trust trust.yaml --vkey "$vkey" "$record"
says "and its entry in the ledger" 'OK +ledger'
exits 1 "without a trust file it is no pass" tg verify "$record"
cp "$record" record.json
cp "$record.minisig" record.json.minisig
exits 1 "away from its folder it is no pass" tg verify --trust trust.yaml record.json
sed -i 's/retention_end/retention_ent/' record.json
exits 5 "changed, it fails" tg verify --trust trust.yaml record.json
echo "00000000000000000000000000000000" >"state/pseudonyms/$id.key"
exits 5 "a key that came back fails it" tg verify --trust trust.yaml --vkey "$vkey" "$record"
rm "state/pseudonyms/$id.key"
check "evidence afterwards" tg evidence latest -o later
check "says when it was destroyed" grep -q 'destroyed on' later/evidence.en.md
check "and in French" grep -q "détruite le" later/evidence.fr.md

sed -i 's/^id: .*/id: northgate-lab/' recipients/northgate.yaml
check "the same person once more" run_job --new
differs "has another pseudonym than before" "$(pseudonyms latest)" "$first"
bundle=$(basename "$(bundle_dir latest)")
exits 2 "no such bundle" tg purge --bundle tg-uk-nnnnnnnnnn
exits 0 "its key goes when it is asked for" tg purge --keys --bundle "$bundle"
says "as asked" 'destroyed +pseudonym key.*asked'

# FR: the key goes when the bundle is sealed.
cd "$work" || exit 2
site fr
mkdir traces
cp "$work/gb/traces/a.jsonl" traces
job FR traces
check "an FR bundle" run_job
same "no key is left" "$(find state/pseudonyms -name '*.key' | wc -l)" 0
id=$(key_id latest)
same "the record says why" "$(jq -r .reason "state/pseudonyms/destroyed/$id.json")" bundle_sealed
same "before the bundle was put on record" "$(ledger_types | grep -oE 'pseudonym.key.destroyed|export.prepared' | tr '\n' ' ')" \
    "pseudonym.key.destroyed export.prepared "
page=$(find "$(bundle_dir latest)" -name 'evidence.fr.md')
check "the evidence says when" grep -q 'détruite le' "$page"
exits 0 "nothing is due" tg purge -n
finish
