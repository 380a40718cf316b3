/*
 * features_topk.c - the policy's topk_max on numbers in JSON: of the features
 * of one token at most so many leave, the greatest; of lists of tokens that a
 * feature promotes the first; a graph with more nodes of one layer at one token
 * not at all, for its links were computed with them.  Counted within a record:
 * rows of an export, one feature each, are not put together.  A knob for what
 * is shown, no protection by itself (trace-formats 5.3).
 */
#include "pipeline/features_priv.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/features.h"
#include "pipeline/sources/feature_rows.h"
#include "base/banned.h"

#define MARK_DROP 1u

/* A number of one feature at one token. */
struct entry {
	double size; /* without the sign */
	uint32_t token, node;
};

/* By token; of one the greatest first, of equal ones the first. */
static int
by_token(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->token != y->token)
		return x->token < y->token ? -1 : 1;
	if (x->size > y->size || x->size < y->size)
		return x->size > y->size ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

/* Of each token those beyond the policy's number go. */
static void
thin(struct tg_pass *p, struct tg_jdoc *d, struct entry *e, size_t n)
{
	uint64_t k = 0;

	if (n > 1)
		qsort(e, n, sizeof(*e), by_token);
	for (size_t i = 0; i < n; i++) {
		k = i > 0 && e[i].token == e[i - 1].token ? k + 1 : 0;
		if (k < p->set->topk)
			continue;
		d->nodes[e[i].node].mark |= MARK_DROP;
		p->counts->features_over++;
	}
}

static double
size_of(const struct tg_jdoc *d, uint32_t i)
{
	double v = 0;

	if (i != UINT32_MAX)
		(void)tg_feature_number(d, i, &v);
	return v < 0 ? -v : v;
}

static struct entry *
room(struct tg_cut *c, uint64_t n, struct tg_err *err)
{
	struct entry *e =
	    tg_arena_calloc(&c->w.r->arena, (size_t)n + 1, sizeof(*e));

	if (e == NULL)
		(void)tg_fail_memory(err);
	return e;
}

/* {"feature": [[token, value], …]} */
static int
pairs(struct tg_cut *c, uint32_t active, struct tg_err *err)
{
	struct tg_jdoc *d = c->w.doc;
	struct entry *e;
	uint64_t all = 0;
	size_t n = 0;

	for (uint32_t f = active + 1; f < d->nodes[active].next;
	     f = d->nodes[f].next)
		all += d->nodes[f].n;
	e = room(c, all, err);
	if (e == NULL)
		return -1;
	for (uint32_t f = active + 1; f < d->nodes[active].next;
	     f = d->nodes[f].next)
		for (uint32_t k = f + 1; k < d->nodes[f].next;
		     k = d->nodes[k].next)
			e[n++] = (struct entry){size_of(d, k + 2),
			    (uint32_t)tg_cut_value(c, k + 1), k};
	thin(c->w.p, d, e, n);
	return 0;
}

/* The greatest of the values of object @i; *@any: it has some. */
static double
greatest(const struct tg_jdoc *d, uint32_t i, bool *any)
{
	const uint32_t values = tg_feature_values(d, i);
	double most = 0;

	*any = values != UINT32_MAX;
	for (uint32_t v = values + 1; *any && v < d->nodes[values].next;
	     v = d->nodes[v].next)
		most = size_of(d, v) > most ? size_of(d, v) : most;
	return most;
}

/* A list of features, each with its values at all tokens: so many stay that no
 * token can have more. */
static int
features(struct tg_cut *c, uint32_t list, struct tg_err *err)
{
	struct tg_jdoc *d = c->w.doc;
	struct entry *e = room(c, d->nodes[list].n, err);
	size_t n = 0;
	bool any;

	if (e == NULL)
		return -1;
	for (uint32_t i = list + 1; i < d->nodes[list].next;
	     i = d->nodes[i].next) {
		const double v = greatest(d, i, &any);

		if (any && tg_jdoc_find(d, i, "tokenIndices") == UINT32_MAX)
			e[n++] = (struct entry){v, 0, i};
	}
	thin(c->w.p, d, e, n);
	return 0;
}

