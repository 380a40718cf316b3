#!/usr/bin/env python3
"""Values that stand in two places, in every form that traces have.

usage: views_cases.py make DIR          records: DIR/<form>.jsonl
       views_cases.py check DIR FORM    DIR/<form>.out against the records:
                                        valid JSON, the same shape, no part of
                                        the value where it stood; prints
                                        "<found> <all>"; exit 1: a broken record

A value is cut at every position.  The values are examples of the standards'
own documents and of ranges reserved for fiction.
"""
import base64
import json
import os
import re
import sys
import urllib.parse

VALUES = {
    "EMAIL": ("it: ", "priya.raman@example.org"),
    "PHONE": ("it: ", "+44 20 7946 0123"),
    "PHONE_FR": ("it: ", "01 99 00 12 34"),
    "PHONE_US": ("it: ", "(212) 555-0123"),
    "CREDIT_CARD": ("it: ", "4111 1111 1111 1111"),
    "CREDIT_CARD_BARE": ("it: ", "4111111111111111"),
    "IBAN": ("it: ", "GB82 WEST 1234 5698 7654 32"),
    "IBAN_BARE": ("it: ", "FR7630006000011234567890189"),
    "FR_NIR": ("it: ", "2 69 05 49 588 157 80"),
    "FR_SIRET": ("it: ", "732 829 320 00074"),
    "FR_TAX_ID": ("numéro fiscal ", "30 23 217 600 053"),
    "FR_VAT": ("it: ", "FR40303265045"),
    "FR_RIB": ("it: ", "20041 01005 0500013M026 06"),
    "FR_SIREN": ("le SIREN est ", "732829320"),
    "UK_NINO": ("it: ", "AB 12 34 56 C"),
    "UK_NHS_NUMBER": ("my NHS number is ", "943 476 5919"),
    "UK_UTR": ("my UTR is ", "1955839661"),
    "UK_DRIVING_LICENCE": ("it: ", "MORGA657054SM9IJ"),
    "UK_VAT": ("VAT number ", "GB 980 7806 84"),
    "US_SSN": ("my SSN is ", "078-05-1120"),
    "US_ITIN": ("my ITIN is ", "912-70-1234"),
    "US_NPI": ("the NPI is ", "1234567893"),
    "US_DEA": ("DEA number ", "AB1234563"),
    "US_MBI": ("it: ", "1EG4-TE5-MK73"),
    "US_ABA_ROUTING": ("the routing number is ", "021000021"),
    "IMEI": ("the IMEI is ", "490154203237518"),
    "CRYPTO_BTC": ("it: ", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
}
ENCODED = ("EMAIL", "CREDIT_CARD", "IBAN", "PHONE", "FR_NIR")
NUMBER = re.compile("-?[0-9]+")
TRACE = "5b8efff798038103d269b633813fc60c"


def kv(key, text):
    return {"key": key, "value": {"stringValue": text}}


def span(attributes, events=()):
    return {"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": TRACE, "spanId": "eee19b7ec3c1b174", "name": "chat",
        "attributes": attributes, "events": list(events)}]}]}]}


def message(text):
    return {"role": "user", "content": text}


def parts(*texts):
    return [{"type": "text", "content": t} for t in texts]


# Two texts: the one that ends in the first half, the one that begins with the
# second.
TEXTS = {
    "chat": lambda a, b: {"messages": [message(a), message(b)]},
    "chat_parts": lambda a, b: {"messages": [{"role": "user", "content": [
        {"type": "text", "text": a}, {"type": "text", "text": b}]}]},
    "chat_nested": lambda a, b: {"prompt": json.dumps([message(a),
                                                       message(b)])},
    "chat_nested_twice": lambda a, b: {"prompt": json.dumps(
        {"x": json.dumps([message(a), message(b)])})},
    "delta": lambda a, b: {"choices": [
        {"index": 0, "delta": {"role": "assistant", "content": a}},
        {"index": 0, "delta": {"content": b}}]},
    "fields": lambda a, b: {"instruction": a, "response": b},
    "metadata": lambda a, b: {"metadata": {"note": a, "more": b}},
    "otlp_json": lambda a, b: span([kv("gen_ai.input.messages", json.dumps(
        [{"role": "user", "parts": parts(a)},
         {"role": "user", "parts": parts(b)}]))]),
    "otlp_parts": lambda a, b: span([kv("gen_ai.output.messages", json.dumps(
        [{"role": "assistant", "parts": parts(a, b)}]))]),
    "otlp_values": lambda a, b: span([{
        "key": "gen_ai.input.messages", "value": {"arrayValue": {"values": [
            {"kvlistValue": {"values": [kv("role", "user"),
                                        kv("content", t)]}}
            for t in (a, b)]}}}]),
    "otlp_indexed": lambda a, b: span([
        kv("gen_ai.prompt.0.role", "user"), kv("gen_ai.prompt.0.content", a),
        kv("gen_ai.prompt.1.role", "user"), kv("gen_ai.prompt.1.content", b)]),
    "otlp_events": lambda a, b: span([], [
        {"name": "gen_ai.user.message",
         "attributes": [kv("gen_ai.event.content", t)]} for t in (a, b)]),
    "otlp_logs": lambda a, b: {"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"traceId": TRACE, "body": {"kvlistValue": {"values": [
            kv("content", t)]}}} for t in (a, b)]}]}]},
}


