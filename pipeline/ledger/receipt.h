/*
 * receipt.h - the proof that something was written down before it leaves.
 *
 * Only tg_receipt_intent makes one, and only after "export.intent" is in a
 * signed checkpoint on disk.  A sink takes a receipt: an upload without one
 * does not compile (design, promise 2).
 */
#ifndef TG_PIPELINE_LEDGER_RECEIPT_H
#define TG_PIPELINE_LEDGER_RECEIPT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/ledger/ledger.h"

struct tg_receipt;

struct tg_intent {
	const char *bundle_id;
	const char *manifest_sha256; /* hex */
	const char *target;	     /* URL without credentials */
	int64_t deadline;	     /* seconds UTC */
};

/* An intent for the same bundle, manifest and target that has no terminal
 * entry yet is taken up again (idempotent after a crash). */
int tg_receipt_intent(struct tg_receipt **out, struct tg_ledger *l,
    const struct tg_intent *what, struct tg_err *err) TG_MUST_CHECK;
void tg_receipt_free(struct tg_receipt *r);

const char *tg_receipt_bundle(const struct tg_receipt *r);
const char *tg_receipt_manifest(const struct tg_receipt *r);
const char *tg_receipt_target(const struct tg_receipt *r);
uint64_t tg_receipt_index(const struct tg_receipt *r);

#endif
