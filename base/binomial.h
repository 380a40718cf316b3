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

#endif
