/*
 * compiled.h - what struct tg_policy is, for the files of policies/ alone.
 */
#ifndef TG_POLICIES_COMPILED_H
#define TG_POLICIES_COMPILED_H

#include "policies/control.h"
#include "policies/layer.h"
#include "policies/policy.h"

#define TG_POLICY_REGIONS 16
#define TG_POLICY_MEMORY (64u << 20) /* bytes of one compiled policy */

struct tg_policy {
	struct tg_arena mem;
	struct tg_reference ref;
	/* base, the regions by code, project, scope, exceptions: those there
	 * are. */
	struct tg_layer *layer;
	size_t n_layer;
	/* Of base and of the regions. */
	struct tg_controls *controls;
	size_t n_controls;
	struct tg_leaves leaves; /* the effective policy */
	struct tg_leaf *leaf;	 /* the same, as shown */
	struct tg_policy_file *file;
	size_t n_file;
	struct tg_sv canonical;
	char sha256[TG_SHA256_HEX];
};

/* The leaf or, with TG_E_CONFIG "E-NO-SUCH-LEAF", NULL. */
const struct tg_pval *tg_compiled_need(
    const struct tg_policy *p, const char *path, struct tg_err *err);

#endif
