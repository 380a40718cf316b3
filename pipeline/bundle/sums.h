/*
 * sums.h - SHA256SUMS of a bundle: what "sha256sum -c" reads, sorted bytewise
 * by name.
 */
#ifndef TG_PIPELINE_BUNDLE_SUMS_H
#define TG_PIPELINE_BUNDLE_SUMS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_SUMS_FILE "SHA256SUMS"
#define TG_SUMS_MAX 20000	 /* lines */
#define TG_SUMS_BYTES (8U << 20) /* of the file */

struct tg_sum {
	struct tg_sv name; /* "manifest.json", "evidence/…" */
	uint8_t sha256[TG_SHA256_LEN];
};

struct tg_sums {
	struct tg_sum *sum; /* sorted by name */
	size_t n;
};

/* tg_sums_name_ok - a name in the bundle's folder, or below evidence/; not
 * SHA256SUMS itself. */
bool tg_sums_name_ok(struct tg_sv name) TG_MUST_CHECK;

/* tg_sums_add - the text for @sum, which may be in any order.  TG_E_INPUT: a
 * name that is not tg_sums_name_ok, or twice; TG_E_LIMIT. */
int tg_sums_add(struct tg_buf *out, const struct tg_sum *sum, size_t n,
    struct tg_err *err) TG_MUST_CHECK;

/* tg_sums_read - exactly what tg_sums_add writes, at least one line, else
 * TG_E_INTEGRITY with the line.  Memory is @arena's; names borrow @text. */
int tg_sums_read(struct tg_sums *out, struct tg_sv text, struct tg_arena *arena,
    struct tg_err *err) TG_MUST_CHECK;

#endif
