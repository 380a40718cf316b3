/* decisions_state_test.c - whether an export may go. */
#include <check.h>
#include <string.h>

#include "tests/unit/pipeline/export.h"

#include "base/banned.h"

Suite *decisions_state_suite(void);

static struct export x;
static char name[TG_DECISION_NAME];

static void
set_up(void)
{
	export_init(&x);
}

static void
tear_down(void)
{
	export_deinit(&x);
}

START_TEST(two_roles_by_two_persons_approve)
{
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-MISSING");
	export_approve(&x, LEGAL, "legal", name);
	ck_assert_str_eq(name, "decision-legal.json");
	export_reason_is(&x, name, "");
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-MISSING");
	export_approve(&x, DPO, "dpo", name);
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
}
END_TEST

START_TEST(one_person_in_two_roles_is_not_two)
{
	export_approve(&x, BOTH, "legal", name);
	export_approve(&x, BOTH, "dpo", name);
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-SAME-PERSON");
	/* Another DPO: then the first one counts as legal. */
	export_approve(&x, DPO, "dpo", name);
	ck_assert_str_eq(name, "decision-dpo-2.json");
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
}
END_TEST

START_TEST(persons_are_moved_until_all_places_are_filled)
{
	export_approve(&x, BOTH, "dpo", name);
	export_approve(&x, BOTH, "legal", name);
	export_approve(&x, LEGAL, "legal", name);
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
}
END_TEST

START_TEST(more_persons_than_roles_can_be_asked_for)
{
	struct tg_json *a = tg_json_copy(tg_json_get(x.manifest, "approvals"));

	ck_assert_int_eq(tg_json_set_int(a, "distinct_persons", 4), 0);
	export_change(&x, "approvals", a);
	export_approve(&x, LEGAL, "legal", name);
	export_approve(&x, DPO, "dpo", name);
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-SAME-PERSON");
	export_approve(&x, BOTH, "dpo", name);
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
}
END_TEST

START_TEST(two_of_one_role_are_two_persons)
{
	struct tg_json *a = tg_json_copy(tg_json_get(x.manifest, "approvals"));

	ck_assert_int_eq(
	    tg_json_set_int(tg_json_at(tg_json_get(a, "roles"), 0), "count", 2),
	    0);
	export_change(&x, "approvals", a);
	export_approve(&x, LEGAL, "legal", name);
	export_approve(&x, DPO, "dpo", name);
	export_approve(
	    &x, DPO, "dpo", name); /* again: replaces, does not add */
	ck_assert_str_eq(name, "decision-dpo.json");
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-SAME-PERSON");
	export_approve(&x, BOTH, "dpo", name);
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
}
END_TEST

START_TEST(a_second_key_is_not_a_second_person)
{
	static const char *const dpo[] = {"dpo"};
	char rw[TG_MINISIGN_PUB_STR];
	struct tg_person p = {.id = "m.hartley",
	    .name = "Mary Hartley",
	    .role = dpo,
	    .n_role = 1,
	    .key = rw,
	    .confirmed_by = "",
	    .confirmed_on = ""};
	struct tg_minisign_key *own = x.key[LEGAL];
	struct tg_err err;

	tg_minisign_pub_str(rw, tg_minisign_public(x.key[STRANGER]));
	OK(tg_trust_add(scratch_path(&x.s, "trust.yaml"), &p, &err));
	tg_trust_free(x.trust);
	OK(tg_trust_load(&x.trust, scratch_path(&x.s, "trust.yaml"), &err));
	ck_assert_uint_eq(tg_trust_count(x.trust), 5);
	/* One of the two entries signs as legal, the other as DPO. */
	for (size_t i = 0; i < tg_trust_count(x.trust); i++) {
		const struct tg_person *q = tg_trust_at(x.trust, i);
		const struct tg_decision_spec spec = {.decide = TG_APPROVE,
		    .role = q->role[0],
		    .signer = q,
		    .manifest = tg_buf_sv(&x.bytes),
		    .evidence_dir = export_path(&x, "evidence"),
		    .read_language = "en",
		    .signed_at = x.s.clock.now,
		    .expires_at = x.s.clock.now + EXPORT_DAY};
		struct tg_json *doc = NULL;

		if (strcmp(q->id, "m.hartley") != 0)
			continue;
		OK(tg_decision_make(&doc, &spec, &err));
		OK(tg_decision_write(name, x.dir, doc,
		    strcmp(q->key, rw) == 0 ? x.key[STRANGER] : own, &err));
		tg_json_free(doc);
		export_reason_is(&x, name, "");
	}
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-SAME-PERSON");
}
END_TEST

START_TEST(one_rejection_refuses_and_stands)
{
	struct tg_err err;

	export_approve(&x, DPO, "dpo", name);
	export_approve(&x, LEGAL, "legal", name);
	OK(export_decide(&x, BOTH, "legal", TG_REJECT, name, &err));
	ck_assert_str_eq(name, "decision-legal-2.json");
	export_state_is(&x, TG_DECISIONS_REFUSED, "APR-REJECTED");
	FAILS(
	    export_decide(&x, BOTH, "legal", TG_APPROVE, name, &err), TG_E_NO);
	/* It does not lapse either. */
	x.s.clock.now += 400 * EXPORT_DAY;
	{
		struct tg_decisions d = export_state(&x);

		ck_assert_int_eq(d.state, TG_DECISIONS_REFUSED);
		tg_decisions_free(&d);
	}
}
END_TEST

