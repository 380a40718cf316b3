#include "tests/unit/redactors/made.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

static const char ten[] = "0123456789";

static void
pick(char *out, size_t n, const char *from, uint64_t *state)
{
	for (size_t i = 0; i < n; i++)
		out[i] = from[fixture_random(state, (unsigned)strlen(from))];
	out[n] = '\0';
}

/* @n as @width digits at @out; what stood behind them stays. */
static void
number(char *out, unsigned n, size_t width)
{
	for (size_t i = width; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
}

static unsigned
digit(char c)
{
	return (unsigned)(c - '0');
}

/* The long number in @s modulo @m; letters count as their base 36 value. */
static unsigned
modulo(const char *s, unsigned m)
{
	unsigned r = 0;

	for (; *s != '\0'; s++)
		r = *s <= '9' ? (r * 10 + digit(*s)) % m
			      : (r * 100 + (unsigned)(*s - 'A') + 10) % m;
	return r;
}

/* Appends the digit that makes the doubled sum a multiple of ten. */
static void
luhn(char *s)
{
	static const unsigned doubled[] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
	const size_t n = strlen(s);
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (n - i) % 2 == 1 ? doubled[digit(s[i])] : digit(s[i]);
	s[n] = (char)('0' + (10 - sum % 10) % 10);
	s[n + 1] = '\0';
}

static void
card(char out[MADE_MAX], uint64_t *state)
{
	static const char *const heads[] = {
	    "4", "51", "2221", "2720", "6011", "3528"};
	const char *head = heads[fixture_random(state, TG_COUNT(heads))];
	const size_t n = strlen(head);

	memcpy(out, head, n);
	pick(out + n, 15 - n, ten, state);
	luhn(out);
}

static void
iban(char out[MADE_MAX], uint64_t *state)
{
	static const struct {
		const char *cc, *form;
	} of[] = {{"GB", "AAAA00000000000000"}, {"DE", "000000000000000000"},
	    {"FR", "0000000000XXXXXXXXXXX00"}, {"NL", "AAAA0000000000"},
	    {"NO", "00000000000"}, {"MT", "AAAA00000XXXXXXXXXXXXXXXXXX"}};
	const unsigned k = fixture_random(state, TG_COUNT(of));
	char turned[MADE_MAX];
	const size_t n = strlen(of[k].form);

	for (size_t i = 0; i < n; i++)
		pick(turned + i, 1,
		    of[k].form[i] == '0'       ? ten
			: of[k].form[i] == 'A' ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					       : "ABCDEFGHJKLMNP0123456789",
		    state);
	memcpy(turned + n, of[k].cc, 2);
	memcpy(turned + n + 2, "00", 3);
	memcpy(out, of[k].cc, 2);
	number(out + 2, 98 - modulo(turned, 97), 2);
	memcpy(out + 4, turned, n);
	out[n + 4] = '\0';
}

static void
nir(char out[MADE_MAX], uint64_t *state)
{
	static const char *const dept[] = {"75", "13", "2A", "2B", "97", "99"};
	const unsigned k = fixture_random(state, TG_COUNT(dept));
	char plain[16];

	pick(out, 1, "12", state);
	pick(out + 1, 2, ten, state);
	number(out + 3, 1 + fixture_random(state, 12), 2);
	memcpy(out + 5, dept[k], 2);
	number(out + 7, 101 + fixture_random(state, 700), 3);
	number(out + 10, 1 + fixture_random(state, 998), 3);
	out[13] = '\0';
	memcpy(plain, out, 14);
	if (k == 2)
		memcpy(plain + 5, "19", 2);
	if (k == 3)
		memcpy(plain + 5, "18", 2);
	number(out + 13, 97 - modulo(plain, 97), 2);
	out[15] = '\0';
}

static void
siren(char out[MADE_MAX], uint64_t *state)
{
	pick(out, 8, "123456789", state);
	luhn(out);
}

static void
siret(char out[MADE_MAX], uint64_t *state)
{
	siren(out, state);
	number(out + 9, fixture_random(state, 100), 4);
	out[13] = '\0';
	luhn(out);
}

static void
tax_id(char out[MADE_MAX], uint64_t *state)
{
	pick(out, 1, "0123", state);
	pick(out + 1, 9, "123456789", state);
	number(out + 10, modulo(out, 511), 3);
	out[13] = '\0';
}

static void
fr_vat(char out[MADE_MAX], uint64_t *state)
{
	char s[MADE_MAX];

	siren(s, state);
	memcpy(out, "FR", 2);
	number(out + 2, (12 + 3 * modulo(s, 97)) % 97, 2);
	memcpy(out + 4, s, 10);
}

static void
rib(char out[MADE_MAX], uint64_t *state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char bank[6], branch[6], account[12];
	unsigned sum;

	pick(bank, 5, ten, state);
	pick(branch, 5, ten, state);
	pick(account, 11, ten, state);
	memcpy(out, bank, 5);
	memcpy(out + 5, branch, 5);
	memcpy(out + 10, account, 11);
	/* A letter that counts as the digit in its place. */
	for (size_t i = 0; i < sizeof(letters) - 1; i++) {
		const unsigned v =
		    i < 18 ? (unsigned)i % 9 + 1 : (unsigned)(i - 18) % 9 + 2;

		if (v == digit(account[4]))
			out[14] = letters[i];
	}
	sum = 89 * modulo(bank, 97) + 15 * modulo(branch, 97) +
	    3 * modulo(account, 97);
	number(out + 21, 97 - sum % 97, 2);
	out[23] = '\0';
}

static void
nino(char out[MADE_MAX], uint64_t *state)
{
	pick(out, 1, "ABCEHJLMPRSWXY", state);
	pick(out + 1, 1, "CEHJLMPRSWXY", state);
	pick(out + 2, 6, ten, state);
	pick(out + 8, 1, "ABCD", state);
}

static void
nhs(char out[MADE_MAX], uint64_t *state)
{
	unsigned sum = 0;

	do {
		pick(out, 9, "123456789", state);
		sum = 0;
		for (unsigned i = 0; i < 9; i++)
			sum += (10 - i) * digit(out[i]);
	} while (sum % 11 == 1);
	number(out + 9, (11 - sum % 11) % 11, 1);
	out[10] = '\0';
}

static void
utr(char out[MADE_MAX], uint64_t *state)
{
	static const unsigned weights[] = {6, 7, 8, 9, 10, 5, 4, 3, 2};
	unsigned sum = 0;

	pick(out + 1, 9, ten, state);
	for (unsigned i = 0; i < 9; i++)
		sum += weights[i] * digit(out[i + 1]);
	out[0] = "21987654321"[sum % 11];
}

static void
uk_vat(char out[MADE_MAX], uint64_t *state)
{
	/* Check digits: what is missing to a multiple of 97; since 2009 also
	 * 55 less than that (modulo 97). */
	unsigned sum = fixture_random(state, 2) * 55;

	memcpy(out, "GB", 2);
	pick(out + 2, 7, "123456789", state);
	for (unsigned i = 0; i < 7; i++)
		sum += (8 - i) * digit(out[i + 2]);
	sum = (97 - sum % 97) % 97;
	number(out + 9, sum, 2);
	out[11] = '\0';
}

static void
licence(char out[MADE_MAX], uint64_t *state)
{
	pick(out, 5, "ABCDEFGHJKLMNPRSTWXYZ", state);
	pick(out + 5, 1, ten, state);
	number(out + 6,
	    1 + fixture_random(state, 12) + 50 * fixture_random(state, 2), 2);
	number(out + 8, 1 + fixture_random(state, 28), 2);
	pick(out + 10, 1, ten, state);
	pick(out + 11, 2, "ABCDEFGHJ9", state);
	pick(out + 13, 1, "9876", state);
	pick(out + 14, 2, "ABCDEFGHJ23456789", state);
}

static void
ssn(char out[MADE_MAX], uint64_t *state)
{
	number(out, 1 + fixture_random(state, 600), 3);
	number(out + 3, 1 + fixture_random(state, 99), 2);
	number(out + 5, 1 + fixture_random(state, 9999), 4);
	out[9] = '\0';
}

static void
itin(char out[MADE_MAX], uint64_t *state)
{
	number(out, 900 + fixture_random(state, 100), 3);
	number(out + 3, 70 + fixture_random(state, 19), 2);
	number(out + 5, fixture_random(state, 10000), 4);
	out[9] = '\0';
}

static void
npi(char out[MADE_MAX], uint64_t *state)
{
	char s[MADE_MAX] = "80840";

	pick(s + 5, 1, "12", state);
	pick(s + 6, 8, ten, state);
	luhn(s);
	memcpy(out, s + 5, 11);
}

static void
dea(char out[MADE_MAX], uint64_t *state)
{
	unsigned sum = 0;

	pick(out, 2, "ABFGM", state);
	pick(out + 2, 6, ten, state);
	for (unsigned i = 0; i < 6; i++)
		sum += digit(out[i + 2]) * (i % 2 + 1);
	number(out + 8, sum % 10, 1);
	out[9] = '\0';
}

static void
mbi(char out[MADE_MAX], uint64_t *state)
{
	static const char form[] = "1AX0AX0AA00";

	for (size_t i = 0; i < sizeof(form) - 1; i++)
		pick(out + i, 1,
		    form[i] == '1'	 ? "123456789"
			: form[i] == '0' ? ten
			: form[i] == 'A' ? "ACDEFGHJKMNPQRTUVWXY"
					 : "ACDEFGHJKMNPQRTUVWXY0123456789",
		    state);
}

static void
routing(char out[MADE_MAX], uint64_t *state)
{
	static const unsigned weights[] = {3, 7, 1, 3, 7, 1, 3, 7};
	unsigned sum = 0;

	number(out, 21 + fixture_random(state, 12), 2);
	pick(out + 2, 6, ten, state);
	for (unsigned i = 0; i < 8; i++)
		sum += weights[i] * digit(out[i]);
	number(out + 8, (10 - sum % 10) % 10, 1);
	out[9] = '\0';
}

static void
imei(char out[MADE_MAX], uint64_t *state)
{
	pick(out, 14, "3456789", state);
	luhn(out);
}

const struct made made_rows[] = {
    {"CREDIT_CARD", card, {"16", "4 4 4 4", "4-4-4-4"},
	{"%s", "My card is %s, thanks.", "Ma carte : %s.", "pan=%s"}},
    {"IBAN", iban,
	{"64", "4 4 4 4 4 4 4 4", "2 2 4 4 4 4 4 4 4", "4-4-4-4-4-4-4-4"},
	{"%s", "Pay to %s before Friday.", "Virement vers %s, merci."}},
    {"FR_NIR", nir, {"15", "1 2 2 2 3 3 2", "1-2-2-2-3-3-2", "1 2 2 2 6 2"},
	{"%s", "Mon num\xc3\xa9ro est %s.", "the number %s was sent"}},
    {"FR_SIREN", siren, {"9", "3 3 3"},
	{"SIREN %s", "%s RCS Paris",
	    "immatricul\xc3\xa9"
	    "e sous le %s."}},
    {"FR_SIRET", siret, {"14", "3 3 3 5", "9 5"},
	{"%s", "Siret : %s.", "the company %s signed"}},
    {"FR_TAX_ID", tax_id, {"13", "2 2 3 3 3", "4 3 3 3"},
	{"%s", "num\xc3\xa9ro fiscal %s.", "my number is %s ok"}},
    {"FR_VAT", fr_vat, {"13", "2 2 3 3 3", "4 9"},
	{"%s", "TVA %s.", "invoice by %s today"}},
    {"FR_RIB", rib, {"23", "5 5 11 2", "5-5-11-2", "5 / 5 / 11 / 2"},
	{"%s", "RIB : %s.", "my account is %s ok"}},
    {"UK_NINO", nino, {"9", "2 2 2 2 1", "2-2-2-2-1", "2 6 1"},
	{"%s", "My NI number is %s.", "voir %s svp"}},
    {"UK_NHS_NUMBER", nhs, {"10", "3 3 4", "3-3-4"},
	{"NHS number %s", "%s", "patient %s was seen"}},
    {"UK_UTR", utr, {"10", "5 5", "2 4 4", "3 3 4"},
	{"UTR %s", "my self assessment number: %s.", "%s"}},
    {"UK_VAT", uk_vat, {"11", "2 3 4 2", "2 9"},
	{"%s", "VAT reg %s.", "invoice by %s today"}},
    {"UK_DRIVING_LICENCE", licence, {"16", "5 6 5", "5 6 3 2"},
	{"%s", "licence %s.", "permis anglais %s ok"}},
    {"US_SSN", ssn, {"3-2-4", "3 2 4", "3.2.4"},
	{"%s", "my ssn is %s.", "the id %s was used"}},
    {"US_SSN", ssn, {"9"}, {"SSN %s", "Social Security: %s."}},
    {"US_ITIN", itin, {"9", "3-2-4", "3 2 4"},
	{"ITIN %s", "my taxpayer number is %s."}},
    {"US_NPI", npi, {"10", "4-3-3"}, {"NPI %s", "%s", "provider %s."}},
    {"US_DEA", dea, {"9"}, {"DEA %s", "%s", "prescriber %s."}},
    {"US_MBI", mbi, {"11", "4-3-4", "4 3 4"}, {"%s", "Medicare %s."}},
    {"US_ABA_ROUTING", routing, {"9"}, {"routing %s", "ABA: %s.", "%s"}},
    {"IMEI", imei, {"15", "2-6-6-1", "2 6 6 1"}, {"IMEI %s", "imei: %s."}},
};

const unsigned made_n = TG_COUNT(made_rows);
