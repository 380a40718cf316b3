/*
 * scope.h - the four settings of a Gemma Scope wrapper manifest as a layer:
 *
 *	{"sample_rate": 0.01, "max_tokens_capture": 800,
 *	 "retention_days": 14, "export_target": "s3://lab/traces/"}
 *
 * any of them, no others.  They tighten the policy and never loosen it
 * (design, section 6):
 *
 *	sample_rate         caps /sampling/rate_default and /sampling/rate_max
 *	max_tokens_capture  caps /limits/max_tokens_per_trace
 *	retention_days      caps every /retention/data/<class>/max_days, and is
 *	                    kept as /retention/asked_days, so that a job of a
 *	                    class that allows less is refused, not shortened;
 *	                    over the longest class it is E-RELAX at once
 *	export_target       fixes /targets/export_target
 */
#ifndef TG_POLICIES_SCOPE_H
#define TG_POLICIES_SCOPE_H

#include "policies/layer.h"

#define TG_SCOPE_MAX (64u << 10) /* bytes of the file */

/*
 * tg_scope_open - reads @path over what @parent says.  TG_E_CONFIG
 * "FILE:line:col: ..." (no JSON object, unknown key, wrong value, E-RELAX,
 * E-LOCKED), TG_E_IO, TG_E_MEMORY.
 */
int tg_scope_open(struct tg_layer *out, const char *path, const char *name,
    const struct tg_leaves *parent, struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;

#endif
