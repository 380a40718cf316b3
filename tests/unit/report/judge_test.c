/* judge_test.c - each requirement: what makes it met, open or not met, with
 * the shipped policy of the United Kingdom. */
#include <check.h>
#include <string.h>

#include "base/banned.h"
#include "tests/unit/report/fixture.h"

Suite *judge_suite(void);

static void
set_int(struct tg_json *m, const char *part, const char *key, int64_t v)
{
	ck_assert_int_eq(tg_json_set_int(tg_json_get(m, part), key, v), 0);
}

static void
set_str(struct tg_json *m, const char *part, const char *key, const char *v)
{
	ck_assert_int_eq(tg_json_set_str(tg_json_get(m, part), key, v), 0);
}

static void
empty(struct tg_json *m, const char *part)
{
	ck_assert_int_eq(tg_json_set(m, part, tg_json_object()), 0);
}

static void
no_group(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set_int(fixture_left(m), "classes", 0), 0);
}

static void
smallest_of_five(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set_int(fixture_left(m), "smallest", 5), 0);
}

static void
smallest_of_four(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set_int(fixture_left(m), "smallest", 4), 0);
}

static void
invented_and_small(struct tg_json *m)
{
	const struct tg_json *list = tg_json_get(m, "source");

	smallest_of_four(m);
	ck_assert_int_eq(
	    tg_json_set_bool(tg_json_get(m, "anonymity"), "enforced", false),
	    0);
	for (size_t i = 0; i < tg_json_len(list); i++)
		ck_assert_int_eq(tg_json_set_str(tg_json_at(list, i),
				     "text_origin", "synthetic"),
		    0);
}

static void
nameless_records(struct tg_json *m)
{
	ck_assert_int_eq(
	    tg_json_set_int(
		tg_json_get(tg_json_get(m, "anonymity"), "subjects_by"),
		"session", 1),
	    0);
}

static void
no_purpose(struct tg_json *m)
{
	set_str(m, "purpose", "id", "");
}

static void
denied_purpose(struct tg_json *m)
{
	set_str(m, "purpose", "id", "advertising");
}

static void
unlisted_purpose(struct tg_json *m)
{
	set_str(m, "purpose", "id", "curiosity");
}

static void
no_basis(struct tg_json *m)
{
	set_str(m, "purpose", "legal_basis", "");
}

static void
unlisted_basis(struct tg_json *m)
{
	set_str(m, "purpose", "legal_basis", "A6-1-a");
}

static void
no_assessment(struct tg_json *m)
{
	set_str(m, "purpose", "assessment_ref", "");
}

static void
dpia(struct tg_json *m)
{
	set_str(m, "purpose", "dpia_ref", "DPIA-2026-03");
}

static void
no_contract(struct tg_json *m)
{
	set_str(m, "recipient", "contract_ref", "");
}

static void
bad_contract_date(struct tg_json *m)
{
	set_str(m, "recipient", "contract_date", "soon");
}

static void
key_confirmed(struct tg_json *m)
{
	set_str(m, "recipient", "key_confirmed", "by telephone, 24 Nov 2026");
}

static void
no_keys(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set(tg_json_get(m, "payload"), "recipients",
			     tg_json_array()),
	    0);
}

static void
at_home(struct tg_json *m)
{
	set_str(m, "recipient", "country", "GB");
}

static void
to_denied(struct tg_json *m)
{
	set_str(m, "recipient", "country", "KP");
}

static void
no_country(struct tg_json *m)
{
	set_str(m, "recipient", "country", "");
}

static void
rate_over(struct tg_json *m)
{
	set_int(m, "sampling", "rate_ppb", 60000000);
}

static void
odd_sample(struct tg_json *m)
{
	set_int(m, "sampling", "kept", 4300);
}

static void
no_population(struct tg_json *m)
{
	set_int(m, "sampling", "seen", 0);
	set_int(m, "sampling", "kept", 0);
}

static void
no_seed(struct tg_json *m)
{
	set_str(m, "sampling", "seed_commit", "");
}

static void
seed_late(struct tg_json *m)
{
	set_int(m, "sampling", "ledger_index", 1284);
}

static void
seed_unrecorded(struct tg_json *m)
{
	set_int(m, "sampling", "ledger_index", -1);
}

static void
nothing_redacted(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set(m, "funnel", tg_json_array()), 0);
}

static void
no_rules(struct tg_json *m)
{
	set_int(m, "redactors", "rules", 0);
}

static void
no_types(struct tg_json *m)
{
	empty(m, "redactors");
}

static void
residue(struct tg_json *m)
{
	set_int(m, "residual", "findings", 1);
}

static void
nothing_rechecked(struct tg_json *m)
{
	set_int(m, "residual", "examined", 0);
}

static void
recheck_without_count(struct tg_json *m)
{
	empty(m, "residual");
	set_int(m, "residual", "examined", 5);
}

static void
long_texts(struct tg_json *m)
{
	set_int(m, "limits", "max_tokens", 1001);
}

static void
no_limit(struct tg_json *m)
{
	empty(m, "limits");
}

