/*
 * evidence.h - the evidence pack: one model (evidence.json), written as HTML
 * and Markdown in English and French.  Every figure is measured (from the
 * manifest), declared by someone, or printed as "not assessed".
 */
#ifndef TG_REPORT_EVIDENCE_H
#define TG_REPORT_EVIDENCE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "policies/policy.h"

struct tg_evidence_in {
	const struct tg_json *manifest; /* schema: pipeline/run.h */
	const char *manifest_sha256;	/* hex */
	const struct tg_policy *policy;
	/* Array of decision documents (schema: pipeline/decision.h), may be
	 * empty; array of ledger entries of this bundle
	 * {index, type, time}, in order. */
	const struct tg_json *decisions;
	const struct tg_json *ledger;
	const char *status; /* "awaiting-decision", "approved", "refused",
			     * "uploaded", … */
	int64_t now;
};

/* tg_evidence_model - evidence.json as a tree. */
int tg_evidence_model(struct tg_json **out, const struct tg_evidence_in *in,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_evidence_write - @dir gets evidence.json, evidence.{en,fr}.{html,md}
 * (replaced when there). */
int tg_evidence_write(const char *dir, const struct tg_json *model,
    struct tg_err *err) TG_MUST_CHECK;

#endif
