/*
 * tokens_find.h - which arrays are tokens, and where in them a piece stands.
 *
 * A piece is a string, an object with one, null, a whole number, or any of
 * these in an array inside.  What else stands among them (true, a fraction, an
 * object that says no token) is no piece: the pieces around it are neighbours.
 */
#ifndef TG_PIPELINE_TOKENS_FIND_H
#define TG_PIPELINE_TOKENS_FIND_H

#include "pipeline/walk.h"

/* Where one piece stands. */
struct tg_token_at {
	uint32_t element; /* ordinal in the array */
	uint32_t node;	  /* the string, number, object or null */
	uint32_t text;	  /* its string, number or bytes; UINT32_MAX: null */
	bool number;	  /* of pairs none: these are figures of the token */
	bool nested;	  /* in an array inside that is none of a pair */
	bool wrapped;	  /* in an object under the token's id (vLLM) */
	bool bytes;	  /* an array of bytes, no string beside it */
};

/* The way through an array. */
struct tg_token_way {
	uint32_t array;
	uint32_t next;	/* node to look at */
	uint32_t ahead; /* elements so far */
	bool pairs;	/* an array of arrays with one piece each */
};

/* Before the first piece of @array. */
struct tg_token_way tg_tokens_begin(const struct tg_jdoc *d, uint32_t array);

/* The next piece; false: no more.  Arrays inside that hold pieces, as arrays of
 * tokens themselves, are marked with TG_MARK_TOKEN on the way. */
bool tg_tokens_next(
    struct tg_jdoc *d, struct tg_token_way *way, struct tg_token_at *at);

/* The pieces of @array, or a few more. */
uint32_t tg_tokens_most(struct tg_jdoc *d, uint32_t array);

/* A text begins as only tokens do (U+2581, U+0120, "##", "<0x").  The text of a
 * message may begin with "<|": that tells of none @in_object. */
bool tg_tokens_marked(struct tg_sv raw, bool in_object);

/* The name that array @i stands under says that it holds tokens. */
bool tg_tokens_named(const struct tg_jdoc *d, uint32_t i);

/* The first element of array @i that is no string, no object with one, not
 * null; UINT32_MAX. */
uint32_t tg_tokens_odd(const struct tg_jdoc *d, uint32_t i);

#endif
