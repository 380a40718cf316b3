#!/usr/bin/env python3
"""run.py - the program beside its peers, one table.

  run.py [--build DIR] [--mib N] [--small N] [--pairs N] [--only PEER]...

The same invented traces (traces_gen, seeded), JSON lines in and JSON lines out,
one thread each.  A is the program with all packs and names; B is a peer that
replaces the same patterns: ripgrep in lines (those without look-around), perl
in lines, python json + re and jansson + PCRE2 in every string.  Peers have
their best flags: bytes, not Unicode classes.

A B A B..., the first pair is thrown away.  The figure is CPU: user and system
time of the process and all its children; wall time is shown beside it, it
depends on who else is on the machine.  Ratio: median of the pairs' ratios,
least to most.  The input is read once before, an old output is deleted first.

Outputs are looked at in the same run: lines that are JSON, planted values that
can still be read in a string or in joined tokens.  A wrong output of ours fails
(exit 1); that of a peer is shown.  A goal that is not met is said.  A peer that
is missing is left out with the reason; make setup-bench installs them.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
# What traces_gen plants.
SHAPES = re.compile(
    r"user\d+\.\d+@mail\d+\.example|\+44 20 7946 0\d{3}|06 39 98 \d\d \d\d|"
    r"4\d{3} \d{4} \d{4} \d{4}|GB\d\d WEST \d{4} \d{4} \d{4} \d\d|"
    r"[12] \d\d \d\d 75 \d{3} \d{3} \d\d|\d{3}-\d\d-\d{4}|ghp_[0-9a-f]{32}demo")
START_RUNS = 15
TIME = "/usr/bin/time"  # of GNU


def measure(words, stdin=None, stdout=None, env=None):
    """CPU s, wall s and peak MiB of a command and its children."""
    # A child's peak counts what this process had when it forked; that of a
    # child of time does not.
    peak = None
    if os.access(TIME, os.X_OK):
        with tempfile.NamedTemporaryFile("r") as f:
            use, wall, code = spawn([TIME, "-f", "%M", "-o", f.name, *words],
                                    stdin, stdout, env)
            peak = int(f.read().split()[-1]) / 1024
    else:
        use, wall, code = spawn(words, stdin, stdout, env)
    if code not in (0, 1, 7):
        sys.exit(f"{words[0]} exited {code}")
    return use.ru_utime + use.ru_stime, wall, peak


def spawn(words, stdin, stdout, env):
    if stdout and os.path.exists(stdout):
        os.unlink(stdout)
    with open(stdin or os.devnull, "rb") as i, \
            open(stdout or os.devnull, "wb") as o:
        t = time.monotonic()
        p = subprocess.Popen(words, stdin=i, stdout=o,
                             stderr=subprocess.DEVNULL,
                             env={**os.environ, "LC_ALL": "C", **(env or {})})
        _, status, use = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        return use, time.monotonic() - t, p.returncode


def mib(x):
    return "  ? MiB" if x is None else f"{x:3.0f} MiB"


def texts(j):
    if isinstance(j, str):
        yield j
    elif isinstance(j, list):
        if j and all(isinstance(x, str) for x in j):
            yield "".join(j)
        else:
            for x in j:
                yield from texts(x)
    elif isinstance(j, dict):
        for x in j.values():
            yield from texts(x)


def look(path, planted):
    """Lines, lines that are no JSON, planted values left."""
    n = bad = left = 0
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            n += 1
            try:
                j = json.loads(line)
            except ValueError:
                bad += 1
                left += sum(v in planted for v in SHAPES.findall(line))
                continue
            for t in texts(j):
                left += sum(v in planted for v in SHAPES.findall(t))
    return n, bad, left


def perl_script(path, patterns):
    """perl -p of one s'''g a pattern: quotes of that kind interpolate
    nothing."""
    with open(patterns, encoding="utf-8") as f, \
            open(path, "w", encoding="utf-8") as o:
        for line in f:
            p = line.rstrip("\n").replace("'", r"\x27")
            o.write(f"s'{p}'[X]'g;\n")
    return path


class Bench:
    def __init__(self, args, work):
        self.args, self.work, self.wrong = args, work, 0
        self.program = os.path.join(args.build, "tracegate")
        self.planted = {}

    def path(self, name):
        return os.path.join(self.work, name)

    def traces(self, mib):
        name = self.path(f"traces-{mib}.jsonl")
        if not os.path.exists(name):
            subprocess.run([os.path.join(self.args.build, "traces_gen"),
                            str(mib), name, name + ".planted"], check=True)
            with open(name + ".planted", encoding="utf-8") as f:
                self.planted[name] = set(f.read().split("\n")) - {""}
        with open(name, "rb") as f:  # into the page cache
            while f.read(1 << 22):
                pass
        return name

    def ours(self, src, out):
        return measure([self.program, "redact", "--region", "uk,fr,us", src],
                       stdout=out)

    def peers(self):
        rg, pcre = self.path("rg"), self.path("pcre")
        perl = perl_script(self.path("perl"), pcre)
        # name, goal (A/B), size, needed program, command, reads stdin
        return [
            ("rg", 3, self.args.mib, "rg",
             ["rg", "-j1", "--no-unicode", "--passthru", "-a", "-N", "-I",
              "-r", "[X]", "-f", rg, "-"]),
            ("perl", 30, self.args.small, "perl", ["perl", "-p", perl]),
            ("python", 50, self.args.small, sys.executable,
             [sys.executable, os.path.join(HERE, "peer_python.py"), pcre]),
            ("jansson+pcre2", 50, self.args.small,
             os.path.join(self.args.build, "peer_jansson"),
             [os.path.join(self.args.build, "peer_jansson"), pcre]),
        ]

    def pair(self, name, goal, mib, command):
        src = self.traces(mib)
        size = os.path.getsize(src)
        a, b = [], []
        for i in range(self.args.pairs + 1):
            x = self.ours(src, self.path("a"))
            y = measure(command, stdin=src, stdout=self.path("b"))
            if i > 0:
                a.append(x)
                b.append(y)
        ratio = [x[0] / y[0] for x, y in zip(a, b)]
        m = statistics.median(ratio)
        said = "met" if m <= 1 / goal else "NOT MET"
        print(f"{name:14} {size / 1e6:6.1f} MB  "
              f"{self.cell(a, size)}  {self.cell(b, size)}  "
              f"1/{1 / m:<5.1f} (1/{1 / max(ratio):.1f} to 1/"
              f"{1 / min(ratio):.1f})  goal 1/{goal} {said}", flush=True)
        self.check("tracegate", self.path("a"), src, True)
        self.check(name, self.path("b"), src, False)

    @staticmethod
    def cell(runs, size):
        cpu = statistics.median(r[0] for r in runs)
        wall = statistics.median(r[1] for r in runs)
        return (f"{cpu:6.2f} s CPU {wall:6.2f} s wall {size / 1e6 / cpu:6.1f} "
                f"MB/s {mib(max((r[2] for r in runs), key=lambda x: x or 0))}")

    def check(self, who, out, src, ours):
        planted = self.planted[src]
        with open(src, "rb") as f:
            wanted = sum(1 for _ in f)
        n, bad, left = look(out, planted)
        ok = n == wanted and bad == 0 and left == 0
        if ours and not ok:
            self.wrong += 1
        print(f"    {who}: {n} of {wanted} lines, {bad} no JSON, {left} of "
              f"{len(planted)} planted values left"
              f"{'' if ok or not ours else '  WRONG'}", flush=True)

    def start_up(self):
        one = self.path("one.jsonl")
        with open(one, "w", encoding="utf-8") as f:
            f.write('{"text": "nothing"}\n')
        runs = [self.ours(one, self.path("a")) for _ in range(START_RUNS)]
        cpu = 1000 * statistics.median(r[0] for r in runs)
        wall = sorted(1000 * r[1] for r in runs)
        print(f"start-up       {wall[len(wall) // 2]:.0f} ms wall (median; "
              f"{wall[0]:.0f} to {wall[-1]:.0f}), {cpu:.0f} ms CPU  goal 50 ms "
              f"{'met' if wall[len(wall) // 2] <= 50 else 'NOT MET'}")

    def memory(self):
        sizes = (self.args.small, self.args.mib)
        peak = [self.ours(self.traces(m), self.path("a"))[2] for m in sizes]
        print(f"peak memory    {mib(peak[0])} at {sizes[0]} MiB of input, "
              f"{mib(peak[1])} at {sizes[1]} MiB")

    def instructions(self):
        if not shutil.which("valgrind"):
            print("instructions   valgrind is missing (make setup-bench): left "
                  "out")
            return
        src = self.traces(1)
        p = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             "--toggle-collect=tg_jscan",
             os.path.join(self.args.build, "traces_gen"), "scan", src],
            capture_output=True, text=True, check=False)
        count = re.search(r"Collected : (\d+)", p.stderr)
        if count is None:
            print("instructions   callgrind failed: left out")
            return
        each = int(count.group(1)) / os.path.getsize(src)
        print(f"instructions   structural scan {each:.2f} a byte  goal 3 "
              f"{'met' if each <= 3 else 'NOT MET'}; the matcher: make "
              "bench-instr")

    def run(self):
        subprocess.run([os.path.join(self.args.build, "traces_gen"),
                        "patterns", self.work], check=True)
        with open(self.path("pcre"), encoding="utf-8") as f, \
                open(self.path("rg"), encoding="utf-8") as g:
            print(f"{sum(1 for _ in f)} patterns, {sum(1 for _ in g)} of them "
                  "for rg")
        print(f"{'peer':14} {'input':>9}  {'tracegate':^44}  {'peer':^44}  "
              "CPU ratio (least to most)")
        for name, goal, mib, need, command in self.peers():
            if self.args.only and name not in self.args.only:
                continue
            if not shutil.which(need):
                print(f"{name:14} {need} is missing (make setup-bench): left "
                      "out")
                continue
            self.pair(name, goal, mib, command)
        self.start_up()
        self.memory()
        self.instructions()
        if self.wrong:
            print(f"{self.wrong} outputs of tracegate are wrong")
        return 1 if self.wrong else 0


def main():
    ap = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    ap.add_argument("--mib", type=int, default=32)
    ap.add_argument("--small", type=int, default=8)
    ap.add_argument("--pairs", type=int, default=3)
    ap.add_argument("--only", action="append")
    args = ap.parse_args()
    args.build = os.path.abspath(args.build)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=args.build) as work:
        sys.exit(Bench(args, work).run())


main()
