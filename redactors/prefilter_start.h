/*
 * prefilter_start.h - where a sequence may begin, for all sequences and the
 * bytes of a block at once.
 *
 * The first bytes of the sequences are gathered in buckets, by likeness: a
 * byte is in a bucket's set iff its low and its high nibble are (a superset of
 * the bytes).  Two table look-ups a byte, position and eight buckets tell which
 * buckets go on.  The AVX2 pass and its scalar twin give the same bits.
 */
#ifndef TG_REDACTORS_PREFILTER_START_H
#define TG_REDACTORS_PREFILTER_START_H

#include <stddef.h>
#include <stdint.h>

#include "redactors/prefilter.h"

#define TG_PF_START 7	 /* bytes looked at */
#define TG_PF_SHAPES 128 /* kept apart while sequences are added */

/* Nibbles of the bytes of each position. */
struct tg_pf_shape {
	uint16_t lo[TG_PF_START], hi[TG_PF_START];
};

struct tg_pf_shapes {
	size_t n;
	struct tg_pf_shape s[TG_PF_SHAPES];
	double cost[TG_PF_SHAPES]; /* of bytes that fit, as estimated */
};

/* Sixteen buckets of sequences that begin where no word goes on, sixteen of
 * those that may follow a letter or digit. */
enum {
	TG_PF_LOOSE,
	TG_PF_LOOSE_TOO,
	TG_PF_GLUED,
	TG_PF_GLUED_TOO,
	TG_PF_TABLES
};

struct tg_pf_start {
	struct tg_pf_shapes loose, glued;
	uint8_t lo[TG_PF_TABLES][TG_PF_START][16];
	uint8_t hi[TG_PF_TABLES][TG_PF_START][16];
};

/* @s is zero at first.  The more unlike the sequences, the more starts. */
void
tg_pf_start_add(struct tg_pf_start *s, const struct tg_pf_seq *seq, bool glued);
/* All are in. */
void tg_pf_start_ready(struct tg_pf_start *s);

/* @loose, @glued: one bit for each of the 64 * @blocks bytes from @at on; @n:
 * bytes of the text.  Chosen by tg_marks_avx2. */
void tg_pf_start_run(const struct tg_pf_start *s, uint64_t *loose,
    uint64_t *glued, const char *p, size_t n, size_t at, size_t blocks);

#endif
