#include "base/binomial.h"

#include <check.h>

#include "base/attr.h"
#include "base/banned.h"

Suite *binomial_suite(void);

/* Quantiles at 0.005 and 0.995 of the binomial distribution; the exact rows
 * from its sum in rational arithmetic. */
static const struct {
	int64_t n, ppb, low, high;
} row[] = {
    {200, 10000000, 0, 6},		  /* mean 2 */
    {1000, 50000000, 33, 69},		  /* mean 50 */
    {10, 500000000, 1, 9},		  /* a coin */
    {200, 990000000, 194, 200},		  /* the mirror of the first */
    {1, 10000000, 0, 1},		  /* one record */
    {412380, 1000000000, 412380, 412380}, /* all */
    {412380, 0, 0, 0},			  /* none */
};

START_TEST(interval_is_the_binomial_one)
{
	struct tg_binomial b;

	ck_assert(tg_binomial(&b, row[_i].n, row[_i].ppb, 0));
	ck_assert_int_eq(b.low, row[_i].low);
	ck_assert_int_eq(b.high, row[_i].high);
}
END_TEST

START_TEST(large_populations_use_the_normal_distribution_outwards)
{
	struct tg_binomial b;

	/* mean 4123.8, standard deviation 63.895, half width 164.6 */
	ck_assert(tg_binomial(&b, 412380, 10000000, 4124));
	ck_assert_int_eq(b.expected_milli, 4123800);
	ck_assert_int_eq(b.low, 3959);
	ck_assert_int_eq(b.high, 4289);
	ck_assert_int_eq(b.z_milli, 3);
	ck_assert(tg_binomial(&b, TG_BINOMIAL_MAX, 500000000, 0));
	ck_assert_int_eq(b.expected_milli, 500000000000000);
}
END_TEST

START_TEST(no_population_has_no_interval)
{
	struct tg_binomial b = {7, 7, 7, 7};

	ck_assert(!tg_binomial(&b, 0, 10000000, 0));
	ck_assert(!tg_binomial(&b, -1, 10000000, 0));
	ck_assert(!tg_binomial(&b, TG_BINOMIAL_MAX + 1, 10000000, 0));
	ck_assert(!tg_binomial(&b, 10, 1000000001, 0));
	ck_assert(!tg_binomial(&b, 10, -1, 0));
	ck_assert_int_eq(b.low, 7);
}
END_TEST

/*
 * The least whole number of parts per billion at which 0..x of n come with a
 * chance of 5 % or less, by sums of fractions: in Python, with p = Fraction(m,
 * 10**9), sum(comb(n,k) * p**k * (1-p)**(n-k) for k in range(x+1)), bisected.
 * R: binom.test(x, n, alternative = "less")$conf.int[2].
 */
static const struct {
	int64_t n, found, upper;
} bound[] = {
    {1, 0, 950000000},
    {20, 0, 139108341},
    {50, 0, 58155080}, /* 5.82 % */
    {59, 0, 49507610},
    {100, 0, 29513050},
    {299, 0, 9969147},
    {300, 0, 9936082},
    {500, 0, 5973552},
    {1000, 0, 2991250},
    {10, 1, 394163303},
    {20, 1, 216106165},
    {20, 19, 997438622},
    {20, 20, 1000000000},
    {100, 5, 102253378},
    {300, 2, 20836231},
};

START_TEST(an_upper_bound_is_that_of_clopper_and_pearson)
{
	int64_t upper = 0;

	ck_assert(tg_binomial_upper(&upper, bound[_i].n, bound[_i].found));
	ck_assert_int_eq(upper, bound[_i].upper);
}
END_TEST

START_TEST(an_upper_bound_of_many_is_neither_lost_nor_rounded_to_none)
{
	int64_t upper = 0;

	/* 1 - 0.05^(1/n) is 2.9957 / n; the last by sums of logarithms. */
	ck_assert(tg_binomial_upper(&upper, 1000000, 0));
	ck_assert_int_eq(upper, 2996);
	ck_assert(tg_binomial_upper(&upper, TG_BINOMIAL_MAX, 0));
	ck_assert_int_eq(upper, 1);
	ck_assert(tg_binomial_upper(&upper, 100000, 50000));
	ck_assert_int_eq(upper, 502605718);
}
END_TEST

START_TEST(no_sample_has_no_bound)
{
	int64_t upper = 7;

	ck_assert(!tg_binomial_upper(&upper, 0, 0));
	ck_assert(!tg_binomial_upper(&upper, 10, 11));
	ck_assert(!tg_binomial_upper(&upper, 10, -1));
	ck_assert(!tg_binomial_upper(
	    &upper, TG_BINOMIAL_MAX, TG_BINOMIAL_FOUND_MAX + 1));
	ck_assert_int_eq(upper, 7);
}
END_TEST

Suite *
binomial_suite(void)
{
	Suite *s = suite_create("base/binomial");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(
	    c, interval_is_the_binomial_one, 0, (int)TG_COUNT(row));
	tcase_add_test(
	    c, large_populations_use_the_normal_distribution_outwards);
	tcase_add_test(c, no_population_has_no_interval);
	tcase_add_loop_test(c, an_upper_bound_is_that_of_clopper_and_pearson, 0,
	    (int)TG_COUNT(bound));
	tcase_add_test(
	    c, an_upper_bound_of_many_is_neither_lost_nor_rounded_to_none);
	tcase_add_test(c, no_sample_has_no_bound);
	suite_add_tcase(s, c);
	return s;
}
