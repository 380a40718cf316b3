#!/bin/bash
# tamper.sh - verify finds a changed bit in any file of a bundle, a missing
# file, a file too many, and parts of another bundle; also when SHA256SUMS was
# made again by who did it.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3
need jq jq
need "${CC:-gcc}" gcc

site demo
small_traces traces
job GB traces
run_job || quietly false
cp -r "$(bundle_dir latest)" "$work/undecided"
approve_all
cp -r "$(bundle_dir latest)" "$work/decided"
quietly tg upload latest
good=$work/good
cp -r sent/* "$good"
run_job --new || quietly false
approve_all
quietly tg upload latest
other=$work/other
cp -r "sent/$(basename "$(bundle_dir latest)")" "$other"
trust=$PWD/trust.yaml
ledger=$PWD/state/ledger
cd "$work" || exit 2

verify() { tg verify --trust "$trust" "$@"; }
fresh() {
    rm -rf b
    cp -r "$good" b
}
resum() {
    (cd b && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
        xargs -d '\n' sha256sum >../sums && mv ../sums SHA256SUMS)
}

check "an unchanged bundle: exit 0" verify "$good"
check "another unchanged bundle: exit 0" verify "$other"
check "both at once: exit 0" verify "$good" "$other"
fresh
resum
check "SHA256SUMS made by sha256sum is the same" cmp b/SHA256SUMS "$good/SHA256SUMS"
cp -r "$good" renamed-folder
check "another name of the folder does not matter" verify renamed-folder
exits 5 "one good, one not: exit 5" sh -c "rm renamed-folder/VERIFY.txt
    '$program' verify --trust '$trust' '$good' renamed-folder"
exits 1 "without a trust file nothing is a pass: exit 1" tg verify "$good"
says "and it says what was not assessed" 'not assessed +signature'
check "with the exporter's key given" verify --exporter \
    "$(jq -r .preparer.key "$good/manifest.json")" "$good"
exits 5 "with another exporter's key given" verify --exporter \
    "$(awk '/key:/ {gsub(/.*key: *|"/, ""); print; exit}' "$trust")" "$good"
awk '/id: "n.ashby"/ {skip = 1; next} /^  - id/ {skip = 0} !skip' \
    "$trust" >no-exporter.yaml
exits 5 "the exporter is not in the trust file" \
    tg verify --trust no-exporter.yaml "$good"

mkdir flip-plain flip-resummed
check "one changed bit anywhere" \
    python3 "$here/flip_bits.py" "$program" "$good" "$trust" plain flip-plain
tail -n 1 "$out"
check "one changed bit anywhere, SHA256SUMS made again" \
    python3 "$here/flip_bits.py" "$program" "$good" "$trust" resummed flip-resummed
tail -n 1 "$out"

while IFS= read -r f; do
    fresh
    rm "b/$f"
    exits 5 "missing: $f" verify b
    case $f in
    SHA256SUMS) continue ;;
    esac
    resum
    exits 5 "missing, SHA256SUMS made again: $f" verify b
    fresh
    : >"b/$f"
    exits 5 "emptied: $f" verify b
    fresh
    printf '\n' >>"b/$f"
    exits 5 "a byte longer: $f" verify b
    resum
    exits 5 "a byte longer, SHA256SUMS made again: $f" verify b
    fresh
    mv "b/$f" moved
    ln -s "$PWD/moved" "b/$f"
    exits 5 "a link to itself elsewhere: $f" verify b
    if ! cmp -s "$good/$f" "$other/$f"; then
        fresh
        cp "$other/$f" "b/$f"
        exits 5 "another bundle's: $f" verify b
        resum
        exits 5 "another bundle's, SHA256SUMS made again: $f" verify b
    fi
done < <(cd "$good" && find . -type f -printf '%P\n' | LC_ALL=C sort)
fresh
rm b/intent.json b/intent.tlog-proof
resum
exits 1 "no intent at all: not a pass (1)" verify b
fresh
rm b/decision-*
resum
exits 5 "sent without any decision" verify b

extra() { # NAME COMMAND
    fresh
    (cd b && eval "$2")
    exits 5 "too many: $1" verify b
    resum
    exits 5 "too many, SHA256SUMS made again: $1" verify b
}
extra "a file" 'echo x >notes.txt'
extra "an empty file" ': >empty'
extra "a hidden file" 'echo x >.hidden'
extra "a file in evidence/" 'echo x >evidence/page.html'
extra "a hidden file in evidence/" ': >evidence/.x'
extra "a file in a new folder" 'mkdir new && echo x >new/file'
extra "a volume" 'cp payload-00000.tar.zst.age payload-00001.tar.zst.age'
extra "a decision" 'cp decision-dpo.json decision-cfo.json'
extra "a decision with its signature" 'cp decision-dpo.json decision-cfo.json
    cp decision-dpo.json.minisig decision-cfo.json.minisig'
extra "a signature of nothing" 'cp manifest.json.minisig decision-cfo.json.minisig'
extra "a name with a line feed" 'echo x >"a
b"'
for what in "an empty folder:mkdir empty" "a hidden folder:mkdir .empty" \
    "an empty folder in evidence/:mkdir evidence/empty" \
    "a link to a file:ln -s manifest.json link" \
    "a link to nothing:ln -s nowhere link" \
    "a link to a folder:ln -s evidence link" "a fifo:mkfifo pipe"; do
    fresh
    (cd b && eval "${what#*:}")
    exits 5 "too many: ${what%%:*}" timeout 10 "$program" verify \
        --trust "$trust" b
done
fresh
mv b/evidence evidence-elsewhere && ln -s "$PWD/evidence-elsewhere" b/evidence
exits 5 "evidence/ is a link" verify b

# What belongs together, exchanged together.
swap() { # NAME FILE...
    local n=$1 f
    shift
    fresh
    for f in "$@"; do
        rm -rf "b/$f"
        cp -r "$other/$f" "b/$f"
    done
    resum
    exits 5 "another bundle's $n" verify b
}
swap "manifest and signature" manifest.json manifest.json.minisig
swap "decision and signature" decision-dpo.json decision-dpo.json.minisig
swap "decisions, all" decision-dpo.json decision-dpo.json.minisig \
    decision-legal.json decision-legal.json.minisig
swap "intent and proof" intent.json intent.tlog-proof
swap "evidence" evidence
swap "volume and records" payload-00000.tar.zst.age records.checkpoint
swap "everything but the volume" manifest.json manifest.json.minisig VERIFY.txt \
    records.checkpoint decision-dpo.json decision-dpo.json.minisig \
    decision-legal.json decision-legal.json.minisig intent.json \
    intent.tlog-proof evidence

# Time: an approval must be in force when the intent is recorded, not later.
check "a year later a sent bundle is as good" \
    later $((365 * 86400)) "$program" verify --trust "$trust" "$good"
exits 1 "nobody has decided: not a pass" verify undecided
exits 1 "decided, not sent: not a pass" verify decided
exits 5 "decided, not sent, and lapsed: exit 5" \
    later $((365 * 86400)) "$program" verify --trust "$trust" decided
says "lapsed: the reason's code" 'APR-EXPIRED'
check "decision of its own: a good one" verify "$good/decision-dpo.json"
exits 5 "a decision of its own, lapsed" later $((365 * 86400)) "$program" \
    verify --trust "$trust" "$good/decision-dpo.json"

# The ledger and the evidence alone.
vkey=$(cat "$ledger/log.vkey")
check "the ledger" tg verify --vkey "$vkey" "$ledger"
exits 1 "the ledger without a key given: not a pass" tg verify "$ledger"
for f in checkpoint tile/0/000.p tile/entries/000.p; do
    rm -rf l
    cp -r "$ledger" l
    f=$(find "l/$f" -type f | sort -V | tail -n 1)
    for at in 0 20 70; do
        cp "$f" keep
        b=$(od -An -tu1 -j$at -N1 "$f" | tr -d ' ')
        # shellcheck disable=SC2059
        printf "\\$(printf %o $((b ^ 2)))" |
            dd of="$f" bs=1 seek=$at conv=notrunc status=none
        exits 5 "the ledger, one bit of ${f#l/} at $at" \
            tg verify --vkey "$vkey" l
        cp keep "$f"
    done
done
check "the evidence alone, in its bundle" verify "$good/evidence"
exits 2 "something else is not verified" verify "$root/LICENSE"
finish
