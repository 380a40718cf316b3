/*
 * bucket.h - what a bucket must be before anything is sent to it: of the
 * account that the job names, and one that says whether it keeps versions
 * (/targets/require_expected_owner, /targets/require_versioning_known): what a
 * bucket with versions "deletes" stays.
 */
#ifndef TG_PIPELINE_BUCKET_H
#define TG_PIPELINE_BUCKET_H

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/job.h"
#include "pipeline/sinks/sink.h"
#include "policies/policy.h"

/* "bucket" of the manifest (run.h); NULL when out of memory, or the policy
 * lacks the leaf. */
struct tg_json *tg_bucket_json(
    const struct tg_job *job, const struct tg_policy *p) TG_MUST_CHECK;

/* The account of @manifest's bucket, NULL: none; borrowed. */
const char *tg_bucket_owner(const struct tg_json *manifest);

/*
 * tg_bucket_check - asks @sink, where "bucket" of @manifest says that it is to
 * be asked; *@out is what it said.  Without an answer: TGT-VERSIONING, in the
 * class of tg_sink_versions.
 */
int tg_bucket_check(enum tg_sink_versions *out, const struct tg_json *manifest,
    struct tg_sink *sink, struct tg_err *err) TG_MUST_CHECK;

#endif
