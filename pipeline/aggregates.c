#include "pipeline/aggregates.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/features.h"
#include "pipeline/sources/feature_rows.h"
#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define STAGE "anonymise"

bool
tg_aggregates_name(struct tg_trace_text name)
{
	for (size_t i = 0; i < name.n; i++) {
		const char c = name.bytes[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') ||
			(c != '\0' && strchr("._:/@+-", c) != NULL)))
			return false;
	}
	return name.n <= TG_AGGREGATE_NAME;
}

bool
tg_aggregates_reads(
    const struct tg_pass *p, const struct tg_record *r, uint32_t i)
{
	return p->set->aggregate && r->source != NULL &&
	    (r->source == &tg_source_tensors ||
		(r->source->features && r->cls[i] == TG_CLS_TOKENS));
}

int
tg_aggregates_subject(struct tg_aggregate *a, uint8_t out[TG_CLASS_DIGEST],
    const struct tg_aggregates_ids *ids, bool *counts, struct tg_err *err)
{
	struct tg_aggregate_result *n = tg_aggregate_result(a);
	const struct tg_trace_text *const by[TG_SUBJECT_KINDS] = {
	    [TG_SUBJECT_PERSON] = &ids->person,
	    [TG_SUBJECT_SESSION] = &ids->session,
	    [TG_SUBJECT_TRACE] = &ids->trace,
	    [TG_SUBJECT_UNIT] = &ids->bytes};
	unsigned k = TG_SUBJECT_PERSON;

	while (k < TG_SUBJECT_UNIT && by[k]->n == 0)
		k++;
	*counts = !tg_aggregate_limits(a)->named || k <= TG_SUBJECT_SESSION;
	if (!*counts) {
		n->unnamed++;
		return 0;
	}
	n->by[k]++;
	return tg_aggregate_subject(a, out, (enum tg_subject_by)k, *by[k], err);
}

/* ---- numbers of features as JSON ------------------------------------------
 */

/* One unit, the first @keep of whose tokens count. */
struct give {
	const struct tg_record *r;
	const struct tg_jdoc *d;
	struct tg_aggregate *a;
	uint8_t subject[TG_CLASS_DIGEST];
	uint32_t unit, tokens, keep; /* nodes; a number */
	bool dense;		     /* rows of a layer count */
	struct tg_err *err;
};

static bool
struck(const struct tg_record *r, uint32_t from, uint32_t end)
{
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].n_hit > 0 && r->text[i].node >= from &&
		    r->text[i].node < end)
			return true;
	return false;
}

/* The tokens before the first that anything was struck in. */
static uint32_t
clean_tokens(const struct tg_record *r, uint32_t tokens)
{
	const struct tg_jdoc *d = &r->doc;
	uint32_t k = 0;

	for (uint32_t i = tokens + 1; i < d->nodes[tokens].next;
	     i = d->nodes[i].next) {
		if (struck(r, i, d->nodes[i].next))
			return k;
		k++;
	}
	return k;
}

/* The text under @key of object @i, where it may be part of a name; "" when it
 * is not there. */
static bool
name_of(const struct give *g, uint32_t i, const char *key, struct tg_sv *out)
{
	const uint32_t n = tg_jdoc_find(g->d, i, key);

	*out = (struct tg_sv){"", 0};
	if (n == UINT32_MAX || g->d->nodes[n].kind == TG_J_NULL)
		return true;
	if (g->d->nodes[n].kind != TG_J_STRING)
		return false;
	*out = tg_jdoc_str(g->d, n);
	return tg_aggregates_name((struct tg_trace_text){out->p, out->n}) &&
	    !struck(g->r, n, n + 1);
}

/* The index of a feature at node @i: a number, or digits. */
static bool
index_of(const struct give *g, uint32_t i, uint32_t *out)
{
	uint64_t v;

	if (i == UINT32_MAX || struck(g->r, i, i + 1) ||
	    !tg_parse_u64(&v,
		g->d->nodes[i].kind == TG_J_STRING ? tg_jdoc_str(g->d, i)
						   : tg_jdoc_raw(g->d, i),
		0, UINT32_MAX))
		return false;
	*out = (uint32_t)v;
	return true;
}

static int
unplaced(struct give *g)
{
	tg_aggregate_result(g->a)->unplaced++;
	return 0;
}

static int
group_of(struct give *g, uint32_t *out, struct tg_sv model, struct tg_sv at)
{
	const struct tg_aggregate_group group = {
	    tg_sv_of(g->r->source->name), model, at};

	return tg_aggregate_group(g->a, out, &group, g->err);
}

/* One number into a sum; zeros do not count: the feature is not active. */
static void
take(const struct give *g, uint32_t node, uint32_t *n, int64_t *sum)
{
	double v = 0;
	int64_t units;

	if (!tg_feature_number(g->d, node, &v) || (v <= 0 && v >= 0) ||
	    !tg_aggregate_units(g->a, &units, v))
		return;
	*n += 1;
	*sum += units;
}

