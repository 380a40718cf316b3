/* judge_data.c - rows about what was drawn, found, removed and kept. */
#include <stdio.h>
#include <string.h>

#include "base/binomial.h"
#include "report/judge.h"

#include "base/banned.h"

#define PATH_MAX_LEN 160 /* bytes of a leaf's path */

bool
tg_judge_all_synthetic(const struct tg_judge *j)
{
	const struct tg_json *list = tg_json_get(j->m, "source");

	for (size_t i = 0; i < tg_json_len(list); i++)
		if (strcmp(
			tg_json_get_str(tg_json_at(list, i), "text_origin", ""),
			"synthetic") != 0)
			return false;
	return tg_json_len(list) > 0;
}

/* The lower of the two rates that the policy sets; invented text has a rate of
 * its own. */
static bool
rate_allowed(const struct tg_judge *j, int64_t *out)
{
	char path[PATH_MAX_LEN];
	int64_t max, own;
	const int n = snprintf(path, sizeof(path), "/sampling/per_purpose/%s",
	    tg_judge_text(j, "purpose", "id"));

	if (tg_judge_all_synthetic(j))
		return tg_judge_rate(j, "/sampling/rate_max_synthetic", out);
	if (!tg_judge_rate(j, "/sampling/rate_max", &max))
		return false;
	if (n > 0 && (size_t)n < sizeof(path) && tg_judge_rate(j, path, &own) &&
	    own < max)
		max = own;
	*out = max;
	return true;
}

void
tg_judge_sampling(struct tg_judge *j)
{
	const int64_t seen = tg_judge_count(j, "sampling", "seen");
	const int64_t kept = tg_judge_count(j, "sampling", "kept");
	const int64_t rate = tg_judge_count(j, "sampling", "rate_ppb");
	const struct tg_json *ids =
	    tg_json_get(tg_json_get(j->m, "sampling"), "identities");
	const int64_t of = tg_json_get_int(ids, "seen", seen);
	const int64_t drawn = tg_json_get_int(ids, "drawn", kept);
	struct tg_binomial b;
	int64_t max, cap;

	if (seen == 0)
		return;
	if (!rate_allowed(j, &max)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
	} else if (rate > max) {
		tg_judge_ratio(j, rate);
		tg_judge_ratio(j, max);
		tg_judge_say(j, TG_MARK_NOT_MET, "sampling-over", seen);
	} else if (tg_judge_limit(j, "/sampling/caps/max_records", &cap) &&
	    kept > cap) {
		tg_judge_int(j, kept);
		tg_judge_int(j, cap);
		tg_judge_say(j, TG_MARK_NOT_MET, "sampling-cap", seen);
	} else if (!tg_binomial(&b, of, rate, drawn)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "nothing", 0);
	} else if (drawn < b.low || drawn > b.high) {
		tg_judge_int(j, drawn);
		tg_judge_int(j, b.low);
		tg_judge_int(j, b.high);
		tg_judge_say(j, TG_MARK_CONFIRM, "sampling-odd", seen);
	} else {
		tg_judge_int(j, kept);
		tg_judge_int(j, seen);
		tg_judge_ratio(j, rate);
		tg_judge_ratio(j, max);
		tg_judge_say(j, TG_MARK_MET, "sampling-ok", seen);
	}
}

void
tg_judge_seed(struct tg_judge *j)
{
	const int64_t index =
	    tg_json_get_int(tg_json_get(j->m, "sampling"), "ledger_index", -1);
	int64_t prepared, when;

	if (tg_judge_text(j, "sampling", "seed_commit")[0] == '\0') {
		tg_judge_say(j, TG_MARK_NOT_MET, "seed-missing", 0);
		return;
	}
	if (index < 0) {
		tg_judge_say(j, TG_MARK_NOT_MET, "seed-unrecorded", 1);
		return;
	}
	tg_judge_int(j, index);
	if (!tg_judge_entry(
		j->in->ledger, "export.prepared", &prepared, &when)) {
		tg_judge_say(j, TG_MARK_MET, "seed-recorded", 1);
		return;
	}
	tg_judge_int(j, prepared);
	if (index < prepared)
		tg_judge_say(j, TG_MARK_MET, "seed-ok", 1);
	else
		tg_judge_say(j, TG_MARK_NOT_MET, "seed-late", 1);
}

