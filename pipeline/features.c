#include "pipeline/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "pipeline/sources/feature_rows.h"
#include "pipeline/sources/source.h"
#include "pipeline/spell.h"
#include "pipeline/walk.h"
#include "base/banned.h"

#define MARK_DROP 1u

/* One unit with tokens. */
struct cut {
	struct tg_walk w;
	uint32_t tokens; /* its array */
	uint32_t n;	 /* of tokens */
	uint32_t keep;	 /* before the first that was struck */
	bool left;	 /* a number that is not 0 */
};

/* What the kept values of one array are. */
struct sums {
	double max, min, sum;
	uint32_t at; /* of the largest; the first of several */
	bool any;
};

static double
value(const struct cut *c, uint32_t i)
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

static int
put(struct cut *c, uint32_t i, struct tg_sv by, struct tg_err *err)
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
number(struct cut *c, uint32_t i, double v, struct tg_err *err)
{
	char text[32];

	if (i == UINT32_MAX || c->w.doc->nodes[i].kind != TG_J_NUMBER ||
	    same(value(c, i), v))
		return 0;
	return put(c, i, spelled(text, v), err);
}

/* What stands there of the numbers of @array: those of struck tokens and after
 * are 0, blanks and all others as they came. */
static int
rewrite(struct cut *c, uint32_t array, struct sums *s, struct tg_err *err)
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
		const double was = value(c, i);
		const double v = k < c->keep ? coarse(c->w.p->set, was) : 0;

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
	return put(c, array, tg_buf_sv(b), err);
}

static void
lose(struct cut *c, uint32_t i)
{
	c->w.doc->nodes[i].mark |= MARK_DROP;
	c->w.p->counts->fields_dropped++;
}

/* Attribution of one token to those before it: gone with that token. */
static int
attribution(struct cut *c, uint32_t object, struct tg_err *err)
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
	    value(c, at) < (double)c->keep) {
		if (rewrite(c, values, &s, err) < 0)
			return -1;
		return number(c, max, s.max, err);
	}
	if (put(c, values, TG_SV("[]"), err) < 0)
		return -1;
	if (at != UINT32_MAX && put(c, at, TG_SV("null"), err) < 0)
		return -1;
	return max == UINT32_MAX ? 0 : put(c, max, TG_SV("null"), err);
}

/* Numbers a token, or rows of them; in another shape they go. */
static int
counts(struct cut *c, uint32_t i, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	struct sums s;

	if (d->nodes[i].kind != TG_J_ARRAY)
		return 0;
	if (d->nodes[i].n == c->n && d->nodes[i + 1].kind == TG_J_NUMBER)
		return rewrite(c, i, &s, err);
	for (uint32_t k = i + 1; k < d->nodes[i].next; k = d->nodes[k].next) {
		if (d->nodes[k].kind != TG_J_ARRAY || d->nodes[k].n != c->n) {
			lose(c, i);
			return 0;
		}
		if (rewrite(c, k, &s, err) < 0)
			return -1;
	}
	return 0;
}

static int
derived(struct cut *c, uint32_t i, enum tg_feature_part part,
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
		if (c->keep < c->n)
			lose(c, i);
		return 0;
	case TG_FEATURE_DFA:
	case TG_FEATURE_DFA_MAX:
	case TG_FEATURE_DFA_AT:
		break;
	}
	return 0;
}

/* An object of numbers beside the tokens; *@left: one of them is not 0. */
static int
object(struct cut *c, uint32_t i, bool *left, struct tg_err *err)
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

/* One feature of /activation/all: it goes when only zeros are left. */
static int
feature(struct cut *c, uint32_t i, struct tg_err *err)
{
	bool left = false;

	if (object(c, i, &left, err) < 0)
		return -1;
	if (left || c->keep == c->n)
		c->left = true;
	else
		lose(c, i);
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
static int
coarse_below(struct cut *c, uint32_t i, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;

	if (c->w.p->set->value_bits == 0)
		return 0;
	for (uint32_t k = i; k < d->nodes[i].next; k++) {
		const struct tg_sv raw = tg_jdoc_raw(d, k);

		if (d->nodes[k].kind == TG_J_NUMBER && fraction(raw) &&
		    number(c, k, coarse(c->w.p->set, value(c, k)), err) < 0)
			return -1;
	}
	return 0;
}

/* Entries of @list beyond the tokens that stay go. */
static void
beyond(struct cut *c, const uint32_t *index, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++)
		if (value(c, index[2 * k]) >= (double)c->keep)
			c->w.doc->nodes[index[2 * k + 1]].mark |= MARK_DROP;
}

