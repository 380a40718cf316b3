/* section_claims.c - what the data may be called, how long they are kept. */
#include <string.h>

#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

static const char *
leaf_value(const struct tg_view *v, const char *path)
{
	const struct tg_json *leaves =
	    tg_json_get(tg_json_get(v->m, "policy"), "leaves");

	for (size_t i = 0; i < tg_json_len(leaves); i++) {
		const struct tg_json *l = tg_json_at(leaves, i);

		if (strcmp(tg_json_get_str(l, "path", ""), path) == 0)
			return tg_json_get_str(l, "value", NULL);
	}
	return NULL;
}

static const char *
term_of(const struct tg_view *v, enum tg_term_kind kind,
    const struct tg_json *o, const char *key)
{
	const char *code = tg_json_get_str(o, key, "");

	return code[0] == '\0' ? TG_SAY(v, none_stated)
			       : tg_view_term(v, kind, code);
}

/* "singling out, linkability, inference": the tests that did not pass. */
static const char *
failed_tests(const struct tg_view *v, const struct tg_json *a)
{
	const struct tg_json *tests = tg_json_get(a, "tests");
	const char *out = "";

	for (size_t i = 0; out != NULL && i < tg_json_len(tests); i++) {
		const struct tg_json *t = tg_json_at(tests, i);

		if (strcmp(tg_json_get_str(t, "result", ""), "met") == 0)
			continue;
		out = tg_arena_fmt(v->a, "%s%s%s", out,
		    out[0] == '\0' ? "" : ", ",
		    tg_typo_quote(v->a, v->lang,
			tg_view_term(
			    v, TG_T_TEST, tg_json_get_str(t, "id", "?"))));
	}
	return out;
}

/* Why the data may not be called what was asked. */
static const char *
refusal(const struct tg_view *v, const struct tg_json *a)
{
	const char *tests = failed_tests(v, a);

	return tests == NULL || tests[0] != '\0'
	    ? TG_FILL(v, claim_refused, tests)
	    : TG_SAY(v, claim_refused_key);
}

static const char *
affirmed(const struct tg_view *v)
{
	const struct tg_json *to = tg_json_get(v->m, "recipient");
	const struct tg_json *keep = tg_json_get(v->m, "retention");

	return TG_FILL(v, claim_anonymised,
	    tg_view_date(v, tg_json_get_int(v->m, "created", 0)),
	    tg_view_stated(v, tg_json_get_str(to, "legal_name", "")),
	    tg_view_date(v, tg_json_get_int(keep, "delete_after", 0)));
}

static void
claim(struct tg_view *v, const struct tg_json *a, const struct tg_json *c)
{
	const char *asked = tg_json_get_str(c, "claim", "?");
	const char *verdict = tg_json_get_str(c, "verdict", "refused");
	struct tg_para *p;

	tg_doc_open(v->d, TG_BOX_NOTE, NULL);
	p = tg_doc_para(v->d);
	tg_para_add(v->d, p, TG_RUN_BOLD,
	    TG_FILL(v, claim_of,
		tg_view_term(
		    v, TG_T_COUNTRY, tg_json_get_str(c, "origin", "?")),
		TG_FILL(v, claim_asked, tg_view_term(v, TG_T_LEVEL, asked))));
	tg_para_add(v->d, p, TG_RUN_TEXT, " ");
	if (strcmp(verdict, "refused") == 0) {
		tg_para_add(v->d, p, TG_RUN_TEXT, refusal(v, a));
		tg_para_add(v->d, p, TG_RUN_TEXT, " ");
	}
	tg_para_add(v->d, p, TG_RUN_TEXT,
	    strcmp(verdict, "anonymised") == 0
		? affirmed(v)
		: TG_SAY(v, claim_pseudonymised));
	tg_doc_close(v->d);
}

/* "12 groups examined; of one person: 0". */
static const char *
test_figures(const struct tg_view *v, const struct tg_json *t)
{
	const char *examined =
	    tg_view_int(v, tg_json_get_int(t, "examined", 0));
	const char *found = tg_view_int(v, tg_json_get_int(t, "found", 0));

	if (tg_json_get(t, "examined") == NULL)
		return TG_SAY(v, nottested);
	if (strcmp(tg_json_get_str(t, "id", ""), "inference") == 0)
		return TG_FILL(v, test_inference_v, examined, found);
	if (strcmp(tg_json_get_str(t, "id", ""), "linkability") == 0)
		return TG_FILL(v, test_linking_v, examined, found);
	return TG_FILL(v, test_singling_v, examined, found);
}

