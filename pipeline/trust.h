/*
 * trust.h - whose signatures count (trust.yaml) and who receives
 * (recipient files).
 *
 *	schema: tracegate.trust/1
 *	persons:
 *	  - id: m.hartley
 *	    name: "Mary Hartley"
 *	    roles: [legal]             # exporter, legal, dpo, ...
 *	    key: RW...                 # minisign public key
 *	    confirmed_by: "telephone"  # how the key was confirmed, or left out
 *	    confirmed_on: "2026-11-20"
 *
 * A person is an id.  Two entries with one id are two keys of one person (and
 * have one name); one key under two ids is refused.  A role is held by the key
 * whose entry names it.
 *
 *	schema: tracegate.recipient/1
 *	id: rcp-lab          legal_name: ...      role: processor
 *	country: GB          contact: ...         contract_ref: ...
 *	contract_date: "2026-01-31"               keys: [age1...]
 *	key_confirmed: "telephone, 2026-11-20"    # or left out: not confirmed
 *	key_date: "2026-01-31"     # the day the oldest of the keys was made
 *	key_country: GB            # where the secret keys are kept
 *	key_holder: recipient      # who holds them; "recipient": nobody else
 *	onward_transfer: deny      # as the contract has it: allow,
 *	                           # prior_approval or deny
 *	clauses: {delete_and_confirm: "DPA-2026-014, 9.2"}  # where each stands
 *	# where the policy asks for them:
 *	ownership_50pct: ...  primary_residence: ...  end_use: ...
 *	covered_person_screen_date: ...  mechanism: ...  checks: [...]
 *
 * "schema" may be left out.  Unknown keys are refused.  All errors of a file
 * are TG_E_CONFIG "file:line:col: ...".
 */
#ifndef TG_PIPELINE_TRUST_H
#define TG_PIPELINE_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/minisign.h"

#define TG_TRUST_MAX 1024 /* entries of a trust file */
#define TG_TRUST_ROLES 16 /* roles of an entry */
#define TG_ROLE_MAX 32	  /* bytes of a role's name */
#define TG_ID_MAX 64	  /* bytes of an id */
#define TG_RECIPIENT_CHECKS 32
#define TG_RECIPIENT_CLAUSES 64

struct tg_person {
	const char *id, *name;
	const char *const *role; /* sorted */
	size_t n_role;
	const char *key; /* "RW..." */
	struct tg_minisign_pub pub;
	char key_id[TG_MINISIGN_ID_HEX];
	const char *confirmed_by, *confirmed_on; /* "": not confirmed */
};

struct tg_trust;

int tg_trust_load(struct tg_trust **out, const char *path, struct tg_err *err)
    TG_MUST_CHECK;
int tg_trust_parse(struct tg_trust **out, struct tg_sv text, const char *name,
    struct tg_err *err) TG_MUST_CHECK;
void tg_trust_free(struct tg_trust *t);

/* Entries, sorted by id, then key.  Borrowed; NULL when there is none. */
size_t tg_trust_count(const struct tg_trust *t);
const struct tg_person *tg_trust_at(const struct tg_trust *t, size_t i);
/* The first entry of the person. */
const struct tg_person *tg_trust_find(const struct tg_trust *t, const char *id);
/* The entry of this key; by the id inside a signature (the key that is found
 * must still verify it). */
const struct tg_person *
tg_trust_by_key(const struct tg_trust *t, const struct tg_minisign_pub *pub);
const struct tg_person *
tg_trust_by_key_id(const struct tg_trust *t, const uint8_t id[8]);

bool tg_person_has(const struct tg_person *p, const char *role);
/* [a-z_]+, at most TG_ROLE_MAX: a role is part of a file name. */
bool tg_role_ok(struct tg_sv role);
/* Starts with a letter or digit, then [A-Za-z0-9._-]. */
bool tg_id_ok(struct tg_sv id);

/*
 * tg_trust_add - @p (pub and key_id of it are not read) joins the file, which
 * is made when it is missing; the whole file is replaced at once, sorted.  The
 * same key again adds its roles and replaces how it was confirmed.
 * TG_E_CONFIG: not a person, another's key, another name for the id.
 */
int tg_trust_add(const char *path, const struct tg_person *p,
    struct tg_err *err) TG_MUST_CHECK;

struct tg_recipient {
	/* Never NULL; "" where the file may leave it out and does. */
	const char *id, *legal_name, *role, *country, *contact, *contract_ref,
	    *contract_date, *key_confirmed;
	const char *key_date, *key_country, *key_holder, *onward_transfer;
	const char *ownership_50pct, *primary_residence, *end_use,
	    *covered_person_screen_date, *mechanism;
	/* Of the transfer (TRA, AITD): who reads it, and its day. */
	const char *assessment_ref, *assessment_date;
	const char *const *key; /* "age1..." in the file's order */
	size_t n_key;
	uint8_t pk[TG_AGE_RECIPIENTS][TG_AGE_KEY_LEN]; /* the same */
	const char *const *check;
	size_t n_check;
	/* What the contract has, and where in it; in the file's order. */
	const char *const *clause, *const *clause_ref;
	size_t n_clause;
};

int tg_recipient_load(struct tg_recipient **out, const char *path,
    struct tg_err *err) TG_MUST_CHECK;
int tg_recipient_parse(struct tg_recipient **out, struct tg_sv text,
    const char *name, struct tg_err *err) TG_MUST_CHECK;
void tg_recipient_free(struct tg_recipient *r);

#endif
