/*
 * What people keep of features of sparse autoencoders as JSON: exports and the
 * inference API of Neuronpedia (hijohnnylin/neuronpedia, apps/inference
 * schemas/activation.py, utils export-data.py), SAEDashboard batches, the
 * feature details of the attribution graphs' frontend, examples of Delphi, and
 * the config.json of Delphi and Gemma Scope 2 (trace-formats 1, 2.3).
 *
 * A unit is what has an array of tokens of its own: a row, an example, a
 * result.  What the numbers beside the tokens may say is s40's (features.h).
 * Never leaving: vectors and coordinates made of an explanation's text, ids of
 * tokens (text that is not scanned here).
 */
#include "pipeline/sources/feature_rows.h"
#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

enum {
	K_ROW = 1, /* of an export */
	K_API,
	K_TOPK,
	K_VALUES,
	K_RESULT,
	K_LAYER,
	K_BATCH,
	K_QUANTILE,
	K_EXAMPLE,
	K_CONFIG,
	K_LENS
};

#define FRAME TG_CLS_FRAME, 0, TG_FIELD_none
#define KEEP TG_CLS_KEEP, 0, TG_FIELD_none
#define NEVER TG_CLS_DROP, 0, TG_FIELD_none
#define CONTENT TG_CLS_CONTENT, 0, TG_FIELD_none
#define TOKENS TG_CLS_TOKENS, 0, TG_FIELD_prompt_text
#define TIME TG_CLS_TIME, 0, TG_FIELD_timestamp
#define IN(kind) TG_CLS_FRAME, kind, TG_FIELD_none
#define ID(field) TG_CLS_ID, 0, TG_FIELD_##field

/* Numbers beside tokens, in each kind that has them. */
#define BESIDE(kind)                                                   \
	{kind, "values", KEEP}, {kind, "maxValue", FRAME},             \
	    {kind, "minValue", FRAME}, {kind, "maxValueIndex", FRAME}, \
	    {kind, "sumValues", FRAME}, {kind, "dfaValues", KEEP},     \
	    {kind, "dfaMaxValue", FRAME},                              \
	{                                                              \
		kind, "dfaTargetIndex", FRAME                          \
	}
/* Of a feature over all its data. */
#define STATISTICS(kind)                                         \
	{kind, "frac_nonzero", FRAME}, {kind, "neg_str", KEEP},  \
	    {kind, "neg_values", KEEP}, {kind, "pos_str", KEEP}, \
	    {kind, "pos_values", KEEP},                          \
	    {kind, "freq_hist_data_bar_heights", KEEP},          \
	    {kind, "freq_hist_data_bar_values", KEEP},           \
	    {kind, "logits_hist_data_bar_heights", KEEP},        \
	    {kind, "logits_hist_data_bar_values", KEEP},         \
	    {kind, "neuron_alignment_indices", KEEP},            \
	    {kind, "neuron_alignment_l1", KEEP},                 \
	    {kind, "neuron_alignment_values", KEEP},             \
	    {kind, "correlated_neurons_indices", KEEP},          \
	    {kind, "correlated_neurons_l1", KEEP},               \
	    {kind, "correlated_neurons_pearson", KEEP},          \
	    {kind, "correlated_features_indices", KEEP},         \
	    {kind, "correlated_features_l1", KEEP},              \
	    {kind, "correlated_features_pearson", KEEP},         \
	{                                                        \
		kind, "decoder_weights_dist", KEEP               \
	}