static void
fine_dates(struct tg_json *m)
{
	set_str(m, "anonymisation", "date_granularity", "hour");
}

static void
coarse_dates(struct tg_json *m)
{
	set_str(m, "anonymisation", "date_granularity", "year");
}

static void
shared_pseudonyms(struct tg_json *m)
{
	set_str(m, "anonymisation", "pseudonym_domain", "global");
}

static void
no_fields(struct tg_json *m)
{
	empty(m, "fields");
}

static void
no_graphs(struct tg_json *m)
{
	set_int(m, "activations", "graphs", 0);
}

/* No graph, but tensors. */
static void
tensors(struct tg_json *m)
{
	struct tg_json *a = tg_json_object(), *t = tg_json_object();

	ck_assert_int_eq(tg_json_set_int(t, "tensors", 3) |
		tg_json_set_int(t, "tensors_kept", 2) |
		tg_json_set_int(t, "rows", 9) |
		tg_json_set_int(t, "rows_kept", 4) |
		tg_json_set(a, "tensors", t) | tg_json_set(m, "activations", a),
	    0);
}

static void
rows_behind(struct tg_json *m)
{
	struct tg_json *risk = tg_json_object();

	tensors(m);
	ck_assert_int_eq(tg_json_set_str(risk, "approver", "dpo") |
		tg_json_set(
		    tg_json_get(m, "activations"), "residual_risk", risk),
	    0);
}

/* Rows of features in JSON: no graph and no tensor. */
static void
feature_rows(struct tg_json *m)
{
	struct tg_json *a = tg_json_object(), *t = tg_json_object();

	ck_assert_int_eq(tg_json_set_int(t, "contexts", 2) |
		tg_json_set(a, "tensors", t) | tg_json_set(m, "activations", a),
	    0);
}

static void
lost_graphs(struct tg_json *m)
{
	set_int(m, "activations", "kept", 111);
}

static void
kept_long(struct tg_json *m)
{
	set_int(m, "retention", "days", 31);
}

static void
no_date(struct tg_json *m)
{
	set_int(m, "retention", "delete_after", 0);
}

static void
past_date(struct tg_json *m)
{
	set_int(m, "retention", "delete_after", NOW);
}

static void
no_volumes(struct tg_json *m)
{
	ck_assert_int_eq(
	    tg_json_set(tg_json_get(m, "payload"), "volumes", tg_json_array()),
	    0);
}

static void
other_format(struct tg_json *m)
{
	set_str(m, "payload", "format", "zip");
}

static const struct {
	const char *id;
	void (*change)(struct tg_json *);
	const char *result;
} row[] = {
    {"purpose-allowed", NULL, "met"},
    {"purpose-allowed", no_purpose, "not_met"},
    {"purpose-allowed", denied_purpose, "not_met"},
    {"purpose-allowed", unlisted_purpose, "not_met"},
    {"lawful-basis", NULL, "met"},
    {"lawful-basis", no_basis, "not_met"},
    {"lawful-basis", unlisted_basis, "not_met"},
    {"lawful-basis", no_assessment, "not_met"},
    {"dpia-reference", NULL, "to_confirm"},
    {"dpia-reference", dpia, "met"},
    {"recipient-agreement", NULL, "met"},
    {"recipient-agreement", no_contract, "not_met"},
    {"recipient-agreement", bad_contract_date, "not_met"},
    {"recipient-key-confirmed", NULL, "to_confirm"},
    {"recipient-key-confirmed", key_confirmed, "met"},
    {"recipient-key-confirmed", no_keys, "not_met"},
    {"transfer-mechanism", NULL, "to_confirm"},
    {"transfer-mechanism", at_home, "met"},
    {"transfer-mechanism", to_denied, "not_met"},
    {"transfer-mechanism", no_country, "not_met"},
    {"sampling-within-policy", NULL, "met"},
    {"sampling-within-policy", rate_over, "not_met"},
    {"sampling-within-policy", odd_sample, "to_confirm"},
    {"sampling-within-policy", no_population, "not_assessed"},
    {"seed-committed", NULL, "met"},
    {"seed-committed", no_seed, "not_met"},
    {"seed-committed", seed_late, "not_met"},
    {"seed-committed", seed_unrecorded, "not_met"},
    {"personal-data-removed", NULL, "met"},
    {"personal-data-removed", nothing_redacted, "not_assessed"},
    {"personal-data-removed", no_rules, "not_met"},
    {"detector-coverage", no_types, "not_assessed"},
    {"residual-check", NULL, "met"},
    {"residual-check", residue, "not_met"},
    {"residual-check", nothing_rechecked, "not_assessed"},
    {"residual-check", recheck_without_count, "not_assessed"},
    {"token-limit", NULL, "met"},
    {"token-limit", long_texts, "not_met"},
    {"token-limit", no_limit, "not_met"},
    {"token-limit", nothing_redacted, "not_assessed"},
    {"identifiers-treated", NULL, "met"},
    {"identifiers-treated", fine_dates, "not_met"},
    {"identifiers-treated", coarse_dates, "met"},
    {"identifiers-treated", shared_pseudonyms, "not_met"},
    {"identifiers-treated", no_fields, "not_assessed"},
    {"activations-handled", NULL, "met"},
    {"activations-handled", no_graphs, "not_assessed"},
    {"activations-handled", lost_graphs, "not_met"},
    {"activations-handled", tensors, "met"},
    {"activations-handled", feature_rows, "met"},
    {"activations-handled", rows_behind, "to_confirm"},
    {"retention-date", NULL, "met"},
    {"retention-date", kept_long, "not_met"},
    {"retention-date", no_date, "not_met"},
    {"retention-date", past_date, "not_met"},
    {"encrypted-to-recipients", NULL, "met"},
    {"encrypted-to-recipients", no_volumes, "not_assessed"},
    {"encrypted-to-recipients", no_keys, "not_met"},
    {"encrypted-to-recipients", other_format, "not_met"},
    {"signed-and-recorded", NULL, "met"},
    {"k-anonymity", NULL, "met"},
    {"k-anonymity", fixture_no_groups, "not_assessed"},
    {"k-anonymity", fixture_no_quasi_identifier, "not_assessed"},
    {"k-anonymity", no_group, "not_assessed"},
    {"k-anonymity", smallest_of_five, "met"},
    {"k-anonymity", smallest_of_four, "not_met"},
    {"k-anonymity", invented_and_small, "to_confirm"},
    {"k-anonymity", nameless_records, "to_confirm"},
    {"motivated-intruder", NULL, "not_assessed"},
    {"human-review", NULL, "not_assessed"},
};

