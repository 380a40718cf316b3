/*
 * hold.h - a legal hold: what must not be deleted although its time is over,
 * for whom and until when somebody looks again (policy-and-evidence.md 4.4;
 * GDPR art. 17(3)(e), 18(1)(c): the establishment, exercise or defence of legal
 * claims).  Who signed it and whether it is in force is pipeline/holds.h.
 *
 *	schema: tracegate.hold/1
 *	id: HOLD-2026-001            # HOLD-, then capitals, digits, '-'
 *	holder: "Legal department"   # who keeps what is held
 *	case_reference: "HC-2026-001234"
 *	requested_by: n.ashby        # a person of trust.yaml
 *	reason: "..."
 *	scope:                       # what all of its lines fit; at least one
 *	  runs: [EXP-2026-11-24-UK-01]
 *	  bundles: [tg-uk-...]
 *	  origins: [GB, FR]
 *	  captured: {from: "2026-11-01", until: "2026-11-20"}
 *	placed_on: "2026-11-25"      # the day it was placed, or looked at again
 *	review_by: "2027-02-20"      # its last day without another look
 *
 * Every key is needed; of scope one is enough.  Both days of "captured" are
 * inside.  The file is never written again: people sign its bytes.  A hold
 * suspends deletion and nothing else: it widens no use.
 */
#ifndef TG_POLICIES_HOLD_H
#define TG_POLICIES_HOLD_H

#include <stdint.h>

#include "policies/pfile.h"
#include "policies/policy.h"

#define TG_HOLD_SCHEMA "tracegate.hold/1"
#define TG_HOLD_ID 40 /* bytes of an id, at most */
#define TG_HOLD_ROLES 8

/* A list that is empty says nothing. */
struct tg_hold_list {
	const char *const *item;
	size_t n;
};

struct tg_hold {
	struct tg_pfile file;
	const char *id, *holder, *case_reference, *requested_by, *reason;
	struct tg_hold_list runs, bundles, origins;
	bool dated;
	int64_t from, until;	   /* s UTC: captured at from <= t < until */
	int64_t placed, review_by; /* s UTC; the last day is inside */
};

bool tg_hold_id_ok(struct tg_sv id);

/*
 * tg_hold_open - the record at @path, checked alone; its texts live as long as
 * it is open and @mem does.  TG_E_CONFIG "file:line:col: ..."; TG_E_IO,
 * TG_E_MEMORY.
 */
int tg_hold_open(struct tg_hold *out, const char *path, struct tg_arena *mem,
    struct tg_err *err) TG_MUST_CHECK;
void tg_hold_close(struct tg_hold *h);

/* What a hold is asked about.  A text that is "" is not known. */
struct tg_hold_asked {
	const char *run, *bundle_id, *origin;
	/* Captured from .. until, both inside, s UTC; from 0: not known. */
	int64_t from, until;
};

/*
 * tg_hold_covers - whether @what may be in the scope of @h.  What is not known
 * of it does not take it out (fail closed: it is held); a span of time is in
 * when any part of it is.
 */
bool tg_hold_covers(const struct tg_hold *h, const struct tg_hold_asked *what);

/* Roles that must sign a hold. */
struct tg_hold_need {
	char role[TG_HOLD_ROLES][32];
	size_t n;
};

/*
 * tg_hold_allowed - what @p says of holds: no longer than
 * /retention/legal_hold/max_review_days from placed_on to review_by
 * (TG_E_CONFIG), and @need gets the roles of its
 * "requires" ("legal_approval").  TG_E_CONFIG for a line of it that no record
 * can show, and E-NO-SUCH-LEAF.  Called for several policies, @need grows.
 */
int tg_hold_allowed(struct tg_hold_need *need, const struct tg_hold *h,
    const struct tg_policy *p, struct tg_err *err) TG_MUST_CHECK;

#endif
