#!/usr/bin/env python3
"""json_schema.py SCHEMA FILE... - validates JSON documents.

The subset of JSON Schema that the schema of attribution graphs uses; a keyword
that is not known here is an error, so that nothing is passed over.  Prints what
is wrong, file by file.  Exit 0: every file is valid, 1: not, 2: the schema.
"""
import json
import sys

IGNORED = {"$id", "$schema", "title", "description", "examples", "version"}
KNOWN = {"type", "required", "properties", "additionalProperties", "items",
         "prefixItems", "minItems", "maxItems"}
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: not isinstance(v, bool) and (
        isinstance(v, int) or isinstance(v, float) and v.is_integer()),
}


def understood(schema):
    if isinstance(schema, bool):
        return
    for key in schema:
        if key not in KNOWN | IGNORED:
            print(f"the schema has a keyword that is not known here: {key}")
            sys.exit(2)
    for sub in schema.get("properties", {}).values():
        understood(sub)
    for sub in schema.get("prefixItems", []):
        understood(sub)
    for key in ("items", "additionalProperties"):
        if key in schema:
            understood(schema[key])


def faults(v, schema, at):
    if schema is True:
        return
    if schema is False:
        yield f"{at}: not allowed"
        return
    types = schema.get("type")
    types = [types] if isinstance(types, str) else types
    if types and not any(TYPES[t](v) for t in types):
        yield f"{at}: not {' or '.join(types)}"
        return
    if isinstance(v, dict):
        props = schema.get("properties", {})
        for key in schema.get("required", []):
            if key not in v:
                yield f"{at}: without {key}"
        for key, value in v.items():
            sub = props.get(key, schema.get("additionalProperties", True))
            yield from faults(value, sub, f"{at}/{key}")
    if isinstance(v, list):
        first = schema.get("prefixItems", [])
        if len(v) < schema.get("minItems", 0):
            yield f"{at}: fewer than {schema['minItems']} items"
        if len(v) > schema.get("maxItems", len(v)):
            yield f"{at}: more than {schema['maxItems']} items"
        for i, value in enumerate(v):
            sub = first[i] if i < len(first) else schema.get("items", True)
            yield from faults(value, sub, f"{at}/{i}")


def main(argv):
    if len(argv) < 3:
        sys.exit(__doc__)
    with open(argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    understood(schema)
    bad = 0
    for path in argv[2:]:
        with open(path, encoding="utf-8") as f:
            found = list(faults(json.load(f), schema, ""))
        bad += bool(found)
        for text in found[:5]:
            print(f"{path}: {text}")
    sys.exit(1 if bad else 0)


main(sys.argv)
