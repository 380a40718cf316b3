#!/usr/bin/env python3
"""tensors_gen.py - tensor files of invented people, and a reader of its own.

  tensors_gen.py make DIR      writes tokenizer.json, planted.jsonl and files of
                               each profile below DIR
  tensors_gen.py read FILE     name, dtype and shape of each tensor, a line
                               each; exit 1 when a rule of the format is broken
  tensors_gen.py ids FILE NAME the numbers of a tensor, one line
  tensors_gen.py rows FILE OUT NAME
                               exit 0: the tensor of OUT is the first rows of
                               that of FILE
  tensors_gen.py alone FILE OUT
                               exit 0: by the redaction_mask of OUT each token
                               is as in FILE (0), gone with its rows (1), or
                               there without them (2); prints how many of each

Standard library only, and nothing of the program.
"""
import json
import os
import re
import struct
import sys

# The order of the official library, last first (safetensors/src/tensor.rs).
ORDER = ("BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ "
         "F8_E5M2FNUZ I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64").split()
SIZE = {"U8": 1, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "F32": 4, "I64": 8}
CODE = {"U8": "B", "U16": "H", "I32": "i", "I64": "q"}
MARKS = ["<pad>", "<eos>", "<bos>"]

# (text, planted values)
TEXTS = [
    ("The harbour was calm and the boats came home before noon. Nobody "
     "asked about the weather until the evening.", []),
    ("Please answer my mail soon. My name is Priya Raman and you reach me at "
     "priya.raman@example.org or on 020 7946 0123, thank you.",
     ["Priya Raman", "priya.raman@example.org", "020 7946 0123"]),
    ("A letter with an account: GB33BUKB20201555555555 is where the fee went "
     "last week.", ["GB33BUKB20201555555555"]),
    ("Nothing in this one but a walk along the river and a long lunch with "
     "bread and cheese.", []),
]


def pieces(text):
    """Pieces as BPE makes them: a word, its blank in front, cut at four."""
    for word in re.findall(r" ?[A-Za-z]+| ?[0-9]| ?[^A-Za-z0-9 ]| ", text):
        body = word.replace(" ", "\u2581")
        while body:
            yield body[:4]
            body = body[4:]


def vocabulary():
    vocab = {m: i for i, m in enumerate(MARKS)}
    for text, _ in TEXTS:
        for p in pieces(text):
            # Large ids, so that a sequence is not found by chance.
            vocab.setdefault(p, 1000 + 7 * len(vocab))
    return vocab


def tokens(vocab, text):
    return [2] + [vocab[p] for p in pieces(text)]


def spelling(vocab, text, value):
    """The ids of the tokens that touch @value in @text."""
    at, ids = 0, []
    start = text.index(value)
    for p in pieces(text):
        if at < start + len(value) and at + len(p) > start:
            ids.append(vocab[p])
        at += len(p)
    return ids


def save(path, tensors, meta=None):
    """tensors: {name: (dtype, shape, bytes)}; the official layout."""
    names = sorted(tensors, key=lambda n: (-ORDER.index(tensors[n][0]), n))
    head, at = {}, 0
    if meta:
        head["__metadata__"] = meta
    for n in names:
        dtype, shape, data = tensors[n]
        head[n] = {"dtype": dtype, "shape": shape,
                   "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for n in names:
            f.write(tensors[n][2])


def load(path):
    with open(path, "rb") as f:
        data = f.read()
    (n,) = struct.unpack("<Q", data[:8])
    text = data[8:8 + n]
    if n % 8 or text[:1] != b"{":
        sys.exit("the header is not of the official writer")
    pairs = json.loads(text, object_pairs_hook=lambda p: p)
    if len({k for k, _ in pairs}) != len(pairs):
        sys.exit("a key twice")
    head = json.loads(text)
    meta = head.pop("__metadata__", {})
    if any(not isinstance(v, str) for v in meta.values()):
        sys.exit("metadata that is no text")
    at, last, out = 0, None, {}
    for name, t in head.items():
        a, b = t["data_offsets"]
        size = SIZE[t["dtype"]]
        for axis in t["shape"]:
            size *= axis
        key = (-ORDER.index(t["dtype"]), name.encode())
        if a != at or b - a != size or (last and key <= last):
            sys.exit(f"{name}: not in the official order")
        at, last = b, key
        out[name] = (t["dtype"], t["shape"], data[8 + n + a:8 + n + b])
    if 8 + n + at != len(data):
        sys.exit("bytes behind the tensors")
    return out, meta


def ints(dtype, values):
    return struct.pack(f"<{len(values)}{CODE[dtype]}", *values)


def noise(n, seed):
    """Bytes that differ from row to row."""
    out, x = bytearray(), seed
    for _ in range(n):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(x >> 16 & 0xFF)
    return bytes(out)


def npy(path, descr, shape, data):
    text = (f"{{'descr': '{descr}', 'fortran_order': False, 'shape': "
            f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''}), }}")
    text += " " * (-(len(text) + 11) % 64) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) +
                text.encode() + data)


