/* section_funnel.c - what went in and came out, and the draw of the sample. */
#include <string.h>

#include "report/evidence_rows.h"
#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

enum { LABEL_MAX = 34 }; /* code points beside a bar */

static uint64_t
as_count(int64_t v)
{
	return v < 0 ? 0 : (uint64_t)v;
}

static void
bar(struct tg_view *v, struct tg_block *figure, const char *label, int64_t n,
    int64_t lost, bool strong)
{
	const struct tg_bar b = {
	    .label = tg_typo_cut(v->a, label, LABEL_MAX),
	    .value = as_count(n),
	    .text = tg_view_int(v, n),
	    .note = lost > 0 ? tg_view_int(v, -lost) : NULL,
	    .strong = strong,
	};

	tg_doc_bar(v->d, figure, &b);
}

static void
chart(struct tg_view *v, const struct tg_json *stages)
{
	const size_t n = tg_json_len(stages);
	const int64_t first = tg_json_get_int(tg_json_at(stages, 0), "in", 0);
	const int64_t last =
	    tg_json_get_int(tg_json_at(stages, n - 1), "out", 0);
	struct tg_block *f = tg_doc_bars(v->d, TG_SAY(v, funnel_chart),
	    TG_FILL(v, funnel_finding, tg_view_int(v, first),
		tg_view_int(v, last)));

	if (f != NULL)
		f->gap = TG_SAY(v, scale_gap);
	bar(v, f, TG_SAY(v, funnel_read), first, 0, false);
	for (size_t i = 0; i < n; i++) {
		const struct tg_json *s = tg_json_at(stages, i);
		const int64_t out = tg_json_get_int(s, "out", 0);

		bar(v, f,
		    tg_view_term(
			v, TG_T_STAGE, tg_json_get_str(s, "stage", "?")),
		    out, tg_json_get_int(s, "in", 0) - out, i == n - 1);
	}
}

/* One line a stage, one more for each further reason. */
static void
stage_rows(struct tg_view *v, struct tg_block *t, const struct tg_json *s)
{
	const struct tg_json *dropped = tg_json_get(s, "dropped");
	const size_t n = tg_json_len(dropped);

	for (size_t i = 0; i == 0 || i < n; i++) {
		const struct tg_json *why = tg_json_at(dropped, i);
		const char *code = tg_json_get_str(why, "code", "");
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(v->d, row,
		    i == 0 ? tg_view_term(v, TG_T_STAGE,
				 tg_json_get_str(s, "stage", "?"))
			   : "");
		tg_doc_text(v->d, row,
		    i == 0 ? tg_view_int(v, tg_json_get_int(s, "in", 0)) : "");
		tg_doc_text(v->d, row,
		    i == 0 ? tg_view_int(v, tg_json_get_int(s, "out", 0)) : "");
		tg_doc_text(v->d, row,
		    why == NULL ? tg_view_int(v, 0)
				: tg_view_int(v, tg_json_get_int(why, "n", 0)));
		tg_view_mono(v, row, code);
		tg_doc_text(v->d, row,
		    tg_term_known(TG_T_REASON, code)
			? tg_view_term(v, TG_T_REASON, code)
			: "");
	}
}

static int64_t
quarantined(const struct tg_view *v)
{
	const struct tg_json *src = tg_json_get(v->m, "source");
	int64_t n = 0;

	for (size_t i = 0; i < tg_json_len(src); i++)
		n += tg_json_get_int(tg_json_at(src, i), "quarantined", 0);
	return n;
}

void
tg_section_funnel(struct tg_view *v)
{
	const struct tg_json *f = tg_json_get(v->m, "funnel");
	const struct tg_json *stages = tg_json_get(f, "stages");
	const struct tg_json *limits = tg_json_get(v->m, "limits");
	const struct tg_col cols[] = {{TG_SAY(v, c_stage), TG_LEFT, 24, true},
	    {TG_SAY(v, c_in), TG_RIGHT, 9, false},
	    {TG_SAY(v, c_out), TG_RIGHT, 9, false},
	    {TG_SAY(v, c_dropped), TG_RIGHT, 9, false},
	    {TG_SAY(v, c_code), TG_LEFT, 18, false},
	    {TG_SAY(v, c_reason), TG_LEFT, 0, false}};
	struct tg_block *t;

	tg_view_section(v, "funnel", TG_SAY(v, funnel_title));
	if (!tg_view_has(v, f))
		return;
	chart(v, stages);
	t = tg_doc_table(v->d, TG_SAY(v, funnel_table), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(stages); i++)
		stage_rows(v, t, tg_json_at(stages, i));
	if (tg_json_get(limits, "max_tokens") != NULL)
		tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, tokens_line),
		    TG_ARGS(tg_view_int(
				v, tg_json_get_int(limits, "max_tokens", 0)),
			tg_view_int(v, tg_json_get_int(limits, "truncated", 0)),
			tg_view_stated(
			    v, tg_json_get_str(limits, "estimator", ""))));
	tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, quarantined),
	    TG_ARGS(tg_view_int(v, quarantined(v))));
	tg_view_source(v, f);
}

