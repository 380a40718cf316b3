/*
 * features.h - numbers of features beside tokens (feature_rows.h), as they
 * leave: a value is a function of its token and all before it, so the values
 * of the tokens before the first finding stay and the others become 0; the
 * token strings keep their length.  What is derived is computed anew, and what
 * cannot be is left out.
 *
 * A unit goes as a whole when nothing but zeros would be left (it is there
 * because of a token that was struck), and when its tokens do not begin where
 * a context begins (no marker of a beginning): then rows before the finding
 * could depend on it (trace-formats 5.4).
 *
 * With drop_activations its text leaves and no number (features_bare.c); with
 * drop_span_rows the values of the struck tokens alone become 0, and it need
 * not begin anywhere: nothing is promised.
 */
#ifndef TG_PIPELINE_FEATURES_H
#define TG_PIPELINE_FEATURES_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/stage.h"

/* The array of tokens of the unit at node @unit, or UINT32_MAX.  By their
 * field: where the policy lets no text out, they are classed so that they do
 * not leave. */
uint32_t tg_features_tokens(const struct tg_record *r, uint32_t unit);

/* features_topk.c: more nodes of one layer at one token of a graph than
 * topk_max allows.  TG_E_MEMORY. */
int tg_features_graph(const struct tg_pass *p, struct tg_record *r, bool *over,
    struct tg_err *err) TG_MUST_CHECK;
/* Lists of the tokens that a feature promotes lose what is above topk_max. */
void tg_features_promoted(struct tg_pass *p, struct tg_record *r);

/* The units of a record of a source with features; of others nothing. */
int tg_features(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
    TG_MUST_CHECK;

#endif
