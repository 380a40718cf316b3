/* What is left of a value: masked, made coarser, a date moved. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/redactors/operate.h"

#include "base/banned.h"

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
	    {"UK_POSTCODE",
		"G"
		"IR 0AA",
		"[UK_POSTCODE:G"
		"IR]",
		{0}},
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
	    {"US_ZIP", "20201", "[US_ZIP:000]", {0}},
	    {"US_ZIP", "77201", "[US_ZIP:000]", {0}},
	    {"US_ZIP", "09012", "[US_ZIP:000]", {0}},
	    {"US_ZIP", "96606", "[US_ZIP:000]", {0}},
	    {"US_ZIP", "96701", "[US_ZIP:967]", {0}},
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

Suite *coarser_suite(void);
Suite *
coarser_suite(void)
{
	Suite *s = suite_create("coarser");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);
	tcase_add_test(t, mask_keeps_what_the_policy_says_and_never_the_half);
	tcase_add_test(t, generalise_says_the_coarser_value);
	tcase_add_test(t, a_shifted_date_keeps_its_form_and_its_distance);
	tcase_add_test(
	    t, a_shift_crosses_months_and_years_and_ends_where_dates_do);
	suite_add_tcase(s, t);
	return s;
}
