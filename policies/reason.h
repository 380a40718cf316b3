/*
 * reason.h - reasons of a "no", written by the gate's rules.
 */
#ifndef TG_POLICIES_REASON_H
#define TG_POLICIES_REASON_H

#include "policies/compiled.h"
#include "policies/gate.h"

struct tg_gate {
	const struct tg_policy *p;
	const struct tg_policy_job *job;
	struct tg_reasons *out;
};

/* Adds a reason about @path; TG_E_LIMIT when full. */
int tg_reason_add(struct tg_gate *g, const char *code, const char *path,
    struct tg_err *err, const char *fmt, ...) TG_MUST_CHECK TG_PRINTF(5, 6);

/* Controls that have @r's code and speak of its leaf; if none does both, those
 * that have the code. */
void tg_reason_controls(const struct tg_policy *p, struct tg_reason *r);

/* Appends ", item"; what does not fit shows as "...". */
void tg_reason_append(char out[TG_REASON_TEXT], const char *item);

#endif
