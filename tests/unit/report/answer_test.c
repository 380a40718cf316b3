/*
 * answer_test.c - explanations of made-up records, bundles and decisions,
 * line by line in both languages.
 *
 * To renew golden/explain.*.txt after a wanted change:
 * TG_REGEN=1 make unit-report
 */
#include "report/answer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "policies/code.h"
#include "report/terms.h"
#include "tests/unit/report/fixture.h"

#include "base/banned.h"

#define TEXT_MAX (1u << 20)
#define RUN "EXP-2026-11-24-FR-01"

Suite *answer_suite(void);

static struct tg_json *data;

static void
open_data(void)
{
	struct tg_err err = {0};

	ck_assert_msg(
	    tg_json_load(&data,
		root_path("tests/unit/report/data/explain.json"), &err) == 0,
	    "%s", err.text);
}

static void
close_data(void)
{
	tg_json_free(data);
	data = NULL;
}

static const struct tg_json *
case_of(const char *name)
{
	const struct tg_json *list = tg_json_get(data, "cases");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *c = tg_json_at(list, i);

		if (strcmp(tg_json_get_str(c, "name", ""), name) == 0)
			return c;
	}
	ck_abort_msg("no case '%s'", name);
}

static struct tg_explain_in
in_of(const char *name)
{
	struct tg_explain_in in = {.run = RUN,
	    .state = "awaiting-decision",
	    .decided = tg_json_get(data, "decided"),
	    .manifest = tg_json_get(data, "manifest")};

	if (strcmp(name, "nothing but a word") == 0) {
		in.decided = NULL;
		in.manifest = NULL;
	}
	return in;
}

static struct tg_json *
record(const char *name)
{
	const struct tg_explain_in in = in_of(name);
	struct tg_json *model = NULL;
	struct tg_err err = {0};

	ck_assert_msg(tg_explain_record(&model, &in,
			  tg_json_get(case_of(name), "found"), &err) == 0,
	    "%s", err.text);
	return model;
}

static struct tg_decisions
decisions(enum tg_decisions_now state)
{
	struct tg_decisions d = {
	    .state = state, .docs = tg_json_get(data, "docs"), .n_reason = 1};
	struct tg_decision_reason *r = &d.reason[0];

	if (state == TG_DECISIONS_REFUSED) {
		(void)snprintf(r->code, sizeof(r->code), "APR-REJECTED");
		(void)snprintf(r->text, sizeof(r->text), "legal rejected");
	} else {
		(void)snprintf(r->code, sizeof(r->code), "APR-MISSING");
		(void)snprintf(r->role, sizeof(r->role), "legal");
		(void)snprintf(
		    r->text, sizeof(r->text), "nobody has approved as legal");
	}
	return d;
}

static struct tg_json *
bundle(enum tg_decisions_now state, bool stopped, bool decision_only)
{
	const struct tg_decisions d = decisions(state);
	const struct tg_explain_bundle b = {
	    .evidence = stopped ? NULL : tg_json_get(data, "evidence"),
	    .ledger = tg_json_get(data, "ledger"),
	    .stopped = stopped ? tg_json_get(data, "stopped") : NULL,
	    .decisions = stopped ? NULL : &d,
	    .bundle_id = stopped ? "" : "tg-fr-aaaaaaaaaa"};
	struct tg_explain_in in = in_of("");
	struct tg_json *model = NULL;
	struct tg_err err = {0};

	if (stopped) {
		in.manifest = NULL;
		in.state = "planned";
	}
	ck_assert_msg(
	    tg_explain_bundle(&model, &in, &b, decision_only, &err) == 0, "%s",
	    err.text);
	return model;
}

/* The model's lines behind @title; releases it. */
static void
add(struct tg_buf *out, const char *title, struct tg_json *take_model,
    enum tg_lang lang)
{
	struct tg_err err = {0};

	ck_assert_int_eq(tg_buf_addf(out, &err, "== %s\n", title), 0);
	ck_assert_msg(
	    tg_explain_text(out, take_model, lang, &err) == 0, "%s", err.text);
	tg_json_free(take_model);
}

static void
all(struct tg_buf *out, enum tg_lang lang)
{
	const struct tg_json *list = tg_json_get(data, "cases");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const char *name =
		    tg_json_get_str(tg_json_at(list, i), "name", "");

		add(out, name, record(name), lang);
	}
	add(out, "a bundle that waits",
	    bundle(TG_DECISIONS_WAITING, false, false), lang);
	add(out, "a refusal", bundle(TG_DECISIONS_REFUSED, false, true), lang);
	add(out, "a run that stopped",
	    bundle(TG_DECISIONS_WAITING, true, false), lang);
}

