/*
 * ruleset.h - the rules and dictionaries of a list of regions, from the data
 * folder: redactors/rules/ *.yaml, regions/<r>/identifiers.yaml,
 * regions/<r>/names/.
 */
#ifndef TG_PIPELINE_RULESET_H
#define TG_PIPELINE_RULESET_H

#include "base/attr.h"
#include "base/err.h"
#include "redactors/redactor.h"

#define TG_RULESET_REGIONS 16

/* TG_E_CONFIG: no such region, a bad rule. */
int tg_ruleset_load(struct tg_rules **out, const char *data_dir,
    const char *const *region, size_t n, struct tg_err *err) TG_MUST_CHECK;

/* "uk,fr" to a list of folder names in @region (pointers into @text's copy
 * @hold, freed by the caller); TG_E_USAGE. */
int tg_ruleset_regions(const char *text, char **hold, const char **region,
    size_t *n, struct tg_err *err) TG_MUST_CHECK;

#endif
