/* section_removal.c - what was found and removed, what could be found at all,
 * what the second check left, and what became of activations. */
#include <string.h>

#include "pipeline/inversion.h"
#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

enum {
	LABEL_MAX = 34, /* code points beside a bar */
	BARS_MAX = 10	/* the largest types; the table has all */
};

/* Found: replaced, and those that the policy leaves in place. */
static int64_t
spans(const struct tg_json *type)
{
	const int64_t n = tg_json_get_int(type, "spans", 0);
	const int64_t kept =
	    tg_json_get_int(tg_json_get(type, "operators"), "keep", 0);

	return (n < 0 ? 0 : n) + (kept < 0 ? 0 : kept);
}

static const char *
name(const struct tg_view *v, const struct tg_json *type)
{
	return tg_view_term(v, TG_T_TYPE, tg_json_get_str(type, "type", "?"));
}

/* The largest type not above the last one drawn: position @last, so that equal
 * counts keep the order of the manifest.  NULL when there is no more. */
static const struct tg_json *
next_largest(const struct tg_json *types, int64_t *last_n, size_t *last_i)
{
	const struct tg_json *best = NULL;
	size_t best_i = 0;

	for (size_t i = 0; i < tg_json_len(types); i++) {
		const struct tg_json *t = tg_json_at(types, i);
		const int64_t n = spans(t);
		const bool after = n < *last_n || (n == *last_n && i > *last_i);

		if (after && n > 0 && (best == NULL || n > spans(best))) {
			best = t;
			best_i = i;
		}
	}
	if (best != NULL) {
		*last_n = spans(best);
		*last_i = best_i;
	}
	return best;
}

static void
chart(struct tg_view *v, const struct tg_json *r, const struct tg_json *types)
{
	int64_t total = 0, last_n = INT64_MAX;
	const struct tg_json *t;
	struct tg_block *f;
	size_t last_i = 0;

	for (size_t i = 0; i < tg_json_len(types); i++)
		total += spans(tg_json_at(types, i));
	t = next_largest(types, &last_n, &last_i);
	if (t == NULL) {
		tg_para_fill(v->d, tg_doc_para(v->d),
		    TG_SAY(v, redaction_empty),
		    TG_ARGS(tg_view_int(v, tg_json_get_int(r, "examined", 0))));
		return;
	}
	f = tg_doc_bars(v->d, TG_SAY(v, redaction_chart),
	    TG_FILL(v, redaction_finding, tg_view_int(v, total),
		tg_view_int(v, tg_json_get_int(r, "examined", 0)), name(v, t),
		tg_view_int(v, spans(t))));
	if (f != NULL)
		f->gap = TG_SAY(v, scale_gap);
	for (size_t i = 0; t != NULL && i < BARS_MAX; i++) {
		const struct tg_bar b = {
		    .label = tg_typo_cut(v->a, name(v, t), LABEL_MAX),
		    .value = (uint64_t)spans(t),
		    .text = tg_view_int(v, spans(t)),
		};

		tg_doc_bar(v->d, f, &b);
		t = next_largest(types, &last_n, &last_i);
	}
}

static void
by_type(struct tg_view *v, const struct tg_json *types)
{
	const struct tg_col cols[] = {{TG_SAY(v, c_type), TG_LEFT, 31, true},
	    {TG_SAY(v, c_code), TG_LEFT, 18, false},
	    {TG_SAY(v, c_found), TG_RIGHT, 11, false},
	    {TG_SAY(v, c_records), TG_RIGHT, 13, false},
	    {TG_SAY(v, c_done), TG_LEFT, 0, false}};
	struct tg_block *t = tg_doc_table(
	    v->d, TG_SAY(v, redaction_table), cols, TG_COUNT(cols));

	for (size_t i = 0; i < tg_json_len(types); i++) {
		const struct tg_json *k = tg_json_at(types, i);
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(v->d, row, name(v, k));
		tg_view_mono(v, row, tg_json_get_str(k, "type", "?"));
		tg_doc_text(v->d, row, tg_view_int(v, spans(k)));
		tg_doc_text(v->d, row,
		    tg_view_int(v, tg_json_get_int(k, "records", 0)));
		tg_doc_text(v->d, row,
		    tg_view_term(
			v, TG_T_ACTION, tg_json_get_str(k, "action", "?")));
	}
}

