/*
 * prefilter_walk.h - the beginnings of all rules as one automaton.
 *
 * From a start it reads a few bytes and says "nothing begins here" or "look
 * closer"; it reads on only while a beginning still fits.  Where there would be
 * too many states it says "look closer" earlier: bigger rule sets cost time,
 * never findings.
 */
#ifndef TG_REDACTORS_PREFILTER_WALK_H
#define TG_REDACTORS_PREFILTER_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "redactors/prefilter.h"

#define TG_PF_WORDS (TG_PF_MAX / 64)
#define TG_PF_STATES 8000

/* Bit k: sequence k. */
struct tg_pf_rows {
	uint64_t row[TG_PF_LEN][257][TG_PF_WORDS]; /* may have the byte there;
						    * 256: behind the end */
	uint64_t over[TG_PF_LEN + 1][TG_PF_WORDS]; /* has no more bytes */
	uint64_t all[TG_PF_WORDS];
	uint64_t glued[TG_PF_WORDS]; /* may follow a letter or digit */
};

struct tg_pf_walk {
	size_t n_class, n_state;
	unsigned shift;	    /* a row of next has 1 << shift places */
	uint16_t root[2];   /* any, glued only */
	uint16_t *next;	    /* state times class; dead and maybe stay so */
	uint8_t class[256]; /* of a byte */
};

enum { TG_PF_DEAD, TG_PF_MAYBE };

/* TG_E_MEMORY; @w is to be zero before and freed after in any case. */
int tg_pf_walk_make(struct tg_pf_walk *w, const struct tg_pf_rows *r,
    struct tg_err *err) TG_MUST_CHECK;
void tg_pf_walk_free(struct tg_pf_walk *w);

static inline unsigned
tg_pf_walk_step(const struct tg_pf_walk *w, unsigned s, unsigned char c)
{
	return w->next[(size_t)s << w->shift | w->class[c]];
}

/* Whether a sequence may go on from state @s at @p, @n bytes before the end. */
static inline bool
tg_pf_walk_may(
    const struct tg_pf_walk *w, unsigned s, const unsigned char *p, size_t n)
{
	for (size_t k = 0; s > TG_PF_MAYBE; k++) {
		if (k == n)
			return true;
		s = tg_pf_walk_step(w, s, p[k]);
	}
	return s != TG_PF_DEAD;
}

#endif
