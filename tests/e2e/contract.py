#!/usr/bin/env python3
"""contract.py PROGRAM ROOT - every verb and every word of it against its help.

The verbs, their words, operands and options are read from `help --json`, so a
new verb is held to the contract without a line here.  Run in an empty folder.
Prints "ok NAME" or "NOT OK NAME: WHY" and, last, how many calls were made.
"""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

PROGRAM, ROOT = sys.argv[1:]
MEMBERS = ["exit_code", "next", "notes", "ok", "result", "schema", "tool"]
REFUSED = re.compile(
    "unknown option|unknown word|unknown verb|a word too many|takes no --|"
    "takes no value|needs [A-Z]")
calls = []


class Call:
    """One call of the program, in an empty folder of its own."""

    def __init__(self, *words):
        calls.append(words)
        with tempfile.TemporaryDirectory(dir=os.getcwd()) as here:
            done = subprocess.run(
                [PROGRAM, *words], cwd=here, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.status = done.returncode
        self.out, self.err = done.stdout, done.stderr.decode(errors="replace")

    def document(self, verb):
        """The document of --json, and that it is one."""
        doc = json.loads(self.out)
        assert sorted(doc) == MEMBERS, f"members {sorted(doc)}"
        assert doc["schema"] == f"tracegate.{verb}/1", doc["schema"]
        assert doc["exit_code"] == self.status, "another exit code"
        assert doc["ok"] is (self.status == 0), "ok is not the exit code's"
        assert isinstance(doc["notes"], list) and isinstance(doc["next"], list)
        assert doc["result"] is not None or not doc["ok"], "done, no result"
        assert doc["notes"] or self.status in (0, 1, 4), "an error, no note"
        return doc

    def ends(self, *status):
        assert self.status in status, \
            f"exit {self.status}, {status} wanted: {self.err[:200]}"
        return self


def forms_of(synopsis, known):
    """Synopsis -> [(words, operands or None for any number)]."""
    takes = {("--" + o["name"]): o["value"][:1] not in ("", "[") for o in known}
    takes |= {("-" + o["letter"]): takes["--" + o["name"]]
              for o in known if o["letter"]}
    forms = []
    for text in synopsis.split(" | "):
        tokens = re.findall(r"[^][ ]+", text)
        words, operands, i = [], 0, 0
        while i < len(tokens):
            t = tokens[i]
            if t.startswith("-") and t != "-":
                i += takes.get(t, False)
            elif re.fullmatch("[a-z][a-z-]*", t) and operands == 0:
                words.append(t)
            else:
                operands = None if operands is None or "..." in t \
                    else operands + 1
            i += 1
        forms.append((tuple(words), operands))
    return forms


def scope(option):
    """The words that alone take the option; none: all."""
    m = re.match("([a-z-]+(?:, [a-z-]+)*):", option["help"])
    return m.group(1).split(", ") if m else []


def helped(verb, words):
    text = Call(verb, *words, "-h").ends(0)
    assert text.err == "" and text.out == Call("help", verb, *words).ends(0).out
    lines = text.out.decode().splitlines()
    assert lines[0].startswith(f"tracegate {verb} - "), "no head"
    for start in (f"usage: tracegate {verb} ", "options:", "exit status: "):
        assert sum(l.startswith(start) for l in lines) == 1, f"no {start}"
    Call(verb, *words, "-h", "--json").ends(0).document(verb)


def as_json(verb, words):
    doc = Call(verb, *words, "--no-input", "--json").ends(*range(11))
    doc.document(verb)
    lines = Call(verb, *words, "--no-input", "--json=lines").ends(doc.status)
    for line in lines.out.splitlines():
        assert isinstance(json.loads(line), (dict, str)), "a line"
    if doc.status != 0:
        assert lines.err.startswith("tracegate: "), "an error without a word"


def no_option(verb, words):
    said = Call(verb, *words, "--json", "--no-such-option").ends(2)
    assert "no-such-option" in said.document(verb)["notes"][0]


def in_languages(verb, words, known):
    Call(verb, *words, "--lang", "xx").ends(2)
    mine = [o for o in known if o["name"] == "lang"]
    taken = mine and (not words or not scope(mine[0]) or
                      words[0] in scope(mine[0]))
    said = Call(verb, *words, "--lang", "fr", "--no-input").ends(*range(11))
    refused = REFUSED.search(said.err) is not None
    assert refused is not bool(taken), said.err[:200]


def surplus(verb, words, most):
    many = Call(verb, *words, *["x"] * (most + 1), "--no-input").ends(2)
    assert "a word too many" in many.err, many.err[:200]


def unknown_word(verb):
    assert "unknown word" in Call(verb, "no-such-word").ends(2).err


def values(verb, option):
    Call(verb, "--" + option["name"]).ends(2)


def elsewhere(verb, words, option):
    said = Call(verb, *words, "--" + option["name"],
                *(["x"] if option["value"] else [])).ends(2)
    assert "takes no --" + option["name"] in said.err, said.err[:200]


def example(verb, line):
    words = [w for w in shlex.split(line) if not re.match("[<>]", w)]
    assert words[:2] == ["tracegate", verb], "of another verb"
    said = Call(*words[1:], "--no-input").ends(*range(11))
    assert not REFUSED.search(said.err), said.err[:200]


def man_page(verb, words, known):
    with open(f"{ROOT}/docs/man/tracegate-{verb}.1", encoding="utf-8") as f:
        text = f.read().replace("\\-", "-")
    for o in known:
        assert f"Fl -{o['name']}" in text, f"no --{o['name']}"
    for w in words:
        assert re.search(rf"\b{re.escape(w)}\b", text), f"no word {w}"


def examples_of(verb):
    """The command lines of the help."""
    text = Call("help", verb).out.decode()
    return re.findall(r"^  # .*\n  (.*)", text, re.M)


def cases():
    top = Call("help", "--json").ends(0).document("help")["result"]
    verbs = [v["verb"] for v in top]
    with open(f"{ROOT}/cli/cmds.def", encoding="utf-8") as f:
        table = re.findall(r"^TG_CMD\((\w+)\)", f.read(), re.M)
    assert verbs == table and table, "help --json and cmds.def differ"
    for verb in verbs:
        this = Call("help", verb, "--json").document("help")["result"]
        known = this["options"]
        forms = forms_of(this["synopsis"], known)
        first = list(dict.fromkeys(w[0] for w, _ in forms if w))
        heads = list(dict.fromkeys(w for w, _ in forms))
        yield f"{verb}: man page", man_page, verb, first, known
        if first:
            yield f"{verb}: an unknown word", unknown_word, verb
        for words in heads:
            name = " ".join((verb, *words))
            yield f"{name}: -h", helped, verb, words
            yield f"{name}: --json", as_json, verb, words
            yield f"{name}: unknown option", no_option, verb, words
            yield f"{name}: --lang", in_languages, verb, words, known
            most = [n for w, n in forms if w == words]
            if not first:
                most = [n for _, n in forms]
            if None not in most:
                yield (f"{name}: a word too many", surplus, verb, words,
                       max(most))
        for o in known:
            if o["value"][:1] not in ("", "["):
                yield f"{verb}: --{o['name']} alone", values, verb, o
            others = [w for w in first if scope(o) and w not in scope(o)]
            for w in others[:1]:
                yield f"{verb} {w}: --{o['name']}", elsewhere, verb, [w], o
        for line in examples_of(verb):
            yield f"example: {line}", example, verb, line
    yield "an unknown verb", unknown_verb
    yield "--version --json", version


def unknown_verb():
    doc = Call("no-such-verb", "--json").ends(2).document("answer")
    assert "no-such-verb" in doc["notes"][0]
    Call(b"\xff\xfe", "--json").ends(2).document("answer")


def version():
    doc = Call("--version", "--json").ends(0).document("answer")
    assert doc["result"]["version"] == doc["tool"]


def one(case):
    name, check, *args = case
    try:
        check(*args)
    except (AssertionError, ValueError, OSError) as e:
        return f"NOT OK {name}: {e}"
    return f"ok {name}"


if __name__ == "__main__":
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(one, cases()):
            print(line)
    print(f"{len(calls)} calls")
