/*
 * loosen.h - mutants of an effective policy: one leaf, one step looser.
 */
#ifndef TG_POLICIES_LOOSEN_H
#define TG_POLICIES_LOOSEN_H

#include "policies/compiled.h"

/* How many ways leaf @i has to be one step looser: a number or a word 1 (0 at
 * its loosest), a set of what is demanded one a member, a set of what is
 * allowed 1 (a member too many). */
size_t tg_loosen_ways(const struct tg_policy *p, size_t i);

/* What leaf @i was, to be put back. */
struct tg_loosened {
	struct tg_pval was;
	struct tg_leaf leaf;
};

/* Loosens leaf @i the @way-th way; memory from the policy.  TG_E_MEMORY. */
int tg_loosen(struct tg_loosened *keep, struct tg_policy *p, size_t i,
    size_t way, struct tg_err *err) TG_MUST_CHECK;
void tg_loosen_back(struct tg_policy *p, size_t i, const struct tg_loosened *k);

#endif
