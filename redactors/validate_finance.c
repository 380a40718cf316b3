/* validate_finance.c - cards, accounts, wallets. */
#include "base/digest.h"
#include "redactors/validator.h"

#include "base/banned.h"

#define CARD_MIN 12
#define CARD_MAX 19
#define IBAN_MAX 34

/* Issuer ranges: first digits lo to hi (as @width digits), lengths. */
static const struct {
	unsigned lo, hi, width, min, max;
} issuers[] = {
    {4, 4, 1, 13, 13}, {4, 4, 1, 16, 16}, {4, 4, 1, 19, 19}, /* Visa */
    {51, 55, 2, 16, 16}, {2221, 2720, 4, 16, 16},	     /* Mastercard */
    {34, 34, 2, 15, 15}, {37, 37, 2, 15, 15},		     /* Amex */
    {6011, 6011, 4, 16, 19}, {644, 649, 3, 16, 19},	     /* Discover */
    {65, 65, 2, 16, 19}, {3528, 3589, 4, 16, 19},	     /* JCB */
    {300, 305, 3, 14, 19}, {3095, 3095, 4, 14, 19},	     /* Diners */
    {36, 36, 2, 14, 19}, {38, 39, 2, 14, 19}, {62, 62, 2, 16, 19},
    {81, 81, 2, 16, 19},			      /* UnionPay */
    {50, 50, 2, 12, 19}, {56, 69, 2, 12, 19},	      /* Maestro */
    {2200, 2204, 4, 16, 19},			      /* Mir */
    {1800, 1800, 4, 15, 15}, {2131, 2131, 4, 15, 15}, /* old JCB */
};

static bool
issued(const unsigned char *d, size_t n)
{
	for (size_t i = 0; i < TG_COUNT(issuers); i++) {
		const unsigned long long head =
		    tg_validator_number(d, issuers[i].width);

		if (head >= issuers[i].lo && head <= issuers[i].hi &&
		    n >= issuers[i].min && n <= issuers[i].max)
			return true;
	}
	return false;
}

/* Groups of four or multiples of it, or 4-6-..., as cards are written; @gap:
 * a separator follows digit k. */
static bool
card_shape(const bool *gap, size_t n)
{
	size_t groups = 0, len = 0, first = 0, second = 0;
	bool fours = true;

	for (size_t k = 0; k < n; k++) {
		len++;
		if (!gap[k] || k + 1 == n)
			continue;
		fours = fours && len % 4 == 0;
		if (groups == 0)
			first = len;
		else if (groups == 1)
			second = len;
		groups++;
		len = 0;
	}
	return fours || (groups == 2 && first == 4 && second == 6) ||
	    (groups == 1 && first == 6);
}

enum tg_checked
tg_validator_credit_card(const char *p, size_t n, struct tg_cut *cut)
{
	unsigned char d[CARD_MAX];
	size_t at[CARD_MAX];
	bool gap[CARD_MAX] = {false};
	size_t m = tg_validator_digits(d, CARD_MAX, at, p, n);
	enum tg_checked verdict = TG_CHECK_BAD;

	for (size_t k = 0; k + 1 < m; k++)
		gap[k] = at[k + 1] > at[k] + 1;
	/* A shorter card may be followed by another number, and one in ten of
	 * those makes a longer sum come out right by chance. */
	for (size_t k = m; k >= CARD_MIN && verdict != TG_CHECK_GOOD; k--) {
		if (k < m && !gap[k - 1])
			continue;
		if (!tg_validator_luhn(d, k) || !card_shape(gap, k))
			continue;
		if (issued(d, k))
			verdict = TG_CHECK_GOOD;
		else if (verdict == TG_CHECK_BAD)
			verdict = TG_CHECK_PLAIN; /* for use with context */
		else
			continue;
		cut->end = at[k - 1];
	}
	return verdict;
}

/* ISO 13616 registry (SWIFT, release 99) and the countries that use the form
 * without being in it. */
static const struct {
	char cc[3];
	unsigned char n;
} iban_lengths[] = {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AO", 25}, {"AT", 20},
    {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BF", 28}, {"BG", 22}, {"BH", 22},
    {"BI", 27}, {"BJ", 28}, {"BR", 29}, {"BY", 28}, {"CF", 27}, {"CG", 27},
    {"CH", 21}, {"CI", 28}, {"CM", 27}, {"CR", 22}, {"CV", 25}, {"CY", 28},
    {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"DZ", 26},
    {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18},
    {"FR", 27}, {"GA", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18},
    {"GQ", 27}, {"GR", 27}, {"GT", 28}, {"GW", 25}, {"HN", 28}, {"HR", 21},
    {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IR", 26}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KM", 27}, {"KW", 30}, {"KZ", 20}, {"LB", 28},
    {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25},
    {"MA", 28}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MG", 27}, {"MK", 19},
    {"ML", 28}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"MZ", 25},
    {"NE", 28}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
    {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19},
    {"SK", 24}, {"SM", 27}, {"SN", 28}, {"SO", 23}, {"ST", 25}, {"SV", 28},
    {"TD", 27}, {"TG", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29},
    {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30}};

