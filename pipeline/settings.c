#include "pipeline/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "base/banned.h"

#define DAY 86400
#define PATH_MAX_LEN 256

struct word {
	const char *word;
	int value;
};

static const struct word ops[] = {
    {"keep", TG_OP_KEEP},
    {"pseudonymise", TG_OP_PSEUDONYMISE},
    {"label", TG_OP_LABEL},
    {"generalise", TG_OP_GENERALISE},
    {"drop", TG_OP_DROP},
};

static const struct word granularities[] = {
    {"instant", TG_TIME_INSTANT},
    {"day", TG_TIME_DAY},
    {"month", TG_TIME_MONTH},
    {"year", TG_TIME_YEAR},
    {"none", TG_TIME_NONE},
};

static int
word(const struct tg_policy *p, const char *path, const struct word *list,
    size_t n, int *out, struct tg_err *err)
{
	const char *text;

	if (tg_policy_str(p, path, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].word, text) == 0) {
			*out = list[i].value;
			return 0;
		}
	return tg_fail(err, TG_E_CONFIG,
	    "%s: '%s' is not carried out by this "
	    "version",
	    path, text);
}

/* Whether the word at @path is one of @words (NULL-terminated). */
static int
is_any(const struct tg_policy *p, const char *path, const char *const *words,
    bool *out, struct tg_err *err)
{
	const char *text;

	if (tg_policy_str(p, path, &text, err) < 0)
		return -1;
	*out = false;
	for (; *words != NULL; words++)
		*out = *out || strcmp(*words, text) == 0;
	return 0;
}

static int
field_ops(
    struct tg_settings *out, const struct tg_policy *p, struct tg_err *err)
{
	for (unsigned f = TG_FIELD_none + 1; f < TG_FIELD_COUNT; f++) {
		char path[PATH_MAX_LEN];
		int op;

		(void)snprintf(path, sizeof(path),
		    "/anonymisation/fields/%s/op",
		    tg_field_name((enum tg_field_id)f));
		if (word(p, path, ops, TG_COUNT(ops), &op, err) < 0)
			return -1;
		out->op[f] = (enum tg_op)op;
	}
	return 0;
}

void
tg_settings_sample_key(uint8_t out[TG_KEY_LEN], const uint8_t seed[TG_KEY_LEN])
{
	tg_crypt_derive(out, seed, "sample", TG_SV(""));
}

static int
sampling(struct tg_settings *out, const struct tg_policy *p,
    const struct tg_settings_run *run, struct tg_err *err)
{
	static const struct word units[] = {
	    {"trace", TG_SAMPLE_TRACE},
	    {"session", TG_SAMPLE_SESSION},
	    {"subject", TG_SAMPLE_SUBJECT},
	};
	const char *cap = run->all_synthetic ? "/sampling/rate_max_synthetic"
					     : "/sampling/rate_max";
	uint64_t most;
	int unit;

	if (tg_policy_ratio(p, "/sampling/rate_default", &out->rate_ppb, err) <
		0 ||
	    tg_policy_ratio(p, cap, &most, err) < 0 ||
	    word(p, "/sampling/unit", units, TG_COUNT(units), &unit, err) < 0)
		return -1;
	out->sample_unit = (enum tg_sample_unit)unit;
	if (tg_policy_u64(
		p, "/sampling/caps/max_records", &out->max_records, err) < 0 ||
	    tg_policy_u64(p, "/sampling/caps/max_records_per_subject",
		&out->max_per_subject, err) < 0)
		return -1;
	if (run->rate_ppb != 0)
		out->rate_ppb = run->rate_ppb;
	if (out->rate_ppb > most)
		return tg_fail(err, TG_E_CONFIG,
		    "SMP-RATE: the rate of the job is above the policy's %s",
		    cap);
	tg_settings_sample_key(out->sample_key, run->seed);
	return 0;
}

static int
limits(struct tg_settings *out, const struct tg_policy *p,
    const struct tg_settings_run *run, struct tg_err *err)
{
	static const char *const drops[] = {"drop_record", NULL};
	char path[PATH_MAX_LEN];
	uint64_t days;

	(void)snprintf(path, sizeof(path), "/retention/data/%s/max_days",
	    run->retention_class);
	if (tg_policy_u64(
		p, "/limits/max_tokens_per_trace", &out->max_tokens, err) < 0 ||
	    tg_policy_u64(
		p, "/limits/max_bytes_per_trace", &out->max_bytes, err) < 0 ||
	    is_any(p, "/limits/on_exceed", drops, &out->exceed_drops, err) <
		0 ||
	    tg_policy_u64(p, path, &days, err) < 0)
		return -1;
	out->oldest = run->as_of - (int64_t)days * DAY;
	return 0;
}

