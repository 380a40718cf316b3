#!/bin/sh
# man.sh - every verb has a man page, which is the one the program prints, and
# mandoc has nothing to say about it.  Wants a built program ($B/tracegate).
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need mandoc

B=${B:-build/release}
: >"$work/bad"
[ -x "$B/tracegate" ] || {
	echo "$B/tracegate: not built (make build)"
	finish 0
}
n=0
for verb in $(sed -nE 's/^TG_CMD\(([a-z_]+)\).*/\1/p' cli/cmds.def) ''; do
	page=docs/man/tracegate${verb:+-$verb}.1
	if [ ! -f "$page" ]; then
		echo "$page: missing" >>"$work/bad"
		continue
	fi
	n=$((n + 1))
	# shellcheck disable=SC2086 # no verb: the page of the program
	"$B/tracegate" help --man $verb >"$work/page" 2>"$work/err" ||
	    echo "tracegate help --man $verb: $(head -n 1 "$work/err")" >>"$work/bad"
	cmp -s "$work/page" "$page" ||
	    echo "$page: not what 'tracegate help --man $verb' prints" >>"$work/bad"
	mandoc -Tlint -Wwarning "$page" >>"$work/bad" 2>&1 || :
done
files '^docs/man/.*\.[0-9]$' | while IFS= read -r page; do
	verb=$(basename "$page" .1)
	verb=${verb#tracegate}
	verb=${verb#-}
	[ -z "$verb" ] || grep -q "^TG_CMD($verb)" cli/cmds.def ||
	    echo "$page: no such verb" >>"$work/bad"
done
finish "$n"
