/*
 * ledger.h - the append-only record: C2SP tlog-tiles in a folder, checkpoints
 * as signed notes (Ed25519), inclusion and consistency proofs (RFC 6962).
 *
 * dir/    checkpoint, tile/…, log.vkey: public within the organisation.
 * state/  last-signed, lock, the log key: private, never mirrored.
 * Only "no such file" means "no ledger yet".  An entry is canonical JSON, at
 * most 65,535 bytes, without personal data: people are key ids.
 */
#ifndef TG_PIPELINE_LEDGER_LEDGER_H
#define TG_PIPELINE_LEDGER_LEDGER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/json.h"

#define TG_LEDGER_HASH 32
#define TG_LEDGER_ENTRY_MAX 65535

struct tg_ledger;

/* tg_ledger_create - a new ledger with its key (Go note signer form, 0600 in
 * @state) and a genesis entry.  Fine when it is there already. */
int tg_ledger_create(const char *dir, const char *state, const char *origin,
    const struct tg_env *env, struct tg_err *err) TG_MUST_CHECK;
/* tg_ledger_open - for appending: takes the lock (TG_E_LOCKED), checks the
 * checkpoint against tiles and last-signed (TG_E_INTEGRITY: rollback, fork). */
int tg_ledger_open(struct tg_ledger **out, const char *dir, const char *state,
    const struct tg_env *env, struct tg_err *err) TG_MUST_CHECK;
/* tg_ledger_read - for looking and proving; no lock, no state, @vkey NULL:
 * the one in the folder (then the signature proves only consistency). */
int tg_ledger_read(struct tg_ledger **out, const char *dir, const char *vkey,
    struct tg_err *err) TG_MUST_CHECK;
void tg_ledger_free(struct tg_ledger *l);

uint64_t tg_ledger_size(const struct tg_ledger *l);
const char *tg_ledger_origin(const struct tg_ledger *l);
const char *tg_ledger_vkey(const struct tg_ledger *l);
/* The signed note as it stands in the folder. */
struct tg_sv tg_ledger_checkpoint(const struct tg_ledger *l);

/*
 * tg_ledger_append - one entry: v, type, time (never before the last entry's),
 * seq and nonce are added to @take_body.  Durable (tiles, last-signed,
 * checkpoint, in this order, each fsynced) when it returns 0; *@index is its
 * number from 0.
 */
int tg_ledger_append(struct tg_ledger *l, const char *type,
    struct tg_json *take_body, uint64_t *index, struct tg_err *err)
    TG_MUST_CHECK;
/* The entry's bytes, appended to @out. */
int tg_ledger_entry(struct tg_ledger *l, uint64_t index, struct tg_buf *out,
    struct tg_err *err) TG_MUST_CHECK;
/* The last entry of @type whose body member @key is @value: *@index, or -1 in
 * *@index when there is none. */
int tg_ledger_find(struct tg_ledger *l, const char *type, const char *key,
    const char *value, int64_t *index, struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_ledger_each - @fn is told of every entry whose member @key is @value,
 * oldest first; the entry is borrowed.  What @fn returns when it is not 0 ends
 * it.  tg_ledger_find's errors.
 */
int tg_ledger_each(struct tg_ledger *l, const char *key, const char *value,
    int (*fn)(void *ctx, uint64_t index, const struct tg_json *entry,
	struct tg_err *err),
    void *ctx, struct tg_err *err) TG_MUST_CHECK;
/* c2sp.org/tlog-proof@v1 of entry @index in the present tree. */
int tg_ledger_prove(struct tg_ledger *l, uint64_t index, struct tg_buf *out,
    struct tg_err *err) TG_MUST_CHECK;
/* Consistency from @old to now, in the form of tlog-witness add-checkpoint. */
int tg_ledger_consistency(struct tg_ledger *l, uint64_t old, struct tg_buf *out,
    struct tg_err *err) TG_MUST_CHECK;
/* Whole folder: every entry hashed, the root rebuilt, the signature checked,
 * tiles equal.  *@examined counts entries. */
int tg_ledger_check(const char *dir, const char *vkey, uint64_t *examined,
    struct tg_err *err) TG_MUST_CHECK;

/* A tlog-proof checked offline: signature by @vkey, path from the hash of
 * @entry.  TG_E_INTEGRITY. */
int tg_proof_check(struct tg_sv proof, struct tg_sv entry, const char *vkey,
    uint64_t *index, struct tg_err *err) TG_MUST_CHECK;

/* A Merkle tree over leaves handed in one by one, constant memory: the root
 * of RFC 6962.  For the record commitments of a bundle. */
struct tg_merkle {
	uint8_t node[64][TG_LEDGER_HASH];
	uint64_t n;
};
void tg_merkle_init(struct tg_merkle *m);
/* The same of a leaf whose hash, SHA-256(0x00, salt, data), is known. */
int tg_merkle_add_hash(struct tg_merkle *m, const uint8_t leaf[TG_LEDGER_HASH],
    struct tg_err *err) TG_MUST_CHECK;
int tg_merkle_add(struct tg_merkle *m, const void *salt, size_t n_salt,
    const void *p, size_t n, struct tg_err *err) TG_MUST_CHECK;
int tg_merkle_root(const struct tg_merkle *m, uint8_t out[TG_LEDGER_HASH],
    struct tg_err *err) TG_MUST_CHECK;
/* A signed note over origin, @n and @root by the ledger's key; needs a ledger
 * opened for appending. */
int tg_ledger_note(struct tg_ledger *l, const char *origin, uint64_t n,
    const uint8_t root[TG_LEDGER_HASH], struct tg_buf *out, struct tg_err *err)
    TG_MUST_CHECK;

#endif
