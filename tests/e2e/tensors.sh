#!/bin/bash
# tensors.sh - tensor files go in and come out without what their tokens spell
# from a finding on: by a reader and an oracle that are not the program's.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2086,SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need jq jq
need age age
need zstd zstd

gen() { python3 "$here/tensors_gen.py" "$@"; }
oracle=$here/leak_oracle.py

quietly gen make made
t=made/tokenizer.json
made="--attention causal --tensor-context whole" # attested of them
files="vllm/req lens/cache delphi/0_127 scope/examples"

# The oracle can find: ids in each width, and nothing is found by chance.
for f in $files; do
    check "$f is of the official order" gen read "made/$f.safetensors"
    exits 1 "the oracle finds the ids in $f" \
        python3 "$oracle" search made/planted.jsonl "made/$f.safetensors"
    [ "$f" = lens/cache ] || says "$f: as token ids" "token ids, int"
done
exits 1 "the oracle finds the ids in npy" \
    python3 "$oracle" search made/planted.jsonl made/npy

for f in $files; do
    exits 1 "scan finds what the ids of $f spell" \
        tg scan --tokenizer "$t" "made/$f.safetensors"
    says "$f: a place and a type" "EMAIL|IBAN"
    run tg redact $made --tokenizer "$t" "made/$f.safetensors"
    says "$f: how many rows stay" "[0-9]+ of [0-9]+ token rows"
    cp "$out" "$(basename "$f").out"
    check "$f: another reader takes it" gen read "$(basename "$f").out"
    check "$f: no planted value, no ids of one" \
        python3 "$oracle" search made/planted.jsonl "$(basename "$f").out"
    exits 0 "$f: a second scan finds nothing" \
        tg scan --tokenizer "$t" "$(basename "$f").out"
done
check "rows before the finding are bit-identical" \
    gen rows made/vllm/req.safetensors req.out hidden_states
check "and their ids" gen rows made/vllm/req.safetensors req.out token_ids
gen read cache.out >names
same "embeddings and attention patterns do not leave" \
    "$(grep -cE 'hook_embed|hook_pattern' names)" 0
check "a residual stream" \
    grep -q 'blocks.4.hook_resid_post F16' names
exits 0 "an array with its ids beside it" \
    tg redact $made --tokenizer "$t" made/npy/resid_L4.npy
cp "$out" resid.npy
check "the array is shorter" test "$(stat -c %s resid.npy)" -lt \
    "$(stat -c %s made/npy/resid_L4.npy)"

# Without the tokenizer, nothing made of tokens leaves.
for f in $files; do
    run tg redact "made/$f.safetensors"
    cp "$out" blind.out
    same "$f without a tokenizer: exit 7" "$status" 7
    says "$f: and why" "without a tokenizer"
    if [ -s blind.out ]; then
        gen read blind.out >names
        same "$f: no token ids" "$(grep -cE 'token|ids|hook|hidden|loc' names)" \
            "$(grep -c top_tokens names)"
    fi
done

