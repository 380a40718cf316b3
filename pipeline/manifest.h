/*
 * manifest.h - manifest.json: everything about an export that is signed before
 * anything is sent (schema: pipeline/run.h).  Canonical JSON, no personal data
 * of a trace.
 */
#ifndef TG_PIPELINE_MANIFEST_H
#define TG_PIPELINE_MANIFEST_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/canary.h"
#include "pipeline/counts.h"
#include "pipeline/enforce.h"
#include "pipeline/input.h"
#include "pipeline/job.h"
#include "pipeline/linkage.h"
#include "pipeline/pseudonym_key.h"
#include "pipeline/s70_recheck.h"
#include "pipeline/s80_pack.h"
#include "pipeline/sampled.h"
#include "pipeline/trust.h"
#include "pipeline/aggregates.h"
#include "pipeline/anonymity.h"
#include "policies/policy.h"
#include "redactors/redactor.h"

/* Digests, in hex, of what the exporter keeps to explain it by (facts.h; the
 * policy as it decided). */
struct tg_explained {
	char facts_sha256[TG_SHA256_HEX], decided_sha256[TG_SHA256_HEX];
};

struct tg_manifest_in {
	const char *bundle_id, *run, *origin;
	const char *const *region;
	size_t n_region;
	int64_t created, as_of;
	bool as_of_given;
	const struct tg_job *job;
	const struct tg_person *preparer;
	const struct tg_recipient *recipient;
	const char *mechanism; /* the transfer relies on, or "" */
	const char *target;    /* URL without credentials */
	const struct tg_policy *policy;
	const char *scope_sha256; /* or "" */
	const struct tg_rules *rules;
	const struct tg_settings *settings;
	const struct tg_pseudonym_scope *pseudonyms;
	const char *seed_commit, *sample_commit; /* hex */
	const struct tg_sampled *drawn;
	uint64_t commit_index; /* in the ledger */
	const struct tg_counts *counts;
	const struct tg_recheck *recheck;
	const struct tg_canaries *canaries;
	const struct tg_gates *gates;
	const struct tg_anonymity *anonymity;
	const struct tg_linkage_result *linkage;
	/* Of form: aggregate_only; limits NULL: another. */
	const struct tg_aggregate_limits *aggregate_limits;
	const struct tg_aggregate_result *aggregated;
	const struct tg_input *input;
	const char *const *text_origin; /* of each input */
	size_t n_input;
	const struct tg_packed *packed;
	size_t n_packed;
	uint64_t records;
	const char *records_root; /* base64 */
	const char *ledger_origin, *ledger_vkey;
	uint64_t retention_days;
	int64_t delete_after;
	int zstd_level;
	struct tg_json *held; /* retention.held; taken, also on failure */
	const struct tg_explained *explained;
	struct tg_json *exceptions; /* exceptions.h; taken, also on failure */
	/* VERIFY.txt, records.checkpoint */
	const char *const *file;
	const char *const *file_sha256;
	size_t n_file;
};

int tg_manifest_build(struct tg_json **out, const struct tg_manifest_in *in,
    struct tg_err *err) TG_MUST_CHECK;

/* manifest_activations.c: "activations" into @m.  Not 0: as the setters of
 * base/json.h. */
int tg_manifest_activations(struct tg_json *m, const struct tg_manifest_in *in);

/* manifest_approvals.c: "approvals" and "ledger".  Not 0: memory. */
int tg_manifest_approvals(struct tg_json *m, const struct tg_manifest_in *in);

/* Versions of what is linked. */
const char *tg_version_sodium(void);
const char *tg_version_zstd(void);
const char *tg_version_pcre2(void);
/* "tool" of the manifest; NULL: memory. */
struct tg_json *tg_version_json(void) TG_MUST_CHECK;

#endif
