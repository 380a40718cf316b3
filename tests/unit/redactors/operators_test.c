/* What stands in place of a finding. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "redactors/operators.h"
#include "redactors/token.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

static const uint8_t key_a[TG_KEY_LEN] = {1};
static const uint8_t key_b[TG_KEY_LEN] = {2};

/* Operators with the keys at @secret (NULL: none), in 2026. */
static struct tg_operators *
operators(const uint8_t *secret)
{
	struct tg_operators *o;
	struct tg_err err = {.cls = TG_E_NONE};

	if (tg_operators_new(&o, fixture_rules(), &err) < 0)
		ck_abort_msg("%s", err.text);
	tg_operators_keys(o,
	    &(struct tg_operators_keys){
		.link = secret, .run = secret, .table = secret, .year = 2026});
	return o;
}

static uint16_t
type_of(const char *type)
{
	const int i = tg_rules_type_find(fixture_rules(), type);

	ck_assert_msg(i >= 0, "%s", type);
	return (uint16_t)i;
}

static enum tg_action
apply(struct tg_operators *o, struct tg_buf *out, const char *text,
    const char *type, enum tg_action action)
{
	const struct tg_trace_text all = {text, strlen(text)};
	const struct tg_trace_text session = {"s-1", 3}, record = {"{}", 2};
	const struct tg_finding f = {.start = 0,
	    .end = (uint32_t)all.n,
	    .type = type_of(type),
	    .action = (uint8_t)action};
	const struct tg_operand x = {&f, all, session, record};
	struct tg_err err = {.cls = TG_E_NONE};
	enum tg_action done = TG_ACT_BLOCK_RUN;

	tg_buf_reset(out);
	if (tg_operators_apply(o, out, &x, &done, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_int_eq(tg_buf_addc(out, '\0', NULL), 0);
	out->n--;
	return done;
}

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

/* ---- worked examples ---------------------------------------------------- */

struct example {
	const char *type, *value, *want;
	struct tg_operator p;
};

static void
examples(enum tg_action a, const struct example *e, size_t n)
{
	struct tg_operators *o = operators(key_a);
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	for (size_t i = 0; i < n; i++) {
		enum tg_action done;

		tg_operators_set(o, type_of(e[i].type), &e[i].p);
		done = apply(o, &b, e[i].value, e[i].type, a);
		ck_assert_msg(strcmp(b.p, e[i].want) == 0, "%s: %s, not %s",
		    e[i].value, b.p, e[i].want);
		/* What could not be read says so. */
		if (b.p[1 + strlen(e[i].type)] == ']')
			ck_assert_int_eq(done, TG_ACT_LABEL);
		else
			ck_assert_int_eq(done, a);
	}
	tg_buf_deinit(&b);
	tg_operators_free(o);
}

START_TEST(mask_keeps_what_the_policy_says_and_never_the_half)
{
	static const struct example rows[] = {
	    {"CREDIT_CARD", "4111 1111 1111 1111", "**** **** **** 1111",
		{.mask_last = 4}},
	    {"CREDIT_CARD", "4111-1111-1111-1111", "4111-11**-****-****",
		{.mask_first = 6}},
	    {"CREDIT_CARD", "4111-1111-1111-1111", "###############1111",
		{.mask_last = 4, .mask_char = '#', .mask_separators = true}},
	    {"PERSON", "Zo\xc3\xa9 B\xc3\xa9riot", "Z** *****t",
		{.mask_first = 1, .mask_last = 1}},
	    {"PERSON", "\xc3\x89lodie", "\xc3\x89*****", {.mask_first = 1}},
	    /* five letters: four would not stay hidden */
	    {"PERSON", "Alice", "*****", {.mask_last = 2}},
	    {"PERSON", "Alice Smith", "***********",
		{.mask_first = 4, .mask_last = 4, .mask_separators = true}},
	    {"EMAIL", "jane.doe@example.org", "****.***@*******.***", {0}},
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct tg_operators *o = operators(NULL);
		struct tg_buf b;

		tg_buf_init(&b, 1000);
		tg_operators_set(o, type_of(rows[i].type), &rows[i].p);
		ck_assert_int_eq(
		    apply(o, &b, rows[i].value, rows[i].type, TG_ACT_MASK),
		    TG_ACT_MASK);
		ck_assert_str_eq(b.p, rows[i].want);
		tg_buf_deinit(&b);
		tg_operators_free(o);
	}
}
END_TEST

START_TEST(generalise_says_the_coarser_value)
{
	static const struct example rows[] = {
	    {"DATE_OF_BIRTH", "12/05/1985", "[DATE_OF_BIRTH:1985]", {0}},
	    {"DATE_OF_BIRTH", "1985-05-12", "[DATE_OF_BIRTH:1985]", {0}},
	    {"DATE_OF_BIRTH", "3 f\xc3\xa9vrier 1990", "[DATE_OF_BIRTH:1990]",
		{0}},
	    {"DATE_OF_BIRTH", "12.05.85", "[DATE_OF_BIRTH:1985]", {0}},
	    {"DATE_OF_BIRTH", "12.05.25", "[DATE_OF_BIRTH:2025]", {0}},
	    {"DATE_OF_BIRTH", "March 3rd, 1988", "[DATE_OF_BIRTH:1985_1989]",
		{.birth_band = TG_BIRTH_FIVE_YEARS}},
	    /* who may be 90 in 2026 is over 89 */
	    {"DATE_OF_BIRTH", "01/01/1937", "[DATE_OF_BIRTH:1937]", {0}},
	    {"DATE_OF_BIRTH", "31/12/1936", "[DATE_OF_BIRTH:90plus]", {0}},
	    {"DATE_OF_BIRTH", "1939-01-01", "[DATE_OF_BIRTH:90plus]",
		{.birth_band = TG_BIRTH_FIVE_YEARS}},
	    {"DATE_OF_BIRTH", "31/02/1985", "[DATE_OF_BIRTH]", {0}},
	    {"DATE_OF_BIRTH", "1985", "[DATE_OF_BIRTH]", {0}},
	    {"DATE_OF_BIRTH", "12/05/2031", "[DATE_OF_BIRTH]", {0}},
	    {"AGE", "31 year old", "[AGE:30s]", {0}},
	    {"AGE", "44 ans", "[AGE:40s]", {0}},
	    {"AGE", "7 years old", "[AGE:0s]", {0}},
	    {"AGE", "89", "[AGE:80s]", {0}},
	    {"AGE", "90", "[AGE:90plus]", {0}},
	    {"AGE", "103 years old", "[AGE:90plus]", {0}},
	    {"AGE", "nine", "[AGE]", {0}},
	    {"AGE", "30 to 40", "[AGE]", {0}},
	    {"IP_ADDRESS", "192.0.2.17", "[IP_ADDRESS:192.0.2.x]", {0}},
	    {"IP_ADDRESS", "192.0.2.17:443", "[IP_ADDRESS:192.0.2.x]", {0}},
	    {"IP_ADDRESS", "198.51.100.0/24", "[IP_ADDRESS:198.51.100.x]", {0}},
	    {"IP_ADDRESS", "2001:db8::8a2e:370:7334",
		"[IP_ADDRESS:2001.db8.0.x]", {0}},
	    {"IP_ADDRESS", "[2001:db8:12:34::1]:443",
		"[IP_ADDRESS:2001.db8.12.x]", {0}},
	    {"IP_ADDRESS", "fe80::1%eth0", "[IP_ADDRESS:fe80.0.0.x]", {0}},
	    {"IP_ADDRESS", "::ffff:192.0.2.1", "[IP_ADDRESS:192.0.2.x]", {0}},
	    {"IP_ADDRESS", "300.1.1.1", "[IP_ADDRESS]", {0}},
	    {"GPS", "48.858370, 2.294481", "[GPS:48.9,2.3]", {0}},
	    {"GPS", "51.500729 -0.124625", "[GPS:51.5,-0.1]", {0}},
	    {"GPS", "-33.9499/18.4241", "[GPS:-33.9,18.4]", {0}},
	    {"GPS", "51.4772; -0.0014", "[GPS:51.5,0.0]", {0}},
	    {"GPS", "48.858370", "[GPS]", {0}},
	    {"UK_POSTCODE", "SW1A 1AA", "[UK_POSTCODE:SW1A]", {0}},
	    {"UK_POSTCODE", "m11ae", "[UK_POSTCODE:M1]", {0}},
	    {"UK_POSTCODE", "BFPO 58", "[UK_POSTCODE:BFPO]", {0}},
	    {"UK_POSTCODE", "GIR 0AA", "[UK_POSTCODE:GIR]", {0}},
	    {"UK_POSTCODE", "SW1A", "[UK_POSTCODE]", {0}},
	    {"FR_POSTCODE", "75011", "[FR_POSTCODE:75]", {0}},
	    {"FR_POSTCODE", "01000", "[FR_POSTCODE:01]", {0}},
	    {"FR_POSTCODE", "97400", "[FR_POSTCODE:974]", {0}},
	    {"FR_POSTCODE", "20000", "[FR_POSTCODE:2A]", {0}},
	    {"FR_POSTCODE", "20200", "[FR_POSTCODE:2B]", {0}},
	    {"FR_POSTCODE", "7501", "[FR_POSTCODE]", {0}},
	    {"US_ZIP", "62704", "[US_ZIP:627]", {0}},
	    {"US_ZIP", "62704-1234", "[US_ZIP:627]", {0}},
	    {"US_ZIP", "03601", "[US_ZIP:000]", {0}},
	    {"US_ZIP", "89310", "[US_ZIP:000]", {0}},
	    {"US_ZIP", "6270", "[US_ZIP]", {0}},
	    {"EMAIL", "a@example.org", "[EMAIL]", {0}},
	};

	examples(TG_ACT_GENERALISE, rows, TG_COUNT(rows));
}
END_TEST

/* Days since a day long ago, of the three numbers of an ISO date. */
static long
iso_day(const char *s)
{
	const long y = strtol(s, NULL, 10), m = strtol(s + 5, NULL, 10),
		   d = strtol(s + 8, NULL, 10);
	const long yy = m <= 2 ? y - 1 : y, mm = m <= 2 ? m + 9 : m - 3;

	return 365 * yy + yy / 4 - yy / 100 + yy / 400 + (153 * mm + 2) / 5 + d;
}

START_TEST(a_shifted_date_keeps_its_form_and_its_distance)
{
	/* One session: all move by the same days. */
	static const char *const same[] = {"2000-02-28", "28/02/2000",
	    "28.2.2000", "28.02.00", "28 February 2000", "28th of Feb 2000",
	    "February 28th, 2000", "28 f\xc3\xa9vrier 2000", "28 FEB 2000",
	    "28 FEVRIER 2000", "28 f\xc3\xa9vr. 2000"};
	struct tg_operators *o = operators(key_a);
	const struct tg_operator p = {.shift_days = 1};
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	tg_operators_set(o, type_of("DATE_OF_BIRTH"), &p);
	(void)apply(o, &b, same[0], "DATE_OF_BIRTH", TG_ACT_SHIFT_DATE);
	/* One day either way: both are worked out by hand. */
	static const char *const later[] = {"2000-02-29", "29/02/2000",
	    "29.2.2000", "29.02.00", "29 February 2000", "29th of Feb 2000",
	    "February 29th, 2000", "29 f\xc3\xa9vrier 2000", "29 FEB 2000",
	    "29 FEVRIER 2000", "29 f\xc3\xa9vr. 2000"};
	static const char *const earlier[] = {"2000-02-27", "27/02/2000",
	    "27.2.2000", "27.02.00", "27 February 2000", "27th of Feb 2000",
	    "February 27th, 2000", "27 f\xc3\xa9vrier 2000", "27 FEB 2000",
	    "27 FEVRIER 2000", "27 f\xc3\xa9vr. 2000"};
	const char *const *want =
	    strstr(b.p, later[0]) != NULL ? later : earlier;

	for (size_t i = 0; i < TG_COUNT(same); i++) {
		char full[100];

		(void)snprintf(
		    full, sizeof(full), "[DATE_OF_BIRTH~d%sd]", want[i]);
		ck_assert_int_eq(
		    apply(o, &b, same[i], "DATE_OF_BIRTH", TG_ACT_SHIFT_DATE),
		    TG_ACT_SHIFT_DATE);
		ck_assert_str_eq(b.p, full);
	}
	tg_buf_deinit(&b);
	tg_operators_free(o);
}
END_TEST

START_TEST(a_shift_crosses_months_and_years_and_ends_where_dates_do)
{
	static const struct {
		const char *value, *type;
		enum tg_action want;
	} rows[] = {
	    {"1999-12-31", "DATE_OF_BIRTH", TG_ACT_SHIFT_DATE},
	    {"1 janvier 1980", "DATE_OF_BIRTH", TG_ACT_SHIFT_DATE},
	    {"1er mars 1990", "DATE_OF_BIRTH", TG_ACT_SHIFT_DATE},
	    {"3 D\xc3\x89"
	     "CEMBRE 1990",
		"DATE_OF_BIRTH", TG_ACT_SHIFT_DATE},
	    {"1985/13/13", "DATE_OF_BIRTH", TG_ACT_LABEL},
	    {"3 Brumaire 1990", "DATE_OF_BIRTH", TG_ACT_LABEL},
	    {"2100-01-01", "DATE_OF_BIRTH", TG_ACT_LABEL},
	    {"75011", "FR_POSTCODE", TG_ACT_LABEL},
	};
	struct tg_operators *o = operators(key_a);
	const struct tg_operator p = {.shift_days = 183};
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		tg_operators_set(o, type_of(rows[i].type), &p);
		ck_assert_msg(apply(o, &b, rows[i].value, rows[i].type,
				  TG_ACT_SHIFT_DATE) == rows[i].want,
		    "%s: %s", rows[i].value, b.p);
		ck_assert_ptr_null(strstr(b.p, rows[i].value));
	}
	/* Distances between dates of a session stay. */
	for (int i = 0; i < 40; i++) {
		char from[32], a[64];
		const char *day;

		(void)snprintf(from, sizeof(from), "19%02d-%02d-%02d", 30 + i,
		    1 + i % 12, 1 + i % 28);
		(void)apply(
		    o, &b, "1970-01-01", "DATE_OF_BIRTH", TG_ACT_SHIFT_DATE);
		(void)snprintf(a, sizeof(a), "%.10s", strchr(b.p, '~') + 2);
		(void)apply(o, &b, from, "DATE_OF_BIRTH", TG_ACT_SHIFT_DATE);
		day = strchr(b.p, '~') + 2;
		ck_assert_int_eq(iso_day(day) - iso_day(from),
		    iso_day(a) - iso_day("1970-01-01"));
		ck_assert_int_ne(iso_day(day), iso_day(from));
		ck_assert_int_le(labs(iso_day(day) - iso_day(from)), 183);
	}
	tg_buf_deinit(&b);
	tg_operators_free(o);
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
			 * "b**:*****r2@example.com" has an address. */
			ck_assert_str_eq(
			    tg_rules_type(r, t), "URL_CREDENTIALS");
			ck_assert_msg(a == TG_ACT_TAG || a == TG_ACT_MASK, "%s",
			    err.text);
			refused++;
		}
	}
	ck_assert_uint_eq(refused, 2);
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
	tcase_add_test(t, mask_keeps_what_the_policy_says_and_never_the_half);
	tcase_add_test(t, generalise_says_the_coarser_value);
	tcase_add_test(t, a_shifted_date_keeps_its_form_and_its_distance);
	tcase_add_test(
	    t, a_shift_crosses_months_and_years_and_ends_where_dates_do);
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
