#!/bin/bash
# swift-up.sh DIR - OpenStack Swift with its S3 API, on loopback only.
#
# Needs the packages swift-proxy swift-account swift-container swift-object
# memcached.  Everything is written below DIR (which must allow user extended
# attributes); nothing in /etc.  Root or any user.  Prints the endpoint and
# ends; swift-down.sh DIR stops the servers.
#
# Access key test:tester, secret testing, region us-east-1.
set -eu
dir=$(mkdir -p "${1:?usage: swift-up.sh DIR}" && cd "$1" && pwd)
conf=$dir/conf
me=$(id -un)
mkdir -p "$conf" "$dir/srv/sdb1" "$dir/log" "$dir/pids"
export PATH=$PATH:/usr/sbin:/sbin

# Five ports that nobody uses now.
read -r proxy container account object cache < <(python3 - <<'PY'
import socket
held = [socket.socket() for _ in range(5)]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held))
PY
)

start() { # NAME COMMAND...
	local name=$1
	shift
	"$@" >"$dir/log/$name.log" 2>&1 &
	echo $! >"$dir/pids/$name"
}

storage() { # KIND PORT
	local kind=$1 port=$2
	(
		cd "$conf"
		swift-ring-builder "$kind.builder" create 4 1 1
		swift-ring-builder "$kind.builder" add --region 1 --zone 1 \
			--ip 127.0.0.1 --port "$port" --device sdb1 --weight 1
		swift-ring-builder "$kind.builder" rebalance || true
	) >"$dir/log/ring-$kind.log" 2>&1
	cat >"$conf/$kind.conf" <<-CONF
	[DEFAULT]
	bind_ip = 127.0.0.1
	bind_port = $port
	workers = 0
	user = $me
	swift_dir = $conf
	devices = $dir/srv
	mount_check = false
	fallocate_reserve = 0
	disable_fallocate = true
	log_level = INFO
	[pipeline:main]
	pipeline = $kind-server
	[app:$kind-server]
	use = egg:swift#$kind
	[$kind-replicator]
	[$kind-auditor]
	CONF
}

storage account "$account" &
storage container "$container" &
storage object "$object" &
cat >"$conf/proxy.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $proxy
workers = 0
user = $me
swift_dir = $conf
log_level = INFO
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk s3api tempauth slo dlo versioned_writes symlink proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
dns_compliant_bucket_names = yes
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$cache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
[filter:symlink]
use = egg:swift#symlink
CONF
wait

# memcached refuses to run as root unless told whom to become.
start memcached memcached -u "$([ "$(id -u)" = 0 ] && echo nobody || echo "$me")" \
	-l 127.0.0.1 -p "$cache" -m 32
for kind in account container object; do
	start "$kind" "swift-$kind-server" "$conf/$kind.conf"
done
start proxy swift-proxy-server "$conf/proxy.conf"

# The proxy answers its health check before the servers behind it listen.
if ! python3 - "$proxy" "$account" "$container" "$object" "$cache" <<'PY'
import socket, sys, time, urllib.request
end = time.monotonic() + 60
def until(ask):
    while time.monotonic() < end:
        try:
            return ask()
        except OSError:
            time.sleep(0.05)
    sys.exit(1)
for port in sys.argv[2:]:
    until(lambda: socket.create_connection(("127.0.0.1", int(port)), 2).close())
get = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
until(lambda: get(f"http://127.0.0.1:{sys.argv[1]}/healthcheck", timeout=2))
PY
then
	echo "swift did not come up:" >&2
	tail -n 5 "$dir"/log/*.log >&2
	exit 1
fi
echo "http://127.0.0.1:$proxy"