def one(top, vocab, ids):
    """A request of vLLM, one of TransformerLens, for the text that is full."""
    n = len(ids)
    for sub in ("vllm", "lens", "npy", "delphi", "scope"):
        os.makedirs(os.path.join(top, sub))
    save(f"{top}/vllm/req.safetensors", {
        "token_ids": ("I64", [n], ints("I64", ids)),
        "hidden_states": ("BF16", [n, 3, 8], noise(n * 48, 1))})
    save(f"{top}/lens/cache.safetensors", {
        "tokens": ("I32", [1, n], ints("I32", ids)),
        "hook_embed": ("F16", [1, n, 8], noise(n * 16, 2)),
        "blocks.0.attn.hook_pattern": ("F16", [1, 2, n, n],
                                       noise(4 * n * n, 3)),
        "blocks.4.hook_resid_post": ("F16", [1, n, 8], noise(n * 16, 4))},
        {"format": "pt", "prompt": TEXTS[1][0], "user_id": "u-77"})
    npy(f"{top}/npy/resid_L4.npy", "<f2", [1, n, 8], noise(n * 16, 5))
    npy(f"{top}/npy/token_ids.npy", "<i8", [1, n], ints("I64", ids))


def batches(top, vocab):
    rows = [tokens(vocab, t) for t, _ in TEXTS]
    n = max(map(len, rows))
    flat = [i for r in rows for i in r + [0] * (n - len(r))]
    places = [(c, p) for c, r in enumerate(rows) for p in range(len(r))]
    entries = [v for c, p in places for v in (c, p, (c * 31 + p) % 128)]
    save(f"{top}/delphi/0_127.safetensors", {
        "tokens": ("I64", [len(rows), n], ints("I64", flat)),
        "locations": ("U16", [len(places), 3], ints("U16", entries)),
        "activations": ("F16", [len(places)], noise(2 * len(places), 6))})
    k = len(places) // 4
    save(f"{top}/scope/examples.safetensors", {
        "tokens": ("I32", [len(rows), n], ints("I32", flat)),
        "seq_ids": ("I64", [4, k], ints("I64", [c for c, _ in places[:4 * k]])),
        "positions": ("I64", [4, k],
                      ints("I64", [p for _, p in places[:4 * k]])),
        "activations": ("F32", [4, k], noise(16 * k, 7)),
        "top_tokens": ("I64", [4, 2], ints("I64", [1000] * 8)),
        "top_logits": ("F32", [4, 2], noise(32, 8))})


def make(top):
    os.makedirs(top)
    vocab = vocabulary()
    with open(f"{top}/tokenizer.json", "w", encoding="utf-8") as f:
        json.dump({
            "added_tokens": [{"id": i, "content": m, "special": True}
                             for i, m in enumerate(MARKS)],
            "decoder": {"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": "\u2581"},
                 "content": " "},
                {"type": "ByteFallback"}, {"type": "Fuse"}]},
            "model": {"type": "BPE", "vocab": vocab, "merges": []}}, f)
    with open(f"{top}/planted.jsonl", "w", encoding="utf-8") as f:
        for text, values in TEXTS:
            for v in values:
                f.write(json.dumps({
                    "value": v, "type": "PLANTED", "form": "written",
                    "ids": [spelling(vocab, text, v)]}) + "\n")
    one(top, vocab, tokens(vocab, TEXTS[1][0]))
    batches(top, vocab)


def by_mask(name, before, after, mask):
    """Whether @after is @before without what @mask says."""
    width = len(after[2]) // len(mask[2])
    ids = name in ("token_ids", "tokens")
    for k, m in enumerate(mask[2]):
        at = slice(k * width, (k + 1) * width)
        stays = m == 0 or (ids and m == 2)
        if after[2][at] != (before[2][at] if stays else bytes(width)):
            return False
    return width > 0


def alone(path, out):
    before, after = load(path)[0], load(out)[0]
    mask = after["redaction_mask"]
    n = mask[1][0] * mask[1][1]
    for name, t in after.items():
        per_token = t[1][:2] == mask[1] or t[1][:1] == mask[1][1:]
        if name == "redaction_mask" or not per_token:
            continue
        if t[1] != before[name][1] or not by_mask(name, before[name], t, mask):
            sys.exit(f"{name}: not what the mask says")
    if len(mask[2]) != n or n == 0:
        sys.exit("the mask is of another size")
    print(*(mask[2].count(m) for m in range(3)))


def main(argv):
    if argv[1:2] == ["make"]:
        make(argv[2])
    elif argv[1:2] == ["read"]:
        for name, (dtype, shape, _) in load(argv[2])[0].items():
            print(name, dtype, "x".join(map(str, shape)))
    elif argv[1:2] == ["ids"]:
        dtype, _, data = load(argv[2])[0][argv[3]]
        print(*struct.unpack(
            f"<{len(data) // SIZE[dtype]}{CODE[dtype]}", data))
    elif argv[1:2] == ["rows"]:
        a, b = load(argv[2])[0][argv[4]], load(argv[3])[0][argv[4]]
        same = a[0] == b[0] and a[2][:len(b[2])] == b[2] and b[2]
        sys.exit(0 if same else 1)
    elif argv[1:2] == ["alone"]:
        alone(argv[2], argv[3])
    else:
        sys.exit(__doc__)


main(sys.argv)
