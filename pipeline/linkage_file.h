/* linkage_file.h - what is kept of a bundle for those after it (linkage.h):
 * rows of 16 bytes behind a line of 64, sorted, each once, and the SHA-256 of
 * all that. */
#ifndef TG_PIPELINE_LINKAGE_FILE_H
#define TG_PIPELINE_LINKAGE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/fs.h"

#define TG_LINKAGE_ROW 16 /* bytes */

struct tg_linkage_out {
	struct tg_fs_out out;
	uint8_t block[4096];
	size_t n;
	struct tg_sha256 sum;
};

/* Rows, ascending, to @path, 0600, whole or not at all.  On failure
 * tg_linkage_out_abort. */
int tg_linkage_out_open(struct tg_linkage_out *o, const char *path,
    const uint8_t key[TG_KEY_LEN], struct tg_err *err) TG_MUST_CHECK;
int tg_linkage_out_row(struct tg_linkage_out *o,
    const uint8_t row[TG_LINKAGE_ROW], struct tg_err *err) TG_MUST_CHECK;
int tg_linkage_out_close(struct tg_linkage_out *o, struct tg_err *err)
    TG_MUST_CHECK;
void tg_linkage_out_abort(struct tg_linkage_out *o);

struct tg_linkage_in {
	int fd; /* -1: none */
	const char *path;
	uint64_t left; /* rows */
	uint8_t block[65536], last[TG_LINKAGE_ROW];
	size_t n, at;
	bool any, whole;
	struct tg_sha256 sum;
};

/*
 * 1: opened; 0: there is none, or it was made with another key.  TG_E_KEY: not
 * private; TG_E_INTEGRITY, here and below: not such a file, cut, out of order.
 */
int tg_linkage_in_open(struct tg_linkage_in *in, const char *path,
    const uint8_t key[TG_KEY_LEN], struct tg_err *err) TG_MUST_CHECK;
/* *@row: the next one, borrowed until the next call; NULL behind the last. */
int tg_linkage_in_row(struct tg_linkage_in *in, const uint8_t **row,
    struct tg_err *err) TG_MUST_CHECK;
void tg_linkage_in_close(struct tg_linkage_in *in);

#endif