START_TEST(approvals_lapse_and_can_be_renewed)
{
	export_approve(&x, DPO, "dpo", name);
	export_approve(&x, LEGAL, "legal", name);
	x.s.clock.now += 10 * EXPORT_DAY - 1;
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
	x.s.clock.now += 1;
	export_state_is(&x, TG_DECISIONS_LAPSED, "APR-EXPIRED");
	export_approve(&x, DPO, "dpo", name);
	export_state_is(&x, TG_DECISIONS_LAPSED, "APR-EXPIRED");
	export_approve(&x, LEGAL, "legal", name);
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
}
END_TEST

START_TEST(the_policy_limits_how_long_a_decision_is_in_force)
{
	struct tg_json *a = tg_json_copy(tg_json_get(x.manifest, "approvals"));

	ck_assert_int_eq(tg_json_set_int(a, "expires_days", 2), 0);
	export_change(&x, "approvals", a);
	export_approve(&x, DPO, "dpo", name);
	export_approve(&x, LEGAL, "legal", name);
	x.s.clock.now += 2 * EXPORT_DAY - 1;
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
	x.s.clock.now += 1;
	export_state_is(&x, TG_DECISIONS_LAPSED, "APR-EXPIRED");
}
END_TEST

START_TEST(a_file_that_is_no_decision_keeps_the_export_waiting)
{
	export_approve(&x, LEGAL, "legal", name);
	export_approve(&x, DPO, "dpo", name);
	scratch_put(export_path(&x, "decision-board.json"), TG_SV("{}\n"));
	export_state_is(
	    &x, TG_DECISIONS_WAITING, "APR-DIGEST"); /* no signature */
	scratch_put(
	    export_path(&x, "decision-board.json.minisig"), TG_SV("x\n"));
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-DIGEST");
	ck_assert_int_eq(unlink(export_path(&x, "decision-board.json")), 0);
	export_state_is(&x, TG_DECISIONS_APPROVED, NULL);
}
END_TEST

START_TEST(a_stranger_does_not_count)
{
	export_approve(
	    &x, STRANGER, "legal", name); /* makes one without a trust file */
	export_approve(&x, DPO, "dpo", name);
	export_reason_is(&x, "decision-legal.json", "APR-ROLE");
	export_state_is(&x, TG_DECISIONS_WAITING, "APR-ROLE");
}
END_TEST

START_TEST(a_manifest_that_asks_for_nobody_is_refused)
{
	static const char *const text[] = {"{}", "{\"approvals\":{}}",
	    "{\"approvals\":{\"distinct_persons\":2,\"expires_days\":1,"
	    "\"roles\":[]}}",
	    "{\"approvals\":{\"distinct_persons\":0,\"expires_days\":1,"
	    "\"roles\":[{\"role\":\"dpo\",\"count\":1}]}}",
	    "{\"approvals\":{\"distinct_persons\":2,\"expires_days\":1,"
	    "\"roles\":[{\"role\":\"dpo\",\"count\":0}]}}",
	    "{\"approvals\":{\"distinct_persons\":2,\"expires_days\":1,"
	    "\"roles\":[{\"role\":\"D\",\"count\":1}]}}"};
	struct tg_decision_against a = export_against(&x);
	struct tg_approvals need = {.n = 0};
	struct tg_decisions d;
	struct tg_err err;

	for (size_t i = 0; i < TG_COUNT(text); i++) {
		struct tg_json *m = NULL;

		OK(tg_json_parse(&m, tg_sv_of(text[i]), "m", &err));
		FAILS(tg_approvals_of(&need, m, &err), TG_E_INTEGRITY);
		tg_json_free(m);
	}
	FAILS(tg_decisions_state(&d, x.dir, &a, &need, &err), TG_E_CONFIG);
}
END_TEST

Suite *
decisions_state_suite(void)
{
	Suite *s = suite_create("decisions_state");
	TCase *c = tcase_create("decisions_state");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, two_roles_by_two_persons_approve);
	tcase_add_test(c, one_person_in_two_roles_is_not_two);
	tcase_add_test(c, persons_are_moved_until_all_places_are_filled);
	tcase_add_test(c, more_persons_than_roles_can_be_asked_for);
	tcase_add_test(c, two_of_one_role_are_two_persons);
	tcase_add_test(c, a_second_key_is_not_a_second_person);
	tcase_add_test(c, one_rejection_refuses_and_stands);
	tcase_add_test(c, approvals_lapse_and_can_be_renewed);
	tcase_add_test(c, the_policy_limits_how_long_a_decision_is_in_force);
	tcase_add_test(c, a_file_that_is_no_decision_keeps_the_export_waiting);
	tcase_add_test(c, a_stranger_does_not_count);
	tcase_add_test(c, a_manifest_that_asks_for_nobody_is_refused);
	suite_add_tcase(s, c);
	return s;
}
