# shellcheck shell=sh
# lib.sh - what every lint shares; sourced.  A lint has one job: it looks at
# the tree $1 (default: this one), prints a line "file: what is wrong" for
# each problem, then "examined N", and exits 0 clean, 1 problems, 77 its tool
# is missing.  Nothing examined is never a pass.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
lint=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${1:-$(CDPATH='' cd -- "$lint/../.." && pwd)}
cd "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# files REGEX - the files of the tree (kept or new, not ignored) whose path
# matches; without git all but build/.
files()
{
	if [ -e .git ]; then
		git ls-files -co --exclude-standard
	else
		find . -type f ! -path './build/*' ! -path './demo-out/*' |
		    sed 's|^\./||'
	fi | LC_ALL=C sort -u | grep -E "$1" | while IFS= read -r f; do
		[ ! -f "$f" ] || printf '%s\n' "$f"
	done
}

# code REGEX - of those, the C of the product.
code()
{
	files "^(base|regions|policies|redactors|pipeline|report|cli)/.*$1"
}

need()
{
	command -v "$1" >/dev/null || {
		echo "skipped: no $1"
		exit 77
	}
}

# finish COUNT - the problems are in $work/bad.
finish()
{
	touch "$work/bad"
	cat "$work/bad"
	echo "examined $1"
	if [ -s "$work/bad" ] || [ "$1" -eq 0 ]; then
		exit 1
	fi
	exit 0
}
