#include "pipeline/sources/feature_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/sources/shape.h"
#include "base/banned.h"

#define INDEX_MAX 99999999u /* of a feature */

/* camelCase: export and API of Neuronpedia; snake_case: SAEDashboard, Delphi
 * (trace-formats 2.3). */
const struct tg_feature_key tg_feature_keys[] = {
    {"maxValue", TG_FEATURE_MAX},
    {"max_value", TG_FEATURE_MAX},
    {"max_activation", TG_FEATURE_MAX},
    {"minValue", TG_FEATURE_MIN},
    {"maxValueTokenIndex", TG_FEATURE_AT},
    {"maxValueIndex", TG_FEATURE_AT},
    {"sumValues", TG_FEATURE_SUM},
    {"counts", TG_FEATURE_COUNTS},
    {"dfaValues", TG_FEATURE_DFA},
    {"dfaMaxValue", TG_FEATURE_DFA_MAX},
    {"dfaTargetIndex", TG_FEATURE_DFA_AT},
    {"binContains", TG_FEATURE_LOST},
    {"binMin", TG_FEATURE_LOST},
    {"binMax", TG_FEATURE_LOST},
    {"bin_contains", TG_FEATURE_LOST},
    {"bin_min", TG_FEATURE_LOST},
    {"bin_max", TG_FEATURE_LOST},
    {"distance", TG_FEATURE_LOST},
    {"quantile", TG_FEATURE_LOST},
    {"activating", TG_FEATURE_LOST},
    {"prediction", TG_FEATURE_LOST},
    {"probability", TG_FEATURE_LOST},
    {"correct", TG_FEATURE_LOST},
};
const size_t tg_feature_keys_n = TG_COUNT(tg_feature_keys);

uint32_t
tg_feature_values(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const names[] = {
	    "values", "tokens_acts_list", "activations", "acts"};

	if (d->nodes[i].kind != TG_J_OBJECT)
		return UINT32_MAX;
	for (size_t k = 0; k < TG_COUNT(names); k++) {
		const uint32_t v = tg_jdoc_find(d, i, names[k]);

		if (v != UINT32_MAX && d->nodes[v].kind == TG_J_ARRAY &&
		    (d->nodes[v].n == 0 || d->nodes[v + 1].kind != TG_J_OBJECT))
			return v;
	}
	return UINT32_MAX;
}

bool
tg_feature_number(const struct tg_jdoc *d, uint32_t i, double *out)
{
	const struct tg_sv raw = tg_jdoc_raw(d, i);
	char text[TG_JSCAN_NUMBER + 1];
	double v;

	if (d->nodes[i].kind != TG_J_NUMBER || raw.n > TG_JSCAN_NUMBER)
		return false;
	memcpy(text, raw.p, raw.n);
	text[raw.n] = '\0';
	v = strtod(text, NULL);
	if (!(v <= 1e300 && v >= -1e300)) /* sums stay finite */
		return false;
	*out = v;
	return true;
}

static int
check_numbers(const struct tg_record *r, uint32_t array, uint32_t tokens,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	double v;

	if (d->nodes[array].n != d->nodes[tokens].n)
		return tg_fail(err, TG_E_INPUT,
		    "byte %llu: %u numbers beside %u tokens",
		    (unsigned long long)(r->offset + d->nodes[array].start),
		    d->nodes[array].n, d->nodes[tokens].n);
	for (uint32_t c = array + 1; c < d->nodes[array].next;
	     c = d->nodes[c].next)
		if (!tg_feature_number(d, c, &v))
			return tg_shape_fail(
			    r, c, "no number beside a token", err);
	return 0;
}

/* The index of a token, or null. */
static int
check_index(
    const struct tg_record *r, uint32_t i, uint32_t tokens, struct tg_err *err)
{
	const uint32_t n = r->doc.nodes[tokens].n;
	uint64_t v;

	if (r->doc.nodes[i].kind == TG_J_NULL)
		return 0;
	if (n == 0 || r->doc.nodes[i].kind != TG_J_NUMBER ||
	    !tg_parse_u64(&v, tg_jdoc_raw(&r->doc, i), 0, n - 1))
		return tg_shape_fail(r, i, "no index of a token", err);
	return 0;
}

