#include "pipeline/decision_doc.h"
#include "tests/unit/pipeline/standers.h"

#include "base/banned.h"

Suite *standing_suite(void);

static struct export x;
static char why[TG_ERR_TEXT];

static void
setup(void)
{
	export_init(&x);
	standers_init(&x);
}

static void
teardown(void)
{
	export_deinit(&x);
}

static void
state_is(const char *code)
{
	char now[20];

	standers_state(&x, now);
	ck_assert_str_eq(now, code);
}

static void
both_stand(void)
{
	standers_sign(&x, DPO, "dpo");
	standers_sign(&x, LEGAL, "legal");
}

static size_t
count_of(const char *type)
{
	struct tg_buf b;
	struct tg_err err;
	size_t n = 0;

	tg_buf_init(&b, TG_LEDGER_ENTRY_MAX + 1);
	for (uint64_t i = 0; i < tg_ledger_size(x.l); i++) {
		tg_buf_reset(&b);
		OK(tg_ledger_entry(x.l, i, &b, &err));
		n += strstr(b.p, type) != NULL;
	}
	tg_buf_deinit(&b);
	return n;
}

START_TEST(all_roles_together_let_an_export_go)
{
	both_stand();
	state_is("APR-MISSING"); /* nothing relied on */
	ck_assert_uint_eq(standers_rely(&x, why), 2);
	ck_assert_str_eq(why, "");
	state_is("");
	ck_assert_uint_eq(count_of("standing.used"), 2);
	ck_assert_uint_eq(standers_rely(&x, why), 2); /* taken up again */
	ck_assert_uint_eq(count_of("standing.used"), 2);
}
END_TEST

START_TEST(one_of_two_roles_is_none)
{
	standers_sign(&x, DPO, "dpo");
	ck_assert_uint_eq(standers_rely(&x, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "APR-MISSING"));
	state_is("APR-MISSING");
}
END_TEST

START_TEST(one_person_in_both_roles_is_none)
{
	standers_sign(&x, BOTH, "dpo");
	standers_sign(&x, BOTH, "legal");
	ck_assert_uint_eq(standers_rely(&x, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "APR-SAME-PERSON"));
}
END_TEST

START_TEST(one_that_the_manifest_does_not_name_counts_for_nothing)
{
	char *dir = tg_standing_dir(x.state, "GB");

	both_stand();
	scratch_copy_tree(dir, x.dir);
	free(dir);
	state_is("APR-DIGEST");
}
END_TEST

/* Legal alone would do for one bundle: but as a standing approval it is half
 * of two. */
START_TEST(when_one_falls_away_so_does_the_other)
{
	struct tg_json *a = tg_json_copy(tg_json_get(x.manifest, "approvals"));
	struct tg_json *legal = tg_json_array();

	ck_assert_int_eq(
	    tg_json_push(
		legal, tg_json_copy(tg_json_at(tg_json_get(a, "roles"), 1))),
	    0);
	ck_assert_int_eq(tg_json_set(a, "roles", legal), 0);
	ck_assert_int_eq(tg_json_set_int(a, "distinct_persons", 2), 0);
	export_change(&x, "approvals", a);
	both_stand();
	ck_assert_uint_eq(standers_rely(&x, NULL), 2);
	state_is("");
	ck_assert_int_eq(unlink(export_path(&x, "decision-dpo.json")), 0);
	ck_assert_int_eq(
	    unlink(export_path(&x, "decision-dpo.json.minisig")), 0);
	state_is("APR-MISSING");
}
END_TEST

START_TEST(the_policys_days_end_it)
{
	both_stand();
	ck_assert_uint_eq(standers_rely(&x, NULL), 2);
	x.s.clock.now += 30 * EXPORT_DAY - 1;
	state_is("");
	x.s.clock.now++; /* signed for 60; the policy lets 30 */
	state_is("APR-EXPIRED");
	standers_next_night(&x, "tg-uk-later");
	ck_assert_uint_eq(standers_rely(&x, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "APR-EXPIRED"));
}
END_TEST

