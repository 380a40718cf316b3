#!/bin/bash
# swift-down.sh DIR - stops what swift-up.sh DIR started, by its pid files.
dir=${1:?usage: swift-down.sh DIR}
for file in "$dir"/pids/*; do
	[ -f "$file" ] || continue
	pid=$(cat "$file")
	kill "$pid" 2>/dev/null
	# Until it is gone: it still writes below DIR.
	for _ in $(seq 50); do
		grep -qs '^State:.[^Z]' "/proc/$pid/status" || break
		sleep 0.1
	done
	rm -f "$file"
done
exit 0
