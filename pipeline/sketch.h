/*
 * sketch.h - what a text can be recognised by when it comes again nearly the
 * same: MinHash (Broder 1997) of its shingles under a secret key, in bands
 * (Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, 3.4).
 *
 * A shingle is three words in a row.  A word is a run of ASCII letters, digits
 * and other characters of one or two bytes in UTF-8, without regard to the case
 * of ASCII letters; each character of three or four bytes is one by itself, for
 * scripts that write no spaces.  A text of fewer words is one shingle.
 *
 * Two texts share a band with probability 1 - (1 - s^8)^16, s the share of
 * shingles that they have in common: .9999 at s = 0.9, .95 at 0.8, .06 at 0.5,
 * .001 at 0.3.  That is what "near-duplicate" means here.
 *
 * Of the text nothing can be read from a band without the key; who has it can
 * try out whole texts.
 */
#ifndef TG_PIPELINE_SKETCH_H
#define TG_PIPELINE_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"

#define TG_SKETCH_WORDS 3
#define TG_SKETCH_BANDS 16
#define TG_SKETCH_ROWS 8
#define TG_SKETCH_HASHES (TG_SKETCH_BANDS * TG_SKETCH_ROWS)
#define TG_SKETCH_BAND 15 /* bytes of a band, keyed SipHash */

struct tg_sketch {
	uint8_t word_key[TG_SHORT_KEY], band_key[TG_SHORT_KEY];
	uint64_t join[TG_SKETCH_WORDS]; /* of words to a shingle, odd */
	uint32_t flip[TG_SKETCH_HASHES], times[TG_SKETCH_HASHES];
	bool wide; /* the processor has AVX2 */
	/* of the text that is read */
	uint32_t min[TG_SKETCH_HASHES];
	uint64_t word[TG_SKETCH_WORDS];
	uint64_t n; /* words */
};

void tg_sketch_init(struct tg_sketch *s, const uint8_t key[TG_KEY_LEN]);
void tg_sketch_begin(struct tg_sketch *s);
/* A piece of the text; no word goes on in the next piece. */
void tg_sketch_add(struct tg_sketch *s, const char *p, size_t n);
/* The bands; false: there was no word. */
bool tg_sketch_end(
    struct tg_sketch *s, uint8_t band[TG_SKETCH_BANDS][TG_SKETCH_BAND]);

#endif