static const struct tg_shape_row rows[] = {
    {K_ROW, "id", ID(trace_id)},
    {K_ROW, "modelId", KEEP},
    {K_ROW, "layer", KEEP},
    {K_ROW, "index", KEEP},
    {K_ROW, "user_id", ID(user_id)},
    {K_ROW, "creatorId", ID(creator)},
    {K_ROW, "authorId", ID(creator)},
    {K_ROW, "triggeredByUserId", ID(creator)},
    {K_ROW, "createdAt", TIME},
    {K_ROW, "updatedAt", TIME},
    {K_ROW, "dataSource", KEEP},
    {K_ROW, "tokens", TOKENS},
    {K_ROW, "maxValueTokenIndex", FRAME},
    {K_ROW, "binContains", FRAME},
    {K_ROW, "binMin", FRAME},
    {K_ROW, "binMax", FRAME},
    BESIDE(K_ROW),
    {K_ROW, "logitContributions", NEVER},
    {K_ROW, "lossValues", NEVER},
    {K_ROW, "description", CONTENT},
    {K_ROW, "notes", CONTENT},
    {K_ROW, "typeName", KEEP},
    {K_ROW, "explanationModelName", KEEP},
    {K_ROW, "embedding", NEVER},
    {K_ROW, "umap_x", NEVER},
    {K_ROW, "umap_y", NEVER},
    {K_ROW, "umap_cluster", NEVER},
    {K_ROW, "umap_log_feature_sparsity", NEVER},
    {K_ROW, "maxActApprox", FRAME},
    STATISTICS(K_ROW),
    {K_ROW, "sourceSetName", KEEP},
    {K_ROW, "vector", KEEP},
    {K_ROW, "vectorLabel", CONTENT},
    {K_ROW, "hasVector", FRAME},
    {K_ROW, "hookName", KEEP},
    {K_ROW, "topkCosSimIndices", KEEP},
    {K_ROW, "topkCosSimValues", KEEP},
    {K_ROW, "vectorDefaultSteerStrength", FRAME},
    {K_API, "user_id", ID(user_id)},
    {K_API, "activation", IN(K_VALUES)},
    {K_API, "activations", IN(K_VALUES)},
    {K_API, "tokens", TOKENS},
    {K_API, "tokensIsSpecial", KEEP},
    {K_API, "counts", KEEP},
    {K_API, "results", IN(K_RESULT)},
    {K_API, "hookPoint", KEEP},
    {K_API, "type", KEEP},
    {K_API, "dtype", KEEP},
    {K_API, "device", KEEP},
    {K_API, "seqLen", FRAME},
    {K_API, "attentionIndices", KEEP},
    {K_API, "attentionValues", KEEP},
    {K_API, "maxActivation", FRAME},
    {K_TOPK, "results", TOKENS},
    {K_VALUES, "source", KEEP},
    {K_VALUES, "index", FRAME},
    BESIDE(K_VALUES),
    {K_RESULT, "tokens", TOKENS},
    {K_RESULT, "tokenStrings", TOKENS},
    {K_RESULT, "tokenIds", NEVER},
    {K_RESULT, "activeFeatures", KEEP},
    {K_RESULT, "activations", IN(K_LAYER)},
    {K_LAYER, "layer", FRAME},
    {K_LAYER, "tokenIndices", KEEP},
    {K_LAYER, "values", KEEP},
    {K_BATCH, "feature_index", FRAME},
    {K_BATCH, "index", FRAME},
    {K_BATCH, "dataset", KEEP},
    {K_BATCH, "n_prompts_total", FRAME},
    {K_BATCH, "n_tokens_in_prompt", FRAME},
    STATISTICS(K_BATCH),
    {K_BATCH, "activations", IN(K_EXAMPLE)},
    {K_BATCH, "examples_quantiles", IN(K_QUANTILE)},
    {K_BATCH, "top_logits", KEEP},
    {K_BATCH, "bottom_logits", KEEP},
    {K_BATCH, "act_min", FRAME},
    {K_BATCH, "act_max", FRAME},
    {K_QUANTILE, "quantile_name", KEEP},
    {K_QUANTILE, "examples", IN(K_EXAMPLE)},
    {K_EXAMPLE, "user_id", ID(user_id)},
    {K_EXAMPLE, "tokens", TOKENS},
    {K_EXAMPLE, "str_tokens", TOKENS},
    {K_EXAMPLE, "tokens_acts_list", KEEP},
    {K_EXAMPLE, "activations", KEEP},
    {K_EXAMPLE, "max_activation", FRAME},
    {K_EXAMPLE, "bin_contains", FRAME},
    {K_EXAMPLE, "bin_min", FRAME},
    {K_EXAMPLE, "bin_max", FRAME},
    {K_EXAMPLE, "distance", FRAME},
    {K_EXAMPLE, "quantile", FRAME},
    {K_EXAMPLE, "activating", FRAME},
    {K_EXAMPLE, "prediction", FRAME},
    {K_EXAMPLE, "probability", FRAME},
    {K_EXAMPLE, "correct", FRAME},
    BESIDE(K_EXAMPLE),
    {K_CONFIG, "dataset_repo", KEEP},
    {K_CONFIG, "dataset_split", KEEP},
    {K_CONFIG, "dataset_name", KEEP},
    {K_CONFIG, "dataset_column", KEEP},
    {K_CONFIG, "batch_size", FRAME},
    {K_CONFIG, "cache_ctx_len", FRAME},
    {K_CONFIG, "n_tokens", FRAME},
    {K_CONFIG, "n_splits", FRAME},
    {K_CONFIG, "model_name", KEEP},
    {K_CONFIG, "hf_hook_point_in", KEEP},
    {K_CONFIG, "hf_hook_point_out", KEEP},
    {K_CONFIG, "width", FRAME},
    {K_CONFIG, "architecture", KEEP},
    {K_CONFIG, "l0", FRAME},
    {K_CONFIG, "affine_connection", FRAME},
    {K_CONFIG, "type", KEEP},
    {K_LENS, "version", FRAME},
    {K_LENS, "kind", KEEP},
    {K_LENS, "modelId", KEEP},
    {K_LENS, "exportedAt", TIME},
    {K_LENS, "prompt", CONTENT},
    {K_LENS, "messages", CONTENT},
    {K_LENS, "comment", CONTENT},
    {K_LENS, "explanation", NEVER},
    {K_LENS, "tokens", TOKENS},
};

