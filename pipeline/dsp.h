/*
 * dsp.h - U.S. persons whose data one foreign recipient has got within a window
 * of days, against /us_dsp: 28 CFR 202.205 (thresholds over the preceding
 * twelve months, by U.S. person and foreign person), 202.206 (counted also when
 * anonymised, so before redaction).
 *
 * Who a person is, no redactor knows.  What is counted is at least as many: the
 * units that were drawn, and every item that was found in them.  A category but
 * covered_identifiers has the items whose types have a fides key of it.  Data
 * that all sources declare to be invented are nobody's.
 */
#ifndef TG_PIPELINE_DSP_H
#define TG_PIPELINE_DSP_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/manifest.h"

/*
 * tg_dsp_json - "us_dsp" of the manifest (run.h): null where the policy has no
 * thresholds, or the recipient is in the United States.  NULL when out of
 * memory, or the policy lacks a leaf.
 */
struct tg_json *tg_dsp_json(const struct tg_manifest_in *in) TG_MUST_CHECK;

#define TG_DSP_SAY 200

/*
 * tg_dsp_check - whether "us_dsp" of @manifest may join what @l has as sent to
 * the same recipient in the window before @now.  TG_E_NO: DSP-BULK.  @say gets
 * the sentence of DSP-WARN, or "".  The errors of tg_ledger_each.
 */
int tg_dsp_check(char say[TG_DSP_SAY], const struct tg_json *manifest,
    struct tg_ledger *l, int64_t now, struct tg_err *err) TG_MUST_CHECK;

/* What export.done keeps of it for the next: "recipient" and "us_dsp" into
 * @body.  Not 0: memory. */
int tg_dsp_done(struct tg_json *body, const struct tg_json *manifest);

#endif
