#include "base/binomial.h"

#include <math.h>

#include "base/banned.h"

#define ONE 1000000000 /* parts per billion */
#define EXACT_MEAN 500 /* (1 - p)^n stays a normal double up to here */
#define TAIL 0.005
/* Two-sided 99 % of the normal distribution: 2.575829, in millionths. */
#define QUANTILE 2575829
#define ONE_SIDED 0.05

static uint64_t
root(uint64_t v)
{
	uint64_t r = 0, bit = (uint64_t)1 << 62;

	while (bit > v)
		bit >>= 2;
	for (; bit != 0; bit >>= 2) {
		if (v >= r + bit) {
			v -= r + bit;
			r = (r >> 1) + bit;
		} else {
			r >>= 1;
		}
	}
	return r;
}

/* n * rate in thousandths, exact but for the last one. */
static int64_t
mean_milli(int64_t n, int64_t ppb)
{
	return n / 1000000 * ppb + n % 1000000 * ppb / 1000000;
}

static double
power(double base, int64_t n)
{
	double out = 1.0;

	for (; n > 0; n >>= 1) {
		if ((n & 1) != 0)
			out *= base;
		base *= base;
	}
	return out;
}

/* By summing from 0 up; needs @ppb of at most one half and a mean of at most
 * EXACT_MEAN: then (1 - p)^n is at least 2^-1000. */
static void
exact(int64_t *low, int64_t *high, int64_t n, int64_t ppb)
{
	const double p = (double)ppb / (double)ONE;
	double mass = power(1.0 - p, n), below = mass;
	int64_t k = 0;

	while (below <= TAIL && k < n) {
		mass *= (double)(n - k) / (double)(k + 1) * p / (1.0 - p);
		below += mass;
		k++;
	}
	*low = k;
	while (below < 1.0 - TAIL && k < n) {
		mass *= (double)(n - k) / (double)(k + 1) * p / (1.0 - p);
		below += mass;
		k++;
	}
	*high = k;
}

static void
normal(struct tg_binomial *b, int64_t n, int64_t sd_milli)
{
	const int64_t half = sd_milli * QUANTILE / 1000000 + 1;
	const int64_t from = b->expected_milli - half;

	b->low = from < 0 ? 0 : from / 1000;
	b->high = (b->expected_milli + half + 999) / 1000;
	if (b->high > n)
		b->high = n;
}

bool
tg_binomial(struct tg_binomial *out, int64_t n, int64_t rate_ppb, int64_t kept)
{
	const int64_t rest = ONE - rate_ppb;
	struct tg_binomial b = {0, 0, 0, 0};
	int64_t sd_milli;

	if (n < 1 || n > TG_BINOMIAL_MAX || rate_ppb < 0 || rate_ppb > ONE)
		return false;
	b.expected_milli = mean_milli(n, rate_ppb);
	sd_milli = (int64_t)root(
	    (uint64_t)((double)n * (double)rate_ppb * (double)rest / 1e12));
	/* From the near end, where the first mass is not lost. */
	if (rate_ppb <= rest && mean_milli(n, rate_ppb) <= EXACT_MEAN * 1000) {
		exact(&b.low, &b.high, n, rate_ppb);
	} else if (rest < rate_ppb &&
	    mean_milli(n, rest) <= EXACT_MEAN * 1000) {
		int64_t low, high;

		exact(&low, &high, n, rest);
		b.low = n - high;
		b.high = n - low;
	} else {
		normal(&b, n, sd_milli);
	}
	if (sd_milli > 0)
		b.z_milli = (kept * 1000 - b.expected_milli) * 1000 / sd_milli;
	*out = b;
	return true;
}

/* A number of any size: m * 2^e, m in [0.5, 1) or 0. */
struct wide {
	double m;
	int64_t e;
};

static struct wide
times(struct wide a, double by)
{
	int e;

	a.m = frexp(a.m * by, &e);
	a.e += e;
	return a;
}

static struct wide
wide_power(double base, int64_t n)
{
	struct wide out = {0.5, 1}, b = times(out, base);

	for (; n > 0; n >>= 1) {
		if ((n & 1) != 0) {
			out = times(out, b.m);
			out.e += b.e;
		}
		b = (struct wide){times(b, b.m).m, times(b, b.m).e + b.e};
	}
	return out;
}

/* Whether @found or fewer of @n come with a chance above ONE_SIDED at @ppb. */
static bool
likely(int64_t n, int64_t found, int64_t ppb)
{
	const double odds = (double)ppb / (double)(ONE - ppb);
	struct wide mass = wide_power((double)(ONE - ppb) / (double)ONE, n);
	double below = 0.0;

	for (int64_t k = 0;; k++) {
		if (mass.e > -1000)
			below += ldexp(mass.m, (int)mass.e);
		if (below > ONE_SIDED || k == found)
			return below > ONE_SIDED;
		mass = times(mass, (double)(n - k) / (double)(k + 1) * odds);
	}
}

bool
tg_binomial_upper(int64_t *out_ppb, int64_t n, int64_t found)
{
	int64_t low = 0, high = ONE;

	if (n < 1 || n > TG_BINOMIAL_MAX || found < 0 || found > n ||
	    found > TG_BINOMIAL_FOUND_MAX)
		return false;
	/* At p of 1 all are found. */
	while (found < n && high - low > 1) {
		const int64_t mid = low + (high - low) / 2;

		if (likely(n, found, mid))
			low = mid;
		else
			high = mid;
	}
	*out_ppb = high;
	return true;
}