int
tg_cut_topk_list(struct tg_cut *c, uint32_t list, struct tg_err *err)
{
	struct tg_jdoc *d = c->w.doc;
	struct entry *e;
	size_t n = 0;

	if (c->w.p->set->topk == 0 || d->nodes[list].n <= c->w.p->set->topk)
		return 0;
	e = room(c, d->nodes[list].n, err);
	if (e == NULL)
		return -1;
	for (uint32_t i = list + 1; i < d->nodes[list].next;
	     i = d->nodes[i].next)
		e[n++] = (struct entry){
		    size_of(d,
			d->nodes[i].kind == TG_J_OBJECT
			    ? tg_jdoc_find(d, i, "activationValue")
			    : UINT32_MAX),
		    0, i};
	thin(c->w.p, d, e, n);
	return 0;
}

/* A node of a graph: a feature of a layer at a token. */
struct place {
	struct tg_sv layer;
	uint32_t at; /* the token */
};

static int
by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const size_t n = x->layer.n < y->layer.n ? x->layer.n : y->layer.n;
	const int c = memcmp(x->layer.p, y->layer.p, n);

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (c != 0)
		return c;
	return (x->layer.n > y->layer.n) - (x->layer.n < y->layer.n);
}

int
tg_features_graph(const struct tg_pass *p, struct tg_record *r, bool *over,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t nodes = tg_jdoc_find(d, 0, "nodes");
	struct place *e;
	uint64_t k = 0;
	size_t n = 0;

	*over = false;
	if (p->set->topk == 0 || nodes == UINT32_MAX)
		return 0;
	e = tg_arena_calloc(
	    &r->arena, (size_t)d->nodes[nodes].n + 1, sizeof(*e));
	if (e == NULL)
		return tg_fail_memory(err);
	for (uint32_t i = nodes + 1; i < d->nodes[nodes].next;
	     i = d->nodes[i].next) {
		const uint32_t layer = tg_jdoc_find(d, i, "layer");
		const uint32_t at = tg_jdoc_find(d, i, "ctx_idx");
		double v = 0;

		if (at != UINT32_MAX)
			(void)tg_feature_number(d, at, &v);
		e[n++] =
		    (struct place){layer == UINT32_MAX ? (struct tg_sv){"", 0}
						       : tg_jdoc_raw(d, layer),
			v >= 0 && v < UINT32_MAX ? (uint32_t)v : UINT32_MAX};
	}
	if (n > 1)
		qsort(e, n, sizeof(*e), by_place);
	for (size_t i = 0; i < n && !*over; i++) {
		k = i > 0 && by_place(&e[i], &e[i - 1]) == 0 ? k + 1 : 1;
		*over = k > p->set->topk;
	}
	return 0;
}

int
tg_cut_topk(struct tg_cut *c, uint32_t unit, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t active = tg_jdoc_find(d, unit, "activeFeatures");
	const uint32_t all = tg_jdoc_find(d, unit, "activations");

	if (c->w.p->set->topk == 0)
		return 0;
	if (active != UINT32_MAX && pairs(c, active, err) < 0)
		return -1;
	return all != UINT32_MAX && d->nodes[all].kind == TG_J_ARRAY &&
		d->nodes[all].n > 0 && d->nodes[all + 1].kind == TG_J_OBJECT
	    ? features(c, all, err)
	    : 0;
}

void
tg_features_promoted(struct tg_pass *p, struct tg_record *r)
{
	static const char *const names[] = {"pos_str", "pos_values", "neg_str",
	    "neg_values", "top_logits", "bottom_logits"};
	struct tg_jdoc *d = &r->doc;

	for (uint32_t i = 0; i < d->n && p->set->topk != 0; i++) {
		uint64_t k = 0;
		size_t w = 0;

		if (d->nodes[i].kind != TG_J_ARRAY ||
		    d->nodes[i].n <= p->set->topk)
			continue;
		while (w < TG_COUNT(names) && !tg_jdoc_key_is(d, i, names[w]))
			w++;
		if (w == TG_COUNT(names))
			continue;
		for (uint32_t m = i + 1; m < d->nodes[i].next;
		     m = d->nodes[m].next)
			if (k++ >= p->set->topk) {
				d->nodes[m].mark |= MARK_DROP;
				p->counts->features_over++;
			}
	}
}
