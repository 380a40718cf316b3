/*
 * decision.h - what a person decided about one export, signed.
 *
 * decision-<role>.json (canonical JSON, every member always there):
 * {"schema":"tracegate.decision/1",
 *  "decision":"approve|approve_with_conditions|approve_standing|reject",
 *  "run","bundle_id",
 *  "subjects":{"manifest_sha256","evidence_sha256","policy_sha256",
 *     "evidence_files":[{"file","sha256"}]},
 *  "recipient":{"id","keys":["age1…"]},"country":"GB",
 *  "purpose":"<id>","retention_class",
 *  "caps":{"max_records","max_bytes"},          bytes: of the sealed volumes
 *  "standing":{"origin","target","max_runs"},   approve_standing alone has it:
 *                                               then caps are over all runs
 *  "role","signer":{"id","name","key":"<minisign key id>"},
 *  "answers":[{"row","text"}],"conditions":[…],"reason","read_language",
 *  "meaning":"<fixed sentence of the decision>","signed_at":<s>,
 *  "expires_at":<s>}
 * manifest_sha256: of manifest.json; evidence_sha256: of evidence.json, the
 * digest that its pages print; evidence_files: every file of the evidence
 * folder, so that what was read is what was signed (the folder must not be
 * written again); policy_sha256: the manifest's policy.effective_sha256.
 *
 * decision-<role>.json.minisig by the signer's key, with the trusted comment
 * "tracegate/1 <decision> role=<role> bundle=<id> sha256=<manifest>".
 * A second person of a role has decision-<role>-2.json, up to -9.
 *
 * A standing approval (standing.h) is signed over the export that was shown and
 * counts for others like it; not for that one.
 *
 * What makes a decision count: tg_decision_verify; whether an export may go:
 * tg_decisions_state.  An electronic signature by a self-managed key is not a
 * qualified one (eIDAS).
 */
#ifndef TG_PIPELINE_DECISION_H
#define TG_PIPELINE_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/sv.h"
#include "pipeline/bundle/minisign.h"
#include "pipeline/trust.h"

#define TG_DECISION_SCHEMA "tracegate.decision/1"
#define TG_DECISION_MAX (1u << 20) /* bytes of a document */
#define TG_DECISION_TEXT 4000	   /* bytes of an answer, condition, reason */
#define TG_DECISION_LIST 200	   /* answers, conditions */
#define TG_DECISION_NAME 64	   /* bytes of a file name, NUL included */
/* A clock may be this many seconds ahead of ours when it signs. */
#define TG_DECISION_SKEW 300

enum tg_decide {
	TG_APPROVE,
	TG_APPROVE_WITH_CONDITIONS,
	TG_APPROVE_STANDING,
	TG_REJECT
};

/* "approve", "approve_with_conditions", "approve_standing", "reject". */
const char *tg_decide_name(enum tg_decide d);

struct tg_answer {
	int64_t row; /* of the decision page, from 1 */
	const char *text;
};

struct tg_decision_spec {
	enum tg_decide decide;
	const char *role;
	const struct tg_person *signer;
	struct tg_sv manifest;		/* the bytes of manifest.json */
	const char *evidence_dir;	/* with evidence.json and its pages */
	const struct tg_answer *answer; /* may be NULL with n_answer 0 */
	size_t n_answer;
	const char *const *condition; /* at least one with conditions, else
				       * none */
	size_t n_condition;
	const char *reason;	   /* "" or NULL, needed to reject */
	const char *read_language; /* "en", "fr" */
	/* 0: what the manifest has; a standing approval needs all three. */
	uint64_t max_records, max_bytes, max_runs;
	int64_t signed_at, expires_at; /* seconds */
};

/*
 * tg_decision_make - the document.  TG_E_USAGE: the spec is not a decision
 * (text of what is missing); TG_E_NO with "APR-ROLE" or "APR-SAME-PERSON": the
 * signer may not decide this; TG_E_INTEGRITY: manifest or evidence lack what is
 * to be signed.
 */
