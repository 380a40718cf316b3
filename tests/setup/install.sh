#!/bin/sh
# install.sh [GROUP...] - installs the Debian packages of the groups of
# packages.txt that are missing (default: build test).  Nothing is downloaded
# when all are there.
#
#   -n  only list what is missing
#
# Exit: 0 all there, 1 apt-get failed or something is missing (-n), 2 usage,
# 3 no right to install: the line to type is printed.
set -eu
LC_ALL=C
export LC_ALL

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
list=$here/packages.txt
dry=
if [ "${1:-}" = -n ]; then
	dry=1
	shift
fi
[ $# -gt 0 ] || set -- build test

# Packages of the groups, one a line, each once.
wanted=
for group in "$@"; do
	found=$(awk -v g="$group" '$1 == g { print $2 }' "$list")
	if [ -z "$found" ]; then
		echo "install.sh: no group '$group' in packages.txt; there are:" \
		    "$(awk '/^[a-z]/ && !s[$1]++ { printf " %s", $1 }' "$list")" >&2
		exit 2
	fi
	wanted="$wanted $found"
done

missing()
{
	for p in $wanted; do
		s=$(dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null) || s=
		case $s in
		?i\ *) ;;
		*) printf '%s\n' "$p" ;;
		esac
	done | sort -u | tr '\n' ' '
}

if ! command -v dpkg-query >/dev/null; then
	echo "install.sh: not a Debian system; needed, by their Debian names:" >&2
	echo "$wanted" | tr -s ' \n' ' ' >&2
	echo >&2
	exit 3
fi
need=$(missing)
if [ -z "$need" ]; then
	exit 0
fi
if [ -n "$dry" ]; then
	echo "missing: $need"
	exit 1
fi

install="apt-get install -y --no-install-recommends $need"
as=
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		as="sudo -n"
	else
		echo "Packages are missing. As root, type:" >&2
		echo "  apt-get update && $install" >&2
		exit 3
	fi
fi

# No service starts because a package was installed (a chroot has no init; a
# test starts its own servers).  A policy that is already there is left alone.
policy=/usr/sbin/policy-rc.d
ours=
clean()
{
	if [ -n "$ours" ]; then
		$as rm -f "$policy"
	fi
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ ! -e "$policy" ]; then
	ours=1
	printf '#!/bin/sh\nexit 101\n' | $as tee "$policy" >/dev/null
	$as chmod 755 "$policy"
fi

get()
{
	$as env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get \
	    -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -qq "$@" </dev/null
}

# Is every package known to apt with a candidate?
known()
{
	for p in $need; do
		case $(apt-cache policy "$p" 2>/dev/null) in
		*Candidate:\ [0-9]*) ;;
		*) return 1 ;;
		esac
	done
}

echo "installing: $need"
known || get update
# shellcheck disable=SC2086 # a list of words
if ! get install -y --no-install-recommends $need; then
	# Lists older than the mirror: names of files that are gone.
	get update
	# shellcheck disable=SC2086
	get install -y --no-install-recommends $need || {
		echo "install.sh: apt-get could not install: $need" >&2
		exit 1
	}
fi
need=$(missing)
if [ -n "$need" ]; then
	echo "install.sh: still missing: $need" >&2
	exit 1
fi
