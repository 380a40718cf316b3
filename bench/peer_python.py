"""peer_python.py PATTERNS <traces >out - json and re, string by string: a peer
of run.py, with nothing of the program's own in it."""
import json
import re
import sys


def patterns(path):
    out = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            try:
                out.append(re.compile(line.rstrip("\n"), re.ASCII))
            except re.error:
                continue  # look-behind of no fixed width
    return out


PATTERNS = patterns(sys.argv[1])
print(len(PATTERNS), "patterns", file=sys.stderr)


def walk(x):
    if isinstance(x, str):
        for p in PATTERNS:
            x = p.sub("[X]", x)
        return x
    if isinstance(x, list):
        return [walk(v) for v in x]
    if isinstance(x, dict):
        return {k: walk(v) for k, v in x.items()}
    return x


for row in sys.stdin:
    print(json.dumps(walk(json.loads(row)), ensure_ascii=False))
