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
 * the like (log probabilities of OpenAI: also "bytes"; of vLLM: under the id),
 * or arrays of these.  An array of content may have other values among them:
 * then the strings are also read without these, whole numbers and what is in
 * arrays inside also as part of the text, and each piece by itself, because
 * nobody can say how the array was meant.
 */
#ifndef TG_PIPELINE_TOKENS_H
#define TG_PIPELINE_TOKENS_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/walk.h"

/* Whether array @i (or an object with the keys "0", "1"...) of content is one
 * of tokens: by the name it stands under, by the marks of its strings, by the
 * "token" of its objects. */
bool tg_tokens_here(const struct tg_walk *w, uint32_t i);

/* Array @i, all its tokens.  @strict, of a field that holds nothing else: the
 * tokens may be in arrays of arrays; numbers, and kinds mixed, are no tokens
 * that can be read: TG_E_INPUT. */
int tg_tokens_collect(struct tg_walk *w, uint32_t i, bool strict,
    struct tg_err *err) TG_MUST_CHECK;

/* Whether array @i holds the ids of tokens: text that cannot be read here. */
bool tg_tokens_ids(const struct tg_walk *w, uint32_t i);

#endif