static void
number(struct tg_view *v, struct tg_block *kv, enum tg_str_id label,
    const struct tg_json *o, const char *key)
{
	const struct tg_json *n = tg_json_get(o, key);

	tg_view_kv(v, kv, tg_str(v->lang, label), TG_RUN_TEXT,
	    n == NULL ? TG_SAY(v, not_assessed)
		      : tg_view_int(v, tg_json_number(n)));
}

static void
fields(struct tg_view *v)
{
	const struct tg_json *f = tg_json_get(v->m, "fields");
	struct tg_block *kv;

	tg_doc_heading(v->d, 3, "fields", TG_SAY(v, fields_title));
	if (!tg_view_has(v, f))
		return;
	kv = tg_doc_key_value(v->d);
	if (tg_json_get(f, "kept") != NULL)
		number(v, kv, TG_S_fields_kept, f, "kept");
	number(v, kv, TG_S_fields_pseudo, f, "pseudonymised");
	number(v, kv, TG_S_fields_general, f, "generalised");
	number(v, kv, TG_S_fields_dropped, f, "dropped");
	number(v, kv, TG_S_fields_unknown, f, "unknown");
	tg_view_source(v, f);
}

void
tg_section_redaction(struct tg_view *v)
{
	const struct tg_json *r = tg_json_get(v->m, "redaction");
	const struct tg_json *types = tg_json_get(r, "types");

	tg_view_section(v, "removed", TG_SAY(v, redaction_title));
	if (tg_view_has(v, r)) {
		chart(v, r, types);
		if (tg_json_len(types) > 0)
			by_type(v, types);
		tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, below),
		    TG_ARGS(tg_view_int(
			v, tg_json_get_int(r, "below_threshold", 0))));
		tg_para_add(v->d, tg_doc_note(v->d), TG_RUN_TEXT,
		    TG_SAY(v, never_values));
		tg_view_source(v, r);
	}
	fields(v);
}

static void
coverage_row(struct tg_view *v, struct tg_block *t, const char *type, bool has)
{
	struct tg_row *row = tg_doc_row(v->d, t);

	if (row != NULL)
		row->tinted = !has;
	tg_doc_text(v->d, row, tg_view_term(v, TG_T_TYPE, type));
	tg_view_mono(v, row, type);
	tg_para_status(v->d, tg_doc_cell(v->d, row),
	    has ? TG_MARK_MET : TG_MARK_NOT_ASSESSED,
	    has ? TG_SAY(v, covered) : TG_SAY(v, not_covered));
}

void
tg_section_coverage(struct tg_view *v)
{
	const struct tg_json *c = tg_json_get(v->m, "coverage");
	const struct tg_json *types = tg_json_get(c, "types");
	const struct tg_json *none = tg_json_get(c, "not_covered");
	const struct tg_col cols[] = {{TG_SAY(v, c_type), TG_LEFT, 44, true},
	    {TG_SAY(v, c_code), TG_LEFT, 26, false},
	    {TG_SAY(v, c_coverage), TG_LEFT, 0, false}};
	struct tg_block *t;

	tg_view_section(v, "coverage", TG_SAY(v, coverage_title));
	if (!tg_view_has(v, c))
		return;
	t = tg_doc_table(v->d, TG_SAY(v, coverage_table), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(none); i++)
		coverage_row(v, t, tg_json_text(tg_json_at(none, i)), false);
	for (size_t i = 0; i < tg_json_len(types); i++)
		coverage_row(v, t, tg_json_text(tg_json_at(types, i)), true);
	tg_para_add(
	    v->d, tg_doc_para(v->d), TG_RUN_TEXT, TG_SAY(v, coverage_blind));
	tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, coverage_rules),
	    TG_ARGS(tg_view_int(v, tg_json_get_int(c, "rules", 0)),
		tg_view_stated(v, tg_json_get_str(c, "rules_sha256", "")),
		tg_view_stated(v, tg_json_get_str(c, "names_sha256", ""))));
	tg_view_source(v, c);
}

