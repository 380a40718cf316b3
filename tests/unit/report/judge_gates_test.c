/* Requirements that rest on a test of the removal: values that were planted,
 * groups with findings on health, reading by people. */
#include <check.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "tests/unit/report/fixture.h"

#include "base/banned.h"

static void
planted(struct tg_json *m, size_t i, int64_t found)
{
	struct tg_json *all = tg_json_get(tg_json_get(m, "canaries"), "types");

	ck_assert_int_eq(
	    tg_json_set_int(tg_json_at(all, i), "found", found), 0);
}

/* Of 20 names 19 are 95 %; of 20 addresses all are asked. */
static void
one_name_more_missed(struct tg_json *m)
{
	planted(m, 1, 18);
}

static void
an_address_missed(struct tg_json *m)
{
	planted(m, 0, 19);
}

static void
more_found_than_planted(struct tg_json *m)
{
	planted(m, 0, 21);
}

static void
nothing_planted(struct tg_json *m)
{
	ck_assert_int_eq(
	    tg_json_set(tg_json_get(m, "canaries"), "types", tg_json_array()),
	    0);
}

static void
no_canaries_part(struct tg_json *m)
{
	(void)tg_json_set(m, "canaries", tg_json_null());
}

static void
groups(struct tg_json *m, int64_t k_health, int64_t smallest)
{
	struct tg_json *a = tg_json_get(m, "anonymity");
	struct tg_json *left = tg_json_get(a, "left");

	ck_assert_int_eq(tg_json_set_int(a, "k_health", k_health), 0);
	ck_assert_int_eq(tg_json_set_int(left, "health_classes", 1), 0);
	ck_assert_int_eq(tg_json_set_int(left, "health_smallest", smallest), 0);
}

static void
ten_of_eleven(struct tg_json *m)
{
	groups(m, 11, 10);
}

static void
eleven_of_eleven(struct tg_json *m)
{
	groups(m, 11, 11);
}

static void
six_and_no_other_figure(struct tg_json *m)
{
	groups(m, 0, 6);
}

static void
intruder(struct tg_json *m, const char *date)
{
	struct tg_json *o = tg_json_object();

	ck_assert_int_eq(tg_json_set_str(o, "ref", "IT-1"), 0);
	ck_assert_int_eq(tg_json_set_str(o, "date", date), 0);
	ck_assert_int_eq(tg_json_set(m, "intruder_test", o), 0);
}

/* The fixture's day is 24 November 2026; the policy has 365 days. */
static void
tested_a_year_ago(struct tg_json *m)
{
	intruder(m, "2025-11-24");
}

static void
tested_long_ago(struct tg_json *m)
{
	intruder(m, "2025-11-22");
}

static void
tested_tomorrow(struct tg_json *m)
{
	intruder(m, "2026-11-25");
}

static void
tested_some_day(struct tg_json *m)
{
	intruder(m, "");
}

static const struct {
	const char *id;
	void (*change)(struct tg_json *manifest);
	const char *result, *finding;
} row[] = {
    {"planted-examples", NULL, "met", "planted-ok"},
    {"planted-examples", one_name_more_missed, "not_met", "planted-few"},
    {"planted-examples", an_address_missed, "not_met", "planted-few"},
    {"planted-examples", more_found_than_planted, "not_met", "planted-few"},
    {"planted-examples", nothing_planted, "not_assessed", "nothing"},
    {"planted-examples", no_canaries_part, "not_assessed", "nothing"},
    {"k-anonymity", ten_of_eleven, "not_met", "k-health"},
    {"k-anonymity", eleven_of_eleven, "met", "k-ok"},
    {"k-anonymity", six_and_no_other_figure, "met", "k-ok"},
    {"human-review", NULL, "not_assessed", "review-none"},
    {"motivated-intruder", tested_a_year_ago, "met", "intruder-made"},
    {"motivated-intruder", tested_long_ago, "not_met", "intruder-made"},
    {"motivated-intruder", tested_tomorrow, "not_met", "intruder-made"},
    {"motivated-intruder", tested_some_day, "not_assessed", "not-run"},
};

START_TEST(a_test_of_the_removal_is_judged_as_the_table_says)
{
	struct tg_json *model = fixture_on(row[_i].change);
	const struct tg_json *f =
	    tg_json_get(row_of(model, row[_i].id), "finding");

	ck_assert_msg(strcmp(result_of(model, row[_i].id), row[_i].result) == 0,
	    "%s: %s, not %s", row[_i].id, result_of(model, row[_i].id),
	    row[_i].result);
	ck_assert_str_eq(tg_json_get_str(f, "id", ""), row[_i].finding);
	tg_json_free(model);
}
END_TEST

/* The policy asks for 50: 5.82 % is what none of them would show. */
START_TEST(what_a_sample_could_show_is_exact)
{
	struct tg_json *model = fixture_on(NULL);
	const struct tg_json *args = tg_json_get(
	    tg_json_get(row_of(model, "human-review"), "finding"), "args");

	ck_assert_int_eq(tg_json_get_int(tg_json_at(args, 0), "int", 0), 50);
	ck_assert_int_eq(
	    tg_json_get_int(tg_json_at(args, 1), "ratio_ppb", 0), 58200000);
	tg_json_free(model);
}
END_TEST

/* What a person found decides, with the bound that follows from it. */
static const struct {
	int64_t examined, population, found, upper_ppb;
	const char *result, *finding;
} reviews[] = {
    {50, 4000, 0, 58155080, "met", "review-ok"},
    {50, 4000, 1, 91396919, "not_met", "review-found"},
    {12, 12, 0, 0, "met", "review-all"},
    {50, 4000, -1, 0, "not_met", "review-found"},
};

START_TEST(a_review_is_met_where_it_found_no_more_than_allowed)
{
	struct tg_json *doc = tg_json_object(), *model = NULL;
	struct tg_evidence_in in;
	struct fixture f;
	struct tg_err err = {0};
	int bad = 0;

	fixture_open(&f);
	bad |= tg_json_set_int(doc, "examined", reviews[_i].examined);
	bad |= tg_json_set_int(doc, "population", reviews[_i].population);
	bad |= tg_json_set_int(doc, "found", reviews[_i].found);
	bad |= tg_json_set_int(doc, "upper_ppb", reviews[_i].upper_ppb);
	ck_assert_int_eq(bad, 0);
	in = fixture_in(&f, "awaiting-decision");
	in.review = doc;
	ck_assert_int_eq(tg_evidence_model(&model, &in, &err), 0);
	ck_assert_str_eq(result_of(model, "human-review"), reviews[_i].result);
	ck_assert_str_eq(
	    tg_json_get_str(
		tg_json_get(row_of(model, "human-review"), "finding"), "id",
		""),
	    reviews[_i].finding);
	tg_json_free(model);
	tg_json_free(doc);
	fixture_close(&f);
}
END_TEST

Suite *judge_gates_suite(void);

Suite *
judge_gates_suite(void)
{
	Suite *s = suite_create("report/judge_gates");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t,
	    a_test_of_the_removal_is_judged_as_the_table_says, 0,
	    (int)TG_COUNT(row));
	tcase_add_test(t, what_a_sample_could_show_is_exact);
	tcase_add_loop_test(t,
	    a_review_is_met_where_it_found_no_more_than_allowed, 0,
	    (int)TG_COUNT(reviews));
	suite_add_tcase(s, t);
	return s;
}
