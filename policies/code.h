/*
 * code.h - the table of reason codes (codes.def).
 */
#ifndef TG_POLICIES_CODE_H
#define TG_POLICIES_CODE_H

#include <stddef.h>

#include "policies/gate.h"

struct tg_code {
	const char *code;  /* "SMP-OUT" */
	const char *stage; /* "sample" */
	const char *rule;  /* leaf, may hold {class}; or "" */
};

/* NULL when there is none; row @i, NULL past the end. */
const struct tg_code *tg_code_find(const char *code);
const struct tg_code *tg_code_at(size_t i);

/*
 * tg_code_reason - {stage, code, rule, control} of @code under the policy: the
 * leaf that decides with its value's file and line, and the controls behind
 * it.  @class: the retention class of the job, for {class}; may be "".
 * False when there is no such code; @out->detail stays empty.
 */
bool tg_code_reason(struct tg_reason *out, const struct tg_policy *p,
    const char *code, const char *class) TG_MUST_CHECK;

#endif
