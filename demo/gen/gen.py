#!/usr/bin/env python3
"""gen.py - writes the demo data (for maintainers; its output is committed).

usage: demo/gen/gen.py [DIR]      (DIR: default demo/; writes traces/,
                                planted.jsonl, lookalikes.jsonl; the same
                                bytes always)

The shapes: OTLP/JSON lines as the collector's file exporter writes them
(current and older GenAI attributes, OpenInference, OpenLLMetry, Vercel AI
SDK), attribution graphs as circuit-tracer and Neuronpedia write them.
Identifiers come from ../RESERVED.md only.
"""
import base64
import calendar
import hashlib
import json
import os
import random
import re
import sys
import unicodedata
import urllib.parse

import prompts_en
import prompts_fr

HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(HERE)
DAY = 86400
FIRST = calendar.timegm((2026, 11, 1, 0, 0, 0))
DAYS = 19
OLD = calendar.timegm((2026, 10, 1, 0, 0, 0))   # before the 30 days
MARK = re.compile(r"\[\[(\w+)\|(.*?)\]\](?!\])")


class Lang:
    """What one language's files need: texts, chance, ground truth."""

    def __init__(self, code, texts):
        self.code = code
        self.texts = texts
        self.chance = random.Random("tracegate demo " + code)
        self.planted = []
        self.stay = []
        self.where = ""
        self.traces = []
        self.logs = []

    def hex(self, n):
        return "".join(self.chance.choice("0123456789abcdef") for _ in range(n))

    def plant(self, value, kind, form="written"):
        """form: written as it is, or derived: what a reader makes of it."""
        self.planted.append({"value": value, "type": kind, "form": form,
                             "where": self.where})

    def person(self, name, kind):
        self.plant(name, "PERSON")
        if kind == "PERSON_NFD":
            self.plant(unicodedata.normalize("NFC", name), "PERSON", "derived")
        if kind == "PERSON_ALONE":
            return
        words = name.split()
        surname = words[0] if words[0].isupper() else words[-1]
        self.plant(surname, "PERSON")

    def read(self, text):
        """The text without marks; what is marked goes to the ground truth."""
        for kind, value in MARK.findall(text):
            if kind == "KEEP":
                self.stay.append({"value": value, "where": self.where})
            elif kind.startswith("PERSON"):
                self.person(value, kind)
            elif kind == "EMAIL_BASE64":
                self.plant(value, "EMAIL")
                self.plant(base64.b64decode(value).decode(), "EMAIL", "derived")
            elif kind == "EMAIL_PERCENT":
                self.plant(value, "EMAIL")
                self.plant(urllib.parse.unquote(value), "EMAIL", "derived")
            elif kind == "EMAIL_SPELLED":
                self.plant(value, "EMAIL")
            else:
                self.plant(value, kind)
                bare = re.sub(r"[\s.\u00a0\u202f()-]", "", value)
                if bare != value and kind not in ("EMAIL", "IP_ADDRESS", "SECRET"):
                    self.plant(bare, kind, "derived")
        return MARK.sub(lambda m: m.group(2), text)


# OTLP ----------------------------------------------------------------------

def dump(x):
    return json.dumps(x, ensure_ascii=False, separators=(",", ":"))


def any_value(v):
    if isinstance(v, bool):
        return {"boolValue": v}
    if isinstance(v, int):
        return {"intValue": str(v)}
    if isinstance(v, float):
        return {"doubleValue": v}
    if isinstance(v, list):
        return {"arrayValue": {"values": [any_value(x) for x in v]}}
    if isinstance(v, dict):
        return {"kvlistValue": {"values": attributes(v)}}
    return {"stringValue": v}


def attributes(d):
    return [{"key": k, "value": any_value(v)} for k, v in d.items()]


def message(role, text):
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def style_current(u, a):
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "gemma-3-4b-it",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.usage.input_tokens": len(u) // 4 + 1,
        "gen_ai.usage.output_tokens": len(a) // 4 + 1,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.system_instructions": dump([{"type": "text", "content": "You are a helpful assistant."}]),
        "gen_ai.input.messages": dump([message("user", u)]),
        "gen_ai.output.messages": dump([dict(message("assistant", a), finish_reason="stop")]),
    }


