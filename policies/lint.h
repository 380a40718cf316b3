/*
 * lint.h - what in a compiled policy has aged, against a clock handed in.
 */
#ifndef TG_POLICIES_LINT_H
#define TG_POLICIES_LINT_H

#include <stdbool.h>
#include <stdint.h>

#include "policies/policy.h"

struct tg_policy_warning {
	const char *code; /* NOT-IN-FORCE, REVIEW-DUE, REVIEW-PASSED, REF-STALE,
			   * REF-EXPIRED */
	bool fatal; /* REVIEW-PASSED, REF-EXPIRED: a run should not start */
	const char *file; /* as in the digest list */
	uint32_t line;
	const char *text; /* valid during the call */
};

/*
 * tg_policy_lint - calls @warn for each warning; returns how many there were.
 * REVIEW-DUE from 30 days before review_by, REVIEW-PASSED after it; REF-STALE
 * when the reference sets are older than they say they stay fresh;
 * REF-EXPIRED when a dated entry of a set has ended (policy-and-evidence.md
 * 4.2, XC-07).
 */
size_t tg_policy_lint(const struct tg_policy *p, int64_t now,
    void (*warn)(void *ctx, const struct tg_policy_warning *w), void *ctx);

#endif
