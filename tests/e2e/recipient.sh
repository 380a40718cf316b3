#!/bin/bash
# recipient.sh - a recipient and an auditor without our program: what they do
# with stock tools works on the demo's bundles, and fails on damaged ones.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
for pair in age:age minisign:minisign zstd:zstd jq:jq tar:tar; do
    need "${pair%:*}" "${pair#*:}"
done

check "the demo ends with exit 0" \
    "$root/demo/run.sh" "$program" "$work/demo" || finish
# From here on nothing of ours: a PATH of links to the stock tools alone.
mkdir bin
for t in sha256sum minisign age zstd tar jq find sort cut grep cat sed awk env \
    bash sh mkdir rm cp test head tail wc sleep; do
    command -v "$t" >/dev/null && ln -s "$(command -v "$t")" "bin/$t"
done
exits 1 "the program is not in the PATH" \
    env -i PATH="$work/bin" sh -c 'command -v tracegate || exit 1'
stock() { env -i PATH="$work/bin" LC_ALL=C.UTF-8 "$@"; }

# The commands of VERIFY.txt as printed: the indented lines, cut into blocks at
# what is not indented.  "prints" is followed by the output to expect.
blocks() { # VERIFY.txt DIR
    awk -v dir="$2" '
    /^    / {
        if (!open) { n++; open = 1; file = sprintf("%s/%02d.%s", dir, n, kind) }
        print substr($0, 5) >file
        next
    }
    /^prints$/ { kind = "prints"; open = 0; next }
    /^$/ { if (open) { kind = "run" } open = 0; next }
    { open = 0; kind = /verifier key to be compared|^the verifier key/ \
        ? "key" : "run" }
    BEGIN { kind = "run" }' "$1"
}

# as_printed BUNDLE WORKDIR: runs each block there; the keys of the people who
# decided are filled in as the text asks.
as_printed() {
    local b=$1 name block expect got bad=0 n=0
    name=$(basename "$b")
    mkdir -p "$work/blocks/$name"
    blocks "$b/VERIFY.txt" "$work/blocks/$name"
    cp demo/recipients/recipient.key "$b/KEY.txt"
    for block in "$work/blocks/$name"/*.run; do
        n=$((n + 1))
        if grep -q RW_KEY_OF_THIS_PERSON "$block"; then
            sed -i "s|RW_KEY_OF_THIS_PERSON -m decision-dpo|$dpo -m decision-dpo|
                s|RW_KEY_OF_THIS_PERSON -m decision-legal|$legal -m decision-legal|" \
                "$block"
        fi
        run stock bash -e -o pipefail -c "cd '$b' && $(cat "$block")"
        expect=${block%.run}
        expect=$(printf '%s/%02d.prints' "${block%/*}" \
            $((10#$(basename "$expect") + 1)))
        if [ "$status" != 0 ]; then
            not_ok "$name: as printed: $(head -n 1 "$block")"
            bad=1
        elif [ -e "$expect" ]; then
            got=$(cat "$out")
            same "$name: prints what VERIFY.txt says" "$got" "$(cat "$expect")"
        else
            ok "$name: as printed: $(head -n 1 "$block" | cut -c1-60)"
        fi
        if grep -q 'not listed' "$block"; then
            same "$name: only the recipient's own key is not listed" \
                "$(cat "$out")" "not listed: KEY.txt"
        fi
    done
    [ "$n" -ge 6 ] || not_ok "$name: VERIFY.txt has $n commands"
    return $bad
}

cp -r demo/sent received
age-keygen -o other.key 2>/dev/null
# minisign -P takes the key; trust.yaml is what the recipient was told.
key_of() {
    awk -v id="$1" '$0 ~ "id: *\"?" id {f = 1} f && /key:/ {
        gsub(/.*key: *|"/, ""); print; exit}' demo/trust.yaml
}
exporter=$(key_of n.ashby) dpo=$(key_of c.besson) legal=$(key_of m.hartley)
check "trust.yaml has three keys" test -n "$exporter" -a -n "$dpo" -a -n "$legal"

for b in received/*; do
    name=$(basename "$b")
    as_printed "$b"
    rm -rf "$b/KEY.txt" "$b/out"
done

for b in received/*; do
    name=$(basename "$b")
    here_b=$work/$b
    check "$name: sha256sum -c SHA256SUMS" \
        stock sh -c "cd '$here_b' && sha256sum --strict -c SHA256SUMS"
    # Names in one order: locale-free sort of "find".
    same "$name: SHA256SUMS has every file" \
        "$(cd "$b" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort)" \
        "$(cut -c67- "$b/SHA256SUMS")"
    check "$name: minisign -V of the manifest" \
        stock minisign -V -P "$exporter" -m "$here_b/manifest.json"
    says "$name: its trusted comment names bundle and digest" \
        "tracegate/1 export bundle=$name sha256=$(sha256sum "$b/manifest.json" | cut -c1-64)"
    refuses "$name: minisign -V of the manifest by another's key" \
        stock minisign -V -P "$dpo" -m "$here_b/manifest.json"
    for role in dpo legal; do
        key=$([ $role = dpo ] && echo "$dpo" || echo "$legal")
        check "$name: minisign -V of the decision of $role" \
            stock minisign -V -P "$key" -m "$here_b/decision-$role.json"
        same "$name: the decision of $role names the manifest" \
            "$(jq -r .subjects.manifest_sha256 "$b/decision-$role.json")" \
            "$(sha256sum "$b/manifest.json" | cut -c1-64)"
    done
    i=0
    for v in "$b"/*.tar.zst.age; do
        o=$work/open/$name/$i
        mkdir -p "$o"
        check "$name: age -d | zstd -d | tar -x" stock bash -e -o pipefail -c \
            "age -d -i '$work/demo/recipients/recipient.key' '$work/$v' |
                zstd -dq | tar -x -C '$o'"
        check "$name: sha256sum -c of the bag" stock sh -c \
            "cd '$o' && sha256sum --strict -c manifest-sha256.txt &&
                sha256sum --strict -c tagmanifest-sha256.txt"
        same "$name: the bag has nothing beside its manifests" \
            "$(cd "$o" && find . -type f -printf '%P\n' | LC_ALL=C sort)" \
            "$( (cd "$o" && cut -c67- manifest-sha256.txt tagmanifest-sha256.txt &&
                echo tagmanifest-sha256.txt) | LC_ALL=C sort)"
        want=$(jq -r ".payload.volumes[$i].tar.sha256" "$b/manifest.json")
        got=$(cd "$o" && find . -type f -printf '%P\n' | LC_ALL=C sort |
            LC_ALL=C tar --format=ustar --no-recursion --mtime=@0 --owner=0 \
                --group=0 --numeric-owner --mode=0644 -T - -cf - | sha256sum)
        same "$name: GNU tar makes the manifest's digest again" "${got%% *}" "$want"
        got=$(age -d -i demo/recipients/recipient.key "$v" | zstd -dq | sha256sum)
        same "$name: and the tar inside has it" "${got%% *}" "$want"
        same "$name: records in the bag" \
            "$(cat "$o"/data/*/*.jsonl 2>/dev/null | wc -l)" \
            "$(jq ".payload.volumes[$i].records" "$b/manifest.json" |
                awk -v docs="$(find "$o/data" -name '*.json' | wc -l)" '{print $1 - docs}')"
        i=$((i + 1))
    done
    same "$name: as many volumes as the manifest names" "$i" \
        "$(jq '.payload.volumes | length' "$b/manifest.json")"
    refuses "$name: age does not open it with another identity" stock sh -c \
        "age -d -i '$work/other.key' '$here_b'/payload-00000.tar.zst.age >/dev/null"
