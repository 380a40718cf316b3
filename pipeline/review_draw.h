/*
 * review_draw.h - the records that a person reads before an export leaves
 * (review.h): drawn, shown, answered.
 *
 * state/runs/<run>/private/review.json, 0600: {"manifest_sha256","population",
 * "items":[{"record","part","offset","size","sha256","shown","types":[…]}]},
 * in the order they are read.  "types" is there when it was answered: what was
 * found, nothing when nothing was.  No text.
 *
 * Drawn are the records with the least rank, the first 8 bytes (big-endian) of
 * BLAKE2b keyed with HKDF-like (base/crypt.h) derive(seed, "review/1",
 * manifest_sha256) over the record's number (8 bytes, big-endian, from 0): the
 * seed was committed before anything was read, the manifest says what was
 * sealed, so nobody chooses.  A larger sample holds the smaller one.
 *
 * What is read is what was sealed: the records of the spool give the root over
 * all records that the manifest signs.
 */
#ifndef TG_PIPELINE_REVIEW_DRAW_H
#define TG_PIPELINE_REVIEW_DRAW_H

#include "base/buf.h"
#include "pipeline/runs.h"

#define TG_REVIEW_DRAWN_MAX 100000u
#define TG_REVIEW_TEXT_MAX (64u << 20) /* bytes of one record */
#define TG_REVIEW_TYPE_MAX 32	       /* bytes of a type */

struct tg_review_draw {
	char *dir, *path; /* of the run; of the file */
	struct tg_json *doc, *items;
	size_t n;
};

/*
 * tg_review_draw_open - what was drawn of @run, with the answers so far; drawn
 * when it was not.  @again: drawn anew and held against it (TG_E_INTEGRITY:
 * something was put in its place).  Free it.
 * TG_E_NO: the redacted records or the seed are no longer there;
 * TG_E_INTEGRITY: they are not what was sealed; TG_E_LIMIT, TG_E_IO,
 * TG_E_MEMORY.
 */
int tg_review_draw_open(struct tg_review_draw *out,
    const struct tg_run_ref *run, bool again, struct tg_err *err) TG_MUST_CHECK;
void tg_review_draw_free(struct tg_review_draw *d);

/* The first that was not answered; d->n: all were. */
size_t tg_review_draw_next(const struct tg_review_draw *d);
/* Answered records, and those of them in which something was found. */
void tg_review_draw_count(
    const struct tg_review_draw *d, size_t *examined, size_t *found);
/* The bytes of record @i, appended, as they leave; of an array file its
 * header.  TG_E_INTEGRITY: not what was drawn. */
int tg_review_draw_text(struct tg_buf *out, const struct tg_review_draw *d,
    size_t i, struct tg_err *err) TG_MUST_CHECK;
/* It was shown: kept with the next answer, or by tg_review_draw_keep. */
int tg_review_draw_shown(struct tg_review_draw *d, size_t i, struct tg_err *err)
    TG_MUST_CHECK;
int tg_review_draw_keep(const struct tg_review_draw *d, struct tg_err *err)
    TG_MUST_CHECK;
/* It was answered: @type are what was found in it.  Kept before it returns.
 * TG_E_USAGE: no type; TG_E_NO: not shown. */
int tg_review_draw_answer(struct tg_review_draw *d, size_t i,
    const char *const *type, size_t n, struct tg_err *err) TG_MUST_CHECK;

#endif
