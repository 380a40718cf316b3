#!/usr/bin/env python3
"""hostile_cases.py DIR - inputs that are damaged, each in a folder of its own.

DIR/<case>/in/...      what is read
DIR/<case>/good.jsonl  the records of it that must come through
DIR/<case>/bad         the bytes that must be in quarantine (none: the file as a
                       whole is left out)
DIR/<case>/at          "file offset" of the bad record, or "file" alone
The bad records hold the word MARKER, which must be nowhere else.
"""
import gzip
import json
import os
import subprocess
import sys

top = sys.argv[1]


def line(n):
    """A record without any personal data."""
    return json.dumps({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value":
                                     {"stringValue": "hostile-test"}}]},
        "scopeSpans": [{"spans": [{
            "traceId": "%032x" % (0xa1b2c3d4e5f60718 * (n + 3)),
            "spanId": "%016x" % (0x1234567890ab * (n + 1)),
            "name": "chat", "kind": 3,
            "startTimeUnixNano": "1795500000000000000",
            "endTimeUnixNano": "1795500001000000000",
            "attributes": [{"key": "gen_ai.prompt", "value":
                            {"stringValue": f"What is {n} plus {n}?"}}],
        }]}]}]}, separators=(",", ":")).encode()


def bad_line(text):
    return line(5).replace(b"What is 5 plus 5?", text)


def case(name, file, head, bad, tail=b"\n", good=None, at=None):
    """head + bad + tail is the file; good its good lines."""
    d = os.path.join(top, name)
    os.makedirs(os.path.join(d, "in"))
    with open(os.path.join(d, "in", file), "wb") as f:
        f.write(head + bad + tail)
    finish(d, file, good if good is not None else
           [x for x in (head + tail).split(b"\n") if x.strip()],
           bad, len(head) if at is None else at)


def finish(d, file, good, bad, at):
    with open(os.path.join(d, "good.jsonl"), "wb") as f:
        f.write(b"".join(x + b"\n" for x in good))
    if bad is not None:
        with open(os.path.join(d, "bad"), "wb") as f:
            f.write(bad)
    with open(os.path.join(d, "at"), "w", encoding="utf-8") as f:
        f.write(f"{file} {at}\n" if bad is not None else f"{file}\n")


def whole(name, file, data):
    """A file that is not read at all."""
    d = os.path.join(top, name)
    os.makedirs(os.path.join(d, "in"))
    with open(os.path.join(d, "in", file), "wb") as f:
        f.write(data)
    finish(d, file, [], None, 0)


A, B = line(1) + b"\n", line(2) + b"\n"
case("malformed-line", "a.jsonl", A, b'{"resourceSpans":[{MARKER', b"\n" + B)
case("not-json", "a.jsonl", A, b"MARKER is no JSON", b"\n" + B)
case("truncated-file", "a.jsonl", A + B, bad_line(b"MARKER")[:-40], b"")
case("string-10-mb", "a.jsonl", A, bad_line(b"MARKER" + b"x" * 10_000_000),
     b"\n" + B)
case("invalid-utf8", "a.jsonl", A, bad_line(b"MARKER \xff\xfe"), b"\n" + B)
case("overlong-utf8", "a.jsonl", A, bad_line(b"MARKER \xc0\xaf"), b"\n" + B)
case("surrogate-utf8", "a.jsonl", A, bad_line(b"MARKER \xed\xa0\x80"), b"\n" + B)
case("nesting-10000", "a.jsonl", A,
     b'{"resourceSpans":[' + b'{"MARKER":[' * 5000 + b"]}" * 5000 + b"]}",
     b"\n" + B)
case("nesting-unclosed", "a.jsonl", A, b"[" * 10000 + b'"MARKER"', b"\n" + B)
case("number-5000-digits", "a.jsonl", A,
     bad_line(b"MARKER").replace(b'"kind":3', b'"kind":' + b"7" * 5000), b"\n" + B)
case("duplicate-keys", "a.jsonl", A,
     bad_line(b"MARKER").replace(b'"kind":3', b'"kind":3,"kind":2'), b"\n" + B)
case("duplicate-escaped-keys", "a.jsonl", A,
     bad_line(b"MARKER").replace(b'"kind":3', b'"kind":3,"k\\u0069nd":2'),
     b"\n" + B)
