#!/bin/bash
# The whole way with invented data: keys, run, approvals, upload, evidence.
# usage: demo/run.sh PROGRAM OUT [TARGET]
# Everything is below OUT, which is made anew.  Nothing leaves this machine: the
# target is a folder, unless TARGET (an s3: URL) says otherwise; then
# TARGET_OWNER is the account of its bucket.
set -eu
program=$(realpath "$1")
out=$2
target=${3:-file:sent}
root=$(cd "$(dirname "$0")/.." && pwd)
export TRACEGATE_DATA_DIR=${TRACEGATE_DATA_DIR:-$root}
tg() { "$program" "$@"; }

rm -rf "$out"
mkdir -p "$out"
cp -r "$root/demo/job.yaml" "$root/demo/traces" "$root/demo/recipients" "$out/"
cd "$out"
sed "s|file:sent\"|$target\"${TARGET_OWNER:+, expected_owner: \"$TARGET_OWNER\"}|" \
    job.yaml >tracegate.yaml
rm job.yaml

echo "== keys (throw-away, for this demo only)"
tg init . --no-passphrase --preparer "N. Ashby" \
    --origin demo.example.org/ledger 2>/dev/null
tg key new recipient --role recipient --dir recipients >/dev/null
key=$(cat recipients/recipient.pub)
sed -i "s|@RECIPIENT_KEY@|$key|" recipients/northgate.yaml
for person in dpo legal; do
    tg key new "$person" --role approver --dir people --no-passphrase \
        >/dev/null
done
tg key trust people/dpo.pub --as "C. Besson" --role dpo \
    --confirmed-by "telephone" >/dev/null
tg key trust people/legal.pub --as "M. Hartley" --role legal \
    --confirmed-by "in person" >/dev/null

echo "== run: read, sample, redact, anonymise, recheck, bundle, record"
status=0
tg run --date 2026-11-24 || status=$?
# 4: waiting for decisions; 7: that, and the malformed line is in quarantine.
if [ "$status" != 4 ] && [ "$status" != 7 ]; then
    exit "$status"
fi

for dir in state/runs/*/; do
    run=$(basename "$dir")
    digest=$(sha256sum state/runs/"$run"/bundle/*/manifest.json)
    digest=${digest%% *}
    echo "== $run: two persons decide (in the demo, by script)"
    for role in dpo legal; do
        tg approve "$run" --role "$role" --key "people/$role.key" \
            --digest "${digest: -8}" \
            --answer-all "Demo: noted, the data is invented." 2>/dev/null
    done
    tg upload "$run" -q
done
echo "== status"
tg status
for dir in state/runs/*/; do
    run=$(basename "$dir")
    tg evidence "$run" -o "evidence-$run" >/dev/null
done
if [ "$target" != file:sent ]; then
    exit 0
fi
echo "== the recipient's side"
for bundle in sent/*; do
    tg verify --trust trust.yaml "$bundle" -q
    tg open "$bundle"/payload-00000.tar.zst.age \
        -i recipients/recipient.key -o "opened/$(basename "$bundle")"
done
mkdir graphs
find opened -path '*/attribution-graph/p_*.json' | sort | while read -r graph; do
    "$root/demo/graph-page/page.sh" "$graph" \
        "graphs/$(basename "$graph" .json).html"
done
echo
echo "bundles   $out/sent/"
echo "ledger    $out/state/ledger/"
echo "graphs    $out/graphs/ (pages for a browser)"
for dir in evidence-*; do
    echo "document  $out/$dir/evidence.en.html"
done
