/*
 * verify.h - is this what it says it is?  Told by content, never by name:
 * a bundle, a ledger folder, an evidence folder, a decision, the record that a
 * pseudonym key was destroyed.
 *
 * Each check says how many things it examined; none is "not assessed", never a
 * pass.  Stricter than the outside tools: a file too many fails.
 */
#ifndef TG_PIPELINE_VERIFY_H
#define TG_PIPELINE_VERIFY_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/trust.h"

enum tg_verify_kind {
	TG_VERIFY_UNKNOWN = 0,
	TG_VERIFY_BUNDLE,
	TG_VERIFY_LEDGER,
	TG_VERIFY_DECISION,
	TG_VERIFY_EVIDENCE,
	TG_VERIFY_DESTRUCTION
};

enum tg_verify_result { TG_CHECK_OK, TG_CHECK_FAILED, TG_CHECK_NOT_ASSESSED };

struct tg_verify_check {
	const char *name; /* stable: "files", "signature", ... */
	enum tg_verify_result result;
	uint64_t examined;
	const char *text; /* one sentence; printable ASCII and UTF-8 of ours */
};

struct tg_verify_opts {
	/* Who may sign; NULL: signatures of persons are not assessed. */
	const struct tg_trust *trust;
	/* "RW...": the one exporter expected; NULL: any exporter of trust. */
	const char *exporter;
	/* The ledger's verifier key; NULL: the one in a signed manifest. */
	const char *vkey;
	int64_t now; /* seconds */
	/* Called for each check, in order; borrowed for the call.  May be
	 * NULL. */
	void (*report)(void *ctx, const struct tg_verify_check *check);
	void *ctx;
};

struct tg_verify_sum {
	enum tg_verify_kind kind;
	unsigned ok, failed, not_assessed; /* checks */
	uint64_t examined;		   /* of all checks */
};

/* "bundle", "ledger", "decision", "evidence", "key-destruction", "unknown". */
const char *tg_verify_kind_name(enum tg_verify_kind kind);
enum tg_verify_kind tg_verify_kind(const char *path);

/* The files that a bundle has beside those which its manifest names. */
#define TG_BUNDLE_MANIFEST "manifest.json"
#define TG_BUNDLE_MANIFEST_SIG "manifest.json.minisig"
#define TG_BUNDLE_RECORDS "records.checkpoint"
#define TG_BUNDLE_INTENT "intent.json" /* the bytes of the ledger's entry */
#define TG_BUNDLE_INTENT_PROOF "intent.tlog-proof"
#define TG_BUNDLE_EVIDENCE "evidence"

/*
 * tg_verify_path - all checks of what @path is; @out (may be NULL) is set in
 * each case.  0: every check is OK.  TG_E_INTEGRITY: at least one failed.
 * TG_E_NO: none failed, but at least one was not assessed.  TG_E_USAGE:
 * nothing that can be verified here (a policy is not: policies/ does that).
 * TG_E_MEMORY.
 *
 * Of a bundle: SHA256SUMS and no file too many; the manifest and its signature
 * by an exporter; volumes and their age headers; the files the manifest names;
 * records.checkpoint; the intent and its proof; the decisions, in force when
 * the intent was recorded; no file that none of these accounts for.
 *
 * Of a key's destruction: its form and signature by an exporter of trust; that
 * the key is not in the folder above it (not assessed away from there); and,
 * with opts->vkey, that the ledger of that state folder has its digest.
 */
int tg_verify_path(struct tg_verify_sum *out, const char *path,
    const struct tg_verify_opts *opts, struct tg_err *err) TG_MUST_CHECK;

#endif
