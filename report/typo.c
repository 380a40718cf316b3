#include "report/typo.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "base/banned.h"

#define HUNDREDTH INT64_C(100000) /* of a per cent, in parts per billion */

/* 19 digits, 6 separators of 3 bytes, sign of 3 bytes, NUL. */
#define NUMBER_MAX 48

static const char *const month[TG_LANGS][12] = {
    {"January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December"},
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
	"septembre", "octobre", "novembre", "décembre"},
};

static const char *
group(enum tg_lang lang)
{
	return lang == TG_FR ? TG_NNBSP : ",";
}

/* Digits of @u with group separators; returns the length. */
static size_t
put_uint(char out[NUMBER_MAX], enum tg_lang lang, uint64_t u)
{
	const char *sep = group(lang);
	const size_t n_sep = strlen(sep);
	char rev[NUMBER_MAX];
	size_t n = 0, digits = 0;

	do {
		if (digits != 0 && digits % 3 == 0)
			for (size_t k = n_sep; k > 0; k--)
				rev[n++] = sep[k - 1];
		rev[n++] = (char)('0' + (char)(u % 10));
		digits++;
		u /= 10;
	} while (u != 0);
	for (size_t i = 0; i < n; i++)
		out[i] = rev[n - 1 - i];
	out[n] = '\0';
	return n;
}

static uint64_t
magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static const char *
sign(int64_t v)
{
	return v < 0 ? "\xE2\x88\x92" : ""; /* U+2212 */
}

const char *
tg_typo_int(struct tg_arena *a, enum tg_lang lang, int64_t v)
{
	char num[NUMBER_MAX];

	(void)put_uint(num, lang, magnitude(v));
	return tg_arena_fmt(a, "%s%s", sign(v), num);
}

static uint64_t
power10(unsigned n)
{
	uint64_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

const char *
tg_typo_fixed(
    struct tg_arena *a, enum tg_lang lang, int64_t v, unsigned decimals)
{
	const uint64_t unit = power10(decimals > 9 ? 9 : decimals);
	char num[NUMBER_MAX];

	(void)put_uint(num, lang, magnitude(v) / unit);
	if (decimals == 0)
		return tg_arena_fmt(a, "%s%s", sign(v), num);
	return tg_arena_fmt(a, "%s%s%c%0*llu", sign(v), num,
	    lang == TG_FR ? ',' : '.', (int)(decimals > 9 ? 9 : decimals),
	    (unsigned long long)(magnitude(v) % unit));
}

const char *
tg_typo_percent(struct tg_arena *a, enum tg_lang lang, int64_t ppb)
{
	unsigned decimals = 7; /* 1 ppb is 0.0000001 % */
	const char *num;

	while (decimals > 0 && ppb % 10 == 0) {
		ppb /= 10;
		decimals--;
	}
	num = tg_typo_fixed(a, lang, ppb, decimals);
	if (num == NULL)
		return NULL;
	return tg_arena_fmt(a, "%s%s%%", num, lang == TG_FR ? TG_NNBSP : "");
}

int64_t
tg_typo_up(int64_t ppb)
{
	return tg_typo_down(ppb + HUNDREDTH - 1);
}

int64_t
tg_typo_down(int64_t ppb)
{
	return ppb / HUNDREDTH * HUNDREDTH;
}

const char *
tg_typo_bytes(struct tg_arena *a, enum tg_lang lang, int64_t n)
{
	static const char *const unit[TG_LANGS][4] = {
	    {"kB", "MB", "GB", "TB"}, {"ko", "Mo", "Go", "To"}};
	const char *space = lang == TG_FR ? TG_NNBSP : " ";
	const char *num;
	int64_t size = 1000;
	size_t i = 0;

	if (n < 1000) {
		num = tg_typo_int(a, lang, n);
		return num == NULL ? NULL
				   : tg_arena_fmt(a, "%s %s", num,
					 lang == TG_FR ? "octets" : "bytes");
	}
	while (i < 3 && n / size >= 1000) {
		size *= 1000;
		i++;
	}
	/* Tenths, rounded half up. */
	num = tg_typo_fixed(a, lang, (n + size / 20) / (size / 10), 1);
	return num == NULL
	    ? NULL
	    : tg_arena_fmt(a, "%s%s%s", num, space, unit[lang][i]);
}

const char *
tg_typo_date(struct tg_arena *a, enum tg_lang lang, int64_t t)
{
	int y, m, d;

	tg_time_civil(t, &y, &m, &d);
	if (m < 1 || m > 12)
		return NULL;
	return tg_arena_fmt(a, "%d%s %s %d", d,
	    lang == TG_FR && d == 1 ? "er" : "", month[lang][m - 1], y);
}

const char *
tg_typo_datetime(struct tg_arena *a, enum tg_lang lang, int64_t t)
{
	const char *date = tg_typo_date(a, lang, t);
	char stamp[TG_TIME_LEN];

	if (date == NULL)
		return NULL;
	tg_time_format(stamp, t); /* YYYY-MM-DDTHH:MM:SSZ */
	return tg_arena_fmt(a,
	    lang == TG_FR ? "%s, %.2s h %.2s UTC" : "%s, %.2s:%.2s UTC", date,
	    stamp + 11, stamp + 14);
}

const char *
tg_typo_quote(struct tg_arena *a, enum tg_lang lang, const char *s)
{
	return tg_arena_fmt(
	    a, lang == TG_FR ? "«" TG_NNBSP "%s" TG_NNBSP "»" : "“%s”", s);
}

const char *
tg_typo_cut(struct tg_arena *a, const char *s, size_t max)
{
	size_t points = 0, i = 0;

	for (; s[i] != '\0'; i++)
		if (((unsigned char)s[i] & 0xC0u) != 0x80u && points++ == max)
			return tg_arena_fmt(a, "%.*s…", (int)i, s);
	return s;
}

const char *
tg_typo_digest(struct tg_arena *a, const char *hex)
{
	const size_t n = strlen(hex);
	char *out = tg_arena_alloc(a, n + n / 8 + 1);
	size_t k = 0;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (i != 0 && i % 8 == 0)
			out[k++] = ' ';
		out[k++] = hex[i];
	}
	out[k] = '\0';
	return out;
}