# The text beside a file says what the tokens of its positions are.
mkdir twin
cp made/vllm/req.safetensors twin/req.safetensors
jq -c -n --slurpfile v made/tokenizer.json --argjson ids \
    "[$(gen ids made/vllm/req.safetensors token_ids | tr ' ' ,)]" \
    '($v[0].model.vocab | to_entries | map({(.value | tostring): .key}) | add) as $p
    | {tokens: [$ids[] | $p[tostring] // "<bos>"]}' >twin/req.json
exits 1 "scan finds what stands beside" tg scan twin/req.safetensors
exits 0 "and the rows before it leave" tg redact $made twin/req.safetensors
cp "$out" twin.out
gen read twin.out >names
same "without the ids, which nobody spelled" "$(cut -d' ' -f1 names)" hidden_states
gen read req.out | grep hidden >want
same "as many as the ids say" "$(cat names)" "$(cat want)"
check "the same rows" gen rows made/vllm/req.safetensors twin.out hidden_states

# Broken files: told with the place, nothing written.
head -c 300 made/vllm/req.safetensors >cut.safetensors
exits 7 "a file that is cut" tg redact $made --tokenizer "$t" cut.safetensors
same "nothing is written of it" "$(stat -c %s "$out")" 0
says "told with the place" "byte [0-9]+:"
{ cat made/vllm/req.safetensors; printf 'tail'; } >tail.safetensors
exits 7 "a file with bytes behind it" tg redact $made --tokenizer "$t" tail.safetensors
says "told so" "bytes behind the last tensor"
python3 - <<'PY'
import json, struct
def put(name, head, data, n=None):
    text = json.dumps(head).encode()
    with open(name, "wb") as f:
        f.write(struct.pack("<Q", n or len(text)) + text + data)
ids = {"dtype": "I32", "shape": [4], "data_offsets": [0, 16]}
put("huge.safetensors", {"token_ids": ids}, bytes(16), 99999999)
put("shape.safetensors", {"token_ids": dict(ids, shape=[5])}, bytes(16))
put("overlap.safetensors", {"token_ids": ids, "hidden_states": {
    "dtype": "F16", "shape": [4, 1, 2], "data_offsets": [8, 24]}}, bytes(24))
put("axes.safetensors", {"token_ids": ids, "hidden_states": {
    "dtype": "F16", "shape": [3, 1, 2], "data_offsets": [16, 28]}}, bytes(28))
put("vast.safetensors", {"token_ids": dict(ids, shape=[1 << 62, 4])}, bytes(16))
PY
head -c 200 made/npy/resid_L4.npy >cut.npy
for f in huge.safetensors shape.safetensors overlap.safetensors axes.safetensors \
    vast.safetensors cut.npy; do
    exits 7 "$f: exit 7" tg redact $made --tokenizer "$t" "$f"
    same "$f: nothing is written" "$(stat -c %s "$out")" 0
    says "$f: told with the place" "byte [0-9]+"
done
printf '{"model": {"vocab": {"a": 1, "b"' >cut.json
exits 3 "a vocabulary that is cut" tg redact $made --tokenizer cut.json \
    made/vllm/req.safetensors
same "nothing is written" "$(stat -c %s "$out")" 0
says "told with the place" "byte [0-9]+"
gzip -kc made/vllm/req.safetensors >req.gz
exits 7 "a compressed one" tg redact $made --tokenizer "$t" req.gz
says "told so" "safetensors"
exits 2 "two tensor files at once do not fit one output" \
    tg redact $made --tokenizer "$t" made/vllm/req.safetensors made/delphi

# A job: the members are tensor files, and stock tools open the bundle.
site run
cp -r ../made/delphi ../made/scope ../made/vllm .
cp ../made/tokenizer.json .
job GB delphi scope vllm
sed -i 's|text_origin: synthetic}|text_origin: synthetic, tokenizer: tokenizer.json, attention: causal, context: whole}|' \
    tracegate.yaml
if run_job; then ok "a job with tensor files waits for people"; else
    not_ok "a job with tensor files (exit $status)"
fi
stock_open "$(bundle_dir latest)" opened
manifest=$(bundle_dir latest)/manifest.json
same "the manifest: rows read are rows kept and dropped" "$(jq \
    '.activations.tensors | .rows == .rows_kept + .rows_dropped' "$manifest")" true
same "kinds, and the patterns that told them" "$(jq -r '.activations.tensors |
    [.kinds[].kind, (.names[] | select(.kind == "hidden_states").pattern)] | join(" ")' \
    "$manifest")" "token_ids sae_topk neuron_stats hidden_states hidden_states"
for lang in en fr; do
    check "the evidence ($lang) quotes the inversion as a test of the tool" \
        grep -qE "[Tt]est (of the tool, not of the model|de l’outil, non du modèle)" \
        "$(bundle_dir latest)/evidence/evidence.$lang.md"
done
n=0
while read -r f; do
    n=$((n + 1))
    check "$(basename "$f") of the bundle: another reader takes it" gen read "$f"
done < <(find opened -name '*.safetensors')
same "three files are in the bundle" "$n" 3
check "the bundle holds no planted value and no ids of one" \
    python3 "$oracle" search "$work/made/planted.jsonl" opened
gen read "$(find opened -name 'src-0002.safetensors')" >names
check "hidden states: the rows before the finding" gen rows vllm/req.safetensors \
    "$(find opened -name 'src-0002.safetensors')" hidden_states

# France: features only, and a context with a finding is traced again.
cd .. || exit 1
site fr
cp -r ../made/delphi ../made/vllm .
cp ../made/tokenizer.json .
job FR delphi vllm
sed -i 's|text_origin: synthetic}|text_origin: synthetic, tokenizer: tokenizer.json, attention: causal, context: whole}|' \
    tracegate.yaml
if run_job; then ok "a job of France"; else
    not_ok "a job of France (exit $status)"
fi
stock_open "$(bundle_dir latest)" opened
find opened -name '*.safetensors' | sort >list
while read -r f; do gen read "$f"; done <list >names
same "no dense rows" "$(grep -c hidden names)" 0
check "features" grep -q '^activations F16' names
n=$(wc -l <"$(find state/runs -name recapture.jsonl | tail -1)")
check "the redacted prompts to be traced again" test "$n" -ge 3
check "without a planted value" python3 "$oracle" search "$work/made/planted.jsonl" \
    "$(find state/runs -name recapture.jsonl | tail -1)"
cd ../run || exit 1

# With the text beside and no tokenizer: the same, in a job.
mkdir twins
cp ../twin/req.safetensors twins/
cp ../twin/req.json prompts.json
job GB twins
sed -i 's|text_origin: synthetic}|text_origin: synthetic, texts: prompts.json, attention: causal, context: whole}|' \
    tracegate.yaml
exits 4 "a job with the texts beside" tg run --date 2026-11-24
stock_open "$(bundle_dir latest)" twin-opened
check "the rows before the finding" gen rows vllm/req.safetensors \
    "$(find twin-opened -name '*.safetensors')" hidden_states
check "no planted value and no ids of one" \
    python3 "$oracle" search "$work/made/planted.jsonl" twin-opened
job GB delphi scope vllm
sed -i 's|text_origin: synthetic}|text_origin: synthetic, tokenizer: tokenizer.json, attention: causal}|' \
    tracegate.yaml

# Nothing of a context leaves that nobody attests, whatever the policy.
exits 7 "a job that attests no beginning" tg run --date 2026-11-24
says "told so" "ACT-START"
stock_open "$(bundle_dir latest)" unsaid
find unsaid -name '*.safetensors' >list
while read -r f; do gen read "$f"; done <list >names
same "lets weights through, nothing that is made of tokens" \
    "$(cut -d' ' -f1 names | sort | paste -sd ' ')" "top_logits top_tokens"
sed -i 's|, attention: causal|, attention: sideways|' tracegate.yaml
exits 3 "a word that nobody knows" tg run --date 2026-11-24
says "told with the place" "tracegate.yaml:[0-9]+:[0-9]+: attention: causal or unknown"
finish
