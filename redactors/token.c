#include "redactors/token.h"

#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "base/sv.h"
#include "base/banned.h"

#define TYPE_DIGITS 3 /* in the name of a type */
#define DATE_DIGITS 8 /* in a shifted date */

static bool
upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
letter(char c)
{
	return upper(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool
among(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* What may stand between the brackets. */
static bool
inner_byte(char c)
{
	return letter(c) || tg_digit(c) || among(c, "_:~.,-/ ");
}

static bool
type_ok(const char *p, size_t n)
{
	size_t digits = 0;

	if (n == 0 || !upper(p[0]) || p[n - 1] == '_')
		return false;
	for (size_t i = 0; i < n; i++) {
		digits += tg_digit(p[i]);
		if (!upper(p[i]) && !tg_digit(p[i]) && p[i] != '_')
			return false;
	}
	return digits <= TYPE_DIGITS;
}

/*
 * A generalised value or a length.  d a digit, h a hex digit, A a capital; D H
 * B Z the same (Z: a digit or a capital) where there is one; m a minus where
 * there is one; else the byte itself.
 */
static const char *const shapes[] = {
    "dDDDDDD",		/* a length, a year, a département, ZIP3 */
    "dddd_dddd",	/* years of birth */
    "dDs", "dDplus",	/* ages */
    "dA",		/* a Corsican département */
    "ABdZ", "AAAB",	/* an outward code */
    "dDD.dDD.dDD.x",	/* /24 */
    "hHHH.hHHH.hHHH.x", /* /48 */
    "mdDD.d,mdDD.d",	/* a tenth of a degree */
};

/* Whether @c is of the class @k; *optional when it may be missing. */
static bool
of_class(char c, char k, bool *optional)
{
	const bool hex = tg_digit(c) || (c >= 'a' && c <= 'f');

	*optional = among(k, "DHBZm");
	switch (k) {
	case 'd':
	case 'D':
		return tg_digit(c);
	case 'h':
	case 'H':
		return hex;
	case 'A':
	case 'B':
		return upper(c);
	case 'Z':
		return upper(c) || tg_digit(c);
	case 'm':
		return c == '-';
	default:
		return c == k;
	}
}

static bool
shape_fits(const char *shape, const char *p, size_t n)
{
	size_t i = 0;

	for (; *shape != '\0'; shape++) {
		bool optional;

		if (of_class(i < n ? p[i] : '\0', *shape, &optional))
			i++;
		else if (!optional)
			return false;
	}
	return i == n;
}

static bool
value_ok(const char *p, size_t n)
{
	for (size_t k = 0; k < TG_COUNT(shapes); k++)
		if (shape_fits(shapes[k], p, n))
			return true;
	return false;
}

/* A number, or base32 of a pseudonym or a hash. */
static bool
name_ok(const char *p, size_t n)
{
	if (n >= 1 && n <= 6 && p[0] != '0' && shape_fits("dDDDDD", p, n))
		return true;
	if (n == 13 && shape_fits("ndddddddddddd", p, n))
		return true;
	for (size_t i = 0; i < n; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') ||
			(p[i] >= '2' && p[i] <= '7')))
			return false;
	return n == 8 || n == 26;
}

static bool
surrogate_ok(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!among(p[i],
			TG_TOKEN_DIGITS TG_TOKEN_LETTERS TG_TOKEN_BETWEEN))
			return false;
	return n > 0;
}

/* Between two 'd' that glue its ends, so that no rule sees a date. */
static bool
date_ok(const char *p, size_t n)
{
	size_t digits = 0;

	if (n < 8 || p[0] != 'd' || p[n - 1] != 'd')
		return false;
	for (size_t i = 0; i < n; i++) {
		digits += tg_digit(p[i]);
		if (!letter(p[i]) && !tg_digit(p[i]) && !among(p[i], " ./-,"))
			return false;
	}
	return digits >= 3 && digits <= DATE_DIGITS;
}

/* What stands between the brackets. */
static bool
inner_ok(const char *p, size_t n)
{
	size_t k = 0;

	while (k < n && p[k] != ':' && p[k] != '~')
		k++;
	if (k < n && !type_ok(p, k))
		return false;
	if (k < n && p[k] == ':')
		return value_ok(p + k + 1, n - k - 1);
	if (k < n)
		return surrogate_ok(p + k + 1, n - k - 1) ||
		    date_ok(p + k + 1, n - k - 1);
	if (type_ok(p, n))
		return true;
	while (k > 0 && p[k - 1] != '_')
		k--;
	return k > 0 && type_ok(p, k - 1) && name_ok(p + k, n - k);
}

size_t
tg_token_length(const char *p, size_t n)
{
	size_t i = 1;

	if (n < 3 || p[0] != '[' || !upper(p[1]))
		return 0;
	while (i < n && i < TG_TOKEN_MAX - 1 && inner_byte(p[i]))
		i++;
	if (i == n || p[i] != ']' || !inner_ok(p + 1, i - 1))
		return 0;
	return i + 1;
}
