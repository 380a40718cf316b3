#include "redactors/around.h"

#include "redactors/prefilter_gate.h"

#include "base/banned.h"

static bool
alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool
is_of(const struct tg_around *a, struct tg_span s, const struct tg_rule *r)
{
	return a->made && a->span.start == s.start && a->span.end == s.end &&
	    a->far_before == r->before && a->far_after == r->after;
}

void
tg_around_make(struct tg_around *a, const struct tg_look *v, struct tg_span s,
    const struct tg_rule *r)
{
	const size_t from = s.start > r->before ? s.start - r->before : 0;
	const size_t to = v->n - s.end > r->after ? s.end + r->after : v->n;
	size_t start = from, end = to;

	/* Rules of numbers often match the same one. */
	if (is_of(a, s, r))
		return;
	a->made = true;
	a->span = s;
	a->far_before = r->before;
	a->far_after = r->after;
	/* No half words. */
	if (from > 0 && alnum(v->p[from - 1]))
		while (start < s.start && alnum(v->p[start]))
			start++;
	if (to < v->n && alnum(v->p[to]))
		while (end > s.end && alnum(v->p[end - 1]))
			end--;
	a->n_before = tg_context_words(
	    a->before, sizeof(a->before), v->p + start, s.start - start, true);
	a->n_after = tg_context_words(
	    a->after, sizeof(a->after), v->p + s.end, end - s.end, true);
	tg_context_pairs(&a->pairs_before, a->before, a->n_before);
	tg_context_pairs(&a->pairs_after, a->after, a->n_after);
}

/* Whether the byte at @i goes on the word before it. */
static bool
glued(const struct tg_look *v, size_t i)
{
	return i > 0 && i < v->n && alnum(v->p[i - 1]) && alnum(v->p[i]);
}

/* Whether a bracket sticks to a word: a replacement of ours that is left out
 * there makes one word of two. */
static bool
open_glued(
    const struct tg_look *v, const struct tg_marks *m, size_t from, size_t to)
{
	for (size_t i = tg_marks_until(m, TG_MARK_OPEN, from, to); i < to;
	     i = tg_marks_until(m, TG_MARK_OPEN, i + 1, to))
		if (i > 0 && alnum(v->p[i - 1]))
			return true;
	return false;
}

bool
tg_around_silent(const struct tg_rules *rules, uint16_t rule,
    const struct tg_look *v, const struct tg_marks *m, struct tg_span s)
{
	const struct tg_rule *r = &rules->rule[rule];
	const size_t from = s.start > r->before ? s.start - r->before : 0;
	const size_t to = v->n - s.end > r->after ? s.end + r->after : v->n;

	/* A word that the match cuts is another one. */
	return !glued(v, s.start) && !glued(v, s.end) &&
	    !open_glued(v, m, from, to) &&
	    !tg_gate_asks(rules->gate, rule, v->p, m, from, s.start) &&
	    !tg_gate_asks(rules->gate, rule, v->p, m, s.end, to);
}

bool
tg_around_far(const struct tg_rules *rules, uint16_t rule,
    const struct tg_look *v, const struct tg_marks *m, size_t start)
{
	const struct tg_rule *r = &rules->rule[rule];
	const size_t from = start > r->before ? start - r->before : 0;
	const size_t far = r->most + r->after;
	const size_t to = v->n - start > far ? start + far : v->n;

	return !open_glued(v, m, from, to) &&
	    !tg_gate_asks(rules->gate, rule, v->p, m, from, to);
}

bool
tg_around_has(const struct tg_words *w, const struct tg_around *a)
{
	return tg_context_find(w, a->before, a->n_before, &a->pairs_before) ||
	    tg_context_find(w, a->after, a->n_after, &a->pairs_after);
}
