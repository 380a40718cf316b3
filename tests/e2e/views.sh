#!/bin/bash
# views.sh - a value that stands in two places: cut at every position over two
# messages, parts, deltas, fields, attributes, tokens in every spelling, among
# other values and in objects, and in encodings.  Both places lose their part; the shape stays; a second scan finds
# nothing.  At least 80 of 100 of every form, all of the plain ones.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3

cases=$here/views_cases.py
python3 "$cases" make "$work/cases" >"$work/forms" || exit 2
while read -r form; do
    f=$work/cases/$form
    exits 0 "$form: redacted" tg redact --region uk,fr,us "$f.jsonl"
    cp "$out" "$f.out"
    exits 0 "$form: a second scan finds nothing" \
        tg scan --region uk,fr,us "$f.out"
    check "$form: valid, of the same shape" \
        python3 "$cases" check "$work/cases" "$form"
    read -r found all <"$out"
    case $form in
    percent* | backslash | base64 | twice | thrice) want=$((all * 80 / 100)) ;;
    *) want=$((all * 98 / 100)) ;;
    esac
    check "$form: $found of $all are gone, $want wanted" \
        test "$found" -ge "$want" -a "$all" -gt 100
done <"$work/forms"

# Not by joining everything: what only stands side by side stays.
cat >"$work/side.jsonl" <<'EOF'
{"messages":[{"role":"user","content":"my e-mail is"},{"role":"user","content":"anna@example.org"}]}
{"messages":[{"role":"user","content":"write to anna@example.com."},{"role":"user","content":"The next day"}]}
{"metadata":{"where":"Front Desk","reach":"anna@example.com","for":"the desk"}}
{"messages":[{"role":"user","content":"It was 2019"},{"role":"user","content":"2020 was the next."}]}
{"prompt":"version 1.2.3","response":"4.5.6 is newer"}
EOF
cat >"$work/side.want" <<'EOF'
{"messages":[{"role":"user","content":"my e-mail is"},{"role":"user","content":"[EMAIL]"}]}
{"messages":[{"role":"user","content":"write to [EMAIL]."},{"role":"user","content":"The next day"}]}
{"metadata":{"where":"Front Desk","reach":"[EMAIL]","for":"the desk"}}
{"messages":[{"role":"user","content":"It was 2019"},{"role":"user","content":"2020 was the next."}]}
{"prompt":"version 1.2.3","response":"4.5.6 is newer"}
EOF
exits 0 "texts side by side" tg redact --region uk,fr,us "$work/side.jsonl"
cp "$out" "$work/side.out"
check "keep their words" cmp "$work/side.out" "$work/side.want"
finish
