/*
 * tensor_filter.h - a tensor file as it leaves: the rows of the tokens that
 * stay, in constant memory, in the order of the official writer.
 *
 * keep[c] is how many tokens of context c stay, from its beginning; 0: the
 * context is gone.  Every tensor loses the same: the axis b keeps the contexts
 * that are not gone, the axes p and q are as long as the longest that stays,
 * and in a shorter one the rest is zero (token ids: mask_id), told by the
 * tensor redaction_mask (U8, 1: taken out).  A token that is struck alone is
 * zero (its id: mask_id) in its place; of a bare context the ids stay and all
 * numbers are zero (redaction_mask 2: the token stays, its numbers do not).
 * Entries of a coordinate list that point at what is gone are left out; in a
 * table of examples they become -1 and 0; contexts are numbered anew.
 */
#ifndef TG_PIPELINE_SOURCES_TENSOR_FILTER_H
#define TG_PIPELINE_SOURCES_TENSOR_FILTER_H

#include "pipeline/sources/tensor_roles.h"

/* A set of numbers as bits; @bits NULL: the empty one. */
static inline bool
tg_bits_has(const uint8_t *bits, uint64_t i)
{
	return bits != NULL && (bits[i / 8] >> (i % 8) & 1) != 0;
}

static inline void
tg_bits_add(uint8_t *bits, uint64_t i)
{
	bits[i / 8] |= (uint8_t)(1u << (i % 8));
}

struct tg_tensor_filter {
	const struct tg_tensor_file *file;
	const struct tg_tensor_roles *roles;
	int fd;
	const bool *drop;     /* of each tensor */
	const uint32_t *keep; /* of each context of the roles */
	/* Bit c * positions + p: token p of context c is struck alone.  NULL:
	 * none. */
	const uint8_t *struck;
	const bool *bare; /* of each context; NULL: none */
	uint64_t mask_id;
	/* Bits of the value of a feature (sae_topk) that stay, the most
	 * significant; the rest are 0.  0: all.  Not a protection: the policy's
	 * value_bits (trace-formats 5.3). */
	unsigned value_bits;
	/* Bit i: entry i of the coordinate list or of the tables is one too
	 * many (tensor_topk.h), gone like one whose token is.  NULL: none. */
	const uint8_t *over;
	const struct tg_tensor_meta *meta; /* that leaves */
	size_t n_meta;
	bool has_meta;
	int (*put)(void *ctx, const void *p, size_t n, struct tg_err *err);
	void *ctx;
	uint64_t bytes; /* set: written */
};

/* tensor_stays.c: whether token @p of context @c stays, as a token. */
bool
tg_tensor_token_stays(const struct tg_tensor_filter *x, uint64_t c, uint64_t p);
/* Whether its numbers stay; those of the first @n tokens. */
bool tg_tensor_stays(const struct tg_tensor_filter *x, uint64_t c, uint64_t p);
bool
tg_tensor_all_stay(const struct tg_tensor_filter *x, uint64_t c, uint64_t n);
/*
 * Whether tensor @i can be filtered: false for a coordinate list or a table
 * without its companions, or rows that are no whole bytes.  The caller drops
 * such a tensor.
 */
bool tg_tensor_filter_can(const struct tg_tensor_filter *x, size_t i);
/* TG_E_INPUT when the file is not what its header says any more; TG_E_IO,
 * TG_E_MEMORY, and what put fails with. */
int tg_tensor_filter_run(struct tg_tensor_filter *x, struct tg_err *err)
    TG_MUST_CHECK;

#endif
