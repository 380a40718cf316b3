/*
 * replay.h - what another policy would have decided of a run that was made,
 * from what the run has stored of its records (facts.h): nothing is read or
 * looked at again.
 *
 * What the facts do not tell is not guessed: such a record is "unknown", with
 * the reason (replay.def).  Decided again are the draw and its caps, what
 * findings do to a record (by their scores and the action of their type),
 * activations where nothing of them moved, the limits, the groups.  A record
 * that leaves with another text ("other_text") is told as leaving: what a
 * second look at that text would find is not told.
 */
#ifndef TG_PIPELINE_REPLAY_H
#define TG_PIPELINE_REPLAY_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/job.h"
#include "policies/policy.h"

#define TG_REPLAY_SHOWN                                      \
	1000 /* records that are listed; the rest is counted \
	      */

/* Why something cannot be told. */
#define TG_REPLAY_WHY(id, en, fr) TG_RW_##id,
enum tg_replay_why {
	TG_RW_NONE,
#include "pipeline/replay.def"
	TG_RW_COUNT
};
#undef TG_REPLAY_WHY
/* "draw"; "" for NONE. */
const char *tg_replay_why_name(enum tg_replay_why w);

struct tg_replay_in {
	const char *run, *run_dir;
	const char *facts_sha256;	/* as of tg_facts_each */
	const struct tg_json *decided;	/* policies/decided.h, of the run */
	const struct tg_json *manifest; /* NULL: it was not sealed */
	const struct tg_json *stopped;	/* stopped.json, or NULL */
	struct tg_policy *policy;	/* the other */
	/* What would be looked with now; NULL: not known. */
	const char *rules_sha256, *names_sha256, *attributes_sha256;
	/* The job, when it is the one of the run; NULL: it was changed. */
	struct tg_job *job;
	const char *origin; /* "GB" */
	const char *retention_class;
	int64_t as_of;
	const char *scratch; /* a folder that may be made and is removed */
};

/*
 * tg_replay - {"asked":"replay","run","policy":{"was","is"},        digests
 *  "records":{"read",        units, drawn or not
 *     "same","moved","unknown","other_text","leave_was","leave_is"},
 *  "moved":[{"was","is","n"}],          codes; "": leaves
 *  "unknown":[{"why","n"}],
 *  "list":[{"file","record","unit","was":{"stage","code"},
 *     "is":{"stage","code","why"}}],    why "" where it can be told
 *  "more":<n>,                          beyond TG_REPLAY_SHOWN
 *  "draw":{"was_ppb","is_ppb","new"},   new: units that would be drawn too
 *  "findings":[{"type","was","is","below","n"}],  whose treatment changes;
 *     "below":true: they score too low then, and stay
 *  "stops":{"was":[{"code","text"}],"is":[...],"unknown":[<what>]},
 *  "approvals":{"was":{"roles":[{"role","count"}],"distinct_persons",
 *     "expires_days"},"is":{...}},
 *  "looser":<bool>}   something leaves, or may leave, that did not
 * TG_E_NO: the run has no log of its records; TG_E_INTEGRITY: it is not what
 * was written; TG_E_IO, TG_E_MEMORY.
 */
int tg_replay(struct tg_json **out, const struct tg_replay_in *in,
    struct tg_err *err) TG_MUST_CHECK;

#endif
