/*
 * resolve.c - candidates that overlap become one finding.
 *
 * What any accepted rule flagged stays covered.  The label goes to the checked
 * one, then to the one with context, the higher score, the longer, the id that
 * sorts first: a total order, so neither the order of the rules nor that of
 * the candidates matters.  Touching names with only blanks between are one.
 * The strictest action of them is taken; where types are mixed it is the label
 * at least, for no operator reads a value of two types.
 */
#include <stdlib.h>

#include "redactors/scan.h"

#include "base/banned.h"

static int
order(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* By start, the longest first; then everything else, so that equal means the
 * same. */
static int
compare(const void *pa, const void *pb)
{
	const struct tg_candidate *a = pa, *b = pb;
	const int by[] = {order(a->start, b->start), order(b->end, a->end),
	    order(a->rule, b->rule), order(b->score, a->score),
	    order(a->view, b->view), order(b->checked, a->checked),
	    order(b->context, a->context), order(a->weak, b->weak)};

	for (size_t i = 0; i < TG_COUNT(by); i++)
		if (by[i] != 0)
			return by[i];
	return 0;
}

static bool
better(const struct tg_rules *r, const struct tg_candidate *a,
    const struct tg_candidate *b)
{
	const uint32_t la = a->end - a->start, lb = b->end - b->start;

	if (a->checked != b->checked)
		return a->checked;
	if (a->context != b->context)
		return a->context;
	if (a->score != b->score)
		return a->score > b->score;
	if (la != lb)
		return la > lb;
	if (a->rule != b->rule)
		return r->rule[a->rule].rank < r->rule[b->rule].rank;
	return a->view < b->view;
}

static bool
is_name(const struct tg_rules *r, const struct tg_candidate *c)
{
	const struct tg_rule *rule = &r->rule[c->rule];

	return rule->engine == TG_ENGINE_PERSON && rule->form != TG_FORM_TOWN;
}

static bool
blanks(const char *text, uint32_t a, uint32_t b)
{
	for (; a < b; a++)
		if (text[a] != ' ' && text[a] != '\n')
			return false;
	return true;
}

/* A weak candidate that holds all of a poorer one of its type stands: the tail
 * of a wrapped phone number may look like a shorter number.  So does one that
 * goes on behind what its rule sees on the first line, with its word in front.
 */
static bool
beats(const struct tg_rules *r, const struct tg_candidate *strong,
    const struct tg_candidate *weak)
{
	if (strong->rule == weak->rule && !strong->checked && weak->context &&
	    strong->start == weak->start && strong->end < weak->end)
		return false;
	return r->rule[strong->rule].type != r->rule[weak->rule].type ||
	    strong->checked || strong->score >= weak->score ||
	    strong->start < weak->start || strong->end > weak->end;
}

/* Weak candidates only stand where no better does. */
static size_t
drop_weak(struct tg_candidate *c, size_t n, const struct tg_rules *r)
{
	size_t m = 0;
	uint32_t reach = 0; /* end of the strong ones so far */

	for (size_t i = 0; i < n; i++) {
		bool hit = c[i].weak && c[i].start < reach;

		for (size_t k = i + 1; c[i].weak && !hit && k < n; k++) {
			if (c[k].start >= c[i].end)
				break;
			hit = !c[k].weak && beats(r, &c[k], &c[i]);
		}
		if (hit)
			continue;
		if (!c[i].weak && c[i].end > reach)
			reach = c[i].end;
		c[m++] = c[i];
	}
	return m;
}

/* The action where types are mixed. */
static uint8_t
without_value(uint8_t act)
{
	return act != TG_ACT_KEEP && act < TG_ACT_LABEL ? TG_ACT_LABEL : act;
}

static uint8_t
notes(const struct tg_candidate *c, const struct tg_candidate *end,
    const struct tg_candidate *best, bool mixed)
{
	uint8_t bits = mixed ? TG_FOUND_MIXED : 0;

	for (; c < end; c++)
		if (c->score > best->score)
			bits |= TG_FOUND_HIGHER;
	return bits;
}

size_t
tg_resolve(struct tg_finding *out, struct tg_candidate *c, size_t n,
    const struct tg_rules *r, const uint8_t *action, const char *text)
{
	const size_t all = n;
	size_t m = 0, i = 0;

	if (n == 0)
		return 0;
	qsort(c, n, sizeof(*c), compare);
	n = drop_weak(c, n, r);
	while (i < n) {
		const size_t first = i;
		const struct tg_candidate *best = &c[i];
		uint8_t act = action[r->rule[c[i].rule].type];
		uint32_t end = c[i].end;
		const uint32_t start = c[i].start;
		const uint16_t type = r->rule[c[i].rule].type;
		bool names = is_name(r, &c[i]), mixed = false;

		for (i++; i < n; i++) {
			const bool touch = c[i].start < end ||
			    (names && is_name(r, &c[i]) &&
				blanks(text, end, c[i].start));
			const uint8_t a = action[r->rule[c[i].rule].type];

			if (!touch)
				break;
			if (better(r, &c[i], best))
				best = &c[i];
			if (a > act)
				act = a;
			mixed = mixed || r->rule[c[i].rule].type != type;
			if (c[i].end > end)
				end = c[i].end;
			names = names && is_name(r, &c[i]);
		}
		out[m++] = (struct tg_finding){.start = start,
		    .end = end,
		    .rule = best->rule,
		    .type = r->rule[best->rule].type,
		    .score = best->score,
		    .action = mixed ? without_value(act) : act,
		    .view = best->view,
		    .checked = best->checked};
		out[m - 1].notes =
		    notes(c + first, c + i, best, mixed || n < all);
	}
	return m;
}
