/*
 * tokens_strike.h - the pieces of one array while it is looked at (tokens.c),
 * and what becomes of those that go.
 */
#ifndef TG_PIPELINE_TOKENS_STRIKE_H
#define TG_PIPELINE_TOKENS_STRIKE_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/aligned.h"
#include "pipeline/spell.h"
#include "pipeline/tokens_find.h"

/* Numbers are part of a value or stand beside it. */
#define TG_NUMBER_SHORT 1u /* identifies no one */
#define TG_NUMBER_LONG 2u  /* may */
#define TG_NUMBER_ALL (TG_NUMBER_SHORT | TG_NUMBER_LONG)

struct tg_piece {
	struct tg_token_at at;
	struct tg_trace_text said; /* a number: its digits */
	struct tg_sv bytes;	   /* what its "bytes" spell, else empty */
	struct tg_sv by;	   /* when struck */
	uint8_t number;		   /* TG_NUMBER_..., of a number */
	struct tg_spell_form form; /* as it came */
	bool struck;
	bool seen; /* in a finding that was told, or stays */
};

/* What is looked at. */
struct tg_token_view {
	enum tg_spelling how;
	bool bytes;	  /* with the bytes */
	unsigned numbers; /* TG_NUMBER_...: their digits; others are nothing */
	bool nested;	  /* what is in arrays inside; else nothing */
	uint32_t only;	  /* this piece; UINT32_MAX: joined */
};

struct tg_tokens {
	struct tg_walk *w;
	uint32_t array;
	struct tg_piece *piece;
	uint32_t n;
	uint32_t *off;	 /* n + 1 offsets in the joined text */
	uint32_t *plain; /* the same in the plain spelling: what is told; NULL
			  * when nobody listens */
	struct tg_spell_traits traits;
	bool keep_marks;  /* known as tokens by their marks alone */
	bool bytes;	  /* some bytes say something else than the string */
	unsigned numbers; /* TG_NUMBER_... among them */
	bool nested;	  /* the same */
	bool pairs;	  /* an array of arrays with one piece each */
	bool alone;	  /* each is looked at by itself too */
	unsigned round;
	struct tg_token_view now;
	struct tg_text whole;
	struct tg_aligned beside;
};

/* Whether piece @k is part of what is looked at.  A number that was struck is a
 * string from then on. */
bool tg_tokens_in_view(const struct tg_tokens *t, uint32_t k);

/* The first of @n tokens that ends behind byte @at; token k is bytes [off[k],
 * off[k + 1]).  @n: none. */
uint32_t tg_tokens_at(const uint32_t *off, uint32_t n, uint32_t at);

/* tokens.c: the array as it came, in the plain spelling, in the pass's scratch
 * and its offsets in t->off. */
int tg_tokens_join_again(struct tg_tokens *t, struct tg_err *err) TG_MUST_CHECK;

/* What is looked at of tokens [a, b] goes, the first becomes @by (good as long
 * as the record), the rest ""; what says the same goes along (aligned.h). */
int tg_tokens_strike(struct tg_tokens *t, uint32_t a, uint32_t b,
    struct tg_sv by, struct tg_err *err) TG_MUST_CHECK;

/* The whole array goes. */
int tg_tokens_strike_all(
    struct tg_tokens *t, struct tg_sv by, struct tg_err *err) TG_MUST_CHECK;

#endif
