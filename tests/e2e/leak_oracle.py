#!/usr/bin/env python3
"""leak_oracle.py - searches every planted value in every file.

  leak_oracle.py search PLANTED PATH...   exit 0: no hit, 1: hits
  leak_oracle.py find PLANTED PATH...     exit 0: every written value is found
  leak_oracle.py stay LOOKALIKES PATH...  prints the look-alikes that are gone,
                                          "where TAB value"; exit 1 if any
  leak_oracle.py learn PLANTED PATH...    prints PLANTED with what the token
                                          arrays of the inputs spell it with

Exit 2: nothing to search for or nothing examined.  Standard library only, and
nothing of the program: it is an oracle of its own, beside demo/oracle.pl.

A value is looked for in views of a file (and of its name): as it is; JSON
escapes undone, up to three times; percent-encoding and HTML entities undone;
NFC; the strings of every array joined, and of every array of objects joined by
key, with the marks of tokenizers undone; without separators, for the derived
forms of numbers.  And as base64 at three alignments and as hex.  A row of
PLANTED may say how tokenizers spell its value, "ids": [[5, 6, 7], ...]: each
sequence is looked for in decimal and as 16, 32 and 64 bit little-endian
numbers; "nodes": [5]: as E_5_ in the names of graph nodes; "pieces": ["Imog"]:
as a token by itself, three characters or more.  learn finds these where an
input has them: the tokens a value is cut into, the ids beside them, the nodes
of their embeddings; what also stands for something else is left out.  E-mail
addresses, hosts and secrets regardless of case.
"""
import base64
import html
import json
import os
import re
import sys
import unicodedata
import urllib.parse

