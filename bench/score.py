#!/usr/bin/env python3
"""score.py - how well detection does, one table.

  score.py [--bin PROGRAM] [--update] [-v] [--only PART]...

Parts: types (coverage on the labelled corpora), made (on identifiers made here
from a seed, made.py), person, false (findings in real
graphs, feature files and code), disguise, valid (output is JSON, a second scan
finds nothing), start.  The corpora of other projects are not in the tree: they
are read in ../shared/samples beside it, scored by ../shared/tools/score-text,
and left out with a reason where they are missing; the disguises then dress
values of our own.

A row: figure, goal, what Presidio's pattern recognisers reach on a superset of
these corpora (measured once, 24 recognisers, threshold 0.4, its own unit tests
among the texts), the kept floor, and whether the goal is met.  floors.txt has a
line for each figure: it may only get better.  --update raises floors to what
was measured and never lowers one.

Exit: 0 no figure is below its floor, 1 one is, 2 nothing could be measured.
Goals that are not met are printed; they do not fail.
"""
import argparse
import base64
import collections
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata

import made as maker

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
FLOORS = os.path.join(HERE, "floors.txt")
CORPORA = ["stdnum", "datadog_validators", "presidio_unit_tests",
           "presidio_research_synth_v2", "detect_secrets_tests",
           "ner_wikigold_en", "ner_europeana_fr_part",
           "neg_activation_traces_part"]
REGIONS = "uk,fr,us"

# type: goal in %, Presidio's % (None: no recogniser); issue's table.
TYPES = {
    "EMAIL": (99, 97.3), "IBAN": (99, 77.2), "FR_NIR": (99, 0),
    "FR_SIRET": (99, 0), "FR_TAX_ID": (99, 0), "FR_VAT": (99, 0),
    "FR_RIB": (99, 0), "US_SSN": (99, 92.3), "CREDIT_CARD": (98, 75.1),
    "PHONE": (98, 97.5), "UK_NINO": (98, 83.6), "UK_NHS_NUMBER": (100, 100),
    "UK_UTR": (95, 0), "UK_DRIVING_LICENCE": (95, 68.8),
    "UK_POSTCODE": (95, 57.6), "UK_VAT": (95, 0), "UK_SORT_CODE": (95, 0),
    "US_ITIN": (95, 57), "US_NPI": (95, 77), "US_MBI": (95, 88),
    "US_DEA": (95, 100), "SECRET": (97, None),
    # Without a goal in the table; shown beside what Presidio reaches.
    "IP_ADDRESS": (None, 96.8), "MAC_ADDRESS": (None, 74.4),
    "CRYPTO_BTC": (None, 71.2), "CRYPTO_ETH": (None, None),
    "FR_SIREN": (None, 0), "US_ABA_ROUTING": (None, 100), "US_EIN": (None, 0),
    "UK_VRM": (None, 57), "US_DRIVER_LICENSE": (None, 42), "IMEI": (None, None),
}
SECRETS = ("SECRET", "SECRET_GITHUB", "SECRET_ATLASSIAN", "SECRET_JWT")
# Presidio on the same disguises, any entity, all characters covered.
PRESIDIO_DISGUISE = {"plain": 92.8, "zero-width": 20.9, "soft-hyphen": 20.9,
                     "full-width": 23.9, "nbsp": 39, "nnbsp": 0, "escaped": 0,
                     "base64-0": 0, "base64-1": 0, "base64-2": 0,
                     "line-wrap": 0, "tokens": 0}
# What stands before a value when it is dressed up.
LEAD = {"EMAIL": "e-mail", "IBAN": "IBAN", "CREDIT_CARD": "card number",
        "PHONE": "phone", "US_SSN": "social security number",
        "UK_NHS_NUMBER": "NHS number", "UK_NINO": "NI number",
        "UK_UTR": "UTR", "UK_VAT": "VAT number", "FR_NIR": "NIR",
        "FR_SIRET": "SIRET", "FR_TAX_ID": "numéro fiscal",
        "FR_VAT": "numéro de TVA", "US_NPI": "NPI", "US_MBI": "Medicare MBI",
        "US_DEA": "DEA number", "US_ITIN": "ITIN", "IP_ADDRESS": "client IP",
        "CRYPTO_BTC": "bitcoin wallet",
        "UK_DRIVING_LICENCE": "driving licence"}