/* The array of tokens of object @i. */
static uint32_t
tokens_of(const struct tg_record *r, uint32_t i)
{
	const struct tg_jdoc *d = &r->doc;

	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		if (r->cls[c] == TG_CLS_TOKENS)
			return c;
	return UINT32_MAX;
}

static int
unit(struct tg_record *r, uint32_t i, uint32_t tokens, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t id = tg_jdoc_find(d, i, "id");
	struct tg_unit *u;

	if (tg_record_add_unit(r, i, &u, err) < 0)
		return -1;
	if (tokens != UINT32_MAX)
		u->tokens = d->nodes[tokens].n;
	return id == UINT32_MAX ? 0 : tg_shape_text(r, id, &u->trace_id, err);
}

/* The parts of the child @name of @i, an object or an array of them. */
static int
check_parts(const struct tg_record *r, uint32_t i, const char *name,
    uint32_t tokens, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t a = tg_jdoc_find(d, i, name);
	const bool layers = tg_jdoc_find(d, i, "tokenStrings") != UINT32_MAX;

	if (a == UINT32_MAX || d->nodes[a].kind == TG_J_NULL)
		return 0;
	if (d->nodes[a].kind == TG_J_OBJECT)
		return tg_feature_check(r, a, tokens, err);
	for (uint32_t c = a + 1; c < d->nodes[a].next; c = d->nodes[c].next)
		if (d->nodes[c].kind == TG_J_OBJECT &&
		    (layers ? tg_feature_check_rows(r, c, tokens, err)
			    : tg_feature_check(r, c, tokens, err)) < 0)
			return -1;
	return 0;
}

/* Of /topk-by-token: every result is one token, with its string. */
static int
check_topk(const struct tg_record *r, uint32_t results, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;

	for (uint32_t c = results + 1; c < d->nodes[results].next;
	     c = d->nodes[c].next) {
		const uint32_t s = d->nodes[c].kind == TG_J_OBJECT
		    ? tg_jdoc_find(d, c, "token")
		    : UINT32_MAX;

		if (s == UINT32_MAX || d->nodes[s].kind != TG_J_STRING)
			return tg_fail(err, TG_E_INPUT,
			    "byte %llu: a result without a token",
			    (unsigned long long)(r->offset +
				d->nodes[c].start));
	}
	return 0;
}

static int
check_unit(const struct tg_record *r, uint32_t i, uint8_t kind, uint32_t tokens,
    struct tg_err *err)
{
	const uint32_t active = tg_jdoc_find(&r->doc, i, "activeFeatures");