void
tg_section_residual(struct tg_view *v)
{
	const struct tg_json *r = tg_json_get(v->m, "residual");

	tg_view_section(v, "second-check", TG_SAY(v, residual_title));
	if (!tg_view_has(v, r)) {
		tg_section_planted(v);
		tg_part_review(v);
		return;
	}
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, residual_line),
	    TG_ARGS(tg_view_int(v, tg_json_get_int(r, "examined", 0)),
		tg_json_get(r, "findings") == NULL
		    ? "?"
		    : tg_view_int(v, tg_json_get_int(r, "findings", 0))));
	if (tg_json_get(r, "upper_ppb") != NULL)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, residual_bound),
		    TG_ARGS(tg_typo_percent(v->a, v->lang,
			tg_typo_up(tg_json_get_int(r, "upper_ppb", 0)))));
	tg_para_add(
	    v->d, tg_doc_para(v->d), TG_RUN_TEXT, TG_SAY(v, residual_limit));
	tg_view_source(v, r);
	tg_section_planted(v);
	tg_part_review(v);
}

/* What leaves of a text with a finding; of a manifest that does not say, at
 * most what may. */
static const char *
rule_of(const struct tg_view *v)
{
	const char *rule =
	    tg_json_get_str(tg_json_get(v->m, "activations"), "on_span", "");

	if (strcmp(rule, "drop_span_rows") == 0)
		return TG_SAY(v, a_rule_rows);
	if (strcmp(rule, "drop_activations") == 0)
		return TG_SAY(v, a_rule_bare);
	if (strcmp(rule, "recapture") == 0 || strcmp(rule, "drop_record") == 0)
		return TG_SAY(v, a_rule_none);
	return TG_SAY(v, a_rule);
}

/* Rows behind a finding leave: said, with who answers for it. */
static void
risk(struct tg_view *v, const struct tg_json *t)
{
	const struct tg_json *r =
	    tg_json_get(tg_json_get(v->m, "activations"), "residual_risk");

	if (r == NULL)
		return;
	tg_doc_open(v->d, TG_BOX_ATTENTION, TG_SAY(v, a_risk_title));
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, a_risk),
	    TG_ARGS(tg_view_int(v, tg_json_get_int(t, "contexts_cut", 0)),
		tg_view_term(
		    v, TG_T_ROLE, tg_json_get_str(r, "approver", "?"))));
	tg_doc_close(v->d);
}

/* What was kept and dropped of each kind, or of each pattern of names. */
static void
tensor_table(struct tg_view *v, const char *title, const struct tg_json *list,
    const char *key)
{
	const struct tg_col cols[] = {{TG_SAY(v, c_type), TG_LEFT, 0, true},
	    {TG_SAY(v, c_kept), TG_RIGHT, 16, false},
	    {TG_SAY(v, c_dropped), TG_RIGHT, 16, false}};
	struct tg_block *table;

	if (tg_json_len(list) == 0)
		return;
	table = tg_doc_table(v->d, title, cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *k = tg_json_at(list, i);
		struct tg_row *row = tg_doc_row(v->d, table);

		tg_view_mono(v, row, tg_json_get_str(k, key, "?"));
		tg_doc_text(
		    v->d, row, tg_view_int(v, tg_json_get_int(k, "kept", 0)));
		tg_doc_text(v->d, row,
		    tg_view_int(v, tg_json_get_int(k, "dropped", 0)));
	}
}

/* The layers that the names of what leaves tell. */
static void
tensor_layers(struct tg_view *v, const struct tg_json *list)
{
	struct tg_buf b;
	int bad = 0;

	tg_buf_init(&b, 16384);
	for (size_t i = 0; i < tg_json_len(list); i++)
		bad |= tg_buf_addf(&b, NULL, "%s%lld", i == 0 ? "" : ", ",
		    (long long)tg_json_number(tg_json_at(list, i)));
	if (bad == 0 && b.n > 0)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, a_layers),
		    TG_ARGS(tg_arena_str(v->a, tg_buf_sv(&b))));
	tg_buf_deinit(&b);
}

