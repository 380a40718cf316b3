#!/bin/bash
# modes.sh - what the policy lets leave of activations whose text holds a
# finding: the text alone (drop_activations), all rows but those of the finding
# (drop_span_rows, with a named approver and the residual risk in the
# evidence), nothing yet (recapture).  By a reader and an oracle that are not the
# program's.
# shellcheck disable=SC2086,SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need jq jq
need age age
need zstd zstd

gen() { python3 "$here/tensors_gen.py" "$@"; }
oracle=$here/leak_oracle.py

policy() { # FILE LEAVES
    printf 'schema: tracegate.policy/1\nid: p\nversion: 1\nlayer: project\nactivations: {%s}\n' \
        "$2" >"$1"
}
policy bare.yaml "on_span_asked: drop_activations"
policy rows.yaml "on_span_asked: drop_span_rows, span_rows_approver: dpo"
policy nobody.yaml "on_span_asked: drop_span_rows"
policy clean.yaml "on_clean: drop_activations, on_span: drop_activations"

quietly gen make made
made="--tokenizer made/tokenizer.json --tensor-context whole --region uk"
for mode in bare rows; do
    files="vllm/req delphi/0_127"
    [ $mode = bare ] || files="lens/cache scope/examples"
    for f in $files; do
        exits 0 "$mode: $f" tg redact $made -p $mode.yaml "made/$f.safetensors"
        cp "$out" "$mode.out"
        run gen alone "made/$f.safetensors" $mode.out
        cp "$out" counts
        same "$mode: $f: each token as its mask says" "$status" 0
        read -r stays struck bare <counts
        check "$mode: $f: tokens were struck" test "$struck" -gt 0
        [ $mode = bare ] || same "rows: $f: nothing else goes" "$bare" 0
        [ $mode = rows ] || check "bare: $f: without numbers" test "$bare" -gt 0
        check "$mode: $f: no planted value, no ids of one" \
            python3 "$oracle" search made/planted.jsonl $mode.out
        exits 0 "$mode: $f: a second scan finds nothing" \
            tg scan $made $mode.out
    done
done
same "rows before and behind the finding are there" "$((stays > struck))" 1
exits 0 "clean texts alone" tg redact $made -p clean.yaml made/delphi/0_127.safetensors
cp "$out" clean.out
gen read clean.out >names
same "have no features" "$(cut -d' ' -f1 names | paste -sd ' ')" \
    "tokens redaction_mask"

# Rows of features as JSON, the address cut over tokens.
cat >rows.jsonl <<'END'
{"modelId":"m","layer":"l","index":"7","tokens":["<bos>","Write"," to"," priya",".raman","@example",".org"," now"],"values":[0.125,0.25,0,0.5,0,7.25,0,0.5],"maxValue":7.25,"maxValueTokenIndex":5}
END
cat >api.jsonl <<'END'
{"tokens":["<bos>","Write"," to"," priya",".raman","@example",".org"," now"],"activations":[{"source":"s","index":8,"values":[0,0.25,0,0.5,0,7.25,0,0.5]}],"counts":[1,1,1,1,1,1,1,1]}
{"results":[{"tokens":["<bos>"," priya",".raman","@example",".org"," now"],"activeFeatures":{"9":[[3,1.5]],"10":[[5,1.5]]}}]}
END
for f in rows api; do
    for mode in bare rows; do
        exits 0 "$mode: features: $f" tg redact --region uk -p $mode.yaml $f.jsonl
        cp "$out" $mode.$f
    done
    exits 1 "the oracle finds it in the raw $f" \
        python3 "$oracle" search made/planted.jsonl $f.jsonl
done
check "no planted value in what leaves" python3 "$oracle" search \
    made/planted.jsonl bare.rows bare.api rows.rows rows.api
same "rows: values of the struck tokens alone are 0" \
    "$(jq -c '[.values, .maxValue, .maxValueTokenIndex]' rows.rows)" \
    "[[0.125,0.25,0,0,0,0,0,0.5],0.5,7]"