/* What the draw was, by its own account. */
static void
draw(struct tg_view *v, struct tg_block *kv, const struct tg_json *s)
{
	const int64_t index = tg_json_get_int(s, "ledger_index", -1);
	const struct tg_json *ids = tg_json_get(s, "identities");

	tg_view_kv(v, kv, TG_SAY(v, s_population), TG_RUN_TEXT,
	    TG_FILL(v, s_population_v,
		tg_view_int(
		    v, tg_json_get_int(ids == NULL ? s : ids, "seen", 0)),
		tg_view_term(
		    v, TG_T_UNIT, tg_json_get_str(s, "unit", "record"))));
	tg_view_kv(v, kv, TG_SAY(v, s_rate), TG_RUN_TEXT,
	    tg_typo_percent(v->a, v->lang, tg_json_get_int(s, "rate_ppb", 0)));
	tg_view_kv(v, kv, TG_SAY(v, s_algorithm), TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(s, "algorithm", "")));
	tg_view_kv(v, kv, TG_SAY(v, s_commit), TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(s, "seed_commit", "")));
	tg_view_kv(v, kv, TG_SAY(v, s_entry), TG_RUN_TEXT,
	    index < 0 ? TG_SAY(v, not_assessed) : tg_view_int(v, index));
}

/* What was drawn, and how many records that is; the digest of the list with
 * which the draw is done again. */
static void
kept(struct tg_view *v, struct tg_block *kv, const struct tg_json *s)
{
	const struct tg_json *ids = tg_json_get(s, "identities");

	if (ids == NULL) {
		tg_view_kv(v, kv, TG_SAY(v, s_kept), TG_RUN_TEXT,
		    tg_view_int(v, tg_json_get_int(s, "kept", 0)));
		return;
	}
	tg_view_kv(v, kv, TG_SAY(v, s_list), TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(s, "list_sha256", "")));
	tg_view_kv(v, kv, TG_SAY(v, s_kept), TG_RUN_TEXT,
	    TG_FILL(v, s_kept_v,
		tg_view_int(v, tg_json_get_int(ids, "drawn", 0)),
		tg_view_int(v, tg_json_get_int(s, "kept", 0)),
		tg_view_int(v, tg_json_get_int(s, "seen", 0))));
}

static bool
seed_met(const struct tg_view *v)
{
	const int64_t row = tg_requirement_row("seed-committed");
	const struct tg_json *r = row == 0
	    ? NULL
	    : tg_json_at(tg_json_get(v->m, "requirements"), (size_t)(row - 1));

	return strcmp(tg_json_get_str(r, "result", ""), "met") == 0;
}

void
tg_section_sampling(struct tg_view *v)
{
	const struct tg_json *s = tg_json_get(v->m, "sampling");
	const struct tg_json *who = tg_json_get(s, "subjects");
	struct tg_block *kv;

	tg_view_section(v, "sampling", TG_SAY(v, sampling_title));
	if (!tg_view_has(v, s))
		return;
	kv = tg_doc_key_value(v->d);
	draw(v, kv, s);
	kept(v, kv, s);
	if (who != NULL)
		tg_view_kv(v, kv, TG_SAY(v, s_subject), TG_RUN_TEXT,
		    TG_FILL(v, s_subject_v,
			tg_view_int(v, tg_json_get_int(who, "max_records", 0)),
			tg_view_int(v, tg_json_get_int(who, "by_person", 0)),
			tg_view_int(v, tg_json_get_int(who, "by_session", 0)),
			tg_view_int(v, tg_json_get_int(who, "unknown", 0))));
	tg_view_kv(v, kv, TG_SAY(v, s_expected), TG_RUN_TEXT,
	    tg_typo_fixed(v->a, v->lang,
		(tg_json_get_int(s, "expected_milli", 0) + 50) / 100, 1));
	tg_view_kv(v, kv, TG_SAY(v, s_interval), TG_RUN_TEXT,
	    TG_FILL(v, s_interval_v,
		tg_view_int(v, tg_json_get_int(s, "interval_low", 0)),
		tg_view_int(v, tg_json_get_int(s, "interval_high", 0))));
	tg_view_kv(v, kv, TG_SAY(v, s_z), TG_RUN_TEXT,
	    TG_FILL(v, s_z_v,
		tg_typo_fixed(
		    v->a, v->lang, tg_json_get_int(s, "z_milli", 0) / 10, 2)));
	if (seed_met(v))
		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
		    TG_SAY(v, sampling_wording));
	else
		tg_para_fill(v->d, tg_doc_para(v->d),
		    TG_SAY(v, sampling_unshown),
		    TG_ARGS(
			tg_view_int(v, tg_requirement_row("seed-committed"))));
	tg_view_source(v, s);
}
