#include "redactors/validator.h"

#include "base/banned.h"

static const struct tg_validator table[] = {
#define TG_VALIDATOR(name, source) {#name, tg_validator_##name, source},
#include "redactors/validators.def"
#undef TG_VALIDATOR
};

static const char *const names[] = {
#define TG_VALIDATOR(name, source) #name,
#include "redactors/validators.def"
#undef TG_VALIDATOR
    NULL};

const struct tg_validator *
tg_validator_find(struct tg_sv name)
{
	for (size_t i = 0; i < TG_COUNT(table); i++)
		if (tg_sv_is(name, table[i].name))
			return &table[i];
	return NULL;
}

const char *const *
tg_validator_names(void)
{
	return names;
}

size_t
tg_validator_digits(
    unsigned char *d, size_t max, size_t *at, const char *p, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			continue;
		if (m == max)
			return 0;
		if (at != NULL)
			at[m] = i + 1;
		d[m++] = (unsigned char)(p[i] - '0');
	}
	return m;
}

size_t
tg_validator_alnums(char *out, size_t max, size_t *at, const char *p, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')))
			continue;
		if (m == max)
			return 0;
		if (at != NULL)
			at[m] = i + 1;
		out[m++] = c;
	}
	return m;
}

bool
tg_validator_luhn(const unsigned char *d, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned v = d[n - 1 - i];

		if (i % 2 == 1) {
			v *= 2;
			if (v > 9)
				v -= 9;
		}
		sum += v;
	}
	return sum % 10 == 0;
}

unsigned long long
tg_validator_number(const unsigned char *d, size_t n)
{
	unsigned long long v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + d[i];
	return v;
}
