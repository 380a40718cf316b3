/*
 * pseudonym_key.h - the keys of pseudonyms, from their first use to their
 * signed end.
 *
 * state/pseudonyms/                                            0700
 *	<key id>.key               32 random bytes, 0600: half of a key
 *	<key id>.json              what it is of, 0600: the scope below
 *	<key id>.destroying        0600: its end was begun, and why
 *	destroyed/<key id>.json    the record of its end, and .minisig by the
 *	                           exporter's key (docs/FORMATS.md)
 *
 * A key is keyed BLAKE2b of both halves, this one and keys/pseudonyms.key, and
 * of "purpose|recipient|period|bundle" (policy-and-evidence.md 4.4): neither
 * half alone makes a pseudonym, and nothing of it follows from a run's seed,
 * which stays.  "bundle" is empty but for /anonymisation/pseudonym/domain:
 * per_bundle; every other word of that leaf is carried out as per_recipient,
 * which is stricter.  The key id is a one-way function of the key.
 *
 * The end of a key (key_destroyed_at of the policy):
 *	bundle_sealed  when its bundle is sealed, before export.prepared
 *	retention_end  when the last bundle made with it is past delete_after
 *	never          not at all
 * and of a key that no bundle was made with, when its period is over.
 *
 * What is done: the file of the random half is overwritten once, synced and
 * unlinked, the folder synced.  NIST SP 800-88r2 calls the loss of a key
 * cryptographic erase when no copy of it is left; of copies that others made
 * (backups, snapshots, a file system or a disk that writes elsewhere) nothing
 * is known here, and the record says so.
 */
#ifndef TG_PIPELINE_PSEUDONYM_KEY_H
#define TG_PIPELINE_PSEUDONYM_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"
#include "base/env.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/bundle/minisign.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/trust.h"
#include "policies/policy.h"

#define TG_PSEUDONYM_ID 17 /* 16 hex digits and NUL */
#define TG_PSEUDONYM_RECORD "tracegate.key-destruction/1"
#define TG_PSEUDONYM_DESTROYED "destroyed"	     /* folder of the records */
#define TG_PSEUDONYM_ENTRY "pseudonym.key.destroyed" /* of the ledger */

/* What a key is of; borrowed. */
struct tg_pseudonym_scope {
	bool per_bundle;
	const char *destroyed_at; /* the policy's word */
	const char *purpose, *recipient, *bundle_id;
	uint64_t period;     /* as_of / (rotation_days * 86400) */
	int64_t period_ends; /* s UTC */
};

/* TG_E_CONFIG: a leaf is missing.  @as_of: s UTC, the day of the run. */
int tg_pseudonym_scope(struct tg_pseudonym_scope *out,
    const struct tg_policy *p, const char *purpose, const char *recipient,
    const char *bundle_id, int64_t as_of, struct tg_err *err) TG_MUST_CHECK;

/* The id of @key: a manifest's pseudonym_key_id. */
void
tg_pseudonym_key_id(char out[TG_PSEUDONYM_ID], const uint8_t key[TG_KEY_LEN]);

/*
 * tg_pseudonym_key - the key of @scope: the one that is there, else a new one,
 * durable when this returns.  @fixed: the random half (TG_KEY_LEN) handed in,
 * so that the same bytes can be made again; NULL: from @env.  TG_E_KEY: @fixed
 * is not the half that is there, or makes a key that was destroyed, or a file
 * is not private; TG_E_IO,
 * TG_E_MEMORY.
 */
int tg_pseudonym_key(uint8_t out[TG_KEY_LEN], const char *state_dir,
    const struct tg_pseudonym_scope *scope, const uint8_t master[TG_KEY_LEN],
    const uint8_t *fixed, const struct tg_env *env, struct tg_err *err)
    TG_MUST_CHECK;

/*
 * tg_pseudonym_keys - the keys that are there, sorted by id:
 * [{"key_id","domain","purpose","recipient","period","created_at",
 *   "key_destroyed_at","given":<bool>,"begun":<bool>,
 *   "bundles":[{"bundle_id","run","delete_after"}],
 *   "reason","due_at","due":<bool>}]
 * reason "" and due_at 0: never.  begun: its end was interrupted; it is due.
 */
int tg_pseudonym_keys(struct tg_json **out, const char *state_dir, int64_t now,
    struct tg_err *err) TG_MUST_CHECK;

/* Who ends a key, and where it is written down; borrowed.  The state folder's
 * lock is the caller's. */
struct tg_pseudonym_end {
	const char *state_dir;
	struct tg_ledger *ledger; /* opened for appending */
	const struct tg_person *by;
	const struct tg_minisign_key *key; /* @by's */
	const struct tg_env *env;
};

/*
 * tg_pseudonym_destroy - ends @key, an object of tg_pseudonym_keys.  Each step
 * is safe to do again: after an interruption the same call goes on.  The random
 * half is gone before the record is signed.  TG_E_IO, TG_E_MEMORY and the
 * ledger's errors.
 */
int tg_pseudonym_destroy(const struct tg_pseudonym_end *end,
    const struct tg_json *key, struct tg_err *err) TG_MUST_CHECK;

/* tg_pseudonym_end_of - ends the key @id if it is there and due. */
int tg_pseudonym_end_of(const struct tg_pseudonym_end *end, const char *id,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_pseudonym_record - the record at @path, its signature verified by a
 * trusted exporter's key.  @sha256 (may be NULL): hex, of its bytes.
 * TG_E_INTEGRITY: form or signature; *@missing: not there (TG_E_IO).
 */
int tg_pseudonym_record(struct tg_json **out, char sha256[65], const char *path,
    const struct tg_trust *trust, bool *missing, struct tg_err *err)
    TG_MUST_CHECK;

/*
 * tg_pseudonym_state - what became of the key of @manifest, for the evidence:
 * {"key_id","state":"held"|"destroyed"|"unknown","destroyed_at","reason",
 *  "record_sha256","ledger_index"}; of state "held" and "unknown" only the
 * first two.  unknown: neither a key nor a record that holds.
 */
int tg_pseudonym_state(struct tg_json **out, const char *state_dir,
    const struct tg_json *manifest, const struct tg_trust *trust,
    struct tg_ledger *ledger, struct tg_err *err) TG_MUST_CHECK;

/* Paths below state/pseudonyms, in a new string: @id and @tail (".key"); of the
 * record of @id and @tail ("", ".minisig"). */
char *tg_pseudonym_path(const char *state_dir, const char *id, const char *tail)
    TG_MUST_CHECK;
char *tg_pseudonym_record_path(
    const char *state_dir, const char *id, const char *tail) TG_MUST_CHECK;

#endif
