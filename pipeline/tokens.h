/*
 * tokens.h - arrays of token strings.  A match may span tokens, so they are
 * scanned joined, with the offset of each, in every spelling that could read
 * differently (spell.h); a finding takes every token it touches: the first gets
 * the replacement, the rest become "", the array keeps its length
 * (trace-formats 3, 5.4).  Where the marks of blanks alone told that they are
 * tokens, these stay, so that the next reader knows it too.  What says the same
 * of a token goes with it: the bytes, the id and the alternatives in its
 * object, the entry at its place in an array of the same length beside it.
 *
 * Tokens are strings, objects with a string under "token", "text", "str" or
 * the like (log probabilities of OpenAI: also "bytes"), or arrays of these.
 */
#ifndef TG_PIPELINE_TOKENS_H
#define TG_PIPELINE_TOKENS_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/walk.h"

/* Set on a node whose text was looked at joined. */
#define TG_MARK_TOKEN 2u

/* Whether array @i of content is one of tokens: by the name it stands under, by
 * the marks of its strings, by the "token" of its objects. */
bool tg_tokens_here(const struct tg_walk *w, uint32_t i);

/* Array @i, all its tokens.  Numbers, and kinds mixed, are no tokens that can
 * be read: TG_E_INPUT. */
int tg_tokens_collect(struct tg_walk *w, uint32_t i, struct tg_err *err)
    TG_MUST_CHECK;

/* The same for an array of content that tg_tokens_here() is true of.  A number
 * between the pieces is of the value or stands beside it: both are looked at.
 * What else has no string is passed over, and stays to be walked. */
int tg_tokens_content(struct tg_walk *w, uint32_t i, struct tg_err *err)
    TG_MUST_CHECK;

/* Whether array @i holds the ids of tokens: text that cannot be read here. */
bool tg_tokens_ids(const struct tg_walk *w, uint32_t i);

#endif
