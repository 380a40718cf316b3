/* seed_numbers_test.c - the numbers of the project's founding brief are the
 * shipped defaults, and each says so. */
#include <check.h>
#include <string.h>

#include "policies/policy.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *seed_numbers_suite(void);

#define PERCENT UINT64_C(10000000) /* ppb */

/* In whole units of the leaf's name; a ratio in ppb. */
static const struct {
	const char *path;
	uint64_t value;
	bool ratio;
} numbers[] = {
    {"/sampling/rate_default", 1 * PERCENT, true},
    {"/sampling/rate_max", 5 * PERCENT, true},
    {"/sampling/per_purpose/incident_debug", 5 * PERCENT, true},
    {"/sampling/per_purpose/safety_research", 5 * PERCENT, true},
    {"/sampling/per_purpose/formal_audit", 5 * PERCENT, true},
    {"/sampling/per_purpose/regulator_request", 5 * PERCENT, true},
    {"/limits/max_tokens_per_trace", 1000, false},
    {"/retention/data/debug/max_days", 30, false},
    {"/retention/data/formal_audit/max_days", 90, false},
    {"/retention/data/publication_sample/max_days", 30, false},
    {"/budget/warn_gb_per_month", 10, false},
    {"/budget/cap_gb_per_month", 100, false},
    {"/budget/p90_latency_delta_ms_max", 100, false},
    {"/gates/human_review_min_records", 50, false},
};

/* Of the floor alone, as it is shipped. */
START_TEST(a_number_of_the_brief_is_the_default_and_marked_seed)
{
	struct tg_policy *p = shipped("");
	const struct tg_leaf *leaf = tg_policy_find(p, numbers[_i].path);
	struct tg_err err = {.cls = TG_E_NONE};
	uint64_t got = 0;

	ck_assert_msg(leaf != NULL, "no %s", numbers[_i].path);
	ck_assert_int_eq(numbers[_i].ratio
		? tg_policy_ratio(p, numbers[_i].path, &got, &err)
		: tg_policy_u64(p, numbers[_i].path, &got, &err),
	    0);
	ck_assert_uint_eq(got, numbers[_i].value);
	ck_assert_str_eq(leaf->source, "seed");
	ck_assert_str_eq(leaf->file, "policies/base.yaml");
	tg_policy_free(p);
}
END_TEST

/* Nothing else claims to be of it. */
START_TEST(nothing_else_is_marked_seed)
{
	struct tg_policy *p = shipped("");
	size_t n = 0;

	for (size_t i = 0; i < tg_policy_count(p); i++) {
		const struct tg_leaf *leaf = tg_policy_at(p, i);
		bool known = false;

		if (strcmp(leaf->source, "seed") != 0)
			continue;
		n++;
		for (size_t k = 0; k < TG_COUNT(numbers); k++)
			known =
			    known || strcmp(numbers[k].path, leaf->path) == 0;
		ck_assert_msg(known, "%s", leaf->path);
	}
	ck_assert_uint_eq(n, TG_COUNT(numbers));
	tg_policy_free(p);
}
END_TEST

/* A region may be stricter, never looser; where it says nothing, the number
 * and its mark stand. */
START_TEST(no_region_is_looser_than_the_brief)
{
	static const char *const regions[] = {"uk", "fr", "us", "uk,fr,us"};
	struct tg_policy *p = shipped(regions[_i]);
	struct tg_err err = {.cls = TG_E_NONE};

	for (size_t k = 0; k < TG_COUNT(numbers); k++) {
		const char *path = numbers[k].path;
		const struct tg_leaf *leaf = tg_policy_find(p, path);
		const bool review = strstr(path, "human_review") != NULL;
		uint64_t got = 0;

		ck_assert_int_eq(numbers[k].ratio
			? tg_policy_ratio(p, path, &got, &err)
			: tg_policy_u64(p, path, &got, &err),
		    0);
		ck_assert_msg(
		    review ? got >= numbers[k].value : got <= numbers[k].value,
		    "%s", path);
		ck_assert(strcmp(leaf->file, "policies/base.yaml") != 0 ||
		    strcmp(leaf->source, "seed") == 0);
	}
	tg_policy_free(p);
}
END_TEST

Suite *
seed_numbers_suite(void)
{
	Suite *s = suite_create("policies/numbers of the brief");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t,
	    a_number_of_the_brief_is_the_default_and_marked_seed, 0,
	    (int)TG_COUNT(numbers));
	tcase_add_test(t, nothing_else_is_marked_seed);
	tcase_add_loop_test(t, no_region_is_looser_than_the_brief, 0, 4);
	suite_add_tcase(s, t);
	return s;
}
