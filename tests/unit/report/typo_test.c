#include "report/typo.h"

#include <check.h>

#include "base/banned.h"

Suite *typo_suite(void);

#define NN TG_NNBSP

static struct tg_arena a;

static void
setup(void)
{
	tg_arena_init(&a, 1 << 20);
}

static void
teardown(void)
{
	tg_arena_deinit(&a);
}

START_TEST(numbers_are_grouped_in_threes)
{
	ck_assert_str_eq(tg_typo_int(&a, TG_EN, 0), "0");
	ck_assert_str_eq(tg_typo_int(&a, TG_EN, 999), "999");
	ck_assert_str_eq(tg_typo_int(&a, TG_EN, 4000), "4,000");
	ck_assert_str_eq(tg_typo_int(&a, TG_EN, 1234567), "1,234,567");
	ck_assert_str_eq(tg_typo_int(&a, TG_FR, 4000), "4" NN "000");
	ck_assert_str_eq(
	    tg_typo_int(&a, TG_FR, 1234567), "1" NN "234" NN "567");
	ck_assert_str_eq(tg_typo_int(&a, TG_EN, -61),
	    "\xE2\x88\x92"
	    "61");
	ck_assert_str_eq(tg_typo_int(&a, TG_EN, INT64_MIN),
	    "\xE2\x88\x92"
	    "9,223,372,036,854,775,808");
}
END_TEST

START_TEST(decimals_follow_the_language)
{
	ck_assert_str_eq(tg_typo_fixed(&a, TG_EN, 41238, 1), "4,123.8");
	ck_assert_str_eq(tg_typo_fixed(&a, TG_FR, 41238, 1), "4" NN "123,8");
	ck_assert_str_eq(tg_typo_fixed(&a, TG_EN, 5, 2), "0.05");
	ck_assert_str_eq(tg_typo_fixed(&a, TG_EN, -5, 2),
	    "\xE2\x88\x92"
	    "0.05");
}
END_TEST

START_TEST(percentages_are_exact)
{
	ck_assert_str_eq(tg_typo_percent(&a, TG_EN, 10000000), "1%");
	ck_assert_str_eq(tg_typo_percent(&a, TG_FR, 10000000), "1" NN "%");
	ck_assert_str_eq(tg_typo_percent(&a, TG_EN, 1000000000), "100%");
	ck_assert_str_eq(tg_typo_percent(&a, TG_EN, 5000000), "0.5%");
	ck_assert_str_eq(tg_typo_percent(&a, TG_FR, 5000000), "0,5" NN "%");
	ck_assert_str_eq(tg_typo_percent(&a, TG_EN, 1), "0.0000001%");
	ck_assert_str_eq(tg_typo_percent(&a, TG_EN, 0), "0%");
}
END_TEST

START_TEST(sizes_are_decimal_units)
{
	ck_assert_str_eq(tg_typo_bytes(&a, TG_EN, 512), "512 bytes");
	ck_assert_str_eq(tg_typo_bytes(&a, TG_FR, 512), "512 octets");
	ck_assert_str_eq(tg_typo_bytes(&a, TG_EN, 1000), "1.0 kB");
	ck_assert_str_eq(tg_typo_bytes(&a, TG_EN, 212341184), "212.3 MB");
	ck_assert_str_eq(tg_typo_bytes(&a, TG_FR, 212341184), "212,3" NN "Mo");
	ck_assert_str_eq(
	    tg_typo_bytes(&a, TG_EN, 5000000000000000), "5,000.0 TB");
}
END_TEST

START_TEST(dates_are_in_words)
{
	ck_assert_str_eq(
	    tg_typo_date(&a, TG_EN, 1795488060), "24 November 2026");
	ck_assert_str_eq(
	    tg_typo_date(&a, TG_FR, 1795488060), "24 novembre 2026");
	ck_assert_str_eq(tg_typo_datetime(&a, TG_EN, 1795488060),
	    "24 November 2026, 02:41 UTC");
	ck_assert_str_eq(tg_typo_datetime(&a, TG_FR, 1795488060),
	    "24 novembre 2026, 02 h 41 UTC");
	/* The first of a month is an ordinal in French alone. */
	ck_assert_str_eq(
	    tg_typo_date(&a, TG_FR, 1796083200), "1er décembre 2026");
	ck_assert_str_eq(
	    tg_typo_date(&a, TG_EN, 1796083200), "1 December 2026");
}
END_TEST

START_TEST(quotes_and_cuts)
{
	ck_assert_str_eq(tg_typo_quote(&a, TG_EN, "x"), "“x”");
	ck_assert_str_eq(tg_typo_quote(&a, TG_FR, "x"), "«" NN "x" NN "»");
	ck_assert_str_eq(tg_typo_cut(&a, "abc", 3), "abc");
	ck_assert_str_eq(tg_typo_cut(&a, "abcd", 3), "abc…");
	/* By characters, not by bytes. */
	ck_assert_str_eq(tg_typo_cut(&a, "éèàù", 4), "éèàù");
	ck_assert_str_eq(tg_typo_cut(&a, "éèàùx", 4), "éèàù…");
	ck_assert_str_eq(
	    tg_typo_digest(&a, "0123456789abcdef"), "01234567 89abcdef");
}
END_TEST

Suite *
typo_suite(void)
{
	Suite *s = suite_create("report/typo");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, numbers_are_grouped_in_threes);
	tcase_add_test(c, decimals_follow_the_language);
	tcase_add_test(c, percentages_are_exact);
	tcase_add_test(c, sizes_are_decimal_units);
	tcase_add_test(c, dates_are_in_words);
	tcase_add_test(c, quotes_and_cuts);
	suite_add_tcase(s, c);
	return s;
}
