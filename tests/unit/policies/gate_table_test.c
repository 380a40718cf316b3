#include "policies/gate.h"

#include <check.h>
#include <stdio.h>

#include "policies/ptest.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *gate_table_suite(void);

static void
passes(void *ctx, const struct tg_ptest_seen *seen)
{
	(void)ctx;
	ck_assert_msg(seen->ok, "%s:%u: %s: %s", seen->file, seen->line,
	    seen->name, seen->why);
}

static struct tg_ptest_sum
run(const char *file, bool coverage)
{
	static char policies[SANDBOX_PATH], regions[SANDBOX_PATH];
	const struct tg_policy_src src = {
	    .policy_dir = policies, .region_dir = regions};
	struct tg_ptest_sum sum = {.cases = 0};
	struct tg_err err = {.cls = TG_E_NONE};

	(void)snprintf(policies, sizeof(policies), "%s", root_path("policies"));
	(void)snprintf(regions, sizeof(regions), "%s", root_path("regions"));
	ck_assert_msg(tg_ptest_run(&sum, root_path(file), coverage, &src,
			  passes, NULL, &err) == 0,
	    "%s", err.text);
	return sum;
}

START_TEST(cases_of_several_regions_and_projects_decide_as_written)
{
	ck_assert_uint_ge(
	    run("tests/unit/policies/data/regions.test.yaml", false).cases, 21);
}
END_TEST

static const char *const shipped_tests[] = {"regions/fr/fr.test.yaml",
    "regions/uk/uk.test.yaml", "regions/us/us.test.yaml"};

START_TEST(no_leaf_of_a_region_can_be_loosened_unseen)
{
	const struct tg_ptest_sum sum = run(shipped_tests[_i], true);

	ck_assert_uint_ge(sum.cases, 20);
	ck_assert_uint_gt(sum.leaves, 200);
	ck_assert_uint_eq(sum.unprotected, 0);
}
END_TEST

Suite *
gate_table_suite(void)
{
	Suite *s = suite_create("gate table");
	TCase *cases = tcase_create("cases");

	tcase_add_test(
	    cases, cases_of_several_regions_and_projects_decide_as_written);
	tcase_add_loop_test(cases, no_leaf_of_a_region_can_be_loosened_unseen,
	    0, (int)TG_COUNT(shipped_tests));
	suite_add_tcase(s, cases);
	return s;
}