START_TEST(requirement_is_judged_as_the_table_says)
{
	struct tg_json *model = fixture_on(row[_i].change);

	ck_assert_msg(strcmp(result_of(model, row[_i].id), row[_i].result) == 0,
	    "%s: %s, not %s", row[_i].id, result_of(model, row[_i].id),
	    row[_i].result);
	tg_json_free(model);
}
END_TEST

START_TEST(coverage_is_met_only_when_no_type_lacks_a_detector)
{
	struct tg_json *model = fixture_on(NULL);
	const struct tg_json *none =
	    tg_json_get(tg_json_get(model, "coverage"), "not_covered");

	ck_assert_str_eq(result_of(model, "detector-coverage"),
	    tg_json_len(none) == 0 ? "met" : "to_confirm");
	tg_json_free(model);
}
END_TEST

START_TEST(nothing_examined_is_never_met)
{
	struct tg_json *model = fixture_on(NULL);
	const struct tg_json *rows = tg_json_get(model, "requirements");

	for (size_t i = 0; i < tg_json_len(rows); i++) {
		const struct tg_json *r = tg_json_at(rows, i);

		if (strcmp(tg_json_get_str(r, "result", ""), "met") == 0)
			ck_assert_int_gt(
			    tg_json_get_int(tg_json_get(r, "examined"), "v", 0),
			    0);
	}
	tg_json_free(model);
}
END_TEST

/* Ledger orders: types in order of their index. */
static const struct {
	const char *type[4];
	const char *status, *result;
} order[] = {
    {{"export.planned", NULL}, "recorded", "not_assessed"},
    {{"export.prepared", NULL}, "recorded", "met"},
    {{"export.prepared", "export.intent", NULL}, "uploading", "met"},
    {{"export.prepared", "export.intent", "export.done", NULL}, "uploaded",
	"met"},
    {{"export.prepared", "export.done", NULL}, "uploaded", "not_met"},
    {{"export.intent", "export.prepared", NULL}, "uploading", "not_met"},
    {{"export.prepared", NULL}, "uploaded", "not_met"},
};

START_TEST(sending_must_come_after_its_record)
{
	struct tg_json *model;
	struct fixture f;

	fixture_open(&f);
	tg_json_free(f.ledger);
	f.ledger = tg_json_array();
	for (size_t i = 0; order[_i].type[i] != NULL; i++) {
		struct tg_json *e = tg_json_object();

		ck_assert_int_eq(tg_json_set_int(e, "index", 10 + (int)i), 0);
		ck_assert_int_eq(
		    tg_json_set_str(e, "type", order[_i].type[i]), 0);
		ck_assert_int_eq(tg_json_set_int(e, "time", NOW), 0);
		ck_assert_int_eq(tg_json_push(f.ledger, e), 0);
	}
	model = fixture_model(&f, order[_i].status);
	ck_assert_str_eq(
	    result_of(model, "signed-and-recorded"), order[_i].result);
	tg_json_free(model);
	fixture_close(&f);
}
END_TEST

Suite *
judge_suite(void)
{
	Suite *s = suite_create("report/judge");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(
	    c, requirement_is_judged_as_the_table_says, 0, (int)TG_COUNT(row));
	tcase_add_test(c, coverage_is_met_only_when_no_type_lacks_a_detector);
	tcase_add_test(c, nothing_examined_is_never_met);
	tcase_add_loop_test(
	    c, sending_must_come_after_its_record, 0, (int)TG_COUNT(order));
	suite_add_tcase(s, c);
	return s;
}