PER_TYPE = 25  # values of a type that are dressed up
OWN = {"EMAIL": ["jean.dupont@exemple.example", "alix.martin@example.org"],
       "IBAN": ["GB82 WEST 1234 5698 7654 32",
                "FR14 2004 1010 0505 0001 3M02 606"],
       "CREDIT_CARD": ["4111 1111 1111 1111"],
       "PHONE": ["+44 20 7946 0958", "06 39 98 01 23", "(202) 555-0132"],
       "FR_NIR": ["1 85 05 78 006 084 91"],
       "FR_SIRET": ["732 829 320 00074"], "UK_NINO": ["AB 12 34 56 C"],
       "UK_NHS_NUMBER": ["943 476 5919"], "US_SSN": ["536-90-4399"],
       "UK_UTR": ["1955839661"], "FR_TAX_ID": ["30 23 217 600 053"]}
NAMES = ["Zoé Léger", "Hélène Lefèvre", "François Béranger", "Chloé Rivière",
         "Jérôme Gérard", "Noémie Thévenet", "André Côté", "Anaïs Périer"]
CYRILLIC = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
START_RUNS = 15
MADE_EACH = 200
RLO, PDF = "\u202e", "\u202c"
BEFORE = ("", " ", "- ")  # shifts base64 by one byte each


class Table:
    def __init__(self, args):
        self.args = args
        self.rows = 0
        self.bad = []
        self.met = self.missed = 0
        self.floors = {}
        with open(FLOORS, encoding="utf-8") as f:
            for line in f:
                line = line.split("#")[0].strip()
                if line:
                    key, value = line.rsplit(None, 1)
                    self.floors[key] = float(value)
        print(f"{'what':34} {'found/of':>12} {'figure':>8} {'goal':>8} "
              f"{'Presidio':>8} {'floor':>8}")

    def row(self, key, figure, of, goal=None, presidio=None, low=False,
            unit="%", steady=True):
        """One figure; low: less is better."""
        self.rows += 1
        floor = self.floors.get(key)
        said = ""
        if goal is not None:
            ok = figure <= goal if low else figure >= goal
            said = "met" if ok else "NOT MET"
            self.met += ok
            self.missed += not ok
        if floor is not None and steady:
            if (figure > floor + 1e-9) if low else (figure < floor - 1e-9):
                said += "  BELOW ITS FLOOR"
                self.bad.append(key)
        if self.args.update and steady:
            shown = (math.ceil if low else math.floor)(figure * 100) / 100
            if floor is None or (shown < floor if low else shown > floor):
                self.floors[key] = shown
        cell = [("-" if x is None else f"{'<=' if low and i == 1 else ''}"
                 f"{x:.1f}") for i, x in enumerate((figure, goal, presidio,
                                                    floor))]
        print(f"{key:34} {of:>12} {cell[0]:>6} {unit:1} {cell[1]:>8} "
              f"{cell[2]:>8} {cell[3]:>8}  {said}")

    def update(self):
        with open(FLOORS, encoding="utf-8") as f:
            head = [line for line in f if line.startswith("#")]
        with open(FLOORS, "w", encoding="utf-8") as f:
            f.writelines(head)
            for key in sorted(self.floors):
                f.write(f"{key} {self.floors[key]:g}\n")


def note(text):
    print(f"-- {text}", flush=True)


def run(program, *words, data=None):
    p = subprocess.run([program, *words], input=data, capture_output=True,
                       check=False)
    if p.returncode not in (0, 1, 7):
        sys.exit(f"{program} {words[0]} exited {p.returncode}: "
                 f"{p.stderr.decode()[-300:]}")
    return p.stdout


