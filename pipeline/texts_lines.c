/*
 * texts_lines.c - JSON in the lines of a text: JSON lines, and the events of a
 * stream as a server sent them (WHATWG HTML, "Server-sent events": data:
 * {...}), which is what a trace keeps of an answer.  What they say is read like
 * JSON in a string, one document a line; a value goes on in the next (seams.h).
 * The rest of the lines are texts of their own.
 */
#include <string.h>

#include "pipeline/stage.h"
#include "pipeline/walk.h"
#include "base/banned.h"

static const char *const fields[] = {"data:", "event:", "id:", "retry:", ":"};

struct line {
	size_t json; /* where it begins; end: none */
	size_t end, next;
	bool event; /* behind "data:" */
};

static bool
space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
begins(struct tg_sv s, const char *head)
{
	return tg_sv_starts(s, tg_sv_of(head));
}

static struct line
line_at(struct tg_sv s, size_t at)
{
	const char *nl = memchr(s.p + at, '\n', s.n - at);
	struct line l = {.end = nl == NULL ? s.n : (size_t)(nl - s.p)};

	l.next = nl == NULL ? s.n : l.end + 1;
	while (l.end > at && space(s.p[l.end - 1]))
		l.end--;
	while (at < l.end && space(s.p[at]))
		at++;
	l.event = begins((struct tg_sv){s.p + at, l.end - at}, fields[0]);
	if (l.event)
		for (at += strlen(fields[0]); at < l.end && space(s.p[at]);)
			at++;
	l.json = l.end;
	if (at < l.end &&
	    ((s.p[at] == '{' && s.p[l.end - 1] == '}') ||
		(s.p[at] == '[' && s.p[l.end - 1] == ']')))
		l.json = at;
	return l;
}

bool
tg_texts_in_lines(struct tg_trace_text t)
{
	const struct tg_sv s = {t.bytes, t.n};
	unsigned n = 0;
	size_t at = 0;
	bool so = false;

	while (at < s.n && space(s.p[at]))
		at++;
	if (at == s.n || memchr(s.p + at, '\n', s.n - at) == NULL)
		return false;
	so = s.p[at] == '{' || s.p[at] == '[';
	for (size_t k = 0; k < TG_COUNT(fields) && !so; k++)
		so = begins((struct tg_sv){s.p + at, s.n - at}, fields[k]);
	while (so && n < 2 && at < s.n) {
		const struct line l = line_at(s, at);

		if (l.json < l.end)
			n += l.event ? 2 : 1;
		at = l.next;
	}
	return n >= 2;
}

/* Bytes [from, end) of @text, where they stand; *base is what @text has. */
static struct tg_jtext
part(struct tg_jtext text, size_t from, size_t end, uint32_t *base)
{
	if (text.map == NULL)
		*base += (uint32_t)from;
	else
		text.map += from;
	text.text = (struct tg_trace_text){text.text.bytes + from, end - from};
	return text;
}

/* What is no JSON. */
static int
add_rest(struct tg_walk *w, uint32_t i, struct tg_jtext text, size_t from,
    size_t end, struct tg_err *err)
{
	uint32_t base = w->doc->nodes[i].start + 1;
	struct tg_sv s;

	while (from < end && space(text.text.bytes[from]))
		from++;
	while (from < end && space(text.text.bytes[end - 1]))
		end--;
	s = (struct tg_sv){text.text.bytes + from, end - from};
	if (s.n == 0 || tg_sv_is(s, fields[0]))
		return 0;
	text = part(text, from, end, &base);
	return tg_walk_add(w, i, TG_TXT_STRING, text, base, NULL, err);
}

static bool
is_json(struct tg_walk *w, struct tg_sv s)
{
	struct tg_err quiet = {0};
	size_t at;

	return tg_jscan(&w->p->nest[w->depth], s, &at, &quiet) == 0;
}

int
tg_walk_lines(
    struct tg_walk *w, uint32_t i, struct tg_jtext text, struct tg_err *err)
{
	const struct tg_sv s = {text.text.bytes, text.text.n};
	uint32_t *const outer = w->pieces;
	uint32_t pieces = 0, no = 0;
	size_t rest = 0, at = 0;
	int rc = -1;

	if (w->depth == TG_NEST_MAX || !tg_texts_in_lines(text.text))
		return 0;
	if (outer == NULL)
		w->pieces = &pieces;
	while (at < s.n) {
		const struct line l = line_at(s, at);
		uint32_t base = w->doc->nodes[i].start + 1;

		no++;
		at = l.next;
		if (l.json == l.end ||
		    !is_json(w, (struct tg_sv){s.p + l.json, l.end - l.json}))
			continue;
		/* The texts of a record are in the order of its bytes. */
		if (add_rest(w, i, text, rest, l.json, err) < 0 ||
		    tg_walk_json(w, i, part(text, l.json, l.end, &base), base,
			no, err) < 0)
			goto out;
		rest = l.end;
	}
	if (add_rest(w, i, text, rest, s.n, err) < 0 ||
	    (pieces == 1 && tg_walk_piece(w, err) < 0))
		goto out;
	rc = 1;
out:
	w->pieces = outer;
	return rc;
}
