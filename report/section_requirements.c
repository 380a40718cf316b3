/* section_requirements.c - the table of requirements. */
#include <string.h>

#include "report/evidence_rows.h"
#include "report/view.h"
#include "report/words.h"

#include "base/banned.h"

/* "UK-01, UK GDPR 5(1)(b)"; a control without a known clause by its id. */
static const char *
sources(const struct tg_view *v, const struct tg_json *row)
{
	const char *id = tg_json_get_str(row, "id", "");
	const struct tg_json *list = tg_json_get(row, "controls");
	const char *out = "";

	for (size_t i = 0; out != NULL && i < tg_json_len(list); i++) {
		const char *c = tg_json_text(tg_json_at(list, i));
		const char *clause = tg_requirement_clause(v->lang, id, c);

		if (clause == NULL)
			clause = tg_words_find(tg_json_get(v->m, "words"),
			    v->lang,
			    tg_arena_fmt(v->a, TG_WORDS_SOURCE "%s.%s", id, c));
		out = tg_arena_fmt(v->a, "%s%s%s%s%s", out, i == 0 ? "" : " · ",
		    c, clause == NULL ? "" : ", ",
		    clause == NULL ? "" : clause);
	}
	if (out != NULL && out[0] == '\0')
		out = tg_json_get_str(row, "policy", "");
	return out;
}

/* Gates that failed, and did not stop the run. */
static void
not_blocked(struct tg_view *v)
{
	const struct tg_json *gates = tg_json_get(v->m, "gates");
	const struct tg_json *list = tg_json_get(gates, "not_blocked");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const char *code =
		    tg_json_get_str(tg_json_at(list, i), "code", "?");

		tg_para_fill(v->d, tg_doc_para(v->d),
		    TG_SAY(v, req_not_blocked),
		    TG_ARGS(code, tg_view_term(v, TG_T_REASON, code),
			tg_json_get_str(gates, "enforcement", "?")));
	}
}

void
tg_section_requirements(struct tg_view *v)
{
	const struct tg_json *rows = tg_json_get(v->m, "requirements");
	const struct tg_col cols[] = {{TG_SAY(v, c_no), TG_LEFT, 5, false},
	    {TG_SAY(v, c_requirement), TG_LEFT, 25, true},
	    {TG_SAY(v, c_source), TG_LEFT, 20, false},
	    {TG_SAY(v, c_examined), TG_LEFT, 33, false},
	    {TG_SAY(v, c_result), TG_LEFT, 0, false}};
	struct tg_block *t;

	tg_view_section(v, "requirements", TG_SAY(v, req_title));
	tg_para_add(v->d, tg_doc_note(v->d), TG_RUN_TEXT, TG_SAY(v, req_note));
	t = tg_doc_table(v->d, TG_SAY(v, table_req), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(rows); i++) {
		const struct tg_json *r = tg_json_at(rows, i);
		const char *id = tg_json_get_str(r, "id", "");
		const char *result = tg_json_get_str(r, "result", "");
		const struct tg_requirement *req = tg_requirement_find(id);
		struct tg_row *row = tg_doc_row(v->d, t);

		if (row != NULL)
			row->tinted = tg_view_mark(result) != TG_MARK_MET;
		tg_doc_text(
		    v->d, row, tg_view_int(v, tg_json_get_int(r, "row", 0)));
		tg_doc_text(v->d, row, req == NULL ? id : req->title[v->lang]);
		tg_doc_text(v->d, row, sources(v, r));
		tg_doc_text(v->d, row, tg_view_finding(v, r));
		tg_view_status(v, row, result);
	}
	not_blocked(v);
}
