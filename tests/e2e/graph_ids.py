#!/usr/bin/env python3
"""graph_ids.py GRAPH... - is every id that a graph names one of its nodes?
graph_ids.py --page GRAPH PAGE - is the graph in the page the graph?
graph_ids.py --dom GRAPH DOM - are the nodes and links of a page, as a browser
dumped it, those of the graph, each once?

Exit 0: yes, 1: no, 2: nothing looked at.
"""
import html
import json
import re
import sys


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def named(g):
    for link in g["links"]:
        yield link["source"]
        yield link["target"]
    q = g.get("qParams", {})
    yield from q.get("pinnedIds", [])
    for s in q.get("supernodes", []):
        yield from s[1:]
    if q.get("clickedId"):
        yield q["clickedId"]


def say(ok, what):
    print(what)
    sys.exit(0 if ok else 1)


def main(argv):
    if argv[1:2] == ["--page"]:
        with open(argv[3], encoding="utf-8") as f:
            page = f.read()
        m = re.search(r'<script id="graph" type="application/json">\n(.*?)</script>',
                      page, re.S)
        rest = page.replace(m.group(1), "")
        say(json.loads(m.group(1)) == load(argv[2]) and not re.search(
            r"https?:|//[a-z]|src=|href=|fetch|import\b|@import|url\(", rest),
            "the page holds the graph and names nothing outside")
    if argv[1:2] == ["--dom"]:
        g = load(argv[2])
        with open(argv[3], encoding="utf-8") as f:
            dom = f.read()
        want = sorted(n["node_id"] for n in g["nodes"])
        found = {tag: sorted(html.unescape(x) for x in re.findall(
            rf'<{tag}\b[^>]*data-node="([^"]*)"', dom)) for tag in ("tr", "circle")}
        links = sorted((html.unescape(a), html.unescape(b)) for a, b in re.findall(
            r'<line\b[^>]*data-source="([^"]*)"[^>]*data-target="([^"]*)"', dom))
        say(want and found["tr"] == found["circle"] == want and
            'data-dangling="0"' in dom and
            links == sorted((x["source"], x["target"]) for x in g["links"]),
            f"{len(want)} nodes, {len(found['tr'])} rows, {len(links)} links")
    if len(argv) < 2:
        sys.exit(__doc__)
    bad = n = 0
    for path in argv[1:]:
        g = load(path)
        ids = {x["node_id"] for x in g["nodes"]}
        lost = [x for x in named(g) if x not in ids]
        n += len(ids)
        if lost or len(ids) != len(g["nodes"]):
            bad += 1
            print(f"{path}: {len(lost)} ids without a node")
    print(f"{len(argv) - 1} graphs, {n} nodes")
    sys.exit(1 if bad else 0 if n else 2)


main(sys.argv)