def style_older(u, a):
    return {
        "gen_ai.system": "vertex_ai",
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gemma-2-2b-it",
        "gen_ai.usage.prompt_tokens": len(u) // 4 + 1,
        "gen_ai.usage.completion_tokens": len(a) // 4 + 1,
        "gen_ai.prompt": dump([{"role": "user", "content": u}]),
        "gen_ai.completion": dump([{"role": "assistant", "content": a}]),
    }


def style_openinference(u, a):
    return {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gemma-3-4b-it",
        "llm.provider": "google",
        "llm.token_count.prompt": len(u) // 4 + 1,
        "llm.token_count.completion": len(a) // 4 + 1,
        "input.mime_type": "application/json",
        "input.value": dump({"messages": [{"role": "user", "content": u}]}),
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": u,
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": a,
        "output.mime_type": "text/plain",
        "output.value": a,
    }


def style_openllmetry(u, a):
    return {
        "gen_ai.system": "Google",
        "llm.request.type": "chat",
        "gen_ai.request.model": "gemma-3-4b-it",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": u,
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": a,
        "gen_ai.completion.0.finish_reason": "stop",
        "traceloop.span.kind": "task",
        "traceloop.entity.name": "answer",
        "traceloop.entity.input": dump({"inputs": {"question": u}}),
        "llm.usage.total_tokens": (len(u) + len(a)) // 4 + 2,
    }


def style_vercel(u, a):
    return {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.id": "gemma-3-4b-it",
        "ai.prompt.messages": dump([{"role": "user", "content": [{"type": "text", "text": u}]}]),
        "ai.response.text": a,
        "ai.response.finishReason": "stop",
        "ai.usage.promptTokens": len(u) // 4 + 1,
        "ai.usage.completionTokens": len(a) // 4 + 1,
    }


STYLES = {
    "current": style_current, "older": style_older,
    "openinference": style_openinference, "openllmetry": style_openllmetry,
    "vercel": style_vercel,
}


def tokens(text):
    """The rough count of the token limit: words by four bytes, signs by one."""
    return sum((len(w.encode()) + 3) // 4 if w.isalnum() else 1
               for w in re.findall(r"[^\W_]+|[^\w\s]|_", text))


def long_text(lang):
    """A text of more than 1,000 tokens whose identifier lies across the limit."""
    text = ""
    plant = lang.read(lang.texts.LONG_PLANT)
    head = plant[:plant.index("@") + 3]
    while tokens(text + lang.texts.LONG + head) < 1000:
        text += lang.texts.LONG
    for word in (lang.texts.LONG * 2).split():
        if tokens(text + word + " " + head) > 1000:
            break
        text += word + " "
    return text + plant + lang.texts.LONG * 4


def tool_span(lang, u):
    """A tool call whose arguments are JSON in a string."""
    name = re.search(r"\[\[PERSON\|(.*?)\]\]", u).group(1)
    value = re.search(r"\[\[(?:PHONE|EMAIL)\|(.*?)\]\]", u).group(1)
    tool = lang.texts.TOOL["book" if value[0].isdigit() else "contact"]
    return tool, {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": tool,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "call_" + lang.hex(12),
        "gen_ai.tool.call.arguments": dump({"contact": {"full_name": name, "reach": value}, "seats": 2}),
        "gen_ai.tool.call.result": dump({"status": "ok", "note": "for " + name}),
    }


def span(lang, name, when, attrs, trace=None, parent=None):
    s = {
        "traceId": trace or lang.hex(32),
        "spanId": lang.hex(16),
        "name": name,
        "kind": lang.chance.choice([3, 3, 3, "SPAN_KIND_CLIENT"]),
        "startTimeUnixNano": str(when) + "%09d" % lang.chance.randrange(10**9),
        "endTimeUnixNano": str(when + lang.chance.randrange(1, 9)) + "000000000",
        "attributes": attributes(attrs),
        "status": {"code": 1},
    }
    if parent:
        s["parentSpanId"] = parent
    return s


def request(lang, i, spans):
    host = lang.texts.HOSTS[i % len(lang.texts.HOSTS)]
    old = i % 17 == 16
    return {"resourceSpans": [{
        "resource": {"attributes": attributes({
            "service.name": lang.texts.SERVICE, "service.version": "1.4.2",
            "telemetry.sdk.language": "nodejs", "host.name": host})},
        "instrumentationLibrarySpans" if old else "scopeSpans": [{
            "instrumentationLibrary" if old else "scope":
                {"name": "opentelemetry.instrumentation.genai", "version": "2.1.0"},
            "spans": spans}]}]}