int tg_decision_make(struct tg_json **out, const struct tg_decision_spec *spec,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_decision_write - the two files in @dir; *@name gets that of the document.
 * The same person's older decision in this role is replaced, another's is kept
 * (then the name has a number).  @key must be the signer's (TG_E_KEY).
 * TG_E_NO: this person rejected this export in this role; that stands.
 */
int tg_decision_write(char name[TG_DECISION_NAME], const char *dir,
    const struct tg_json *doc, const struct tg_minisign_key *key,
    struct tg_err *err) TG_MUST_CHECK;

/* tg_decision_parse - exactly the document above.  TG_E_INTEGRITY. */
int tg_decision_parse(
    struct tg_json **out, struct tg_sv bytes, struct tg_err *err) TG_MUST_CHECK;

/* Whether @name is that of a decision document in a bundle. */
bool tg_decision_name_ok(struct tg_sv name);

struct tg_ledger;

struct tg_decision_against {
	const struct tg_json *manifest;
	const char *manifest_sha256; /* hex, of its bytes */
	const char *evidence_dir;    /* NULL: none, nothing counts */
	const char *policy_sha256;   /* hex; NULL: the manifest's */
	const struct tg_trust *trust;
	int64_t now;	  /* seconds: when it must be in force */
	int64_t max_days; /* longest a decision is in force; 0: its own */
	/* What became of standing approvals since (standing.h); NULL: not
	 * asked, which is never enough to send. */
	struct tg_ledger *ledger;
	/* Which standing approvals an export whose manifest is not signed may
	 * rely on: no others count, and none need be listed. */
	bool choosing;
};

struct tg_decision_reason {
	char code[20];		    /* APR-MISSING, APR-EXPIRED, APR-ROLE,
				     * APR-SAME-PERSON, APR-DIGEST; of a standing
				     * approval also APR-SCOPE, APR-CAP,
				     * APR-SUSPENDED, APR-REVOKED; of a state also
				     * APR-REJECTED; "": none */
	char role[TG_ROLE_MAX + 1]; /* or "" */
	char text[256];
};

/*
 * tg_decision_verify - reads @dir/@name and its signature and holds them
 * against @a.  0: it was read; why->code is "" when it counts, else the reason.
 * Whatever is wrong with the files' content is a reason (APR-DIGEST), -1 is
 * TG_E_IO or TG_E_MEMORY.  Without a->manifest only form, signature, role and
 * time are looked at: that is never enough to send.  *@doc (may be NULL) is the
 * document, or NULL when its signature is not that of a trusted person.
 */
int tg_decision_verify(struct tg_json **doc, struct tg_decision_reason *why,
    const char *dir, const char *name, const struct tg_decision_against *a,
    struct tg_err *err) TG_MUST_CHECK;

#define TG_APPROVAL_ROLES 8
#define TG_APPROVAL_COUNT 9 /* most persons of one role */

/* What the policy asks for. */
struct tg_approvals {
	struct {
		char role[TG_ROLE_MAX + 1];
		unsigned count;
	} need[TG_APPROVAL_ROLES];
	size_t n;
	unsigned distinct_persons; /* the preparer included */
	int64_t expires_days;	   /* 0: no limit but each decision's own */
};

/* From the manifest's "approvals".  TG_E_INTEGRITY: not there, or it asks for
 * nobody. */
int tg_approvals_of(struct tg_approvals *out, const struct tg_json *manifest,
    struct tg_err *err) TG_MUST_CHECK;

/* The same of "approvals.standing"; nobody, n 0, where a manifest has none. */
int tg_approvals_standing(struct tg_approvals *out,
    const struct tg_json *manifest, struct tg_err *err) TG_MUST_CHECK;

enum tg_decisions_now {
	TG_DECISIONS_WAITING = 0,
	TG_DECISIONS_APPROVED,
	TG_DECISIONS_REFUSED,
	TG_DECISIONS_LAPSED
};

/* "awaiting-decision", "approved", "refused", "lapsed". */
const char *tg_decisions_name(enum tg_decisions_now state);

#define TG_DECISION_REASONS 32

struct tg_decisions {
	enum tg_decisions_now state;
	struct tg_decision_reason reason[TG_DECISION_REASONS];
	size_t n_reason;
	size_t examined; /* decision documents that were read */
	size_t counted;	 /* of these: approvals that count */
	/* Array of the documents whose signatures are good, in the order of
	 * their names; for the evidence. */
	struct tg_json *docs;
};

/*
 * tg_decisions_state - whether the export may go, from the decision files in
 * @dir.  Two roles are two persons, two keys of a person are one person, the
 * preparer does not count; one rejection refuses; a file whose signature or
 * form is wrong keeps the export waiting until it is gone.  Standing approvals
 * count when together they fill what the policy asks of them.
 * @need->expires_days is held when a->max_days is 0.  Releases nothing of @out
 * before: free it with tg_decisions_free.  TG_E_IO, TG_E_MEMORY; TG_E_CONFIG:
 * @need is empty.
 */
int tg_decisions_state(struct tg_decisions *out, const char *dir,
    const struct tg_decision_against *a, const struct tg_approvals *need,
    struct tg_err *err) TG_MUST_CHECK;
void tg_decisions_free(struct tg_decisions *d);

#endif
