#include "base/laplace.h"

#include <string.h>

#include "base/banned.h"

#define ROUNDS 1000

/* 1 with the chance e^(-num / den), num at most den: algorithm 1.  A coin of
 * num / (den k) is two: num / den and 1 / k. */
static bool
exp_minus(const struct tg_dice *d, uint64_t num, uint64_t den)
{
	uint64_t k = 1;

	while (d->below(d->ctx, den) < num && d->below(d->ctx, k) == 0)
		k++;
	return k % 2 == 1;
}

bool
tg_laplace_round(int64_t *out, const struct tg_dice *d, uint64_t t, uint64_t s)
{
	const uint64_t u = d->below(d->ctx, t);
	uint64_t v = 0, y;

	if (!exp_minus(d, u, t))
		return false;
	while (v < ROUNDS && exp_minus(d, 1, 1))
		v++;
	y = (u + t * v) / s;
	if (d->below(d->ctx, 2) == 0)
		*out = (int64_t)y;
	else if (y == 0) /* zero has one sign */
		return false;
	else
		*out = -(int64_t)y;
	return true;
}

int64_t
tg_laplace(const struct tg_dice *d, uint64_t t, uint64_t s)
{
	int64_t z;

	while (!tg_laplace_round(&z, d, t, s))
		;
	return z;
}

static uint8_t
byte(struct tg_laplace_stream *s)
{
	if (s->left == 0) {
		uint8_t count[8];

		for (unsigned i = 0; i < sizeof(count); i++)
			count[i] = (uint8_t)(s->block >> (8 * i));
		tg_crypt_blake2b(
		    s->bytes, sizeof(s->bytes), count, sizeof(count), s->key);
		s->block++;
		s->left = sizeof(s->bytes);
	}
	return s->bytes[sizeof(s->bytes) - s->left--];
}

/* As many bits as n - 1 has; thrown again when they are too much. */
uint64_t
tg_laplace_below(void *stream, uint64_t n)
{
	struct tg_laplace_stream *s = stream;
	const uint64_t most = n - 1;
	const unsigned bits =
	    most == 0 ? 0 : 64 - (unsigned)__builtin_clzll(most);
	const uint64_t mask = bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
	uint64_t v;

	do {
		v = 0;
		for (unsigned i = 0; i < bits; i += 8)
			v = v << 8 | byte(s);
		v &= mask;
	} while (v > most);
	return v;
}
