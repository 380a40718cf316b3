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
#include "regions/wording.h"

struct tg_evidence_in {
	const struct tg_json *manifest; /* schema: pipeline/run.h */
	const char *manifest_sha256;	/* hex */
	/* NULL: what it decides is "not assessed".  One whose digest is not
	 * the manifest's is refused (TG_E_INTEGRITY). */
	const struct tg_policy *policy;
	/* Array of decision documents (schema: pipeline/decision.h), may be
	 * empty; array of ledger entries of this bundle
	 * {index, type, time}, in order. */
	const struct tg_json *decisions;
	const struct tg_json *ledger;
	/* The legal hold over the bundle (pipeline/holds.h), as
	 * {"id","reviewed":<s>,"past":<bool>}: past its date; NULL: none. */
	const struct tg_json *hold;
	/* What a person found in the sample they read: review.json
	 * (pipeline/review.h), one that counts; NULL: nobody has. */
	const struct tg_json *review;
	const char *status; /* "awaiting-decision", "approved", "refused",
			     * "uploaded", … */
	int64_t now;
	/* The words that the region's folder brings (words.h); NULL: none. */
	const struct tg_wording *wording;
	/* What became of the key of pseudonyms (pseudonym_key.h,
	 * tg_pseudonym_state); NULL: not looked up, which never counts as
	 * destroyed. */
	const struct tg_json *pseudonym_key;
};

#define TG_EVIDENCE_SCHEMA "https://tracegate.dev/evidence/1"

/*
 * tg_evidence_model - evidence.json as a tree: language-neutral (ids, numbers,
 * codes), the same bytes for the same input (tg_json_canonical).
 * TG_E_CONFIG when @in->manifest is no manifest, TG_E_INTEGRITY as above,
 * TG_E_MEMORY.
 */
int tg_evidence_model(struct tg_json **out, const struct tg_evidence_in *in,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_evidence_write - @dir gets evidence.json, evidence.{en,fr}.{html,md}
 * (replaced when there). */
int tg_evidence_write(const char *dir, const struct tg_json *model,
    struct tg_err *err) TG_MUST_CHECK;

/* A requirement that somebody has to answer before approving: its result is
 * "to_confirm" or "not_assessed". */
struct tg_evidence_open {
	int64_t row;	    /* as printed, from 1 */
	const char *id;	    /* "recipient-key-confirmed"; borrowed from the
			     * model, as is result */
	const char *result; /* "to_confirm", "not_assessed" */
};

#define TG_EVIDENCE_ROWS 64 /* rows that a model may hold */

/* tg_evidence_open_rows - the open rows in order into @out of
 * TG_EVIDENCE_ROWS; *@n gets how many.  TG_E_CONFIG when @model is not one of
 * ours (no requirements: never "nothing open"). */
int tg_evidence_open_rows(struct tg_evidence_open out[TG_EVIDENCE_ROWS],
    size_t *n, const struct tg_json *model, struct tg_err *err) TG_MUST_CHECK;

#endif
