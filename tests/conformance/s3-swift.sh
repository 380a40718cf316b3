#!/bin/bash
# s3-swift.sh - the s3: sink against a real server, OpenStack Swift's S3 API,
# started here on loopback; what it stored is read back by s3cmd.
#
# Packages are installed when missing and we are root, without starting any
# service.  Ends with "N passed, N failed"; 0 only when something passed and
# nothing failed; 77 when the server cannot be had.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
here=$root/tests/servers
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset "${!AWS_@}" HOME

packages=()
need() { # COMMAND PACKAGE
	command -v "$1" >/dev/null || packages+=("$2")
}
need swift-proxy-server swift-proxy
need swift-account-server swift-account
need swift-container-server swift-container
need swift-object-server swift-object
need memcached memcached
need s3cmd s3cmd
need openssl openssl

install_packages() {
	local policy=/usr/sbin/policy-rc.d made=0 rc
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
		made=1
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -y -q --no-install-recommends "$@" >apt.log 2>&1 || {
		apt-get update -q >apt.log 2>&1
		apt-get install -y -q --no-install-recommends "$@" \
			>apt.log 2>&1
	}
	rc=$?
	[ $made = 1 ] && rm -f $policy
	return $rc
}
if [ ${#packages[@]} -gt 0 ]; then
	log=$(mktemp -d)
	if [ "$(id -u)" != 0 ] ||
	    ! (cd "$log" && install_packages "${packages[@]}"); then
		tail -n 3 "$log"/*.log 2>/dev/null
		echo "not assessed: missing packages ${packages[*]}"
		exit 77
	fi
	rm -rf "$log"
fi

mkdir -p build
work=$(mktemp -d "$root/build/s3-swift.XXXXXX") || exit 1
proxy_pid=
# shellcheck disable=SC2317 # called by the trap
finish() {
	[ -n "$proxy_pid" ] && kill "$proxy_pid" 2>/dev/null
	"$here/swift-down.sh" "$work/swift"
	rm -rf "$work"
}
trap finish EXIT

passed=0
failed=0
is() { # WHAT WANTED GOT
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
		echo "ok: $1"
	else
		failed=$((failed + 1))
		echo "FAILED: $1"
		echo "  wanted: $2"
		echo "  got:    $3"
		sed 's/^/  stderr: /' "$work/err" 2>/dev/null
	fi
}

tests/conformance/s3-driver.sh "$work/s3_put" || exit 1

# ---------------------------------------------------------------- the server
xattr() { # FOLDER: may files in it have user attributes?
	python3 -c 'import os, sys
os.setxattr(sys.argv[1], "user.tg", b"1")' "$1" 2>/dev/null
}
if ! xattr "$work"; then
	rmdir "$work" 2>/dev/null
	for place in /tmp /dev/shm; do
		other=$(mktemp -d "$place/s3-swift.XXXXXX")
		mv "$work/s3_put" "$other/"
		rm -rf "$work"
		work=$other
		xattr "$work" && break
	done
fi
endpoint=$("$here/swift-up.sh" "$work/swift") || exit 1
echo "server: Swift s3api at $endpoint"

export AWS_ACCESS_KEY_ID=test:tester AWS_SECRET_ACCESS_KEY=testing
bucket=tg-conformance
url=s3://$bucket/uk
cat >"$work/s3cfg" <<CFG
[default]
access_key = test:tester
secret_key = testing
host_base = ${endpoint#http://}
host_bucket = ${endpoint#http://}
use_https = False
signature_v2 = False
bucket_location = us-east-1
CFG
peer() {
	s3cmd -q --no-progress -c "$work/s3cfg" "$@" 2>"$work/peer.err"
}
put() { # NAME FILE [KILL-AT]; prints the answer and the exit status
	local out rc
	out=$("$work/s3_put" put "$work/ledger" tg-uk-1 "${to:-$endpoint}" \
		"$url" "tg-uk-1/$1" "$2" "${@:3}" 2>"$work/err")
	rc=$?
	echo "$out${out:+ }$rc"
}

"$work/s3_put" mkbucket "$endpoint" $bucket 2>"$work/err"
is "bucket made with our own signature" 0 $?

# ----------------------------------------------------------------- the bytes
mkdir "$work/in" "$work/out"
: >"$work/in/empty"
printf x >"$work/in/one"
head -c 5242883 /dev/urandom >"$work/in/big"
printf 'nasty\n' >"$work/in/nasty"
nasty='sp ace+é~()*!.._&=@:,;$%20#x'
key_of() {
	[ "$1" = nasty ] && echo "$nasty" || echo "$1"
}
for name in empty one big nasty; do
	key=$(key_of $name)
	is "$name: sent" "sent 0" \
		"$(put "$key" "$work/in/$name" | sed 's/^sent [0-9]*/sent/')"
	peer get "$url/tg-uk-1/$key" "$work/out/$name"
	cmp "$work/in/$name" "$work/out/$name" >"$work/err" 2>&1
	is "$name: s3cmd reads the same bytes" 0 $?
	is "$name: again, nothing to do" "was there 0" \
		"$(put "$key" "$work/in/$name")"
done

printf y >"$work/in/other"
is "other content of the same length is refused" 1 \
	"$(put one "$work/in/other")"
is "and says so" 1 "$(grep -c 'never replaced' "$work/err")"
rm -f "$work/out/one"
peer get "$url/tg-uk-1/one" "$work/out/one"
cmp "$work/in/one" "$work/out/one" >"$work/err" 2>&1
is "and the object is as it was" 0 $?
peer put "$work/in/one" "$url/tg-uk-1/foreign"
is "a stranger's object with the same bytes is refused, too" 1 \
	"$(put foreign "$work/in/one")"

# ----------------------------------------------------------- the credentials
secret_free() {
	! grep -qE 'testing|not-the-secret' "$work/err"
}
is "wrong secret" 10 \
	"$(AWS_SECRET_ACCESS_KEY=not-the-secret put two "$work/in/one")"
is "wrong secret: the text" 1 "$(grep -c 'secret does not fit' "$work/err")"
secret_free
is "wrong secret: not in the text" 0 $?
is "wrong key id" 10 \
	"$(AWS_ACCESS_KEY_ID=test:nobody put two "$work/in/one")"
is "wrong key id: the text names its end" 1 \
	"$(grep -c 'key id ends in body' "$work/err")"
is "wrong key id: a hint" 1 "$(grep -c '^hint: .*key id' "$work/err")"
is "no credentials" 10 "$(unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	put two "$work/in/one")"
is "a region that was named and is another" 3 \
	"$(AWS_REGION=eu-west-2 put two "$work/in/one")"
is "and the text names both" 1 \
	"$(grep -c 'region us-east-1, not in eu-west-2' "$work/err")"
peer info "$url/tg-uk-1/two" >/dev/null
is "none of these left an object" 12 $?

# ----------------------------------------------------------------- the faults
rc=$(put killed "$work/in/big" 1000000 2>/dev/null)
is "killed in mid-upload" 137 "$rc"
peer info "$url/tg-uk-1/killed" >/dev/null
is "nothing half is there" 12 $?
is "the next run sends it" "sent 0" \
	"$(put killed "$work/in/big" | sed 's/^sent [0-9]*/sent/')"
peer get "$url/tg-uk-1/killed" "$work/out/killed"
cmp "$work/in/big" "$work/out/killed" >"$work/err" 2>&1
is "whole" 0 $?

coproc FAULTY { exec python3 "$here/faultproxy.py" "${endpoint##*:}" 0.3 20; }
proxy_pid=$FAULTY_PID
exec 9<&"${FAULTY[0]}" # bash closes its own when the process ends
read -r port <&9
to=http://127.0.0.1:$port
head -c 300000 /dev/urandom >"$work/in/f"
good=0
for i in 1 2 3 4 5 6 7 8; do
	case $(put "f$i" "$work/in/f") in
	'sent '*' 0' | 'was there 0') good=$((good + 1)) ;;
	esac
done
is "through a connection that spoils 3 of 10 requests: all arrive" 8 $good
good=0
for i in 1 2 3 4 5 6 7 8; do
	rm -f "$work/out/f"
	peer get "$url/tg-uk-1/f$i" "$work/out/f" &&
		cmp -s "$work/in/f" "$work/out/f" && good=$((good + 1))
done
is "and whole" 8 $good
kill "$proxy_pid"
read -r counts <&9
proxy_pid=
echo "faults: $counts"
kinds=0
for kind in 503 rst_mid lost_ack 500_after trunc corrupt; do
	case $counts in
	*"'$kind'"*) kinds=$((kinds + 1)) ;;
	esac
