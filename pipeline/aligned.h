/*
 * aligned.h - what stands beside a token and says the same: its bytes, its id,
 * the alternatives to it.  In its own object, and at its place in the arrays of
 * the same length beside the array of tokens ("token_ids", "top_logprobs" of
 * the older completions API).
 */
#ifndef TG_PIPELINE_ALIGNED_H
#define TG_PIPELINE_ALIGNED_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/walk.h"

#define TG_ALIGNED_MAX 8 /* arrays beside; more are TG_E_INPUT */

/* The arrays beside one array of tokens, found once. */
struct tg_aligned {
	bool ready;
	uint32_t n;
	uint32_t array[TG_ALIGNED_MAX];
	const uint32_t *element[TG_ALIGNED_MAX]; /* node of each element */
};

/* Token @k of @array, element @node, was struck; @text is its string.  Bytes
 * and ids become null, alternatives an empty list or object, a string that
 * repeats the token "".  Fractions (a log probability) and offsets stay. */
int tg_aligned_strike(struct tg_aligned *a, struct tg_walk *w, uint32_t array,
    uint32_t k, uint32_t node, uint32_t text, struct tg_err *err) TG_MUST_CHECK;

#endif
