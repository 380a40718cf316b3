#!/bin/bash
# cli.sh - the command line's contract: help, options, exit codes, JSON; keys
# and passphrases; policies; age files of others.
# Called by name; with no argument they take the latest run.
# shellcheck disable=SC2317,SC2119,SC2120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need age age
need minisign minisign
need flock util-linux

# --- help ------------------------------------------------------------------
verbs=$(sed -n 's/^TG_CMD(\(.*\))$/\1/p' "$root/cli/cmds.def")
check "there are verbs" test "$(echo "$verbs" | wc -w)" -ge 15
exits 2 "no verb: exit 2" tg
exits 0 "--help: exit 0" tg --help
exits 0 "--version" tg --version
check "--version --json is JSON" sh -c "'$program' --version --json | jq -e .result.version"
exits 2 "an unknown verb" tg scna
says "and what was meant" "did you mean 'scan'"
exits 2 "an unknown option" tg scan --regoin uk x
says "and what was meant" 'did you mean --region'
exits 2 "an option cut short is refused" tg scan --reg uk x
says "and what was meant" 'did you mean --region'
exits 2 "a value that is missing" tg scan --region
exits 2 "a value where none is taken" tg scan --quiet=1 x
exits 2 "an unknown letter" tg scan -Z x
exits 2 "--json=other" tg scan --json=xml x
exits 2 "nothing to scan" tg scan
exits 2 "an unknown topic" tg help no-such-topic
exits 3 "an unknown region" tg scan --region xx "$root/demo/traces/en/otlp-logs.jsonl"
for topic in exit-codes environment files states json; do
    exits 0 "help $topic" tg help $topic
done
tg help exit-codes >codes
same "the table of exit codes" "$(awk '/^[0-9]+ /{printf "%s ", $1}' codes)" \
    "0 1 2 3 4 5 6 7 8 9 10 70 "
same "the file that the help names is the one init writes" \
    "$(tg help files | awk 'NR == 1 {print $1}')" tracegate.yaml