ROUNDS = 3  # JSON in a string in JSON in a string
SHORT = 8  # letters of base64 or hex below which chance gives hits
FOLDED = {"EMAIL", "HOST", "SECRET"}
SEPARATORS = re.compile(r"[\s.()\-\u00a0\u202f\u2009]+")
ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])')
PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescape(text):
    def one(m):
        c = m.group(1)
        if c[0] == "u" and len(c) == 5:
            return chr(int(c[1:], 16))
        return PLAIN.get(c, c)

    text = ESCAPE.sub(one, text)
    # Surrogates that were two escapes are one character.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def byte_letters():
    """The letters in which byte-level BPE writes bytes (GPT-2)."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(b): b for b in keep}
    n = 0
    for b in range(256):
        if b not in keep:
            table[chr(256 + n)] = b
            n += 1
    return table


LETTERS = byte_letters()


def joined(parts):
    whole = "".join(parts)
    yield whole.replace("\u2581", " ").replace("\u0120", " ").replace("\u010a", "\n")
    yield whole.replace("\u2581", "").replace("\u0120", "").replace("##", "")
    if all(c in LETTERS for c in whole):
        yield bytes(LETTERS[c] for c in whole).decode("utf-8", "replace")


# The vocabulary that a feature reads or writes: of its weights, not of a text.
READOUT = {"pos_str", "neg_str", "top_logits", "bottom_logits"}
MARKS = str.maketrans({"\u2581": " ", "\u0120": " ", "\u010a": "\n",
                       "\u23ce": "\n"})


def spelling(token):
    """What a token spells, in bytes."""
    m = re.fullmatch(r"<0x([0-9A-Fa-f]{2})>", token)
    if m:
        return bytes([int(m.group(1), 16)])
    return token.translate(MARKS).encode("utf-8", "replace")


def core(token):
    """The piece without the marks and blanks around it."""
    return token.translate(MARKS).strip()


def token_arrays(x, depth=ROUNDS):
    """(holder, strings) of every array of strings and of objects with one."""
    if isinstance(x, dict):
        for k, v in x.items():
            if isinstance(v, list) and v and k not in READOUT:
                if all(isinstance(t, str) for t in v):
                    yield x, v
                elif all(isinstance(t, dict) and isinstance(t.get("token"), str)
                         for t in v):
                    yield x, [t["token"] for t in v]
            yield from token_arrays(v, depth)
    elif isinstance(x, list):
        for v in x:
            yield from token_arrays(v, depth)
    elif isinstance(x, str) and depth > 0 and x[:1] in "[{":
        try:
            yield from token_arrays(json.loads(x), depth - 1)
        except (ValueError, RecursionError):
            pass


def documents(text):
    """The JSON document, or those of the lines."""
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        pass
    docs = []
    for line in text.split("\n"):
        try:
            docs.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    return docs


def walk(x, depth, out):
    if isinstance(x, dict):
        for v in x.values():
            walk(v, depth, out)
    elif isinstance(x, list):
        strings = [v for v in x if isinstance(v, str)]
        if len(strings) > 1 and len(strings) == len(x):
            out.extend(joined(strings))
        by_key = {}
        for v in x:
            if isinstance(v, dict):
                for k, s in v.items():
                    if isinstance(s, str):
                        by_key.setdefault(k, []).append(s)
            walk(v, depth, out)
        for parts in by_key.values():
            if len(parts) > 1:
                out.extend(joined(parts))
    elif isinstance(x, str) and depth > 0 and x[:1] in "[{":
        try:
            walk(json.loads(x), depth - 1, out)
        except (ValueError, RecursionError):
            pass


def tokens(text):
    out = []
    for part in [text] if text.count("\n") < 2 else [text, *text.split("\n")]:
        if "[" not in part:
            continue
        try:
            walk(json.loads(part), ROUNDS, out)
        except (ValueError, RecursionError):
            continue
        if part is text:
            break
    return "\n".join(out)


def views(data):
    """(name, text) of each way to read the bytes."""
    text = data.decode("utf-8", "replace")
    seen = {text}
    result = [("raw", text)]

    def add(name, t):
        if t and t not in seen:
            seen.add(t)
            result.append((name, t))

    plain = text
    for i in range(ROUNDS):
        plain = unescape(plain)
        add("json-escaped" if i == 0 else f"json-escaped-{i + 1}", plain)
    add("tokens", tokens(text))
    for name, t in list(result):
        add(name + "+percent", urllib.parse.unquote(t))
        add(name + "+html", html.unescape(t))
    for name, t in list(result):
        add(name + "+nfc", unicodedata.normalize("NFC", t))
    return result


def coded(value):
    """Base64 at three alignments, both alphabets, and hex."""
    raw = value.encode()
    for k in range(3):
        b = base64.b64encode(b"\0" * k + raw).decode().rstrip("=")
        b = b[(0, 2, 3)[k]:]
        # The last letter may share bits with what follows.
        if (k + len(raw)) % 3:
            b = b[:-1]
        if len(b) >= SHORT:
            yield f"base64-{k}", b
            url = b.translate(str.maketrans("+/", "-_"))
            if url != b:
                yield f"base64url-{k}", url
    if len(raw) >= SHORT:
        yield "hex", raw.hex()
        yield "hex", raw.hex().upper()


def spelled(row):
    """(name, bytes or pattern) of each sequence of token ids."""
    for ids in row.get("ids", []):
        for name, width in (("int16", 2), ("int32", 4), ("int64", 8)):
            if all(i < 1 << (8 * width - 1) for i in ids):
                yield f"token ids, {name}", b"".join(
                    i.to_bytes(width, "little") for i in ids)
        text = r"[\s,]+".join(str(i) for i in ids)
        yield "token ids, decimal", re.compile(rf"(?<!\d){text}(?!\d)")
    for i in row.get("nodes", []):
        yield "node name", re.compile(rf"E_{i}_")


class Row:
    def __init__(self, line):
        row = json.loads(line)
        self.value = row["value"]
        self.kind = row.get("type", "")
        self.derived = row.get("form") == "derived"
        self.where = row.get("where", "")
        self.ids = list(spelled(row))
        self.pieces = {p for p in row.get("pieces", []) if len(p) >= 3}
        self.nfc = unicodedata.normalize("NFC", self.value)
        self.needles = list(coded(self.value))
        if self.nfc != self.value:
            self.needles += coded(self.nfc)
        self.bare = SEPARATORS.sub("", self.value)
        # Long enough, or mixed enough, not to come about by chance.
        self.telling = len(self.bare) >= 9 or (
            len(self.bare) >= 6 and re.search("[A-Z].*[0-9]", self.bare))


class File:
    def __init__(self, path, name):
        self.path = path
        with open(path, "rb") as f:
            data = f.read()
        self.data = data
        # A file's name can betray as well.
        self.views = views(os.fsencode(name) + b"\n" + data)
        # One long text for a quick no; the form is found afterwards.
        self.all = "\0".join(t for _, t in self.views)
        self.low = self.all.casefold()
        self.raw = self.views[0][1]
        self.bare = SEPARATORS.sub("", self.all)
        self.tokens = {core(t) for d in documents(self.raw.split("\n", 1)[1])
                       for _, a in token_arrays(d) for t in a}

    def form(self, row):
        for v in (row.value, row.nfc):
            if v in self.all:
                return next(n for n, t in self.views if v in t)
        if row.kind in FOLDED and row.nfc.casefold() in self.low:
            return "other case"
        for name, needle in row.needles:
            if needle in self.raw or needle in self.all:
                return name
        for name, needle in row.ids:
            if (needle in self.data if isinstance(needle, bytes)
                    else needle.search(self.raw)):
                return name
        if row.pieces & self.tokens:
            return "a token by itself"
        if row.derived and row.telling and row.bare in self.bare:
            return "without separators"
        return None


def files(paths):
    for top in paths:
        if os.path.isfile(top):
            yield File(top, os.path.basename(top))
            continue
        for at, dirs, names in os.walk(top):
            dirs.sort()
            for name in sorted(names):
                path = os.path.join(at, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield File(path, os.path.relpath(path, top))


class Learnt:
    """What the token arrays of some inputs spell planted values with."""

    def __init__(self, values):
        self.values = [v.encode() for v in values]
        self.pieces = [set() for _ in values]
        self.ids = [set() for _ in values]
        self.nodes = [set() for _ in values]
        self.other = set()  # pieces and ids that stand for something else too

    def array(self, holder, tokens):
        spelt, at = b"", []
        for t in tokens:
            at.append(len(spelt))
            spelt += spelling(t)
        at.append(len(spelt))
        ids = [v for k, v in holder.items() if isinstance(v, list) and
               re.search(r"ids$", k, re.I) and len(v) == len(tokens)
               and all(isinstance(n, int) for n in v)]
        planted = set()
        for i, value in enumerate(self.values):
            start = spelt.find(value)
            while start >= 0:
                end = start + len(value)
                hit = [k for k in range(len(tokens))
                       if at[k] < end and at[k + 1] > start]
                planted.update(hit)
                self.pieces[i].update(core(tokens[k]) for k in hit)
                if len(hit) > 1:
                    self.ids[i].update(tuple(v[k] for k in hit) for v in ids)
                self.graph(holder, i, hit)
                start = spelt.find(value, start + 1)
        self.other.update(core(t) for k, t in enumerate(tokens)
                          if k not in planted)
        if "prompt_tokens" in holder:
            self.other.update(v for k, v in self.at.items() if k not in planted)

    at = {}

    def document(self, d):
        # Of a graph: the vocabulary id of the embedding at each place.
        self.at = {}
        for n in d.get("nodes", []) if isinstance(d, dict) else []:
            m = re.fullmatch(r"E_(\d+)_(\d+)", str(n.get("node_id")))
            if m:
                self.at[int(m.group(2))] = int(m.group(1))
        for holder, tokens in token_arrays(d):
            self.array(holder, tokens)

    def graph(self, holder, i, hit):
        if "prompt_tokens" in holder:
            self.nodes[i].update(self.at[k] for k in hit if k in self.at)

    def rows(self, planted):
        for i, row in enumerate(planted):
            new = dict(row)
            new["pieces"] = sorted(p for p in self.pieces[i] - self.other
                                   if len(p) >= 3)
            new["ids"] = row.get("ids", []) + sorted(self.ids[i])
            new["nodes"] = sorted(set(row.get("nodes", [])) |
                                  (self.nodes[i] - self.other))
            yield new


def learn(planted, paths):
    with open(planted, encoding="utf-8") as f:
        given = [json.loads(line) for line in f if line.strip()]
    learnt, n = Learnt([r["value"] for r in given]), 0
    for f in files(paths):
        n += 1
        for d in documents(f.data.decode("utf-8", "replace")):
            learnt.document(d)
    for row in learnt.rows(given):
        print(json.dumps(row, ensure_ascii=False))
    sys.exit(0 if given and n else 2)


def rows(path):
    with open(path, encoding="utf-8") as f:
        return [Row(line) for line in f if line.strip()]


def main(argv):
    if len(argv) < 4 or argv[1] not in ("search", "find", "stay", "learn"):
        sys.exit(__doc__)
    if argv[1] == "learn":
        learn(argv[2], argv[3:])
    what, planted, n = argv[1], rows(argv[2]), 0
    found = [None] * len(planted)
    hits = []
    for f in files(argv[3:]):
        n += 1
        for i, row in enumerate(planted):
            if what != "search" and found[i]:
                continue
            form = f.form(row)
            if form:
                found[i] = form
                hits.append(f"{row.kind} {row.value!r} of {row.where} "
                            f"({form}) in {f.path}")
    if not planted or n == 0:
        print("nothing examined")
        sys.exit(2)
    if what == "search":
        print("\n".join(hits[:200]))
        print(f"{len(planted)} values, {n} files, {len(hits)} hits")
        sys.exit(1 if hits else 0)
    lost = [r for r, f in zip(planted, found) if not f]
    if what == "stay":
        for r in lost:
            print(f"{r.where}\t{r.value}")
        sys.exit(1 if lost else 0)
    written = [r for r in lost if not r.derived]
    for r in lost:
        print(f"{'not found' if not r.derived else 'not found, derived'}: "
              f"{r.kind} {r.value!r} of {r.where}")
    print(f"{len(planted)} values, {n} files, {len(lost)} not found, "
          f"{len(written)} of them written")
    sys.exit(1 if written else 0)


main(sys.argv)
