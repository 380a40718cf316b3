/*
 * seam_block.h - secrets that are longer than what is looked at around a seam:
 * a private key (RFC 7468: lines of base64 between two lines of words), a token
 * of thousands of letters.  Known by a word of TG_SEAM_BLOCK_WORD bytes and
 * more; the block is the long words that follow each other around the seam, and
 * the words in front and behind.
 */
#ifndef TG_PIPELINE_SEAM_BLOCK_H
#define TG_PIPELINE_SEAM_BLOCK_H

#include "base/sv.h"

#define TG_SEAM_BLOCK (16u << 10) /* bytes of one side, at most */
#define TG_SEAM_BLOCK_WORD 32u

/* Where the block begins that goes on at @at; @at: there is none. */
size_t tg_seam_block_start(struct tg_sv s, size_t at);
/* Where the block ends that goes on from @at. */
size_t tg_seam_block_end(struct tg_sv s, size_t at);

/* The line that begins a private key, or ends it, may be at @at. */
bool tg_seam_block_mark(struct tg_sv s, size_t at);

#endif
