/*
 * check.h - one file of the policy language, checked alone and, where its
 * parents are at hand, merged.
 */
#ifndef TG_POLICIES_CHECK_H
#define TG_POLICIES_CHECK_H

#include "policies/policy.h"

struct tg_policy_checked {
	const char *kind; /* "base", "region", "project", "reference",
			   * "controls", "wording" */
	size_t n;    /* leaves, sets, controls or sentences examined; never 0 */
	bool merged; /* also merged with base (and region), contradictions
		      * looked for */
};

/*
 * tg_policy_check_file - what @path is, its "schema" and "layer" say.
 * @src: where the parents are (policy_dir, region_dir; region: what a project
 * is meant for); NULL, or a policy_dir without a base.yaml: the file alone.
 * A region's file is merged as it is at @path, whatever stands in region_dir.
 * The controls that it names are those of controls.yaml beside it, else of the
 * region of its id in region_dir.
 *
 * TG_E_CONFIG with file:line:col: what is wrong; TG_E_IO, TG_E_MEMORY.
 */
int tg_policy_check_file(struct tg_policy_checked *out, const char *path,
    const struct tg_policy_src *src, struct tg_err *err) TG_MUST_CHECK;

#endif
