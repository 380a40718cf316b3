#include "pipeline/features_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/sources/feature_rows.h"
#include "base/banned.h"

#define MARK_DROP 1u

/* What the kept values of one array are. */
struct sums {
	double max, min, sum;
	uint32_t at; /* of the largest; the first of several */
	bool any;
};

double
tg_cut_value(const struct tg_cut *c, uint32_t i)
{
	double v = 0;

	(void)tg_feature_number(c->w.doc, i, &v);
	return v;
}

static bool
is_zero(double v)
{
	return v <= 0 && v >= 0;
}

static bool
same(double a, double b)
{
	return a <= b && a >= b;
}

int
tg_cut_put(struct tg_cut *c, uint32_t i, struct tg_sv by, struct tg_err *err)
{
	const struct tg_sv text = tg_arena_sv(&c->w.r->arena, by);

	if (text.p == NULL)
		return tg_fail_memory(err);
	return tg_walk_blot(&c->w, i, TG_TXT_LITERAL, text, err);
}

/* The shortest digits that read back as @v. */
static struct tg_sv
spelled(char out[32], double v)
{
	for (int digits = 6; digits <= 17; digits++) {
		(void)snprintf(out, 32, "%.*g", digits, v);
		if (same(strtod(out, NULL), v))
			break;
	}
	return tg_sv_of(out);
}

/* @v with as many significant bits as the policy lets a value have: a matter
 * of size, not of privacy (trace-formats 5.3). */
static double
coarse(const struct tg_settings *set, double v)
{
	const unsigned bits = set->value_bits;
	uint64_t u;

	if (bits == 0 || bits >= 53)
		return v;
	memcpy(&u, &v, sizeof(u)); /* IEEE 754 binary64: 52 bits of fraction */
	u += 1ull << (52 - bits);
	u &= ~((1ull << (53 - bits)) - 1);
	memcpy(&v, &u, sizeof(v));
	return v;
}

/* The number at @i becomes @v, if it is another. */
static int
number(struct tg_cut *c, uint32_t i, double v, struct tg_err *err)
{
	char text[32];

	if (i == UINT32_MAX || c->w.doc->nodes[i].kind != TG_J_NUMBER ||
	    same(tg_cut_value(c, i), v))
		return 0;
	return tg_cut_put(c, i, spelled(text, v), err);
}

/* What stands there of the numbers of @array: those of struck tokens and after
 * are 0, blanks and all others as they came. */
static int
rewrite(struct tg_cut *c, uint32_t array, struct sums *s, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const struct tg_jnode *a = &d->nodes[array];
	struct tg_buf *b = &c->w.p->redo;
	uint32_t at = a->start, k = 0;
	bool changed = false;
	char text[32];

	*s = (struct sums){.max = 0};
	tg_buf_reset(b);
	for (uint32_t i = array + 1; i < a->next; i = d->nodes[i].next, k++) {
		const double was = tg_cut_value(c, i);
		const double v =
		    tg_cut_stays(c, k) ? coarse(c->w.p->set, was) : 0;

		if (!s->any || v > s->max) {
			s->max = v;
			s->at = k;
		}
		if (!s->any || v < s->min)
			s->min = v;
		s->any = true;
		s->sum += v;
		if (same(v, was))
			continue;
		changed = true;
		if (tg_buf_add(b, d->text.p + at, d->nodes[i].start - at, err) <
			0 ||
		    tg_buf_addsv(b, spelled(text, v), err) < 0)
			return -1;
		at = d->nodes[i].end;
	}
	if (!changed)
		return 0;
	if (tg_buf_add(b, d->text.p + at, a->end - at, err) < 0)
		return -1;
	return tg_cut_put(c, array, tg_buf_sv(b), err);
}

void
tg_cut_lose(struct tg_cut *c, uint32_t i)
{
	c->w.doc->nodes[i].mark |= MARK_DROP;
	c->w.p->counts->fields_dropped++;
}

void
tg_cut_attention(struct tg_cut *c, uint32_t unit)
{
	static const char *const names[] = {
	    "attentionIndices", "attentionValues", "maxActivation"};

	for (size_t k = 0; k < TG_COUNT(names); k++) {
		const uint32_t i = tg_jdoc_find(c->w.doc, unit, names[k]);

		if (i != UINT32_MAX)
			tg_cut_lose(c, i);
	}
}

