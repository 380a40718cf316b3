#!/bin/bash
# leaks.sh - no planted value of the demo is in any output, in any form; what
# only looks like one stays; and the oracle that says so can find.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need age age
need zstd zstd
need jq jq

oracle=$here/leak_oracle.py
planted=$work/planted.jsonl
# With the pieces that the tokens of the traces cut the values into.
python3 "$oracle" learn "$root/demo/planted.jsonl" "$root/demo/traces" >"$planted"
stay=$root/demo/lookalikes.jsonl

# clean NAME PATH... - no hit; each hit is told by type, place and form.
clean() {
    local name=$1
    shift
    check "no planted value: $name" python3 "$oracle" search "$planted" "$@"
}

check "the oracle finds every written value in the raw traces" \
    python3 "$oracle" find "$planted" "$root/demo/traces"
exits 1 "the oracle has hits in the raw traces" \
    python3 "$oracle" search "$planted" "$root/demo/traces"
# The forms that the traces do not have, each made here from one value.
mkdir forms
python3 - forms <<'PY'
import base64, json, os, sys, urllib.parse
v = "priya.raman@example.org"
n = "Priya Raman"
forms = {
    "raw": v,
    "upper": v.upper(),
    "escaped-low": "".join("\\u%04x" % ord(c) for c in v),
    "escaped-up": "".join("\\u%04X" % ord(c) for c in v),
    "nested": json.dumps(json.dumps({"a": "".join("\\u%04x" % ord(c) for c in v)})),
    "percent": "".join("%%%02x" % ord(c) for c in v),
    "html": "".join("&#%d;" % ord(c) for c in v),
    "base64-0": base64.b64encode(v.encode()).decode(),
    "base64-1": base64.b64encode(b"x" + v.encode() + b"y").decode(),
    "base64-2": base64.b64encode(b"xy" + v.encode() + b"z").decode(),
    "hex": v.encode().hex(),
    "tokens": json.dumps({"tokens": ["pri", "ya", ".ram", "an@", "example", ".org"]}),
    "tokens-mark": json.dumps(["\u2581Pri", "ya", "\u2581Ram", "an"]),
    "tokens-bpe": json.dumps(["\u0120Pri", "ya", "\u0120Ram", "an"]),
    "tokens-objects": json.dumps([{"t": "Priya"}, {"t": " Ra"}, {"t": "man"}]),
}
for name, text in forms.items():
    with open(os.path.join(sys.argv[1], name), "w", encoding="utf-8") as f:
        f.write(text + "\n")
PY
check "pieces and nodes of values were learnt" sh -c "grep -c '\"pieces\": \[\"' \
    '$planted' && grep -q '\"nodes\": \[[0-9]' '$planted'"
# The forms of single tokens, of a value that the others are not of.
mkdir pieces
python3 - pieces <<'PY'
import json, os, struct, sys
row = {"value": "Imogen Barrett", "type": "PERSON", "where": "x",
       "pieces": ["Imog", "rett", "en"], "ids": [[700, 801, 902]], "nodes": [801]}
ids = row["ids"][0]
forms = {
    "piece": json.dumps({"tokens": ["a", "\u2581Imog", "b"]}),
    "piece-object": json.dumps({"results": [{"token": " rett"}, {"token": "x"}]}),
    "piece-nested": json.dumps({"s": json.dumps({"tokens": ["Imog"]})}),
    "ids-decimal": json.dumps({"token_ids": [5, *ids, 6]}),
    "node": json.dumps({"node_id": "E_801_4"}),
    "none-short": json.dumps({"tokens": ["en", "Im", "og"]}),
    "none-readout": json.dumps({"pos_str": ["Imog"]}),
    "none-ids": json.dumps({"token_ids": [700, 801, 9020]}),
    "none-node": json.dumps({"node_id": "E_8010_4"}),
}
for name, text in forms.items():
    with open(os.path.join(sys.argv[1], name), "w", encoding="utf-8") as f:
        f.write(text + "\n")
for name, code in (("ids-int16", "h"), ("ids-int32", "i"), ("ids-int64", "q")):
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(b"\x07" + struct.pack("<3" + code, *ids) + b"\x09")
with open("one.jsonl", "w", encoding="utf-8") as f:
    f.write(json.dumps(row) + "\n")
PY
for f in pieces/*; do
    want=1
    case $f in */none-*) want=0 ;; esac
    exits "$want" "the oracle and the form $(basename "$f")" \
        python3 "$oracle" search one.jsonl "$f"
