/*
 * run.h - one export: its directory, its state, its manifest.
 *
 * state/runs/<RUN>/           0700
 *   plan.json                 what was asked, fixed before reading
 *   seed                      32 bytes, 0600: sampling, salts, nonce; of
 *                             pseudonyms nothing follows from it
 *   journal                   append-only lines "<time> <state>", fsynced
 *   spool/                    redacted members, recapture.jsonl; 0700
 *   sample.txt                the draw, 0600 (sampled.h)
 *   private/facts.jsonl       why each record left or not, 0600 (facts.h)
 *   stopped.json              why no bundle was made, 0600: {"code","text",
 *                             "at"}; code "" where no reason code says it
 *   decided.json              what the policy decides by, 0600
 *                             (policies/decided.h)
 *   classes/                  while it is read: keyed digests; 0700
 *   quarantine/               what was not understood; raw; 0700
 *   bundle/<bundle_id>/       what may be sent
 *
 * manifest.json (canonical JSON; no personal data of a trace):
 * {"schema":"https://tracegate.dev/manifest/1",
 *  "bundle_id":"tg-uk-…","run":"EXP-2026-11-24-UK-01",
 *  "created":<s>,"as_of":<s>,"as_of_given":<bool>,
 *  "tool":{"name","version","libsodium","libzstd","pcre2"},
 *  "origin":"GB","regions":["uk"],
 *  "purpose":{"id","text","legal_basis","assessment_ref","dpia_ref"},
 *  "exporter":{"legal_name","country","contact","dpo"},
 *  "preparer":{"id","name","key"},
 *  "recipient":{"id","legal_name","role","country","contact","contract_ref",
 *     "contract_date","mechanism","assessment_ref","assessment_date",
 *     "key_confirmed","key_date","key_country","key_holder",
 *     "onward_transfer","clauses":[{"clause","ref"}]},       "": not given
 *  "target":"file:/…",
 *  "residency":{"declared":"GB","region","verify":<bool>},   "": not given
 *  "bucket":{"expected_owner","ask_versions":<bool>},        bucket.h
 *  "budget":{"warn_bytes","cap_bytes"},                      a month
 *  "intruder_test":{"ref","date"},                           "": none made
 *  "us_dsp":{"window_days","block_ppb","warn_ppb",           or null: dsp.h
 *     "counts":[{"category","persons","threshold"}]},
 *  "policy":{"effective_sha256","files":[{"file","version","sha256"}],
 *     "scope_config_sha256"},
 *  "redactors":{"rules_sha256","names_sha256","rules":<n>,
 *     "packs":[{"file","sha256","rules"}],"types":["EMAIL",…]},
 *  "sampling":{"unit","algorithm","rate_ppb","seed_commit","ledger_index",
 *     "seen","kept",                                        units
 *     "sample_commit","list_sha256",                        docs/REPLAY.md
 *     "identities":{"seen","drawn","expected_milli","interval_low",
 *        "interval_high","z_milli"},
 *     "subjects":{"max_records","by_person","by_session","unknown"}},
 *  "retention":{"class","days","clock","delete_after","expires_at":"…Z",
 *     "undated",                         records without a time of their own
 *     "held":{"records":<n>,"holds":[{"id","sha256","reviewed","review_by"}]}},
 *                                         holds.h; too old, and not deleted
 *  "source":[{"id","format","sha256","bytes","records","text_origin",
 *     "texts_sha256"}],            of the texts beside a tensor file, if any
 *  "funnel":[{"stage","in","out","dropped":[{"code","n"}]}],
 *  "redaction":[{"type","spans","records","action",
 *     "operators":{"number":<n>,"label":<n>}}],
 *  "below_threshold":<n>,
 *  "fields":{"kept","dropped","pseudonymised","generalised"},
 *  "residual":{"examined","findings","upper_ppb"},       base/binomial.h
 *  "canaries":{"per_type","min_structured_ppb","min_free_text_ppb",
 *     "types":[{"type","class","planted","found","recall_low_ppb"}],
 *     "kept":[…],"not_covered":[…]},                         types
 *  "gates":{"enforcement","not_blocked":[{"code","text"}]},     enforce.h
 *  "activations":{"graphs","kept","recapture","dropped",
 *     "tensors":{"tensors","tensors_kept","contexts","contexts_cut","rows",
 *        "rows_kept","rows_dropped","features_over","layers":[<n>,…],
 *        "kinds":[{"kind","kept","dropped"}],
 *        "names":[{"pattern","kind","kept","dropped"}]}},  of tensor files
 *        of form: aggregate_only, in "activations":
 *     "aggregates":{"k","clip","unit","cells_per_subject","epsilon_milli",
 *        "noise":"none"|"discrete-laplace","named","cells","suppressed",
 *        "subjects","contributions","over","unnamed","unplaced",
 *        "subjects_by":{"person","session","trace","record"}},
 *  "anonymisation":{"level","date_granularity","pseudonym_domain",
 *     "pseudonym_epoch","pseudonym_key_id","key_destroyed_at":"bundle_sealed",
 *     "free_text","claims":[{"origin","claim"}]},
 *  "anonymity":{"measured","enforced","applies_to":"real","only_real",
 *     "fields":["timestamp",…],"k","k_health","k_unit","l_asked",
 *     "max_suppressed_ppb",
 *     "direct":<n>,"linking":["user_id",…],
 *     "subjects_by":{"person","session","trace","record"},
 *     "below":{"k","k_health","l"},"suppressed",
 *     "read":{…},
 *     "left":{"records","subjects","classes","smallest","largest","single",
 *        "l","with_value","one_value","health_classes","health_records",
 *        "health_smallest","prosecutor_max_ppb",
 *        "prosecutor_mean_ppb","marketer_ppb",
 *        "histogram":[{"from","classes","records"}]}},
 *  "linkability":{"records","earlier":{"bundles","recipients","not_compared"},
 *     "values":{"values","linked_records","earlier_same_recipient",
 *        "earlier_other_recipients"},
 *     "unique":{"combinations","earlier"},
 *     "texts":{"records","here","earlier"}},             linkage.h
 *  "limits":{"max_tokens","estimator","truncated"},
 *  "payload":{"format":"age-v1","recipients":["age1…"],"zstd_level":3,
 *     "volumes":[{"file","bytes","sha256","records",
 *        "tar":{"bytes","sha256","members"}}]},
 *  "records":{"count","root","leaf":"salted-rfc6962-v1"},
 *  "files":[{"file","sha256"}],                 VERIFY.txt, records.checkpoint
 *  "explained_by":{"facts_sha256","decided_sha256"},    of what stays here:
 *     of the last line of facts.jsonl (salted), of decided.json
 *  "approvals":{"roles":[{"role","count"}],"distinct_persons","expires_days",
 *     "standing":{"roles","distinct_persons","expires_days","suspend_on":[],
 *        "used":[{"role","signer","decision_sha256"}]}},       standing.h
 *  "review":{"min_records","max_findings","applies_to":"real","demanded":<bool>},
 *                                                              review.h
 *  "exceptions":{"declared":<n>,"used":[...]},     exceptions.h; named by the
 * job, in force in this policy "ledger":{"origin","vkey"}}
 */
