#include "policies/hold.h"

#include <check.h>

#include "tests/unit/policies/hold_record.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *hold_suite(void);

#define DAY INT64_C(86400)
#define NOV(day) (INT64_C(1793491200) + ((day)-1) * DAY)

static struct tg_arena mem;

static void
setup(void)
{
	sandbox_open();
	tg_arena_init(&mem, 1u << 22);
}

static void
teardown(void)
{
	tg_arena_deinit(&mem);
	sandbox_close();
}

static int
opened(struct tg_hold *h, const char *from, const char *to, struct tg_err *err)
{
	struct tg_buf text;

	tg_buf_init(&text, 1u << 16);
	record_text(&text, hold_record, from, to);
	sandbox_write("h.yaml", text.p);
	tg_buf_deinit(&text);
	return tg_hold_open(h, sandbox_path("h.yaml"), &mem, err);
}

START_TEST(a_record_says_what_for_whom_and_until_when)
{
	struct tg_err err = {0};
	struct tg_hold h;

	ck_assert_msg(opened(&h, NULL, NULL, &err) == 0, "%s", err.text);
	ck_assert_str_eq(h.id, "HOLD-1");
	ck_assert_str_eq(h.case_reference, "HC-2026-000123");
	ck_assert_uint_eq(h.origins.n, 2);
	ck_assert_uint_eq(h.runs.n + h.bundles.n, 0);
	ck_assert_int_eq(h.from, NOV(1));
	ck_assert_int_eq(h.until, NOV(21)); /* the 20th is inside */
	ck_assert_int_eq(h.review_by - h.placed, 90 * DAY);
	tg_hold_close(&h);
}
END_TEST

static const struct {
	const char *from, *to, *says;
} slips[] = {
    {"HOLD-1", "HOLD-x", "h.yaml:2:5: 'id'"},
    {"holder: \"Legal department\"\n", "", "'holder' is missing"},
    {"case_reference", "case_referense", "did you mean 'case_reference'"},
    {"\"HC-2026-000123\"", "\"\"", "'case_reference' wants a text"},
    {"  origins: [FR, GB]\n"
     "  captured: {from: \"2026-11-01\", until: \"2026-11-20\"}\n",
	"  {}\n", "at least"},
    {"origins", "origin", "did you mean 'origins'"},
    {"[FR, GB]", "[]", "holds nothing"},
    {"[FR, GB]", "[france]", "two capitals"},
    {"origins: [FR, GB]", "runs: [2026-11-24]", "EXP-"},
    {"origins: [FR, GB]", "bundles: [EXP-1]", "tg-"},
    {"until: \"2026-11-20\"", "until: \"2026-10-20\"", "before it begins"},
    {"until: \"2026-11-20\"", "to: \"2026-11-20\"", "unknown key 'to'"},
    {"2027-02-22", "2026-11-24", "after placed_on"},
};

