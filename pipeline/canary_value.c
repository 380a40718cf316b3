#include "pipeline/canary_value.h"

#include <string.h>

#include "redactors/validator.h"
#include "base/banned.h"

/* A check of three digits is met once in a thousand draws; so many times the
 * expected number fail with a chance of e^-64. */
#define TRIES 64000
#define BLOCK 64 /* bytes of chance at a time */

#define STRUCTURED TG_CANARY_STRUCTURED
#define FREE_TEXT TG_CANARY_FREE_TEXT
#define ALL false
#define AS_IS true
#define GOOD(validator) #validator, true
#define FORM(validator) #validator, false
#define NONE NULL, false
#define CANARY(type, class, as_is, check, template, en, fr) \
	{type, class, as_is, check, template, {en, fr}},
static const struct tg_canary_row rows[] = {
#include "pipeline/canaries.def"
};
#undef CANARY

/* Of the dictionaries of regions/; put together they are nobody. */
static const char *const given[] = {"Harriet", "Oliver", "Isabelle", "Thomas",
    "Camille", "Imogen", "Gareth", "Nathalie", "Marcel", "Rosalind", "Antoine",
    "Beatrice"};
static const char *const surname[] = {"Whitfield", "Barrett", "Lefebvre",
    "Dupont", "Hargreaves", "Moreau", "Thornton", "Rousseau", "Ashworth",
    "Fontaine", "Pemberton", "Chevalier"};
static const char *const town[] = {"Sheffield", "Grenoble", "Leeds", "Toulouse",
    "Nottingham", "Strasbourg", "Cardiff", "Montpellier"};

struct chance {
	uint8_t key[TG_KEY_LEN];
	uint64_t no, block;
	uint8_t byte[BLOCK];
	size_t at;
};

const struct tg_canary_row *
tg_canary_row(size_t i)
{
	return i < TG_COUNT(rows) ? &rows[i] : NULL;
}

/* 0 to @n - 1, @n at most 64; the same chance for each to within 1 in 2^10. */
static unsigned
below(struct chance *c, unsigned n)
{
	unsigned v;

	if (c->at + 2 > BLOCK) {
		const uint64_t from[2] = {c->no, c->block++};

		tg_crypt_blake2b(
		    c->byte, sizeof(c->byte), from, sizeof(from), c->key);
		c->at = 0;
	}
	v = (unsigned)c->byte[c->at] << 8 | c->byte[c->at + 1];
	c->at += 2;
	return v % n;
}

static bool
put(struct tg_canary_value *v, const char *s, size_t n)
{
	if (n >= sizeof(v->text) - v->n)
		return false;
	memcpy(v->text + v->n, s, n);
	v->n += n;
	v->text[v->n] = '\0';
	return true;
}

/* What stands for one sign of a template. */
static bool
sign(struct tg_canary_value *v, char c, struct chance *by)
{
	static const char all[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *word = NULL, *one = all;

	switch (c) {
	case '#':
		one += below(by, 10);
		break;
	case '!':
		one += 1 + below(by, 9);
		break;
	case '^':
		one += 10 + below(by, 26);
		break;
	case '~':
		one += 36 + below(by, 26);
		break;
	case '%':
		one += below(by, 62);
		break;
	case '|':
		one = &"0123456789abcdef"[below(by, 16)];
		break;
	case '$':
		word = given[below(by, TG_COUNT(given))];
		break;
	case '&':
		word = surname[below(by, TG_COUNT(surname))];
		break;
	case '*':
		word = town[below(by, TG_COUNT(town))];
		break;
	default:
		one = &c;
	}
	return word == NULL ? put(v, one, 1) : put(v, word, strlen(word));
}

/* The number behind a sign, as "{12}"; 1 without. */
static unsigned
times(const char **at)
{
	unsigned n = 0;

	if ((*at)[1] != '{')
		return 1;
	for (*at += 2; **at != '}'; (*at)++)
		n = 10 * n + (unsigned)(**at - '0');
	return n;
}

static bool
fill(struct tg_canary_value *v, const char *template, struct chance *by)
{
	*v = (struct tg_canary_value){.n = 0};
	for (const char *at = template; *at != '\0'; at++) {
		const char c = *at;

		if (c == '[') {
			v->start = v->n;
		} else if (c == ']') {
			v->end = v->n;
		} else {
			for (unsigned n = times(&at); n > 0; n--)
				if (!sign(v, c, by))
					return false;
		}
	}
	if (v->end == 0)
		v->end = v->n;
	return true;
}

static bool
valid(const struct tg_canary_row *row, const struct tg_canary_value *v)
{
	const struct tg_validator *check;
	const size_t n = v->end - v->start;
	struct tg_cut cut = {0, n};
	enum tg_checked said;

	if (row->validator == NULL)
		return true;
	check = tg_validator_find(tg_sv_of(row->validator));
	if (check == NULL)
		return false;
	said = check->run(v->text + v->start, n, &cut);
	return (said == TG_CHECK_GOOD ||
		   (said == TG_CHECK_PLAIN && !row->good)) &&
	    cut.skip == 0 && cut.end == n;
}

int
tg_canary_draw(struct tg_canary_value *out, const struct tg_canary_row *row,
    const uint8_t key[TG_KEY_LEN], uint64_t no, struct tg_err *err)
{
	struct chance by = {.no = no, .at = BLOCK};
	int rc = -1;

	tg_crypt_derive(by.key, key, "canary", tg_sv_of(row->template));
	for (unsigned i = 0; i < TRIES && rc < 0; i++) {
		if (!fill(out, row->template, &by))
			break;
		if (valid(row, out))
			rc = 0;
	}
	if (rc < 0)
		(void)tg_fail(err, TG_E_BUG, "canaries.def: no value of %s",
		    row->template);
	tg_crypt_wipe(&by, sizeof(by));
	return rc;
}
