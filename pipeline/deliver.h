/*
 * deliver.h - an approved bundle to its target: checked, decided, written down,
 * then sent; each step idempotent, so that the same command after a crash goes
 * on where it stopped.
 */
#ifndef TG_PIPELINE_DELIVER_H
#define TG_PIPELINE_DELIVER_H

#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/env.h"
#include "base/err.h"
#include "pipeline/budget.h"
#include "pipeline/dsp.h"
#include "pipeline/runs.h"
#include "pipeline/sinks/sink.h"
#include "pipeline/trust.h"

struct tg_deliver {
	const char *state_dir;
	const struct tg_trust *trust;
	struct tg_sink_options sink;
	bool dry_run; /* all checks, nothing written or sent */
	FILE *say;    /* a line a file; or NULL */
};

struct tg_delivered {
	uint64_t files, bytes, were_there;
	uint64_t unmarked;    /* files whose target holds no expires_at */
	int64_t intent_index; /* -1: none yet */
	bool done_before;
	struct tg_budget budget;	/* of the month, this bundle included */
	char dsp[TG_DSP_SAY];		/* DSP-WARN, or "" */
	enum tg_sink_versions versions; /* likewise */
	struct tg_sink_place place; /* as the target says, when it was asked */
};

/*
 * tg_deliver - TG_E_WAITING: decisions are missing or lapsed; TG_E_NO: refused,
 * the target is elsewhere than declared (residency.h), the month's budget is
 * used up (BUD-CAP), the recipient has got its share (DSP-BULK), or it holds
 * other bytes; TG_E_INTEGRITY: the bundle is not what was signed; the sink's
 * classes.
 */
int tg_deliver(struct tg_delivered *out, struct tg_run_ref *run,
    const struct tg_deliver *how, const struct tg_env *env, struct tg_err *err)
    TG_MUST_CHECK;

#endif
