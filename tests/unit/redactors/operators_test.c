/* What stands in place of a finding. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "redactors/token.h"
#include "tests/unit/redactors/operate.h"

#include "base/banned.h"

static void
replace(struct tg_buf *out, const char *text, const char *type,
    enum tg_action action, const uint8_t *secret)
{
	struct tg_operators *o = operators(secret);

	(void)apply(o, out, text, type, action);
	tg_operators_free(o);
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

START_TEST(numbers_count_the_values_of_a_scope)
{
	struct tg_operators *o = operators(key_a);
	struct tg_operator p = {.number_scope = TG_NUMBER_RECORD};
	struct tg_buf b, c;

	tg_buf_init(&b, 1000);
	tg_buf_init(&c, 1000);
	tg_operators_set(o, type_of("PERSON"), &p);
	(void)apply(o, &b, "Ann Lee", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, "[PERSON_1]");
	(void)apply(o, &b, "Ida Roe", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, "[PERSON_2]");
	(void)apply(o, &b, "ANN  LEE", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, "[PERSON_1]");
	(void)apply(o, &b, "a@example.org", "EMAIL", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, "[EMAIL_1]");
	tg_operators_record(o);
	(void)apply(o, &b, "Ida Roe", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, "[PERSON_1]");

	p.number_scope = TG_NUMBER_FILE;
	tg_operators_set(o, type_of("PERSON"), &p);
	(void)apply(o, &b, "Ann Lee", "PERSON", TG_ACT_NUMBER);
	tg_operators_record(o);
	(void)apply(o, &b, "Ida Roe", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, "[PERSON_2]");
	tg_operators_file(o);
	(void)apply(o, &b, "Ida Roe", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, "[PERSON_1]");

	/* Of the run: from the value alone, whatever came before. */
	p.number_scope = TG_NUMBER_RUN;
	tg_operators_set(o, type_of("PERSON"), &p);
	(void)apply(o, &b, "Ida Roe", "PERSON", TG_ACT_NUMBER);
	ck_assert_uint_eq(b.n, strlen("[PERSON_n012345678901]"));
	tg_operators_file(o);
	(void)apply(o, &c, "Ann Lee", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_ne(b.p, c.p);
	(void)apply(o, &c, "IDA ROE", "PERSON", TG_ACT_NUMBER);
	ck_assert_str_eq(b.p, c.p);
	tg_buf_deinit(&b);
	tg_buf_deinit(&c);
	tg_operators_free(o);
}
END_TEST

START_TEST(ten_thousand_values_have_ten_thousand_numbers)
{
	struct tg_operators *o = operators(key_a);
	struct tg_operator p = {.number_scope = TG_NUMBER_FILE};
	struct tg_buf b;
	bool right = true;

	tg_buf_init(&b, 1000);
	tg_operators_set(o, type_of("EMAIL"), &p);
	for (int round = 0; round < 2; round++)
		for (int i = 1; i <= 10000; i++) {
			char value[40], want[40];

			(void)snprintf(
			    value, sizeof(value), "user%d@example.org", i);
			(void)snprintf(want, sizeof(want), "[EMAIL_%d]", i);
			(void)apply(o, &b, value, "EMAIL", TG_ACT_NUMBER);
			right = right && strcmp(b.p, want) == 0;
		}
	ck_assert(right);
	tg_buf_deinit(&b);
	tg_operators_free(o);
}
END_TEST

