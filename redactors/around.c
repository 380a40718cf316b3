#include "redactors/around.h"

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

bool
tg_around_has(const struct tg_words *w, const struct tg_around *a)
{
	return tg_context_find(w, a->before, a->n_before, &a->pairs_before) ||
	    tg_context_find(w, a->after, a->n_after, &a->pairs_after);
}
