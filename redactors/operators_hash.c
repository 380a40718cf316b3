/* operators_hash.c - equal values get equal text; who has no key learns
 * neither the value nor whether a guess is right. */
#include "base/enc.h"
#include "redactors/fold.h"
#include "redactors/operators_priv.h"
#include "redactors/token.h"

#include "base/banned.h"

#define DIGEST 32
#define SURROGATE_MAX 40 /* characters; the rest of a long value is cut */
#define FAIR 250	 /* bytes below it fall evenly on ten letters */

static bool
alnum(char c)
{
	return tg_digit(c) || (c >= 'a' && c <= 'z') ||
	    (unsigned char)c >= 0x80;
}

/* One code point of @value at @i, folded, in small letters; bytes written. */
static int
fold_at(char to[8], struct tg_sv value, size_t i, size_t *len)
{
	const unsigned char *p = (const unsigned char *)value.p + i;
	int n = tg_fold(tg_fold_decode(p, value.n - i, len), to);

	if (n == TG_FOLD_MARK)
		return 0;
	if (n == TG_FOLD_KEEP) {
		memcpy(to, p, *len);
		return (int)*len;
	}
	for (int k = 0; k < n; k++)
		if (to[k] >= 'A' && to[k] <= 'Z')
			to[k] = (char)(to[k] + ('a' - 'A'));
	return n;
}

/* Letters and digits alone, in place. */
static void
pack(struct tg_buf *b, size_t from)
{
	size_t m = from;

	for (size_t i = from; i < b->n; i++)
		if (alnum(b->p[i]))
			b->p[m++] = b->p[i];
	b->n = m;
}

int
tg_operator_canonical(
    struct tg_buf *out, struct tg_sv value, struct tg_err *err)
{
	const size_t from = out->n;
	size_t digits = 0, letters = 0, len;

	for (size_t i = 0; i < value.n; i += len) {
		char to[8];
		const int n = fold_at(to, value, i, &len);

		for (int k = 0; k < n; k++) {
			digits += tg_digit(to[k]);
			letters += alnum(to[k]) && !tg_digit(to[k]);
			if (to[k] == '\n' || to[k] == '\t')
				to[k] = ' ';
			if (to[k] == ' ' && out->n > from &&
			    out->p[out->n - 1] == ' ')
				continue;
			if (tg_buf_addc(out, to[k], err) < 0)
				return -1;
		}
	}
	if (digits > letters)
		pack(out, from);
	return 0;
}

static void
derive(uint8_t sub[TG_KEY_LEN], const char *label, const char *type,
    const uint8_t *key)
{
	tg_crypt_derive(sub, key, label, tg_sv_of(type));
}

void
tg_operator_digest(uint8_t out[16], const char *label, const char *type,
    struct tg_sv canonical, const uint8_t *key)
{
	uint8_t sub[TG_KEY_LEN];

	derive(sub, label, type, key);
	tg_crypt_blake2b(out, 16, canonical.p, canonical.n, sub);
	tg_crypt_wipe(sub, sizeof(sub));
}

bool
tg_operator_hash(struct tg_buf *out, const char *label, const char *type,
    struct tg_sv canonical, const uint8_t *key, size_t bytes)
{
	uint8_t digest[16];
	char text[(sizeof(digest) * 8 + 4) / 5 + 1];

	tg_operator_digest(digest, label, type, canonical, key);
	tg_base32(text, digest, bytes < 16 ? bytes : 16);
	return tg_buf_adds(out, text, NULL) == 0;
}

/* An endless row of numbers below ten: BLAKE2b of a counter. */
struct stream {
	uint8_t key[TG_KEY_LEN], block[64];
	uint64_t count;
	size_t at;
};

static unsigned
next(struct stream *s)
{
	for (;;) {
		if (s->at == sizeof(s->block)) {
			uint8_t n[8];

			for (int i = 0; i < 8; i++)
				n[i] = (uint8_t)(s->count >> (8 * i));
			s->count++;
			tg_crypt_blake2b(
			    s->block, sizeof(s->block), n, sizeof(n), s->key);
			s->at = 0;
		}
		if (s->block[s->at++] < FAIR)
			return s->block[s->at - 1] % 10u;
	}
}

static char
surrogate(struct stream *s, char c)
{
	if (tg_digit(c))
		return TG_TOKEN_DIGITS[next(s)];
	if (alnum(c))
		return TG_TOKEN_LETTERS[next(s)];
	return strchr(TG_TOKEN_BETWEEN, c) != NULL ? c : '_';
}

/* A digit becomes one of ten letters, a letter one of ten others, separators
 * stay; the key of the stream is the keyed hash of the value. */
bool
tg_operator_tokenise(struct tg_buf *out, const char *type, struct tg_sv value,
    struct tg_sv canonical, const uint8_t *key)
{
	struct stream s = {.at = sizeof(s.block)};
	uint8_t sub[TG_KEY_LEN];
	size_t chars = 0, len;
	bool ok = true;

	derive(sub, "redactors/tokenise", type, key);
	tg_crypt_blake2b(s.key, sizeof(s.key), canonical.p, canonical.n, sub);
	for (size_t i = 0; i < value.n && chars < SURROGATE_MAX && ok;
	     i += len) {
		char to[8] = {0};
		const int n = fold_at(to, value, i, &len);

		if (n == 0)
			continue;
		ok = tg_buf_addc(out, surrogate(&s, to[0]), NULL) == 0;
		chars++;
	}
	tg_crypt_wipe(sub, sizeof(sub));
	tg_crypt_wipe(&s, sizeof(s));
	return ok && chars > 0;
}