same "rows: pairs of the struck tokens alone go" \
    "$(tail -1 rows.api | jq -c '.results[0].activeFeatures')" '{"10":[[5,1.5]]}'
same "bare: no number, no feature" \
    "$(jq -c '[.. | numbers]' bare.rows bare.api | paste -sd ' ')" "[] [] []"

# Who may ask.
exits 3 "without a named approver" tg redact --region uk -p nobody.yaml rows.jsonl
says "told so" "E-CONFLICT: .*asks for a named approver"
for mode in bare rows; do
    exits 3 "not in France: $mode" tg redact --region fr -p $mode.yaml rows.jsonl
    says "told so" "E-RELAX: .*looser than the floor"
done

# A job: the manifest and both pages say what leaves and who answers for it.
site run
cp -r ../made/delphi ../made/vllm .
cp ../made/tokenizer.json ../rows.yaml .
cp ../rows.jsonl ../api.jsonl .
job GB delphi vllm rows.jsonl api.jsonl
sed -i '/jsonl/!s|text_origin: synthetic}|text_origin: synthetic, tokenizer: tokenizer.json, context: whole}|' \
    tracegate.yaml
echo "policy: rows.yaml" >>tracegate.yaml
if run_job; then ok "a job that drops span rows waits for people"; else
    not_ok "a job that drops span rows (exit $status)"
fi
manifest=$(bundle_dir latest)/manifest.json
same "the manifest names the rule, the risk and who answers for it" \
    "$(jq -c '.activations | [.on_span, .residual_risk.code, .residual_risk.approver]' "$manifest")" \
    '["drop_span_rows","rows-behind-a-finding","dpo"]'
same "and counts rows kept, dropped and struck" "$(jq '.activations.tensors |
    .rows == .rows_kept + .rows_dropped and .tokens_struck > 0 and
    .contexts_cut > 0 and .contexts_bare == 0' "$manifest")" true
evidence=$(bundle_dir latest)/evidence
check "the evidence (en) has the risk and its measure" grep -qE \
    "Answers for this risk: (\*\*)?Data Protection Officer" "$evidence/evidence.en.md"
check "the evidence (fr) too" grep -qE \
    "Répond de ce risque.*Délégué à la protection des données" "$evidence/evidence.fr.md"
for lang in en fr; do
    check "with the test of the tool ($lang)" \
        grep -qE "drop_span_rows" "$evidence/evidence.$lang.md"
done
same "it is a row to confirm" "$(jq -r '.requirements[] |
    select(.id == "activations-handled") | .result' "$evidence/evidence.json")" to_confirm
stock_open "$(bundle_dir latest)" opened
check "the bundle holds no planted value and no ids of one" \
    python3 "$oracle" search "$work/made/planted.jsonl" opened

# Traced again: the prompts, redacted, with the place they are of.
cd .. || exit 1
site again
cp -r ../made/vllm .
cp ../made/tokenizer.json .
cp ../rows.jsonl ../api.jsonl .
policy again.yaml "on_span: recapture"
job GB vllm rows.jsonl api.jsonl
sed -i '/jsonl/!s|text_origin: synthetic}|text_origin: synthetic, tokenizer: tokenizer.json, context: whole}|' \
    tracegate.yaml
echo "policy: again.yaml" >>tracegate.yaml
small_traces small
sed -i 's|^sources:|&\n  - {path: small, origin: GB, text_origin: synthetic}|' tracegate.yaml
run_job
says "recapture: how many and where" "4 redacted prompts to trace again: .*recapture.jsonl"
again=$(run_dir latest)/recapture.jsonl
same "a place each" "$(jq -c '[.input, .record]' "$again" | sort | paste -sd ' ')" \
    '["src-0000",1] ["src-0000",2] ["src-0001",1] ["src-0003",2]'
same "without the marker of the beginning" "$(grep -c ':"Please answer' "$again")" 1
check "no planted value in them" \
    python3 "$oracle" search "$work/made/planted.jsonl" "$again"
jq -c '{text: .prompt}' "$again" >prompts.jsonl
exits 0 "a second scan of them finds nothing" tg scan --region uk prompts.jsonl
finish