START_TEST(a_slip_of_the_pen_holds_nothing_and_is_told)
{
	struct tg_err err = {0};
	struct tg_hold h;

	ck_assert_int_eq(opened(&h, slips[_i].from, slips[_i].to, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_msg(strstr(err.text, slips[_i].says) != NULL, "%s: %s",
	    slips[_i].says, err.text);
}
END_TEST

#define SCOPE                   \
	"  origins: [FR, GB]\n" \
	"  captured: {from: \"2026-11-01\", until: \"2026-11-20\"}\n"

/* All lines must fit, of a list one; a span of time by any part of it; what
 * is not known does not take it out. */
static const struct {
	const char *scope;
	struct tg_hold_asked what;
	bool held;
} scopes[] = {
    {SCOPE, {"EXP-1", "tg-1", "GB", NOV(1), NOV(1)}, true},
    {SCOPE, {"EXP-1", "tg-1", "FR", NOV(20), NOV(24)}, true},
    {SCOPE, {"EXP-1", "tg-1", "GB", NOV(21) - 1, NOV(24)}, true},
    {SCOPE, {"EXP-1", "tg-1", "GB", NOV(21), NOV(24)}, false},
    {SCOPE, {"EXP-1", "tg-1", "GB", NOV(1) - DAY, NOV(1) - 1}, false},
    {SCOPE, {"EXP-1", "tg-1", "GB", NOV(1) - DAY, NOV(24)}, true},
    {SCOPE, {"EXP-1", "tg-1", "US", NOV(5), NOV(5)}, false},
    {SCOPE, {"EXP-1", "tg-1", "GB", 0, 0}, true},
    {SCOPE, {"EXP-1", "tg-1", "", NOV(5), NOV(5)}, true},
    {"  runs: [EXP-1, EXP-2]\n", {"EXP-2", "tg-1", "GB", 0, 0}, true},
    {"  runs: [EXP-1, EXP-2]\n", {"EXP-12", "tg-1", "GB", 0, 0}, false},
    {"  bundles: [tg-1]\n", {"EXP-9", "tg-1", "GB", 0, 0}, true},
    {"  bundles: [tg-1]\n", {"EXP-9", "tg-2", "GB", 0, 0}, false},
    {"  runs: [EXP-1]\n  bundles: [tg-1]\n", {"EXP-1", "tg-2", "GB", 0, 0},
	false},
    {"  runs: [EXP-1]\n  origins: [FR]\n",
	{"EXP-1", "tg-1", "FR", NOV(5), NOV(5)}, true},
    {"  runs: [EXP-1]\n  origins: [FR]\n",
	{"EXP-1", "tg-1", "GB", NOV(5), NOV(5)}, false},
};

START_TEST(it_covers_what_all_of_its_lines_fit)
{
	struct tg_err err = {0};
	struct tg_hold h;

	ck_assert_msg(
	    opened(&h, SCOPE, scopes[_i].scope, &err) == 0, "%s", err.text);
	ck_assert_int_eq(tg_hold_covers(&h, &scopes[_i].what), scopes[_i].held);
	tg_hold_close(&h);
}
END_TEST

static int
allowed(struct tg_hold_need *need, const char *review_by, const char *project,
    struct tg_err *err)
{
	struct tg_policy *p = with_project("uk", project, err);
	struct tg_hold h;
	int rc;

	ck_assert_msg(p != NULL, "%s", err->text);
	ck_assert_msg(
	    opened(&h, "2027-02-22", review_by, err) == 0, "%s", err->text);
	*need = (struct tg_hold_need){.n = 0};
	rc = tg_hold_allowed(need, &h, p, err);
	tg_hold_close(&h);
	tg_policy_free(p);
	return rc;
}

#define AS_SHIPPED "limits: {max_tokens_per_trace: 1000}\n"
#define HOLD_30 "retention: {legal_hold: {max_review_days: 30}}\n"

START_TEST(its_review_is_within_the_days_of_the_policy)
{
	struct tg_hold_need need;
	struct tg_err err = {0};

	ck_assert_int_eq(allowed(&need, "2027-02-22", AS_SHIPPED, &err), 0);
	ck_assert_int_eq(allowed(&need, "2027-02-23", AS_SHIPPED, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "max_review_days"));
	ck_assert_int_eq(allowed(&need, "2026-12-24", HOLD_30, &err), 0);
	ck_assert_int_eq(allowed(&need, "2026-12-25", HOLD_30, &err), -1);
}
END_TEST

START_TEST(the_policy_says_whose_word_it_takes)
{
	struct tg_hold_need need;
	struct tg_err err = {0};

	ck_assert_int_eq(allowed(&need, "2027-02-22", AS_SHIPPED, &err), 0);
	ck_assert_uint_eq(need.n, 1);
	ck_assert_str_eq(need.role[0], "legal");
	ck_assert_int_eq(allowed(&need, "2027-02-22",
			     "retention: {legal_hold: {requires: "
			     "[case_reference, legal_approval, "
			     "dpo_approval]}}\n",
			     &err),
	    0);
	ck_assert_uint_eq(need.n, 2);
	ck_assert_int_eq(
	    allowed(&need, "2027-02-22",
		"retention: {legal_hold: {requires: "
		"[case_reference, legal_approval, court_order]}}\n",
		&err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
}
END_TEST

Suite *
hold_suite(void)
{
	Suite *s = suite_create("policies/hold");
	TCase *t = tcase_create("hold");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_record_says_what_for_whom_and_until_when);
	tcase_add_loop_test(t, a_slip_of_the_pen_holds_nothing_and_is_told, 0,
	    (int)TG_COUNT(slips));
	tcase_add_loop_test(
	    t, it_covers_what_all_of_its_lines_fit, 0, (int)TG_COUNT(scopes));
	tcase_add_test(t, its_review_is_within_the_days_of_the_policy);
	tcase_add_test(t, the_policy_says_whose_word_it_takes);
	suite_add_tcase(s, t);
	return s;
}
