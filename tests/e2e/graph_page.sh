#!/bin/bash
# graph_page.sh - a graph that came out names no node that is not there, and a
# browser shows it from its JSON alone.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need jq jq

ids() { python3 "$here/graph_ids.py" "$@"; }
page() { "$root/demo/graph-page/page.sh" "$@"; }
dom() { # PAGE DOM
    timeout 60 chromium --headless --no-sandbox --disable-gpu --dump-dom \
        "file://$work/$1" >"$2" 2>/dev/null </dev/null
}

mkdir out
for f in "$root"/demo/traces/*/graphs/*-179*[5-9]000.json \
    "$root"/tests/golden/attribution-graph/*.in.json \
    "$samples"/traces/*/circuit-tracer/*-*.json; do
    [ -e "$f" ] || continue
    tg redact "$f" >o 2>/dev/null </dev/null
    [ -s o ] && jq -e .nodes o >/dev/null && cp o "out/$(basename "$f")"
done
check "graphs are left" test "$(find out -name '*.json' | wc -l)" -ge 5
check "no id without a node" ids out/*.json
# A view that names nodes which are gone, a graph that does.
clean=$root/tests/golden/attribution-graph/clean.in.json
jq -c '.qParams.pinnedIds += ["E_777_1"] | .qParams.supernodes[0] += ["0_8_8"] |
    .qParams.clickedId = "9_9_9"' "$clean" >stale.json
exits 1 "the oracle finds such ids" ids stale.json
tg redact stale.json >stale.out 2>/dev/null
check "ids of a view that are no node do not leave" ids stale.out
same "the others do" "$(jq -c '[.qParams.pinnedIds, .qParams.supernodes]' stale.out)" \
    '[["E_5_1","27_9_1"],[["cat","0_7_1"]]]'
jq -c '.links[0].target = "0_8_8"' "$clean" >dangling.json
exits 7 "a link to no node: exit 7" tg redact dangling.json
says "and the byte is told" 'at byte 0 left out: byte [0-9]+: a link to a node'
check "and nothing leaves" test ! -s "$out"
jq -c '.nodes[0].clerp = "</script><script>document.title = 1</script><!--"' \
    "$(find out -name '*-[0-9]*.json' | sort | head -n 1)" |
    tg redact - >out/odd.json 2>/dev/null

page out/odd.json odd.html
check "the page of a graph holds it" ids --page out/odd.json odd.html
if command -v chromium >/dev/null; then
    dom odd.html seen
    check "a browser shows every node and link of a graph" \
        ids --dom out/odd.json seen
    exits 1 "and those of another it does not" ids --dom "$clean" seen
    page dangling.json dangling.html
    dom dangling.html seen
    check "the page says that an id has no node" grep -q 'data-dangling="1"' seen
else
    echo "    skipped: no chromium (Debian: chromium) to show a page"
fi
finish
