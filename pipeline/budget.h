/*
 * budget.h - how much may leave in a calendar month (UTC) from one state
 * folder: /budget/warn_gb_per_month, /budget/cap_gb_per_month.  A gigabyte is
 * 10^9 bytes.
 *
 * What left is what the ledger has as export.done, by its time.  What an upload
 * that was interrupted has sent is counted when it is done.
 */
#ifndef TG_PIPELINE_BUDGET_H
#define TG_PIPELINE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/ledger/ledger.h"
#include "policies/policy.h"

struct tg_budget {
	uint64_t month; /* bytes, those that are to leave included */
	bool warn;
	char say[160]; /* the sentence of BUD-WARN; "" without */
};

/* "budget" of the manifest (run.h); NULL when out of memory, or the policy
 * lacks the leaves. */
struct tg_json *tg_budget_json(const struct tg_policy *p) TG_MUST_CHECK;

/*
 * tg_budget_judge - whether @bytes more may leave in a month in which @gone
 * have, by "budget" of @manifest.  TG_E_NO, BUD-CAP.
 */
int tg_budget_judge(struct tg_budget *out, const struct tg_json *manifest,
    uint64_t gone, uint64_t bytes, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_budget_check - judges the files of @bundle (a folder) with what @l has of
 * the month of @now.  A manifest without a budget asks nothing.  As
 * tg_budget_judge; TG_E_IO; the errors of tg_ledger_each.
 */
int tg_budget_check(struct tg_budget *out, const struct tg_json *manifest,
    const char *bundle, struct tg_ledger *l, int64_t now, struct tg_err *err)
    TG_MUST_CHECK;

#endif
