/*
 * binomial.h - how many of n are kept when each is kept with the same chance.
 */
#ifndef TG_BASE_BINOMIAL_H
#define TG_BASE_BINOMIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

#define TG_BINOMIAL_MAX 1000000000000 /* largest n */

struct tg_binomial {
	int64_t expected_milli; /* thousandths */
	/* The central interval: at most 0.5 % below @low, 0.5 % above
	 * @high.  Exact while the expected number (or its complement) is at
	 * most 500; beyond, the normal approximation rounded outwards. */
	int64_t low, high;
	int64_t z_milli; /* (kept - expected) / standard deviation */
};

/*
 * False when @n is not in 1..TG_BINOMIAL_MAX or @rate_ppb not in 0..10^9
 * (then *@out is untouched).  The same on every machine: IEEE double with
 * + - * / alone.
 */
bool tg_binomial(struct tg_binomial *out, int64_t n, int64_t rate_ppb,
    int64_t kept) TG_MUST_CHECK;

/*
 * tg_binomial_upper - the upper end of the exact one-sided 95 % interval of a
 * share (Clopper & Pearson 1934, Biometrika 26:404-413), parts per billion
 * rounded up: the greatest p for which @found or fewer of @n come with a chance
 * of 5 %.  Of 0 it is 1 - 0.05^(1/n).  The lower end for x of n is one minus
 * the upper end for n - x.  False as above, or when @found is not in 0..@n or
 * over 100,000 (it is summed).
 */
#define TG_BINOMIAL_FOUND_MAX 100000
bool
tg_binomial_upper(int64_t *out_ppb, int64_t n, int64_t found) TG_MUST_CHECK;

#endif