/* Rows of a layer, of one token each. */
static int
layer(struct cut *c, uint32_t i, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t at = tg_jdoc_find(d, i, "tokenIndices");
	const uint32_t rows = tg_jdoc_find(d, i, "values");
	uint32_t *pair, n = 0, r;

	if (at == UINT32_MAX || rows == UINT32_MAX || d->nodes[at].n == 0)
		return 0;
	pair = tg_arena_calloc(
	    &c->w.r->arena, 4 * (size_t)d->nodes[at].n, sizeof(*pair));
	if (pair == NULL)
		return tg_fail_memory(err);
	r = rows + 1;
	for (uint32_t k = at + 1; k < d->nodes[at].next; k = d->nodes[k].next) {
		pair[4 * n] = k;
		pair[4 * n + 1] = k;
		pair[4 * n + 2] = k;
		pair[4 * n + 3] = r;
		c->left = c->left || value(c, k) < (double)c->keep;
		r = d->nodes[r].next;
		n++;
	}
	beyond(c, pair, 2 * n);
	return coarse_below(c, rows, err);
}

/* {feature: [[token, value], …]}: a feature without a pair says that it was
 * active later. */
static void
pairs(struct cut *c, uint32_t active)
{
	struct tg_jdoc *d = c->w.doc;

	for (uint32_t f = active + 1; f < d->nodes[active].next;
	     f = d->nodes[f].next) {
		uint32_t gone = 0;

		for (uint32_t k = f + 1; k < d->nodes[f].next;
		     k = d->nodes[k].next) {
			const uint32_t pair[2] = {k + 1, k};

			beyond(c, pair, 1);
			gone += (d->nodes[k].mark & MARK_DROP) != 0;
		}
		if (gone == d->nodes[f].n)
			d->nodes[f].mark |= MARK_DROP;
		else
			c->left = true;
	}
}

