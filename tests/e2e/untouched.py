#!/usr/bin/env python3
"""untouched.py [--bundle|--features] INPUT... OUTPUT - is the output the input with parts
taken out and texts replaced by labels, and every other byte as it was?

Documents (lines of JSON, or one document) are cut into tokens by a lexer of its
own; nothing is parsed into numbers.  Then, document by document in order:
 - an object's members and an array's items are some of the input's, in order;
 - numbers, true, false, null: the same spelling;
 - a string is the same bytes, or has [LABEL]s instead of parts; or it is JSON
   itself, and all this holds inside;
 - where two tokens that follow each other in the output followed each other in
   the input, the bytes between them are the same, white space too.
--bundle: identifiers and times may be other strings, by their key, and a text
may be cut short (the limit of tokens).
--features: what features_check.py holds may be another: numbers beside tokens,
null and [] for them, "" for a token.

Prints the first difference.  Exit 0: so it is, 1: not, 2: nothing compared.
"""
import re
import sys

TOKEN = re.compile(
    rb'[ \t\r\n]*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)'
    rb'|(true|false|null)|([{}\[\],:]))', re.S)
LABEL = re.compile(rb'\[[A-Z][A-Z0-9_]*(?:[ :#-][A-Za-z0-9._-]*)?\]')
# Keys whose strings a run replaces: pseudonyms, generalised times, names that
# are made of such.
OTHER = re.compile(rb'(?i)(id|ids|slug|time|nano|timestamp|created|updated|at|'
                   rb'date|name)"$')
# The typed values of OTLP: their name is the attribute's.
TYPED = re.compile(rb'"(string|int|double|bool|array|kvlist)Value"|"values"|"value"')
# What stands beside tokens, or is a token.
BESIDE = re.compile(rb'"(values|tokens_acts_list|activations|counts|maxValue|'
                    rb'minValue|maxValueTokenIndex|maxValueIndex|sumValues|'
                    rb'dfaValues|dfaMaxValue|dfaTargetIndex|max_activation)"$')
TOKEN_KEY = re.compile(rb'"(tokens|str_tokens|tokenStrings|token)"$')
bundle = features = False


class Doc:
    def __init__(self, data):
        self.data, self.tokens, at = data, [], 0
        while data[at:].strip(b" \t\r\n"):
            m = TOKEN.match(data, at)
            if not m:
                raise ValueError(f"no JSON at byte {at}")
            self.tokens.append((m.lastindex, m.start(m.lastindex), m.end()))
            at = m.end()
        self.i = 0
        self.root = self.value()
        if self.i != len(self.tokens):
            raise ValueError("more than one value")

    def raw(self, t):
        return self.data[self.tokens[t][1]:self.tokens[t][2]]

    def take(self):
        self.i += 1
        return self.i - 1

    def value(self):
        """("{", open, [(key, colon, node, comma)], close), ("[", open,
        [(None, None, node, comma)], close) or ("s"|"n"|"l", token)"""
        t = self.take()
        kind = self.tokens[t][0]
        if kind != 4:
            return ({1: "s", 2: "n", 3: "l"}[kind], t)
        c = self.raw(t)
        if c not in (b"{", b"["):
            raise ValueError(f"{c} is no value")
        end, items = {b"{": b"}", b"[": b"]"}[c], []
        while self.raw(self.i) != end:
            key = colon = None
            if c == b"{":
                key, colon = self.take(), self.take()
                if self.tokens[key][0] != 1 or self.raw(colon) != b":":
                    raise ValueError("no member")
            node = self.value()
            comma = None
            if self.raw(self.i) == b",":
                comma = self.take()
            elif self.raw(self.i) != end:
                raise ValueError("neither comma nor end")
            items.append((key, colon, node, comma))
        return (c.decode(), t, items, self.take())


def labelled(new, old):
    """new is old with parts replaced by labels; a bundle's may be cut short."""
    parts = LABEL.split(new)
    if not old.startswith(parts[0]) or len(parts) == 1 and not bundle:
        return False
    at = len(parts[0])
    for p in parts[1:-1]:
        k = old.find(p, at)
        if k < 0:
            return False
        at = k + len(p)
    last = parts[-1]
    if bundle:
        return len(parts) == 1 or old.find(last, at) >= 0
    return old.endswith(last) and len(old) - len(last) >= at


def unescape(raw):
    text = re.sub(rb'\\u([0-9a-fA-F]{4})',
                  lambda m: chr(int(m.group(1), 16)).encode("utf-8", "surrogatepass"),
                  raw.replace(rb'\\', b'\0'))
    for a, b in ((rb'\"', b'"'), (rb'\/', b'/'), (rb'\n', b'\n'), (rb'\t', b'\t'),
                 (rb'\r', b'\r'), (rb'\b', b'\b'), (rb'\f', b'\f')):
        text = text.replace(a, b)
    return text.replace(b'\0', b'\\')


