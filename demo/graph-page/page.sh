#!/bin/sh
# page.sh GRAPH.json PAGE.html - a page that shows an attribution graph: the
# graph's JSON between two fixed texts, nothing fetched.  "<" is written \u003c,
# so that no text of the graph can end the script it stands in.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
{
	cat "$here/head.html"
	sed 's/</\\u003c/g' "$1"
	cat "$here/tail.html"
} >"$2"