/* Tensor files: what kinds of them, how many rows, and why these. */
static void
tensors(struct tg_view *v, const struct tg_json *t)
{
	struct tg_block *kv = tg_doc_key_value(v->d);

	number(v, kv, TG_S_a_tensors, t, "tensors");
	number(v, kv, TG_S_a_tensors_kept, t, "tensors_kept");
	number(v, kv, TG_S_a_contexts, t, "contexts");
	number(v, kv, TG_S_a_contexts_cut, t, "contexts_cut");
	number(v, kv, TG_S_a_contexts_bare, t, "contexts_bare");
	number(v, kv, TG_S_a_rows, t, "rows");
	number(v, kv, TG_S_a_rows_kept, t, "rows_kept");
	number(v, kv, TG_S_a_rows_dropped, t, "rows_dropped");
	number(v, kv, TG_S_a_struck, t, "tokens_struck");
	number(v, kv, TG_S_a_over, t, "features_over");
	tensor_table(
	    v, TG_SAY(v, a_kinds_table), tg_json_get(t, "kinds"), "kind");
	tensor_table(
	    v, TG_SAY(v, a_names_table), tg_json_get(t, "names"), "pattern");
	tensor_layers(v, tg_json_get(t, "layers"));
	tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT, rule_of(v));
	risk(v, t);
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, a_inversion),
	    TG_ARGS(tg_view_int(v, TG_INVERSION_FROM_SPAN),
		tg_view_int(v, TG_INVERSION_TRIALS),
		tg_view_int(v, TG_INVERSION_SPAN_ROWS)));
}

/* Of form: aggregate_only: what leaves instead of numbers of a text. */
static void
sums(struct tg_view *v, const struct tg_json *s)
{
	static const char *const by[] = {
	    "person", "session", "trace", "record"};
	const int64_t epsilon = tg_json_get_int(s, "epsilon_milli", 0);
	const struct tg_json *who = tg_json_get(s, "subjects_by");
	const char *n[TG_COUNT(by)];
	struct tg_block *kv;

	tg_doc_heading(v->d, 3, "sums", TG_SAY(v, a_sums));
	kv = tg_doc_key_value(v->d);
	number(v, kv, TG_S_a_sums_kept, s, "cells");
	number(v, kv, TG_S_a_sums_gone, s, "suppressed");
	number(v, kv, TG_S_a_sums_subjects, s, "subjects");
	number(v, kv, TG_S_a_sums_unnamed, s, "unnamed");
	number(v, kv, TG_S_a_sums_unplaced, s, "unplaced");
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, a_sums_rule),
	    TG_ARGS(tg_view_int(v, tg_json_get_int(s, "k", 0))));
	if (epsilon > 0)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, a_sums_noise),
		    TG_ARGS(tg_typo_fixed(v->a, v->lang, epsilon, 3),
			tg_view_int(
			    v, tg_json_get_int(s, "cells_per_subject", 0)),
			tg_view_int(v, tg_json_get_int(s, "clip", 0))));
	else
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, a_sums_exact),
		    TG_ARGS(tg_view_int(v, tg_json_get_int(s, "clip", 0))));
	for (size_t i = 0; i < TG_COUNT(by); i++)
		n[i] = tg_view_int(v, tg_json_get_int(who, by[i], 0));
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, a_sums_who),
	    TG_ARGS(n[0], n[1], n[2], n[3]));
}

void
tg_section_activations(struct tg_view *v)
{
	const struct tg_json *a = tg_json_get(v->m, "activations");
	struct tg_block *kv;

	tg_view_section(v, "activations", TG_SAY(v, activations_title));
	if (!tg_view_has(v, a))
		return;
	kv = tg_doc_key_value(v->d);
	number(v, kv, TG_S_a_examined, a, "graphs");
	number(v, kv, TG_S_a_kept, a, "kept");
	number(v, kv, TG_S_a_recapture, a, "recapture");
	number(v, kv, TG_S_a_dropped, a, "dropped");
	if (tg_json_get(a, "tensors") != NULL)
		tensors(v, tg_json_get(a, "tensors"));
	if (tg_json_get(a, "aggregates") != NULL)
		sums(v, tg_json_get(a, "aggregates"));
	tg_para_add(
	    v->d, tg_doc_para(v->d), TG_RUN_TEXT, TG_SAY(v, activations_why));
	tg_view_source(v, a);
}