def scan(program, records):
    """{record from 0: {path: [(start, end, type)]}} of JSON objects."""
    data = "".join(r if isinstance(r, str) else json.dumps(
        r, ensure_ascii=False) + "\n" for r in records).encode()
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    out = run(program, "scan", "--region", REGIONS, "--json=lines", "-",
              data=data)
    for line in out.splitlines():
        j = json.loads(line)
        if "record" in j and "start" in j:
            found[j["record"] - 1][j["path"]].append(
                (j["start"], j["end"], j["type"]))
    return found


def covers(hits, start, end):
    marked = set()
    for s, e, *_ in hits:
        marked.update(range(max(s, start), min(e, end)))
    return len(marked) == end - start and end > start


def corpus(samples, name):
    path = os.path.join(samples, "text", name + ".jsonl")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return [r for r in rows if not r.get("disputed_by")]


def why_iban(v, _):
    s = v.replace(" ", "")
    if not s.isalnum() or maker.mod97(s[4:] + s[:4]) != 1:
        return "fails mod 97"
    # ISO 3166-1 keeps QM to QZ for users: no country of the registry.
    if s[0] == "Q" and "M" <= s[1] <= "Z":
        return "of no country"
    # Of the registry (ISO 13616), where the corpora have one too short.
    if len(s) != {"AD": 24, "AT": 20, "BA": 20, "BE": 16}.get(s[:2], len(s)):
        return "not as long as its country's"
    return ""


def why_secret(_, inside):
    return "label holds more than the token, which is found" if inside else ""


# Why a labelled value that was not covered is none: what proves it, or "".
WHY = {
    "IBAN": why_iban,
    "FR_TAX_ID": lambda v, _: "" if set(v) <= set("0123456789 .-") else
    "holds what no number has",
    "UK_NINO": lambda v, inside: "label begins with a blank, the number is "
    "found" if v != v.strip() and inside else "",
    "US_NPI": lambda v, _: "" if v[:1] in "12" else
    "begins with neither 1 nor 2 (45 CFR 162.406)",
    "US_SSN": lambda v, _: "nine digits and no word" if v.isdigit() else "",
    "SECRET": why_secret,
}


def lost_labels(args, samples):
    """Says of what was not covered why it is none, where that can be proven."""
    why = collections.defaultdict(collections.Counter)
    for name in CORPORA[:5]:
        rows = corpus(samples, name) or []
        found = scan(args.bin, [{"text": r["text"]} for r in rows])
        for i, r in enumerate(rows):
            hits = found[i]["/text"]
            for s, e, kind in r["spans"]:
                kind = "SECRET" if kind in SECRETS else kind
                if r.get("weak") or kind not in WHY or covers(hits, s, e):
                    continue
                inside = any(s <= a and b <= e for a, b, _ in hits)
                said = WHY[kind](r["text"][s:e], inside)
                why[kind][said or "missed"] += 1
    for kind in sorted(why):
        note(f"{kind} not covered: " + ", ".join(
            f"{n} {said}" for said, n in why[kind].most_common()))


def part_types(t, args, samples):
    gold, got = collections.Counter(), collections.Counter()
    wrong, negative = collections.Counter(), collections.Counter()
    tool = os.path.join(os.path.dirname(samples), "tools", "score-text")
    for name in CORPORA[:5]:
        rows = corpus(samples, name)
        if rows is None or not os.path.exists(tool):
            note(f"types: no {name}.jsonl or score-text in {samples}/..: "
                 "left out")
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as f:
            for r in rows:
                f.write(json.dumps(r) + "\n")
            f.flush()
            p = subprocess.run([sys.executable, tool, "--json", "--bin",
                                args.bin, "--regions", REGIONS, f.name],
                               capture_output=True, text=True, check=False)
        if p.returncode != 0:
            sys.exit(f"score-text failed on {name}: {p.stderr[-300:]}")
        for kind, v in json.loads(p.stdout)["types"].items():
            kind = "SECRET" if kind in SECRETS else kind
            gold[kind] += v["gold"]
            got[kind] += v["covered"]
            wrong[kind] += v["false_positives"]
            negative[kind] += v["negative_rows"]
    if not gold:
        return
    for kind, (goal, presidio) in TYPES.items():
        if gold[kind] == 0:
            if goal is not None:
                note(f"{kind}: no labelled value in these corpora, not "
                     "assessed here")
            continue
        t.row(f"coverage {kind}", 100 * got[kind] / gold[kind],
              f"{got[kind]}/{gold[kind]}", goal, presidio)
    lost_labels(args, samples)
    for kind in TYPES:
        if wrong[kind] > 0:
            t.row(f"false {kind}", wrong[kind], f"of {negative[kind]} rows",
                  low=True, unit=" ")


