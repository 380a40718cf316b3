/*
 * features_priv.h - between features.c (units), features_values.c (numbers) and
 * features_bare.c (none of them).
 */
#ifndef TG_PIPELINE_FEATURES_PRIV_H
#define TG_PIPELINE_FEATURES_PRIV_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/walk.h"

/* One unit with tokens. */
struct tg_cut {
	struct tg_walk w;
	uint32_t tokens;     /* its array */
	uint32_t n;	     /* of tokens */
	uint32_t keep;	     /* before the first that was struck */
	const uint8_t *gone; /* 1 where one goes alone; NULL: none does */
	bool cut;	     /* one was struck */
	bool left;	     /* a number that is not 0 */
};

/* Whether the numbers of token @k stay. */
static inline bool
tg_cut_stays(const struct tg_cut *c, double k)
{
	return k >= 0 && k < (double)c->keep &&
	    (c->gone == NULL || c->gone[(uint32_t)k] == 0);
}

/* features_topk.c: what is above topk_max goes: of the lists of unit @unit, and
 * of @list of the features of one token. */
int
tg_cut_topk(struct tg_cut *c, uint32_t unit, struct tg_err *err) TG_MUST_CHECK;
int tg_cut_topk_list(struct tg_cut *c, uint32_t list, struct tg_err *err)
    TG_MUST_CHECK;

/* The number at node @i; 0: none. */
double tg_cut_value(const struct tg_cut *c, uint32_t i);
/* Node @i becomes the JSON @by (copied). */
int tg_cut_put(struct tg_cut *c, uint32_t i, struct tg_sv by,
    struct tg_err *err) TG_MUST_CHECK;
/* Node @i does not leave. */
void tg_cut_lose(struct tg_cut *c, uint32_t i);
/* What unit @unit says of attention does not leave. */
void tg_cut_attention(struct tg_cut *c, uint32_t unit);
/* An object of numbers beside the tokens, and what is derived of them; *@left:
 * one of the numbers is not 0. */
int tg_cut_object(struct tg_cut *c, uint32_t i, bool *left, struct tg_err *err)
    TG_MUST_CHECK;
/* Every fraction below @i with as many bits as the policy says. */
int
tg_cut_coarse(struct tg_cut *c, uint32_t i, struct tg_err *err) TG_MUST_CHECK;
/* Unit @unit, whose tokens are no objects, without its numbers; *@why: it goes
 * as a whole. */
int tg_cut_bare(struct tg_cut *c, uint32_t unit, const char **why,
    struct tg_err *err) TG_MUST_CHECK;

#endif
