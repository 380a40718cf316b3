/* What is found, what is not, and what happens at the limits. */
#include <malloc.h>
#include <stdlib.h>

#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

static const char *const nothing[] = {
    "0.4111111111111111, -3.4028234663852886e+38, 1e16",
    "[0.8209, 0.11111111111111, 12.5, 536904399, 1234567890]",
    "{\"0\": 69.5, \"10000\": 41.25, \"token_id\": 536904399}",
    "41111111-1111-4111-8111-111111111111",
    "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "std::vector<int> a; foo::bar(12:30:45)",
    "version 1.2.3.4 and v10.0.0.1",
    "48.858370, 2.294481",
    "at 20-12-34 and 12.05.1985 on page 12",
    "token ids 536904399 404833048 9434765919",
    "The New York Times and United Airlines in Paris on Monday",
    "public duplicate 1234567 policy",
    "const x = a[i] * 1024 + b[j] - 0x7fffffff;",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    "1700000000 1700000001 1700000002 1700000003000",
    "[EMAIL] and [PERSON_k3y5n2aa] call [PHONE:12]",
    "The part number is PX-2020-7946-B",
    "",
};

START_TEST(numbers_and_prose_are_left_alone)
{
	const struct tg_findings f = fixture_scan(nothing[_i], "");

	ck_assert_msg(f.n == 0, "row %d: %s at %u", _i,
	    f.n == 0 ? "" : tg_rules_type(fixture_rules(), f.f[0].type),
	    f.n == 0 ? 0 : f.f[0].start);
}
END_TEST

static const struct {
	const char *text, *type;
} found[] = {
    {"appelez le 06\xe2\x80\xaf"
     "39\xe2\x80\xaf"
     "98\xe2\x80\xaf"
     "12\xe2\x80\xaf"
     "34",
	"PHONE"},
    {"1\xe2\x80\xaf"
     "85\xe2\x80\xaf"
     "05\xe2\x80\xaf"
     "78\xe2\x80\xaf"
     "006\xe2\x80\xaf"
     "084\xe2\x80\xaf"
     "91",
	"FR_NIR"},
    {"VAT no GB GD 001", "UK_VAT"},
    {"GBHA599", "UK_VAT"},
    {"The phone number is 2020-7946-12", "PHONE"},
};

START_TEST(spaces_of_print_and_lists_are_seen)
{
	ck_assert_msg(
	    fixture_has(fixture_scan(found[_i].text, ""), found[_i].type),
	    "row %d", _i);
}
END_TEST

START_TEST(context_in_front_of_base64_is_context_of_what_it_holds)
{
	/* "value: 404833048", "value: 1123456789" */
	ck_assert(fixture_has(
	    fixture_scan("SIREN dmFsdWU6IDQwNDgzMzA0OA== ok", ""), "FR_SIREN"));
	ck_assert(fixture_has(
	    fixture_scan("my UTR: dmFsdWU6IDExMjM0NTY3ODk=", ""), "UK_UTR"));
	ck_assert(!fixture_has(
	    fixture_scan("no dmFsdWU6IDQwNDgzMzA0OA== ok", ""), "FR_SIREN"));
	ck_assert(
	    !fixture_has(fixture_scan("UTR or dmFsdWU6IDExMjM0NTY3ODk= SIREN "
				      "dmFsdWU6IDExMjM0NTY3ODk=",
			     ""),
		"FR_SIREN"));
}
END_TEST

START_TEST(a_short_run_of_base64_is_opened_when_it_is_whole)
{
	/* "536-90-4399", "536904399" */
	ck_assert(
	    fixture_has(fixture_scan("x NTM2LTkwLTQzOTk= y", ""), "US_SSN"));
	ck_assert(fixture_has(fixture_scan("ssn: NTM2OTA0Mzk5", ""), "US_SSN"));
	ck_assert(
	    !fixture_has(fixture_scan("x NTM2LTkwLTQzOTk y", ""), "US_SSN"));
	ck_assert_uint_eq(
	    fixture_scan("getTokenById ResponsibleX Overwhelming", "").n, 0);
}
END_TEST

START_TEST(context_is_whole_words_and_the_key)
{
	ck_assert(!fixture_has(
	    fixture_scan("public: 1234567", ""), "US_DRIVER_LICENSE"));
	ck_assert(fixture_has(
	    fixture_scan("License number: 1234567", ""), "US_DRIVER_LICENSE"));
	ck_assert(!fixture_has(fixture_scan("536904399", "seed"), "US_SSN"));
	ck_assert(fixture_has(fixture_scan("536904399", "ssn"), "US_SSN"));
	ck_assert(
	    fixture_has(fixture_scan("536904399", "applicantSsn"), "US_SSN"));
	ck_assert(
	    fixture_has(fixture_scan("num\xc3\xa9ro s\xc3\xa9"
				     "curit\xc3\xa9 sociale 1850578006084",
			    ""),
		"FR_NIR"));
}
END_TEST