void
tg_judge_removed(struct tg_judge *j)
{
	const struct tg_json *types = tg_json_get(j->m, "redaction");
	const int64_t examined = tg_judge_stage_in(j, "redact");
	const int64_t rules = tg_judge_count(j, "redactors", "rules");
	int64_t spans = 0;

	if (examined == 0)
		return;
	tg_judge_int(j, examined);
	if (rules == 0) {
		tg_judge_say(j, TG_MARK_NOT_MET, "removed-no-rules", examined);
		return;
	}
	for (size_t i = 0; i < tg_json_len(types); i++)
		spans += tg_json_get_int(tg_json_at(types, i), "spans", 0);
	tg_judge_int(j, rules);
	tg_judge_int(j, spans);
	tg_judge_say(j, TG_MARK_MET, "removed-ok", examined);
}

static struct tg_json *
codes_of(const struct tg_leaf *leaf)
{
	struct tg_json *out = tg_json_array();

	for (size_t i = 0; i < leaf->n; i++)
		if (tg_json_push_str(out, leaf->item[i]) < 0) {
			tg_json_free(out);
			return NULL;
		}
	return out;
}

void
tg_judge_coverage(struct tg_judge *j)
{
	const int64_t types = (int64_t)tg_json_len(
	    tg_json_get(tg_json_get(j->m, "redactors"), "types"));
	const struct tg_leaf *none =
	    tg_judge_leaf(j, "/redaction/types_without_detector");

	if (types == 0)
		return;
	if (none == NULL) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED,
		    j->in->policy == NULL ? "no-policy" : "no-leaf", 0);
		return;
	}
	tg_judge_int(j, types);
	if (none->n == 0) {
		tg_judge_say(j, TG_MARK_MET, "coverage-full", types);
		return;
	}
	tg_judge_int(j, (int64_t)none->n);
	tg_judge_terms(j, "type", codes_of(none));
	tg_judge_say(j, TG_MARK_CONFIRM, "coverage-part", types);
}

void
tg_judge_residual(struct tg_judge *j)
{
	const int64_t examined = tg_judge_count(j, "residual", "examined");
	/* A missing count of findings is not zero findings. */
	const int64_t left =
	    tg_json_get_int(tg_json_get(j->m, "residual"), "findings", -1);
	int64_t max = 0;

	if (examined == 0 || left < 0)
		return;
	(void)tg_judge_limit(j, "/gates/residual_findings_max", &max);
	tg_judge_int(j, examined);
	tg_judge_int(j, left);
	if (left <= max) {
		tg_judge_say(j, TG_MARK_MET, "residual-ok", examined);
		return;
	}
	tg_judge_int(j, max);
	tg_judge_say(j, TG_MARK_NOT_MET, "residual-found", examined);
}

void
tg_judge_tokens(struct tg_judge *j)
{
	const int64_t examined = tg_judge_stage_in(j, "limit");
	const int64_t limit = tg_judge_count(j, "limits", "max_tokens");
	int64_t max;

	if (examined == 0)
		return;
	if (limit == 0) {
		tg_judge_say(j, TG_MARK_NOT_MET, "tokens-unset", examined);
		return;
	}
	if (!tg_judge_limit(j, "/limits/max_tokens_per_trace", &max)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
		return;
	}
	if (limit > max) {
		tg_judge_int(j, limit);
		tg_judge_int(j, max);
		tg_judge_say(j, TG_MARK_NOT_MET, "tokens-over", examined);
		return;
	}
	tg_judge_int(j, examined);
	tg_judge_int(j, tg_judge_count(j, "limits", "truncated"));
	tg_judge_int(j, limit);
	tg_judge_int(j, max);
	tg_judge_say(j, TG_MARK_MET, "tokens-ok", examined);
}

/* Position in a list from loose to strict; -1 when not in it. */
static int
strictness(const char *const *list, size_t n, const char *code)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], code) == 0)
			return (int)i;
	return -1;
}

/* Whether the run's choice is at least as strict as the leaf; else the row
 * says so and this is false. */
