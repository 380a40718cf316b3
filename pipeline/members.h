/*
 * members.h - the files of the bag while they are written: redacted records in
 * the run's private spool, each with its digest, and a salted Merkle leaf a
 * record.
 */
#ifndef TG_PIPELINE_MEMBERS_H
#define TG_PIPELINE_MEMBERS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/sv.h"
#include "pipeline/ledger/ledger.h"

struct tg_vocab;

struct tg_member {
	char *name;    /* in the bag: "data/…" */
	char *path;    /* in the spool */
	uint64_t size; /* bytes */
	uint64_t records;
	uint8_t sha256[TG_SHA256_LEN];
	const struct tg_vocab *vocab; /* its token ids are in, or NULL */
	bool texts_gone; /* a tensor file whose texts stood beside it */
};

struct tg_members {
	char *dir;
	struct tg_member *list; /* in the order they were opened */
	size_t n, cap;
	struct tg_fs_out out;
	struct tg_sha256 sha, leaf;
	bool open;
	struct tg_merkle tree;
	uint8_t salt_key[TG_KEY_LEN];
	uint64_t records;
};

#define TG_MEMBERS_MAX 1000000u

/* The key of the salts of a run's records, and the salt of number @record, from
 * 0: a leaf of the tree is SHA-256(0x00, salt, record), the line end left out.
 */
void
tg_members_salt_key(uint8_t out[TG_KEY_LEN], const uint8_t seed[TG_KEY_LEN]);
void tg_members_salt(uint8_t out[TG_KEY_LEN],
    const uint8_t salt_key[TG_KEY_LEN], uint64_t record);
/* Makes the folder, empty. */
int tg_members_init(struct tg_members *m, const char *dir,
    const uint8_t seed[TG_KEY_LEN], struct tg_err *err) TG_MUST_CHECK;
void tg_members_deinit(struct tg_members *m);
/* Ends the open member, begins @name (unique: TG_E_BUG otherwise). */
int tg_members_open(struct tg_members *m, const char *name, struct tg_err *err)
    TG_MUST_CHECK;
bool tg_members_has(const struct tg_members *m, const char *name);
/* One record and its line end; a leaf of the tree. */
int tg_members_add(struct tg_members *m, struct tg_sv record, struct tg_sv eol,
    struct tg_err *err) TG_MUST_CHECK;
/* A record in pieces, without a line end: begin, any number of pieces, end. */
int tg_members_begin(struct tg_members *m, struct tg_err *err) TG_MUST_CHECK;
int tg_members_piece(struct tg_members *m, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
int tg_members_end(struct tg_members *m, struct tg_err *err) TG_MUST_CHECK;
int tg_members_close(struct tg_members *m, struct tg_err *err) TG_MUST_CHECK;
/* Bytewise by name: the order in the bag. */
void tg_members_sort(struct tg_members *m);

#endif
