/* run_priv.h - what the files of a run share; not for others. */
#ifndef TG_PIPELINE_RUN_PRIV_H
#define TG_PIPELINE_RUN_PRIV_H

#include "pipeline/aggregates.h"
#include "pipeline/anonymity.h"
#include "pipeline/bundle/minisign.h"
#include "pipeline/canary.h"
#include "pipeline/enforce.h"
#include "pipeline/exceptions.h"
#include "pipeline/facts.h"
#include "pipeline/holds.h"
#include "pipeline/input.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/linkage.h"
#include "pipeline/manifest.h"
#include "pipeline/members.h"
#include "pipeline/quarantine.h"
#include "pipeline/pseudonym_key.h"
#include "pipeline/run.h"
#include "pipeline/s70_recheck.h"
#include "pipeline/s80_pack.h"
#include "pipeline/sampled.h"
#include "pipeline/settings.h"
#include "pipeline/standing.h"
#include "pipeline/trust.h"
#include "policies/gate.h"
#include "policies/policy.h"
#include "redactors/redactor.h"

#define TG_RUN_ARENA (8u << 20)

struct tg_run_input {
	const char *path;
	bool real;		      /* real people's text */
	const struct tg_vocab *vocab; /* of its source, or NULL */
	bool causal, whole;	      /* attested of its source */
	const char *texts;	      /* of its tensor file, or NULL */
};

struct tg_run {
	const struct tg_env *env;
	const struct tg_run_opts *opts;
	struct tg_job *job;
	struct tg_arena arena;
	/* who and what */
	const char *origin;    /* "GB" */
	const char *region[1]; /* "uk" */
	struct tg_trust *trust;
	const struct tg_person *preparer;
	struct tg_recipient *recipient;
	struct tg_exceptions exceptions; /* that the job names */
	struct tg_policy *policy;
	struct tg_rules *rules;
	struct tg_attributes *attrs;
	struct tg_minisign_key *key;
	uint8_t pseudonyms[TG_KEY_LEN]; /* of keys/pseudonyms.key */
	struct tg_pseudonym_scope pseudonym_scope;
	/* the plan */
	char id[TG_RUN_ID];
	const char *dir, *journal;
	enum tg_state state;
	bool resumed;
	uint8_t seed[TG_KEY_LEN];
	uint8_t sample_key[TG_KEY_LEN];
	char seed_commit[65], sample_commit[65], nonce[65],
	    bundle_id[TG_BUNDLE_ID];
	int64_t as_of;
	uint64_t commit_index;
	struct tg_holds holds;
	struct tg_held *held; /* what of it is held past its date, and by */
	const struct tg_hold_now **held_by;
	size_t n_held;
	/* the work */
	struct tg_vocab *vocab[TG_JOB_SOURCES]; /* of each source, or NULL */
	struct tg_run_input *input;
	size_t n_input;
	struct tg_settings set[2]; /* for synthetic, for real text */
	struct tg_counts *counts;
	struct tg_sampled drawn;
	struct tg_members members;
	bool has_members;
	struct tg_input *done;
	struct tg_recheck recheck;
	struct tg_canaries canaries;
	struct tg_anonymity anonymity;
	struct tg_linkage_result linkage;
	bool aggregates; /* form: aggregate_only */
	struct tg_aggregate_limits aggregate_limits;
	struct tg_aggregate_result aggregated;
	struct tg_quasi *quasi; /* while the sources are read, or NULL */
	struct tg_facts *facts; /* the same */
	struct tg_explained explained;
	struct tg_packed *packed;
	size_t n_packed;
	const char *bundle;
	char standing[TG_ERR_TEXT]; /* why no standing approval was used */
	bool gate_failed;
	struct tg_gates gates;
	char manifest_sha256[65];
	/* What its manifest counts, of a run that was sealed before. */
	uint64_t known_read, known_out, known_quarantined;
};

const char *tg_run_path(struct tg_run *r, const char *tail);
const char *tg_run_ledger_dir(struct tg_run *r, bool private);
void tg_run_say(const struct tg_run *r, const char *fmt, ...) TG_PRINTF(2, 3);

/* run_setup.c: parties, policy, rules, keys; what the policy says to the job.
 */
int tg_run_setup(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;
/* What r->policy says to r->job, of r->origin, to r->recipient on r->as_of. */
int tg_run_ask(struct tg_reasons *no, const struct tg_run *r,
    struct tg_err *err) TG_MUST_CHECK;
/* What the transfer relies on: the job's word for the origin, else the
 * recipient's, else "". */
const char *tg_run_mechanism(const struct tg_run *r);
/* run_decided.c: what the policy decides by, kept with the run. */
int tg_run_decided(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;
/* Why it came to no bundle; taken back when it does. */
void tg_run_stopped(struct tg_run *r, const struct tg_err *why);
void tg_run_goes_on(struct tg_run *r);
/* run_plan.c: the directory: taken up or new. */
int tg_run_plan(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;
/* holds_run.c: the legal holds over it; what the manifest says of them:
 * {"records":<n>,"holds":[{"id","sha256","reviewed","review_by"}]}. */
int tg_run_holds(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;
int tg_run_held(struct tg_json **out, const struct tg_run *r,
    struct tg_err *err) TG_MUST_CHECK;
/* run_read.c: read ... recheck. */
int tg_run_read(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;
/* run_seal.c: pack, manifest, signature; then the ledger. */
int tg_run_seal(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;
int tg_run_record(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;
int tg_run_open_ledger(
    struct tg_run *r, struct tg_ledger **out, struct tg_err *err) TG_MUST_CHECK;
/* run_linkage.c: what links records; @digests: the key of what is handed in. */
int tg_run_linkage_open(struct tg_run *r, struct tg_linkage **out,
    uint8_t digests[TG_KEY_LEN], struct tg_err *err) TG_MUST_CHECK;
int tg_run_linkage_close(
    struct tg_run *r, struct tg_linkage *l, struct tg_err *err) TG_MUST_CHECK;
/* run_pseudonyms.c: the key of this run; and its end, of a sealed one. */
int tg_run_pseudonyms(struct tg_run *r, uint8_t key[TG_KEY_LEN],
    struct tg_err *err) TG_MUST_CHECK;
int tg_run_end_pseudonyms(struct tg_run *r, struct tg_err *err) TG_MUST_CHECK;

#endif
