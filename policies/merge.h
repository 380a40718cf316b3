/*
 * merge.h - the merge rules (policy-and-evidence.md 4.1, 4.2).
 *
 * extend: a child over its parent may only tighten.  meet: two laws over one
 * base apply at once, the strictest wins; the order of the two does not
 * count.  Of three, each grouping that is not refused gives the same; one may
 * be refused where a third law would settle what two cannot agree on.  Errors
 * are TG_E_CONFIG with the place of both values: E-RELAX, E-LOCKED,
 * E-INCOMPARABLE, E-EMPTY.
 */
#ifndef TG_POLICIES_MERGE_H
#define TG_POLICIES_MERGE_H

#include "policies/layer.h"

/* *out = @parent tightened by @child; both sorted, so is the result. */
int tg_merge_extend(struct tg_leaves *out, const struct tg_leaves *parent,
    const struct tg_layer *child, struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;

/* *out = the strictest of @a and @b, leaf by leaf. */
int tg_merge_meet(struct tg_leaves *out, const struct tg_leaves *a,
    const struct tg_leaves *b, struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;

#endif