def part_made(t, args, _):
    cases = maker.made(MADE_EACH)
    found = scan(args.bin, [{"text": c[1]} for c in cases])
    got = collections.Counter(
        c[0] for i, c in enumerate(cases)
        if covers(found[i]["/text"], c[2], c[3]))
    for kind in maker.MADE:
        goal = TYPES[kind][0]
        t.row(f"made {kind}", 100 * got[kind] / MADE_EACH,
              f"{got[kind]}/{MADE_EACH}", goal)
        if t.args.verbose:
            note("  lost: " + ", ".join(
                repr(c[1]) for i, c in enumerate(cases) if c[0] == kind and
                not covers(found[i]["/text"], c[2], c[3]))[:400])


def part_person(t, args, samples):
    for name, recall, precision in (("ner_wikigold_en", 50, 80),
                                    ("ner_europeana_fr_part", 75, None)):
        rows = corpus(samples, name)
        if rows is None:
            note(f"person: no {name}.jsonl in {samples}/text: left out")
            continue
        found = scan(args.bin, [{"text": r["text"]} for r in rows])
        gold = got = named = right = 0
        for i, r in enumerate(rows):
            hits = found[i]["/text"]
            people = [s for s in r["spans"] if s[2] == "PERSON"]
            gold += len(people)
            got += sum(covers(hits, s, e) for s, e, _ in people)
            for s, e, kind in hits:
                if kind == "PERSON":
                    named += 1
                    right += any(s < b and a < e for a, b, _ in people)
        t.row(f"person recall {name[4:12]}", 100 * got / gold,
              f"{got}/{gold}", recall)
        t.row(f"person precision {name[4:12]}", 100 * right / max(named, 1),
              f"{right}/{named}", precision)


def part_false(t, args, samples):
    """Real graphs and feature files, and pieces of such and of code."""
    places = [os.path.join(samples, "traces", "real", d)
              for d in ("circuit-tracer", "neuronpedia")]
    if not all(os.path.isdir(p) for p in places):
        note(f"false: no real traces in {samples}/traces: left out")
        return
    size = sum(os.path.getsize(os.path.join(p, f)) for p in places
               for f in os.listdir(p))
    kinds = collections.Counter()
    out = run(args.bin, "scan", "--region", REGIONS, "--json=lines", *places)
    for line in out.splitlines():
        j = json.loads(line)
        if "start" in j:
            kinds[j["type"]] += 1
    rows = corpus(samples, "neg_activation_traces_part") or []
    size += sum(len(r["text"].encode()) for r in rows)
    for paths in scan(args.bin, [{"text": r["text"]} for r in rows]).values():
        for hits in paths.values():
            for _, _, kind in hits:
                kinds[kind] += 1
    if kinds:
        note("in real traces: " + ", ".join(
            f"{n} {k}" for k, n in sorted(kinds.items())))
    # Names in what a feature reacts to may be names.
    people = kinds.pop("PERSON", 0)
    size = f"{size / 1e6:.2f} MB"
    t.row("false in real traces", sum(kinds.values()), size, 5, low=True,
          unit=" ")
    t.row("false names in real traces", people, size, low=True, unit=" ")