/* Bytes: how many times those of one export. */
static const struct {
	struct standers_caps cap;
	size_t fit;
} capped[] = {{{5, 99, 9}, 1}, {{6, 99, 9}, 2}, {{8, 99, 9}, 2},
    {{9, 99, 9}, 3}, {{99, 2, 9}, 2}, {{99, 99, 1}, 1}, {{99, 99, 3}, 3}};

START_TEST(the_caps_are_over_all_runs)
{
	struct standers_caps caps = capped[_i].cap;
	size_t nights = 0;
	char id[32];

	caps.bytes *= (uint64_t)tg_manifest_bytes(x.manifest);
	standers_sign_for(&x, DPO, "dpo", &caps);
	standers_sign_for(&x, LEGAL, "legal", &caps);
	while (nights < 9 && standers_rely(&x, why) == 2) {
		(void)snprintf(id, sizeof(id), "tg-uk-night-%zu", ++nights);
		standers_next_night(&x, id);
	}
	ck_assert_uint_eq(nights, capped[_i].fit);
	ck_assert_ptr_nonnull(strstr(why, "APR-SUSPENDED"));
	ck_assert_ptr_nonnull(strstr(why, "cap_exceeded"));
	ck_assert_uint_eq(count_of("standing.suspended"), 2);
}
END_TEST

static const struct {
	const char *key, *member, *value, *why, *cause;
} changes[] = {
    {"policy", "effective_sha256",
	"70303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
	"APR-SUSPENDED", "policy_change"},
    {"recipient", "id", "rcp-other", "APR-SUSPENDED", "recipient_change"},
    {"recipient", "country", "US", "APR-SUSPENDED", "recipient_change"},
    {"payload", NULL, NULL, "APR-SUSPENDED", "key_change"},
    {"purpose", "id", "audit", "APR-SCOPE", NULL},
    {"retention", "class", "formal_audit", "APR-SCOPE", NULL},
    {"target", NULL, "file:/srv/other", "APR-SCOPE", NULL},
};

/* Member @i of the table; of the payload the recipient's keys. */
static void
change(size_t i)
{
	const char *value = changes[i].value;
	struct tg_json *o =
	    tg_json_copy(tg_json_get(x.manifest, changes[i].key));

	if (value == NULL) {
		struct tg_json *keys = tg_json_array();

		ck_assert_int_eq(tg_json_push_str(keys, "age1other"), 0);
		ck_assert_int_eq(tg_json_set(o, "recipients", keys), 0);
	} else if (changes[i].member == NULL) {
		tg_json_free(o);
		o = tg_json_str(tg_sv_of(value));
	} else {
		ck_assert_int_eq(
		    tg_json_set_str(o, changes[i].member, value), 0);
	}
	export_change(&x, changes[i].key, o);
}

START_TEST(what_changes_suspends_it_and_it_stays_so)
{
	struct tg_json *was =
	    tg_json_copy(tg_json_get(x.manifest, changes[_i].key));

	both_stand();
	change((size_t)_i);
	ck_assert_uint_eq(standers_rely(&x, why), 0);
	ck_assert_msg(strstr(why, changes[_i].why) != NULL, "%s", why);
	ck_assert_msg(
	    changes[_i].cause == NULL || strstr(why, changes[_i].cause) != NULL,
	    "%s", why);
	export_change(&x, changes[_i].key, was);
	ck_assert_uint_eq(standers_rely(&x, why),
	    changes[_i].cause == NULL ? 2 : 0); /* out of scope alone heals */
	if (changes[_i].cause == NULL)
		return;
	x.s.clock.now++;
	both_stand(); /* signed anew */
	ck_assert_uint_eq(standers_rely(&x, why), 2);
}
END_TEST