/* The features of one token, and what nobody knows beside them. */
static int
top(struct cut *c, uint32_t i, uint32_t k, struct tg_err *err)
{
	static const char *const known[] = {
	    "tokenPosition", "token", "isSpecial", "topFeatures"};
	struct tg_jdoc *d = c->w.doc;

	for (uint32_t m = i + 1; m < d->nodes[i].next; m = d->nodes[m].next) {
		size_t w = 0;

		while (w < TG_COUNT(known) && !tg_jdoc_key_is(d, m, known[w]))
			w++;
		if (w == TG_COUNT(known)) {
			c->w.p->counts->unknown++;
			lose(c, m);
		} else if (w < 3 || d->nodes[m].n == 0) {
			continue;
		} else if ((k < c->keep ? coarse_below(c, m, err)
					: put(c, m, TG_SV("[]"), err)) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
per_token(struct cut *c, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	uint32_t k = 0;

	c->left = true;
	for (uint32_t i = c->tokens + 1; i < d->nodes[c->tokens].next;
	     i = d->nodes[i].next)
		if (d->nodes[i].kind == TG_J_OBJECT && top(c, i, k++, err) < 0)
			return -1;
	return 0;
}

/* Two token axes, and the structure of the text: only where the policy names
 * the kind and nothing was struck. */
static void
attention(struct cut *c, uint32_t unit)
{
	static const char *const names[] = {
	    "attentionIndices", "attentionValues", "maxActivation"};

	if (c->w.p->set->kind[TG_KIND_attention_patterns] && c->keep == c->n)
		return;
	for (size_t k = 0; k < TG_COUNT(names); k++) {
		const uint32_t i = tg_jdoc_find(c->w.doc, unit, names[k]);

		if (i != UINT32_MAX)
			lose(c, i);
	}
}

static int
list(struct cut *c, uint32_t activations, bool layers, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;

	if (layers && !c->w.p->set->kind[TG_KIND_residual_stream]) {
		lose(c, activations);
		c->left = true;
		return 0;
	}
	for (uint32_t i = activations + 1; i < d->nodes[activations].next;
	     i = d->nodes[i].next)
		if (d->nodes[i].kind == TG_J_OBJECT &&
		    (layers ? layer(c, i, err) : feature(c, i, err)) < 0)
			return -1;
	return 0;
}

/* All the numbers of a unit. */
static int
numbers(struct cut *c, uint32_t unit, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t one = tg_jdoc_find(d, unit, "activation");
	const uint32_t all = tg_jdoc_find(d, unit, "activations");
	const uint32_t active = tg_jdoc_find(d, unit, "activeFeatures");
	bool left = false;

	if (d->nodes[c->tokens].n > 0 &&
	    d->nodes[c->tokens + 1].kind == TG_J_OBJECT)
		return per_token(c, err);
	attention(c, unit);
	if (active != UINT32_MAX) {
		pairs(c, active);
		if (coarse_below(c, active, err) < 0)
			return -1;
	}
	if (one != UINT32_MAX && feature(c, one, err) < 0)
		return -1;
	if (all != UINT32_MAX && all != tg_feature_values(d, unit) &&
	    d->nodes[all].kind == TG_J_ARRAY &&
	    list(c, all, tg_jdoc_find(d, unit, "tokenStrings") != UINT32_MAX,
		err) < 0)
		return -1;
	if (object(c, unit, &left, err) < 0)
		return -1;
	c->left = c->left || left;
	return 0;
}

/* The first token that anything was struck in, or their number. */
static uint32_t
first_struck(const struct tg_record *r, uint32_t tokens)
{
	const struct tg_jdoc *d = &r->doc;
	uint32_t node = d->nodes[tokens].next, k = 0;

	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].n_hit > 0 && r->text[i].node > tokens &&
		    r->text[i].node < node)
			node = r->text[i].node;
	for (uint32_t c = tokens + 1; c < d->nodes[tokens].next;
	     c = d->nodes[c].next) {
		if (node < d->nodes[c].next)
			return k;
		k++;
	}
	return k;
}

/* The string of element @i, or UINT32_MAX. */
static uint32_t
string_of(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind == TG_J_OBJECT)
		i = tg_jdoc_find(d, i, "token");
	return i != UINT32_MAX && d->nodes[i].kind == TG_J_STRING ? i
								  : UINT32_MAX;
}

static int
token(struct cut *c, uint32_t s, struct tg_trace_text *out, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	struct tg_jtext t;

	*out = (struct tg_trace_text){"", 0};
	if (s == UINT32_MAX)
		return 0;
	if (tg_jtext_decode(&t, tg_jdoc_str(d, s), d->nodes[s].esc,
		&c->w.r->arena, err) < 0)
		return -1;
	*out = t.text;
	return 0;
}

/* Whether the tokens begin where a context does: with a marker, but not the
 * one of a model that looks ahead ("[CLS]"). */
static int
begins(struct cut *c, bool *yes, struct tg_err *err)
{
	struct tg_trace_text t;

	*yes = false;
	if (c->n == 0)
		return 0;
	if (token(c, string_of(c->w.doc, c->tokens + 1), &t, err) < 0)
		return -1;
	*yes = tg_spell_special(t) && t.bytes[0] != '[';
	return 0;
}

/* What stands for the struck strings of the tokens, by node. */
static const struct tg_hit **
struck(struct cut *c, struct tg_err *err)
{
	const struct tg_record *r = c->w.r;
	const uint32_t end = c->w.doc->nodes[c->tokens].next;
	const struct tg_hit **by =
	    tg_arena_calloc(&c->w.r->arena, end - c->tokens, sizeof(*by));

	if (by == NULL) {
		(void)tg_fail_memory(err);
		return NULL;
	}
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].n_hit > 0 && r->text[i].node > c->tokens &&
		    r->text[i].node < end && r->text[i].kind == TG_TXT_TOKEN)
			by[r->text[i].node - c->tokens] = r->text[i].hit;
	return by;
}