START_TEST(every_answer_reads_as_before)
{
	const enum tg_lang lang = _i == 0 ? TG_EN : TG_FR;
	struct tg_buf got, want;
	char name[64], below[128];

	(void)snprintf(name, sizeof(name), "explain.%s.txt", tg_lang_tag(lang));
	(void)snprintf(
	    below, sizeof(below), "tests/unit/report/golden/%s", name);
	tg_buf_init(&got, TEXT_MAX);
	tg_buf_init(&want, TEXT_MAX);
	all(&got, lang);
	if (getenv("TG_REGEN") != NULL) {
		ck_assert_int_eq(tg_fs_write(root_path(below), tg_buf_sv(&got),
				     0644, TG_FS_OVERWRITE, NULL),
		    0);
		ck_abort_msg("%s written anew", below);
	}
	slurp(&want, root_path("tests/unit/report/golden"), name);
	ck_assert_msg(tg_sv_eq(tg_buf_sv(&got), tg_buf_sv(&want)),
	    "%s differs; what was got:\n%s", below, got.p);
	tg_buf_deinit(&got);
	tg_buf_deinit(&want);
}
END_TEST

static const struct tg_json *
first(const struct tg_json *model)
{
	return tg_json_at(tg_json_get(model, "records"), 0);
}

START_TEST(the_finding_that_drops_is_the_fact_and_not_the_first)
{
	struct tg_json *m = record("nir");
	const struct tg_json *f = tg_json_get(first(m), "fact");

	ck_assert_str_eq(tg_json_get_str(f, "type", ""), "FR_NIR");
	ck_assert_int_eq(tg_json_get_int(f, "minimum", 0), 40);
	ck_assert_str_eq(
	    tg_json_get_str(tg_json_get(first(m), "rule"), "path", ""),
	    "/redaction/detectors/FR_NIR/action");
	tg_json_free(m);
}
END_TEST

/* An id that the list of the draw does not have was never read; where sessions
 * are drawn the list has no ids of traces, and nothing follows. */
START_TEST(what_is_not_listed_is_unknown_only_where_traces_are_drawn)
{
	struct tg_json *found, *m = NULL;
	struct tg_explain_in in = in_of("");
	struct tg_err err = {0};

	found = tg_json_copy(tg_json_get(case_of("by session"), "found"));
	ck_assert_int_eq(tg_explain_record(&m, &in, found, &err), 0);
	ck_assert(tg_json_get_bool(m, "known", false));
	ck_assert_uint_eq(tg_json_len(tg_json_get(m, "records")), 0);
	tg_json_free(m);
	ck_assert_int_eq(
	    tg_json_set_str(tg_json_get(found, "head"), "unit", "trace"), 0);
	ck_assert_int_eq(tg_explain_record(&m, &in, found, &err), 0);
	ck_assert(!tg_json_get_bool(m, "known", true));
	tg_json_free(m);
	/* Without its list nothing is sure. */
	ck_assert_int_eq(tg_json_set_bool(found, "listed", false), 0);
	ck_assert_int_eq(tg_explain_record(&m, &in, found, &err), 0);
	ck_assert(tg_json_get_bool(m, "known", false));
	tg_json_free(m);
	tg_json_free(found);
}
END_TEST

/* A log that reached its bound says nothing of what it does not have. */
START_TEST(a_place_is_out_of_the_draw_only_when_the_log_is_whole)
{
	struct tg_json *found, *m = record("out by place");
	const struct tg_explain_in in = in_of("");
	struct tg_err err = {0};

	ck_assert_str_eq(tg_json_get_str(first(m), "code", ""), "SMP-OUT");
	tg_json_free(m);
	found = tg_json_copy(tg_json_get(case_of("out by place"), "found"));
	ck_assert_int_eq(tg_json_set_bool(found, "incomplete", true), 0);
	ck_assert_int_eq(tg_explain_record(&m, &in, found, &err), 0);
	ck_assert_uint_eq(tg_json_len(tg_json_get(m, "records")), 0);
	ck_assert(tg_json_get_bool(m, "known", false));
	tg_json_free(m);
	tg_json_free(found);
}
END_TEST

START_TEST(every_code_has_a_remedy)
{
	enum tg_term_kind kind;
	const char *code, *words[TG_LANGS];
	const struct tg_code *c;

	for (size_t i = 0; (c = tg_code_at(i)) != NULL; i++)
		ck_assert_msg(tg_term_known(TG_T_REMEDY, c->code),
		    "%s: no row in report/remedies.def", c->code);
	for (size_t i = 0; tg_term_at(i, &kind, &code, words); i++)
		if (kind == TG_T_REMEDY)
			ck_assert_msg(tg_code_find(code) != NULL,
			    "%s: a remedy, but no row in codes.def", code);
}
END_TEST

Suite *
answer_suite(void)
{
	Suite *s = suite_create("report/answer");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, open_data, close_data);
	tcase_add_loop_test(c, every_answer_reads_as_before, 0, TG_LANGS);
	tcase_add_test(c, the_finding_that_drops_is_the_fact_and_not_the_first);
	tcase_add_test(
	    c, what_is_not_listed_is_unknown_only_where_traces_are_drawn);
	tcase_add_test(
	    c, a_place_is_out_of_the_draw_only_when_the_log_is_whole);
	tcase_add_test(c, every_code_has_a_remedy);
	suite_add_tcase(s, c);
	return s;
}
