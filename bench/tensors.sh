#!/bin/sh
# tensors.sh PROGRAM MIB - CPU time and memory of a tensor file of that size
# through redact, and CPU time of zstd -1 | age | sha256sum of the same bytes.
# The goal: 0.6 of their time, 64 MiB; exit 1 when it is missed.
set -eu

for tool in python3 zstd age age-keygen; do
	command -v $tool >/dev/null || {
		echo "tensors: no $tool, left out"
		exit 0
	}
done
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$here/build"
free=$(df -Pm "$here/build" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt $((3 * $2)) ]; then
	echo "tensors: $free MiB free below build, $((3 * $2)) wanted: left out"
	exit 0
fi
dir=$(mktemp -d "$here/build/tensors.XXXXXX")
trap 'rm -rf "$dir"' EXIT
python3 - "$dir" "$2" <<'PY'
import json, os, struct, sys
top, mib = sys.argv[1], int(sys.argv[2])
row = 26 * 1152 * 2  # BF16, the layers of a model of one billion
n = (mib << 20) // row
head = {"token_ids": {"dtype": "I64", "shape": [n], "data_offsets": [0, 8 * n]},
        "hidden_states": {"dtype": "BF16", "shape": [n, 26, 1152],
                          "data_offsets": [8 * n, 8 * n + n * row]}}
text = json.dumps(head, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
with open(top + "/tokenizer.json", "w") as f:
    json.dump({"decoder": {"type": "Metaspace", "replacement": "_"},
               "model": {"type": "BPE", "vocab": {
                   "_walk": 0, "_along": 1, "_river": 2}}}, f)
with open(top + "/big.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text)
    f.write(b"".join(struct.pack("<q", i % 3) for i in range(n)))
    block, left = os.urandom(1 << 24), n * row
    while left > 0:
        f.write(block[:left])
        left -= len(block)
PY
age-keygen -o "$dir/key" 2>/dev/null
to=$(age-keygen -y "$dir/key")
TIMEFORMAT='%U %S'
export TIMEFORMAT
bash -c 'time "$0" redact --tensor-context whole --tokenizer "$1/tokenizer.json" \
    "$1/big.safetensors" >"$1/out" 2>/dev/null' "$1" "$dir" 2>"$dir/ours"
cmp "$dir/big.safetensors" "$dir/out"
bash -c 'time (zstd -q -1 <"$0/big.safetensors" | age -r "$1" | sha256sum \
    >/dev/null)' "$dir" "$to" 2>"$dir/theirs"
peak=$(python3 - "$1" "$dir" <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "redact", "--tensor-context", "whole", "--tokenizer",
                sys.argv[2] + "/tokenizer.json", sys.argv[2] + "/big.safetensors"],
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
)
cat "$dir/ours" "$dir/theirs" | awk -v mib="$2" -v peak="$peak" '
NR == 1 { a = $1 + $2 }
NR == 2 { b = $1 + $2 }
END { printf "tensors  %d MiB  %.2f s CPU, zstd|age|sha256sum %.2f s, ratio %.2f, peak %.1f MiB\n",
    mib, a, b, a / b, peak / 1024
    exit a / b > 0.6 || peak > 65536 }'