done
for f in forms/*; do
    exits 1 "the oracle finds the form $(basename "$f")" \
        python3 "$oracle" search "$planted" "$f"
done

# The whole way, every word that the program says kept.
site demo
demo_traces
mkdir "$work/log"
logged() { # NAME COMMAND...
    local name=$1
    shift
    run "$@"
    cp "$out" "$work/log/$name.out"
    cp "$err" "$work/log/$name.err"
}
logged run tg run -v --date 2026-11-24
same "the run waits, with the malformed line in quarantine" "$status" 7
for dir in state/runs/*/; do
    r=$(basename "$dir")
    for role in dpo legal; do
        logged "approve-$role-$r" tg approve "$r" --role "$role" \
            --key "people/$role.key" --digest "$(run_digest "$r")" \
            --answer-all "Noted, the data is invented."
        same "$r: approved as $role" "$status" 0
    done
    logged "upload-$r" tg upload -v "$r"
    same "$r: uploaded" "$status" 0
    logged "evidence-$r" tg evidence "$r" -o "$work/evidence-$r"
    same "$r: the evidence is written" "$status" 0
    logged "status-$r" tg status --json "$r"
    stock_open "$(bundle_dir "$r")" "$work/opened/$r" ||
        not_ok "$r: opened with age, zstd and tar"
done
logged status tg status
logged ledger tg ledger list
logged ledger-json tg ledger list --json
for b in sent/*/; do
    logged "verify-$(basename "$b")" tg verify --trust trust.yaml "$b"
done
# scan names places and types, never the text; redact is a filter.
for lang in en fr; do
    region=$([ "$lang" = en ] && echo uk || echo fr)
    logged "scan-$lang" tg scan "traces/$lang"
    same "scan $lang finds something" "$status" 1
    logged "scan-json-$lang" tg scan --json=lines "traces/$lang"
    logged "redact-$lang" tg redact "traces/$lang"
    same "redact $lang: written, some left out" "$status" 7
    logged "redact-$region-only" tg redact --region "$region" "traces/$lang"
done
# The names of the input files are the operator's own words on his own
# terminal ("file and byte offset"); they are not searched, the rest is.
sed -i -E 's#(\./)?traces/(en|fr)/graphs/[a-z0-9-]+\.json#FILE#g' "$work"/log/*
mkdir "$work/redacted"
mv "$work"/log/redact-*.out "$work/redacted"

for r in "$work"/opened/*; do
    clean "plaintext of $(basename "$r")" "$r"
done
for b in sent/*; do
    mkdir -p "$work/clear/$b"
    cp -r "$b/." "$work/clear/$b"
    rm "$work/clear/$b"/*.age
done
clean "manifest, decisions, proofs and evidence, as sent" "$work/clear"
clean "evidence written by hand" "$work"/evidence-*
clean "ledger, and what it keeps to itself" state/ledger state/ledger-state
clean "standard output and standard error" "$work/log"
for lang in en fr; do
    clean "the filter's output, $lang" "$work/redacted/redact-$lang.out"
done
# With --region the operator asks for the identifiers of that region alone:
# those of the United States are not looked for, by his choice.
grep -vE '"US_SSN"|"\(?[2-9][0-9]{2}\)?[ -]?555' "$planted" >"$work/no-us.jsonl"
differs "some values are of the United States" "$(wc -l <"$planted")" \
    "$(wc -l <"$work/no-us.jsonl")"
for region in uk fr; do
    check "no planted value: the filter's output, --region $region" \
        python3 "$oracle" search "$work/no-us.jsonl" \
        "$work/redacted/redact-$region-only.out"
done
# Of the runs' directories only the raw records in quarantine are left out:
# they are what was not understood, kept for the operator, never sent.  The
# index beside them is searched.  The first line of facts.jsonl names the files
# that were read.
cp -r state/runs "$work/runs"
rm -f "$work"/runs/*/quarantine/src-*.raw
sed -i 1d "$work"/runs/*/private/facts.jsonl
clean "the runs' directories" "$work/runs"
clean "trust file and recipients" trust.yaml recipients/northgate.yaml

# The quarantine itself: closed to others, and it has what it says.
modes=$(find state/runs/*/quarantine -mindepth 1 -printf '%m\n' | sort -u)
same "quarantined files are 0600" "$modes" 600
same "what is known of each record is 0600" \
    "$(find state/runs/*/private -mindepth 1 -printf '%m\n' | sort -u)" 600
same "quarantine folders are 0700" \
    "$(find state/runs -name quarantine -printf '%m\n' | sort -u)" 700
awk 'NR == 35' traces/en/otlp-traces.jsonl >"$work/malformed"
check "the malformed line is in quarantine as it was" \
    cmp "$work/malformed" state/runs/EXP-2026-11-24-UK-01/quarantine/src-0014.raw

# The made samples of other formats, file by file: what is planted in one must
# not be in what it became, in any form; and the same search of it finds.
demo_site=$PWD
cd "$work" || exit 2
made=$samples/traces/made
if [ -d "$made" ]; then
    python3 - sample.jsonl <<'PY'