#ifndef TG_PIPELINE_RUN_H
#define TG_PIPELINE_RUN_H

#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/env.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/journal.h"
#include "pipeline/job.h"

#define TG_RUN_ID 64	/* bytes of "EXP-2026-11-24-UK-01" and NUL, at most */
#define TG_BUNDLE_ID 64 /* bytes of "tg-uk-abcdefghij" and NUL, at most */
#define TG_RUNS_MAX 8	/* origins of one job */
#define TG_RUN_DECIDED "decided.json"
#define TG_RUN_STOPPED "stopped.json"

struct tg_run_opts {
	const char *data_dir;
	const char *scope_config; /* or NULL */
	int64_t as_of;	       /* the day retention and pseudonyms count from */
	bool as_of_given;      /* by hand, not from the clock */
	const char *seed_file; /* 32 bytes; NULL: drawn */
	/* 32 bytes: half of the pseudonym key (pseudonym_key.h); NULL: drawn */
	const char *pseudonym_file;
	const char *until;	 /* "rechecked", "bundled"; NULL: to the end */
	bool fresh;		 /* a new run even when one can be resumed */
	unsigned threads;	 /* that look at records; 0: one */
	struct tg_sv passphrase; /* of the export key; p NULL: none */
	FILE *say;		 /* what is going on, a line each; or NULL */
	bool progress;		 /* a running line on say */
};

/* What came of one origin's run. */
struct tg_run_done {
	char id[TG_RUN_ID];
	char bundle_id[TG_BUNDLE_ID];
	char *dir;    /* of the run */
	char *bundle; /* folder of the bundle; "" when there is none */
	char manifest_sha256[65];
	enum tg_state state;
	bool resumed;
	/* Why no standing approval covers it, when there are some; or "". */
	char standing[TG_ERR_TEXT];
	uint64_t read, out, quarantined;
};

/*
 * tg_run_job - the job, one run an origin.  Runs that were begun for the same
 * job, day, policy and rules are taken up where they stopped.
 * TG_E_NO: the policy says no, residue was found, nothing is left;
 * TG_E_CONFIG, TG_E_KEY, TG_E_LOCKED, TG_E_INTEGRITY, TG_E_IO, TG_E_MEMORY.
 * @done: @n filled ones, also on failure; freed with tg_run_done_free.
 */
int tg_run_job(struct tg_run_done done[TG_RUNS_MAX], size_t *n,
    struct tg_job *job, const struct tg_run_opts *opts,
    const struct tg_env *env, struct tg_err *err) TG_MUST_CHECK;
void tg_run_done_free(struct tg_run_done *done, size_t n);

#endif
