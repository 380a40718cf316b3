#!/usr/bin/python3
"""policy_replay_check.py OLD NEW REPLAY - what policy diff --replay foretold of
the run in folder OLD, held against the run that was made in folder NEW.

Prints the first ten that were foretold otherwise, then "S as foretold (M of them
moved), U not told, N only drawn now"; exits 1 when one was foretold wrongly, or
the sums of the replay are not those of its list.
"""
import json
import os
import sys
from collections import Counter


def units(run):
    """Code of each unit, by file, record, unit."""
    out, names = {}, []
    with open(os.path.join(run, "private/facts.jsonl"), encoding="utf-8") as f:
        for line in f:
            o = json.loads(line)
            if o["line"] == "facts":
                names = [i["file"] for i in o["inputs"]]
            if o["line"] == "unit":
                out[names[o["input"]], o["record"], o["unit"]] = o.get("code", "")
    return out


def main():
    old, new = units(sys.argv[1]), units(sys.argv[2])
    with open(sys.argv[3], encoding="utf-8") as f:
        replay = json.load(f)["result"]["replay"]
    told, bad, listed, unknown = dict(old), 0, Counter(), 0
    assert replay["more"] == 0, "not all are listed"
    for r in replay["list"]:
        key = r["file"], r["record"], r["unit"]
        assert told[key] == r["was"]["code"], key
        if r["is"]["why"]:
            unknown += 1
            told[key] = None
        else:
            listed[r["was"]["code"], r["is"]["code"]] += 1
            told[key] = r["is"]["code"]
    sums = replay["records"]
    fresh = sum(key not in old for key in new)
    bad += listed != Counter({(m["was"], m["is"]): m["n"] for m in replay["moved"]})
    bad += sums["moved"] != sum(listed.values())
    bad += sums["unknown"] != unknown + replay["draw"]["new"]
    bad += sums["same"] + sums["moved"] + sums["unknown"] != sums["read"]
    if bad:
        print("the sums are wrong:", sums, dict(listed), unknown, fresh)
    bad += replay["draw"]["new"] != fresh
    for key, code in told.items():
        made = new.get(key, "SMP-OUT")
        if code is not None and code != made:
            bad += 1
            if bad < 10:
                print(*key, "foretold", code or "leaves", "made", made or "leaves")
    print(f"{len(told) - unknown} as foretold ({sum(listed.values())} of them moved), "
          f"{unknown} not told, {fresh} only drawn now")
    return bad > 0


sys.exit(main())
