/*
 * sampled.h - the draw of a run, written down so that it can be done again.
 *
 * sample.txt (private to the run: 0600, for its auditor):
 *	"tracegate-sample/1 <64 hex: the sampling key>"
 *	then a line for each identity that was read, by ascending number:
 *	"<16 hex: its number> <units read> <units kept>"
 *
 * An identity is what is drawn as a whole: a trace id, a session, a person,
 * else the unit's own bytes.  Its number is BLAKE2b-64 of it under the sampling
 * key (little-endian), and the rate decides by the number alone; of an identity
 * that was drawn fewer units are kept where a cap took the rest.
 *
 * There is no identity in the list, but who has it can try out a guessed one,
 * for the key is in it: so the manifest and the ledger hold digests only, of
 * the list and, before reading, of the key.  docs/REPLAY.md.
 */
#ifndef TG_PIPELINE_SAMPLED_H
#define TG_PIPELINE_SAMPLED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/digest.h"
#include "base/err.h"

struct tg_sampled {
	int fd;	    /* what was added, in the order of reading; no name */
	char *path; /* of sample.txt */
	struct tg_buf block;
	uint64_t n;  /* units added */
	size_t hold; /* slots for numbers, a power of two; 0: 2^20 */
	/* after tg_sampled_finish: */
	uint64_t seen, drawn; /* identities */
	char sha256[TG_SHA256_HEX];
};

/* @path: of sample.txt; a scratch file beside it has no name from the start.
 * TG_E_IO, TG_E_MEMORY. */
int tg_sampled_init(struct tg_sampled *s, const char *path, struct tg_err *err)
    TG_MUST_CHECK;
void tg_sampled_deinit(struct tg_sampled *s);

/* A unit with the number @h was read, and kept or not. */
int tg_sampled_add(struct tg_sampled *s, uint64_t h, bool kept,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_sampled_finish - the list, in constant memory: the numbers spread evenly,
 * so a range of them at a time is held and written.
 */
int tg_sampled_finish(struct tg_sampled *s, const uint8_t key[TG_KEY_LEN],
    uint64_t rate_ppb, struct tg_err *err) TG_MUST_CHECK;

struct tg_sampled_row {
	uint64_t number, read, kept;
};

/*
 * sampled_read.c: the row of identity @id in the list at @path.  1: *out; 0:
 * not one that was read (its number is in *out all the same); -1: *@gone, there
 * is no list (TG_E_IO); TG_E_INTEGRITY, it is none.
 */
int tg_sampled_find(struct tg_sampled_row *out, const char *path,
    struct tg_trace_text id, bool *gone, struct tg_err *err) TG_MUST_CHECK;

/* Every row of the list at @path to @each, in order of the numbers; what @each
 * returns when it is not 0 ends it.  tg_sampled_find's errors. */
int tg_sampled_each(const char *path,
    int (*each)(void *ctx, const struct tg_sampled_row *row), void *ctx,
    bool *gone, struct tg_err *err) TG_MUST_CHECK;

/* s20_sample.c: whether @h is below @rate_ppb of all numbers; the number of an
 * identity under the sampling key. */
bool tg_sample_below(uint64_t h, uint64_t rate_ppb);
uint64_t
tg_sample_number(const uint8_t key[TG_KEY_LEN], struct tg_trace_text id);

#endif