/* Attribution of one token to those before it: gone with that token. */
static int
attribution(struct tg_cut *c, uint32_t object, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t values = tg_jdoc_find(d, object, "dfaValues");
	const uint32_t at = tg_jdoc_find(d, object, "dfaTargetIndex");
	const uint32_t max = tg_jdoc_find(d, object, "dfaMaxValue");
	struct sums s;

	if (values == UINT32_MAX || d->nodes[values].kind != TG_J_ARRAY ||
	    d->nodes[values].n == 0)
		return 0;
	if (at != UINT32_MAX && d->nodes[at].kind == TG_J_NUMBER &&
	    tg_cut_stays(c, tg_cut_value(c, at))) {
		if (rewrite(c, values, &s, err) < 0)
			return -1;
		return number(c, max, s.max, err);
	}
	if (tg_cut_put(c, values, TG_SV("[]"), err) < 0)
		return -1;
	if (at != UINT32_MAX && tg_cut_put(c, at, TG_SV("null"), err) < 0)
		return -1;
	return max == UINT32_MAX ? 0 : tg_cut_put(c, max, TG_SV("null"), err);
}

/* Numbers a token, or rows of them; in another shape they go. */
static int
counts(struct tg_cut *c, uint32_t i, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	struct sums s;

	if (d->nodes[i].kind != TG_J_ARRAY)
		return 0;
	if (d->nodes[i].n == c->n && d->nodes[i + 1].kind == TG_J_NUMBER)
		return rewrite(c, i, &s, err);
	for (uint32_t k = i + 1; k < d->nodes[i].next; k = d->nodes[k].next) {
		if (d->nodes[k].kind != TG_J_ARRAY || d->nodes[k].n != c->n) {
			tg_cut_lose(c, i);
			return 0;
		}
		if (rewrite(c, k, &s, err) < 0)
			return -1;
	}
	return 0;
}

static int
derived(struct tg_cut *c, uint32_t i, enum tg_feature_part part,
    const struct sums *s, struct tg_err *err)
{
	switch (part) {
	case TG_FEATURE_MAX:
		return s->any ? number(c, i, s->max, err) : 0;
	case TG_FEATURE_MIN:
		return s->any ? number(c, i, s->min, err) : 0;
	case TG_FEATURE_AT:
		return s->any ? number(c, i, s->at, err) : 0;
	case TG_FEATURE_SUM:
		return s->any ? number(c, i, s->sum, err) : 0;
	case TG_FEATURE_COUNTS:
		return counts(c, i, err);
	case TG_FEATURE_LOST:
		if (c->cut)
			tg_cut_lose(c, i);
		return 0;
	case TG_FEATURE_DFA:
	case TG_FEATURE_DFA_MAX:
	case TG_FEATURE_DFA_AT:
		break;
	}
	return 0;
}

/* An object of numbers beside the tokens; *@left: one of them is not 0. */
int
tg_cut_object(struct tg_cut *c, uint32_t i, bool *left, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t values = tg_feature_values(d, i);
	struct sums s = {.any = false};

	if (values != UINT32_MAX && rewrite(c, values, &s, err) < 0)
		return -1;
	*left = s.any && !(is_zero(s.max) && is_zero(s.min));
	if (attribution(c, i, err) < 0)
		return -1;
	for (size_t k = 0; k < tg_feature_keys_n; k++) {
		const uint32_t v = tg_jdoc_find(d, i, tg_feature_keys[k].key);

		if (v != UINT32_MAX &&
		    derived(c, v, tg_feature_keys[k].part, &s, err) < 0)
			return -1;
	}
	return 0;
}

static bool
fraction(struct tg_sv raw)
{
	for (size_t k = 0; k < raw.n; k++)
		if (strchr(".eE", raw.p[k]) != NULL)
			return true;
	return false;
}

/* Every fraction below @i. */
int
tg_cut_coarse(struct tg_cut *c, uint32_t i, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;

	if (c->w.p->set->value_bits == 0)
		return 0;
	for (uint32_t k = i; k < d->nodes[i].next; k++) {
		const struct tg_sv raw = tg_jdoc_raw(d, k);

		if (d->nodes[k].kind == TG_J_NUMBER && fraction(raw) &&
		    number(c, k, coarse(c->w.p->set, tg_cut_value(c, k)), err) <
			0)
			return -1;
	}
	return 0;
}
