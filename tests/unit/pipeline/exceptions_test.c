#include "tests/unit/pipeline/register.h"

#include "base/banned.h"

Suite *exceptions_suite(void);

static struct export x;

static void
setup(void)
{
	export_init(&x);
}

static void
teardown(void)
{
	export_deinit(&x);
}

/* The state of EXC-1 where two persons are asked for. */
static void
state_is(const char *want, size_t signed_by)
{
	const struct tg_register reg = register_of(&x);
	struct tg_exception_now now;
	struct tg_arena mem;
	struct tg_err err;

	tg_arena_init(&mem, 1u << 20);
	OK(tg_exception_find(&now, &reg, "EXC-1", &mem, &err));
	ck_assert_str_eq(tg_exception_state(&now, &reg, 2), want);
	ck_assert_uint_eq(now.by.n, signed_by);
	tg_exception_now_free(&now);
	tg_arena_deinit(&mem);
}

static const char *
in_register(const char *name)
{
	char below[160];

	(void)snprintf(below, sizeof(below), "state/exceptions/%s", name);
	return scratch_path(&x.s, below);
}

/* As tg_exceptions_manifest has it. */
static struct tg_json *
used(void)
{
	const struct tg_register reg = register_of(&x);
	struct tg_json *list = tg_json_array(), *one = NULL;
	struct tg_exception_now now;
	struct tg_arena mem;
	struct tg_err err;

	tg_arena_init(&mem, 1u << 20);
	OK(tg_exception_find(&now, &reg, "EXC-1", &mem, &err));
	OK(tg_exception_json(&one, &now, &err));
	ck_assert_int_eq(tg_json_push(list, one), 0);
	tg_exception_now_free(&now);
	tg_arena_deinit(&mem);
	return list;
}

START_TEST(two_persons_sign_and_it_is_in_force_until_its_last_day)
{
	struct tg_json *list;
	struct tg_err err;

	register_add(&x, NULL, NULL);
	state_is("draft", 0);
	OK(register_sign(&x, DPO, false, &err));
	state_is("draft", 1);
	OK(register_sign(&x, LEGAL, false, &err));
	state_is("active", 2);
	list = used();
	OK(tg_exceptions_record(x.l, list, "EXP-1", EXPORT_ID, &err));
	tg_json_free(list);
	state_is("used", 2);
	x.s.clock.now += 27 * EXPORT_DAY - 1; /* the end of 20 December */
	state_is("used", 2);
	x.s.clock.now++;
	state_is("expired", 2);
	x.s.clock.now -= 32 * EXPORT_DAY;
	state_is("draft", 2); /* 19 November */
}
END_TEST

START_TEST(a_use_is_written_once)
{
	struct tg_json *list;
	uint64_t before;
	struct tg_err err;

	register_add(&x, NULL, NULL);
	list = used();
	before = tg_ledger_size(x.l);
	OK(tg_exceptions_record(x.l, list, "EXP-1", EXPORT_ID, &err));
	OK(tg_exceptions_record(x.l, list, "EXP-1", EXPORT_ID, &err));
	ck_assert_uint_eq(tg_ledger_size(x.l), before + 1);
	OK(tg_exceptions_record(x.l, list, "EXP-2", "tg-uk-other", &err));
	ck_assert_uint_eq(tg_ledger_size(x.l), before + 2);
	tg_json_free(list);
}
END_TEST