done

# Damage is seen by the same tools.
b=$(find "$work/received" -mindepth 1 -maxdepth 1 | head -n 1)
printf x | dd of="$b/manifest.json" bs=1 seek=40 conv=notrunc status=none
refuses "a changed manifest: sha256sum fails" \
    stock sh -c "cd '$b' && sha256sum --strict -c SHA256SUMS"
refuses "a changed manifest: minisign fails" \
    stock minisign -V -P "$exporter" -m "$b/manifest.json"
size=$(stat -c %s "$b/payload-00000.tar.zst.age")
printf 'x' | dd of="$b/payload-00000.tar.zst.age" bs=1 seek=$((size / 2)) \
    conv=notrunc status=none
refuses "a changed volume: age fails" stock bash -o pipefail -c \
    "age -d -i '$work/demo/recipients/recipient.key' \
        '$b/payload-00000.tar.zst.age' | cat >/dev/null"

# The ledger under a Go program on golang.org/x/mod/sumdb.
go_check=$root/tests/conformance/ledger-go.sh
ledger=demo/state/ledger
exits 0 "the Go verifier accepts the ledger" \
    "$go_check" "$work/$ledger" "$work/$ledger/log.vkey"
for b in demo/sent/*; do
    exits 0 "the Go verifier accepts the intent of $(basename "$b")" \
        "$go_check" "$work/$ledger" "$work/$ledger/log.vkey" \
        "$work/$b/intent.tlog-proof" "$work/$b/intent.json"
    same "$(basename "$b"): the intent names the manifest" \
        "$(jq -r '.type + " " + .manifest_sha256' "$b/intent.json")" \
        "export.intent $(sha256sum "$b/manifest.json" | cut -c1-64)"
    sed 's/export.intent/export.indent/' "$b/intent.json" >other.json
    exits 1 "and not another entry under its proof" \
        "$go_check" "$work/$ledger" "$work/$ledger/log.vkey" \
        "$work/$b/intent.tlog-proof" "$work/other.json"
done
same "the manifest's verifier key is the ledger's" \
    "$(jq -r .ledger.vkey demo/sent/tg-uk-*/manifest.json)" "$(cat $ledger/log.vkey)"
finish