static int
add(struct give *g, uint32_t group, uint32_t cell, uint32_t n, int64_t sum)
{
	return n == 0
	    ? 0
	    : tg_aggregate_add(g->a, g->subject, group, cell, n, sum, g->err);
}

/* Object @i with the values of one feature, one a token. */
static int
values(struct give *g, uint32_t i, struct tg_sv model, const char *at_key,
    uint32_t index)
{
	const uint32_t array = tg_feature_values(g->d, i);
	uint32_t n = 0, k = 0, group, cell;
	int64_t sum = 0;
	struct tg_sv at = {"", 0};

	if (array == UINT32_MAX)
		return 0;
	if ((at_key != NULL && !name_of(g, i, at_key, &at)) ||
	    !index_of(g, index, &cell))
		return unplaced(g);
	for (uint32_t v = array + 1; v < g->d->nodes[array].next && k < g->keep;
	     v = g->d->nodes[v].next, k++)
		take(g, v, &n, &sum);
	return group_of(g, &group, model, at) < 0 ? -1
						  : add(g, group, cell, n, sum);
}

/* {"index": [[token, value], …]} */
static int
pairs(struct give *g, uint32_t active)
{
	const struct tg_sv none = {"", 0};
	uint32_t group;

	if (group_of(g, &group, none, none) < 0)
		return -1;
	for (uint32_t f = active + 1; f < g->d->nodes[active].next;
	     f = g->d->nodes[f].next) {
		uint32_t n = 0;
		int64_t sum = 0;
		uint64_t cell, at;

		if (!tg_parse_u64(&cell, tg_jdoc_key(g->d, f), 0, UINT32_MAX)) {
			(void)unplaced(g);
			continue;
		}
		for (uint32_t c = f + 1; c < g->d->nodes[f].next;
		     c = g->d->nodes[c].next)
			if (tg_parse_u64(
				&at, tg_jdoc_raw(g->d, c + 1), 0, UINT32_MAX) &&
			    at < g->keep)
				take(g, c + 2, &n, &sum);
		if (add(g, group, (uint32_t)cell, n, sum) < 0)
			return -1;
	}
	return 0;
}

/* Rows of a layer, each of one token: what stands in a column is a cell. */
static int
layer(struct give *g, uint32_t i)
{
	const uint32_t at = tg_jdoc_find(g->d, i, "tokenIndices");
	const uint32_t rows = tg_jdoc_find(g->d, i, "values");
	const uint32_t no = tg_jdoc_find(g->d, i, "layer");
	char name[TG_AGGREGATE_NAME + 1];
	struct tg_sv hook;
	uint32_t group, number, r;
	uint64_t token;

	if (at == UINT32_MAX || rows == UINT32_MAX || !g->dense)
		return 0;
	if (!name_of(g, 0, "hookPoint", &hook) || hook.n > 200 ||
	    !index_of(g, no, &number))
		return unplaced(g);
	(void)snprintf(name, sizeof(name), "%.*s:%u", TG_SV_FMT(hook), number);
	if (group_of(g, &group, (struct tg_sv){"", 0}, tg_sv_of(name)) < 0)
		return -1;
	r = rows + 1;
	for (uint32_t k = at + 1; k < g->d->nodes[at].next;
	     k = g->d->nodes[k].next, r = g->d->nodes[r].next) {
		uint32_t cell = 0;

		if (!tg_parse_u64(
			&token, tg_jdoc_raw(g->d, k), 0, UINT32_MAX) ||
		    token >= g->keep)
			continue;
		for (uint32_t v = r + 1; v < g->d->nodes[r].next;
		     v = g->d->nodes[v].next, cell++) {
			int64_t units;
			double x;

			if (tg_feature_number(g->d, v, &x) &&
			    tg_aggregate_units(g->a, &units, x) &&
			    add(g, group, cell, 1, units) < 0)
				return -1;
		}
	}
	return 0;
}

/* Results of one token each, with its greatest features. */
static int
by_token(struct give *g)
{
	const struct tg_sv none = {"", 0};
	uint32_t k = 0, group;

	if (group_of(g, &group, none, none) < 0)
		return -1;
	for (uint32_t i = g->tokens + 1;
	     i < g->d->nodes[g->tokens].next && k < g->keep;
	     i = g->d->nodes[i].next, k++) {
		const uint32_t top = g->d->nodes[i].kind == TG_J_OBJECT
		    ? tg_jdoc_find(g->d, i, "topFeatures")
		    : UINT32_MAX;

		if (top == UINT32_MAX)
			continue;
		for (uint32_t f = top + 1; f < g->d->nodes[top].next;
		     f = g->d->nodes[f].next) {
			uint32_t cell, n = 0, v;
			int64_t sum = 0;

			if (g->d->nodes[f].kind != TG_J_OBJECT ||
			    !index_of(g, tg_jdoc_find(g->d, f, "featureIndex"),
				&cell)) {
				(void)unplaced(g);
				continue;
			}
			v = tg_jdoc_find(g->d, f, "activationValue");
			if (v != UINT32_MAX)
				take(g, v, &n, &sum);
			if (add(g, group, cell, n, sum) < 0)
				return -1;
		}
	}
	return 0;
}