check "no passphrase is taken from the command line" sh -c "
    for v in ${verbs//$'\n'/ }; do '$program' \$v --help; done |
    grep -E -- '--(passphrase|password|secret|token)( |=)' && exit 1 || exit 0"

# --- a site ----------------------------------------------------------------
site demo
small_traces traces
job GB traces
exits 4 "exit 4: a run waits" tg run --date 2026-11-24
exits 9 "exit 9: another run is active" \
    flock state/lock "$program" run --date 2026-11-24 --new
says "exit 9: and says so" 'lock|active'
exits 1 "exit 1: scan finds" tg scan traces
exits 3 "exit 3: no job here" sh -c "cd '$work' && '$program' run"
says "exit 3: and what to do" 'init|-c FILE'
exits 2 "exit 2: no such run" tg status EXP-1999-01-01-UK-01
exits 5 "exit 5: not what was signed" sh -c "cp -r $(bundle_dir latest) b &&
    echo >>b/VERIFY.txt && '$program' verify --trust trust.yaml b"
exits 2 "exit 2: nothing to verify" tg verify
run sh -c "'$program' scan traces >/dev/full"
same "output that cannot be written is no success" \
    "$([ "$status" != 0 ] && [ "$status" -lt 70 ] && echo no)" no
run sh -c "'$program' redact traces >/dev/full"
same "redacted output that cannot be written: exit 6" "$status" 6
check "a reader that stops early ends it" \
    sh -c "timeout 20 '$program' redact '$root/demo/traces/en' 2>/dev/null | head -c 10"

# --- --json ----------------------------------------------------------------
envelope() { # NAME STATUS COMMAND...
    local name=$1 want=$2
    shift 2
    exits "$want" "--json $name: exit $want" "$@"
    same "--json $name: one document with its members" "$(jq -cs \
        'length, (.[0] | keys)' "$out" 2>&1 | tr '\n' ' ')" \
        '1 ["exit_code","next","notes","ok","result","schema","tool"] '
    same "--json $name: exit code and ok" \
        "$(jq -c '[.exit_code, .ok]' "$out" 2>&1)" \
        "[$want,$([ "$want" = 0 ] && echo true || echo false)]"
    same "--json $name: a result, or it could not be done" \
        "$(jq '.result != null or (.ok | not)' "$out" 2>&1)" true
    same "--json $name: its schema" "$(jq -r .schema "$out" 2>&1)" "tracegate.$name/1"
}
d=$(run_digest latest)
envelope policy 0 tg policy check --json
envelope policy 0 tg policy show --region uk --json
envelope scan 1 tg scan --json traces
envelope status 0 tg status --json
envelope run 4 tg run --json --date 2026-11-24
envelope key 0 tg key list --json
envelope key 0 tg key show --json keys/export.pub
envelope ledger 0 tg ledger list --json
envelope ledger 0 tg ledger checkpoint --json
envelope verify 1 tg verify --json --trust trust.yaml "$(bundle_dir latest)"
envelope upload 4 tg upload --json latest
envelope approve 5 tg approve --json latest --role dpo --key people/dpo.key \
    --digest 00000000 --answer-all Noted.
envelope approve 0 tg approve --json latest --role dpo --key people/dpo.key \
    --digest "$d" --answer-all Noted.
envelope reject 1 tg reject --json latest --role dpo --key people/legal.key \
    --digest "$d" --reason No.
envelope evidence 0 tg evidence --json latest -o "$work/evidence"
envelope init 0 tg init --json "$work/new" --no-passphrase
envelope key 0 tg key new --json extra --role recipient --dir "$work/new/keys"
envelope key 0 tg key trust --json people/dpo.pub --as "C. Besson" --role dpo \
    -c "$work/new/tracegate.yaml"
envelope policy 1 tg policy diff --json uk fr
envelope policy 0 tg policy explain --json --region uk k_min
envelope policy 0 tg policy test --json "$root/regions/uk/uk.test.yaml"
envelope policy 0 tg policy exception list --json
envelope ledger 0 tg ledger show --json 0
envelope ledger 0 tg ledger prove --json --from 1
envelope explain 0 tg explain --json latest --bundle
envelope redact 0 tg redact --json --region uk -o one.jsonl traces
exits 2 "redact --json: not two things on standard output" \
    tg redact --json --region uk traces
quietly tg approve latest --role legal --key people/legal.key --digest "$d" \
    --answer-all Noted.
envelope upload 0 tg upload --json latest
same "--json: what comes next is in the document alone" "$(grep -c '^next:' "$err")" 0
exits 1 "--json=lines: exit 1 for findings" tg scan --json=lines traces
cp "$out" lines
check "--json=lines: one object a line, with these members" jq -es \
    'length > 0 and all(keys == ["action","end","file","path","record","rule","score","start","type"])' lines
run tg status --quiet
same "--quiet: nothing on stderr" "$(stat -c %s "$err")" 0

# --- where paths lead ------------------------------------------------------
cd "$work" || exit 2
site away
small_traces traces
job GB traces
mkdir w
cd w || exit 2
exits 4 "a job from another folder: run" tg run -c ../tracegate.yaml --date 2026-11-24
d=$(sha256sum ../state/runs/*/bundle/*/manifest.json | cut -c1-64)
for role in dpo legal; do
    quietly tg approve -c ../tracegate.yaml latest --role $role \
        --key ../people/$role.key --digest "$d" --answer-all Noted.
done
exits 0 "a job from another folder: upload" tg upload -c ../tracegate.yaml latest
check "a file: target is relative to the job's file" test -d ../sent
check "and not to where the command was typed" test ! -e sent

# --- init and keys ---------------------------------------------------------
cd "$work" || exit 2
exits 0 "init" tg init fresh --no-passphrase --region fr
find fresh -type f -exec sha256sum {} + | LC_ALL=C sort >before
run tg init fresh --no-passphrase --region uk
find fresh -type f -exec sha256sum {} + | LC_ALL=C sort >after
check "init again leaves what is there" cmp before after
same "secret files are 0600" "$(find fresh -name '*.key' -printf '%m\n' | sort -u)" 600
cd demo || exit 2
printf 'correct horse\n' >"$work/pass"
chmod 600 "$work/pass"
check "an approver's key with a passphrase" tg key new anna --role approver \
    --dir "$work/k" --passphrase-file "$work/pass"
same "it is 0600, its folder 0700" "$(stat -c %a "$work/k/anna.key" "$work/k" | tr '\n' ' ')" "600 700 "
same "the passphrase is in no file and in no word" \
    "$(grep -rc 'correct horse' "$work/k" "$out" "$err" | grep -cv ':0$')" 0
sum=$(sha256sum "$work"/k/anna.*)
exits 1 "a key is never overwritten" tg key new anna --role approver \
    --dir "$work/k" --passphrase-file "$work/pass"
exits 1 "nor by another kind" tg key new anna --role recipient --dir "$work/k"
same "it is the same" "$(sha256sum "$work"/k/anna.*)" "$sum"
exits 10 "an approver's key wants a passphrase" \
    tg key new bert --role approver --dir "$work/k" --no-input
check "no file of it is left" sh -c "! ls '$work'/k/bert* 2>/dev/null"
chmod 644 "$work/pass"
exits 10 "a passphrase file that others may read" tg key new bert \
    --role approver --dir "$work/k" --passphrase-file "$work/pass"
check "no file of it is left" sh -c "! ls '$work'/k/bert* 2>/dev/null"
chmod 600 "$work/pass"
: >"$work/empty" && chmod 600 "$work/empty"
exits 10 "an empty passphrase file" tg key new bert --role approver \
    --dir "$work/k" --passphrase-file "$work/empty"
exits 2 "a name that is a path" tg key new ../bert --role approver \
    --dir "$work/k" --no-passphrase
exits 2 "a role that keys do not have" tg key new bert --role boss --dir "$work/k"
exits 0 "a recipient's key" tg key new lab --role recipient --dir "$work/k"
same "age reads it" "$(age-keygen -y "$work/k/lab.key")" "$(cat "$work/k/lab.pub")"
exits 0 "key list" tg key list --dir "$work/k"
says "with fingerprints" 'anna.*fingerprint ([0-9a-f]{4} ){3}[0-9a-f]{4}'
exits 0 "key show" tg key show "$work/k/lab.pub"
says "with its fingerprint" 'fingerprint ([0-9a-f]{4} ){3}[0-9a-f]{4}'
exits 0 "key trust" tg key trust "$work/k/anna.pub" --as "A. Anna" --role dpo
same "it is in the trust file" "$(grep -c 'id: "a.anna"' trust.yaml)" 1
run_job --new || not_ok "a further run (exit $status)"
d=$(run_digest latest)
sign() { tg approve latest --role dpo --key "$work/k/anna.key" --digest "$d" \
    --answer-all Noted. "$@"; }
exits 10 "without its passphrase nothing is signed" sign --no-input
printf 'wrong\n' >"$work/wrong" && chmod 600 "$work/wrong"
exits 10 "nor with a wrong one" sign --passphrase-file "$work/wrong"
same "no decision" "$(find "$(bundle_dir latest)" -name 'decision-*' | wc -l)" 0
exits 0 "with it, from a descriptor" \
    sh -c "'$program' approve latest --role dpo --key '$work/k/anna.key' \
        --digest $d --answer-all Noted. --passphrase-fd 3 3<'$work/pass'"
check "minisign verifies it" minisign -V -p "$work/k/anna.pub" \
    -m "$(bundle_dir latest)/decision-dpo.json"
minisign -G -W -p "$work/k/stock.pub" -s "$work/k/stock.key" >/dev/null 2>&1
chmod 600 "$work/k/stock.key"
exits 0 "a key made by minisign is trusted" tg key trust "$work/k/stock.pub" \
    --as "S. Stock" --role legal
exits 0 "and signs" tg approve latest --role legal --key "$work/k/stock.key" \
    --digest "$d" --answer-all Noted.

# --- policies --------------------------------------------------------------
printf 'Ysalin,F,7065\nRubija,M,4\n' >yob.txt
exits 0 "policy names: a dictionary of an official file" \
    tg policy names --kind ssa-given yob.txt -o one.tgd
exits 0 "and its JSON" tg policy names --kind ssa-given yob.txt -o two.tgd --json
check "the same file gives the same bytes" cmp one.tgd two.tgd
exits 3 "policy names of another kind of file" \
    tg policy names --kind insee-given yob.txt -o no.tgd
check "and nothing is written" test ! -e no.tgd
exits 2 "policy names of an unknown kind" tg policy names --kind x yob.txt -o no.tgd
exits 2 "policy names without a file" tg policy names --kind ssa-given -o no.tgd
exits 2 "policy names into another ending" \
    tg policy names --kind ssa-given yob.txt -o no.txt
exits 0 "policy check: all that is shipped" tg policy check
for r in uk fr us; do
    exits 0 "policy show $r" tg policy show --region $r
    says "$r: each leaf with file and line" '^/retention/data/debug/max_days +[0-9]+ +(policies|regions)/[^ ]+:[0-9]+'
done
refused() { # NAME FILE-TEXT PATTERN
    printf '%b' "$2" >p.yaml
    exits 3 "policy check refuses $1" tg policy check --region uk p.yaml
    says "$1: with file, line and column" "p.yaml:[0-9]+:[0-9]+: .*($3)"
}
head_of='schema: tracegate.policy/1\nid: p\nversion: 1.0.0\nlayer: project\n'
head_of=$head_of'owner_role: dpo\neffective_from: 2026-11-24\nreview_by: 2027-06-01\n'
head_of=$head_of'title: {en: "P", fr: "P"}\n'
printf '%b' "$head_of"'limits:\n  max_tokens_per_trace: 500\n' >p.yaml
exits 0 "a project that tightens" tg policy check --region uk p.yaml
exits 0 "it is in what is shown" tg policy show --region uk -p p.yaml
says "with its file as the winner" '^/limits/max_tokens_per_trace +500 +.*p.yaml:'
refused "a looser limit" "$head_of"'limits:\n  max_tokens_per_trace: 5000\n' 'E-RELAX'
refused "an unknown key" "$head_of"'limitz:\n  max_tokens_per_trace: 500\n' 'limitz'
refused "a key given twice" "$head_of"'limits:\n  max_tokens_per_trace: 500\nlimits:\n  max_tokens_per_trace: 400\n' 'limits|twice|duplicate'
refused "an anchor" "$head_of"'limits: &a\n  max_tokens_per_trace: 500\n' 'anchor|alias'
refused "an alias" "$head_of"'limits: *a\n' 'anchor|alias'
refused "a tag" "$head_of"'limits: !x\n  max_tokens_per_trace: 500\n' 'tag'
refused "a text for a number" "$head_of"'limits:\n  max_tokens_per_trace: many\n' 'number|many|integer'
exits 3 "policy check of no policy" tg policy check --region uk "$root/LICENSE"

# --- --scope-config --------------------------------------------------------
scope() { printf '%s' "$1" >scope.json; }
plain=$(tg policy show --region uk | awk 'NR == 1 {print $4}')
scope '{"sample_rate":0.005,"max_tokens_capture":300,"retention_days":7}'
exits 0 "a stricter scope configuration" tg policy show --region uk --scope-config scope.json
says "it caps the tokens" '^/limits/max_tokens_per_trace +300 '
says "it caps the rate" '^/sampling/rate_max +0.005 '
says "it caps the retention" '^/retention/data/debug/max_days +7 '
differs "the policy's digest is another" "$(awk 'NR == 1 {print $4}' "$out")" "$plain"
for looser in '{"sample_rate":0.5}' '{"max_tokens_capture":100000}' \
    '{"retention_days":4000}'; do
    scope "$looser"
    exits 3 "a looser one is refused: $looser" \
        tg policy show --region uk --scope-config scope.json
    says "with its place" 'scope.json:[0-9]+:[0-9]+: .*E-RELAX'
    exits 3 "by run too" tg run --new --date 2026-11-24 --scope-config scope.json
done
for wrong in '{"sample_rat":0.01}' '{"sample_rate":"many"}' '{"sample_rate":-1}' \
    '[]' '{' '{"sample_rate":0.01,"sample_rate":0.02}' '{"retention_days":1.5}'; do
    scope "$wrong"
    exits 3 "no scope configuration: $wrong" \
        tg policy show --region uk --scope-config scope.json
done
scope '{"max_tokens_capture":300}'
exits 4 "a run with one" tg run --new --date 2026-11-24 --scope-config scope.json
same "the manifest has its limit" \
    "$(jq .limits.max_tokens "$(bundle_dir latest)/manifest.json")" 300
same "and its digest" \
    "$(jq -r .policy.scope_config_sha256 "$(bundle_dir latest)/manifest.json")" \
    "$(sha256sum scope.json | cut -c1-64)"
scope '{"export_target":"s3://another-lab/traces/"}'
exits 3 "a run to a target that it does not name" \
    tg run --new --date 2026-11-24 --scope-config scope.json

# --- open ------------------------------------------------------------------
cd "$work" || exit 2
mkdir age && cd age || exit 2
age-keygen -o me.key 2>/dev/null
age-keygen -o other.key 2>/dev/null
me=$(age-keygen -y me.key) other=$(age-keygen -y other.key)
tg_open() { tg open "$@" -i me.key -o -; }
for size in 0 1 65535 65536 65537 131072 300001; do
    head -c "$size" /dev/urandom >plain
    age -r "$other" -r "$me" -o f.age plain
    exits 0 "an age file of $size bytes" tg_open f.age
    cp "$out" got
    check "its bytes" cmp plain got
done
check "from standard input" sh -c "'$program' open - -i me.key -o - <f.age | cmp - plain"
check "with several identities" sh -c \
    "cat other.key >two.key && cat me.key >>two.key && chmod 600 two.key && '$program' open f.age -i two.key -o - | cmp - plain"
exits 10 "no identity fits" sh -c "age -r '$other' -o g.age plain; '$program' open g.age -i me.key -o -"
same "and no byte came" "$(stat -c %s "$out")" 0
age -a -r "$me" -o armored.age plain
run tg_open armored.age
cp "$out" got
if [ "$status" = 0 ]; then
    check "an armored file: its bytes" cmp plain got
else
    same "an armored file is refused" "$status" 5
    says "with the reason" 'armor'
fi
# No byte that was not authenticated: what comes out is whole chunks of the
# plaintext, never one of the damaged chunk.
damaged() { # NAME [CHUNKS]
    local n
    exits 5 "damaged: $1" tg_open d.age
    cp "$out" got
    n=$(stat -c %s got)
    same "damaged: $1: only whole chunks came out" $((n % 65536)) 0
    check "damaged: $1: and they are the file's" cmp -n "$n" plain got
    [ -z "${2:-}" ] ||
        same "damaged: $1: chunks that came out" "$n" $(($2 * 65536))
}
body=$(grep -abo -m1 '^--- ' f.age | cut -d: -f1)
body=$((body + 4 + 43 + 1 + 16))
flip() { # OFFSET
    cp f.age d.age
    local b
    b=$(od -An -tu1 -j"$1" -N1 d.age | tr -d ' ')
    # shellcheck disable=SC2059
    printf "\\$(printf %o $((b ^ 1)))" | dd of=d.age bs=1 seek="$1" conv=notrunc status=none
}
for at in 0 5 25 60; do
    flip $at
    run tg_open d.age
    same "a bit of the header at $at: refused (5 or 10)" \
        "$([ "$status" = 5 ] || [ "$status" = 10 ] && echo no)" no
    same "a bit of the header at $at: no byte came" "$(stat -c %s "$out")" 0
done
flip $((body - 40)); damaged "the header's code" 0
flip $((body - 3)); damaged "the nonce" 0
flip $((body + 5)); damaged "the first chunk" 0
flip $((body + 65552 + 9)); damaged "the second chunk" 1
flip $((body + 4 * 65552 + 9)); damaged "the last but one" 4
flip $(($(stat -c %s f.age) - 1)); damaged "the last byte"
head -c $((body + 2 * 65552)) f.age >d.age; damaged "cut between two chunks"
head -c $((body + 65552 + 100)) f.age >d.age; damaged "cut in a chunk" 1
head -c "$body" f.age >d.age; damaged "cut before the first chunk" 0
head -c 30 f.age >d.age; damaged "cut in the header" 0
{ cat f.age; printf x; } >d.age; damaged "a byte more"
{ head -c "$body" f.age; tail -c +$((body + 1 + 65552)) f.age; } >d.age
damaged "the first chunk taken out" 0
: >d.age; damaged "an empty file" 0
cp plain d.age; damaged "not an age file" 0
exits 2 "a folder and standard output at once" tg open f.age -i me.key
exits 10 "an identity file that others may read" \
    sh -c "cp me.key open.key; chmod 644 open.key; '$program' open f.age -i open.key -o -"

v=$(find "$work/demo/sent" -name 'payload-00000.tar.zst.age' | head -n 1)
key=$work/demo/recipients/recipient.key
exits 0 "a volume into a folder" tg open "$v" -i "$key" -o out
envelope open 0 tg open --json "$v" -i "$key" -o json-out
exits 2 "open --json: not two things on standard output" \
    tg open --json "$v" -i "$key" -o -
check "its bag holds" sh -c "cd out && sha256sum --quiet -c manifest-sha256.txt"
refuses "not into a folder that is there" tg open "$v" -i "$key" -o out
for at in 100 400 1500 2000; do
    cp "$v" v.age
    b=$(od -An -tu1 -j$at -N1 v.age | tr -d ' ')
    # shellcheck disable=SC2059
    printf "\\$(printf %o $((b ^ 1)))" | dd of=v.age bs=1 seek=$at conv=notrunc status=none
    run tg open v.age -i "$key" -o broken
    same "a damaged volume at $at: refused (5 or 10)" \
        "$([ "$status" = 5 ] || [ "$status" = 10 ] && echo no)" no
    check "a damaged volume at $at: nothing is left" test ! -e broken
done
age -r "$(age-keygen -y "$key")" -o nobag.age plain
exits 5 "an age file that is no volume, into a folder" tg open nobag.age -i "$key" -o nobag
check "nothing is left of it" test ! -e nobag
finish
