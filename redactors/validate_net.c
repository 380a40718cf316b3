/* validate_net.c - addresses of people and machines, tokens, dates. */
#include <arpa/inet.h>
#include <strings.h>

#include "base/enc.h"
#include "base/num.h"
#include "redactors/validator.h"

#include "base/banned.h"

#define PHONE_MAX 20
#define JWT_HEADER_MAX 2048

enum tg_checked
tg_validator_email(const char *p, size_t n, struct tg_cut *cut)
{
	static const char images[][6] = {
	    ".png", ".jpg", ".gif", ".svg", ".webp", ".jpeg"};
	const char *const at = memchr(p, '@', n);
	size_t local;

	if (at == NULL)
		return TG_CHECK_BAD;
	local = (size_t)(at - p);
	/* A quote or dot that only precedes it. */
	while (cut->skip < local && strchr(".'-+%\x1a", p[cut->skip]) != NULL)
		cut->skip++;
	if (cut->skip == local || at[-1] == '.')
		return TG_CHECK_BAD;
	for (size_t i = cut->skip; i + 1 < local; i++)
		if (p[i] == '.' && p[i + 1] == '.')
			cut->skip = i + 2;
	if (cut->skip >= local)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < TG_COUNT(images); i++) {
		const size_t len = strlen(images[i]);

		if (n > len && memcmp(p + n - len, images[i], len) == 0)
			return TG_CHECK_BAD; /* icon@2x.png */
	}
	return TG_CHECK_PLAIN;
}

/* The letter after the word of letters that begins at @i. */
static size_t
word_end(const char *p, size_t n, size_t i)
{
	while (i < n &&
	    (((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z') ||
		(unsigned char)p[i] >= 0x80))
		i++;
	return i;
}

/* Behind a word like "lives at": up to the end of the sentence. */
enum tg_checked
tg_validator_address(const char *p, size_t n, struct tg_cut *cut)
{
	static const char *const parts[] = {"section", "figure", "fig",
	    "chapter", "page", "line", "table", "step", "level", "layer",
	    "index", "position", "row", "column", "port", "gate", "version",
	    "part", "article", "note", "item", "number"};
	size_t longest = 0, end = n;
	bool number = false;

	for (size_t i = 0; i < end;) {
		const size_t to = word_end(p, n, i);

		for (size_t k = 0; k < TG_COUNT(parts); k++)
			if (to - i == strlen(parts[k]) &&
			    strncasecmp(p + i, parts[k], to - i) == 0)
				return TG_CHECK_BAD;
		if (to - i > longest)
			longest = to - i;
		number = number || tg_digit(p[i]);
		/* A full stop behind a word that is no abbreviation. */
		if (to - i > 3 && to + 1 < n && p[to] == '.' &&
		    p[to + 1] == ' ' && number)
			end = to;
		i = to == i ? i + 1 : to;
	}
	cut->end = end;
	return number && longest > 2 ? TG_CHECK_PLAIN : TG_CHECK_BAD;
}

/* A post code in or behind it makes it sure: five digits that do not begin it,
 * or the inward part of a British one at the end. */
enum tg_checked
tg_validator_street(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	size_t run = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && tg_digit(p[i])) {
			run++;
			continue;
		}
		if (run == 5 && i > 9)
			return TG_CHECK_GOOD;
		run = 0;
	}
	return n > 9 && tg_digit(p[n - 3]) && p[n - 2] >= 'A' &&
		p[n - 2] <= 'Z' && p[n - 1] >= 'A' && p[n - 1] <= 'Z'
	    ? TG_CHECK_GOOD
	    : TG_CHECK_PLAIN;
}

/* Country codes by their first two digits: all in use but these (ITU-T E.164
 * list of assigned codes). */
static bool
country(const unsigned char *d)
{
	const unsigned two = d[0] * 10u + d[1];

	return d[0] != 0 && two != 28 && two != 83 && two != 89;
}

/* Digits of a number in +1, +33 or +44; 0: another country. */
static size_t
national(const unsigned char *d, size_t m, bool *bad)
{
	*bad = false;
	if (d[0] == 1) {
		*bad = m < 11 || d[1] < 2;
		return 11;
	}
	if (d[0] == 3 && d[1] == 3) {
		*bad = m < 11 || d[2] == 0;
		return 11;
	}
	if (d[0] == 4 && d[1] == 4) {
		*bad = m < 11 || d[2] == 0;
		return m >= 12 ? 12 : 11;
	}
	return 0;
}

/* Bytes in front of "x 12", "ext. 12". */
static size_t
before_extension(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] | 0x20) == 'x' || (p[i] | 0x20) == 'e') {
			while (i > 0 && p[i - 1] == ' ')
				i--;
			return i;
		}
	return n;
}

