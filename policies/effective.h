/*
 * effective.h - the effective policy as bytes: canonical JSON and its digest.
 *
 *	{"leaves":{"/path":value,...},"schema":"tracegate.effective/1"}
 *
 * Keys sorted; whole numbers as numbers, ratios as their shortest decimal text
 * ("0.05"), flags as true and false, sets as sorted arrays.  Nothing in it
 * depends on a directory or on the order of the regions.
 */
#ifndef TG_POLICIES_EFFECTIVE_H
#define TG_POLICIES_EFFECTIVE_H

#include "base/json.h"
#include "policies/compiled.h"

/* Fills canonical and sha256 of @p from its leaves.  TG_E_MEMORY. */
int tg_effective_seal(struct tg_policy *p, struct tg_err *err) TG_MUST_CHECK;

/* The value of one leaf in that form; NULL when out of memory. */
struct tg_json *tg_effective_value(const struct tg_pval *v);

#endif
