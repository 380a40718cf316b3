/* section_review.c - the part of "Second check" that says what a person found
 * who read a sample (pipeline/review.h). */
#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

static void
found(struct tg_view *v, const struct tg_json *r)
{
	const int64_t examined = tg_json_get_int(r, "examined", 0);
	const int64_t all = tg_json_get_int(r, "population", 0);
	const char *n = tg_view_int(v, tg_json_get_int(r, "found", 0));

	if (examined == all)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, rv_all),
		    TG_ARGS(n, tg_view_int(v, all)));
	else
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, rv_bound),
		    TG_ARGS(n, tg_view_int(v, examined), tg_view_int(v, all),
			tg_typo_percent(v->a, v->lang,
			    tg_typo_up(tg_json_get_int(r, "upper_ppb", 0)))));
}

/* "PERSON (2), PHONE (1)" */
static const char *
types(const struct tg_view *v, const struct tg_json *list)
{
	const char *text = "";

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *t = tg_json_at(list, i);

		text = tg_arena_fmt(v->a, "%s%s%s (%s)", text,
		    i == 0 ? "" : ", ",
		    tg_view_term(v, TG_T_TYPE, tg_json_get_str(t, "type", "?")),
		    tg_view_int(v, tg_json_get_int(t, "records", 0)));
	}
	return text;
}

void
tg_part_review(struct tg_view *v)
{
	const struct tg_json *r = tg_json_get(v->m, "review");
	const struct tg_json *list = tg_json_get(r, "types");

	if (r == NULL)
		return; /* of a version without it */
	tg_doc_heading(v->d, 3, "review", TG_SAY(v, rv_title));
	if (tg_json_get_bool(r, "demanded", true))
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, rv_asked),
		    TG_ARGS(
			tg_view_int(v, tg_json_get_int(r, "min_records", 0)),
			tg_view_int(v, tg_json_get_int(r, "max_findings", 0))));
	else
		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
		    TG_SAY(v, rv_not_asked));
	if (tg_json_get(r, "examined") == NULL) {
		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
		    TG_SAY(v, not_assessed));
		return;
	}
	found(v, r);
	if (tg_json_len(list) > 0)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, rv_types),
		    TG_ARGS(types(v, list)));
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, rv_by),
	    TG_ARGS(tg_view_date(v, tg_json_get_int(r, "signed_at", 0)),
		tg_view_term(v, TG_T_ROLE, tg_json_get_str(r, "role", "?")),
		tg_json_get_str(r, "reviewer_keyid", "?")));
	if (tg_json_get_int(r, "found", 0) >
	    tg_json_get_int(r, "max_findings", 0))
		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_BOLD,
		    TG_SAY(v, rv_refused));
	tg_view_source(v, r);
}
