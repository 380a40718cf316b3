/* section_approvals.c - who must sign, who has, and what they answered. */
#include <string.h>

#include "report/evidence.h"
#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

static int64_t
valid(const struct tg_json *list, const char *role)
{
	int64_t n = 0;

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *s = tg_json_at(list, i);

		if (tg_json_get_bool(s, "counts", false) &&
		    strcmp(tg_json_get_str(s, "role", ""), role) == 0)
			n++;
	}
	return n;
}

static const char *
roles_line(const struct tg_view *v, const struct tg_json *roles)
{
	const char *out = "";

	for (size_t i = 0; out != NULL && i < tg_json_len(roles); i++) {
		const struct tg_json *r = tg_json_at(roles, i);

		out =
		    tg_arena_fmt(v->a, "%s%s%lld × %s", out, i == 0 ? "" : ", ",
			(long long)tg_json_get_int(r, "count", 1),
			tg_view_term(
			    v, TG_T_ROLE, tg_json_get_str(r, "role", "?")));
	}
	return out;
}

static void
roles(struct tg_view *v, const struct tg_json *a)
{
	const struct tg_json *list = tg_json_get(a, "roles");
	const struct tg_col cols[] = {
	    {TG_SAY(v, c_capacity), TG_LEFT, 50, true},
	    {TG_SAY(v, c_needed), TG_RIGHT, 25, false},
	    {TG_SAY(v, c_have), TG_RIGHT, 0, false}};
	struct tg_block *t;

	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, approvals_needed),
	    TG_ARGS(roles_line(v, list),
		tg_view_int(v, tg_json_get_int(a, "distinct_persons", 0)),
		tg_view_int(v, tg_json_get_int(a, "expires_days", 0))));
	t = tg_doc_table(v->d, TG_SAY(v, roles_table), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *r = tg_json_at(list, i);
		const char *role = tg_json_get_str(r, "role", "?");
		const int64_t have = valid(tg_json_get(a, "signed"), role);
		struct tg_row *row = tg_doc_row(v->d, t);

		if (row != NULL)
			row->tinted = have < tg_json_get_int(r, "count", 1);
		tg_doc_text(v->d, row, tg_view_term(v, TG_T_ROLE, role));
		tg_doc_text(
		    v->d, row, tg_view_int(v, tg_json_get_int(r, "count", 1)));
		tg_doc_text(v->d, row, tg_view_int(v, have));
	}
}

/* Conditions come as one text or as a list of texts; a refusal has a reason
 * instead. */
static const char *
conditions(const struct tg_view *v, const struct tg_json *s)
{
	const struct tg_json *c = tg_json_get(s, "conditions");

	if (tg_json_kind(c) == TG_JSON_STR)
		return tg_json_text(c);
	return tg_json_len(c) == 0 ? tg_json_get_str(s, "reason", "")
				   : tg_view_join(v, TG_T_UNIT, c, " · ");
}

static void
decisions(struct tg_view *v, const struct tg_json *list)
{
	const struct tg_col cols[] = {
	    {TG_SAY(v, c_decision), TG_LEFT, 16, true},
	    {TG_SAY(v, c_capacity), TG_LEFT, 14, false},
	    {TG_SAY(v, c_name), TG_LEFT, 13, false},
	    {TG_SAY(v, c_key), TG_LEFT, 19, false},
	    {TG_SAY(v, c_signed), TG_LEFT, 12, false},
	    {TG_SAY(v, c_expires), TG_LEFT, 12, false},
	    {TG_SAY(v, c_conditions), TG_LEFT, 0, false}};
	struct tg_block *t = tg_doc_table(
	    v->d, TG_SAY(v, approvals_table), cols, TG_COUNT(cols));

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *s = tg_json_at(list, i);
		const struct tg_json *who = tg_json_get(s, "signer");
		const int64_t until = tg_json_get_int(s, "expires_at", 0);
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(v->d, row,
		    tg_view_term(
			v, TG_T_DECISION, tg_json_get_str(s, "decision", "?")));
		tg_doc_text(v->d, row,
		    tg_view_term(
			v, TG_T_ROLE, tg_json_get_str(s, "role", "?")));
		tg_doc_text(v->d, row, tg_json_get_str(who, "name", "?"));
		tg_view_mono(v, row, tg_json_get_str(who, "key", "?"));
		tg_doc_text(v->d, row,
		    tg_view_date(v, tg_json_get_int(s, "signed_at", 0)));
		tg_doc_text(v->d, row,
		    tg_json_get_bool(s, "lapsed", false) ? TG_SAY(v, lapsed)
			: until == 0 ? TG_SAY(v, none_stated)
				     : tg_view_date(v, until));
		tg_doc_text(v->d, row, conditions(v, s));
	}
}

static bool
answered(const struct tg_json *list, int64_t no)
{
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *a =
		    tg_json_get(tg_json_at(list, i), "answers");

		for (size_t k = 0; k < tg_json_len(a); k++)
			if (tg_json_get_int(tg_json_at(a, k), "row", 0) == no)
				return true;
	}
	return false;
}

static void
answers(struct tg_view *v, const struct tg_json *list)
{
	const struct tg_col cols[] = {{TG_SAY(v, c_row), TG_LEFT, 8, false},
	    {TG_SAY(v, c_name), TG_LEFT, 25, false},
	    {TG_SAY(v, c_answer), TG_LEFT, 0, false}};
	struct tg_block *t = NULL;

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *s = tg_json_at(list, i);
		const struct tg_json *a = tg_json_get(s, "answers");

		for (size_t k = 0; k < tg_json_len(a); k++) {
			const struct tg_json *x = tg_json_at(a, k);
			struct tg_row *row;

			if (t == NULL)
				t = tg_doc_table(v->d, TG_SAY(v, answers_table),
				    cols, TG_COUNT(cols));
			row = tg_doc_row(v->d, t);
			tg_doc_text(v->d, row,
			    tg_view_int(v, tg_json_get_int(x, "row", 0)));
			tg_doc_text(v->d, row,
			    tg_json_get_str(
				tg_json_get(s, "signer"), "name", "?"));
			tg_doc_text(v->d, row, tg_json_get_str(x, "text", ""));
		}
	}
}

static void
still_open_rows(struct tg_view *v, const struct tg_json *list)
{
	struct tg_evidence_open rows[TG_EVIDENCE_ROWS];
	const char *out = "";
	size_t n;

	if (tg_evidence_open_rows(rows, &n, v->m, NULL) < 0)
		return;
	for (size_t i = 0; out != NULL && i < n; i++)
		if (!answered(list, rows[i].row))
			out = tg_arena_fmt(v->a, "%s%s%lld", out,
			    out[0] == '\0' ? "" : ", ", (long long)rows[i].row);
	if (out == NULL || out[0] != '\0')
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, still_open),
		    TG_ARGS(out));
}

void
tg_section_approvals(struct tg_view *v)
{
	const struct tg_json *a = tg_json_get(v->m, "approvals");
	const struct tg_json *list = tg_json_get(a, "signed");

	tg_view_section(v, "approvals", TG_SAY(v, approvals_title));
	if (tg_view_has(v, a))
		roles(v, a);
	if (tg_json_len(list) == 0) {
		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
		    TG_SAY(v, approvals_none));
	} else {
		decisions(v, list);
		answers(v, list);
	}
	still_open_rows(v, list);
}
