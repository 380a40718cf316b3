/* operators_place.c - where: a network, a postal area, a tenth of a degree. */
#include <arpa/inet.h>

#include "redactors/operators_priv.h"

#include "base/banned.h"

#define ADDRESS_MAX 64
#define POSTCODE_MAX 10

static bool
put_v4(struct tg_buf *out, const uint8_t b[4])
{
	return tg_buf_addf(out, NULL, "%u.%u.%u.x", b[0], b[1], b[2]) == 0;
}

/* Four bytes stand behind ::ffff:0:0/96 (RFC 4291, 2.5.5.2). */
static bool
is_mapped(const uint8_t b[16])
{
	static const uint8_t head[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(b, head, sizeof(head)) == 0;
}

/* The address without brackets, port, zone and length of a prefix. */
static bool
bare_address(char out[ADDRESS_MAX], struct tg_sv v)
{
	const bool bracket = v.n > 0 && v.p[0] == '[';
	size_t n = 0, colons = 0;

	for (size_t i = 0; i < v.n; i++)
		colons += v.p[i] == ':';
	for (size_t i = bracket; i < v.n; i++) {
		const char c = v.p[i];

		if (c == '/' || c == '%' || c == ']' ||
		    (c == ':' && colons == 1))
			break;
		if (c == '\0' || n + 1 == ADDRESS_MAX)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

bool
tg_operator_ip(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band TG_UNUSED, int year TG_UNUSED)
{
	char text[ADDRESS_MAX];
	uint8_t b[16];

	if (!bare_address(text, value))
		return false;
	if (inet_pton(AF_INET, text, b) == 1)
		return put_v4(out, b);
	if (inet_pton(AF_INET6, text, b) != 1)
		return false;
	if (is_mapped(b))
		return put_v4(out, b + 12);
	return tg_buf_addf(out, NULL, "%x.%x.%x.x", b[0] * 256u + b[1],
		   b[2] * 256u + b[3], b[4] * 256u + b[5]) == 0;
}

/* The decimal number at *@at in tenths, rounded; *@minus. */
static bool
tenths(struct tg_sv v, size_t *at, unsigned *out, bool *minus)
{
	unsigned n = 0;
	size_t i = *at, digits = 0;

	*minus = i < v.n && v.p[i] == '-';
	i += *minus;
	for (; i < v.n && tg_digit(v.p[i]) && digits < 4; i++, digits++)
		n = n * 10 + (unsigned)(v.p[i] - '0');
	if (digits == 0 || digits > 3 || i + 2 >= v.n || v.p[i] != '.' ||
	    !tg_digit(v.p[i + 1]) || !tg_digit(v.p[i + 2]))
		return false;
	n = n * 100 + (unsigned)(v.p[i + 1] - '0') * 10 +
	    (unsigned)(v.p[i + 2] - '0');
	for (i++; i < v.n && tg_digit(v.p[i]);)
		i++;
	*out = (n + 5) / 10;
	*at = i;
	return true;
}

bool
tg_operator_gps(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band TG_UNUSED, int year TG_UNUSED)
{
	unsigned lat, lon;
	bool south, west;
	size_t at = 0;

	if (!tenths(value, &at, &lat, &south))
		return false;
	while (at < value.n && value.p[at] != '-' && !tg_digit(value.p[at]))
		at++;
	if (!tenths(value, &at, &lon, &west) || at != value.n || lat > 900 ||
	    lon > 1800)
		return false;
	return tg_buf_addf(out, NULL, "%s%u.%u,%s%u.%u",
		   south && lat > 0 ? "-" : "", lat / 10, lat % 10,
		   west && lon > 0 ? "-" : "", lon / 10, lon % 10) == 0;
}

/* Letters and digits in capitals; 0 when there is anything but these, blanks
 * and hyphens, or too much. */
static size_t
compact(char out[POSTCODE_MAX], struct tg_sv v)
{
	size_t n = 0;

	for (size_t i = 0; i < v.n; i++) {
		const char c = v.p[i];

		if (c == ' ' || c == '-')
			continue;
		if (n + 1 == POSTCODE_MAX ||
		    !(tg_digit(c) || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z')))
			return 0;
		out[n++] = (char)(c >= 'a' ? c - 32 : c);
	}
	out[n] = '\0';
	return n;
}

static bool
all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!tg_digit(s[i]))
			return false;
	return true;
}

/* The inward code is a digit and two letters. */
bool
tg_operator_uk_postcode(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band TG_UNUSED, int year TG_UNUSED)
{
	char s[POSTCODE_MAX];
	const size_t n = compact(s, value);

	if (n >= 5 && memcmp(s, "BFPO", 4) == 0)
		return tg_buf_adds(out, "BFPO", NULL) == 0;
	if (n < 5 || n > 7 || !tg_digit(s[n - 3]) || tg_digit(s[n - 2]) ||
	    tg_digit(s[n - 1]))
		return false;
	return tg_buf_add(out, s, n - 3, NULL) == 0;
}

/* Two digits; three overseas (97, 98); Corsica is 2A (200, 201) and 2B. */
bool
tg_operator_fr_postcode(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band TG_UNUSED, int year TG_UNUSED)
{
	char s[POSTCODE_MAX];

	if (compact(s, value) != 5 || !all_digits(s, 5))
		return false;
	if (s[0] == '2' && s[1] == '0')
		return tg_buf_adds(out, s[2] <= '1' ? "2A" : "2B", NULL) == 0;
	return tg_buf_add(out, s,
		   s[0] == '9' && (s[1] == '7' || s[1] == '8') ? 3 : 2,
		   NULL) == 0;
}

/*
 * 45 CFR 164.514(b)(2)(i)(B): areas of 20,000 people or fewer become 000.  All
 * of the 17 of the HHS guidance of 26 November 2012 (census of 2000) and of the
 * 18 that populations of the census of 2010, and again of 2020, give, summed
 * over ZCTAs: 202, 204, 205, 369, 753 and 772 are new there, and those that
 * they no longer have stay.  Where the census counts no one the post of the
 * forces goes (USPS: AE 090 to 099, AA 340, AP 962 to 966): nobody knows how
 * many that are, so these are small too.
 */
static const char *const small_zips[] = {"036", "059", "063", "102", "202",
    "203", "204", "205", "369", "556", "692", "753", "772", "790", "821", "823",
    "830", "831", "878", "879", "884", "890", "893", "340", "962", "963", "964",
    "965", "966"};

bool
tg_operator_us_zip(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band TG_UNUSED, int year TG_UNUSED)
{
	char s[POSTCODE_MAX];
	const size_t n = compact(s, value);

	if ((n != 5 && n != 9) || !all_digits(s, n))
		return false;
	s[3] = '\0';
	if (memcmp(s, "09", 2) == 0)
		return tg_buf_adds(out, "000", NULL) == 0;
	for (size_t i = 0; i < TG_COUNT(small_zips); i++)
		if (strcmp(small_zips[i], s) == 0)
			return tg_buf_adds(out, "000", NULL) == 0;
	return tg_buf_adds(out, s, NULL) == 0;
}
