#include "pipeline/holds.h"

#include "tests/unit/pipeline/export.h"
#include "tests/unit/policies/hold_record.h"

#include "base/banned.h"

Suite *holds_suite(void);

static const struct tg_hold_need by_legal = {{"legal"}, 1};
static const struct tg_hold_need by_both = {{"dpo", "legal"}, 2};
static const struct tg_hold_asked that_bundle = {
    "EXP-1", EXPORT_ID, "GB", 0, 0};

static struct export x;
static struct tg_arena mem;

static void
setup(void)
{
	export_init(&x);
	tg_arena_init(&mem, 1u << 24);
}

static void
teardown(void)
{
	tg_arena_deinit(&mem);
	export_deinit(&x);
}

static struct tg_register
reg(void)
{
	return (struct tg_register){.state_dir = x.state,
	    .trust = x.trust,
	    .preparer = "e.moreau",
	    .ledger = x.l,
	    .now = x.s.clock.now};
}

static const char *
in_register(const char *name)
{
	char below[160];

	(void)snprintf(below, sizeof(below), "state/holds/%s", name);
	return scratch_path(&x.s, below);
}

/* The record in which @from became @to joins the register. */
static int
add(const char *from, const char *to, struct tg_err *err)
{
	const char *path = scratch_path(&x.s, "asked.yaml");
	char id[TG_HOLD_ID + 1];
	struct tg_buf text;

	tg_buf_init(&text, 1u << 16);
	record_text(&text, hold_record, from, to);
	scratch_put(path, tg_buf_sv(&text));
	tg_buf_deinit(&text);
	return tg_hold_add(id, x.state, path, err);
}

static int
sign(enum who who, const struct tg_hold_need *need, bool release,
    struct tg_err *err)
{
	const struct tg_register r = reg();
	struct tg_holds all;
	int rc;

	if (tg_holds_open(&all, &r, &mem, err) < 0)
		return -1;
	rc = tg_hold_sign(tg_holds_by_id(&all, "HOLD-1"), &r, need, release,
	    tg_trust_by_key(x.trust, tg_minisign_public(x.key[who])),
	    x.key[who], err);
	tg_holds_free(&all);
	return rc;
}

/* Whether it is held, which is the one question, and what its state is. */
static void
state_is(const char *want, bool held)
{
	const struct tg_register r = reg();
	struct tg_hold_over by;
	struct tg_holds all;
	struct tg_err err;

	OK(tg_holds_open(&all, &r, &mem, &err));
	ck_assert_str_eq(
	    tg_hold_state_name(tg_holds_by_id(&all, "HOLD-1")->state), want);
	ck_assert_int_eq(tg_holds_over(&all, &that_bundle) != NULL, held);
	tg_holds_free(&all);
	OK(tg_holds_ask(&by, &r, &that_bundle, &err));
	ck_assert_str_eq(by.id, held ? "HOLD-1" : "");
}

static void
place(void)
{
	struct tg_err err;

	OK(add(NULL, NULL, &err));
	OK(sign(LEGAL, &by_legal, false, &err));
	state_is("in force", true);
}

START_TEST(it_holds_from_the_signature_of_legal_to_its_release)
{
	struct tg_err err;

	OK(add(NULL, NULL, &err));
	state_is("draft", false);
	OK(sign(LEGAL, &by_legal, false, &err));
	state_is("in force", true);
	OK(sign(LEGAL, &by_legal, true, &err));
	state_is("released", false);
	FAILS(sign(LEGAL, &by_legal, true, &err), TG_E_NO);
	FAILS(sign(LEGAL, &by_legal, false, &err), TG_E_NO);
}
END_TEST

START_TEST(all_roles_of_the_policy_sign_to_place_and_to_release)
{
	struct tg_err err;

	OK(add(NULL, NULL, &err));
	OK(sign(LEGAL, &by_both, false, &err));
	state_is("draft", false);
	OK(sign(DPO, &by_both, false, &err));
	state_is("in force", true);
	OK(sign(DPO, &by_both, true, &err));
	state_is("in force", true);
	OK(sign(LEGAL, &by_both, true, &err));
	state_is("released", false);
}
END_TEST

