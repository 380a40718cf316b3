/*
 * residency.h - whether a target is where the job declares it: what the server
 * says against what the manifest has signed (/targets/verify_residency).
 *
 * A name of a bucket or a contract says where data should rest; only the server
 * can say where it does.  Asked before anything of a bundle is sent.
 */
#ifndef TG_PIPELINE_RESIDENCY_H
#define TG_PIPELINE_RESIDENCY_H

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/job.h"
#include "pipeline/sinks/sink.h"
#include "policies/policy.h"

/*
 * tg_residency_judge - TG_E_NO, TGT-RESIDENCY-MISMATCH, unless @place lies in
 * @declared ("GB").  Of a region whose country is not known the operator must
 * have named the same region: that it lies in the country is declared then.  A
 * target with nobody to ask is declared alone.
 */
int tg_residency_judge(const struct tg_sink_place *place, const char *declared,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_residency_check - asks @sink, where "residency" of @manifest says that it
 * is to be asked; *@place is what it said.  Without an answer: the error of
 * tg_sink_place.
 */
int
tg_residency_check(struct tg_sink_place *place, const struct tg_json *manifest,
    struct tg_sink *sink, struct tg_err *err) TG_MUST_CHECK;

/* "residency" of the manifest (run.h): where the target is said to be, and
 * whether it will be asked; NULL when out of memory, or the policy lacks the
 * leaf. */
struct tg_json *tg_residency_json(
    const struct tg_job *job, const struct tg_policy *p) TG_MUST_CHECK;

#endif
