/* pack_check.h - policy check of rule packs: everything wrong, with its place.
 */
#ifndef TG_CLI_PACK_CHECK_H
#define TG_CLI_PACK_CHECK_H

#include "cli/cmd.h"
#include "policies/policy.h"

struct tg_pack_checked {
	size_t rules, errors, warnings;
};

/* Whether the file says by its keys that it is a rule pack. */
bool tg_pack_is(const char *path);

/*
 * tg_pack_check - @path beside the packs of @region (none: of every region),
 * as scan --pack would load it.  Each error and warning is a note
 * "file:line:col: ..."; an error makes it TG_E_CONFIG.  @src: the policies
 * whose actions the pack's types get, one region at a time: an action that
 * keeps or pseudonymises is an error where the region asks for anonymisation.
 */
int tg_pack_check(struct tg_pack_checked *out, struct tg_cli *cli,
    const char *path, const struct tg_policy_src *src) TG_MUST_CHECK;

#endif