def strings(new, old, key):
    if new == old:
        return True
    a, b = new[1:-1], old[1:-1]
    if labelled(a, b) or bundle and key and OTHER.search(key):
        return True
    a, b = unescape(a), unescape(b)
    if a[:1] in (b"{", b"[") and b[:1] in (b"{", b"["):
        try:
            return same(Doc(a), Doc(b)) is None
        except (ValueError, IndexError):
            return False
    return False


def match(o, i, new, old, pairs, key=None):
    if features and key and BESIDE.match(key) and (
            o[0] in "nl" and i[0] in "nl" or
            o[0] == "[" and not o[2] and i[0] == "["):
        pairs += [(o[1], i[1])] if o[0] == i[0] else []
        return True
    if features and key and TOKEN_KEY.match(key) and o[0] == i[0] == "s" \
            and new.raw(o[1]) == b'""':
        pairs.append((o[1], i[1]))
        return True
    if o[0] != i[0]:
        # A number that was a person's is a label now.
        return o[0] == "s" and i[0] == "n" and bool(
            LABEL.fullmatch(new.raw(o[1])[1:-1]))
    if o[0] in "nl":
        if new.raw(o[1]) != old.raw(i[1]):
            return False
        pairs.append((o[1], i[1]))
        return True
    if o[0] == "s":
        if not strings(new.raw(o[1]), old.raw(i[1]), key):
            return False
        pairs.append((o[1], i[1]))
        return True
    pairs.append((o[1], i[1]))
    named = [old.raw(v[1]) for k, _, v, _ in i[2]
             if k is not None and old.raw(k) == b'"key"' and v[0] == "s"]
    key = named[0] if named else key
    at, last = 0, None
    for okey, ocolon, onode, ocomma in o[2]:
        for k in range(at, len(i[2])):
            ikey, icolon, inode, icomma = i[2][k]
            if okey is not None and new.raw(okey) != old.raw(ikey):
                if not labelled(new.raw(okey), old.raw(ikey)):
                    continue
            sub, name = [], key
            if okey is not None and (
                    features or not TYPED.fullmatch(new.raw(okey))):
                name = new.raw(okey)
            if not match(onode, inode, new, old, sub, name):
                continue
            if last is not None and k == last[0] + 1 and last[1] is not None:
                pairs.append((last[1], last[2]))
            if okey is not None:
                pairs += [(okey, ikey), (ocolon, icolon)]
            pairs += sub
            last, at = (k, ocomma, icomma), k + 1
            break
        else:
            return False
    pairs.append((o[3], i[3]))
    return True


def same(new, old):
    """None, or what differs."""
    pairs = []
    if not match(new.root, old.root, new, old, pairs):
        return "something is neither the input's nor a label"
    for (a, b), (c, d) in zip(pairs, pairs[1:]):
        if c == a + 1 and d == b + 1:
            gap = new.data[new.tokens[a][2]:new.tokens[c][1]]
            if gap != old.data[old.tokens[b][2]:old.tokens[d][1]]:
                return f"other bytes before byte {new.tokens[c][1]}"
    return None


def documents(data, lenient):
    """One document or a line each; a malformed line is nobody's input."""
    try:
        return [Doc(data)]
    except (ValueError, IndexError):
        pass
    docs = []
    for line in data.split(b"\n"):
        try:
            docs += [Doc(line)] if line.strip() else []
        except (ValueError, IndexError):
            if not lenient:
                raise
    return docs


def main(argv):
    global bundle, features
    bundle = argv[1:2] == ["--bundle"]
    features = argv[1:2] == ["--features"]
    paths = argv[2:] if bundle or features else argv[1:]
    if len(paths) < 2:
        sys.exit(__doc__)
    old = []
    for path in paths[:-1]:
        with open(path, "rb") as f:
            old += documents(f.read(), True)
    with open(paths[-1], "rb") as f:
        new = documents(f.read(), False)
    at = 0
    for n, doc in enumerate(new):
        why = None
        for k in range(at, len(old)):
            w = same(doc, old[k])
            if w is None:
                at = k + 1
                break
            why = why or w
        else:
            print(f"{paths[-1]}: document {n + 1}: {why or 'too many'}")
            sys.exit(1)
    print(f"{len(new)} of {len(old)} documents")
    sys.exit(0 if new else 2)


sys.setrecursionlimit(20000)
main(sys.argv)
