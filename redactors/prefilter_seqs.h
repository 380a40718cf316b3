/*
 * prefilter_seqs.h - sets of bytes, and the sequences of them that a pattern
 * may begin with.  Where there are too many, those most alike become one that
 * covers both.
 */
#ifndef TG_REDACTORS_PREFILTER_SEQS_H
#define TG_REDACTORS_PREFILTER_SEQS_H

#include "redactors/prefilter.h"

void tg_bytes_add(struct tg_bytes *s, unsigned c);
void tg_bytes_range(struct tg_bytes *s, unsigned a, unsigned b);
void tg_bytes_union(struct tg_bytes *s, const struct tg_bytes *o);
void tg_bytes_not(struct tg_bytes *s);
unsigned tg_bytes_count(const struct tg_bytes *s);
/* Letters in both cases. */
void tg_bytes_fold(struct tg_bytes *s);

struct tg_seqs {
	size_t n;
	struct tg_pf_seq s[TG_PF_ALTS];
};

/* The empty sequence alone. */
void tg_seqs_empty(struct tg_seqs *a);
/* a := a b; whether anything can still grow. */
bool tg_seqs_concat(struct tg_seqs *a, const struct tg_seqs *b);
void tg_seqs_union(struct tg_seqs *a, const struct tg_seqs *b);
/* @x, @min to @max times. */
void tg_seqs_repeat(
    struct tg_seqs *out, const struct tg_seqs *x, uint32_t min, uint32_t max);

#endif
