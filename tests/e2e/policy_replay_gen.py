#!/usr/bin/python3
"""policy_replay_gen.py DIR - traces that every stage of a policy takes some of:
OTLP spans of invented people, and JSON lines."""
import json
import os
import sys

os.makedirs(sys.argv[1])
DAY = 86400
NOON = 1795478400  # 2026-11-24T00:00:00Z
COUNTRIES = [("FR", 180), ("BE", 24), ("CH", 10), ("MC", 3)]


def attribute(key, value):
    return {"key": key, "value": {"stringValue": value}}


def span(number, country, text, day, user):
    return {"traceId": f"{number + 4096:032x}", "spanId": f"{number + 4096:016x}",
            "name": "chat", "startTimeUnixNano": f"{NOON - day * DAY + 60 * number}000000000",
            "attributes": [attribute("user.id", user),
                           attribute("client.geo.country_iso_code", country),
                           attribute("gen_ai.prompt", text)]}


def text(i):
    """What is asked, with something to find in some."""
    said = f"Question {i % 5} about gardens."
    if i % 7 == 1:
        said += f" Write to person{i}@example.org."
    if i % 11 == 2:
        said += " The key is AKIAIOSFODNN7EXAMPLE."
    if i % 13 == 3:
        said += " Call 020 7946 0123."
    if i % 17 == 4:
        said += " word" * 500
    if i % 19 == 5:
        said += " word" * 150
    return said


rows, i = [], 0
for country, n in COUNTRIES:
    for k in range(n):
        day = 40 if i % 23 == 6 else 20 if i < 180 and i % 17 == 7 else 1
        user = "u-many" if i % 9 == 0 else f"u-{i}"
        rows.append(span(i, country, text(i), day, user))
        i += 1
with open(os.path.join(sys.argv[1], "a.jsonl"), "w") as out:
    for k in range(0, len(rows), 3):  # three spans a record
        print(json.dumps({"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [
            {"scope": {"name": "demo"}, "spans": rows[k:k + 3]}]}]}), file=out)
with open(os.path.join(sys.argv[1], "b.jsonl"), "w") as out:
    for k in range(30):
        print(json.dumps({"trace_id": f"b-{k}", "session_id": f"s-{k % 14}", "text": text(k)}), file=out)
