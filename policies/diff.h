/*
 * diff.h - what changed between two effective policies, leaf by leaf, and
 * whether each change is stricter.
 *
 * A change that is not provably stricter is never called so: a set that gained
 * one thing and lost another, another locked word, or a field's operator on
 * another branch is TG_DIFF_APART, and who asks for "nothing looser" counts it
 * as looser.
 */
#ifndef TG_POLICIES_DIFF_H
#define TG_POLICIES_DIFF_H

#include "base/json.h"
#include "policies/policy.h"

enum tg_diff_way { TG_DIFF_TIGHTER, TG_DIFF_LOOSER, TG_DIFF_APART, TG_DIFF_N };

struct tg_diff_count {
	size_t examined; /* leaves of either */
	size_t way[TG_DIFF_N];
};

/*
 * tg_diff_text - a line a changed leaf: way, path, old -> new or the members
 * that came (+) and went (-), where it is said now and by which source
 * (policy-and-evidence.md 4.8).  A leaf that only one of them has is compared
 * with what holds where nothing is said.  TG_E_MEMORY, TG_E_LIMIT.
 */
int tg_diff_text(struct tg_buf *out, struct tg_diff_count *n,
    const struct tg_policy *old, const struct tg_policy *new,
    struct tg_err *err) TG_MUST_CHECK;

/* The same as an array of {way, path, old, new, added, removed, file, line,
 * source}; the caller's.  TG_E_MEMORY. */
int tg_diff_json(struct tg_json **out, struct tg_diff_count *n,
    const struct tg_policy *old, const struct tg_policy *new,
    struct tg_err *err) TG_MUST_CHECK;

#endif