	if (tokens == UINT32_MAX)
		return 0;
	if (r->doc.nodes[tokens].kind != TG_J_ARRAY)
		return tg_fail(err, TG_E_INPUT, "byte %llu: no tokens",
		    (unsigned long long)(r->offset +
			r->doc.nodes[tokens].start));
	if (kind == K_TOPK || kind == K_LENS)
		return check_topk(r, tokens, err);
	if (active != UINT32_MAX && kind == K_RESULT &&
	    tg_feature_check_pairs(r, active, tokens, err) < 0)
		return -1;
	if (check_parts(r, i, "activation", tokens, err) < 0)
		return -1;
	if ((kind == K_API || kind == K_RESULT) &&
	    check_parts(r, i, "activations", tokens, err) < 0)
		return -1;
	return kind == K_ROW || kind == K_EXAMPLE
	    ? tg_feature_check(r, i, tokens, err)
	    : 0;
}

static int
visit(struct tg_record *r, uint32_t node, uint8_t kind,
    const void *ctx TG_UNUSED, struct tg_err *err)
{
	const uint32_t tokens = tokens_of(r, node);
	const bool one = kind == K_ROW || kind == K_EXAMPLE ||
	    kind == K_RESULT || kind == K_TOPK || kind == K_CONFIG ||
	    kind == K_LENS;

	/* A response has results, or is one. */
	if (!one &&
	    (kind != K_API ||
		tg_jdoc_find(&r->doc, node, "results") != UINT32_MAX))
		return 0;
	if (check_unit(r, node, kind, tokens, err) < 0)
		return -1;
	return unit(r, node, tokens, err);
}

static const struct tg_shape shape = {rows, TG_COUNT(rows), visit, NULL};

/* What is kept is numbers and strings and arrays of these: the keys of objects
 * inside would not be scanned.  The one that has some was checked. */
static void
no_objects(struct tg_record *r)
{
	const struct tg_jdoc *d = &r->doc;

	for (uint32_t i = 0; i < d->n; i++) {
		if (r->cls[i] != TG_CLS_KEEP ||
		    tg_jdoc_key_is(d, i, "activeFeatures"))
			continue;
		for (uint32_t k = i; k < d->nodes[i].next; k++)
			if (d->nodes[k].kind == TG_J_OBJECT) {
				r->cls[i] = TG_CLS_DROP;
				r->unknown++;
				break;
			}
	}
}

static int
classify(struct tg_record *r, uint8_t kind, struct tg_err *err)
{
	r->cls[0] = TG_CLS_FRAME;
	if (tg_shape_walk(&shape, r, 0, kind, err) < 0)
		return -1;
	no_objects(r);
	/* A batch without examples is one unit. */
	return r->n_unit > 0 ? 0 : unit(r, 0, UINT32_MAX, err);
}

static bool
has(const struct tg_jdoc *d, uint32_t i, const char *key, enum tg_jkind kind)
{
	const uint32_t k = tg_jdoc_find(d, i, key);

	return k != UINT32_MAX && d->nodes[k].kind == (uint8_t)kind;
}

static bool
root_is(const struct tg_jdoc *d, enum tg_jkind kind)
{
	return d->n > 0 && d->nodes[0].kind == (uint8_t)kind;
}

static unsigned
bid_export(const struct tg_jdoc *d)
{
	return root_is(d, TG_J_OBJECT) && has(d, 0, "modelId", TG_J_STRING) &&
		has(d, 0, "layer", TG_J_STRING) &&
		tg_jdoc_find(d, 0, "index") != UINT32_MAX
	    ? 60
	    : 0;
}

static int
classify_export(struct tg_record *r,
    const struct tg_attributes *attrs TG_UNUSED, struct tg_err *err)
{
	return classify(r, K_ROW, err);
}

/* The first result of a response, or UINT32_MAX. */
static uint32_t
first_result(const struct tg_jdoc *d)
{
	const uint32_t i = tg_jdoc_find(d, 0, "results");

	if (i == UINT32_MAX || d->nodes[i].kind != TG_J_ARRAY ||
	    d->nodes[i].n == 0 || d->nodes[i + 1].kind != TG_J_OBJECT)
		return UINT32_MAX;
	return i + 1;
}

