/* What stands in place of a finding. */
#include "base/crypt.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

static const uint8_t key_a[TG_KEY_LEN] = {1};
static const uint8_t key_b[TG_KEY_LEN] = {2};

static void
replace(struct tg_buf *out, const char *text, const char *type,
    enum tg_action action, const uint8_t *secret)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_finding f = {.start = 0,
	    .end = (uint32_t)strlen(text),
	    .type = (uint16_t)tg_rules_type_find(fixture_rules(), type),
	    .action = (uint8_t)action};

	tg_buf_reset(out);
	if (tg_replacement(out, fixture_rules(), &f,
		(struct tg_trace_text){text, strlen(text)}, secret, &err) < 0)
		ck_abort_msg("%s", err.text);
}

START_TEST(each_action_writes_what_it_says)
{
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	replace(&b, "536-90-4399", "US_SSN", TG_ACT_LABEL, NULL);
	ck_assert_str_eq(b.p, "[US_SSN]");
	replace(&b, "536-90-4399", "US_SSN", TG_ACT_KEEP, NULL);
	ck_assert_str_eq(b.p, "536-90-4399");
	replace(&b, "536-90-4399", "US_SSN", TG_ACT_MASK, NULL);
	ck_assert_str_eq(b.p, "***-**-****");
	replace(&b, "Zo\xc3\xa9", "PERSON", TG_ACT_MASK, NULL);
	ck_assert_str_eq(b.p, "***");
	replace(&b, "Zo\xc3\xa9", "PERSON", TG_ACT_TAG, NULL);
	ck_assert_str_eq(b.p, "[PERSON:3]");
	replace(&b, "536-90-4399", "US_SSN", TG_ACT_PSEUDONYMISE, NULL);
	ck_assert_str_eq(b.p, "[US_SSN]");
	replace(&b, "x", "EMAIL", TG_ACT_DROP_RECORD, NULL);
	ck_assert_str_eq(b.p, "[EMAIL]");
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(a_pseudonym_depends_on_value_type_and_key)
{
	struct tg_buf a, b;

	tg_buf_init(&a, 1000);
	tg_buf_init(&b, 1000);
	replace(&a, "536-90-4399", "US_SSN", TG_ACT_PSEUDONYMISE, key_a);
	ck_assert_uint_eq(a.n, strlen("[US_SSN_xxxxxxxx]"));
	ck_assert_int_eq(strncmp(a.p, "[US_SSN_", 8), 0);
	ck_assert_int_eq(a.p[a.n - 1], ']');
	replace(&b, "536-90-4399", "US_SSN", TG_ACT_PSEUDONYMISE, key_a);
	ck_assert_str_eq(a.p, b.p);
	replace(&b, "536-90-4399", "US_SSN", TG_ACT_PSEUDONYMISE, key_b);
	ck_assert_str_ne(a.p, b.p);
	replace(&b, "536-90-4398", "US_SSN", TG_ACT_PSEUDONYMISE, key_a);
	ck_assert_str_ne(a.p, b.p);
	replace(&b, "536-90-4399", "PHONE", TG_ACT_PSEUDONYMISE, key_a);
	ck_assert_str_ne(a.p + 8, b.p + 7);
	tg_buf_deinit(&a);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(no_replacement_is_found_again)
{
	struct tg_buf b, text;

	tg_buf_init(&b, 1000);
	tg_buf_init(&text, 4000);
	for (uint16_t t = 0; t < tg_rules_type_count(fixture_rules()); t++)
		for (char k = 'a'; k <= 'z'; k++) {
			const char value[] = {k, 'x', '\0'};

			replace(&b, value, tg_rules_type(fixture_rules(), t),
			    TG_ACT_PSEUDONYMISE, key_a);
			tg_buf_reset(&text);
			ck_assert_int_eq(
			    tg_buf_addf(&text, NULL, "Dear %s phone: %s, %s.",
				b.p, b.p, b.p),
			    0);
			ck_assert_msg(
			    fixture_scan(text.p, "phone").n == 0, "%s", text.p);
		}
	tg_buf_deinit(&b);
	tg_buf_deinit(&text);
}
END_TEST

START_TEST(actions_have_names)
{
	enum tg_action a = TG_ACT_KEEP;

	ck_assert(tg_action_parse(&a, TG_SV("drop_record")));
	ck_assert_int_eq(a, TG_ACT_DROP_RECORD);
	ck_assert(!tg_action_parse(&a, TG_SV("destroy")));
	ck_assert_int_eq(a, TG_ACT_DROP_RECORD);
	ck_assert_str_eq(tg_action_name(TG_ACT_LABEL), "label");
}
END_TEST

START_TEST(a_finding_outside_its_text_is_a_bug)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_finding f = {.start = 2, .end = 9};
	struct tg_buf b;

	tg_buf_init(&b, 100);
	ck_assert_int_eq(tg_replacement(&b, fixture_rules(), &f,
			     (struct tg_trace_text){"abc", 3}, NULL, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_uint_eq(b.n, 0);
	tg_buf_deinit(&b);
}
END_TEST

Suite *operators_suite(void);
Suite *
operators_suite(void)
{
	Suite *s = suite_create("operators");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);

	tcase_add_test(t, each_action_writes_what_it_says);
	tcase_add_test(t, a_pseudonym_depends_on_value_type_and_key);
	tcase_add_test(t, no_replacement_is_found_again);
	tcase_add_test(t, actions_have_names);
	tcase_add_test(t, a_finding_outside_its_text_is_a_bug);
	suite_add_tcase(s, t);
	return s;
}
