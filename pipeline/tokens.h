/*
 * tokens.h - arrays of token strings.  A match may span tokens, so they are
 * scanned joined, with the offset of each; a finding takes every token it
 * touches: the first gets the replacement, the rest become "", the array keeps
 * its length (trace-formats 3, 5.4).
 */
#ifndef TG_PIPELINE_TOKENS_H
#define TG_PIPELINE_TOKENS_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/stage.h"

/* Node @i is the array.  Elements that are no strings are not tokens: the array
 * is TG_E_INPUT. */
int tg_tokens_collect(struct tg_pass *p, struct tg_record *r, uint32_t i,
    uint32_t unit, struct tg_err *err) TG_MUST_CHECK;

/* Appends what a token spells: U+2581 and U+0120 are a space, U+010A and U+23CE
 * a line end, <0xNN> a byte, <bos> and <eos> a line end. */
int tg_tokens_spell(struct tg_buf *out, struct tg_trace_text token,
    struct tg_err *err) TG_MUST_CHECK;

#endif
