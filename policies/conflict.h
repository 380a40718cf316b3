/*
 * conflict.h - what is wrong with an effective policy although each file and
 * each merge is right (policy-and-evidence.md 4.2, compile-time
 * contradictions).  TG_E_CONFIG with the places of both values:
 * E-CONFLICT, E-EMPTY, E-CLAIM-LEVEL, E-CLAIM-FREETEXT, E-CLAIM-OPERATOR,
 * E-CLAIM-ACTIVATIONS, E-RELAX (what is asked for is looser than its floor).
 */
#ifndef TG_POLICIES_CONFLICT_H
#define TG_POLICIES_CONFLICT_H

#include "policies/layer.h"

int tg_conflict_check(const struct tg_leaves *leaves, struct tg_err *err)
    TG_MUST_CHECK;

/* "file:line:col: code: path: value what: other path and value (file:line)" */
int tg_conflict_pair(const struct tg_pval *v, const char *code,
    const char *what, const struct tg_pval *other, struct tg_err *err);
/* "file:line:col: E-CONFLICT: path: value what" */
int tg_conflict_alone(
    const struct tg_pval *v, const char *what, struct tg_err *err);
/* conflict_activations.c: the part about /activations. */
int tg_conflict_activations(const struct tg_leaves *leaves, struct tg_err *err)
    TG_MUST_CHECK;
/* conflict_operators.c: the part about /redaction/detectors. */
int tg_conflict_operators(const struct tg_leaves *leaves, struct tg_err *err)
    TG_MUST_CHECK;

#endif
