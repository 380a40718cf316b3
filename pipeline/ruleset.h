/*
 * ruleset.h - rules and dictionaries from the data folder: redactors/rules/,
 * regions/<r>/identifiers.yaml, regions/<r>/names/.
 *
 * The names and common words of every region are always loaded: people have
 * names of anywhere, and what is no name does not depend on the region.  An
 * export also looks for the identifiers of every region: a French number in a
 * British trace is personal data too; the policy decides what is done to it.
 */
#ifndef TG_PIPELINE_RULESET_H
#define TG_PIPELINE_RULESET_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "policies/policy.h"
#include "redactors/pack_lint.h"
#include "redactors/redactor.h"

#define TG_RULESET_REGIONS 16
#define TG_RULESET_PACKS 16 /* of the user's own */

/* @n 0: the identifiers of every region there is.  TG_E_CONFIG: no such region,
 * a bad rule. */
int tg_ruleset_load(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, struct tg_err *err) TG_MUST_CHECK;

/* The same, and the user's own packs @pack[0..n_pack) after them (one that is
 * among them already is not added twice): rules are added, none is taken away.
 * TG_E_CONFIG also for an id that is there already.
 */
int tg_ruleset_load_more(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, const char *const *pack, size_t n_pack,
    struct tg_err *err) TG_MUST_CHECK;

/* The rule packs that @policy names in /redaction/packs, relative to the folder
 * of the project's file @project; *@n of them in @pack (room for
 * TG_RULESET_PACKS), strings in @mem.  TG_E_CONFIG: too many, or there is no
 * project that could have named them. */
int tg_ruleset_packs(const char **pack, size_t *n, const struct tg_policy *p,
    const char *project, struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;

/* The same with one pack of the user's, every error in a rule handed on
 * (redactors/pack_lint.h).  A pack that is in the data folder itself is not
 * added a second time; its region's identifiers are. */
int tg_ruleset_check(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, const char *pack,
    struct tg_complaints *complaints, struct tg_err *err) TG_MUST_CHECK;

/* "uk,fr" to a list of folder names in @region (pointers into @text's copy
 * @hold, freed by the caller); TG_E_USAGE. */
int tg_ruleset_regions(const char *text, char **hold, const char **region,
    size_t *n, struct tg_err *err) TG_MUST_CHECK;

#endif
