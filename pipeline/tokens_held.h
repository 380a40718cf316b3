/*
 * tokens_held.h - an array of tokens among the texts of a record: rows of a
 * table of tokens ([["\u0120my","\u0120AB12"],["3456","C"]]), a context that
 * goes on in the next, a text that goes on in tokens.  seams.h reads it as one
 * text, joined in the plain spelling as it came; a finding across a seam takes
 * every token it touches.  The tokens of a row that is an element itself are
 * texts of their own too, each with those of its column.
 */
#ifndef TG_PIPELINE_TOKENS_HELD_H
#define TG_PIPELINE_TOKENS_HELD_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/tokens_strike.h"

/* Array @t, all its own findings told or struck, has its place among the texts
 * of the record. */
int tg_held_add(const struct tg_tokens *t, struct tg_err *err) TG_MUST_CHECK;

/* Before the seams: the arrays of @r are read when one can go on in another. */
int tg_held_open(struct tg_record *r, struct tg_err *err) TG_MUST_CHECK;

/* Bytes [*start, *end) of the joined text @t to the tokens they are in; the
 * blank in front of the first stays. */
void tg_held_widen(const struct tg_text *t, uint32_t *start, uint32_t *end);

/* What became of the joined texts of @r becomes of their tokens.  Once, when
 * nothing more is found. */
int tg_held_settle(struct tg_record *r, struct tg_err *err) TG_MUST_CHECK;

#endif