import json, sys
rows = [("PERSON", "Priya Raman"), ("PERSON", "Élodie Lefèvre"),
        ("PERSON", "John Q. Public"), ("EMAIL", "priya.raman@example.co.uk"),
        ("EMAIL", "jane.roe@example.com"), ("EMAIL", "j.roe@example.org"),
        ("UK_NHS_NUMBER", "943 476 5919"), ("FR_NIR", "2 85 03 75 116 045 34"),
        ("PHONE", "06 12 34 56 78"), ("PHONE", "+33 6 12 34 56 78"),
        ("PHONE", "(212) 555-0147"), ("PHONE", "+44 20 7946 0018"),
        ("US_SSN", "078-05-1120"), ("CREDIT_CARD", "4111 1111 1111 1111"),
        ("CREDIT_CARD", "4111111111111111"), ("IP_ADDRESS", "198.51.100.7"),
        ("IP_ADDRESS", "203.0.113.10"), ("DATE", "12/03/1985"),
        ("IBAN", "FR76 3000 6000 0112 3456 7890 189"),
        ("CREATOR", "clkht01d40000jv08hvalcvly"), ("CREATOR", "cm4realuser0001"),
        ("CREATOR", "jroe.support"), ("POSTCODE", "NW1 6XE")]
with open(sys.argv[1], "w", encoding="utf-8") as f:
    for kind, value in rows:
        f.write(json.dumps({"value": value, "type": kind, "form": "written",
                            "where": "made"}, ensure_ascii=False) + "\n")
PY
    hits=0
    for f in "$made"/{otlp,langfuse,circuit-tracer,neuronpedia-api}/*.json* \
        "$made"/neuronpedia-export/*/*/*.jsonl; do
        name=${f#"$made"/}
        python3 "$oracle" learn sample.jsonl "$f" >learnt.jsonl
        tg redact "$f" >became 2>said </dev/null
        check "no planted value in what became of $name" \
            python3 "$oracle" search learnt.jsonl became said
        run python3 "$oracle" search learnt.jsonl "$f"
        [ "$status" = 1 ] && hits=$((hits + 1))
        cat learnt.jsonl >>all-learnt.jsonl
    done
    check "not redacted, the oracle has hits in the samples ($hits)" \
        test "$hits" -ge 8
    check "pieces and nodes of the samples were learnt" sh -c \
        "grep -q '\"pieces\": \[\"' all-learnt.jsonl &&
        grep -q '\"nodes\": \[[0-9]' all-learnt.jsonl"
else
    echo "    skipped: no samples of other projects in ../shared/samples"
fi
cd "$demo_site" || exit 2

# What only looks like an identifier stays, where its record survived: a record
# that the filter drops as a whole cannot keep it.
for lang in en fr; do
    region=$([ "$lang" = en ] && echo uk || echo fr)
    run_id=EXP-2026-11-24-${region^^}-01
    grep "traces/$lang/" "$stay" >"stay-$lang.jsonl"
    total=$(wc -l <"stay-$lang.jsonl")
    run python3 "$oracle" stay "stay-$lang.jsonl" "$work/opened/$run_id"/*/data
    cp "$out" "lost-$lang"
    lost=0 dropped=0
    while IFS=$'\t' read -r where value; do
        file=${where%:*} line=${where##*:}
        sed -n "${line}p" "$file" >one.jsonl
        tg redact --region "$region" one.jsonl >one.out 2>/dev/null
        if [ -s one.out ]; then
            lost=$((lost + 1))
            echo "    lost: $value of $where"
        else
            dropped=$((dropped + 1))
        fi
    done <"lost-$lang"
    same "look-alikes of $lang that are lost, of $total" "$lost" 0
    check "most look-alikes of $lang are in records that survive" \
        test $((dropped * 2)) -lt "$total"
done

# With one type's rules gone the oracle must find: it is not blind to what the
# bundle really holds.
mkdir -p "$work/blind/redactors"
cp -r "$TRACEGATE_DATA_DIR/policies" "$TRACEGATE_DATA_DIR/regions" "$work/blind"
cp -r "$TRACEGATE_DATA_DIR/redactors/rules" "$work/blind/redactors"
awk '/^  - id: / {skip = /email\./} !skip' \
    "$TRACEGATE_DATA_DIR/redactors/rules/generic.yaml" \
    >"$work/blind/redactors/rules/generic.yaml"
cd "$work" || exit 2
site blind-site
demo_traces
run tg run --data-dir "$work/blind" --date 2026-11-24
if [ "$status" = 7 ] || [ "$status" = 4 ]; then
    stock_open "$(bundle_dir EXP-2026-11-24-UK-01)" "$work/opened-blind"
    exits 1 "without the rules for e-mail the oracle has hits" \
        python3 "$oracle" search "$planted" "$work/opened-blind"
    says "and they are e-mail addresses" '^EMAIL '
else
    not_ok "a run without the rules for e-mail (exit $status)"
fi
finish
