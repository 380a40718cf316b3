/*
 * prefilter_cols.h - what may stand at each of the first bytes of a match,
 * whatever stands at the others.
 *
 * Sequences (prefilter_seqs.h) tell the order of bytes and end where there are
 * too many of them; columns go on to the end.  Both hold for every match.
 */
#ifndef TG_REDACTORS_PREFILTER_COLS_H
#define TG_REDACTORS_PREFILTER_COLS_H

#include "redactors/prefilter.h"

struct tg_cols {
	uint16_t ends; /* bit n: may have n bytes; TG_PF_LEN: or more */
	struct tg_bytes at[TG_PF_LEN];
};

void tg_cols_empty(struct tg_cols *c); /* the empty text alone */
void tg_cols_single(struct tg_cols *c, const struct tg_bytes *set);
/* @c := @c, then @x @min to @max times. */
void tg_cols_concat(
    struct tg_cols *c, const struct tg_cols *x, uint32_t min, uint32_t max);
/* @c := @c or @x. */
void tg_cols_union(struct tg_cols *c, const struct tg_cols *x);
/* Takes from the sequences of @h what no match has. */
void tg_cols_sharpen(struct tg_pf_head *h, const struct tg_cols *c);

#endif