START_TEST(a_cause_that_the_policy_does_not_list_does_not_stay)
{
	struct tg_json *a = tg_json_copy(tg_json_get(x.manifest, "approvals"));

	ck_assert_int_eq(tg_json_set(tg_json_get(a, "standing"), "suspend_on",
			     tg_json_array()),
	    0);
	export_change(&x, "approvals", a);
	both_stand();
	change(0);
	ck_assert_uint_eq(standers_rely(&x, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "APR-SCOPE"));
	ck_assert_uint_eq(count_of("standing.suspended"), 0);
}
END_TEST

START_TEST(a_suspension_holds_back_what_is_not_sent)
{
	const struct tg_standing_ask ask = standers_ask(&x);
	struct tg_err err;

	both_stand();
	ck_assert_uint_eq(standers_rely(&x, NULL), 2);
	OK(tg_standing_suspend(&ask, "FR", "gate_failure", "", &err));
	state_is("");
	OK(tg_standing_suspend(&ask, "GB", "gate_failure", "", &err));
	OK(tg_standing_suspend(&ask, "GB", "gate_failure", "", &err));
	ck_assert_uint_eq(count_of("standing.suspended"), 2);
	state_is("APR-SUSPENDED");
}
END_TEST

START_TEST(a_person_revokes_it)
{
	const struct tg_standing_ask ask = standers_ask(&x);
	struct tg_err err;

	both_stand();
	ck_assert_uint_eq(standers_rely(&x, NULL), 2);
	OK(tg_standing_revoke(
	    &ask, "GB", tg_trust_find(x.trust, "m.hartley"), "legal", &err));
	state_is("APR-REVOKED");
}
END_TEST

START_TEST(a_bundles_own_refusal_is_stronger)
{
	char name[TG_DECISION_NAME];
	struct tg_err err;

	both_stand();
	ck_assert_uint_eq(standers_rely(&x, NULL), 2);
	OK(export_decide(&x, BOTH, "legal", TG_REJECT, name, &err));
	state_is("APR-REJECTED");
}
END_TEST

START_TEST(it_needs_its_caps)
{
	struct tg_decision_spec spec = {.decide = TG_APPROVE_STANDING,
	    .role = "dpo",
	    .signer = tg_trust_find(x.trust, "c.besson"),
	    .manifest = tg_buf_sv(&x.bytes),
	    .evidence_dir = export_path(&x, "evidence"),
	    .read_language = "en",
	    .max_records = 6,
	    .max_bytes = 1 << 20,
	    .signed_at = x.s.clock.now,
	    .expires_at = x.s.clock.now + EXPORT_DAY};
	struct tg_json *doc = NULL;
	struct tg_err err;

	FAILS(tg_decision_make(&doc, &spec, &err), TG_E_USAGE);
	spec.max_runs = 1;
	OK(tg_decision_make(&doc, &spec, &err));
	tg_json_free(doc);
}
END_TEST

Suite *
standing_suite(void)
{
	Suite *s = suite_create("pipeline/standing");
	TCase *t = tcase_create("standing");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_roles_together_let_an_export_go);
	tcase_add_test(t, one_of_two_roles_is_none);
	tcase_add_test(t, one_person_in_both_roles_is_none);
	tcase_add_test(
	    t, one_that_the_manifest_does_not_name_counts_for_nothing);
	tcase_add_test(t, when_one_falls_away_so_does_the_other);
	tcase_add_test(t, the_policys_days_end_it);
	tcase_add_loop_test(
	    t, the_caps_are_over_all_runs, 0, (int)TG_COUNT(capped));
	tcase_add_loop_test(t, what_changes_suspends_it_and_it_stays_so, 0,
	    (int)TG_COUNT(changes));
	tcase_add_test(t, a_cause_that_the_policy_does_not_list_does_not_stay);
	tcase_add_test(t, a_suspension_holds_back_what_is_not_sent);
	tcase_add_test(t, a_person_revokes_it);
	tcase_add_test(t, a_bundles_own_refusal_is_stronger);
	tcase_add_test(t, it_needs_its_caps);
	suite_add_tcase(s, t);
	return s;
}
