/*
 * answer.h - why: of a record, a bundle, a decision, from what its run has
 * stored.  One model of codes and figures, written as text in English or
 * French.  Never the text that was matched: type, length, place and score.
 */
#ifndef TG_REPORT_ANSWER_H
#define TG_REPORT_ANSWER_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/decision.h"
#include "report/strings.h"

struct tg_explain_in {
	const char *run, *state; /* id; "awaiting-decision", ... */
	/* NULL: not stored, or gone. */
	const struct tg_json *decided;	/* policies/decided.h */
	const struct tg_json *manifest; /* pipeline/run.h */
};

/*
 * tg_explain_record - of @found (pipeline/facts_find.h):
 * {"asked":"record","run","state","id","known":<bool>,"more":<n>,
 *  "drawn_by":"trace|session|subject",
 *  "records":[{"file","record","unit","outcome":"kept|dropped|unknown",
 *     "stage","stage_no","stages","code","words":{"en","fr"},
 *     "remedy":{"en","fr"},
 *     "fact":{"kind",...},           explain_record.c says which
 *     "rule":{"path","value","file","line","layer","version","base"},
 *     "controls":[{"id","source","duty":{"en","fr"}}],
 *     "found":[<findings of the facts>],"more":<n>,    of one that is kept
 *     "earlier":[{"stage","kind",...}]}],
 *  "missing":["facts","decided"],
 *  "funnel":[...]}                  of the manifest, where the facts are gone
 * "known" false: this run has read no such record.  TG_E_MEMORY.
 */
int tg_explain_record(struct tg_json **out, const struct tg_explain_in *in,
    const struct tg_json *found, struct tg_err *err) TG_MUST_CHECK;

/* What is known of the bundle beside that; NULL: not there. */
struct tg_explain_bundle {
	const struct tg_json *evidence; /* evidence.json of the bundle */
	const struct tg_json *ledger;	/* [{"index","type","time"}] of it */
	const struct tg_json *stopped;	/* pipeline/run.h */
	const struct tg_decisions *decisions;
	const char *bundle_id;
	bool left, leaving; /* export.done, export.intent */
};

/*
 * tg_explain_bundle - why it waits, was refused or left:
 * {"asked":"bundle|decision","run","state","bundle_id",
 *  "outcome":"not-made|stopped|awaiting-decision|approved|refused|lapsed|
 *     uploading|uploaded",
 *  "transfer":{"origin","country","mechanism","rule"},       of a bundle
 *  "gates":[{"id","result","finding"}],                      of a bundle
 *  "needed":[{"role","count","rule"}],"distinct_persons","expires_days",
 *  "signed":[{"role","person","decision","signed_at","expires_at","reason"}],
 *  "reasons":[{"code","words","remedy","rule","controls","role","detail"}],
 *  "ledger":[...],                                           of a bundle
 *  "missing":["decided","evidence"]}
 * TG_E_MEMORY.
 */
int tg_explain_bundle(struct tg_json **out, const struct tg_explain_in *in,
    const struct tg_explain_bundle *b, bool decision_only, struct tg_err *err)
    TG_MUST_CHECK;

/* The model, or that of a replay (pipeline/replay.h), as lines.  TG_E_LIMIT,
 * TG_E_MEMORY. */
int tg_explain_text(struct tg_buf *out, const struct tg_json *model,
    enum tg_lang lang, struct tg_err *err) TG_MUST_CHECK;

#endif