def byte_letters():
    """bytes_to_unicode of openai/gpt-2 encoder.py."""
    same = [*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)]
    letters, n = {b: chr(b) for b in same}, 0
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + n)
            n += 1
    return letters


LETTERS = byte_letters()


def gpt(text):
    return "".join(LETTERS[b] for b in text.encode())


def piece(text):
    return text.replace(" ", "\u2581")


def content(value):
    return {"metadata": {"x": value}}


def logprob(token):
    return {"token": token, "logprob": -0.5, "bytes": list(token.encode()),
            "top_logprobs": [{"token": token, "logprob": -0.5,
                              "bytes": list(token.encode())}]}


# The tokens before, of the two halves, and behind.
TOKENS = {
    "tokens": lambda t: {"tokens": t},
    "tokens_pieces": lambda t: {"tokens": [piece(x) for x in t]},
    "tokens_bytes": lambda t: {"tokens": [gpt(x) for x in t]},
    "tokens_fallback": lambda t: {"tokens": [piece(x) for x in t[:-2]] +
                                  ["<0x%02X>" % b for b in t[-2].encode()] +
                                  [piece(t[-1])]},
    "tokens_special": lambda t: {"tokens": ["<bos>", *t[:2], "<|im_end|>",
                                            *t[2:]]},
    "tokens_arrays": lambda t: {"tokens": [[piece(x) for x in t], ["ok"]]},
    "tokens_objects": lambda t: {"tokens": [{"id": 7, "text": x} for x in t]},
    "tokens_nested": lambda t: {"metadata": json.dumps(
        {"output_tokens": [gpt(x) for x in t]})},
    "tokens_logprobs": lambda t: {"choices": [{"index": 0, "logprobs": {
        "content": [logprob(x) for x in t]}}]},
    "tokens_bytes_only": lambda t: {"choices": [{"index": 0, "logprobs": {
        "content": [{"token": "?", "bytes": list(x.encode())}
                    for x in t]}}]},
    "tokens_mixed": lambda t: {"text": [None, *map(piece, t), 5, 0.5, True]},
    "tokens_otlp_values": lambda t: span([{"key": "input.value", "value": {
        "arrayValue": {"values": [*({"stringValue": gpt(x)} for x in t),
                                  {"intValue": "5"}]}}}]),
    "tokens_letters": lambda t: {"tokens": [*"".join(t)]},
    "tokens_otlp": lambda t: span([kv("input.value", json.dumps(
        {"tokens": [piece(x) for x in t]}))]),
    "bytes": lambda t: {"text": list("".join(t).encode())},
    # Other values among them; pieces as members of objects.
    "mixed_number": lambda t: content([*map(gpt, t), 5]),
    "mixed_between": lambda t: content([*map(gpt, t[:2]), None, {"y": 0.25},
                                        *map(gpt, t[2:])]),
    "mixed_inner": lambda t: content([5, *map(gpt, t[:2]), [gpt(t[2])],
                                      gpt(t[3])]),
    "mixed_pairs": lambda t: content([[17, gpt(x), -0.5] for x in t]),
    "mixed_objects": lambda t: content([*({"piece": gpt(x), "logprob": -0.5}
                                          for x in t), {"y": 5}]),
    "mixed_bytes": lambda t: content([{"id": 7, "bytes": list(x.encode())}
                                      for x in t]),
    "mixed_vllm": lambda t: content([None, *(
        {str(n): {"logprob": -0.5, "rank": 1, "decoded_token": gpt(x)}}
        for n, x in enumerate(t))]),
    "mixed_column": lambda t: content({str(n): gpt(x)
                                       for n, x in enumerate(t)}),
    "mixed_otlp": lambda t: span([{"key": "input.value", "value": {
        "arrayValue": {"values": [*({"stringValue": gpt(x)} for x in t),
                                  {"intValue": "5"}]}}}]),
}

