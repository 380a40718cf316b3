#!/usr/bin/env python3
"""features_check.py INPUT OUTPUT - rows of features: does what came out agree
with itself, and keep only what came before the first struck token?

For each object with tokens, in order of the output:
 - as many values as tokens, as many tokens as in the input's row;
 - from the first token with a label on every value is 0, no pair of
   activeFeatures, no topFeatures, no row of a layer;
 - before it every value is the input's;
 - maxValue, minValue, maxValueTokenIndex, maxValueIndex, sumValues, dfaMaxValue
   are what the values say;
 - no vector made of a text, no id of a token, no creator.
Exit 0: so it is, 1: not, 2: nothing looked at.
"""
import json
import re
import sys

LABEL = re.compile(r"\[[A-Z][A-Z0-9_]*\]")
TOKENS = ("tokens", "str_tokens", "tokenStrings")
VALUES = ("values", "tokens_acts_list", "activations")
GONE = ("embedding", "umap_x", "umap_y", "tokenIds", "lossValues",
        "logitContributions")
seen = 0


def fail(what):
    print(what)
    sys.exit(1)


def docs(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def words(x):
    """The strings of an array of tokens."""
    return [t["token"] if isinstance(t, dict) else t for t in x]


def rows(x):
    """(object, its tokens)"""
    if isinstance(x, list):
        for v in x:
            yield from rows(v)
    elif isinstance(x, dict):
        for k in TOKENS:
            if isinstance(x.get(k), list):
                yield x, words(x[k])
                return
        r = x.get("results")
        if isinstance(r, list) and r and "tokenPosition" in r[0]:
            yield x, words(r)
            return
        for v in x.values():
            yield from rows(v)


def numbers(o):
    for k in VALUES:
        v = o.get(k)
        if isinstance(v, list) and all(isinstance(n, (int, float)) for n in v):
            return v
    return None


def agrees(o, was, tokens, keep):
    v = numbers(o)
    if v is not None:
        if len(v) != len(tokens):
            fail(f"{len(v)} values, {len(tokens)} tokens")
        if any(v[keep:]):
            fail("a value at or after what was struck")
        if was is not None and v[:keep] != was[:keep]:
            fail("a value before what was struck is another")
        if keep < len(tokens) and not any(v):
            fail("nothing but zeros is left")
        at = max(range(len(v)), key=lambda i: v[i]) if v else None
        says = {"maxValue": lambda: max(v), "minValue": lambda: min(v),
                "maxValueTokenIndex": lambda: at, "maxValueIndex": lambda: at,
                "sumValues": lambda: sum(v)}
        for k, f in says.items():
            if v and o.get(k) is not None and abs(o[k] - f()) > 1e-9:
                fail(f"{k} is {o[k]}, the values say {f()}")
    d = o.get("dfaValues")
    if d:
        if any(d[keep:]) or o["dfaTargetIndex"] >= keep or \
                o["dfaMaxValue"] != max(d):
            fail("the attribution does not agree")
    elif o.get("dfaTargetIndex") is not None and keep < len(tokens):
        fail("the token of an attribution that is gone")


def row(o, tokens, old):
    global seen
    seen += 1
    keep = next((i for i, t in enumerate(tokens) if LABEL.search(t or "")),
                len(tokens))
    agrees(o, old and numbers(old), tokens, keep)
    for name in ("activation", "activations"):
        part = o.get(name)
        parts = [part] if isinstance(part, dict) else part or []
        for p in parts:
            if not isinstance(p, dict):
                continue
            if "tokenIndices" in p:
                if len(p["tokenIndices"]) != len(p["values"]) or \
                        any(i >= keep for i in p["tokenIndices"]):
                    fail("a row of a token that was struck")
                continue
            agrees(p, None, tokens, keep)
    counts = o.get("counts") or []
    for line in counts if counts and isinstance(counts[0], list) else [counts]:
        if any(line[keep:]):
            fail("a count at or after what was struck")
    for pairs in (o.get("activeFeatures") or {}).values():
        if any(i >= keep for i, _ in pairs) or not pairs:
            fail("a pair at or after what was struck")
    for i, t in enumerate(o.get("results") or []):
        if i >= keep and t["topFeatures"]:
            fail("features of a token that was struck")


def gone(x):
    if isinstance(x, dict):
        for k, v in x.items():
            if k in GONE:
                fail(f"{k} is there")
            if k in ("creatorId", "authorId") and not LABEL.fullmatch(v):
                fail(f"{k} names somebody")
            gone(v)
    elif isinstance(x, list):
        for v in x:
            gone(v)


def likely(new, old):
    """A row of the input that this one can be: as many tokens, and each the
    same, or a label, or empty."""
    return len(new) == len(old) and all(
        a == b or a == "" or LABEL.search(a or "") for a, b in zip(new, old))


def main(argv):
    if len(argv) != 3:
        sys.exit(__doc__)
    old = list(rows(docs(argv[1])))
    new = docs(argv[2])
    at = 0
    for o, tokens in rows(new):
        while at < len(old) and not (
                likely(tokens, old[at][1]) and
                o.get("id") in (None, old[at][0].get("id"))):
            at += 1
        if at == len(old):
            fail("a row that is not the input's, or has other tokens")
        row(o, tokens, old[at][0])
        at += 1
    gone(new)
    print(f"{seen} rows")
    sys.exit(0 if seen or not old else 2)


main(sys.argv)