done
is "each kind of fault came up" 6 $kinds

# ----------------------------------------------------------------------- TLS
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tg-test \
	-addext subjectAltName=IP:127.0.0.1 -keyout "$work/key" \
	-out "$work/ca.pem" 2>"$work/err"
cat "$work/key" "$work/ca.pem" >"$work/pem"
coproc TLS { exec python3 "$here/faultproxy.py" "${endpoint##*:}" 0 1 \
	"$work/pem" 2>/dev/null; }
proxy_pid=$TLS_PID
read -r port <&"${TLS[0]}"
to=https://127.0.0.1:$port
is "TLS: a certificate that nobody vouches for is refused" 3 \
	"$(put tls "$work/in/big")"
is "and the hint names AWS_CA_BUNDLE" 1 \
	"$(grep -c '^hint: .*AWS_CA_BUNDLE' "$work/err")"
export AWS_CA_BUNDLE=$work/ca.pem
is "TLS: with its CA, sent" "sent 0" \
	"$(put tls "$work/in/big" | sed 's/^sent [0-9]*/sent/')"
to=https://localhost:$port
is "TLS: under another name than the certificate's, refused" 3 \
	"$(put tls2 "$work/in/one")"
unset AWS_CA_BUNDLE
peer get "$url/tg-uk-1/tls" "$work/out/tls"
cmp "$work/in/big" "$work/out/tls" >"$work/err" 2>&1
is "TLS: the same bytes" 0 $?

