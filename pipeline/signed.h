/*
 * signed.h - records that people sign, in a folder:
 *	<id>.yaml                      the record; never written again
 *	<id>.<verb>.<person>.minisig   over its bytes, by a person's key
 * Trusted comment: "tracegate/1 <kind> <verb> id=<id> sha256=<record>".
 *
 * Exceptions (exceptions.h) and legal holds (holds.h) are such records.
 */
#ifndef TG_PIPELINE_SIGNED_H
#define TG_PIPELINE_SIGNED_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "pipeline/bundle/minisign.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/trust.h"
#include "policies/pfile.h"

#define TG_SIGNED_ID 40	 /* bytes of an id, at most */
#define TG_SIGNED_MAX 16 /* persons who count */

/* Where records are and whose word counts; borrowed. */
struct tg_register {
	const char *state_dir;
	const struct tg_trust *trust;
	const char *preparer; /* person of the job; does not count */
	struct tg_ledger *ledger;
	int64_t now; /* s UTC */
};

/* One record; borrowed. */
struct tg_signed {
	const char *dir;
	const char *kind; /* "exception", "hold" */
	const char *id, *sha256;
	struct tg_sv text; /* its bytes */
	const struct tg_trust *trust;
};

/* The folder @name of a state folder, in a new string.  NULL: TG_E_MEMORY. */
char *tg_signed_dir(const char *state_dir, const char *name, struct tg_err *err)
    TG_MUST_CHECK;
/* The record @id of @kind, which @file is, in the folder @dir of @reg. */
struct tg_signed tg_signed_of(const struct tg_register *reg, const char *dir,
    const char *kind, const char *id, const struct tg_pfile *file);
/* Whether @p neither asked for it, as @asked, nor prepares the export. */
bool tg_signed_apart(const struct tg_register *reg, const char *asked,
    const struct tg_person *p);

struct tg_signers {
	const struct tg_person *by[TG_SIGNED_MAX]; /* each person once */
	size_t n;
	bool any; /* a file of that name is there, understood or not */
};

/* Where the record @id is or would be; NULL: memory. */
const char *tg_signed_path(
    const char *dir, const char *id, struct tg_arena *mem) TG_MUST_CHECK;
/* The ids for which @ok, sorted; the folder may be missing. */
int tg_signed_ids(const char *const **out, size_t *n, const char *dir,
    bool (*ok)(struct tg_sv id), struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;
/* @text joins the folder, which is made, as the record @id.  TG_E_NO: there is
 * one. */
int tg_signed_add(const char *dir, const char *id, struct tg_sv text,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_signed_by - whose signatures for @verb are good, of those whom @counts
 * lets.  One that is bad is nobody's.  TG_E_IO, TG_E_MEMORY. */
int tg_signed_by(struct tg_signers *out, const struct tg_signed *s,
    const char *verb, bool (*counts)(const void *ctx, const struct tg_person *),
    const void *ctx, struct tg_err *err) TG_MUST_CHECK;
/* tg_signed_sign - @who signs with @key, which is theirs. */
int tg_signed_sign(const struct tg_signed *s, const char *verb,
    const struct tg_person *who, const struct tg_minisign_key *key,
    struct tg_err *err) TG_MUST_CHECK;

#endif
