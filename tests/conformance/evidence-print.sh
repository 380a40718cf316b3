#!/bin/bash
# evidence-print.sh FILE.html... - printed on A4, the decision page of an
# evidence report is exactly page 1: it ends with the signature table, and
# section 3 opens page 2.
#
# Exit: 0 all so, 1 one is not, 2 usage, 77 skipped with the reason.
# Packages: chromium, poppler-utils, fonts-noto-core.
set -u

skip()
{
	echo "evidence-print: skipped: $1"
	exit 77
}

if [ $# -eq 0 ]; then
	echo "usage: evidence-print.sh FILE.html..." >&2
	exit 2
fi
command -v chromium >/dev/null || skip "no chromium"
command -v pdftotext >/dev/null || skip "no pdftotext (poppler-utils)"
# Another face is wider and proves nothing about the one that is meant.
[ -n "$(fc-list 'Noto Serif' 2>/dev/null)" ] ||
    skip "no Noto Serif (fonts-noto-core)"

W=$(mktemp -d) || exit 1
trap 'rm -rf "$W"' EXIT

failed=0
no()
{
	echo "evidence-print: $1: $2" >&2
	failed=1
}

n=0
for f in "$@"; do
	n=$((n + 1))
	rm -f "$W/out.pdf"
	timeout 120 chromium --headless --no-sandbox --disable-gpu \
	    --no-first-run --disable-background-networking \
	    --disable-component-update --disable-sync \
	    --user-data-dir="$W/profile" --no-pdf-header-footer \
	    --print-to-pdf="$W/out.pdf" "file://$(realpath "$f")" \
	    >"$W/log" 2>&1
	if [ ! -s "$W/out.pdf" ]; then
		no "$f" "chromium printed nothing: $(tail -1 "$W/log")"
		continue
	fi
	pdftotext -layout -f 1 -l 1 "$W/out.pdf" "$W/1.txt"
	pdftotext -layout -f 2 -l 2 "$W/out.pdf" "$W/2.txt"
	# The last column of the signature table is called the same in
	# English and French.
	grep -qE '^ *2\. ' "$W/1.txt" || no "$f" "no section 2 on page 1"
	grep -qE '  Signature *$' "$W/1.txt" ||
	    no "$f" "the signature table is not on page 1"
	grep -qE '  Signature *$' "$W/2.txt" &&
	    no "$f" "the signature table runs onto page 2"
	grep -qE '^ *3\. ' "$W/1.txt" && no "$f" "section 3 is on page 1"
	grep -m 1 -vE '^[[:space:]]*$' "$W/2.txt" | grep -qE '^ *3\. ' ||
	    no "$f" "page 2 does not open with section 3"
done
[ "$failed" -eq 0 ] && echo "evidence-print: $n examined, page 1 is one page"
exit "$failed"
