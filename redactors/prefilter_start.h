/*
 * prefilter_start.h - where a sequence may begin that may follow a letter or
 * digit, so that its start is no start of a word.
 *
 * The first bytes of all such sequences, in eight buckets: a byte is in a
 * bucket's set iff its low and its high nibble are (a superset of the bytes).
 * Two table look-ups a byte and position tell all buckets at once; the AVX2
 * pass and its scalar twin give the same bits.
 */
#ifndef TG_REDACTORS_PREFILTER_START_H
#define TG_REDACTORS_PREFILTER_START_H

#include <stddef.h>
#include <stdint.h>

#define TG_PF_START 3 /* bytes looked at */

struct tg_pf_seq;

struct tg_pf_start {
	uint8_t lo[TG_PF_START][16], hi[TG_PF_START][16];
	size_t n; /* buckets in use */
};

/* Adds a sequence; the more unlike the earlier ones, the more it costs. */
void tg_pf_start_add(struct tg_pf_start *s, const struct tg_pf_seq *seq);

/* @out: one bit for each of the 64 * @blocks bytes from @at on; @n: bytes of
 * the text.  Chosen by tg_marks_avx2. */
void tg_pf_start_run(const struct tg_pf_start *s, uint64_t *out, const char *p,
    size_t n, size_t at, size_t blocks);

#endif
