/*
 * review.h - the human review of an export (policy-and-evidence.md 4.4, 5.2
 * EP-10; /gates/human_review_*): a person reads a random sample of the redacted
 * records before it leaves, and signs what was found.
 *
 * In the bundle, review.json (canonical JSON) and review.json.minisig:
 * {"schema":"tracegate.review/1","run","bundle_id","manifest_sha256",
 *  "records_root","population","examined","found",
 *  "types":[{"type","records"}],       of what was found
 *  "upper_ppb",                        95 %: base/binomial.h; when all were
 *                                      read, the share itself
 *  "selection":"blake2b64-least/1",    review_draw.h
 *  "role","reviewer_keyid","signed_at":<s>}
 * Trusted comment: "tracegate/1 review bundle=<id> sha256=<manifest>".
 * No text, no name.  In the ledger: review.recorded {"bundle_id",
 * "manifest_sha256","review_sha256","examined","found","reviewer_keyid"}.
 *
 * How many: the manifest's review.min_records, or all where there are fewer;
 * whether it must be, review.demanded.  More findings than review.max_findings
 * refuse the export for good: it is prepared again, and its standing approvals
 * suspend themselves (gate_failure).
 */
#ifndef TG_PIPELINE_REVIEW_H
#define TG_PIPELINE_REVIEW_H

#include "pipeline/ledger/ledger.h"
#include "pipeline/review_draw.h"
#include "pipeline/trust.h"

#define TG_REVIEW_SCHEMA "tracegate.review/1"
#define TG_REVIEW_FILE "review.json"
#define TG_REVIEW_SIG TG_REVIEW_FILE ".minisig"

enum tg_review_state {
	TG_REVIEW_WAITING = 0,
	TG_REVIEW_NOT_ASKED, /* the policy does not, and nobody did */
	TG_REVIEW_PASSED,
	TG_REVIEW_FOUND, /* refused */
	TG_REVIEW_VOID	 /* there is one, and it does not count */
};

struct tg_review {
	enum tg_review_state state;
	int64_t wanted;		 /* records to be read */
	struct tg_json *doc;	 /* of PASSED and FOUND; or NULL */
	int64_t examined, found; /* records, of these states */
	char why[256];		 /* of VOID */
};

/* What a review is held against; borrowed. */
struct tg_review_against {
	const char *bundle; /* its folder */
	const struct tg_json *manifest;
	const char *manifest_sha256;
	const struct tg_trust *trust;
	/* A review that found something is in it for good, whatever becomes of
	 * the bundle; NULL: not asked, which is never enough to send. */
	struct tg_ledger *ledger;
	int64_t now; /* s UTC */
};

/*
 * tg_review_read - where it stands: whatever is wrong with the files is VOID,
 * also a manifest that does not say what is asked for.  Free it.
 * tg_ledger_each's errors, TG_E_IO, TG_E_MEMORY.
 */
int tg_review_read(struct tg_review *out, const struct tg_review_against *a,
    struct tg_err *err) TG_MUST_CHECK;
void tg_review_free(struct tg_review *r);
/* "waiting", "not asked for", "passed", "found", "void". */
const char *tg_review_state_name(enum tg_review_state s);
/*
 * tg_review_lets - 0 when it is in nobody's way.  All with "GATE-REVIEW: ...":
 * TG_E_WAITING (nobody has read yet), TG_E_NO (found), TG_E_INTEGRITY (void).
 */
int tg_review_lets(const struct tg_review *r, const char *run,
    struct tg_err *err) TG_MUST_CHECK;

struct tg_review_sign {
	const struct tg_run_ref *run;
	const char *state_dir;
	const struct tg_trust *trust;
	struct tg_ledger *ledger; /* for appending */
	const struct tg_person *who;
	const char *role;
	const struct tg_minisign_key *key; /* of @who */
	int64_t now;
};

/*
 * tg_review_sign - what was answered (all of @d, drawn anew) to the bundle and
 * to the ledger; again, after an interruption, is fine.  The evidence and
 * SHA256SUMS are the caller's.
 * TG_E_NO: "APR-ROLE", "APR-SAME-PERSON" (the preparer), one that found
 * something stands; TG_E_WAITING: not all are answered.
 */
int tg_review_sign(const struct tg_review_sign *s,
    const struct tg_review_draw *d, struct tg_err *err) TG_MUST_CHECK;

#endif
