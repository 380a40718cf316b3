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
	suite_add_tcase(s, c);
	return s;
}