ENCODINGS = {
    "percent": lambda v: urllib.parse.quote(v, safe=""),
    "percent_all": lambda v: "".join("%%%02X" % b for b in v.encode()),
    "backslash": lambda v: "".join("\\u%04x" % ord(c) for c in v),
    "base64": lambda v: base64.b64encode(
        ("value: %s." % v).encode()).decode(),
    "twice": lambda v: urllib.parse.quote(base64.b64encode(
        ("value: %s." % v).encode()).decode(), safe=""),
    "thrice": lambda v: urllib.parse.quote("".join(
        "\\u%04x" % ord(c) for c in urllib.parse.quote(v, safe="")), safe=""),
}


def cases(form):
    """(name, before, first half, second half, record)"""
    if form in ENCODINGS:
        for name in ENCODED:
            lead, plain = VALUES[name]
            value = ENCODINGS[form](plain)
            for cut in range(1, len(value), 1 if len(value) < 60 else 3):
                for of in ("chat", "chat_nested", "fields", "tokens_pieces"):
                    a, b = value[:cut], value[cut:]
                    yield name, lead, a, b, record(of, lead, a, b)
        return
    for name, (lead, value) in VALUES.items():
        for cut in range(1, len(value)):
            a, b = value[:cut], value[cut:]
            yield name, lead, a, b, record(form, lead, a, b)


def record(form, lead, a, b):
    if form in TEXTS:
        return TEXTS[form]("Please note " + lead + a, b + " and thank you.")
    return TOKENS[form](["Please note " + lead, a, b, " and thank you."])


def strings(node, out):
    """Strings in order; of tokens and bytes, the text that they spell."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "top_logprobs":
                strings(value, out)
    elif isinstance(node, list):
        if len(node) > 7 and any(isinstance(x, int) for x in node):
            out.append(b"".join(
                bytes([x]) if isinstance(x, int) else str(x).encode()
                for x in node).decode("utf-8", "replace"))
            return
        for value in node:
            strings(value, out)
    elif isinstance(node, str):
        if node[:1] in "[{" and node[-1:] in "]}":
            try:
                strings(json.loads(node), out)
                return
            except ValueError:
                pass
        out.append(node)


def shape(node):
    """Arrays keep their length, but for bytes and alternatives of a token."""
    if isinstance(node, dict):
        if len(node) == 1 and NUMBER.fullmatch(*node):
            return "token by id"
        return {k: shape(v) for k, v in node.items()
                if k not in ("bytes", "top_logprobs")}
    if isinstance(node, list):
        return [shape(v) for v in node]
    if isinstance(node, str) and node[:1] in "[{":
        try:
            return shape(json.loads(node))
        except ValueError:
            pass
    return None


def gone(raw, out, a, b):
    """Neither half stands at the end or the beginning of a text any more, nor
    the value in all texts together; what was around it does."""
    texts = []
    strings(out, texts)
    joined = "".join(texts).replace("\u2581", " ").replace("\u0120", " ")
    if a + b in joined or "[" not in joined or "thank you" not in joined:
        return False
    mine = [t for t in texts if t and not t.startswith("[")]
    if "resourceSpans" in out or "resourceLogs" in out or "tokens" not in raw:
        mine = [t for t in mine if "note" in t or "thank" in t]
    return not any(len(half) > 1 and (t.endswith(half) or t.startswith(half))
                   for t in mine for half in (a, b))


def check(where, form):
    with open(os.path.join(where, form + ".out"), encoding="utf-8") as f:
        lines = f.read().splitlines()
    all_cases = list(cases(form))
    if len(lines) != len(all_cases):
        sys.exit("%s: %d records of %d" % (form, len(lines), len(all_cases)))
    found = 0
    for line, (name, _, a, b, raw) in zip(lines, all_cases):
        out = json.loads(line)
        if shape(out) != shape(raw):
            sys.exit("%s: %s cut at %d has another shape" % (form, name,
                                                           len(a)))
        if gone(raw, out, a, b):
            found += 1
        else:
            print("%s %s %d" % (form, name, len(a)), file=sys.stderr)
    print(found, len(all_cases))


FORMS = [*TEXTS, *TOKENS, *ENCODINGS]


def main():
    verb, where = sys.argv[1:3]
    if verb == "check":
        return check(where, sys.argv[3])
    os.makedirs(where, exist_ok=True)
    for form in FORMS:
        with open(os.path.join(where, form + ".jsonl"), "w",
                  encoding="utf-8") as f:
            for case in cases(form):
                f.write(json.dumps(case[4], ensure_ascii=False) + "\n")
        print(form)


if __name__ == "__main__":
    main()
