/* judge_links_test.c - the three questions of WP29 Opinion 05/2014: what makes
 * their requirement met, open or not met. */
#include <check.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "tests/unit/report/fixture.h"

#include "base/banned.h"

static void
figure(struct tg_json *m, const char *part, const char *key, int64_t v)
{
	ck_assert_int_eq(
	    tg_json_set_int(
		tg_json_get(tg_json_get(m, "linkability"), part), key, v),
	    0);
}

/* No link is left; what the texts say stays open. */
static void
no_link(struct tg_json *m)
{
	figure(m, "values", "linked_records", 0);
	figure(m, "values", "earlier_same_recipient", 0);
	figure(m, "texts", "here", 0);
	figure(m, "texts", "earlier", 0);
}

static void
no_link_and_no_real_text(struct tg_json *m)
{
	no_link(m);
	ck_assert_int_eq(tg_json_set_str(tg_json_get(m, "anonymisation"),
			     "free_text", "synthetic_only"),
	    0);
}

static void
first_bundle(struct tg_json *m)
{
	no_link_and_no_real_text(m);
	figure(m, "earlier", "bundles", 0);
	figure(m, "earlier", "recipients", 0);
}

static void
invented_texts_alike(struct tg_json *m)
{
	no_link_and_no_real_text(m);
	figure(m, "texts", "earlier", 6);
}

static void
real_texts_alike(struct tg_json *m)
{
	no_link(m);
	figure(m, "texts", "here", 1);
}

static void
one_record_linked(struct tg_json *m)
{
	no_link_and_no_real_text(m);
	figure(m, "values", "linked_records", 1);
}

static void
pseudonym_at_another(struct tg_json *m)
{
	no_link_and_no_real_text(m);
	figure(m, "values", "earlier_other_recipients", 1);
}

static void
alone_in_both(struct tg_json *m)
{
	no_link_and_no_real_text(m);
	figure(m, "unique", "earlier", 1);
}

static void
one_not_compared(struct tg_json *m)
{
	no_link_and_no_real_text(m);
	figure(m, "earlier", "not_compared", 1);
}

static void
links_not_measured(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set(m, "linkability", tg_json_null()), 0);
}

static void
called_pseudonymised(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set(tg_json_get(m, "anonymisation"), "claims",
			     tg_json_array()),
	    0);
}

static void
one_alone(struct tg_json *m)
{
	no_link(m);
	ck_assert_int_eq(tg_json_set_int(fixture_left(m), "single", 1), 0);
}

static void
one_text(struct tg_json *m)
{
	no_link(m);
	ck_assert_int_eq(tg_json_set_int(fixture_left(m), "one_value", 1), 0);
}

static const struct {
	void (*change)(struct tg_json *manifest);
	const char *result, *finding;
} row[] = {
    {NULL, "not_met", "tests-failed"},
    {no_link, "to_confirm", "tests-free-text"},
    {no_link_and_no_real_text, "met", "tests-passed"},
    {first_bundle, "met", "tests-passed"},
    {invented_texts_alike, "met", "tests-passed"},
    {real_texts_alike, "not_met", "tests-failed"},
    {one_record_linked, "not_met", "tests-failed"},
    {pseudonym_at_another, "not_met", "tests-failed"},
    {alone_in_both, "not_met", "tests-failed"},
    {one_not_compared, "not_assessed", "tests-part"},
    {links_not_measured, "not_assessed", "tests-part"},
    {called_pseudonymised, "to_confirm", "tests-failed"},
    {fixture_no_groups, "not_assessed", "not-run"},
    {fixture_no_quasi_identifier, "not_met", "tests-failed"},
    {one_alone, "not_met", "tests-failed"},
    {one_text, "not_met", "tests-failed"},
};

START_TEST(the_three_questions_are_judged_as_the_table_says)
{
	struct tg_json *model = fixture_on(row[_i].change);
	const struct tg_json *f =
	    tg_json_get(row_of(model, "three-tests"), "finding");

	ck_assert_msg(
	    strcmp(result_of(model, "three-tests"), row[_i].result) == 0,
	    "%d: %s, not %s", _i, result_of(model, "three-tests"),
	    row[_i].result);
	ck_assert_str_eq(tg_json_get_str(f, "id", ""), row[_i].finding);
	tg_json_free(model);
}
END_TEST

Suite *judge_links_suite(void);

Suite *
judge_links_suite(void)
{
	Suite *s = suite_create("report/judge_links");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, the_three_questions_are_judged_as_the_table_says,
	    0, (int)TG_COUNT(row));
	suite_add_tcase(s, t);
	return s;
}