static void
tests(struct tg_view *v)
{
	const struct tg_json *list =
	    tg_json_get(tg_json_get(v->m, "anonymisation"), "tests");
	static const enum tg_str_id question[] = {
	    TG_S_test_singling, TG_S_test_linking, TG_S_test_inference};
	static const char *const name[] = {
	    "singling_out", "linkability", "inference"};
	const struct tg_col cols[] = {{TG_SAY(v, c_test), TG_LEFT, 22, true},
	    {TG_SAY(v, c_question), TG_LEFT, 0, false},
	    {TG_SAY(v, c_examined), TG_LEFT, 28, false},
	    {TG_SAY(v, c_result), TG_LEFT, 18, false}};
	struct tg_block *t =
	    tg_doc_table(v->d, TG_SAY(v, tests_table), cols, TG_COUNT(cols));

	for (size_t i = 0; i < TG_COUNT(name); i++) {
		struct tg_row *row = tg_doc_row(v->d, t);
		const struct tg_json *test = tg_json_at(list, i);
		const char *result =
		    tg_json_get_str(test, "result", "not_assessed");

		if (row != NULL)
			row->tinted = strcmp(result, "not_assessed") == 0;
		tg_doc_text(v->d, row, tg_view_term(v, TG_T_TEST, name[i]));
		tg_doc_text(v->d, row, tg_str(v->lang, question[i]));
		tg_doc_text(v->d, row, test_figures(v, test));
		tg_view_status(v, row, result);
	}
}

void
tg_section_claims(struct tg_view *v)
{
	const struct tg_json *a = tg_json_get(v->m, "anonymisation");
	const struct tg_json *claims = tg_json_get(a, "claims");
	const char *level = leaf_value(v, "/anonymisation/level");
	struct tg_block *kv;

	tg_view_section(v, "claims", TG_SAY(v, anon_title));
	if (tg_view_has(v, a)) {
		kv = tg_doc_key_value(v->d);
		tg_view_kv(v, kv, TG_SAY(v, an_level), TG_RUN_TEXT,
		    level == NULL ? TG_SAY(v, not_assessed)
				  : tg_view_term(v, TG_T_LEVEL, level));
		tg_view_kv(v, kv, TG_SAY(v, an_domain), TG_RUN_TEXT,
		    term_of(v, TG_T_DOMAIN, a, "pseudonym_domain"));
		if (tg_json_kind(tg_json_get(a, "pseudonym_epoch")) ==
		    TG_JSON_INT)
			tg_view_kv(v, kv, TG_SAY(v, an_epoch), TG_RUN_TEXT,
			    tg_view_int(
				v, tg_json_get_int(a, "pseudonym_epoch", 0)));
		tg_part_pseudonym_key(v, kv);
		tg_view_kv(v, kv, TG_SAY(v, an_dates), TG_RUN_TEXT,
		    term_of(v, TG_T_GRANULARITY, a, "date_granularity"));
		tg_view_kv(v, kv, TG_SAY(v, an_text), TG_RUN_TEXT,
		    term_of(v, TG_T_FREE_TEXT, a, "free_text"));
		for (size_t i = 0; i < tg_json_len(claims); i++)
			claim(v, a, tg_json_at(claims, i));
		tg_view_source(v, a);
	}
	tests(v);
	tg_section_groups(v);
	tg_section_links(v);
}

/* Records that are too old to leave and are not deleted; the bundle itself. */
static void
held(struct tg_view *v, const struct tg_json *r)
{
	const struct tg_json *list =
	    tg_json_get(tg_json_get(r, "held"), "holds");
	const struct tg_json *own = tg_json_get(r, "bundle_hold");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *h = tg_json_at(list, i);

		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
		    TG_FILL(v, hold, tg_json_get_str(h, "id", "?"),
			tg_view_date(v, tg_json_get_int(h, "reviewed", 0))));
	}
	if (own == NULL)
		return;
	tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_BOLD,
	    tg_doc_fill(v->d,
		tg_json_get_bool(own, "past", false) ? TG_SAY(v, hold)
						     : TG_SAY(v, hold_bundle),
		TG_ARGS(tg_json_get_str(own, "id", "?"),
		    tg_view_date(v, tg_json_get_int(own, "reviewed", 0)))));
}

void
tg_section_retention(struct tg_view *v)
{
	const struct tg_json *r = tg_json_get(v->m, "retention");
	const int64_t until = tg_json_get_int(r, "delete_after", 0);
	struct tg_block *kv;

	tg_view_section(v, "retention", TG_SAY(v, retention_title));
	if (!tg_view_has(v, r))
		return;
	kv = tg_doc_key_value(v->d);
	tg_view_kv(v, kv, TG_SAY(v, r_class), TG_RUN_TEXT,
	    term_of(v, TG_T_CLASS, r, "class"));
	tg_view_kv(v, kv, TG_SAY(v, r_days), TG_RUN_TEXT,
	    tg_view_int(v, tg_json_get_int(r, "days", 0)));
	tg_view_kv(v, kv, TG_SAY(v, r_clock), TG_RUN_TEXT,
	    term_of(v, TG_T_CLOCK, r, "clock"));
	tg_view_kv(v, kv, TG_SAY(v, r_until), TG_RUN_BOLD,
	    until == 0 ? TG_SAY(v, none_stated) : tg_view_date(v, until));
	if (tg_json_get(r, "held") != NULL)
		tg_view_kv(v, kv, TG_SAY(v, r_held), TG_RUN_TEXT,
		    tg_view_count(v, TG_P_r_held_is,
			tg_json_get_int(tg_json_get(r, "held"), "records", 0)));
	tg_view_kv(
	    v, kv, TG_SAY(v, r_deleted), TG_RUN_TEXT, TG_SAY(v, not_assessed));
	held(v, r);
	tg_para_add(
	    v->d, tg_doc_para(v->d), TG_RUN_TEXT, TG_SAY(v, deletion_limit));
	tg_view_source(v, r);
}
