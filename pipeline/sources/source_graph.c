/*
 * Attribution graphs of circuit-tracer and Neuronpedia (graph-schema.json of
 * hijohnnylin/neuronpedia) and the graph-metadata.json index.
 *
 * The prompt hides in many places of a graph (node ids, links, labels, the
 * link of the web site): a graph whose prompt holds a finding never leaves
 * (s40_activations).  In a clean graph the people are the ones who made it:
 * the slug is replaced, creator, e-mail, link and time are dropped.
 */
#include "pipeline/sources/graph_ids.h"
#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

enum {
	K_GRAPH = 1,
	K_META,
	K_INFO,
	K_GENERATOR,
	K_DETAILS,
	K_NUMBERS,
	K_QPARAMS,
	K_NODE,
	K_LINK,
	K_QK,
	K_QKNODES,
	K_INDEX
};

#define FRAME TG_CLS_FRAME, 0, TG_FIELD_none
#define KEEP TG_CLS_KEEP, 0, TG_FIELD_none
#define CONTENT TG_CLS_CONTENT, 0, TG_FIELD_none
#define TOKENS TG_CLS_TOKENS, 0, TG_FIELD_prompt_text
#define PROMPT TG_CLS_CONTENT, 0, TG_FIELD_prompt_text
#define IN(kind) TG_CLS_FRAME, kind, TG_FIELD_none
#define ID(field) TG_CLS_ID, 0, TG_FIELD_##field

static const struct tg_shape_row rows[] = {
    {K_GRAPH, "metadata", IN(K_META)},
    {K_GRAPH, "qParams", IN(K_QPARAMS)},
    {K_GRAPH, "nodes", IN(K_NODE)},
    {K_GRAPH, "links", IN(K_LINK)},
    {K_GRAPH, "qk_only_nodes", IN(K_QKNODES)},
    {K_INDEX, "graphs", IN(K_META)},
    {K_META, "slug", ID(trace_id)},
    {K_META, "scan", KEEP},
    {K_META, "transcoder_list", KEEP},
    {K_META, "prompt_tokens", TOKENS},
    {K_META, "prompt", PROMPT},
    {K_META, "node_threshold", FRAME},
    {K_META, "nodeThreshold", FRAME},
    {K_META, "schema_version", FRAME},
    {K_META, "info", IN(K_INFO)},
    {K_META, "feature_details", IN(K_DETAILS)},
    {K_META, "generation_settings", IN(K_NUMBERS)},
    {K_META, "pruning_settings", IN(K_NUMBERS)},
    {K_INFO, "description", CONTENT},
    {K_INFO, "source_urls", KEEP},
    {K_INFO, "transcoder_set", KEEP},
    {K_INFO, "generator", IN(K_GENERATOR)},
    {K_INFO, "neuronpedia_source_set", KEEP},
    {K_GENERATOR, "name", KEEP},
    {K_GENERATOR, "version", KEEP},
    {K_GENERATOR, "url", KEEP},
    {K_DETAILS, "feature_json_base_url", KEEP},
    {K_DETAILS, "neuronpedia_source_set", KEEP},
    {K_DETAILS, "neuronpedia_lorsa_source_set", KEEP},
    {K_NUMBERS, "max_n_logits", FRAME},
    {K_NUMBERS, "desired_logit_prob", FRAME},
    {K_NUMBERS, "batch_size", FRAME},
    {K_NUMBERS, "max_feature_nodes", FRAME},
    {K_NUMBERS, "node_threshold", FRAME},
    {K_NUMBERS, "edge_threshold", FRAME},
    {K_QPARAMS, "pinnedIds", KEEP},
    {K_QPARAMS, "supernodes", CONTENT},
    {K_QPARAMS, "linkType", KEEP},
    {K_QPARAMS, "clickedId", KEEP},
    {K_QPARAMS, "sg_pos", KEEP},
    {K_NODE, "node_id", KEEP},
    {K_NODE, "feature", FRAME},
    {K_NODE, "layer", KEEP},
    {K_NODE, "ctx_idx", FRAME},
    {K_NODE, "feature_type", KEEP},
    {K_NODE, "token_prob", FRAME},
    {K_NODE, "is_target_logit", FRAME},
    {K_NODE, "run_idx", FRAME},
    {K_NODE, "reverse_ctx_idx", FRAME},
    {K_NODE, "jsNodeId", KEEP},
    {K_NODE, "clerp", CONTENT},
    {K_NODE, "influence", FRAME},
    {K_NODE, "activation", FRAME},
    {K_NODE, "qk_tracing_results", IN(K_QK)},
    {K_LINK, "source", KEEP},
    {K_LINK, "target", KEEP},
    {K_LINK, "weight", FRAME},
    {K_QK, "pair_wise_contributors", KEEP},
    {K_QK, "top_q_marginal_contributors", KEEP},
    {K_QK, "top_k_marginal_contributors", KEEP},
    {K_QKNODES, NULL, IN(K_NODE)},
};