/* No letter or digit stands at @at. */
static bool
ends_at(const char *p, size_t n, size_t at)
{
	return at >= n ||
	    !((p[at] >= '0' && p[at] <= '9') ||
		((p[at] | 0x20) >= 'a' && (p[at] | 0x20) <= 'z'));
}

/* Letters and digits of a BIC (ISO 9362: bank 4, country 2, place 2, branch 3
 * or none) of the same country that stands behind an IBAN of @len of @m; 0 when
 * none does.  The branch sticks to the place. */
static size_t
bic_behind(const char *s, const size_t *at, size_t len, size_t m, const char *p,
    size_t n)
{
	if (m < len + 8 || at[len] == at[len - 1] + 1 ||
	    memcmp(s + len + 4, s, 2) != 0)
		return 0;
	for (size_t i = len; i < len + 4; i++)
		if (s[i] < 'A')
			return 0;
	if (ends_at(p, n, at[len + 7]))
		return 8;
	return m >= len + 11 && at[len + 10] == at[len + 7] + 3 &&
		ends_at(p, n, at[len + 10])
	    ? 11
	    : 0;
}

enum tg_checked
tg_validator_iban(const char *p, size_t n, struct tg_cut *cut)
{
	char s[64];
	size_t at[64];
	const size_t m = tg_validator_alnums(s, sizeof(s), at, p, n);
	size_t len = 0;
	unsigned mod = 0;

	for (size_t i = 0; m > 4 && i < TG_COUNT(iban_lengths); i++)
		if (memcmp(iban_lengths[i].cc, s, 2) == 0)
			len = iban_lengths[i].n;
	if (len == 0 || len > m)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < len; i++) {
		const char c = s[(i + 4) % len];

		if (c >= 'A')
			mod = (mod * 100 + (unsigned)(c - 'A') + 10) % 97;
		else
			mod = (mod * 10 + (unsigned)(c - '0')) % 97;
	}
	if (mod != 1)
		return TG_CHECK_BAD;
	cut->end = at[len + bic_behind(s, at, len, m, p, n) - 1];
	return TG_CHECK_GOOD;
}

static const char base58[] =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static bool
base58_decode(unsigned char out[25], const char *p, size_t n)
{
	memset(out, 0, 25);
	for (size_t i = 0; i < n; i++) {
		const char *at = p[i] == '\0' ? NULL : strchr(base58, p[i]);
		unsigned carry;

		if (at == NULL)
			return false;
		carry = (unsigned)(at - base58);
		for (size_t k = 25; k-- > 0;) {
			carry += out[k] * 58u;
			out[k] = (unsigned char)(carry & 0xff);
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	return true;
}

static bool
base58_check(const char *p, size_t n)
{
	unsigned char raw[25];
	uint8_t once[TG_SHA256_LEN], twice[TG_SHA256_LEN];

	if (!base58_decode(raw, p, n) ||
	    tg_sha256_bytes(once, raw, 21, NULL) < 0 ||
	    tg_sha256_bytes(twice, once, sizeof(once), NULL) < 0)
		return false;
	return memcmp(twice, raw + 21, 4) == 0;
}

static uint32_t
bech32_step(uint32_t c, uint32_t v)
{
	static const uint32_t gen[] = {
	    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	const uint32_t top = c >> 25;

	c = (c & 0x1ffffff) << 5 ^ v;
	for (unsigned i = 0; i < 5; i++)
		if (((top >> i) & 1) != 0)
			c ^= gen[i];
	return c;
}

static bool
one_case(const char *p, size_t n)
{
	bool upper = false, lower = false;

	for (size_t i = 0; i < n; i++) {
		upper = upper || (p[i] >= 'A' && p[i] <= 'Z');
		lower = lower || (p[i] >= 'a' && p[i] <= 'z');
	}
	return !(upper && lower);
}

/* BIP 173: one case, a version and a program of 2 to 40 bytes; version 0 is
 * 20 or 32 bytes and bech32, the others are bech32m (BIP 350) or older. */
static bool
bech32_check(const char *p, size_t n)
{
	static const char set[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	static const unsigned char hrp[] = {
	    'b' >> 5, 'c' >> 5, 0, 'b' & 31, 'c' & 31};
	const size_t bytes = n < 10 ? 0 : (n - 10) * 5 / 8;
	uint32_t c = 1, version = 0;

	for (size_t i = 0; i < sizeof(hrp); i++)
		c = bech32_step(c, hrp[i]);
	for (size_t i = 3; i < n; i++) {
		/* Letters and digits only come here: in lower case. */
		const char *at = strchr(set, p[i] | 0x20);

		if (at == NULL)
			return false;
		if (i == 3)
			version = (uint32_t)(at - set);
		c = bech32_step(c, (uint32_t)(at - set));
	}
	if (!one_case(p, n) || version > 16 || bytes < 2 || bytes > 40)
		return false;
	if (version == 0)
		return c == 1 && (bytes == 20 || bytes == 32);
	/* Addresses from before BIP 350 have the constant of BIP 173. */
	return c == 0x2bc830a3 || c == 1;
}

enum tg_checked
tg_validator_bitcoin(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	if (n > 3 && (p[0] == 'b' || p[0] == 'B'))
		return bech32_check(p, n) ? TG_CHECK_GOOD : TG_CHECK_BAD;
	return base58_check(p, n) ? TG_CHECK_GOOD : TG_CHECK_BAD;
}
