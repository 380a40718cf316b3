#!/usr/bin/env python3
"""The identities of trace files, each ended by NUL: a reader of its own.

usage: replay_ids.py [--session] FILE...
"""
import json
import sys


SESSION = {"session.id", "gen_ai.conversation.id",
           "traceloop.association.properties.session_id"}


def session(one):
    for attribute in one.get("attributes", []):
        value = attribute["value"].get("stringValue")
        if attribute["key"] in SESSION and value is not None:
            return value
    return None


def of(doc, by_session):
    for whole, parts, old, unit in (
            ("resourceSpans", "scopeSpans", "instrumentationLibrarySpans",
             "spans"),
            ("resourceLogs", "scopeLogs", "instrumentationLibraryLogs",
             "logRecords")):
        for resource in doc.get(whole, []):
            for scope in resource.get(parts, []) + resource.get(old, []):
                for one in scope[unit]:
                    name = session(one) if by_session else None
                    yield name or one["traceId"]
    for graph in doc.get("graphs", []):
        yield graph["slug"]
    if "nodes" in doc:
        yield doc["metadata"]["slug"]


def documents(text):
    """Lines of JSON, or one document; what is malformed is left out."""
    try:
        yield json.loads(text)
        return
    except ValueError:
        pass
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            pass


for path in [a for a in sys.argv[1:] if a != "--session"]:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for doc in documents(file.read()):
            for name in of(doc, "--session" in sys.argv):
                sys.stdout.buffer.write(name.encode() + b"\0")
