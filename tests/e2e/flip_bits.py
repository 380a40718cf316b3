#!/usr/bin/env python3
"""flip_bits.py PROGRAM BUNDLE TRUST plain|resummed SCRATCH

Changes one bit of a file of the bundle and runs "verify": it must exit 5 each
time.  resummed: SHA256SUMS is made anew afterwards, as a forger would; then a
signature or a signed digest must notice.  Every byte of a small file, a
selection of a large one; the bit changes with the place.

Prints "missed FILE at OFFSET bit B: exit N" for each that was not found, then
"examined N, missed M".  Exit 0: none missed.
"""
import concurrent.futures
import hashlib
import os
import queue
import shutil
import subprocess
import sys

SMALL = 512  # bytes: every byte
SAMPLES = 16  # of a larger file
WORKERS = 2

program, bundle, trust, mode, scratch = sys.argv[1:6]


def names(top):
    out = []
    for at, _, files in os.walk(top):
        out += [os.path.relpath(os.path.join(at, f), top) for f in files]
    return sorted(out, key=os.fsencode)


def offsets(name, data):
    n, first = len(data), 0
    if mode == "resummed" and name.endswith(".minisig"):
        first = data.index(b"\n") + 1  # the untrusted comment is nobody's word
    if n <= SMALL:
        step = 1 if mode == "plain" else 3
        return sorted({*range(first, n, step), n - 1})
    return sorted({first, n - 1, *(first + (n - 1 - first) * i // (SAMPLES - 1)
                                   for i in range(SAMPLES))})


def sums(top):
    lines = []
    for name in names(top):
        if name != "SHA256SUMS":
            with open(os.path.join(top, name), "rb") as f:
                lines.append(f"{hashlib.sha256(f.read()).hexdigest()}  {name}\n")
    with open(os.path.join(top, "SHA256SUMS"), "w", encoding="ascii") as f:
        f.writelines(lines)


copies = queue.Queue()
for i in range(WORKERS):
    copies.put(os.path.join(scratch, f"copy-{i}"))
    shutil.copytree(bundle, os.path.join(scratch, f"copy-{i}"))


def verify(top):
    return subprocess.run([program, "verify", "-q", "--trust", trust, top],
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode


def one(job):
    name, data, at, bit = job
    top = copies.get()
    path = os.path.join(top, name)
    try:
        with open(path, "wb") as f:
            f.write(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:])
        if mode == "resummed":
            sums(top)
        status = verify(top)
        with open(path, "wb") as f:
            f.write(data)
        if mode == "resummed":
            sums(top)
    finally:
        copies.put(top)
    return None if status == 5 else f"missed {name} at {at} bit {bit}: exit {status}"


jobs = []
for name in names(bundle):
    if mode == "resummed" and name == "SHA256SUMS":
        continue
    with open(os.path.join(bundle, name), "rb") as f:
        data = f.read()
    jobs += [(name, data, at, (at * 5 + 3) % 8) for at in offsets(name, data)]
with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
    missed = [m for m in pool.map(one, jobs) if m]
for i in range(WORKERS):
    top = copies.get()
    if verify(top) != 0:
        missed.append(f"missed {top}: not verified after it was put back")
print("\n".join(missed))
print(f"examined {len(jobs)}, missed {len(missed)}")
sys.exit(1 if missed or not jobs else 0)