static int
check_part(const struct tg_record *r, uint32_t i, enum tg_feature_part part,
    uint32_t tokens, struct tg_err *err)
{
	const struct tg_jnode *n = &r->doc.nodes[i];
	double v;

	switch (part) {
	case TG_FEATURE_MAX:
	case TG_FEATURE_MIN:
	case TG_FEATURE_SUM:
	case TG_FEATURE_DFA_MAX:
		return n->kind == TG_J_NULL || tg_feature_number(&r->doc, i, &v)
		    ? 0
		    : tg_shape_fail(r, i, "no number", err);
	case TG_FEATURE_AT:
	case TG_FEATURE_DFA_AT:
		return check_index(r, i, tokens, err);
	case TG_FEATURE_DFA:
		if (n->kind == TG_J_NULL ||
		    (n->kind == TG_J_ARRAY && n->n == 0))
			return 0;
		if (n->kind != TG_J_ARRAY)
			return tg_shape_fail(r, i, "no array", err);
		return check_numbers(r, i, tokens, err);
	case TG_FEATURE_COUNTS:
	case TG_FEATURE_LOST:
		break;
	}
	return 0;
}

int
tg_feature_check(
    const struct tg_record *r, uint32_t i, uint32_t tokens, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t values = tg_feature_values(d, i);

	if (d->nodes[i].kind != TG_J_OBJECT)
		return tg_shape_fail(r, i, "an object was expected", err);
	if (values != UINT32_MAX && check_numbers(r, values, tokens, err) < 0)
		return -1;
	for (size_t k = 0; k < tg_feature_keys_n; k++) {
		const uint32_t v = tg_jdoc_find(d, i, tg_feature_keys[k].key);

		if (v != UINT32_MAX &&
		    check_part(r, v, tg_feature_keys[k].part, tokens, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_feature_check_rows(
    const struct tg_record *r, uint32_t i, uint32_t tokens, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t at = tg_jdoc_find(d, i, "tokenIndices");
	const uint32_t rows = tg_jdoc_find(d, i, "values");

	if (at == UINT32_MAX || rows == UINT32_MAX ||
	    d->nodes[at].kind != TG_J_ARRAY ||
	    d->nodes[rows].kind != TG_J_ARRAY ||
	    d->nodes[at].n != d->nodes[rows].n)
		return tg_shape_fail(
		    r, i, "rows and indices of tokens do not agree", err);
	for (uint32_t c = at + 1; c < d->nodes[at].next; c = d->nodes[c].next)
		if (d->nodes[c].kind == TG_J_NULL ||
		    check_index(r, c, tokens, err) < 0)
			return tg_shape_fail(r, c, "no index of a token", err);
	return 0;
}

int
tg_feature_check_pairs(const struct tg_record *r, uint32_t active,
    uint32_t tokens, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	uint64_t index;
	double v;

	if (d->nodes[active].kind != TG_J_OBJECT)
		return tg_shape_fail(r, active, "an object was expected", err);
	for (uint32_t f = active + 1; f < d->nodes[active].next;
	     f = d->nodes[f].next) {
		/* A key is never scanned here: nothing but an index. */
		if (d->nodes[f].kind != TG_J_ARRAY ||
		    !tg_parse_u64(&index, tg_jdoc_key(d, f), 0, INDEX_MAX))
			return tg_shape_fail(r, f, "no list of pairs", err);
		for (uint32_t c = f + 1; c < d->nodes[f].next;
		     c = d->nodes[c].next)
			if (d->nodes[c].kind != TG_J_ARRAY ||
			    d->nodes[c].n != 2 ||
			    !tg_feature_number(d, c + 2, &v) ||
			    d->nodes[c + 1].kind == TG_J_NULL ||
			    check_index(r, c + 1, tokens, err) < 0)
				return tg_shape_fail(
				    r, c, "no pair of token and value", err);
	}
	return 0;
}
