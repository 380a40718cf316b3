/*
 * ptest.h - tests of policies as data (*.test.yaml, "tracegate.policytest/1"):
 * a job and what the gate must say of it, with the exact set of reason codes;
 * or a floor, that the effective policy must not fall below.
 *
 *	schema: tracegate.policytest/1
 *	defaults: {purpose: ..., legal_basis: ...}    # of every job
 *	cases:
 *	  - {name: ..., policy: [uk], project: FILE, job: {...},
 *	     expect: {decision: allow|deny|error, reasons: [...]}}
 *	  - {name: ..., policy: [uk], floor: {limits: {...}}}   # of a policy
 *
 * "error" is a policy that must not compile; its reason is a part of the
 * error's text.  A project file is looked for beside the test file.
 *
 * Coverage is by mutation (policy-and-evidence.md 4.9): each leaf of a region's
 * effective policy is loosened one step, each member of a set by itself, and a
 * case of that region must fail; else the leaf is named.
 */
#ifndef TG_POLICIES_PTEST_H
#define TG_POLICIES_PTEST_H

#include "policies/policy.h"

#define TG_PTEST_CASES 4096 /* of a file */

struct tg_ptest_seen {
	const char *file; /* as opened */
	uint32_t line;
	const char *name; /* of the case, or the path of an unprotected leaf */
	bool ok;
	const char *why; /* "" when ok */
};
typedef void tg_ptest_fn(void *ctx, const struct tg_ptest_seen *seen);

struct tg_ptest_sum {
	size_t cases, failed;	    /* a case without an answer has failed */
	size_t leaves, unprotected; /* of the coverage; 0 when not asked for */
	size_t fixed; /* leaves that are as loose as they can be */
};

/*
 * tg_ptest_run - runs the cases of @path and adds to *sum; @src gives the
 * folders.  With @coverage also the mutants of each set of regions that has a
 * case in the file.  TG_E_CONFIG "file:line:col: ..." when the file is wrong.
 */
int tg_ptest_run(struct tg_ptest_sum *sum, const char *path, bool coverage,
    const struct tg_policy_src *src, tg_ptest_fn *each, void *ctx,
    struct tg_err *err) TG_MUST_CHECK;

#endif
