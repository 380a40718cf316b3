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
planted=$root/demo/planted.jsonl
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
# index beside them is searched.
cp -r state/runs "$work/runs"
rm -f "$work"/runs/*/quarantine/src-*.raw
clean "the runs' directories" "$work/runs"
clean "trust file and recipients" trust.yaml recipients/northgate.yaml

# The quarantine itself: closed to others, and it has what it says.
modes=$(find state/runs/*/quarantine -mindepth 1 -printf '%m\n' | sort -u)
same "quarantined files are 0600" "$modes" 600
same "quarantine folders are 0700" \
    "$(find state/runs -name quarantine -printf '%m\n' | sort -u)" 700
awk 'NR == 35' traces/en/otlp-traces.jsonl >"$work/malformed"
check "the malformed line is in quarantine as it was" \
    cmp "$work/malformed" state/runs/EXP-2026-11-24-UK-01/quarantine/src-0014.raw

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
