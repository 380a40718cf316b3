/*
 * manifest_activations.c - what became of activations: graphs, tensor files,
 * sums; what was done to those whose text held a finding, and who answers for
 * what that leaves open.
 */
#include <string.h>

#include "pipeline/manifest.h"
#include "pipeline/settings.h"
#include "base/banned.h"

/* By kind, or (@names) by the pattern that told what a tensor is: never by its
 * name, which is a stranger's. */
static struct tg_json *
patterns(const struct tg_counts *c, bool names)
{
	struct tg_json *list = tg_json_array();
	int bad = list == NULL;

	for (size_t i = 0; i < c->n_pattern; i++) {
		const struct tg_count_tensor *t = &c->pattern[i];
		uint64_t kept = t->kept, dropped = t->dropped;
		struct tg_json *o;
		size_t k;

		for (k = 0; !names && k < i; k++)
			if (strcmp(c->pattern[k].kind, t->kind) == 0)
				break;
		if (!names && k < i)
			continue;
		for (k = i + 1; !names && k < c->n_pattern; k++)
			if (strcmp(c->pattern[k].kind, t->kind) == 0) {
				kept += c->pattern[k].kept;
				dropped += c->pattern[k].dropped;
			}
		o = tg_json_object();
		if (names)
			bad |= tg_json_set_str(o, "pattern", t->pattern);
		bad |= tg_json_set_str(o, "kind", t->kind);
		bad |= tg_json_set_int(o, "kept", (int64_t)kept);
		bad |= tg_json_set_int(o, "dropped", (int64_t)dropped);
		bad |= tg_json_push(list, o);
	}
	if (bad) {
		tg_json_free(list);
		return NULL;
	}
	return list;
}

static struct tg_json *
layers(const struct tg_counts *c)
{
	struct tg_json *list = tg_json_array();
	int bad = list == NULL;

	for (int i = 0; i < TG_COUNT_LAYERS; i++)
		if (c->layer[i])
			bad |= tg_json_push(list, tg_json_int(i));
	if (bad) {
		tg_json_free(list);
		return NULL;
	}
	return list;
}

/* Tensor files: rows are tokens; a context is a row of the batch. */
static int
tensors(struct tg_json *a, const struct tg_counts *c)
{
	struct tg_json *t = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(t, "tensors", (int64_t)c->tensors);
	bad |= tg_json_set_int(t, "tensors_kept", (int64_t)c->tensors_kept);
	bad |= tg_json_set_int(t, "contexts", (int64_t)c->contexts);
	bad |= tg_json_set_int(t, "contexts_cut", (int64_t)c->contexts_cut);
	bad |= tg_json_set_int(t, "contexts_bare", (int64_t)c->contexts_bare);
	bad |= tg_json_set_int(t, "rows", (int64_t)c->rows);
	bad |= tg_json_set_int(t, "rows_kept", (int64_t)c->rows_kept);
	bad |= tg_json_set_int(
	    t, "rows_dropped", (int64_t)(c->rows - c->rows_kept));
	bad |= tg_json_set_int(t, "tokens_struck", (int64_t)c->tokens_struck);
	bad |= tg_json_set(t, "kinds", patterns(c, false));
	bad |= tg_json_set(t, "names", patterns(c, true));
	bad |= tg_json_set(t, "layers", layers(c));
	bad |= tg_json_set_int(t, "features_over", (int64_t)c->features_over);
	return bad | tg_json_set(a, "tensors", t);
}

/* "on_span", and "residual_risk" where rows behind a finding leave. */
static int
span_rule(struct tg_json *activations, const struct tg_policy *p)
{
	const char *path = tg_settings_span_path(p);
	const char *rule = "", *who = "";
	struct tg_json *risk;
	int bad;

	if (path != NULL && tg_policy_str(p, path, &rule, NULL) < 0)
		return -1;
	bad = tg_json_set_str(activations, "on_span", rule);
	if (strcmp(rule, "drop_span_rows") != 0)
		return bad;
	if (tg_policy_str(p, "/activations/span_rows_approver", &who, NULL) < 0)
		return -1;
	risk = tg_json_object();
	bad |= tg_json_set_str(risk, "code", "rows-behind-a-finding");
	bad |= tg_json_set_str(risk, "approver", who);
	return bad | tg_json_set(activations, "residual_risk", risk);
}

int
tg_manifest_activations(struct tg_json *m, const struct tg_manifest_in *in)
{
	const struct tg_counts *c = in->counts;
	struct tg_json *a = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(a, "graphs", (int64_t)c->graphs);
	bad |= tg_json_set_int(a, "kept", (int64_t)c->graphs_kept);
	bad |= tg_json_set_int(a, "recapture", (int64_t)c->graphs_recapture);
	bad |= tg_json_set_int(a, "dropped", (int64_t)c->graphs_dropped);
	bad |= span_rule(a, in->policy);
	if (c->tensors > 0 || c->contexts > 0)
		bad |= tensors(a, c);
	if (in->aggregate_limits != NULL)
		bad |= tg_json_set(a, "aggregates",
		    tg_aggregates_json(in->aggregate_limits, in->aggregated));
	return bad | tg_json_set(m, "activations", a);
}