/* A list of features, or of layers. */
static int
list(struct give *g, uint32_t all)
{
	const struct tg_sv none = {"", 0};

	for (uint32_t i = all + 1; i < g->d->nodes[all].next;
	     i = g->d->nodes[i].next) {
		if (g->d->nodes[i].kind != TG_J_OBJECT)
			continue;
		if ((tg_jdoc_find(g->d, i, "tokenIndices") != UINT32_MAX
			    ? layer(g, i)
			    : values(g, i, none, "source",
				  tg_jdoc_find(g->d, i, "index"))) < 0)
			return -1;
	}
	return 0;
}

/* The index of the feature that an example is one of: of the batch around. */
static uint32_t
around(const struct give *g)
{
	static const char *const names[] = {"feature_index", "index"};

	for (uint32_t up = g->d->nodes[g->unit].parent; up != UINT32_MAX;
	     up = g->d->nodes[up].parent)
		for (size_t k = 0;
		     g->d->nodes[up].kind == TG_J_OBJECT && k < TG_COUNT(names);
		     k++) {
			const uint32_t i = tg_jdoc_find(g->d, up, names[k]);

			if (i != UINT32_MAX)
				return i;
		}
	return UINT32_MAX;
}

static int
numbers(struct give *g)
{
	const struct tg_jdoc *d = g->d;
	const uint32_t one = tg_jdoc_find(d, g->unit, "activation");
	const uint32_t all = tg_jdoc_find(d, g->unit, "activations");
	const uint32_t active = tg_jdoc_find(d, g->unit, "activeFeatures");
	struct tg_sv model = {"", 0};

	if (d->nodes[g->tokens].n > 0 &&
	    d->nodes[g->tokens + 1].kind == TG_J_OBJECT)
		return by_token(g);
	if (g->r->source == &tg_source_neuronpedia_export) {
		if (!name_of(g, g->unit, "modelId", &model))
			return unplaced(g);
		return values(g, g->unit, model, "layer",
		    tg_jdoc_find(d, g->unit, "index"));
	}
	if (g->r->source == &tg_source_sae_dashboard)
		return values(g, g->unit, model, NULL, around(g));
	if (active != UINT32_MAX && pairs(g, active) < 0)
		return -1;
	if (one != UINT32_MAX && d->nodes[one].kind == TG_J_OBJECT &&
	    values(g, one, model, "source", tg_jdoc_find(d, one, "index")) < 0)
		return -1;
	return all != UINT32_MAX && d->nodes[all].kind == TG_J_ARRAY
	    ? list(g, all)
	    : 0;
}

static int
unit(struct tg_pass *p, struct tg_record *r, struct tg_unit *u, uint32_t tokens,
    struct tg_err *err)
{
	const struct tg_sv raw = tg_jdoc_raw(&r->doc, u->node);
	const struct tg_aggregates_ids ids = {u->person, u->session_id,
	    u->trace_id, (struct tg_trace_text){raw.p, raw.n}};
	struct give g = {.r = r,
	    .d = &r->doc,
	    .a = p->aggregate,
	    .unit = u->node,
	    .tokens = tokens,
	    .keep = clean_tokens(r, tokens),
	    .dense = p->set->kind[TG_KIND_residual_stream],
	    .err = err};
	bool counts;

	if (p->aggregate == NULL || u->bare || r->source == &tg_source_lens)
		return 0;
	if (tg_aggregates_subject(p->aggregate, g.subject, &ids, &counts, err) <
	    0)
		return -1;
	return counts ? numbers(&g) : 0;
}

int
tg_aggregates_take(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	if (!p->set->aggregate || r->source == NULL)
		return 0;
	for (uint32_t i = 0; i < r->n_unit; i++) {
		struct tg_unit *u = &r->unit[i];
		uint32_t tokens = UINT32_MAX;

		if (u->dropped || u->frame)
			continue;
		if (r->source->features) {
			tokens = tg_features_tokens(r, u->node);
			if (tokens == UINT32_MAX)
				continue;
			if (unit(p, r, u, tokens, err) < 0)
				return -1;
		} else if (r->source != &tg_source_tensors) {
			continue;
		}
		u->counted = true;
		tg_unit_drop(u, STAGE, "ANO-AGGREGATE");
	}
	return 0;
}
