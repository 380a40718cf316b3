/*
 * standing.h - standing approvals: what people sign once for the exports of a
 * nightly job, and what takes it away again (policy-and-evidence.md 4.6).
 *
 * state/standing/<origin>/ holds decisions (decision.h) "approve_standing",
 * each bound to policy, recipient, its keys, country, purpose, retention class,
 * origin and target of the export that was shown, and to caps: what may leave
 * under it in all.  They stand for the roles of /approvals/standing/roles, and
 * only together: when all of these are filled by different persons.
 *
 * A run that falls within them names them in its manifest
 * (approvals.standing.used), and they lie in its bundle; nothing else counts
 * there.  The ledger keeps, by decision_sha256:
 *	standing.approved
 *	standing.used       {"use","bundle_id","records","bytes"}, once a bundle
 *	standing.suspended  {"cause","run"}: gate_failure, policy_change,
 *	                    recipient_change, key_change, cap_exceeded, as
 *	                    /approvals/standing/suspend_on lists them
 *	standing.revoked    by a person ("reject")
 * What is suspended or revoked stays so; people sign anew.  It also holds back
 * what was made under it and is not sent.
 */
#ifndef TG_PIPELINE_STANDING_H
#define TG_PIPELINE_STANDING_H

#include "pipeline/decision.h"
#include "pipeline/ledger/ledger.h"

#define TG_STANDING_CAUSE 24 /* bytes of a cause, NUL included */

/* What has become of one decision. */
struct tg_standing_fact {
	bool revoked;
	char cause[TG_STANDING_CAUSE]; /* why it is suspended, or "" */
	/* Used by bundles before. */
	int64_t runs, records, bytes;
};

/* From the ledger; uses by @bundle_id itself are left out.  tg_ledger_each's
 * errors. */
int tg_standing_fact(struct tg_standing_fact *out, struct tg_ledger *l,
    const char *decision_sha256, const char *bundle_id, struct tg_err *err)
    TG_MUST_CHECK;

bool tg_standing_is(const struct tg_json *doc);
/* Why @doc is not about such an export: "policy_change", "recipient_change",
 * "key_change", or "" for another purpose, class, origin or target; NULL: it
 * is. */
const char *
tg_standing_differs(const struct tg_json *doc, const struct tg_json *manifest);
/* Whether @manifest, after what @f counts, is within the caps of @doc. */
bool tg_standing_fits(const struct tg_json *doc,
    const struct tg_standing_fact *f, const struct tg_json *manifest);
/* Whether @manifest lists this decision as one that it relies on. */
bool
tg_standing_listed(const struct tg_json *manifest, const char *decision_sha256);

/* The folder, in a new string; NULL: memory. */
char *tg_standing_dir(const char *state_dir, const char *origin) TG_MUST_CHECK;

struct tg_standing_ask {
	const char *state_dir;
	const struct tg_trust *trust;
	struct tg_ledger *ledger; /* for appending */
	int64_t now;
};

struct tg_standing_choice {
	struct tg_json *used;  /* [{"role","signer","decision_sha256"}] */
	char why[TG_ERR_TEXT]; /* why none is, when there are some; or "" */
};

/*
 * tg_standing_choose - which of them an export relies on, by its manifest (not
 * signed yet): all that count, or none.  What no longer fits is suspended in
 * the ledger first.  TG_E_INTEGRITY (the manifest lacks what it is held
 * against), TG_E_IO, TG_E_MEMORY.
 */
int tg_standing_choose(struct tg_standing_choice *out,
    const struct tg_standing_ask *ask, const struct tg_json *manifest,
    struct tg_err *err) TG_MUST_CHECK;
/* Those that a signed manifest names, into its bundle and, as used, into the
 * ledger; safe to do again. */
int tg_standing_record(const struct tg_standing_ask *ask, const char *bundle,
    const struct tg_json *manifest, struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_standing_list - all that lie in the state folder, by origin and file:
 * [{"origin","file","role","signer","decision_sha256","expires_at","state",
 * "why","caps":{"max_records","max_bytes","max_runs"},
 * "used":{"records","bytes","runs"}}].  state: "in force", "suspended" (why:
 * the cause), "revoked", "lapsed", or "void" (why: the code of what is wrong).
 * One alone need not be enough: all roles of /approvals/standing/roles are.
 * The ledger may be open for reading alone.
 */
int tg_standing_list(struct tg_json **out, const struct tg_standing_ask *ask,
    struct tg_err *err) TG_MUST_CHECK;
/* The ledger of a state folder, for reading, where @manifest relies on a
 * standing approval; else NULL. */
int tg_standing_ledger(struct tg_ledger **out, const char *state_dir,
    const struct tg_json *manifest, struct tg_err *err) TG_MUST_CHECK;
/* Whether the policy of @manifest has @cause suspend them. */
bool tg_standing_suspends(const struct tg_json *manifest, const char *cause);
/* Suspends every one of an origin; @run may be "". */
int tg_standing_suspend(const struct tg_standing_ask *ask, const char *origin,
    const char *cause, const char *run, struct tg_err *err) TG_MUST_CHECK;
/* Revokes every one of an origin, by @who as @role. */
int tg_standing_revoke(const struct tg_standing_ask *ask, const char *origin,
    const struct tg_person *who, const char *role, struct tg_err *err)
    TG_MUST_CHECK;

#endif
