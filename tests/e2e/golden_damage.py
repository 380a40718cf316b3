#!/usr/bin/env python3
"""golden_damage.py GOLDEN DIR - every golden input damaged, and formats that
are never read.

DIR/in/<format>-<name>-<damage>.json, each of one record with the word MARKER:
  cut       breaks off in the middle
  twice     a key stands twice, the second time with another value
  large     longer than a record may be (8 MiB)
  against   contradicts itself, where the format can
DIR/refused/…: binary formats.  DIR/places: "file TAB byte" where the byte of
the defect is known; a cut document is known at its end.
"""
import glob
import json
import os
import re
import struct
import sys

golden, top = sys.argv[1:]
os.makedirs(f"{top}/in")
os.makedirs(f"{top}/refused")
places = open(f"{top}/places", "w", encoding="utf-8")


def put(name, data, at=None):
    with open(f"{top}/in/{name}.json", "wb") as f:
        f.write(data)
    if at is not None:
        places.write(f"{name}.json\t{at}\n")


def change(text, pattern, by):
    new, n = re.subn(pattern, by, text, count=1)
    return new if n else None


# What of a format can contradict itself: changes of the first record.
AGAINST = [(r'"values": \[(\s*\d)', r'"values": [1, \1'),
           (r'"tokens_acts_list": \[', '"tokens_acts_list": [1, '),
           (r'"activations": \[(?=[\d.])', '"activations": [1, '),
           (r'"activeFeatures": \{"12": \[\[1,', '"activeFeatures": {"12": [[99,'),
           (r'"tokenIndices": \[', '"tokenIndices": [99, '),
           (r'"tokenPosition": 0, "token": ', '"tokenPosition": 0, "tok": '),
           (r'"target": "', '"target": "9_9_9')]
large = b"x" * (9 << 20)
for path in sorted(glob.glob(f"{golden}/*/*.in.*")):
    fmt, name = path.split(os.sep)[-2:]
    name = fmt + "-" + name.split(".")[0]
    with open(path, encoding="utf-8") as f:
        text = f.read()
    first = text if path.endswith(".json") else text.split("\n")[0] + "\n"
    marked = first.replace("ada.pell", "MARKER.pell").encode()
    if b"MARKER" not in marked:
        marked = first.replace('": "', '": "MARKER ', 1).encode()
    cut = marked.rstrip()[:-3]
    put(name + "-cut", cut, len(cut))
    at = marked.index(b"{") + 1
    key = re.match(rb'\s*("[^"]*"):', marked[at:])
    if key:
        put(name + "-twice", marked[:at] + key.group(1) + b': "MARKER",' + marked[at:])
    if name.endswith(("rows", "all", "batch", "clean", "spans", "observations")):
        one = json.dumps(json.loads(marked)).encode() + b"\n"
        put(name + "-large", one[:1] + b'"MARKER": "' + large + b'",' + one[1:])
    for pattern, by in AGAINST:
        new = change(marked.decode(), pattern, by)
        if new is not None:
            put(name + "-against", new.encode())
            break

word = b"MARKER"
head = json.dumps({"__metadata__": {"x": "MARKER"}}).encode()
for name, data in {
        "pickle.pkl": b"\x80\x04\x95\x10\x8c\x06" + word + b"\x94.",
        "torch.pt": b"PK\x03\x04" + word + b"\0" * 40 + b"archive/data.pkl",
        "arrays.npz": b"PK\x03\x04" + word + b"\0" * 40 + b"a.npy",
        "table.parquet": b"PAR1" + word + b"PAR1",
        "file.arrow": b"ARROW1\0\0" + word,
        "stream.arrow": b"\xff\xff\xff\xff\x10\x01\0\0" + word,
        "message.pb": b"\n\x92\x01\n\x1e\n\x1c\n\x0cservice.name\x12\x0c" + word,
        "framed.pb": b"\0\0\x01\x20\n\x9d\x02" + word,
        "data.h5": b"\x89HDF\r\n\x1a\n" + word}.items():
    with open(f"{top}/refused/{name}", "wb") as f:
        f.write(data)
places.close()