case("nul-in-string", "a.jsonl", A, bad_line(b"MARKER\x00"), b"\n" + B)
case("nul-between", "a.jsonl", A,
     bad_line(b"MARKER").replace(b'"kind":3', b'\x00"kind":3'), b"\n" + B)
case("control-character", "a.jsonl", A, bad_line(b"MARKER\x01"), b"\n" + B)
case("lone-surrogate", "a.jsonl", A, bad_line(b"MARKER \\ud83d."), b"\n" + B)
case("two-values", "a.jsonl", A, bad_line(b"MARKER") + b" {}", b"\n" + B)
case("scalar", "a.jsonl", A, b'"MARKER"', b"\n" + B)
case("other-format", "a.jsonl", A, b'{"resourceSpans":"MARKER"}', b"\n" + B)
C = line(1) + b"\r\n"
case("crlf", "a.jsonl", C, b'{"resourceSpans":[{MARKER', b"\r\n" + line(2) + b"\r\n",
     good=[line(1) + b"\r", line(2) + b"\r"])
case("byte-order-mark", "a.jsonl", b"\xef\xbb\xbf" + A, b'{"MARKER', b"\n" + B,
     good=[line(1), line(2)])

whole("empty-file", "empty.jsonl", b"")
whole("blank-file", "blank.jsonl", b" \n\n\t\n")
whole("no-traces", "README.txt", b"MARKER: there are no traces in here.\n")
whole("pickle", "acts.pkl", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x06MARKER\x94.")
whole("npz", "acts.npz", b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00!\x00MARKER" + b"\x00" * 40 + b"a.npy")
whole("torch", "acts.pt", b"PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00\x00\x00MARKER" + b"\x00" * 40 + b"archive/data.pkl")
whole("parquet", "acts.parquet", b"PAR1\x15\x04\x15MARKER\x00\x00PAR1")
whole("arrow", "acts.arrow", b"ARROW1\x00\x00\xff\xff\xff\xffMARKER")
whole("hdf5", "acts.h5", b"\x89HDF\r\n\x1a\n\x00\x00MARKER")
whole("npy", "acts.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'MARKER'" + b" " * 80 + b"\n" + b"\x00" * 64)
whole("pickle-as-jsonl", "acts.jsonl", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x06MARKER\x94.")
whole("protobuf", "spans.pb", b"\n\x92\x01\n\x1e\n\x1c\n\x0cservice.name\x12\x0c\n\nMARKER")


def compressed(name, file, squeeze, good_n, cut=None, flip=None):
    """Compressed lines that break off: what came before is read."""
    lines = [line(i) for i in range(good_n)]
    # Random text, so that a cut stream has whole lines before the cut.
    for i in range(good_n):
        lines[i] = lines[i].replace(
            b"What is", b"What is " + os.urandom(2000).hex().encode() + b" and")
    data = squeeze(b"".join(x + b"\n" for x in lines))
    if cut is not None:
        data = data[:int(len(data) * cut)]
    if flip is not None:
        at = len(data) + flip
        data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
    d = os.path.join(top, name)
    os.makedirs(os.path.join(d, "in"))
    with open(os.path.join(d, "in", file), "wb") as f:
        f.write(data)
    with open(os.path.join(d, "partial.jsonl"), "wb") as f:
        f.write(b"".join(x + b"\n" for x in lines))
    with open(os.path.join(d, "at"), "w", encoding="utf-8") as f:
        f.write(f"{file}\n")


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "--check"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


compressed("gzip-truncated", "a.jsonl.gz", lambda d: gzip.compress(d, mtime=0),
           120, cut=0.6)
compressed("gzip-no-trailer", "a.jsonl.gz", lambda d: gzip.compress(d, mtime=0),
           20, cut=0.9999)
compressed("gzip-wrong-checksum", "a.jsonl.gz",
           lambda d: gzip.compress(d, mtime=0), 20, flip=-6)
compressed("zstd-truncated", "a.jsonl.zst", zstd, 400, cut=0.6)
compressed("zstd-wrong-checksum", "a.jsonl.zst", zstd, 20, flip=-1)
