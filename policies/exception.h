/*
 * exception.h - the one way to loosen: a record that names a leaf, what it is
 * and what it may be for a time (policy-and-evidence.md 4.7).  Who signed it
 * and whether it is in force is pipeline/exceptions.h.
 *
 *	schema: tracegate.exception/1
 *	id: EXC-2026-001             # EXC-, then capitals, digits, '-'
 *	region: fr                   # whose effective policy it is about
 *	policy_path: /limits/max_tokens_per_trace
 *	inherited_value: 1000        # what the policy says without it
 *	requested_value: 2000        # what holds with it
 *	direction: looser            # to tighten, a project's policy will do
 *	scope: {project: nightly}    # a job's name; or {recipient: ID}; or
 *	                             # {bundle: RUN}, one run alone
 *	justification: "..."
 *	risk: "..."
 *	compensating_controls: ["...", "..."]
 *	requested_by: n.ashby        # a person of trust.yaml
 *	valid_from: "2026-11-20"     # both days are inside
 *	valid_until: "2026-12-10"
 *	review_note: "..."
 *
 * Every key is needed.  The file is never written again: people sign its bytes.
 */
#ifndef TG_POLICIES_EXCEPTION_H
#define TG_POLICIES_EXCEPTION_H

#include "base/buf.h"
#include "policies/layer.h"
#include "policies/policy.h"

#define TG_EXCEPTION_SCHEMA "tracegate.exception/1"
#define TG_EXCEPTION_ID 40 /* bytes of an id, at most */

enum tg_exception_scope {
	TG_EXCEPTION_BUNDLE,
	TG_EXCEPTION_RECIPIENT,
	TG_EXCEPTION_PROJECT
};

struct tg_exception {
	struct tg_pfile file;
	const char *id, *region, *path, *requested_by;
	const char *justification, *risk, *review_note;
	const struct tg_ynode *inherited, *requested, *controls;
	enum tg_exception_scope scope;
	const char *scope_id;
	int64_t from, until; /* s UTC: from <= t < until */
};

bool tg_exception_id_ok(struct tg_sv id);
/* "bundle", "recipient", "project". */
const char *tg_exception_scope_name(enum tg_exception_scope scope);

/*
 * tg_exception_open - the record at @path, checked alone; its texts live as
 * long as it is open.  TG_E_CONFIG "file:line:col: ...", also "EXC-NEVER: ..."
 * where the leaf is one that no exception loosens; TG_E_IO, TG_E_MEMORY.
 */
int tg_exception_open(struct tg_exception *out, const char *path,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_exception_close(struct tg_exception *e);

/* Appends a value as the record has it: "2000", "[a, b]". */
int tg_exception_value(struct tg_buf *out, const struct tg_ynode *value,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_exception_apply - the leaf that layer @l, the file of an exception, names
 * is changed in @leaves (sorted, the caller's own) and in @l.
 * TG_E_CONFIG with the place: EXC-INHERITED, EXC-NOT-LOOSER, EXC-NEVER,
 * EXC-TOO-LONG (/exceptions/max_days).
 */
int tg_exception_apply(struct tg_leaves *leaves, struct tg_layer *l,
    const struct tg_exception *e, const struct tg_reference *ref,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;

#endif
