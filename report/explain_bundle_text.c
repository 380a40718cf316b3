/* explain_bundle_text.c - a bundle, and the decision on it, as lines. */
#include <string.h>

#include "report/evidence_rows.h"
#include "report/explain_out.h"

#include "base/banned.h"

static const char *
term(const struct tg_xout *x, enum tg_term_kind kind, const struct tg_json *o,
    const char *key)
{
	return tg_view_term(&x->v, kind, tg_json_get_str(o, key, ""));
}

static void
transfer(struct tg_xout *x)
{
	const struct tg_json *t = tg_json_get(x->v.m, "transfer");
	const char *by = tg_json_get_str(t, "mechanism", "");

	if (t == NULL)
		return;
	tg_xout_line(x, TG_SAY(&x->v, x_transfer),
	    TG_FILL(&x->v, x_transfer_line, term(x, TG_T_COUNTRY, t, "origin"),
		term(x, TG_T_COUNTRY, t, "country"),
		by[0] == '\0' ? TG_SAY(&x->v, none_stated) : by));
	tg_xout_line(
	    x, TG_SAY(&x->v, x_rule), tg_xout_rule(x, tg_json_get(t, "rule")));
}

static void
gates(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "gates");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *g = tg_json_at(list, i);
		const char *id = tg_json_get_str(g, "id", "");
		const struct tg_requirement *r = tg_requirement_find(id);
		const char *result = tg_json_get_str(g, "result", "");

		tg_xout_line(x, TG_SAY(&x->v, x_gate),
		    tg_arena_fmt(x->v.a, "%s %s",
			tg_doc_symbol(tg_view_mark(result)),
			TG_FILL(&x->v, x_gate_line,
			    r == NULL ? id : r->title[x->v.lang],
			    tg_view_term(&x->v, TG_T_RESULT, result),
			    tg_view_finding(&x->v, g))));
	}
}

static void
approvals(struct tg_xout *x)
{
	const struct tg_json *need = tg_json_get(x->v.m, "needed");
	const struct tg_json *docs = tg_json_get(x->v.m, "signed");

	for (size_t i = 0; i < tg_json_len(need); i++) {
		const struct tg_json *n = tg_json_at(need, i);

		tg_xout_line(x, TG_SAY(&x->v, x_needed),
		    TG_FILL(&x->v, x_needed_line, term(x, TG_T_ROLE, n, "role"),
			tg_view_int(&x->v, tg_json_get_int(n, "count", 0))));
		tg_xout_line(x, "", tg_xout_rule(x, tg_json_get(n, "rule")));
	}
	if (tg_json_len(need) > 0)
		tg_xout_line(x, TG_SAY(&x->v, x_needed),
		    TG_FILL(&x->v, x_persons,
			tg_view_int(&x->v,
			    tg_json_get_int(x->v.m, "distinct_persons", 0)),
			tg_view_int(&x->v,
			    tg_json_get_int(x->v.m, "expires_days", 0))));
	for (size_t i = 0; i < tg_json_len(docs); i++) {
		const struct tg_json *d = tg_json_at(docs, i);
		const char *why = tg_json_get_str(d, "reason", "");

		tg_xout_line(x, TG_SAY(&x->v, x_signed),
		    TG_FILL(&x->v, x_signed_line, term(x, TG_T_ROLE, d, "role"),
			tg_json_get_str(d, "person", ""),
			term(x, TG_T_DECISION, d, "decision"),
			tg_view_date(&x->v, tg_json_get_int(d, "signed_at", 0)),
			tg_view_date(
			    &x->v, tg_json_get_int(d, "expires_at", 0))));
		if (why[0] != '\0')
			tg_xout_line(x, "", why);
	}
}

static void
reasons(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "reasons");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *r = tg_json_at(list, i);
		const char *role = tg_json_get_str(r, "role", "");

		tg_xout_line(x, TG_SAY(&x->v, x_code),
		    tg_arena_fmt(x->v.a, "%s  %s%s%s%s",
			tg_json_get_str(r, "code", ""),
			tg_xout_words(x, tg_json_get(r, "words")),
			role[0] == '\0' ? "" : " (",
			role[0] == '\0' ? ""
					: tg_view_term(&x->v, TG_T_ROLE, role),
			role[0] == '\0' ? "" : ")"));
		tg_xout_line(
		    x, TG_SAY(&x->v, x_fact), tg_json_get_str(r, "detail", ""));
		tg_xout_why(x, r);
	}
}

static void
entries(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "ledger");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *e = tg_json_at(list, i);

		tg_xout_line(x, TG_SAY(&x->v, x_ledger),
		    tg_arena_fmt(x->v.a, "#%lld  %s  %s",
			(long long)tg_json_get_int(e, "index", 0),
			tg_view_datetime(&x->v, tg_json_get_int(e, "time", 0)),
			term(x, TG_T_LEDGER, e, "type")));
	}
}

void
tg_xout_bundle(struct tg_xout *x)
{
	const char *id = tg_json_get_str(x->v.m, "bundle_id", "");

	tg_xout_head(x,
	    TG_FILL(&x->v, x_bundle, id[0] == '\0' ? "-" : id,
		tg_json_get_str(x->v.m, "run", "")),
	    term(x, TG_T_STATUS, x->v.m, "outcome"));
	transfer(x);
	gates(x);
	approvals(x);
	reasons(x);
	entries(x);
}