static int
unit_of_slug(
    struct tg_record *r, uint32_t unit_node, uint32_t meta, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t slug = tg_jdoc_find(d, meta, "slug");
	const uint32_t tokens = tg_jdoc_find(d, meta, "prompt_tokens");
	const uint32_t info = tg_jdoc_find(d, meta, "info");
	struct tg_unit *u;

	if (tg_record_add_unit(r, unit_node, &u, err) < 0)
		return -1;
	if (tokens != UINT32_MAX)
		u->tokens = d->nodes[tokens].n;
	if (info != UINT32_MAX) {
		const uint32_t t = tg_jdoc_find(d, info, "create_time_ms");

		if (t != UINT32_MAX)
			u->time = tg_shape_time(r, t, 1000);
	}
	return slug == UINT32_MAX ? 0
				  : tg_shape_text(r, slug, &u->trace_id, err);
}

static int
visit(struct tg_record *r, uint32_t node, uint8_t kind,
    const void *ctx TG_UNUSED, struct tg_err *err)
{
	/* In the index every graph's metadata is a unit of its own. */
	if (kind == K_META && r->source == &tg_source_graph_index)
		return unit_of_slug(r, node, node, err);
	return 0;
}

static const struct tg_shape shape = {rows, TG_COUNT(rows), visit, NULL};

static unsigned
bid_graph(const struct tg_jdoc *d)
{
	if (d->n == 0 || d->nodes[0].kind != TG_J_OBJECT)
		return 0;
	return tg_jdoc_find(d, 0, "metadata") != UINT32_MAX &&
		tg_jdoc_find(d, 0, "nodes") != UINT32_MAX &&
		tg_jdoc_find(d, 0, "links") != UINT32_MAX
	    ? 100
	    : 0;
}

static int
classify_graph(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	const uint32_t meta = tg_jdoc_find(&r->doc, 0, "metadata");

	r->cls[0] = TG_CLS_FRAME;
	if (tg_graph_check(r, err) < 0 ||
	    tg_shape_walk(&shape, r, 0, K_GRAPH, err) < 0)
		return -1;
	return unit_of_slug(r, 0, meta, err);
}

static unsigned
bid_index(const struct tg_jdoc *d)
{
	uint32_t i;

	if (d->n == 0 || d->nodes[0].kind != TG_J_OBJECT)
		return 0;
	i = tg_jdoc_find(d, 0, "graphs");
	return i != UINT32_MAX && d->nodes[i].kind == TG_J_ARRAY ? 90 : 0;
}

static int
classify_index(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	r->cls[0] = TG_CLS_FRAME;
	return tg_shape_walk(&shape, r, 0, K_INDEX, err);
}

const struct tg_source tg_source_graph = {
    .name = "attribution-graph",
    .title = "circuit-tracer / Neuronpedia attribution graph",
    .document = true,
    .bid = bid_graph,
    .classify = classify_graph,
};

const struct tg_source tg_source_graph_index = {
    .name = "graph-metadata",
    .title = "circuit-tracer graph-metadata.json",
    .document = true,
    .bid = bid_index,
    .classify = classify_index,
};