START_TEST(a_text_over_the_limit_fails_closed)
{
	const size_t n = TG_SCAN_TEXT_MAX + 1;
	char *text = calloc(1, n);
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_findings f;

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', n);
	ck_assert_int_eq(
	    tg_scan(fixture_scanner(), (struct tg_trace_text){text, n},
		(struct tg_trace_text){"", 0}, &f, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_str_eq(err.text, "a text over 8388608 bytes");
	free(text);
}
END_TEST

START_TEST(invalid_utf8_fails_closed_and_says_where)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_findings f;

	ck_assert_int_eq(tg_scan(fixture_scanner(),
			     (struct tg_trace_text){"abc\xed\xa0\xbd", 6},
			     (struct tg_trace_text){"", 0}, &f, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_str_eq(err.text, "invalid UTF-8 at byte 3");
}
END_TEST

/* Texts that make careless engines take minutes: they end, found or refused,
 * within the test's time limit. */
static const char *const evil[] = {"a", "1 ", "a.", "@", "a@", "1-", "\"", "0",
    "::", "%41", "\\u0041", "a b ", "A. ", "QUJD", "password=", "+1 ", "\n1",
    "Jean ", "-----BEGIN PRIVATE KEY-----", "eyJa.", "1a:"};

START_TEST(repeated_input_stays_linear)
{
#ifdef __SANITIZE_ADDRESS__
	const size_t max = 50000;
#else
	const size_t max = 400000;
#endif
	const size_t unit = strlen(evil[_i]);
	char *text = calloc(1, max + 1);
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_findings f;
	size_t n = 0;
	int rc;

	ck_assert_ptr_nonnull(text);
	while (n + unit <= max) {
		memcpy(text + n, evil[_i], unit);
		n += unit;
	}
	rc = tg_scan(fixture_scanner(), (struct tg_trace_text){text, n},
	    (struct tg_trace_text){"", 0}, &f, &err);
	if (rc < 0)
		ck_assert_int_eq(err.cls, TG_E_INPUT);
	free(text);
}
END_TEST

START_TEST(scanning_again_allocates_nothing)
{
	static const char text[] =
	    "Dr L. Adeyemi, jean.dupont@exemple.example, 4111 1111 1111 1111, "
	    "dmFsdWU6IDQxMTEgMTExMSAxMTExIDExMTE= et 06\xe2\x80\xaf"
	    "39 98 01 23";
	struct mallinfo2 before, after;

	ck_assert_uint_ge(fixture_scan(text, "").n, 4);
	before = mallinfo2();
	for (int i = 0; i < 100; i++)
		ck_assert_uint_ge(fixture_scan(text, "").n, 4);
	after = mallinfo2();
	ck_assert_uint_eq(before.uordblks, after.uordblks);
}
END_TEST

START_TEST(the_minimum_score_decides)
{
	const int type = tg_rules_type_find(fixture_rules(), "UK_POSTCODE");
	struct tg_scanner *s = fixture_scanner();
	struct tg_findings f;

	ck_assert_int_ge(type, 0);
	tg_scanner_set(s, (uint16_t)type, 80, TG_ACT_LABEL);
	f = fixture_scan("in SW1A 1AA", "");
	ck_assert_uint_eq(f.n, 0);
	ck_assert_uint_ge(f.below, 1);
	tg_scanner_set(s, (uint16_t)type, 50, TG_ACT_KEEP);
	f = fixture_scan("in SW1A 1AA", "");
	ck_assert_uint_eq(f.n, 1);
	ck_assert_uint_eq(f.f[0].action, TG_ACT_KEEP);
	tg_scanner_set(s, (uint16_t)type, 50, TG_ACT_LABEL);
}
END_TEST

START_TEST(an_encoding_is_opened_three_deep)
{
	/* "value: 536-90-4399" in base64, three times. */
	static const char three[] =
	    "WkcxR2MyUlhWVFpKUkZWNlRta3dOVTFETURCTmVtczE=";

	ck_assert(fixture_has(fixture_scan(three, ""), "US_SSN"));
}
END_TEST

/* "2024 4235 5345" is a card by its check, without an issuer. */
START_TEST(what_is_not_believed_hides_nothing)
{
	static const char bare[] = "in 2024 4235 5345 6070 2695 went",
			  card[] = "card 2024 4235 5345 6070 2695 went";

	ck_assert(
	    fixture_covered(fixture_scan(bare, "text"), "CREDIT_CARD", 8, 27));
	ck_assert(
	    fixture_covered(fixture_scan(card, "text"), "CREDIT_CARD", 10, 29));
}
END_TEST

Suite *scan_suite(void);
Suite *
scan_suite(void)
{
	Suite *s = suite_create("scan");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);

	tcase_add_loop_test(
	    t, numbers_and_prose_are_left_alone, 0, (int)TG_COUNT(nothing));
	tcase_add_loop_test(
	    t, spaces_of_print_and_lists_are_seen, 0, (int)TG_COUNT(found));
	tcase_add_test(t, context_is_whole_words_and_the_key);
	tcase_add_test(t, a_short_run_of_base64_is_opened_when_it_is_whole);
	tcase_add_test(
	    t, context_in_front_of_base64_is_context_of_what_it_holds);
	tcase_add_test(t, a_text_over_the_limit_fails_closed);
	tcase_add_test(t, invalid_utf8_fails_closed_and_says_where);
	tcase_add_loop_test(
	    t, repeated_input_stays_linear, 0, (int)TG_COUNT(evil));
	tcase_add_test(t, scanning_again_allocates_nothing);
	tcase_add_test(t, the_minimum_score_decides);
	tcase_add_test(t, an_encoding_is_opened_three_deep);
	tcase_add_test(t, what_is_not_believed_hides_nothing);
	suite_add_tcase(s, t);
	return s;
}
