#include "base/env.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "base/crypt.h"

#include "base/banned.h"

#define DAY 86400
#define TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define FIXED_BLOCK 64		       /* bytes of one BLAKE2b output */

static int64_t
system_now(void *ctx)
{
	struct timespec ts = {0, 0};

	(void)ctx;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec;
}

static int64_t
system_mono_ms(void *ctx)
{
	struct timespec ts = {0, 0};

	(void)ctx;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + (int64_t)ts.tv_nsec / 1000000;
}

static void
system_wait_ms(void *ctx, int64_t ms)
{
	struct timespec ts;

	(void)ctx;
	if (ms <= 0)
		return;
	ts.tv_sec = (time_t)(ms / 1000);
	ts.tv_nsec = (long)(ms % 1000) * 1000000;
	/* A signal ends the wait early: the caller looks at its stop flag. */
	(void)nanosleep(&ts, NULL);
}

static void
system_random(void *ctx, void *p, size_t n)
{
	(void)ctx;
	tg_crypt_random(p, n);
}

static const char *
system_get(void *ctx, const char *name)
{
	(void)ctx;
	return secure_getenv(name);
}

struct tg_env
tg_env_system(void)
{
	return (struct tg_env){.now = system_now,
	    .mono_ms = system_mono_ms,
	    .wait_ms = system_wait_ms,
	    .random = system_random,
	    .get = system_get};
}

static int64_t
fixed_now(void *ctx)
{
	const struct tg_env_fixed *const f = ctx;

	return f->now;
}

static int64_t
fixed_mono_ms(void *ctx)
{
	struct tg_env_fixed *const f = ctx;

	return f->mono++;
}

static void
fixed_wait_ms(void *ctx, int64_t ms)
{
	(void)ctx;
	(void)ms;
}

static void
put_u64le(uint8_t out[8], uint64_t v)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (8 * i) & 0xFF);
}

/* Byte k of the stream is byte k mod 64 of BLAKE2b-512(seed, k / 64), however
 * the draws are cut. */
static void
fixed_random(void *ctx, void *p, size_t n)
{
	struct tg_env_fixed *const f = ctx;
	uint8_t *const out = p;
	uint8_t block[FIXED_BLOCK], in[16];
	size_t done = 0;

	put_u64le(in, f->seed);
	while (done < n) {
		const size_t at = (size_t)(f->drawn % FIXED_BLOCK);
		const size_t take =
		    n - done < FIXED_BLOCK - at ? n - done : FIXED_BLOCK - at;

		put_u64le(in + 8, f->drawn / FIXED_BLOCK);
		tg_crypt_blake2b(block, sizeof(block), in, sizeof(in), NULL);
		memcpy(out + done, block + at, take);
		done += take;
		f->drawn += take;
	}
}

static const char *
fixed_get(void *ctx, const char *name)
{
	const struct tg_env_fixed *const f = ctx;

	if (f->vars == NULL)
		return NULL;
	for (size_t i = 0; f->vars[i] != NULL; i += 2)
		if (strcmp(f->vars[i], name) == 0)
			return f->vars[i + 1];
	return NULL;
}

struct tg_env
tg_env_fixed(struct tg_env_fixed *ctx)
{
	return (struct tg_env){.now = fixed_now,
	    .mono_ms = fixed_mono_ms,
	    .wait_ms = fixed_wait_ms,
	    .random = fixed_random,
	    .get = fixed_get,
	    .ctx = ctx};
}

static int64_t
clamp(int64_t t)
{
	return t < 0 ? 0 : t > TIME_MAX ? TIME_MAX : t;
}

/*
 * Days since 1970-01-01 to a date of the proleptic Gregorian calendar: years
 * begin in March, so that the leap day is the last of its year, and 146097
 * days are 400 years.
 */
void
tg_time_civil(int64_t t, int *year, int *month, int *day)
{
	const int64_t z = clamp(t) / DAY + 719468; /* since 0000-03-01 */
	const int64_t era = z / 146097;
	const int64_t doe = z % 146097;
	const int64_t yoe =
	    (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	const int64_t mp = (5 * doy + 2) / 153; /* 0 is March */
	const int64_t m = mp < 10 ? mp + 3 : mp - 9;

	*year = (int)(era * 400 + yoe + (m <= 2));
	*month = (int)m;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
}

static int64_t
days_from_civil(int y, int m, int d)
{
	const int64_t yy = m <= 2 ? y - 1 : y;
	const int64_t era = yy / 400;
	const int64_t yoe = yy % 400;
	const int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
put_digits(char *out, size_t n, int v)
{
	while (n > 0) {
		out[--n] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
tg_time_format(char out[TG_TIME_LEN], int64_t t)
{
	static const char shape[TG_TIME_LEN] = "0000-00-00T00:00:00Z";
	const int s = (int)(clamp(t) % DAY);
	int y, m, d;

	tg_time_civil(t, &y, &m, &d);
	memcpy(out, shape, sizeof(shape));
	put_digits(out, 4, y);
	put_digits(out + 5, 2, m);
	put_digits(out + 8, 2, d);
	put_digits(out + 11, 2, s / 3600);
	put_digits(out + 14, 2, s / 60 % 60);
	put_digits(out + 17, 2, s % 60);
}

static int
get_digits(const char *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (p[i] - '0');
	return v;
}

static int
month_days(int y, int m)
{
	static const int days[12] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

/* Whether @s has digits where @shape has '0' and its other bytes as they are.
 */
static bool
has_shape(struct tg_sv s, const char *shape)
{
	if (s.n != strlen(shape))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const bool digit = s.p[i] >= '0' && s.p[i] <= '9';

		if (shape[i] == '0' ? !digit : s.p[i] != shape[i])
			return false;
	}
	return true;
}

bool
tg_time_parse(int64_t *out, struct tg_sv s)
{
	int y, m, d, hour = 0, min = 0, sec = 0;

	if (has_shape(s, "0000-00-00T00:00:00Z")) {
		hour = get_digits(s.p + 11, 2);
		min = get_digits(s.p + 14, 2);
		sec = get_digits(s.p + 17, 2);
	} else if (!has_shape(s, "0000-00-00")) {
		return false;
	}
	y = get_digits(s.p, 4);
	m = get_digits(s.p + 5, 2);
	d = get_digits(s.p + 8, 2);
	if (y < 1970 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return false;
	if (hour > 23 || min > 59 || sec > 59)
		return false;
	*out = days_from_civil(y, m, d) * DAY + hour * 3600 + min * 60 + sec;
	return true;
}