void
tg_settings_tensor_map(struct tg_settings *out, const struct tg_policy *p)
{
	const struct tg_leaf *leaf =
	    tg_policy_find(p, "/activations/tensor_map");

	if (leaf != NULL)
		out->tensor_map = (struct tg_tensor_map){leaf->item, leaf->n};
}

/* Whether the leaf at @path says @word; false where no file states it. */
static int
says(const struct tg_policy *p, const char *path, const char *word, bool *out,
    struct tg_err *err)
{
	const char *const only[] = {word, NULL};

	*out = false;
	return tg_policy_find(p, path) == NULL
	    ? 0
	    : is_any(p, path, only, out, err);
}

/* Kinds that may leave; a word that is missing tightens nothing. */
static int
tensors(struct tg_settings *out, const struct tg_policy *p, struct tg_err *err)
{
	bool form, clean;
	uint64_t bits;

	/* What no clean text gives, no text gives. */
	if (says(p, "/activations/form", "features_only", &form, err) < 0 ||
	    says(p, "/activations/on_clean", "features_only", &clean, err) < 0)
		return -1;
	for (unsigned k = 0; k < TG_KIND_COUNT; k++) {
		const char *name = tg_tensor_kind_name((enum tg_tensor_kind)k);
		bool allow, deny;

		if (tg_policy_has(
			p, "/activations/kinds_allow", name, &allow, err) < 0 ||
		    tg_policy_has(
			p, "/activations/kinds_deny", name, &deny, err) < 0)
			return -1;
		deny = deny ||
		    ((form || clean) &&
			tg_tensor_kind_dense((enum tg_tensor_kind)k));
		out->kind[k] = (k == TG_KIND_token_ids || allow) && !deny;
	}
	if (tg_policy_u64(p, "/activations/value_bits", &bits, err) < 0 ||
	    tg_policy_u64(p, "/activations/topk_max", &out->topk, err) < 0)
		return -1;
	out->value_bits = (unsigned)bits;
	tg_settings_tensor_map(out, p);
	for (size_t i = 0; i < out->tensor_map.n; i++) {
		const char *row = out->tensor_map.row[i];
		const char *defect = tg_tensor_map_defect(row);

		if (defect != NULL)
			return tg_fail(err, TG_E_CONFIG,
			    "/activations/tensor_map: '%s': %s", row, defect);
	}
	return 0;
}

const char *
tg_settings_span_path(const struct tg_policy *p)
{
	static const char *const paths[] = {
	    "/activations/on_span_asked", "/activations/on_span"};

	for (size_t i = 0; i < TG_COUNT(paths); i++)
		if (tg_policy_find(p, paths[i]) != NULL)
			return paths[i];
	return NULL;
}

/* What becomes of activations whose text holds a finding, or none, or was not
 * scanned. */
static int
spans(struct tg_settings *out, const struct tg_policy *p, struct tg_err *err)
{
	static const struct word rules[] = {
	    {"drop_span_rows", TG_SPAN_ROWS},
	    {"drop_from_span_on", TG_SPAN_FROM},
	    {"drop_activations", TG_SPAN_BARE},
	    {"recapture", TG_SPAN_RECAPTURE},
	    {"drop_record", TG_SPAN_RECORD},
	};
	const char *path = tg_settings_span_path(p);
	int rule = TG_SPAN_FROM;

	if (path != NULL &&
	    word(p, path, rules, TG_COUNT(rules), &rule, err) < 0)
		return -1;
	out->on_span = (enum tg_span_rule)rule;
	if (says(p, "/activations/on_clean", "drop_activations",
		&out->clean_bare, err) < 0)
		return -1;
	return says(p, "/activations/unscanned", "drop_record",
		   &out->unscanned_record, err) < 0
	    ? -1
	    : says(p, "/activations/form", "aggregate_only", &out->aggregate,
		  err);
}

int
tg_settings_activations(
    struct tg_settings *out, const struct tg_policy *p, struct tg_err *err)
{
	return tensors(out, p, err) < 0 || spans(out, p, err) < 0 ? -1 : 0;
}

/* What becomes of texts and graphs; whether the policy lets no text through. */
static int
texts(struct tg_settings *s, const struct tg_policy *p, bool real,
    struct tg_err *err)
{
	static const char *const blocks[] = {"block_run", NULL};
	static const char *const no_text[] = {"synthetic_only", "none", NULL};
	static const char *const none[] = {"none", NULL};
	static const char *const recapture[] = {"recapture", NULL};
	bool synthetic_only, nothing;