static bool
as_strict(struct tg_judge *j, const char *kind, const char *used,
    const char *path, const char *const *list, size_t n, int64_t examined)
{
	const struct tg_leaf *leaf = tg_judge_leaf(j, path);
	const int have = strictness(list, n, used);

	if (leaf == NULL || leaf->text == NULL) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-leaf", 0);
		return false;
	}
	if (have >= 0 && have >= strictness(list, n, leaf->text))
		return true;
	tg_judge_int(j, examined);
	tg_judge_term(j, kind, used);
	tg_judge_term(j, kind, leaf->text);
	tg_judge_say(j, TG_MARK_NOT_MET, "ids-loose", examined);
	return false;
}

void
tg_judge_ids(struct tg_judge *j)
{
	static const char *const dates[] = {"second", "minute", "hour", "day",
	    "week", "month", "quarter", "year"};
	static const char *const domains[] = {
	    "global", "per_recipient", "per_bundle"};
	const int64_t pseudo = tg_judge_count(j, "fields", "pseudonymised");
	const int64_t general = tg_judge_count(j, "fields", "generalised");
	const int64_t dropped = tg_judge_count(j, "fields", "dropped");
	const int64_t all = pseudo + general + dropped +
	    tg_judge_count(j, "fields", "unknown") +
	    tg_judge_count(j, "fields", "kept");
	const char *date =
	    tg_judge_text(j, "anonymisation", "date_granularity");

	if (all == 0)
		return;
	if (j->in->policy == NULL) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
		return;
	}
	if (!as_strict(j, "granularity", date,
		"/anonymisation/date_granularity", dates, TG_COUNT(dates),
		all) ||
	    !as_strict(j, "domain",
		tg_judge_text(j, "anonymisation", "pseudonym_domain"),
		"/anonymisation/pseudonym/domain", domains, TG_COUNT(domains),
		all))
		return;
	tg_judge_int(j, all);
	tg_judge_int(j, pseudo);
	tg_judge_int(j, general);
	tg_judge_term(j, "granularity", date);
	tg_judge_say(j, TG_MARK_MET, "ids-ok", all);
}

/* Numbers computed from texts: tensors, rows of features.  Rows behind a
 * finding are for a person to accept. */
static void
computed(struct tg_judge *j, const struct tg_json *t, int64_t graphs_kept,
    int64_t examined)
{
	const struct tg_json *risk =
	    tg_json_get(tg_json_get(j->m, "activations"), "residual_risk");

	tg_judge_int(j, tg_json_get_int(t, "tensors", 0));
	tg_judge_int(j, graphs_kept);
	tg_judge_int(j, tg_json_get_int(t, "tensors_kept", 0));
	tg_judge_int(j, tg_json_get_int(t, "rows_kept", 0));
	tg_judge_int(j, tg_json_get_int(t, "rows", 0));
	if (risk == NULL) {
		tg_judge_say(j, TG_MARK_MET, "activations-tensors", examined);
		return;
	}
	tg_judge_int(j, tg_json_get_int(t, "contexts_cut", 0));
	tg_judge_say(j, TG_MARK_CONFIRM, "activations-risk", examined);
}

void
tg_judge_activations(struct tg_judge *j)
{
	const int64_t all = tg_judge_count(j, "activations", "graphs");
	const int64_t kept = tg_judge_count(j, "activations", "kept");
	const int64_t again = tg_judge_count(j, "activations", "recapture");
	const int64_t dropped = tg_judge_count(j, "activations", "dropped");

	const struct tg_json *t =
	    tg_json_get(tg_json_get(j->m, "activations"), "tensors");
	const int64_t files = tg_json_get_int(t, "tensors", 0);
	const int64_t texts = tg_json_get_int(t, "contexts", 0);

	if (all == 0 && files == 0 && texts == 0) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "activations-none", 0);
		return;
	}
	tg_judge_int(j, all);
	if (kept + again + dropped == all && files + texts > 0) {
		computed(j, t, kept, all + files + texts);
		return;
	}
	if (kept + again + dropped != all) {
		tg_judge_int(j, kept + again + dropped);
		tg_judge_say(j, TG_MARK_NOT_MET, "activations-odd", all);
		return;
	}
	tg_judge_int(j, kept);
	tg_judge_int(j, again);
	tg_judge_int(j, dropped);
	tg_judge_say(j, TG_MARK_MET, "activations-ok", all);
}