START_TEST(who_asks_who_prepares_or_has_no_such_role_does_not_sign)
{
	struct tg_err err;

	OK(add("r.asker", "t.brandt", &err));
	FAILS(sign(BOTH, &by_legal, false, &err), TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-SAME-PERSON")));
	FAILS(sign(DPO, &by_legal, false, &err), TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-ROLE")));
	FAILS(sign(PREPARER, &by_legal, false, &err), TG_E_NO);
	state_is("draft", false);
}
END_TEST

START_TEST(a_review_that_is_overdue_releases_nothing)
{
	struct tg_register r;
	struct tg_holds all;
	struct tg_err err;

	place();
	x.s.clock.now = 1803340799; /* the end of 22 February 2027 */
	r = reg();
	OK(tg_holds_open(&all, &r, &mem, &err));
	ck_assert_uint_eq(tg_holds_due(&all), 0);
	tg_holds_free(&all);
	x.s.clock.now++;
	r = reg();
	OK(tg_holds_open(&all, &r, &mem, &err));
	ck_assert_uint_eq(tg_holds_due(&all), 1);
	ck_assert_ptr_nonnull(tg_holds_over(&all, &that_bundle));
	tg_holds_free(&all);
}
END_TEST

/* Nothing that is done to the folder makes what is held free. */
START_TEST(a_record_that_is_gone_stops_whoever_deletes)
{
	const struct tg_register r = reg();
	struct tg_hold_over by;
	struct tg_holds all;
	struct tg_err err;

	place();
	ck_assert_int_eq(unlink(in_register("HOLD-1.yaml")), 0);
	FAILS(tg_holds_open(&all, &r, &mem, &err), TG_E_INTEGRITY);
	FAILS(tg_holds_ask(&by, &r, &that_bundle, &err), TG_E_INTEGRITY);
	OK(add("2026-11-20", "2026-11-02", &err));
	FAILS(tg_holds_open(&all, &r, &mem, &err), TG_E_INTEGRITY);
}
END_TEST

START_TEST(lost_signatures_release_nothing)
{
	struct tg_err err;

	place();
	ck_assert_int_eq(
	    unlink(in_register("HOLD-1.place.m.hartley.minisig")), 0);
	state_is("in force", true);
	OK(sign(LEGAL, &by_legal, true, &err));
	ck_assert_int_eq(
	    unlink(in_register("HOLD-1.release.m.hartley.minisig")), 0);
	state_is("in force", true);
}
END_TEST

START_TEST(a_release_takes_a_signature_and_the_ledger)
{
	place();
	/* The signature that placed it, under the other name. */
	ck_assert_int_eq(rename(in_register("HOLD-1.place.m.hartley.minisig"),
			     in_register("HOLD-1.release.m.hartley.minisig")),
	    0);
	state_is("in force", true);
}
END_TEST

START_TEST(a_draft_is_released_by_nobody)
{
	struct tg_err err;

	OK(add(NULL, NULL, &err));
	FAILS(sign(LEGAL, &by_legal, true, &err), TG_E_NO);
	state_is("draft", false);
}
END_TEST

START_TEST(the_register_has_one_of_a_name)
{
	struct tg_err err;

	place();
	OK(add(NULL, NULL, &err)); /* the same bytes */
	FAILS(add("Legal department", "Somebody else", &err), TG_E_NO);
	state_is("in force", true);
}
END_TEST

START_TEST(the_ledger_names_no_case_and_nobody)
{
	struct tg_buf b;
	struct tg_err err;

	place();
	tg_buf_init(&b, 1u << 16);
	OK(tg_ledger_entry(x.l, tg_ledger_size(x.l) - 1, &b, &err));
	ck_assert_ptr_nonnull(strstr(b.p, "\"type\":\"hold.placed\""));
	ck_assert_ptr_nonnull(strstr(b.p, "\"review_by\":\"2027-02-22\""));
	ck_assert_ptr_null(strstr(b.p, "HC-2026"));
	ck_assert_ptr_null(strstr(b.p, "hartley"));
	ck_assert_ptr_null(strstr(b.p, "asker"));
	ck_assert_ptr_null(strstr(b.p, "Legal department"));
	tg_buf_deinit(&b);
}
END_TEST

Suite *
holds_suite(void)
{
	Suite *s = suite_create("pipeline/holds");
	TCase *t = tcase_create("holds");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, it_holds_from_the_signature_of_legal_to_its_release);
	tcase_add_test(t, all_roles_of_the_policy_sign_to_place_and_to_release);
	tcase_add_test(
	    t, who_asks_who_prepares_or_has_no_such_role_does_not_sign);
	tcase_add_test(t, a_review_that_is_overdue_releases_nothing);
	tcase_add_test(t, a_record_that_is_gone_stops_whoever_deletes);
	tcase_add_test(t, lost_signatures_release_nothing);
	tcase_add_test(t, a_release_takes_a_signature_and_the_ledger);
	tcase_add_test(t, a_draft_is_released_by_nobody);
	tcase_add_test(t, the_register_has_one_of_a_name);
	tcase_add_test(t, the_ledger_names_no_case_and_nobody);
	suite_add_tcase(s, t);
	return s;
}
