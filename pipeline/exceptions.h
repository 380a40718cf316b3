/*
 * exceptions.h - the register of exceptions (policies/exception.h): who signed
 * one, whether it is in force for a run, where it was used.
 *
 * state/exceptions/
 *	EXC-1.yaml                        the record, as it was asked for
 *	EXC-1.approve.<person>.minisig    over its bytes, by a person's key
 *	EXC-1.revoke.<person>.minisig     likewise
 *
 * Trusted comment: "tracegate/1 exception <approve|revoke> id=EXC-1
 * sha256=<record>".  In the ledger: exception.approved, exception.revoked
 * {"exception","exception_sha256","approver_keyid"} and, for each bundle made
 * under it, exception.used {"use","exception","exception_sha256","run",
 * "bundle_id"}, before export.prepared.  What the ledger calls revoked stays
 * so, whatever lies in the folder.
 *
 * An approval counts when its signature is that of a person of the trust file
 * who holds a role besides exporter and neither asked for the exception nor
 * prepares the export.  How many persons it takes:
 * /exceptions/distinct_persons.
 */
#ifndef TG_PIPELINE_EXCEPTIONS_H
#define TG_PIPELINE_EXCEPTIONS_H

#include "base/json.h"
#include "pipeline/signed.h"
#include "pipeline/trust.h"
#include "policies/exception.h"

/* One record as it stands. */
struct tg_exception_now {
	struct tg_exception e;
	const char *path;     /* of the record */
	struct tg_signers by; /* that count */
	bool revoked;
	struct tg_json *uses; /* [{"run","bundle_id","at"}], oldest first */
};

/*
 * tg_exception_find - the record @id.  TG_E_CONFIG "EXC-UNKNOWN: ..." when the
 * register has none; tg_exception_open's errors.  Free it.
 */
int
tg_exception_find(struct tg_exception_now *out, const struct tg_register *reg,
    const char *id, struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_exception_now_free(struct tg_exception_now *x);
/* "draft" (not signed by @persons, or its first day is to come), "active",
 * "used" (active, and a bundle was made under it), "expired", "revoked". */
const char *tg_exception_state(const struct tg_exception_now *x,
    const struct tg_register *reg, uint64_t persons);
/*
 * {"id","sha256","region","policy_path","inherited_value","requested_value",
 * "direction","scope":{},"justification","risk","compensating_controls":[],
 * "requested_by","approved_by":[ids],"valid_from","valid_until",
 * "review_note"}: all but state and uses of policy-and-evidence.md 4.7.
 * TG_E_MEMORY, TG_E_LIMIT (a value of more than 64 KiB).
 */
int tg_exception_json(struct tg_json **out, const struct tg_exception_now *x,
    struct tg_err *err) TG_MUST_CHECK;

/* Where the record @id is or would be; NULL: memory. */
const char *tg_exception_path(
    const char *state_dir, const char *id, struct tg_arena *mem) TG_MUST_CHECK;
/* The ids, sorted; "exceptions" in a state folder may be missing. */
int tg_exceptions_ids(const char *const **out, size_t *n, const char *state_dir,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
/* tg_exception_add - the file at @path joins the register under its id.
 * TG_E_NO: there is one of that id; tg_exception_open's errors. */
int tg_exception_add(char id[TG_EXCEPTION_ID + 1], const char *state_dir,
    const char *path, struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_exception_sign - approves or revokes @x with @key, in the folder and then
 * in the ledger (opened for appending).  TG_E_NO: "APR-ROLE", "APR-SAME-PERSON"
 * (to approve), or it is revoked already.
 */
int tg_exception_sign(const struct tg_exception_now *x,
    const struct tg_register *reg, bool revoke, const struct tg_person *who,
    const struct tg_minisign_key *key, struct tg_err *err) TG_MUST_CHECK;

/* What a run is, for the scope of an exception. */
struct tg_exceptions_ask {
	const char *project, *recipient; /* the job's name; an id */
};

/* The exceptions that a job names. */
struct tg_exceptions {
	struct tg_exception_now x[TG_POLICY_EXCEPTIONS];
	struct tg_policy_exception src[TG_POLICY_EXCEPTIONS];
	size_t n;
};

/*
 * tg_exceptions_open - those of @id, each in force and in its scope but for
 * {bundle: RUN}.  TG_E_CONFIG with the id: EXC-UNKNOWN, EXC-EXPIRED,
 * EXC-REVOKED, EXC-SCOPE.  Free it.
 */
int tg_exceptions_open(struct tg_exceptions *out, const struct tg_register *reg,
    const char *const *id, size_t n, const struct tg_exceptions_ask *ask,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_exceptions_free(struct tg_exceptions *x);
/* tg_exceptions_signed - each has the signatures that @p, compiled with them,
 * asks for: EXC-UNSIGNED.  And the scope {bundle: RUN} is @run: EXC-SCOPE. */
int tg_exceptions_signed(const struct tg_exceptions *x,
    const struct tg_policy *p, struct tg_err *err) TG_MUST_CHECK;
int tg_exceptions_bundle(const struct tg_exceptions *x, const char *run,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_exceptions_manifest - {"declared":<n>,"used":[...]}: used are those that
 * hold in @p, as tg_exception_json has them. */
int tg_exceptions_manifest(struct tg_json **out, const struct tg_exceptions *x,
    const struct tg_policy *p, struct tg_err *err) TG_MUST_CHECK;
/* The uses that a manifest lists, to the ledger; each once. */
int tg_exceptions_record(struct tg_ledger *l, const struct tg_json *used,
    const char *run, const char *bundle_id, struct tg_err *err) TG_MUST_CHECK;
/* TG_E_NO "EXC-REVOKED: ...": one that a manifest lists is revoked. */
int tg_exceptions_stand(struct tg_ledger *l, const struct tg_json *used,
    struct tg_err *err) TG_MUST_CHECK;

#endif
