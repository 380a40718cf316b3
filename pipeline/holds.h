/*
 * holds.h - the register of legal holds (policies/hold.h): what may not be
 * deleted although its time is over.
 *
 * state/holds/
 *	HOLD-1.yaml                       the record, as it was asked for
 *	HOLD-1.place.<person>.minisig     over its bytes (signed.h)
 *	HOLD-1.release.<person>.minisig   likewise
 *
 * In the ledger, once all roles of the policy have signed: hold.placed,
 * hold.released {"hold","hold_sha256","roles":[],"review_by",
 * "approver_keyids":[]}: who asked, for which case and why stay in the record.
 *
 * A signature counts when its person holds a role of the policy, did not ask
 * for the hold and does not prepare the export.  A hold is in force from
 * hold.placed until hold.released, and then only while the signatures for its
 * release are there and good: what the folder loses, or what is written to the
 * ledger alone, releases nothing.  That its review is overdue does not either.
 */
#ifndef TG_PIPELINE_HOLDS_H
#define TG_PIPELINE_HOLDS_H

#include "base/json.h"
#include "pipeline/runs.h"
#include "pipeline/signed.h"
#include "policies/hold.h"

#define TG_HOLDS_MAX 256
#define TG_HOLDS_MEMORY (32u << 20) /* bytes, for all of them */

enum tg_hold_state {
	TG_HOLD_IN_FORCE = 0,
	TG_HOLD_DRAFT, /* not all have signed: it holds nothing yet */
	TG_HOLD_RELEASED
};

/* One record as it stands. */
struct tg_hold_now {
	struct tg_hold h;
	struct tg_signers placed, released; /* whose signatures are good */
	struct tg_hold_need need; /* roles that placed it; none: a draft */
	enum tg_hold_state state;
	bool due; /* in force, and its review is overdue */
};

struct tg_holds {
	struct tg_hold_now *hold; /* by id */
	size_t n;
};

/*
 * tg_holds_open - all of the register; free it.  TG_E_INTEGRITY: the ledger has
 * one whose record is gone or was changed; TG_E_LIMIT; tg_hold_open's errors.
 * Whoever deletes must not go on after an error.
 */
int tg_holds_open(struct tg_holds *out, const struct tg_register *reg,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_holds_free(struct tg_holds *h);
/* The one of @id, or NULL. */
const struct tg_hold_now *
tg_holds_by_id(const struct tg_holds *h, const char *id);
/*
 * tg_holds_over - a hold in force over @what, or NULL.  Borrowed.
 */
const struct tg_hold_now *
tg_holds_over(const struct tg_holds *h, const struct tg_hold_asked *what);
/* A hold in force over something; id "": none. */
struct tg_hold_over {
	char id[TG_HOLD_ID + 1];
	int64_t reviewed, review_by; /* s UTC, days */
};

/*
 * tg_holds_ask - the same in one call, for who deletes: @reg with the ledger
 * open.  tg_holds_open's errors: nothing is deleted then.
 */
int tg_holds_ask(struct tg_hold_over *out, const struct tg_register *reg,
    const struct tg_hold_asked *what, struct tg_err *err) TG_MUST_CHECK;
/* What a run and its bundle are to that question; borrows from @run. */
struct tg_hold_asked tg_hold_asked_of(const struct tg_run_ref *run);
/* Holds whose review is overdue. */
size_t tg_holds_due(const struct tg_holds *h);

/* "in force", "draft", "released". */
const char *tg_hold_state_name(enum tg_hold_state s);
/*
 * {"id","sha256","state","due","holder","case_reference","requested_by",
 * "reason","scope":{},"placed_on","review_by","signed_by":[ids],
 * "released_by":[ids]}.  TG_E_MEMORY.
 */
int tg_hold_json(struct tg_json **out, const struct tg_hold_now *x,
    struct tg_err *err) TG_MUST_CHECK;

/* tg_hold_add - the file at @path joins the register under its id; fine when
 * it is there with the same bytes.  TG_E_NO: another one is. */
int tg_hold_add(char id[TG_HOLD_ID + 1], const char *state_dir,
    const char *path, struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_hold_sign - @who places or releases @x with @key; when all roles of @need
 * have, the ledger (opened for appending) says so.  To release, @need is what
 * placed it.  TG_E_NO: "APR-ROLE", "APR-SAME-PERSON", or it is no draft (to
 * place), not in force (to release).
 */
int tg_hold_sign(const struct tg_hold_now *x, const struct tg_register *reg,
    const struct tg_hold_need *need, bool release, const struct tg_person *who,
    const struct tg_minisign_key *key, struct tg_err *err) TG_MUST_CHECK;

#endif