START_TEST(who_asks_or_prepares_does_not_sign)
{
	struct tg_err err;

	register_add(&x, "r.asker", "t.brandt");
	FAILS(register_sign(&x, BOTH, false, &err), TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-SAME-PERSON")));
	FAILS(register_sign(&x, PREPARER, false, &err), TG_E_NO);
	ck_assert(tg_sv_starts(tg_sv_of(err.text), TG_SV("APR-ROLE")));
	state_is("draft", 0);
}
END_TEST

START_TEST(a_person_counts_once)
{
	struct tg_err err;

	register_add(&x, NULL, NULL);
	OK(register_sign(&x, DPO, false, &err));
	scratch_copy_tree(
	    scratch_path(&x.s, "state/exceptions"), scratch_path(&x.s, "c"));
	ck_assert_int_eq(
	    rename(scratch_path(&x.s, "c/EXC-1.approve.c.besson.minisig"),
		in_register("EXC-1.approve.m.hartley.minisig")),
	    0);
	state_is("draft", 1);
}
END_TEST

START_TEST(a_record_that_was_changed_is_signed_by_nobody)
{
	struct tg_buf text;
	struct tg_err err;

	register_add(&x, NULL, NULL);
	OK(register_sign(&x, DPO, false, &err));
	OK(register_sign(&x, LEGAL, false, &err));
	tg_buf_init(&text, 1u << 16);
	exception_text(&text, "2000", "3000");
	scratch_put(in_register("EXC-1.yaml"), tg_buf_sv(&text));
	tg_buf_deinit(&text);
	state_is("draft", 0);
}
END_TEST

START_TEST(a_revocation_is_no_approval_and_the_other_way_round)
{
	struct tg_err err;

	register_add(&x, NULL, NULL);
	OK(register_sign(&x, DPO, true, &err));
	ck_assert_int_eq(rename(in_register("EXC-1.revoke.c.besson.minisig"),
			     in_register("EXC-1.approve.c.besson.minisig")),
	    0);
	state_is("revoked", 0); /* says the ledger */
	FAILS(register_sign(&x, LEGAL, false, &err), TG_E_NO);
}
END_TEST

START_TEST(what_is_revoked_stays_so_and_so_does_what_was_made_under_it)
{
	struct tg_json *list;
	struct tg_err err;

	register_add(&x, NULL, NULL);
	list = used();
	OK(tg_exceptions_stand(x.l, list, &err));
	OK(register_sign(&x, LEGAL, true, &err));
	state_is("revoked", 0);
	ck_assert_int_eq(
	    unlink(in_register("EXC-1.revoke.m.hartley.minisig")), 0);
	state_is("revoked", 0);
	FAILS(tg_exceptions_stand(x.l, list, &err), TG_E_NO);
	tg_json_free(list);
}
END_TEST

START_TEST(an_unreadable_revocation_revokes)
{
	register_add(&x, NULL, NULL);
	scratch_put(in_register("EXC-1.revoke.x.minisig"), TG_SV("?"));
	state_is("revoked", 0);
}
END_TEST

static const struct {
	const char *scope, *code; /* NULL: it is in scope */
} scopes[] = {{"{project: nightly}", NULL}, {"{recipient: lab}", NULL},
    {"{bundle: EXP-1}", NULL}, {"{project: weekly}", "EXC-SCOPE"},
    {"{recipient: other}", "EXC-SCOPE"}};

START_TEST(it_holds_in_its_scope_alone)
{
	struct tg_exceptions got;
	struct tg_arena mem;
	struct tg_err err;

	register_add(&x, "{project: nightly}", scopes[_i].scope);
	if (scopes[_i].code != NULL) {
		FAILS(
		    register_open(&got, &x, "EXC-1", &mem, &err), TG_E_CONFIG);
		ck_assert(tg_sv_starts(
		    tg_sv_of(err.text), tg_sv_of(scopes[_i].code)));
	} else {
		OK(register_open(&got, &x, "EXC-1", &mem, &err));
		OK(tg_exceptions_bundle(&got, "EXP-1", &err));
		if (got.x[0].e.scope == TG_EXCEPTION_BUNDLE)
			FAILS(tg_exceptions_bundle(&got, "EXP-2", &err),
			    TG_E_CONFIG);
	}
	tg_exceptions_free(&got);
	tg_arena_deinit(&mem);
}
END_TEST

START_TEST(the_register_has_one_of_a_name)
{
	char id[TG_EXCEPTION_ID + 1];
	const char *const *ids;
	struct tg_arena mem;
	struct tg_err err;
	size_t n;

	tg_arena_init(&mem, 1u << 20);
	OK(tg_exceptions_ids(&ids, &n, x.state, &mem, &err));
	ck_assert_uint_eq(n, 0);
	register_add(&x, NULL, NULL);
	FAILS(tg_exception_add(
		  id, x.state, scratch_path(&x.s, "asked.yaml"), &err),
	    TG_E_NO);
	OK(register_sign(&x, DPO, false, &err));
	OK(tg_exceptions_ids(&ids, &n, x.state, &mem, &err));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(ids[0], "EXC-1");
	tg_arena_deinit(&mem);
}
END_TEST

Suite *
exceptions_suite(void)
{
	Suite *s = suite_create("pipeline/exceptions");
	TCase *t = tcase_create("exceptions");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(
	    t, two_persons_sign_and_it_is_in_force_until_its_last_day);
	tcase_add_test(t, a_use_is_written_once);
	tcase_add_test(t, who_asks_or_prepares_does_not_sign);
	tcase_add_test(t, a_person_counts_once);
	tcase_add_test(t, a_record_that_was_changed_is_signed_by_nobody);
	tcase_add_test(t, a_revocation_is_no_approval_and_the_other_way_round);
	tcase_add_test(
	    t, what_is_revoked_stays_so_and_so_does_what_was_made_under_it);
	tcase_add_test(t, an_unreadable_revocation_revokes);
	tcase_add_loop_test(
	    t, it_holds_in_its_scope_alone, 0, (int)TG_COUNT(scopes));
	tcase_add_test(t, the_register_has_one_of_a_name);
	suite_add_tcase(s, t);
	return s;
}
