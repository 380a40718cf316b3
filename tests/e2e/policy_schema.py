#!/usr/bin/python3
"""policy_schema.py SCHEMA FILE... - policy files by the JSON Schema.

Prints what is wrong, file by file.  Exit 0: each is valid, 1: not, 2: the
schema is none of draft-07.
"""
import json
import sys

import jsonschema
import yaml


class Plain(yaml.SafeLoader):
    """Dates stay text, as in YAML's core schema."""


Plain.yaml_implicit_resolvers = {
    k: [(tag, rx) for tag, rx in v if not tag.endswith(":timestamp")]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    try:
        jsonschema.Draft7Validator.check_schema(schema)
    except jsonschema.SchemaError as e:
        print(f"{sys.argv[1]}: {e.message}")
        return 2
    judge = jsonschema.Draft7Validator(schema)
    wrong = 0
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as f:
            document = yaml.load(f, Loader=Plain)
        for e in judge.iter_errors(document):
            print(f"{name}: /{'/'.join(map(str, e.path))}: {e.message}"[:300])
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
