/* validate_fr.c - identifiers of France. */
#include "redactors/validator.h"

#include "base/banned.h"

/* Month, department and order of the NIR as INSEE writes them. */
static bool
nir_fields(const char *s)
{
	const int month = (s[3] - '0') * 10 + s[4] - '0';
	int dept;

	if (!(month >= 1 && month <= 12) && !(month >= 20 && month <= 42) &&
	    month < 50)
		return false;
	if (s[6] != 'A' && s[6] != 'B') {
		if (s[6] > '9')
			return false;
		dept = (s[5] - '0') * 10 + s[6] - '0';
		if (dept == 0)
			return false;
	} else if (s[5] != '2') {
		return false;
	}
	for (size_t i = 7; i < 10; i++)
		if (s[i] > '9')
			return false;
	return memcmp(s + 10, "000", 3) != 0;
}

enum tg_checked
tg_validator_fr_nir(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char s[15];
	const size_t m = tg_validator_alnums(s, sizeof(s), NULL, p, n);
	unsigned long long v = 0;
	unsigned key;

	if (m < 13 || !nir_fields(s))
		return TG_CHECK_BAD;
	for (size_t i = 0; i < 13; i++) {
		/* 2A counts as 19, 2B as 18. */
		if (s[i] == 'A' || s[i] == 'B')
			v = v / 10 * 100 + (s[i] == 'A' ? 19 : 18);
		else
			v = v * 10 + (unsigned)(s[i] - '0');
	}
	if (m == 13)
		return TG_CHECK_PLAIN;
	if (m != 15)
		return TG_CHECK_BAD;
	key = (unsigned)(s[13] - '0') * 10 + (unsigned)(s[14] - '0');
	return key == 97 - v % 97 ? TG_CHECK_GOOD : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_fr_siren(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[9];

	return tg_validator_digits(d, sizeof(d), NULL, p, n) == 9 &&
		tg_validator_number(d, 9) != 0 && tg_validator_luhn(d, 9)
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_fr_siret(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const unsigned char post[] = {3, 5, 6, 0, 0, 0, 0, 0, 0};
	unsigned char d[14];
	unsigned sum = 0;

	if (tg_validator_digits(d, sizeof(d), NULL, p, n) != 14 ||
	    tg_validator_number(d, 9) == 0)
		return TG_CHECK_BAD;
	if (memcmp(d, post, 9) == 0) {
		for (size_t i = 0; i < 14; i++)
			sum += d[i];
		if (sum % 5 == 0)
			return TG_CHECK_GOOD;
	}
	return tg_validator_luhn(d, 14) && tg_validator_luhn(d, 9)
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_fr_tax_id(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[13];

	if (tg_validator_digits(d, sizeof(d), NULL, p, n) != 13 || d[0] > 3 ||
	    tg_validator_number(d, 10) == 0)
		return TG_CHECK_BAD;
	return tg_validator_number(d, 10) % 511 ==
		tg_validator_number(d + 10, 3)
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

static int
vat_value(char c)
{
	static const char set[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	const char *at = strchr(set, c);

	return at == NULL ? -1 : (int)(at - set);
}

/* The key of the TVA number: two digits, or with a letter (DGFiP, new kind). */
static bool
vat_key(char first, char second, unsigned long long siren)
{
	const int a = vat_value(first), b = vat_value(second);
	int key;

	if (a < 0 || b < 0)
		return false;
	if (a < 10 && b < 10)
		return (unsigned long long)(a * 10 + b) ==
		    (12 + 3 * (siren % 97)) % 97;
	key = a < 10 ? a * 24 + b - 10 : a * 34 + b - 100;
	return key >= 0 &&
	    (siren + 1 + (unsigned)key / 11) % 11 == (unsigned)key % 11;
}

enum tg_checked
tg_validator_fr_vat(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char s[13];
	const size_t m = tg_validator_alnums(s, sizeof(s), NULL, p, n);
	const char *v = s;
	unsigned char d[9];
	unsigned long long siren;

	if (m == 13 && s[0] == 'F' && s[1] == 'R')
		v = s + 2;
	else if (m != 11)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < 9; i++) {
		if (v[i + 2] > '9')
			return TG_CHECK_BAD;
		d[i] = (unsigned char)(v[i + 2] - '0');
	}
	siren = tg_validator_number(d, 9);
	/* Monaco's begin with 000 and are no SIREN. */
	if (siren == 0 || (siren > 999999 && !tg_validator_luhn(d, 9)))
		return TG_CHECK_BAD;
	return vat_key(v[0], v[1], siren) ? TG_CHECK_GOOD : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_fr_rib(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	/* A to Z: A and J are 1, B, K and S are 2, ... */
	static const char values[] = "12345678912345678923456789";
	char s[23];
	unsigned char d[23];
	unsigned long long sum;

	if (tg_validator_alnums(s, sizeof(s), NULL, p, n) != 23)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < 23; i++) {
		const char c = s[i] >= 'A' ? values[s[i] - 'A'] : s[i];

		if (s[i] >= 'A' && (i < 10 || i > 20))
			return TG_CHECK_BAD;
		d[i] = (unsigned char)(c - '0');
	}
	sum = 89 * tg_validator_number(d, 5) +
	    15 * tg_validator_number(d + 5, 5) +
	    3 * tg_validator_number(d + 10, 11);
	return sum != 0 && tg_validator_number(d + 21, 2) == 97 - sum % 97
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_fr_rpps(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[11];

	return tg_validator_digits(d, sizeof(d), NULL, p, n) == 11 &&
		tg_validator_luhn(d, 11)
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_fr_plate(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char s[7];

	if (tg_validator_alnums(s, sizeof(s), NULL, p, n) != 7)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < 7; i++)
		if (strchr("IOU", s[i]) != NULL)
			return TG_CHECK_BAD;
	if (memcmp(s, "SS", 2) == 0 || memcmp(s + 5, "SS", 2) == 0 ||
	    memcmp(s, "WW", 2) == 0)
		return TG_CHECK_BAD;
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_phone_fr(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[10];

	return tg_validator_digits(d, sizeof(d), NULL, p, n) == 10 &&
		d[0] == 0 && d[1] != 0
	    ? TG_CHECK_PLAIN
	    : TG_CHECK_BAD;
}
