/*
 * explain.h - a match and what speaks for it (struct tg_why).
 */
#ifndef TG_REDACTORS_EXPLAIN_H
#define TG_REDACTORS_EXPLAIN_H

#include "redactors/scan.h"

/* The words around a match (context.h); empty when nobody looked. */
struct tg_explain {
	struct tg_sv before, after, key;
	bool context; /* the rule's context was found */
	bool whole;   /* the match is all of the text */
	uint8_t minimum;
};

/* Everything of @out but the fate. */
void tg_explain(struct tg_why *out, const struct tg_rules *r,
    const struct tg_match *m, const struct tg_explain *e);

#endif
