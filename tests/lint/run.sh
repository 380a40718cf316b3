#!/bin/sh
# run.sh [NAME...] - the lints, all or by name; ends with "N passed, N failed".
# A lint whose tool is missing is skipped with the reason, and fails with
# CI=true: a check that did not run has not passed.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
all='layers doors includes headers names size impure symbols tables text shell
spell format man links demo selftest'
[ $# -gt 0 ] || {
	# shellcheck disable=SC2086
	set -- $all
}
passed=0
failed=0
skipped=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for name in "$@"; do
	sh "$here/$name.sh" >"$out" 2>&1
	rc=$?
	count=$(sed -n 's/^examined //p' "$out" | tail -n 1)
	if [ $rc -eq 77 ] && [ "${CI:-}" != true ]; then
		skipped=$((skipped + 1))
		printf '  skip  %-9s %s\n' "$name" "$(sed -n 's/^skipped: //p' "$out")"
	elif [ $rc -eq 0 ] && [ "${count:-0}" -gt 0 ]; then
		passed=$((passed + 1))
		printf '  ok    %-9s %s examined\n' "$name" "$count"
	else
		failed=$((failed + 1))
		printf '  FAIL  %-9s %s examined\n' "$name" "${count:-0}"
		sed '/^examined /d; s/^/        /' "$out"
	fi
done
[ $skipped -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