/* The text to trace again: what the tokens spell, struck ones replaced. */
static int
recapture(struct cut *c, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	struct tg_pass *p = c->w.p;
	const struct tg_hit **by;

	if (p->on_recapture == NULL)
		return 0;
	by = struck(c, err);
	if (by == NULL)
		return -1;
	tg_buf_reset(&p->redo);
	for (uint32_t i = c->tokens + 1; i < d->nodes[c->tokens].next;
	     i = d->nodes[i].next) {
		struct tg_trace_text t;
		const uint32_t s = string_of(d, i);

		if (s != UINT32_MAX && by[s - c->tokens] != NULL)
			t = (struct tg_trace_text){
			    by[s - c->tokens]->by.p, by[s - c->tokens]->by.n};
		else if (token(c, s, &t, err) < 0)
			return -1;
		if (!tg_spell_special(t) &&
		    tg_spell(&p->redo, t, TG_SPELL_PLAIN, err) < 0)
			return -1;
	}
	tg_spell_mend(&p->redo, 0);
	return p->on_recapture(p->ctx, tg_buf_sv(&p->redo), err);
}

/* Why the unit goes as a whole, or NULL. */
static int
verdict(struct cut *c, struct tg_unit *u, const char **why, struct tg_err *err)
{
	const struct tg_settings *set = c->w.p->set;
	bool start;

	*why = NULL;
	if (set->text_drops || set->op[TG_FIELD_prompt_text] != TG_OP_KEEP)
		*why = "ACT-SOURCE";
	else if (!set->kind[TG_KIND_sae_topk])
		*why = "ACT-KIND";
	if (*why != NULL || (c->keep == c->n && !u->prompt_hit))
		return 0;
	c->w.p->counts->contexts_cut++;
	if (set->on_span == TG_SPAN_RECAPTURE) {
		*why = "ACT-RECAPTURE";
		return recapture(c, err);
	}
	if (begins(c, &start, err) < 0)
		return -1;
	if (set->on_span == TG_SPAN_RECORD || !start || c->keep == c->n)
		*why = "ACT-CONTEXT";
	else if (c->keep == 0)
		*why = "ACT-POS";
	return 0;
}

/* By their field: where the policy lets no text out, they are classed so that
 * they do not leave. */
static uint32_t
tokens_in(const struct tg_record *r, uint32_t unit)
{
	for (uint32_t i = unit; i < r->doc.nodes[unit].next; i++)
		if (r->field[i] == TG_FIELD_prompt_text)
			return i;
	return UINT32_MAX;
}

/* Numbers of features without the tokens they are of: nobody has scanned what
 * they were computed from. */
static bool
nothing_beside(const struct tg_jdoc *d, uint32_t unit)
{
	static const char *const names[] = {"values", "tokens_acts_list",
	    "acts", "activation", "activations", "activeFeatures"};

	if (d->nodes[unit].kind != TG_J_OBJECT)
		return false;
	for (size_t k = 0; k < TG_COUNT(names); k++) {
		const uint32_t i = tg_jdoc_find(d, unit, names[k]);

		if (i != UINT32_MAX && d->nodes[i].n > 0)
			return true;
	}
	return false;
}

int
tg_features(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	if (r->source == NULL || !r->source->features)
		return 0;
	for (uint32_t i = 0; i < r->n_unit; i++) {
		struct tg_unit *u = &r->unit[i];
		struct cut c = {.w = {.p = p, .r = r, .doc = &r->doc}};
		const char *why;

		c.tokens = tokens_in(r, u->node);
		if (u->dropped)
			continue;
		if (c.tokens == UINT32_MAX) {
			if (nothing_beside(&r->doc, u->node))
				tg_unit_drop(u, "activations", "ACT-UNSCANNED");
			continue;
		}
		c.w.prefix = "";
		c.w.unit = i;
		c.n = r->doc.nodes[c.tokens].n;
		c.keep = first_struck(r, c.tokens);
		p->counts->contexts++;
		if (verdict(&c, u, &why, err) < 0)
			return -1;
		if (why == NULL && numbers(&c, u->node, err) < 0)
			return -1;
		if (why == NULL && c.keep < c.n && !c.left)
			why = "ACT-POS";
		if (why != NULL)
			tg_unit_drop(&r->unit[i], "activations", why);
		else
			p->counts->rows_kept += c.keep;
		p->counts->rows += c.n;
	}
	return 0;
}
