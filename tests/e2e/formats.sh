#!/bin/bash
# formats.sh - what comes out is of the format that went in: JSON that parses, a
# graph that is still one by its schema, and each byte that nobody had a reason
# to touch as it was.  Held by a lexer that is not the program's.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need jq jq
need age age

untouched() { python3 "$here/untouched.py" "$@"; }
schemas=$samples/traces/real/schemas
schema=$schemas/neuronpedia-graph-schema.json

# The lexer can say no: each change of an output is found.
good=$root/demo/traces/en/otlp-logs.jsonl
check "the same is untouched" untouched "$good" "$good"
broken() { # NAME SED
    head -n 3 "$good" | sed -E "$2" >broken.jsonl
    check "the change is one: $1" sh -c "head -n 3 '$good' | cmp -s - broken.jsonl; test \$? = 1"
    exits 1 "found: $1" untouched "$good" broken.jsonl
}
broken "a number spelled otherwise" '0,/"doubleValue":[0-9.]+/s/("doubleValue":[0-9.]+)/\10/
    0,/"(severityNumber|droppedAttributesCount|kind)":[0-9]+/s/("(severityNumber|droppedAttributesCount|kind)":[0-9]+)/\1.0/'
broken "a blank more" '2s/,"/, "/'
broken "a word changed" '2s/stringValue":"(.)/stringValue":"\1\1/'
broken "an invented member" '2s/\{"resource/{"new":1,"resource/'
broken "an escape written otherwise" '2s/e/\\u0065/'
broken "two lines exchanged" '1{h;d};2{G}'
{ sed 's/{"resource/{\n"resource/' "$good" | head -n 2 | tr '\n' ' '; } >broken.jsonl
exits 1 "found: other white space" untouched "$good" broken.jsonl

# redacted FILE NAME - all that holds of the filter's output for a file.
redacted() {
    local file=$1 name=$2
    run tg redact "$file"
    if [ "$status" != 0 ] && [ "$status" != 7 ]; then
        not_ok "$name: redacted (exit $status)"
        return
    fi
    cp "$out" o
    if [ ! -s o ]; then
        # Everything dropped: then it said so.
        same "$name: nothing is left, exit 7" "$status" 7
        return
    fi
    check "$name: parses" jq -c . o
    case $name in
    *neuronpedia* | *delphi* | *gemma*) # numbers beside tokens
        check "$name: untouched bytes" untouched --features "$file" o
        check "$name: values and sums agree" \
            python3 "$here/features_check.py" "$file" o
        ;;
    *) check "$name: untouched bytes" untouched "$file" o ;;
    esac
    same "$name: the same outermost members" \
        "$(jq -c 'keys - ["schemaUrl"]' o 2>/dev/null | sort -u | head -n 1 |
            jq -c --slurpfile i <(jq -c 'keys' "$file" 2>/dev/null | sort -u) \
                '. - ($i | add | unique)')" "[]"
    run tg scan o
    # What has no text left is "nothing examined", 7.
    if [ "$status" = 7 ] && grep -q '0 texts examined' "$out" && ! grep -q '"' o; then
        status=0
    fi
    same "$name: a second scan finds nothing" "$status" 0
    check "$name: redacting it again changes nothing" sh -c \
        "'$program' redact o 2>/dev/null | cmp - o"
    if [ -d "$schemas" ] && [ "${name#sample}" != "$name" ] && grep -q 'gen_ai\.' o; then
        run python3 "$here/content_schema.py" "$schemas" "$file" o
        [ "$status" = 3 ] || same "$name: content valid by its schemas" "$status" 0
        contents=$((contents + $(grep -cE '^[1-9]' "$out")))
    fi
    if grep -q '"qParams"' o && [ -e "$schema" ]; then
        if python3 "$here/json_schema.py" "$schema" "$file" >/dev/null; then
            check "$name: valid by the schema" \
                python3 "$here/json_schema.py" "$schema" "$PWD/o"
            graphs=$((graphs + 1))
        else
            echo "    $name: the input itself is not valid by the schema"
        fi
    fi
}
graphs=0 files=0 contents=0
for f in "$root"/demo/traces/*/*.jsonl "$root"/demo/traces/*/graphs/graph-*.json \
    "$root"/demo/traces/*/graphs/*4[49]*000.json; do
    grep -v 'broken.line' "$f" >"in.${f##*.}" # the malformed one: hostile.sh
    redacted "in.${f##*.}" "demo ${f#"$root"/demo/traces/}"
done

if [ -d "$samples/traces" ]; then
    for f in "$samples"/traces/{real,made}/{otlp,circuit-tracer,langfuse,openinference}/*.json* \
        "$samples"/traces/{real,made}/{neuronpedia,neuronpedia-api}/*.json \
        "$samples"/traces/made/neuronpedia-export/*/*/*.jsonl \
        "$samples"/traces/made/{delphi/*,gemma-scope-2/*/*}/config.json; do
        [ -e "$f" ] || continue
        files=$((files + 1))
        redacted "$f" "sample ${f#"$samples"/traces/}"
    done
    check "samples were examined ($files)" test "$files" -ge 25
    check "graphs were validated ($graphs)" test "$graphs" -ge 4
    if python3 -c 'import jsonschema' 2>/dev/null; then
        check "content was validated ($contents files)" test "$contents" -ge 3
    else
        echo "    skipped: no python3-jsonschema to validate content"
    fi
    # The validator can say no.
    g=$samples/traces/real/circuit-tracer/meow-clt.json
    for change in 'del(.metadata.slug)' 'del(.nodes)' '.links[0].weight = "x"' \
        '.metadata.prompt_tokens = "a b"' '.nodes[0].node_id = 5'; do
        jq -c "$change" "$g" >wrong.json
        exits 1 "the validator finds: $change" \
            python3 "$here/json_schema.py" "$schema" "$work/wrong.json"
    done
else
    echo "    skipped: no samples of other projects in ../shared/samples"
fi

# The bundle: identifiers and times are others there, the rest is as it was.
site demo
demo_traces
run_job || not_ok "a run (exit $status)"
for r in UK:en FR:fr; do
    lang=${r#*:}
    stock_open "$(bundle_dir "EXP-2026-11-24-${r%:*}-01")" "opened-$lang" ||
        not_ok "$lang: opened"
    for kind in otlp-traces otlp-logs; do
        for f in "opened-$lang"/*/data/"$kind"/*; do
            check "bundle $lang: $kind, untouched bytes" \
                untouched --bundle "traces/$lang/$kind.jsonl" "$f"
            check "bundle $lang: $kind parses" jq -c . "$f"
        done
    done
    for f in "opened-$lang"/*/data/attribution-graph/p_*; do
        [ -e "$f" ] || continue
        check "bundle $lang: a graph has its bytes from one of the input's" \
            untouched --bundle "traces/$lang/graphs/"*-[0-9]*.json "$f"
        [ ! -e "$schema" ] || check "bundle $lang: the graph is valid by the schema" \
            python3 "$here/json_schema.py" "$schema" "$PWD/$f"
    done
done
check "the bundle has graphs" sh -c 'ls opened-en/*/data/attribution-graph/p_*'
finish
