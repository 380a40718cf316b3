#!/usr/bin/env python3
"""content_schema.py SCHEMAS INPUT OUTPUT - is the content of GenAI attributes,
JSON in a string, still valid by the schemas of its conventions?

Each value of gen_ai.input.messages and the like in OUTPUT that stands where a
valid one stands in INPUT must be valid.  Prints how many were; exit 1 when one
is not.  Exit 3: no python3-jsonschema.
"""
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(3)

NAMES = {"gen_ai.input.messages": "gen-ai-input-messages",
         "gen_ai.output.messages": "gen-ai-output-messages",
         "gen_ai.system_instructions": "gen-ai-system-instructions",
         "gen_ai.tool.definitions": "gen-ai-tool-definitions",
         "gen_ai.retrieval.documents": "gen-ai-retrieval-documents"}
checks = {}


def docs(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def values(x):
    """(name, value) in order; JSON in a string opened."""
    if isinstance(x, dict):
        name = x.get("key")
        v = x.get("value")
        if name in NAMES and isinstance(v, dict) and "stringValue" in v:
            yield name, json.loads(v["stringValue"])
            return
        for k, v in x.items():
            if k in NAMES and isinstance(v, str):
                yield k, json.loads(v)
            else:
                yield from values(v)
    elif isinstance(x, list):
        for v in x:
            yield from values(v)


def valid(schemas, name, v):
    if name not in checks:
        with open(os.path.join(schemas, NAMES[name] + ".json"),
                  encoding="utf-8") as f:
            checks[name] = jsonschema.Draft7Validator(json.load(f))
    return checks[name].is_valid(v)


def main(argv):
    if len(argv) != 4:
        sys.exit(__doc__)
    old, new = (list(values(docs(p))) for p in argv[2:])
    if [n for n, _ in old] != [n for n, _ in new]:
        print("other attributes")
        sys.exit(1)
    n = 0
    for (name, a), (_, b) in zip(old, new):
        if valid(argv[1], name, a):
            n += 1
            if not valid(argv[1], name, b):
                print(f"{name} is no longer valid")
                sys.exit(1)
    print(n)


main(sys.argv)