/* Leaves out a "(0)" and the 00 in front. */
static size_t
international(unsigned char *d, size_t *at, size_t m, const char *p, size_t n)
{
	const char *const zero = memmem(p, n, "(0)", 3);

	for (size_t i = 0; zero != NULL && i + 1 < m; i++) {
		if (at[i] <= (size_t)(zero - p) + 1)
			continue;
		memmove(d + i, d + i + 1, m - i - 1);
		memmove(at + i, at + i + 1, (m - i - 1) * sizeof(at[0]));
		m--;
		break;
	}
	if (m >= 2 && d[0] == 0 && d[1] == 0) {
		m -= 2;
		memmove(d, d + 2, m);
		memmove(at, at + 2, m * sizeof(at[0]));
	}
	return m;
}

enum tg_checked
tg_validator_phone_e164(const char *p, size_t n, struct tg_cut *cut)
{
	unsigned char d[PHONE_MAX];
	size_t at[PHONE_MAX], m, want;
	bool bad = false;

	n = before_extension(p, n);
	m = tg_validator_digits(d, PHONE_MAX, at, p, n);
	m = international(d, at, m, p, n);
	if (m < 8 || !country(d))
		return TG_CHECK_BAD;
	want = national(d, m, &bad);
	if (want != 0 && want < m)
		m = want;
	if (bad || m > 15)
		return TG_CHECK_BAD;
	/* "+1.4142135623" is a number. */
	if (n > 2 && p[2] == '.' && at[m - 1] - 3 == m - 1)
		return TG_CHECK_BAD;
	/* The extension stays when nothing else was left off. */
	if (at[m - 1] < n || n == cut->end)
		cut->end = at[m - 1];
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_phone_any(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[PHONE_MAX];
	const size_t m =
	    tg_validator_digits(d, PHONE_MAX, NULL, p, before_extension(p, n));
	const char *const dot = memchr(p, '.', n);

	/* One dot and digits alone: a decimal number. */
	if (dot != NULL && m + 1 == n)
		return TG_CHECK_BAD;
	return m >= 7 && m <= 13 ? TG_CHECK_PLAIN : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_ipv4(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned part = 0, value = 0, digits = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && tg_digit(p[i])) {
			value = value * 10 + (unsigned)(p[i] - '0');
			if (++digits > 3)
				return TG_CHECK_BAD;
			continue;
		}
		if (i < n && p[i] == ':')
			n = i; /* a port: with it a subscriber is named */
		if (digits == 0 || value > (part == 4 ? 32u : 255u))
			return TG_CHECK_BAD;
		part++;
		value = digits = 0;
	}
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_ipv6(const char *p, size_t n, struct tg_cut *cut)
{
	char s[INET6_ADDRSTRLEN + 1];
	unsigned char addr[16];
	bool digit = false;
	size_t len = 0;

	while (len < n && p[len] != '%' && p[len] != '/')
		len++;
	/* A sentence or a key may end behind it. */
	if (len == n && len > 3 && p[len - 1] == ':' && p[len - 2] != ':')
		cut->end = --len;
	if (len < 3 || len >= sizeof(s))
		return TG_CHECK_BAD;
	memcpy(s, p, len);
	s[len] = '\0';
	for (size_t i = 0; i < len; i++)
		digit = digit || tg_digit(s[i]);
	/* std::x and the like have no digit. */
	if (!digit || inet_pton(AF_INET6, s, addr) != 1)
		return TG_CHECK_BAD;
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_mac(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char hex[16], sep = '\0';
	const size_t m = tg_validator_alnums(hex, sizeof(hex), NULL, p, n);
	bool same = true;

	for (size_t i = 0; i < n; i++) {
		if (strchr(":-. ", p[i]) == NULL)
			continue;
		if (sep != '\0' && p[i] != sep)
			return TG_CHECK_BAD;
		sep = p[i];
	}
	for (size_t i = 1; i < m; i++)
		same = same && hex[i] == hex[0];
	if ((m != 12 && m != 16) || (same && (hex[0] == '0' || hex[0] == 'F')))
		return TG_CHECK_BAD;
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_jwt(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char s[JWT_HEADER_MAX], out[JWT_HEADER_MAX];
	const char *const dot = memchr(p, '.', n);
	size_t len = dot == NULL ? n : (size_t)(dot - p), m = 0;

	if (len >= sizeof(s))
		return TG_CHECK_PLAIN;
	for (size_t i = 0; i < len; i++)
		s[i] = (char)(p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i]);
	if (!tg_b64_decode(
		out, sizeof(out), &m, (struct tg_sv){s, len}, TG_B64_BARE))
		return TG_CHECK_PLAIN;
	return memmem(out, m, "\"alg\"", 5) != NULL ? TG_CHECK_GOOD
						    : TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_secret_value(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const char *const holders[] = {"${", "{{", "<", "%(", "$(",
	    "xxxx", "XXXX", "****", "....", "____", "your_", "your-", "YOUR_",
	    "null", "None", "undefined", "redacted", "REDACTED", "[SECRET",
	    "process.env", "os.environ", "getenv"};
	bool seen[256] = {false};
	size_t different = 0;

	for (size_t i = 0; i < TG_COUNT(holders); i++)
		if (memmem(p, n, holders[i], strlen(holders[i])) != NULL)
			return TG_CHECK_BAD;
	for (size_t i = 0; i < n; i++) {
		if (!seen[(unsigned char)p[i]])
			different++;
		seen[(unsigned char)p[i]] = true;
	}
	return different >= 5 ? TG_CHECK_PLAIN : TG_CHECK_BAD;
}

/* Digits among letters, changing three times and more: no word, no name of a
 * file or model, no number. */
enum tg_checked
tg_validator_secret_token(const char *p, size_t n, struct tg_cut *cut)
{
	size_t changes = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		const bool a = tg_digit(p[i]), b = tg_digit(p[i + 1]);
		const char other = a ? p[i + 1] : p[i];

		changes +=
		    a != b && (other | 0x20) >= 'a' && (other | 0x20) <= 'z';
	}
	return changes < 3 ? TG_CHECK_BAD
			   : tg_validator_secret_value(p, n, cut);
}

/* Capitals, small letters and three digits, not in one place: no hex, no name.
 */
enum tg_checked
tg_validator_secret_mixed(const char *p, size_t n, struct tg_cut *cut)
{
	size_t upper = 0, lower = 0, digits = 0, runs = 0;

	for (size_t i = 0; i < n; i++) {
		upper += p[i] >= 'A' && p[i] <= 'Z';
		lower += p[i] >= 'a' && p[i] <= 'z';
		digits += tg_digit(p[i]);
		runs += tg_digit(p[i]) && (i == 0 || !tg_digit(p[i - 1]));
	}
	return upper < 3 || lower < 3 || digits < 3 || runs < 2
	    ? TG_CHECK_BAD
	    : tg_validator_secret_value(p, n, cut);
}

/* 1 to 12 of a month's English or French name without accents, or 0. */
static unsigned
month(const char *p, size_t n)
{
	static const char *const names[] = {"jan", "feb fev", "mar", "apr avr",
	    "may mai", "jun jui", "jul", "aug aou", "sep", "oct", "nov", "dec"};
	char low[4] = "";

	for (size_t i = 0; i < 3 && i < n; i++)
		low[i] = (char)(p[i] | 0x20);
	if (memcmp(low, "jui", 3) == 0)
		return n > 3 && (p[3] | 0x20) == 'l' ? 7 : 6;
	for (unsigned m = 0; m < 12; m++)
		if (strstr(names[m], low) != NULL)
			return m + 1;
	return 0;
}

struct date {
	unsigned long long v[3]; /* numbers in order */
	size_t len[3];		 /* their digits */
	size_t k;		 /* how many */
	unsigned month;		 /* by name, or 0 */
};

static void
read_date(struct date *d, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && d->k < 3) {
		const char l = (char)(p[i] | 0x20);

		if (!tg_digit(p[i])) {
			if (d->month == 0 && d->k < 2 && l >= 'a' && l <= 'z')
				d->month = month(p + i, n - i);
			i++;
			continue;
		}
		for (; i < n && tg_digit(p[i]) && d->len[d->k] < 4; i++) {
			d->v[d->k] = d->v[d->k] * 10 + (unsigned)(p[i] - '0');
			d->len[d->k]++;
		}
		d->k++;
	}
}

/* @a and @b are day and month in either order. */
static bool
plausible(unsigned long long year, unsigned long long a, unsigned long long b)
{
	if (year > 99 && (year < 1900 || year > 2099))
		return false;
	return a >= 1 && b >= 1 && a <= 31 && b <= 31 && (a <= 12 || b <= 12);
}

enum tg_checked
tg_validator_date(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	struct date d = {.k = 0};
	unsigned long long year, a, b;

	read_date(&d, p, n);
	if (d.k == 3 && d.month == 0) {
		const bool first = d.len[0] == 4;

		year = first ? d.v[0] : d.v[2];
		a = first ? d.v[1] : d.v[0];
		b = first ? d.v[2] : d.v[1];
	} else if (d.k == 2 && d.month != 0) {
		year = d.v[1];
		a = d.v[0];
		b = d.month;
	} else {
		return TG_CHECK_BAD;
	}
	return plausible(year, a, b) ? TG_CHECK_PLAIN : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_imei(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[17];
	const size_t m = tg_validator_digits(d, sizeof(d), NULL, p, n);

	return m == 15 && tg_validator_luhn(d, 15) ? TG_CHECK_GOOD
						   : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_vin(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const char letters[] = "ABCDEFGHJKLMNPRSTUVWXYZ";
	static const char values[] = "12345678123457923456789";
	static const unsigned weights[] = {
	    8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
	char s[17];
	unsigned sum = 0;
	bool letter = false;

	if (tg_validator_alnums(s, sizeof(s), NULL, p, n) != 17)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < 17; i++) {
		const char *at = strchr(letters, s[i]);
		const char c = at == NULL ? s[i] : values[at - letters];

		if (!tg_digit(c))
			return TG_CHECK_BAD;
		letter = letter || at != NULL;
		sum += (unsigned)(c - '0') * weights[i];
	}
	sum %= 11;
	if (s[8] == (sum == 10 ? 'X' : (char)('0' + sum)))
		return TG_CHECK_GOOD;
	/* The digit is required in North America only. */
	return letter ? TG_CHECK_PLAIN : TG_CHECK_BAD;
}