static unsigned
bid_api(const struct tg_jdoc *d)
{
	uint32_t first;

	if (!root_is(d, TG_J_OBJECT))
		return 0;
	if (has(d, 0, "tokens", TG_J_ARRAY) &&
	    (has(d, 0, "activation", TG_J_OBJECT) ||
		has(d, 0, "activations", TG_J_ARRAY) ||
		has(d, 0, "seqLen", TG_J_NUMBER)))
		return 60;
	first = first_result(d);
	return first != UINT32_MAX &&
		(has(d, first, "tokenPosition", TG_J_NUMBER) ||
		    has(d, first, "activeFeatures", TG_J_OBJECT) ||
		    has(d, first, "tokenStrings", TG_J_ARRAY))
	    ? 60
	    : 0;
}

static int
classify_api(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	const uint32_t first = first_result(&r->doc);
	const bool topk = first != UINT32_MAX &&
	    has(&r->doc, first, "tokenPosition", TG_J_NUMBER);

	return classify(r, topk ? K_TOPK : K_API, err);
}

static unsigned
bid_batch(const struct tg_jdoc *d)
{
	if (root_is(d, TG_J_ARRAY))
		return d->nodes[0].n > 0 && d->nodes[1].kind == TG_J_OBJECT &&
			has(d, 1, "str_tokens", TG_J_ARRAY)
		    ? 60
		    : 0;
	if (!root_is(d, TG_J_OBJECT))
		return 0;
	return (has(d, 0, "feature_index", TG_J_NUMBER) &&
		   has(d, 0, "activations", TG_J_ARRAY)) ||
		has(d, 0, "examples_quantiles", TG_J_ARRAY)
	    ? 60
	    : 0;
}

static int
classify_batch(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	return classify(
	    r, root_is(&r->doc, TG_J_ARRAY) ? K_EXAMPLE : K_BATCH, err);
}

static unsigned
bid_config(const struct tg_jdoc *d)
{
	if (!root_is(d, TG_J_OBJECT) || !has(d, 0, "model_name", TG_J_STRING))
		return 0;
	return has(d, 0, "cache_ctx_len", TG_J_NUMBER) ||
		has(d, 0, "hf_hook_point_in", TG_J_STRING)
	    ? 60
	    : 0;
}

static int
classify_config(struct tg_record *r,
    const struct tg_attributes *attrs TG_UNUSED, struct tg_err *err)
{
	return classify(r, K_CONFIG, err);
}

/* The first token of a lens export has its place and its read-outs. */
static unsigned
bid_lens(const struct tg_jdoc *d)
{
	uint32_t i;

	if (!root_is(d, TG_J_OBJECT) || !has(d, 0, "kind", TG_J_STRING) ||
	    !has(d, 0, "tokens", TG_J_ARRAY))
		return 0;
	i = tg_jdoc_find(d, 0, "tokens");
	return d->nodes[i].n > 0 && d->nodes[i + 1].kind == TG_J_OBJECT &&
		has(d, i + 1, "position", TG_J_NUMBER) &&
		has(d, i + 1, "token", TG_J_STRING)
	    ? 60
	    : 0;
}

static int
classify_lens(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	return classify(r, K_LENS, err);
}

const struct tg_source tg_source_neuronpedia_export = {
    .name = "neuronpedia-export",
    .title = "Neuronpedia export rows",
    .features = true,
    .loose = true,
    .bid = bid_export,
    .classify = classify_export,
};

const struct tg_source tg_source_neuronpedia_api = {
    .name = "neuronpedia-api",
    .title = "Neuronpedia inference responses",
    .features = true,
    .loose = true,
    .bid = bid_api,
    .classify = classify_api,
};

const struct tg_source tg_source_sae_dashboard = {
    .name = "sae-dashboard",
    .title = "SAEDashboard batches, feature details, Delphi examples",
    .features = true,
    .loose = true,
    .bid = bid_batch,
    .classify = classify_batch,
};

const struct tg_source tg_source_sae_config = {
    .name = "sae-config",
    .title = "config.json of Delphi and Gemma Scope 2",
    .bid = bid_config,
    .classify = classify_config,
};

const struct tg_source tg_source_lens = {
    .name = "lens",
    .title = "Jacobian-lens exports",
    .features = true,
    .loose = true,
    .bid = bid_lens,
    .classify = classify_lens,
};
