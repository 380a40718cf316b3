/* validate_uk.c - identifiers of the United Kingdom. */
#include "redactors/validator.h"

#include "base/banned.h"

enum tg_checked
tg_validator_uk_nino(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const char none[][3] = {
	    "BG", "GB", "NK", "KN", "NT", "TN", "ZZ"};
	char s[9];
	const size_t m = tg_validator_alnums(s, sizeof(s), NULL, p, n);

	if (m < 8 || strchr("DFIQUV", s[0]) != NULL ||
	    strchr("DFIOQUV", s[1]) != NULL)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < TG_COUNT(none); i++)
		if (memcmp(none[i], s, 2) == 0)
			return TG_CHECK_BAD;
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_uk_nhs(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[10];
	unsigned sum = 0;
	bool same = true;

	if (tg_validator_digits(d, sizeof(d), NULL, p, n) != 10)
		return TG_CHECK_BAD;
	for (unsigned i = 0; i < 9; i++) {
		sum += d[i] * (10 - i);
		same = same && d[i] == d[0];
	}
	sum = 11 - sum % 11;
	if (same || sum == 10 || (sum == 11 ? 0 : sum) != d[9])
		return TG_CHECK_BAD;
	return TG_CHECK_GOOD;
}

enum tg_checked
tg_validator_uk_utr(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const unsigned weights[] = {6, 7, 8, 9, 10, 5, 4, 3, 2};
	static const char check[] = "21987654321";
	unsigned char d[13];
	const size_t m = tg_validator_digits(d, sizeof(d), NULL, p, n);
	const unsigned char *u = d;
	unsigned sum = 0;

	if (m != 10 && m != 13)
		return TG_CHECK_BAD;
	if (m == 13) /* with the tax office's number in front */
		u = d + 3;
	for (unsigned i = 0; i < 9; i++)
		sum += u[i + 1] * weights[i];
	return check[sum % 11] == (char)('0' + u[0]) ? TG_CHECK_GOOD
						     : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_uk_vat(const char *p, size_t n, struct tg_cut *cut)
{
	unsigned char d[12];
	size_t at[12];
	const size_t m = tg_validator_digits(d, sizeof(d), at, p, n);
	unsigned sum = 0;

	if (m < 9)
		return TG_CHECK_BAD;
	for (unsigned i = 0; i < 7; i++)
		sum += d[i] * (8 - i);
	sum += d[7] * 10u + d[8];
	if (sum % 97 != 0 && sum % 97 != 42)
		return TG_CHECK_BAD;
	if (m != 12)
		cut->end = at[8];
	return TG_CHECK_GOOD;
}

enum tg_checked
tg_validator_uk_vat_list(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char s[16];
	const size_t m = tg_validator_alnums(s, sizeof(s), NULL, p, n);
	size_t i = 0;
	unsigned char d[9];
	bool department;

	while (
	    i < m && memcmp(s + i, "GD", 2) != 0 && memcmp(s + i, "HA", 2) != 0)
		i++;
	department = s[i] == 'G';
	if ((m != i + 5 && m != i + 11) ||
	    tg_validator_digits(d, sizeof(d), NULL, s + i, m - i) != m - i - 2)
		return TG_CHECK_BAD;
	if (m == i + 5)
		return (d[0] < 5) == department ? TG_CHECK_PLAIN : TG_CHECK_BAD;
	return tg_validator_number(d, 4) == 8888 && (d[4] < 5) == department &&
		tg_validator_number(d + 4, 3) % 97 ==
		    tg_validator_number(d + 7, 2)
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

static int
two(const char *s)
{
	return (s[0] - '0') * 10 + s[1] - '0';
}

/* Letters, then nines. */
static bool
padded(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= 'A')
		i++;
	while (i < n && s[i] == '9')
		i++;
	return i == n;
}

enum tg_checked
tg_validator_uk_driving_licence(
    const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char s[18];
	const size_t m = tg_validator_alnums(s, sizeof(s), NULL, p, n);
	int month;

	if ((m != 16 && m != 18) || s[0] < 'A' || !padded(s, 5))
		return TG_CHECK_BAD;
	for (size_t i = 5; i < 11; i++)
		if (s[i] > '9')
			return TG_CHECK_BAD;
	month = two(s + 6) % 50; /* 50 is added for women */
	if (two(s + 6) > 62 || month < 1 || month > 12 || two(s + 8) < 1 ||
	    two(s + 8) > 31)
		return TG_CHECK_BAD;
	/* Two initials, 9 for none. */
	return padded(s + 11, 1) && padded(s + 12, 1) ? TG_CHECK_GOOD
						      : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_uk_postcode(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const char areas[] =
	    " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV "
	    "CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA "
	    "HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN "
	    "LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG "
	    "RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ "
	    "TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE ";
	char s[8], area[5] = " ";
	const size_t m = tg_validator_alnums(s, sizeof(s), NULL, p, n);
	size_t k = 0;

	if (m < 5)
		return TG_CHECK_BAD;
	if (memcmp(s, "GIR0AA", 6) == 0 || memcmp(s, "BFPO", 4) == 0)
		return TG_CHECK_PLAIN;
	for (; k < 2 && s[k] >= 'A'; k++)
		area[k + 1] = s[k];
	area[k + 1] = ' ';
	if (strstr(areas, area) == NULL)
		return TG_CHECK_BAD;
	for (size_t i = m - 2; i < m; i++)
		if (strchr("CIKMOV", s[i]) != NULL)
			return TG_CHECK_BAD;
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_uk_vrm(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	char s[7];
	int age;

	if (tg_validator_alnums(s, sizeof(s), NULL, p, n) != 7)
		return TG_CHECK_BAD;
	age = (s[2] - '0') * 10 + s[3] - '0';
	for (size_t i = 0; i < 7; i++)
		if (strchr("IQ", s[i]) != NULL)
			return TG_CHECK_BAD;
	return (age >= 2 && age <= 29) || (age >= 51 && age <= 79)
	    ? TG_CHECK_PLAIN
	    : TG_CHECK_BAD;
}

/* Digits of the number behind the trunk 0 by its first digits. */
static bool
plan(const unsigned char *d, size_t m)
{
	switch (d[1]) {
	case 1:
	case 8:
		return m == 10 || m == 11;
	case 2:
	case 3:
	case 5:
	case 7:
	case 9:
		return m == 11;
	default:
		return false;
	}
}

enum tg_checked
tg_validator_phone_uk(const char *p, size_t n, struct tg_cut *cut)
{
	unsigned char d[16];
	size_t at[16], m = tg_validator_digits(d, sizeof(d), at, p, n);

	/* Eleven digits, and then another number may follow. */
	if (m > 11 && at[10] < n && at[11] > at[10] + 1)
		m = 11;
	if (m < 10 || d[0] != 0 || !plan(d, m))
		return TG_CHECK_BAD;
	cut->end = at[m - 1];
	return TG_CHECK_PLAIN;
}
