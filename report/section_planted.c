/* section_planted.c - invented values that were planted, and how many were
 * found (pipeline/canary.h has the definitions). */
#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

static void
row(struct tg_view *v, struct tg_block *t, const struct tg_json *o)
{
	const int64_t planted = tg_json_get_int(o, "planted", 0);
	const int64_t found = tg_json_get_int(o, "found", 0);
	struct tg_row *r = tg_doc_row(v->d, t);

	if (r != NULL)
		r->tinted = found != planted;
	tg_doc_text(v->d, r,
	    tg_view_term(v, TG_T_TYPE, tg_json_get_str(o, "type", "?")));
	tg_doc_text(v->d, r, tg_view_int(v, planted));
	tg_doc_text(v->d, r, tg_view_int(v, found));
	tg_doc_text(v->d, r,
	    tg_typo_percent(v->a, v->lang,
		tg_typo_down(tg_json_get_int(o, "recall_low_ppb", 0))));
}

void
tg_section_planted(struct tg_view *v)
{
	const struct tg_json *c = tg_json_get(v->m, "canaries");
	const struct tg_json *types = tg_json_get(c, "types");
	const struct tg_json *none = tg_json_get(c, "not_covered");
	const struct tg_json *kept = tg_json_get(c, "kept");
	const struct tg_col cols[] = {{TG_SAY(v, c_type), TG_LEFT, 46, true},
	    {TG_SAY(v, c_planted), TG_RIGHT, 16, false},
	    {TG_SAY(v, c_planted_found), TG_RIGHT, 16, false},
	    {TG_SAY(v, c_recall_low), TG_RIGHT, 0, false}};
	struct tg_block *t;

	if (c == NULL)
		return; /* the requirements say that it was not run */
	tg_doc_heading(v->d, 3, "planted", TG_SAY(v, planted_title));
	if (tg_json_len(types) == 0) {
		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
		    TG_SAY(v, not_assessed));
		return;
	}
	tg_para_add(
	    v->d, tg_doc_para(v->d), TG_RUN_TEXT, TG_SAY(v, planted_what));
	t = tg_doc_table(v->d, TG_SAY(v, planted_table), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(types); i++)
		row(v, t, tg_json_at(types, i));
	if (tg_json_len(none) > 0)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, planted_none),
		    TG_ARGS(tg_view_join(v, TG_T_TYPE, none, ", ")));
	if (tg_json_len(kept) > 0)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, planted_kept),
		    TG_ARGS(tg_view_join(v, TG_T_TYPE, kept, ", ")));
	tg_para_add(
	    v->d, tg_doc_note(v->d), TG_RUN_TEXT, TG_SAY(v, planted_limit));
	tg_view_source(v, c);
}