START_TEST(hash_and_tokenise_are_worked_out_by_key_and_value)
{
	struct tg_buf a, b;

	tg_buf_init(&a, 1000);
	tg_buf_init(&b, 1000);
	replace(&a, "jane@example.org", "EMAIL", TG_ACT_HASH, key_a);
	ck_assert_uint_eq(a.n, strlen("[EMAIL_]") + 26);
	replace(&b, "Jane@Example.org", "EMAIL", TG_ACT_HASH, key_a);
	ck_assert_str_eq(a.p, b.p);
	replace(&b, "jane@example.org", "EMAIL", TG_ACT_HASH, key_b);
	ck_assert_str_ne(a.p, b.p);
	replace(&b, "jane@example.com", "EMAIL", TG_ACT_HASH, key_a);
	ck_assert_str_ne(a.p, b.p);

	replace(&a, "536-90-4399", "US_SSN", TG_ACT_TOKENISE, key_a);
	ck_assert_uint_eq(a.n, strlen("[US_SSN~536-90-4399]"));
	ck_assert_int_eq(a.p[11], '-');
	ck_assert_int_eq(a.p[14], '-');
	/* Written otherwise, it is the same value. */
	replace(&b, "536 90 4399", "US_SSN", TG_ACT_TOKENISE, key_a);
	for (size_t i = 0; i < a.n; i++)
		if (b.p[i] == ' ')
			b.p[i] = '-';
	ck_assert_str_eq(a.p, b.p);
	replace(&b, "536-90-4399", "US_SSN", TG_ACT_TOKENISE, key_b);
	ck_assert_str_ne(a.p, b.p);
	replace(&b, "536-90-4398", "US_SSN", TG_ACT_TOKENISE, key_a);
	ck_assert_str_ne(a.p, b.p);
	/* Digits and letters are told apart. */
	replace(&a, "AB51 ABC", "UK_VRM", TG_ACT_TOKENISE, key_a);
	for (size_t i = 0; i < 8; i++)
		if (i != 4)
			ck_assert_ptr_nonnull(
			    strchr(i == 2 || i == 3 ? TG_TOKEN_DIGITS
						    : TG_TOKEN_LETTERS,
				a.p[i + 8]));
	tg_buf_deinit(&a);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(without_a_key_it_is_the_label)
{
	static const enum tg_action keyed[] = {TG_ACT_SHIFT_DATE,
	    TG_ACT_TOKENISE, TG_ACT_HASH, TG_ACT_PSEUDONYMISE, TG_ACT_NUMBER};
	struct tg_operators *o = operators(NULL);
	const struct tg_operator p = {
	    .shift_days = 9, .number_scope = TG_NUMBER_RUN};
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	tg_operators_set(o, type_of("DATE_OF_BIRTH"), &p);
	for (size_t i = 0; i < TG_COUNT(keyed); i++) {
		ck_assert_int_eq(
		    apply(o, &b, "12/05/1985", "DATE_OF_BIRTH", keyed[i]),
		    TG_ACT_LABEL);
		ck_assert_str_eq(b.p, "[DATE_OF_BIRTH]");
	}
	tg_buf_deinit(&b);
	tg_operators_free(o);
}
END_TEST

/* ---- tokens ------------------------------------------------------------- */

START_TEST(a_token_has_one_form_and_hides_no_identifier)
{
	static const char *const are[] = {"[EMAIL]", "[FR_NIR]", "[EMAIL_1]",
	    "[PERSON_499999]", "[PERSON_n012345678901]", "[EMAIL_k3y5n2aa]",
	    "[EMAIL_22345672]", "[EMAIL_k3y5n2aak3y5n2aak3y5n2aak3]",
	    "[PERSON:3]", "[AGE:30s]", "[AGE:90plus]",
	    "[DATE_OF_BIRTH:1985_1989]", "[IP_ADDRESS:192.0.2.x]",
	    "[GPS:-48.9,2.3]", "[UK_POSTCODE:SW1A]", "[US_SSN~bcd-fg-hjkm]",
	    "[DATE_OF_BIRTH~d12/05/1985d]", "[REDACTED]", "[UNSCANNED]"};
	static const char *const are_not[] = {"[Tel:0612345678]",
	    "[PHONE:02079460123]", "[PHONE_02079460123]", "[A0612345678]",
	    "[PHONE~02079460123]", "[PHONE~d02079460123d]",
	    "[Phone:02079460123]", "[EMAIL:jane]", "[EMAIL_jane]",
	    "[PERSON~thomas]", "[PERSON:Thomas]", "[IP_ADDRESS:192.0.2.17]",
	    "[GPS:48.8583,2.2944]", "[UK_POSTCODE:SW1A 1AA]", "[email]", "[]",
	    "[A", "EMAIL]", "[EMAIL_]", "[EMAIL:]", "[EMAIL~]",
	    "[UK_NINO_QQ123456C]", "[US_SSN_536904399]"};

	for (size_t i = 0; i < TG_COUNT(are); i++)
		ck_assert_msg(
		    tg_token_length(are[i], strlen(are[i])) == strlen(are[i]),
		    "%s", are[i]);
	for (size_t i = 0; i < TG_COUNT(are_not); i++)
		ck_assert_msg(
		    tg_token_length(are_not[i], strlen(are_not[i])) == 0, "%s",
		    are_not[i]);
}
END_TEST

START_TEST(what_looks_like_a_token_and_is_none_is_found)
{
	ck_assert(fixture_has(
	    fixture_scan("call [Tel:0612345678] now", ""), "PHONE"));
	ck_assert(
	    fixture_has(fixture_scan("[Phone:+442079460123]", ""), "PHONE"));
}
END_TEST

/* @form with @text for each "%s". */
static void
fill(struct tg_buf *out, const char *form, const char *text)
{
	bool ok = true;

	tg_buf_reset(out);
	for (; *form != '\0'; form++) {
		const bool here = *form == '%';

		ok = (here ? tg_buf_adds(out, text, NULL)
			   : tg_buf_addc(out, *form, NULL)) == 0 &&
		    ok;
		form += here;
	}
	ck_assert(ok);
}

START_TEST(no_replacement_is_found_again)
{
	static const struct {
		const char *type, *value;
	} rows[] = {{"EMAIL", "jane.doe@example.org"},
	    {"PHONE", "+44 20 7946 0958"}, {"US_SSN", "536-90-4399"},
	    {"PERSON", "Imogen Barrett"}, {"UK_NINO", "QQ 12 34 56 C"},
	    {"IBAN", "GB82 WEST 1234 5698 7654 32"},
	    {"CREDIT_CARD", "4111 1111 1111 1111"},
	    {"DATE_OF_BIRTH", "12/05/1985"}, {"DATE_OF_BIRTH", "3 mars 1990"},
	    {"AGE", "47"}, {"AGE", "31 years old"},
	    {"IP_ADDRESS", "198.51.100.17"}, {"IP_ADDRESS", "2001:db8::1"},
	    {"GPS", "48.858370, 2.294481"}, {"UK_POSTCODE", "SW1A 1AA"},
	    {"FR_POSTCODE", "75011"}, {"US_ZIP", "62704"},
	    {"SECRET", "hunter2hunter"}};
	static const char *const around[] = {"Dear %s phone: %s, %s.",
	    "born on %s aged %s password: %s", "%s", "IP %s postcode %s ZIP %s",
	    "date of birth %s, code postal %s (GPS %s)", "\"%s\"/%s\\%s"};
	static const char *const keys[] = {"", "phone", "age", "dob", "zip"};
	struct tg_operators *o = operators(key_a);
	const struct tg_operator p = {.shift_days = 183};
	struct tg_buf b, text;

	tg_buf_init(&b, 1000);
	tg_buf_init(&text, 4000);
	for (size_t i = 0; i < TG_COUNT(rows); i++)
		for (unsigned a = TG_ACT_TAG; a <= TG_ACT_REDACT; a++)
			for (size_t k = 0; k < TG_COUNT(around); k++) {
				struct tg_findings f;

				tg_operators_set(o, type_of(rows[i].type), &p);
				(void)apply(o, &b, rows[i].value, rows[i].type,
				    (enum tg_action)a);
				fill(&text, around[k], b.p);
				f = fixture_scan(
				    text.p, keys[k % TG_COUNT(keys)]);
				ck_assert_msg(f.n == 0, "%s: %s",
				    tg_action_name((enum tg_action)a), text.p);
			}
	tg_buf_deinit(&b);
	tg_buf_deinit(&text);
	tg_operators_free(o);
}
END_TEST

START_TEST(the_examples_of_every_rule_go_through_every_operator)
{
	const struct tg_rules *r = fixture_rules();
	struct tg_operators *o = operators(key_a);
	const struct tg_operator p = {
	    .shift_days = 183, .mask_last = 2, .mask_first = 1};
	struct tg_err err = {.cls = TG_E_NONE};
	unsigned refused = 0;

	for (uint16_t t = 0; t < tg_rules_type_count(r); t++) {
		tg_operators_set(o, t, &p);
		for (unsigned a = TG_ACT_TAG; a <= TG_ACT_REDACT; a++) {
			if (tg_operators_selftest(
				o, r, t, (enum tg_action)a, &err) == 0)
				continue;
			/* "https://[URL_CREDENTIALS:12]@host" are some;
			 * a title before the ends of a name makes a name of
			 * them: a policy that asks for that is refused. */
			ck_assert_msg(a == TG_ACT_TAG || a == TG_ACT_MASK,
			    "%s: %s", tg_action_name((enum tg_action)a),
			    err.text);
			refused++;
		}
	}
	ck_assert_uint_le(refused, 6);
	tg_operators_free(o);
}
END_TEST

START_TEST(an_operator_whose_text_is_found_again_is_refused)
{
	struct tg_operators *o = operators(key_a);
	const struct tg_operator p = {.mask_char = 'x'};
	struct tg_err err = {.cls = TG_E_NONE};

	tg_operators_set(o, type_of("EMAIL"), &p);
	ck_assert_int_eq(tg_operators_selftest(o, fixture_rules(),
			     type_of("EMAIL"), TG_ACT_MASK, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "EMAIL"));
	ck_assert_ptr_nonnull(strstr(err.text, "mask"));
	tg_operators_free(o);
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
	ck_assert(tg_action_parse(&a, TG_SV("shift_date")));
	ck_assert_int_eq(a, TG_ACT_SHIFT_DATE);
}
END_TEST

START_TEST(a_finding_outside_its_text_is_a_bug)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_finding f = {.start = 2, .end = 9};
	const struct tg_operand x = {.f = &f, .text = {"abc", 3}};
	struct tg_operators *o = operators(NULL);
	struct tg_buf b;

	tg_buf_init(&b, 100);
	ck_assert_int_eq(tg_operators_apply(o, &b, &x, NULL, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_uint_eq(b.n, 0);
	tg_buf_deinit(&b);
	tg_operators_free(o);
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
	tcase_add_test(t, numbers_count_the_values_of_a_scope);
	tcase_add_test(t, ten_thousand_values_have_ten_thousand_numbers);
	tcase_add_test(t, hash_and_tokenise_are_worked_out_by_key_and_value);
	tcase_add_test(t, without_a_key_it_is_the_label);
	tcase_add_test(t, a_token_has_one_form_and_hides_no_identifier);
	tcase_add_test(t, what_looks_like_a_token_and_is_none_is_found);
	tcase_add_test(t, the_examples_of_every_rule_go_through_every_operator);
	tcase_add_test(t, an_operator_whose_text_is_found_again_is_refused);
	tcase_add_test(t, actions_have_names);
	tcase_add_test(t, a_finding_outside_its_text_is_a_bug);
	suite_add_tcase(s, t);
	return s;
}
