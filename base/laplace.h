/*
 * laplace.h - discrete Laplace noise, exactly: whole-number arithmetic alone,
 * no floating point, so that no low bit tells what was added to what (Mironov,
 * "On significance of the least significant bits for differential privacy",
 * 2012).
 *
 * P(z) = (e^(1/b) - 1) / (e^(1/b) + 1) * e^(-|z|/b), b = t / s.
 * Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential
 * Privacy", NeurIPS 2020 (arXiv:2004.00010), algorithms 1 and 2; that noise of
 * scale D/epsilon added to whole numbers that one subject changes by at most D
 * in sum is epsilon-differentially private: Ghosh, Roughgarden, Sundararajan,
 * "Universally utility-maximizing privacy mechanisms", 2009.
 */
#ifndef TG_BASE_LAPLACE_H
#define TG_BASE_LAPLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"

/* Where chance comes from. */
struct tg_dice {
	/* Evenly 0 to @n - 1; @n at least 1. */
	uint64_t (*below)(void *ctx, uint64_t n);
	void *ctx;
};

#define TG_LAPLACE_MAX (1ull << 50) /* largest t and s */

/*
 * tg_laplace - noise of scale @t / @s, both 1 to TG_LAPLACE_MAX (the caller has
 * checked).  It is cut at 1,000 times the scale, which comes with a chance
 * below e^-1000.
 */
int64_t
tg_laplace(const struct tg_dice *dice, uint64_t t, uint64_t s) TG_MUST_CHECK;

/* One round of it; false: thrown away, to be done again.  For tests. */
bool tg_laplace_round(int64_t *out, const struct tg_dice *dice, uint64_t t,
    uint64_t s) TG_MUST_CHECK;

/* A stream of a secret key: BLAKE2b-512 of a counter under it.  The same key
 * gives the same stream; the key is wiped by the caller. */
struct tg_laplace_stream {
	uint8_t key[TG_KEY_LEN];
	uint64_t block;
	uint8_t bytes[64];
	unsigned left; /* of bytes */
};

/* tg_dice.below of a struct tg_laplace_stream. */
uint64_t tg_laplace_below(void *stream, uint64_t n);

#endif