def kept_apart(samples):
    """Without the corpora other values are measured: other floors."""
    return "" if os.path.isdir(os.path.join(samples, "text")) else " (own)"


def values_of(samples):
    """type: distinct values, in the order of the corpora."""
    out = collections.defaultdict(dict)
    for name in CORPORA[:4]:
        for r in corpus(samples, name) or []:
            for s, e, kind in r["spans"]:
                if kind in LEAD and not r.get("weak"):
                    out[kind][r["text"][s:e]] = None
    if not out:
        note(f"disguise: no corpora in {samples}/text: values of our own")
        return OWN
    # Spread over the whole list, the same each time.
    return {k: list(v)[::max(1, len(v) // PER_TYPE)][:PER_TYPE]
            for k, v in sorted(out.items())}


def between(v, what, every=1):
    return what.join(v[i:i + every] for i in range(0, len(v), every))


def spaced(what):
    def dress(v, _):
        return v.replace(" ", what) if " " in v else None
    return dress


def wide(v, _):
    return "".join(chr(ord(c) + 0xfee0) if "!" <= c <= "~"
                   else "\u3000" if c == " " else c for c in v)


def percent(v, _):
    return "".join(f"%{b:02X}" for b in v.encode())


def coded(k):
    def dress(v, lead):
        text = BEFORE[k] + lead + ": " + v
        return base64.b64encode(text.encode()).decode()
    return dress


CASED = {"EMAIL", "IBAN", "UK_NINO", "UK_VAT", "FR_VAT", "US_MBI", "US_DEA",
         "UK_DRIVING_LICENCE"}


def other_case(change):
    def dress(v, _, kind=None):
        return change(v) if kind in CASED and change(v) != v else None
    return dress


def confusable(v, _, kind=None):
    w = v.translate(CYRILLIC)
    return w if kind in ("EMAIL", "IBAN", "UK_NINO") and w != v else None


def wrapped(how):
    def dress(v, _):
        return v[:len(v) * 2 // 3] + how + v[len(v) * 2 // 3:]
    return dress


# name: what is written in place of the value in a text, None: not for this one.
DISGUISES = {
    "plain": lambda v, _: v,
    "zero-width": lambda v, _: between(v, "\u200b", 3),
    "zero-width-all": lambda v, _: between(v, "\u200b"),
    "soft-hyphen": lambda v, _: between(v, "\u00ad", 3),
    "joiner": lambda v, _: between(v, "\u2060"),
    "bidi": lambda v, _: RLO + v + PDF,
    "full-width": wide,
    "nbsp": spaced("\u00a0"), "nnbsp": spaced("\u202f"),
    "thin-space": spaced("\u2009"),
    "escaped-twice": lambda v, _: "".join(
        f"\\u{ord(c):04x}" for c in v),
    "percent": percent,
    "percent-some": lambda v, _: "".join(
        percent(c, _) if c in " @+()" else c for c in v),
    "entities": lambda v, _: "".join(f"&#{ord(c)};" for c in v),
    "base64-0": coded(0), "base64-1": coded(1), "base64-2": coded(2),
    "base64-twice": lambda v, lead: base64.b64encode(base64.b64encode(
        (lead + ": " + v).encode())).decode(),
    "base64-bare": lambda v, _: base64.b64encode(v.encode()).decode(),
    "hex": lambda v, lead: (lead + ": " + v).encode().hex(),
    "line-wrap": wrapped("\n"), "line-wrap-crlf": wrapped("\r\n"),
    "line-wrap-escaped": wrapped("\\n"),
    "upper-case": other_case(str.upper), "lower-case": other_case(str.lower),
    "cyrillic": confusable,
}
CUT = {"split-fields", "split-messages"}


def in_text(dress):
    """A record with the dressed value in a text, and the spans that must go."""
    def make(v, lead, kind):
        takes_kind = "kind" in dress.__code__.co_varnames
        d = dress(v, lead, kind=kind) if takes_kind else dress(v, lead)
        if d is None:
            return None
        head = f"please note {lead} "
        text = head + d + " and so on"
        # What turns the direction is not part of the value.
        start = len(head) + (d[0] == RLO)
        return {"text": text}, [("/text", start, len(head) + len(d) -
                                 (d[-1] == PDF))]
    return make


def escaped(v, lead, _):
    head = f"please note {lead} "
    raw = ('{"text": "' + "".join(f"\\u{ord(c):04x}" for c in head + v) +
           '"}\n')
    return raw, [("/text", len(head), len(head) + len(v))]


def nested(v, lead, _):
    head = f"{lead} "
    return ({"text": json.dumps({"note": head + v}, ensure_ascii=True)},
            [("/text#/note", len(head), len(head) + len(v))])


def tokens(mark, size):
    def make(v, lead, _):
        head = f"note {lead} "
        whole = head + v + " end"
        parts = [whole[i:i + size] for i in range(0, len(whole), size)]
        parts = [p.replace(" ", mark) for p in parts]
        return {"tokens": parts}, [("/tokens", len(head), len(head) + len(v))]
    return make


def as_key(v, lead, _):
    return ({"text": "x", "metadata": {v: lead}},
            [("key", 0, len(v))])


def as_number(v, lead, _):
    digits = v.replace(" ", "").replace("-", "")
    if not digits.isdigit() or digits[0] == "0":
        return None
    key = lead.replace(" ", "_").lower()
    return ('{"text": "x", "metadata": {"%s": %s}}\n' % (key, digits),
            [("/metadata/" + key, 0, len(digits))])


def halves(v):
    k = len(v) // 2
    return v[:k], v[k:]


def split_messages(v, lead, _):
    a, b = halves(v)
    head = f"my {lead} is "
    return ({"messages": [{"role": "user", "content": head + a},
                          {"role": "user", "content": b + " ok"}]},
            [("/messages/0/content", len(head), len(head) + len(a.rstrip())),
             ("/messages/1/content", len(b) - len(b.lstrip()), len(b))])


def split_fields(v, lead, _):
    a, b = halves(v)
    head = f"my {lead} is "
    return ({"prompt": head + a, "response": b + " ok"},
            [("/prompt", len(head), len(head) + len(a.rstrip())),
             ("/response", len(b) - len(b.lstrip()), len(b))])


RECORDS = {"escaped": escaped, "nested-json": nested,
           "tokens": tokens("\u2581", 3), "tokens-bpe": tokens("\u0120", 4),
           "tokens-single": tokens("\u2581", 1), "json-key": as_key,
           "json-number": as_number, "split-messages": split_messages,
           "split-fields": split_fields}


def key_hit(paths, v):
    """A key's path does not show it: any finding as long as the key."""
    return any(e - s >= len(v) for hits in paths.values() for s, e, _ in hits)


def disguised(samples):
    """(disguise, record, spans, value) of every value in every disguise."""
    makers = {n: in_text(d) for n, d in DISGUISES.items()}
    makers.update(RECORDS)
    out = []
    for kind, values in values_of(samples).items():
        for v in values:
            for name, make in makers.items():
                made = make(v, LEAD[kind], kind)
                if made is not None:
                    out.append((name, *made, v, kind))
    for v in NAMES:
        w = unicodedata.normalize("NFD", v)
        out.append(("decomposed", {"text": "Mme " + w + " est là"},
                    [("/text", 4, 4 + len(w))], w, "PERSON"))
    return out


def part_disguise(t, args, samples):
    cases = disguised(samples)
    found = scan(args.bin, [c[1] for c in cases])
    own = kept_apart(samples)
    n, got = collections.Counter(), collections.Counter()
    lost = collections.defaultdict(collections.Counter)
    for i, (name, _, spans, v, kind) in enumerate(cases):
        n[name] += 1
        if name == "json-key":
            ok = key_hit(found[i], v)
        else:
            ok = all(covers(found[i][p], s, e) for p, s, e in spans)
        got[name] += ok
        if not ok:
            lost[name][kind] += 1
    for name in dict.fromkeys(c[0] for c in cases):
        t.row(f"disguise {name}{own}", 100 * got[name] / n[name],
              f"{got[name]}/{n[name]}", 80 if name in CUT else 95,
              PRESIDIO_DISGUISE.get(name))
        if args.verbose and lost[name]:
            note("  lost: " + ", ".join(
                f"{c} {k}" for k, c in lost[name].most_common(8)))


def part_valid(t, args, samples):
    """What the filter writes is JSON, and a second scan of it finds nothing."""
    records = [json.dumps(r, ensure_ascii=False) + "\n"
               if not isinstance(r, str) else r
               for _, r, *_ in disguised(samples)]
    for name in CORPORA:
        records += [json.dumps({"text": r["text"]}, ensure_ascii=False) + "\n"
                    for r in corpus(samples, name) or []]
    batches = [records]
    for lang in ("en", "fr"):
        with open(os.path.join(ROOT, "demo/traces", lang,
                               "otlp-traces.jsonl"), encoding="utf-8") as f:
            batches.append([r for r in f if is_json(r)])
    lines = parsed = 0
    left = collections.Counter()
    for batch in batches:
        out = run(args.bin, "redact", "--region", REGIONS, "-",
                  data="".join(batch).encode())
        lines += out.count(b"\n")
        parsed += sum(map(is_json, out.decode().split("\n")[:-1]))
        for x in run(args.bin, "scan", "--region", REGIONS, "--json=lines",
                     "-", data=out).splitlines():
            if b'"start"' in x:
                left[json.loads(x)["type"]] += 1
    t.row("output is JSON", 100 * parsed / max(lines, 1), f"{parsed}/{lines}",
          100)
    if left:
        note("second scan: " + ", ".join(
            f"{n} {k}" for k, n in left.most_common(8)))
    t.row("findings in a second scan" + kept_apart(samples), sum(left.values()), f"{lines} lines", 0,
          low=True, unit=" ")
    total = sum(map(len, batches))
    t.row("records left out", total - lines, f"of {total}", low=True, unit=" ",
          steady=False)


def is_json(line):
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def part_start(t, args, _):
    wall, cpu = [], []
    for _ in range(START_RUNS):
        a, c = time.monotonic(), os.times()
        run(args.bin, "scan", "--region", REGIONS, "-", data=b'{"text":"x"}\n')
        d = os.times()
        wall.append(1000 * (time.monotonic() - a))
        cpu.append(1000 * (d.children_user + d.children_system -
                           c.children_user - c.children_system))
    # Other programs run beside us: the least wall time is the closest.
    t.row("start-up ms, wall (least)", min(wall), f"{START_RUNS} runs", 50,
          low=True, unit=" ", steady=False)
    t.row("start-up ms, CPU (median)", statistics.median(cpu),
          f"{START_RUNS} runs", 50, low=True, unit=" ", steady=False)


PARTS = {"types": part_types, "made": part_made, "person": part_person, "false": part_false,
         "disguise": part_disguise, "valid": part_valid, "start": part_start}


def main():
    ap = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bin", default=os.path.join(
        ROOT, "build/release/tracegate"))
    ap.add_argument("--samples", default=os.path.join(
        os.path.dirname(ROOT), "shared", "samples"))
    ap.add_argument("--update", action="store_true")
    ap.add_argument("-v", "--verbose", action="store_true")
    ap.add_argument("--only", action="append", choices=list(PARTS))
    args = ap.parse_args()
    if not os.access(args.bin, os.X_OK):
        sys.exit(f"{args.bin}: no such program (make build)")
    t = Table(args)
    for name in args.only or PARTS:
        PARTS[name](t, args, args.samples)
    if args.update:
        t.update()
    print(f"{t.rows} figures: {t.met} goals met, {t.missed} not met, "
          f"{len(t.bad)} below the floor")
    if t.rows == 0:
        sys.exit(2)
    sys.exit(1 if t.bad else 0)


main()
