/*
 * ustar.h - the one shape of tar that a bundle has (POSIX ustar): regular files
 * only, sorted bytewise, mode 0644, owner and group 0, time 0, padded to
 * 10,240 bytes.  Byte-identical with
 *
 *	find . -type f -printf '%P\n' | LC_ALL=C sort |
 *	    LC_ALL=C tar --format=ustar --no-recursion --mtime=@0 --owner=0
 *	    --group=0 --numeric-owner --mode=0644 -T - -cf -
 *
 * so that anyone can make the same tar from the extracted files.  The reader
 * takes exactly this and nothing else.
 */
#ifndef TG_PIPELINE_BUNDLE_USTAR_H
#define TG_PIPELINE_BUNDLE_USTAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/name.h"

#define TG_USTAR_BLOCK 512
#define TG_USTAR_RECORD 10240
#define TG_USTAR_SIZE_MAX UINT64_C(077777777777) /* 8 GiB - 1: 11 digits */

/*
 * tg_ustar_header - the block of one member.  False when @name is not
 * tg_name_ok, has no '/' where ustar could cut it, or @size is too much.
 */
bool tg_ustar_header(uint8_t block[TG_USTAR_BLOCK], struct tg_sv name,
    uint64_t size) TG_MUST_CHECK;

struct tg_ustar_writer {
	tg_write_fn write;
	void *ctx;
	uint64_t n;    /* bytes written */
	uint64_t left; /* of the member that is open */
	uint64_t members;
	char last[TG_NAME_MAX + 1];
	size_t n_last;
};

void tg_ustar_begin(struct tg_ustar_writer *w, tg_write_fn write, void *ctx);
/* tg_ustar_member - TG_E_INPUT: a name that does not fit, or that is not after
 * the last one.  The last member is complete (TG_E_BUG). */
int tg_ustar_member(struct tg_ustar_writer *w, struct tg_sv name, uint64_t size,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_ustar_data - not more in all than the member's size (TG_E_BUG). */
int tg_ustar_data(struct tg_ustar_writer *w, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
int tg_ustar_end(struct tg_ustar_writer *w, struct tg_err *err) TG_MUST_CHECK;

/* What a reader is told.  Each returns 0, or -1 with err set: reading stops. */
struct tg_ustar_events {
	int (*member)(
	    void *ctx, struct tg_sv name, uint64_t size, struct tg_err *err);
	int (*data)(void *ctx, const void *p, size_t n, struct tg_err *err);
	int (*done)(void *ctx, struct tg_err *err); /* this member is whole */
	void *ctx;
};

/* Pushed bytes of any length.  Every defect is TG_E_INTEGRITY with the offset
 * of the block. */
struct tg_ustar_reader {
	struct tg_ustar_events on;
	uint64_t n;    /* bytes taken */
	uint64_t left; /* of the member that is open */
	uint64_t pad;  /* zero bytes due after it */
	uint64_t end;  /* where the file must end; 0: not known yet */
	uint64_t members;
	size_t n_block;
	size_t n_last;
	char last[TG_NAME_MAX + 1];
	uint8_t block[TG_USTAR_BLOCK];
};

void tg_ustar_reader_init(
    struct tg_ustar_reader *r, const struct tg_ustar_events *on);
int tg_ustar_push(struct tg_ustar_reader *r, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_ustar_finish - the file ends here: was it whole? */
int
tg_ustar_finish(struct tg_ustar_reader *r, struct tg_err *err) TG_MUST_CHECK;

/* tg_ustar_read - a whole tar from @fd, from where it stands. */
int tg_ustar_read(int fd, const struct tg_ustar_events *on, struct tg_err *err)
    TG_MUST_CHECK;

#endif
