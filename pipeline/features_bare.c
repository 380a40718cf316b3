/*
 * features_bare.c - a unit of features without its numbers (drop_activations):
 * its text and what it says of itself stay.
 *
 * That a feature is named can be a number too: a row of an export, an entry of
 * a feature's list and an element of /activation/all are there because the
 * feature was active.  The row leaves without saying of which feature it is,
 * the list becomes empty, an entry goes as a whole.  A response to a question
 * about one feature names what was asked.
 */
#include "pipeline/features_priv.h"
#include "pipeline/sources/feature_rows.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

/* Of a row of an export, what is no text, id or time, and still stays. */
static bool
of_the_row(const struct tg_jdoc *d, uint32_t i)
{
	return tg_jdoc_key_is(d, i, "modelId") ||
	    tg_jdoc_key_is(d, i, "layer") || tg_jdoc_key_is(d, i, "dataSource");
}

static int
export_row(struct tg_cut *c, uint32_t unit, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;

	for (uint32_t i = unit + 1; i < d->nodes[unit].next;
	     i = d->nodes[i].next) {
		if (tg_jdoc_key_is(d, i, "index")) {
			if (tg_cut_put(c, i, TG_SV("null"), err) < 0)
				return -1;
			continue;
		}
		switch ((enum tg_class)c->w.r->cls[i]) {
		case TG_CLS_TOKENS:
		case TG_CLS_CONTENT:
		case TG_CLS_ID:
		case TG_CLS_TIME:
		case TG_CLS_DROP:
			break;
		case TG_CLS_NAME:
		case TG_CLS_FRAME:
		case TG_CLS_KEEP:
			if (!of_the_row(d, i))
				tg_cut_lose(c, i);
		}
	}
	return 0;
}

/* The values in object @i, and what is derived of them. */
static void
object(struct tg_cut *c, uint32_t i)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t values = tg_feature_values(d, i);

	if (values != UINT32_MAX)
		tg_cut_lose(c, values);
	for (size_t k = 0; k < tg_feature_keys_n; k++) {
		const uint32_t v = tg_jdoc_find(d, i, tg_feature_keys[k].key);

		if (v != UINT32_MAX && v != values)
			tg_cut_lose(c, v);
	}
}

/* The object or list @name of the unit becomes an empty one. */
static int
empty(struct tg_cut *c, uint32_t unit, const char *name, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t i = tg_jdoc_find(d, unit, name);

	if (i == UINT32_MAX || d->nodes[i].n == 0)
		return 0;
	return tg_cut_put(c, i,
	    d->nodes[i].kind == TG_J_OBJECT ? TG_SV("{}") : TG_SV("[]"), err);
}

int
tg_cut_bare(
    struct tg_cut *c, uint32_t unit, const char **why, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t one = tg_jdoc_find(d, unit, "activation");

	if (c->w.r->source == &tg_source_sae_dashboard) {
		*why = "ACT-BARE";
		return 0;
	}
	if (c->w.r->source == &tg_source_neuronpedia_export)
		return export_row(c, unit, err);
	tg_cut_attention(c, unit);
	if (one != UINT32_MAX && d->nodes[one].kind == TG_J_OBJECT)
		object(c, one);
	if (empty(c, unit, "activations", err) < 0 ||
	    empty(c, unit, "activeFeatures", err) < 0)
		return -1;
	object(c, unit);
	return 0;
}
