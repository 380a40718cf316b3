/*
 * runs.h - the runs of a state folder, looked up afterwards: by the people's
 * verbs (status, approve, upload, evidence).
 */
#ifndef TG_PIPELINE_RUNS_H
#define TG_PIPELINE_RUNS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "pipeline/run.h"

struct tg_run_ref {
	char id[TG_RUN_ID];
	char *dir, *journal;
	enum tg_state state;
	char bundle_id[TG_BUNDLE_ID];
	char *bundle; /* folder; "" before the plan */
	struct tg_json *plan;
	/* From TG_RUN_BUNDLED on. */
	struct tg_buf manifest_bytes;
	struct tg_json *manifest;
	char manifest_sha256[65];
	char *evidence; /* folder */
};

/* Names of the runs, oldest first. */
int tg_runs_list(struct tg_fs_names *out, const char *state_dir,
    struct tg_err *err) TG_MUST_CHECK;
/* @name: an id, a unique beginning of one, "latest" or NULL (the latest).
 * TG_E_USAGE: none, or not one. */
int tg_runs_open(struct tg_run_ref *out, const char *state_dir,
    const char *name, struct tg_err *err) TG_MUST_CHECK;
void tg_run_ref_free(struct tg_run_ref *r);

/* TG_E_NO unless the run is sealed and recorded. */
int
tg_run_ref_sealed(const struct tg_run_ref *r, struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_runs_publish - SHA256SUMS covers what is in the bundle, and the state
 * awaiting-decision when it comes next.  Once published, a digest stays: files
 * that are new, or whose name begins with @fresh (may be NULL), are added; one
 * that was changed by someone else is not made good.  TG_E_INTEGRITY: the sums
 * are gone or no sums.
 */
int tg_runs_publish(struct tg_run_ref *r, const char *fresh,
    const struct tg_env *env, struct tg_err *err) TG_MUST_CHECK;

#endif
