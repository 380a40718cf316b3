/*
 * job.h - the job file: what is exported, from where, why, to whom.
 *
 * Paths in it are relative to the file.  Unknown keys are refused.
 *
 *   schema: tracegate.job/1
 *   name: nightly
 *   sources:
 *     - {path: traces/en, origin: GB, text_origin: real}   # or synthetic
 *       # tokenizer: tokenizer.json    # optional: what token ids in tensor
 *                                      # files spell
 *       # texts: prompts.jsonl          # optional: the texts of its tensor
 *                                      # file (beside.h)
 *       # attention: causal            # optional, attested: no token sees a
 *                                      # later one (or unknown)
 *       # context: whole               # optional, attested: each context of a
 *                                      # tensor file begins with the first
 *                                      # token that the model saw (or window)
 *   purpose: {id: safety_research, text: "...", legal_basis: A6-1-f,
 *             assessment_ref: LIA-1, dpia_ref: DPIA-1}   # audit_ref: for the
 *                                                  # class formal_audit;
 *                                                  # access: who may read it
 *   health_data: none                # optional, declared: the sources hold
 *                                    # none (or possible)
 *   intruder_test_ref: IT-2026-02    # optional: of a motivated-intruder test,
 *   intruder_test_date: "2026-09-01" # and its day
 *   p90_latency_delta_ms: 40         # optional, measured: by which capture
 *                                    # slows the model
 *   retention_class: debug
 *   rate: 0.01                       # optional
 *   policy: project.yaml             # optional
 *   exceptions: [EXC-2026-001]       # optional: of state/exceptions
 *                                    # (exceptions.h); nothing else applies
 *                                    # one
 *   exporter: {legal_name: ..., country: GB, contact: ..., dpo: ...}
 *   preparer: a.person               # a person of trust.yaml
 *   recipient: recipients/lab.yaml
 *   target: {url: "s3://bucket/prefix", residency: GB, endpoint: ...,
 *            region: ...,
 *            expected_owner: "111122223333",   # the account of the bucket
 *            certified: [hds_certified]}       # what its host is certified for
 *   mechanisms: {GB: domestic, FR: intra_eea}   # transfer tool, by origin
 *   keys: keys                       # folder of init
 *   trust: trust.yaml
 *   state: state
 */
#ifndef TG_PIPELINE_JOB_H
#define TG_PIPELINE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "policies/policy.h"

#define TG_JOB_SOURCES 256

struct tg_job_source {
	const char *path;	 /* as written */
	const char *origin;	 /* "GB" */
	const char *text_origin; /* "real" or "synthetic" */
	const char *tokenizer;	 /* path as written, or NULL */
	const char *texts;	 /* likewise */
	bool causal, whole;	 /* attested */
};

/* The tool a transfer from an origin relies on. */
struct tg_job_transfer {
	const char *origin, *mechanism;
};

#define TG_JOB_TRANSFERS 16
#define TG_JOB_CERTIFIED 16

struct tg_job {
	struct tg_arena arena;
	const char *file;
	const char *dir; /* of the file; paths are relative to it */
	const char *name;
	struct tg_job_source source[TG_JOB_SOURCES];
	size_t n_source;
	struct tg_job_transfer transfer[TG_JOB_TRANSFERS];
	size_t n_transfer;
	const char *purpose_id, *purpose_text, *legal_basis, *assessment_ref,
	    *dpia_ref, *audit_ref;
	const char *access;			  /* or NULL */
	const char *intruder_ref, *intruder_date; /* or NULL */
	bool no_health_data;
	bool has_latency;
	uint64_t latency_delta_ms;
	const char *retention_class;
	uint64_t rate_ppb;			     /* 0: the policy's */
	const char *policy;			     /* path or NULL */
	const char *exception[TG_POLICY_EXCEPTIONS]; /* ids, each once */
	size_t n_exception;
	const char *exporter_name, *exporter_country, *exporter_contact,
	    *exporter_dpo;
	const char *preparer;
	const char *recipient; /* path */
	const char *target_url, *target_residency, *target_endpoint,
	    *target_region, *target_owner;
	const char *const *certified;
	size_t n_certified;
	const char *keys, *trust, *state; /* paths, resolved */
	char sha256[65];		  /* of the file's bytes */
};

/* TG_E_CONFIG file:line:col. */
int tg_job_load(struct tg_job **out, const char *file, struct tg_err *err)
    TG_MUST_CHECK;
void tg_job_free(struct tg_job *j);
/* The mechanism of an origin, or NULL. */
const char *tg_job_mechanism(const struct tg_job *j, const char *origin);
/* @path as seen from the job's folder, in the job's arena; NULL: memory. */
const char *tg_job_path(struct tg_job *j, const char *path) TG_MUST_CHECK;

#endif