# ------------------------------------------------------------ the whole program
# A run, its approvals and its upload as a user types them, then the bundle as
# s3cmd brings it back.
tracegate=${B:-build/release}/tracegate
export AWS_ENDPOINT_URL_S3=$endpoint AWS_REGION=us-east-1
TARGET_OWNER=AUTH_test \
	demo/run.sh "$tracegate" "$work/demo" "s3://$bucket/whole" >"$work/said" 2>"$work/err"
is "the demo to an s3: target" 0 $?
for run in "$work"/demo/state/runs/*; do
	id=$(basename "$run"/bundle/*)
	(cd "$run/bundle/$id" && find . -type f -printf '%P\n') >"$work/names"
	while read -r name; do
		mkdir -p "$work/back/$id/$(dirname "$name")"
		peer get --force "s3://$bucket/whole/$id/$name" \
			"$work/back/$id/$name" >/dev/null </dev/null
	done <"$work/names"
	diff -r "$run"/bundle/"$id" "$work/back/$id" >"$work/err" 2>&1
	is "$id: what the server has is the bundle" 0 $?
done
run=$(basename "$(ls -d "$work"/demo/state/runs/*-UK-*)")
# shellcheck disable=SC2317 # called below
again() { # an upload of a run that the journal takes for unsent
	sed -i '/ uploaded$/d' "$work/demo/state/runs/$run/journal"
	(cd "$work/demo" || exit 1
		TRACEGATE_DATA_DIR=$root "$root/$tracegate" \
		upload "$run" -q >"$work/said" 2>"$work/err")
}
again
is "uploaded before: done, with one intent" 0 $?
rm -rf "$work/demo2"
TARGET_OWNER=AUTH_test AWS_SECRET_ACCESS_KEY=wrong demo/run.sh "$tracegate" "$work/demo2" \
	"s3://$bucket/other" >"$work/said" 2>"$work/err"
is "a wrong secret: exit 10" 10 $?
is "and the reason is said" 1 "$(grep -c 'secret does not fit' "$work/err")"
TARGET_OWNER=AUTH_test AWS_ACCESS_KEY_ID=nobody:here demo/run.sh "$tracegate" "$work/demo2" \
	"s3://$bucket/other" >"$work/said" 2>"$work/err"
is "an unknown key id: exit 10" 10 $?

echo "$passed passed, $failed failed"
[ $passed -gt 0 ] && [ $failed = 0 ]