	if (is_any(p, "/redaction/on_detector_error", blocks, &s->error_blocks,
		err) < 0 ||
	    tg_settings_language(s, p, err) < 0 ||
	    is_any(p, "/anonymisation/free_text", no_text, &synthetic_only,
		err) < 0 ||
	    is_any(p, "/anonymisation/free_text", none, &nothing, err) < 0 ||
	    is_any(p, "/activations/on_prompt_finding", recapture,
		&s->graphs_recapture, err) < 0 ||
	    tg_policy_has(p, "/activations/kinds_allow", "attribution_graph",
		&s->graphs_allowed, err) < 0)
		return -1;
	s->text_drops = nothing || (synthetic_only && real);
	return 0;
}

int
tg_settings_language(
    struct tg_settings *out, const struct tg_policy *p, struct tg_err *err)
{
	static const struct word what[] = {{"drop_record", TG_FOREIGN_DROPS},
	    {"block_run", TG_FOREIGN_BLOCKS}};
	int value = TG_FOREIGN_DROPS;

	if (word(p, "/redaction/on_unsupported_language", what, TG_COUNT(what),
		&value, err) < 0)
		return -1;
	out->foreign = (enum tg_foreign)value;
	return 0;
}

/* 45 CFR 164.514(b)(2)(i)(C); a policy without the leaf does not ask. */
static int
harbor(struct tg_settings *s, const struct tg_policy *p, struct tg_err *err)
{
	static const char path[] = "/anonymisation/hipaa_safe_harbor";
	static const struct word when[] = {{"never", TG_HARBOR_NEVER},
	    {"when_health", TG_HARBOR_HEALTH}, {"always", TG_HARBOR_ALWAYS}};
	int value = TG_HARBOR_NEVER;

	if (tg_policy_find(p, path) != NULL &&
	    word(p, path, when, TG_COUNT(when), &value, err) < 0)
		return -1;
	s->harbor = (enum tg_harbor)value;
	return 0;
}

int
tg_settings_export(struct tg_settings *out, const struct tg_policy *p,
    const struct tg_settings_run *run, bool real, struct tg_err *err)
{
	struct tg_settings s = {.mode = TG_MODE_EXPORT, .keyed = true};
	int g, month, day;

	if (sampling(&s, p, run, err) < 0 || limits(&s, p, run, err) < 0 ||
	    field_ops(&s, p, err) < 0 ||
	    word(p, "/anonymisation/date_granularity", granularities,
		TG_COUNT(granularities), &g, err) < 0 ||
	    harbor(&s, p, err) < 0 || texts(&s, p, real, err) < 0 ||
	    tg_settings_number(&s, p, err) < 0 ||
	    tg_settings_activations(&s, p, err) < 0)
		return -1;
	memcpy(s.pseudonym_key, run->pseudonyms, TG_KEY_LEN);
	/* Another for each run, and not to be had from its seed, which stays.
	 */
	tg_crypt_derive(s.run_key, run->pseudonyms, "operators/run",
	    (struct tg_sv){(const char *)run->seed, TG_KEY_LEN});
	tg_crypt_derive(s.table_key, run->seed, "operators/table", TG_SV(""));
	tg_time_civil(run->as_of, &s.year, &month, &day);
	s.granularity = (enum tg_granularity)g;
	*out = s;
	return 0;
}

void
tg_settings_plain(struct tg_settings *out, enum tg_mode mode)
{
	*out = (struct tg_settings){.mode = mode,
	    .graphs_allowed = true,
	    .max_tokens = UINT64_MAX,
	    .max_bytes = UINT64_MAX,
	    .rate_ppb = 1000000000u};
	for (unsigned k = 0; k < TG_KIND_COUNT; k++)
		out->kind[k] = !tg_tensor_kind_always((enum tg_tensor_kind)k);
	for (unsigned f = 0; f < TG_FIELD_COUNT; f++)
		out->op[f] = TG_OP_LABEL;
	out->op[TG_FIELD_trace_id] = TG_OP_KEEP;
	out->op[TG_FIELD_timestamp] = TG_OP_KEEP;
	out->op[TG_FIELD_locale] = TG_OP_KEEP;
	out->op[TG_FIELD_country] = TG_OP_KEEP;
	out->op[TG_FIELD_prompt_text] = TG_OP_KEEP;
	out->op[TG_FIELD_output_text] = TG_OP_KEEP;
}
