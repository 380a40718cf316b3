/* validate_us.c - identifiers of the United States. */
#include "redactors/validator.h"

#include "base/banned.h"

enum tg_checked
tg_validator_us_ssn(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[9];
	unsigned long long area;

	if (tg_validator_digits(d, sizeof(d), NULL, p, n) != 9)
		return TG_CHECK_BAD;
	area = tg_validator_number(d, 3);
	return area == 0 || area == 666 || area >= 900 ||
		tg_validator_number(d + 3, 2) == 0 ||
		tg_validator_number(d + 5, 4) == 0
	    ? TG_CHECK_BAD
	    : TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_us_itin(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[9];
	unsigned long long g;

	if (tg_validator_digits(d, sizeof(d), NULL, p, n) != 9 || d[0] != 9)
		return TG_CHECK_BAD;
	g = tg_validator_number(d + 3, 2);
	return (g >= 50 && g <= 65) || (g >= 70 && g <= 88) || g >= 90
	    ? TG_CHECK_PLAIN
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_us_ein(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const unsigned char none[] = {
	    0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97};
	unsigned char d[9];
	unsigned long long head;

	if (tg_validator_digits(d, sizeof(d), NULL, p, n) != 9)
		return TG_CHECK_BAD;
	head = tg_validator_number(d, 2);
	for (size_t i = 0; i < TG_COUNT(none); i++)
		if (head == none[i])
			return TG_CHECK_BAD;
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_aba_routing(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[9];
	unsigned long long head;

	if (tg_validator_digits(d, sizeof(d), NULL, p, n) != 9)
		return TG_CHECK_BAD;
	head = tg_validator_number(d, 2);
	if (!(head <= 12 || (head >= 21 && head <= 32) ||
		(head >= 61 && head <= 72) || head == 80))
		return TG_CHECK_BAD;
	return (3 * (d[0] + d[3] + d[6]) + 7 * (d[1] + d[4] + d[7]) + d[2] +
		   d[5] + d[8]) %
		    10 ==
		0
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_us_npi(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[15] = {8, 0, 8, 4, 0};

	return tg_validator_digits(d + 5, 10, NULL, p, n) == 10 &&
		(d[5] == 1 || d[5] == 2) && tg_validator_luhn(d, 15)
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_us_dea(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[8];
	const size_t m = tg_validator_digits(d, sizeof(d), NULL, p, n);
	const unsigned char *v = d;

	if (m == 8 && d[0] == 9) /* the second letter may be a 9 */
		v = d + 1;
	else if (m != 7)
		return TG_CHECK_BAD;
	return (v[0] + v[2] + v[4] + 2 * (v[1] + v[3] + v[5])) % 10 == v[6]
	    ? TG_CHECK_GOOD
	    : TG_CHECK_BAD;
}

enum tg_checked
tg_validator_us_mbi(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	static const char form[] = "nax9ax9aa99"; /* n 1-9, x letter or digit */
	char s[11];

	if (tg_validator_alnums(s, sizeof(s), NULL, p, n) != 11)
		return TG_CHECK_BAD;
	for (size_t i = 0; i < 11; i++) {
		const bool digit = s[i] <= '9';

		if (!digit && strchr("SLOIBZ", s[i]) != NULL)
			return TG_CHECK_BAD;
		if ((form[i] == '9' || form[i] == 'n') && !digit)
			return TG_CHECK_BAD;
		if (form[i] == 'a' && digit)
			return TG_CHECK_BAD;
		if (form[i] == 'n' && s[i] == '0')
			return TG_CHECK_BAD;
	}
	return TG_CHECK_PLAIN;
}

enum tg_checked
tg_validator_phone_us(const char *p, size_t n, struct tg_cut *cut TG_UNUSED)
{
	unsigned char d[18];
	const size_t m = tg_validator_digits(d, sizeof(d), NULL, p, n);
	const unsigned char *v = d;

	if (m >= 11 && d[0] == 1)
		v = d + 1;
	else if (m < 10)
		return TG_CHECK_BAD;
	return v[0] >= 2 && v[3] >= 2 && !(v[1] == 1 && v[2] == 1)
	    ? TG_CHECK_PLAIN
	    : TG_CHECK_BAD;
}
