#!/bin/bash
# golden.sh - each text format by a small file that was looked at: what comes
# out is that, to the byte; it agrees with itself; a second look finds nothing.
# And each damaged: a message with its place, exit 7, nothing of it leaves.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need age age
need zstd zstd
need jq jq

golden=$root/tests/golden
mkdir outputs
n=0
for in in "$golden"/*/*.in.*; do
    want=${in/.in./.out.} name=${in#"$golden"/}
    n=$((n + 1))
    run tg redact "$in"
    cp "$out" o
    check "$name: as it was looked at" cmp "$want" o
    # A golden of nothing is one that leaves as a whole.
    [ -s "$want" ] || continue
    cp o "outputs/${name//\//-}"
done
tg redact outputs >again 2>/dev/null
cat outputs/* >once
check "redacting them again changes nothing" cmp again once
check "goldens were looked at ($n)" test "$n" -ge 20
while IFS= read -r source; do
    [ "$source" = tensors ] && continue    # tensors.sh
    [ "$source" = aggregates ] && continue # never read, only written
    name=$(sed -n "/tg_source_$source = {/,/};/s/.*\.name = \"\(.*\)\",/\1/p" \
        "$root"/pipeline/sources/source_*.c)
    check "the format $name has a golden folder" test -d "$golden/$name"
done < <(sed -n 's/^TG_SOURCE(\(.*\))/\1/p' "$root/pipeline/sources/sources.def")
run tg scan outputs
same "a second scan of all of them finds nothing" "$status" 0

# Held by programs that are not ours.
python3 - "$golden" "$here" <<'PY' >log 2>&1
import contextlib, glob, io, os, runpy, sys
golden, here = sys.argv[1:]
bad = n = 0
for i in sorted(glob.glob(golden + "/*/*.in.*")):
    o = i.replace(".in.", ".out.")
    if not os.path.getsize(o):
        continue
    for tool in (["untouched.py", "--features"], ["features_check.py"]):
        sys.argv, said, n = [*tool, i, o], io.StringIO(), n + 1
        try:
            with contextlib.redirect_stdout(said):
                runpy.run_path(f"{here}/{tool[0]}", run_name="__main__")
            code = 0
        except SystemExit as e:
            code = e.code
        if code:
            bad += 1
            print(i, tool[0], code, said.getvalue())
print(n, "checks")
sys.exit(bad > 0 or n < 40)
PY
same "untouched bytes, values and sums agree ($(tail -n 1 log))" "$?" 0
[ "$(wc -l <log)" = 1 ] || head -n 20 log
# The checker can say no.
o=$golden/neuronpedia-export/rows.out.jsonl
for change in 's/"maxValue": 3.5/"maxValue": 9.5/' 's/3.5, 0, 0,/3.5, 0, 2,/' \
    's/"maxValueTokenIndex": 2/"maxValueTokenIndex": 5/' 's/"", "", ""/""/' \
    's/"creatorId": "\[CREATOR\]"/"creatorId": "cm1"/' 's/1.25/1.5/' \
    's/"typeName"/"embedding": [1], "typeName"/'; do
    sed "$change" "$o" >wrong.jsonl
    exits 1 "the checker finds: $change" python3 "$here/features_check.py" \
        "$golden/neuronpedia-export/rows.in.jsonl" wrong.jsonl
done
schema=$samples/traces/real/schemas/neuronpedia-feature-details-schema.json
if [ -e "$schema" ]; then
    for f in "$golden"/sae-dashboard/details.{in,out}.json; do
        check "$(basename "$f"): valid by the schema of feature details" \
            python3 "$here/json_schema.py" "$schema" "$f"
    done
else
    echo "    skipped: no schema of other projects in ../shared/samples"
fi

# Damaged.
quietly python3 "$here/golden_damage.py" "$golden" "$work/damage"
cd damage || exit 2
total=$(find in refused -type f | wc -l)
for verb in scan redact; do
    exits 7 "$verb: damaged files: exit 7" tg "$verb" in refused
    same "$verb: each of $total is told" \
        "$(grep -oE '^tracegate: (in|refused)/[^ :]+(: record 1 at byte 0)? left out: ' "$err" |
            sort -u | wc -l)" "$total"
    grep 'left out: ' "$err" | grep -v 'byte [0-9]' | grep -v -- '-large.json: ' >lost
    same "$verb: with the byte" "$(cat lost)" ""
    while IFS=$'\t' read -r file at; do
        grep -qF "in/$file: record 1 at byte 0 left out: byte $at: " "$err" ||
            echo "$file $at"
    done <places >lost
    same "$verb: a cut one at its end" "$(cat lost)" ""
    same "$verb: an oversized one where it begins" \
        "$(grep -c 'large.json: record 1 at byte 0 left out: longer' "$err")" \
        "$(find in -name '*-large.json' | wc -l)"
    same "$verb: a refusal says how to convert" \
        "$(grep 'refused/' "$err" | grep -cE 'refused; (python3|set|\.pt|where|export)')" \
        "$(find refused -type f | wc -l)"
    same "$verb: no text of the file is told" "$(grep -c MARKER "$err")" 0
    [ "$verb" = scan ] || same "redact: nothing is written" "$(wc -c <"$out")" 0
done
# All of them on the way into a bundle: sampled, anonymised, rechecked.
cd "$work" || exit 2
site whole
mkdir traces
for in in "$golden"/*/*.in.*; do
    cp "$in" "traces/$(basename "$(dirname "$in")")-$(basename "$in")"
done
job GB traces
run_job
same "a run over all goldens waits for people" "$status" 4
quietly stock_open "$(bundle_dir latest)" opened
for d in "$golden"/*/; do
    name=$(basename "$d")
    [ "$name" = graph-metadata ] && continue # beside the graphs
    check "the bundle has $name" sh -c "ls opened/*/data/$name/*"
done
same "nobody is in the bundle" "$(grep -rlE 'ada\.pell|cmcreator|"u-1"' opened | wc -l)" 0
same "no value of more bits than the policy's" "$(python3 - opened <<'PY'
import glob, json, math, re, sys
bad = n = 0
for f in glob.glob(sys.argv[1] + "/*/data/neuronpedia-*/*"):
    with open(f, encoding="utf-8") as t:
        text = t.read()
    for a in re.findall(r'"values": \[([\d., \n]*)\]', text):
        for v in json.loads(f"[{a}]"):
            n += 1
            m = math.frexp(v)[0] * 256
            bad += m != int(m)
print("none" if n > 20 and not bad else f"{bad} of {n}")
PY
)" none

cd "$work" || exit 2
site damaged
mkdir traces
cp -r "$work"/damage/{in,refused} traces
tail -n 2 "$root/demo/traces/en/otlp-traces.jsonl" >traces/zz-good.jsonl
job GB traces
exits 7 "a run over all of them: exit 7" tg run --date 2026-11-24
same "each is in quarantine" \
    "$(jq '[.source[].quarantined] | add' "$(bundle_dir latest)/manifest.json")" "$total"
sent_nothing "a run over all of them"
quietly stock_open "$(bundle_dir latest)" opened
same "nothing of them is in the bundle" \
    "$(grep -raoc MARKER opened "$(bundle_dir latest)" | grep -vc ':0$')" 0
finish