def identity(lang, i, attrs):
    user = lang.texts.USERS[i % len(lang.texts.USERS)]
    attrs["user.id"] = user
    if "@" in user:
        lang.plant(user, "EMAIL")
    attrs["session.id" if i % 3 else "gen_ai.conversation.id"] = \
        "conv-%s-%04d" % (lang.code, 7000 + i // 2)
    if i % 4 == 1:
        address = lang.texts.CLIENTS[i // 4 % len(lang.texts.CLIENTS)]
        attrs["client.address"] = address
        lang.plant(address, "IP_ADDRESS")
    if i % 9 == 4:
        attrs["tenant.id"] = "harbour-%d" % (i % 2)


def trace_line(lang, i, style, u, a):
    """One prompt as one line of otlp-traces.jsonl."""
    when = FIRST + (i * 7919 % (DAYS * DAY))
    if style == "old":
        when = OLD
    raw = u
    if style == "long":
        text = u + long_text(lang)
    else:
        text = lang.read(u)
    answer = lang.read(a)
    look = style if style in STYLES else ("current", "older", "openinference")[i % 3]
    attrs = STYLES[look](text, answer)
    identity(lang, i, attrs)
    main = span(lang, "chat gemma-3-4b-it", when, attrs)
    spans = [main]
    if style == "tool":
        tool, more = tool_span(lang, raw)
        spans.append(span(lang, "execute_tool " + tool, when + 1, more,
                          main["traceId"], main["spanId"]))
    elif style == "exception":
        what = lang.read(lang.texts.EXCEPTION[i % 2])
        main["events"] = [{
            "timeUnixNano": main["endTimeUnixNano"], "name": "exception",
            "attributes": attributes({
                "exception.type": "ImportError", "exception.message": what,
                "exception.stacktrace": "ImportError: " + what + "\n  at run (job.js:41:7)"})}]
        main["status"] = {"code": "STATUS_CODE_ERROR", "message": what}
    elif style == "unknown":
        key, value, kind = lang.texts.UNKNOWN[i % 2]
        lang.plant(value, kind)
        main["attributes"].append({"key": key, "value": {"stringValue": value}})
    elif i % 5 == 0:
        main["events"] = [{
            "timeUnixNano": main["startTimeUnixNano"], "name": "gen_ai.user.message",
            "attributes": attributes({"gen_ai.event.content": dump({"role": "user", "content": text})})}]
    if i % 11 == 3:
        for kv in main["attributes"]:     # serializers that write numbers
            if "intValue" in kv["value"]:
                kv["value"]["intValue"] = int(kv["value"]["intValue"])
    if i % 13 == 5:
        main["traceId"] = main["traceId"].upper()
    return request(lang, i, spans)


def log_line(lang, i, u, a):
    """One prompt as one line of otlp-logs.jsonl: structured or a plain body."""
    when = FIRST + (i * 7919 % (DAYS * DAY))
    text, answer = lang.read(u), lang.read(a)
    attrs = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "gcp.gemini"}
    identity(lang, i, attrs)
    body = {}
    event = "gen_ai.client.inference.operation.details"
    if i % 3 == 0:
        attrs["gen_ai.input.messages"] = [message("user", text)]
        attrs["gen_ai.output.messages"] = [message("assistant", answer)]
    elif i % 3 == 1:
        event = "gen_ai.user.message"
        body = any_value({"role": "user", "content": text})
    else:
        event = "gen_ai.choice"
        body = any_value("user: %s\nassistant: %s" % (text, answer))
    return {"resourceLogs": [{
        "resource": {"attributes": attributes({
            "service.name": lang.texts.SERVICE,
            "host.name": lang.texts.HOSTS[i % 2]})},
        "scopeLogs": [{"scope": {"name": "opentelemetry.instrumentation.genai"},
                       "logRecords": [{
                           "timeUnixNano": str(when) + "000000000",
                           "observedTimeUnixNano": str(when) + "500000000",
                           "severityNumber": 9, "severityText": "INFO",
                           "eventName": event, "body": body,
                           "attributes": attributes(attrs),
                           "traceId": lang.hex(32), "spanId": lang.hex(16)}]}]}]}


# Graphs --------------------------------------------------------------------

def pieces(prompt):
    """Token strings as a byte-pair vocabulary would cut: names and addresses
    in pieces, digits one by one."""
    out = ["<bos>"]
    for word in re.findall(r"\s?[^\W\d]+|\s?\d|\s?[^\w\s]|\s", prompt):
        lead = " " if word.startswith(" ") else ""
        core = word[len(lead):]
        cut = 4 if len(core) > 6 or (core.islower() and len(core) > 5) else len(core)
        parts = [core[k:k + max(cut, 1)] for k in range(0, len(core), max(cut, 1))] or [""]
        out.append(lead + parts[0])
        out.extend(parts[1:])
    return [p for p in out if p]


def vocab(piece):
    return int(hashlib.sha256(piece.encode()).hexdigest()[:8], 16) % 256000


def graph(lang, n, kind, prompt, extra):
    who, name = lang.texts.SLUG_PEOPLE[n % 2]
    made = (FIRST + (n * 86399 + 5000) % (DAYS * DAY)) * 1000
    slug = "%s-%s-%d" % (who.replace(".", ""), lang.code, made)
    lang.where = "traces/%s/graphs/%s.json" % (lang.code, slug)
    lang.person(name, "PERSON")
    lang.plant(who, "PERSON")
    lang.plant(slug, "SLUG")
    mail = who + "@example.org"
    lang.plant(mail, "EMAIL")
    text = lang.read(prompt)
    toks = pieces(text)
    if kind == "tokens":
        toks += pieces(" " + lang.read(extra))[1:]
    label = "", ""
    if kind == "label":
        label = lang.read(extra[0]), lang.read(extra[1])
    c = lang.chance
    nodes, links, rows = [], [], []
    last = len(toks) - 1

    def node(ident, feature, layer, pos, ftype, clerp, **more):
        base = {"node_id": ident, "feature": feature, "layer": layer,
                "ctx_idx": pos, "feature_type": ftype, "token_prob": 0.0,
                "is_target_logit": False, "run_idx": 0, "reverse_ctx_idx": 0,
                "jsNodeId": "%s-0" % ident.rsplit("_", 1)[0], "clerp": clerp,
                "influence": round(c.random(), 6), "activation": None}
        base.update(more)
        nodes.append(base)
        return ident

    for pos, piece in enumerate(toks):
        rows.append(node("E_%d_%d" % (vocab(piece), pos), pos, "E", pos,
                         "embedding", 'Emb: "%s"' % piece))
    shown = [node("0_%d_%d" % (layer, last), -1, str(layer), last,
                  "mlp reconstruction error", "Err: mlp") for layer in range(3)]
    feats = []
    for layer in (4, 12, 20):
        for k in range(8):
            feature = c.randrange(16384)
            pos = c.randrange(1, len(toks))
            text_of = ""
            if layer == 20 and k < 2:
                text_of = label[k]
            feats.append(node("%d_%d_%d" % (layer, feature, pos), feature,
                              str(layer), pos, "cross layer transcoder", text_of,
                              activation=round(c.random() * 12, 5)))
    outs = []
    for k, (word, p) in enumerate(((" the", 0.412), (" a", 0.2), (" it", 0.071))):
        outs.append(node("27_%d_%d" % (vocab(word), last), vocab(word), "27", last,
                         "logit", 'Output "%s" (p=%.3f)' % (word, p),
                         token_prob=p, is_target_logit=k == 0, influence=None))
    for f in feats:
        links.append((c.choice(rows), f))
        links.append((f, c.choice(outs)))
        links.append((c.choice(rows), f))
    for e in shown:
        links.append((e, outs[0]))
    pins = [feats[-8], outs[0]]
    supers = [[label[0] or "say it", feats[-8]]]
    link = "https://www.neuronpedia.org/gemma-2-2b/graph?slug=%s&pinnedIds=%s&supernodes=%s" % (
        slug, urllib.parse.quote(",".join(pins), safe=""),
        urllib.parse.quote(dump(supers), safe=""))
    if "@" in text:
        link += "&q=" + urllib.parse.quote(text, safe="")
    meta = {
        "slug": slug, "scan": "gemma-2-2b", "transcoder_list": [],
        "prompt_tokens": toks, "prompt": "<bos>" + text,
        "node_threshold": 0.8, "schema_version": 1,
        "info": {
            "creator_name": name, "creator_url": "https://" + who.split(".")[0] + ".example.org",
            "description": "for %s" % name, "source_urls": [],
            "transcoder_set": "demo-transcoder-3l",
            "generator": {"name": "circuit-tracer", "version": "0.2.0 | e4a3c5a",
                          "url": "https://github.com/safety-research/circuit-tracer",
                          "email": mail},
            "create_time_ms": made, "neuronpedia_link": link,
            "neuronpedia_source_set": "demo-3l"},
        "generation_settings": {"max_n_logits": 3, "desired_logit_prob": 0.95,
                                "batch_size": 8, "max_feature_nodes": 24},
        "pruning_settings": {"node_threshold": 0.8, "edge_threshold": 0.85}}
    doc = {"metadata": meta,
           "qParams": {"linkType": "both", "pinnedIds": pins, "clickedId": pins[0],
                       "supernodes": supers, "sg_pos": ""},
           "nodes": nodes,
           "links": [{"source": s, "target": t, "weight": round(c.uniform(-3, 9), 5)}
                     for s, t in links]}
    return slug, meta, doc


# Files ---------------------------------------------------------------------

def write(path, text):
    path = os.path.join(DEMO, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write(text)


def otlp(lang):
    t = lang.texts
    rows = list(t.PROMPTS) + [
        (("current", "older", "openinference", "openllmetry", "vercel")[i % 5], u, a)
        for i, (u, a) in enumerate(t.PLAIN)]
    rows = rows[:100]
    assert len(rows) == 100, len(rows)
    for i, (style, u, a) in enumerate(rows):
        # Every fifth of the ordinary ones is a log record.
        if i % 5 == 2 and style in STYLES:
            lang.where = "traces/%s/otlp-logs.jsonl:%d" % (lang.code, len(lang.logs) + 1)
            lang.logs.append(dump(log_line(lang, i, u, a)))
            continue
        lang.where = "traces/%s/otlp-traces.jsonl:%d" % (lang.code, len(lang.traces) + 1)
        lang.traces.append(dump(trace_line(lang, i, style, u, a)))
        if i == 40 and t.MALFORMED_MAIL:
            lang.where = "traces/%s/otlp-traces.jsonl:%d" % (lang.code, len(lang.traces) + 1)
            lang.plant(t.MALFORMED_MAIL, "EMAIL")
            lang.traces.append(
                '{"resourceSpans":[{"resource":{},"scopeSpans":[{"spans":[{"name":"chat",'
                '"attributes":[{"key":"gen_ai.prompt","value":{"stringValue":"mail to '
                + t.MALFORMED_MAIL + '"')
    for host in t.HOSTS:
        lang.where = "traces/%s (host.name)" % lang.code
        lang.plant(host, "HOST")
    write("traces/%s/otlp-traces.jsonl" % lang.code, "\n".join(lang.traces) + "\n")
    write("traces/%s/otlp-logs.jsonl" % lang.code, "\n".join(lang.logs) + "\n")


def graphs(lang):
    folder = os.path.join(DEMO, "traces", lang.code, "graphs")
    if os.path.isdir(folder):
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))
    metas = []
    for n, (kind, prompt, extra) in enumerate(lang.texts.GRAPHS):
        slug, meta, doc = graph(lang, n, kind, prompt, extra)
        metas.append(meta)
        write("traces/%s/graphs/%s.json" % (lang.code, slug), dump(doc) + "\n")
    write("traces/%s/graphs/graph-metadata.json" % lang.code,
          json.dumps({"graphs": metas}, ensure_ascii=False, indent=1) + "\n")


def unique(rows, *names):
    """The rows as lines, each once by these members."""
    seen, out = set(), []
    for r in rows:
        key = tuple(r[n] for n in names)
        if key not in seen and len(r["value"]) >= 3:
            seen.add(key)
            out.append(dump(r))
    return "\n".join(out) + "\n"


def main():
    planted, stay = [], []
    for code, texts in (("en", prompts_en), ("fr", prompts_fr)):
        lang = Lang(code, texts)
        otlp(lang)
        graphs(lang)
        planted += lang.planted
        stay += lang.stay
    write("planted.jsonl", unique(planted, "value"))
    write("lookalikes.jsonl", unique(stay, "value", "where"))


if __name__ == "__main__":
    main()
