#include "base/num.h"

#include "base/banned.h"

bool
tg_size_add(size_t *out, size_t a, size_t b)
{
	size_t r;

	if (__builtin_add_overflow(a, b, &r))
		return false;
	*out = r;
	return true;
}

bool
tg_size_mul(size_t *out, size_t a, size_t b)
{
	size_t r;

	if (__builtin_mul_overflow(a, b, &r))
		return false;
	*out = r;
	return true;
}

static bool
digits(uint64_t *out, struct tg_sv s)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

bool
tg_parse_u64(uint64_t *out, struct tg_sv s, uint64_t min, uint64_t max)
{
	uint64_t v;

	if (!digits(&v, s) || v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool
tg_parse_i64(int64_t *out, struct tg_sv s, int64_t min, int64_t max)
{
	const uint64_t top = (uint64_t)INT64_MAX;
	const bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t u;
	int64_t v;

	if (minus)
		s = (struct tg_sv){s.p + 1, s.n - 1};
	if (!digits(&u, s) || u > (minus ? top + 1 : top))
		return false;
	if (minus)
		v = u == top + 1 ? INT64_MIN : -(int64_t)u;
	else
		v = (int64_t)u;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool
tg_parse_ratio_ppb(uint64_t *out, struct tg_sv s)
{
	const uint64_t one = UINT64_C(1000000000);
	uint64_t ppb, unit = one;
	size_t i;

	if (s.n == 0 || (s.p[0] != '0' && s.p[0] != '1'))
		return false;
	ppb = s.p[0] == '1' ? one : 0;
	if (s.n > 1 && (s.p[1] != '.' || s.n == 2 || s.n > 2 + 9))
		return false;
	for (i = 2; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		unit /= 10;
		ppb += (uint64_t)(s.p[i] - '0') * unit;
	}
	if (ppb > one)
		return false;
	*out = ppb;
	return true;
}
