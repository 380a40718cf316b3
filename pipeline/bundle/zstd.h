/*
 * zstd.h - the compression of a bundle's tar: one zstd frame (RFC 8878) with a
 * content checksum, one thread, and optionally one skippable frame of zero
 * bytes that pads the size (Padmé), so that the size says little about the
 * content.  The reader takes exactly this.  Compressed bytes are recorded, not
 * promised to be the same with another libzstd.
 */
#ifndef TG_PIPELINE_BUNDLE_ZSTD_H
#define TG_PIPELINE_BUNDLE_ZSTD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/bundle/age.h"

#define TG_ZSTD_LEVEL_MAX 19 /* above it "zstd -d" needs options */

/*
 * tg_zstd_padme - the least padded size that is @n or more: the mantissa keeps
 * as many bits as the exponent's length (Nikitin et al., "Reducing Metadata
 * Leakage from Encrypted Files and Communication with PURBs", PETS 2019,
 * algorithm 1).  At most 12 percent more.
 */
uint64_t tg_zstd_padme(uint64_t n);

struct tg_zstd_writer;
/* @level 1 to TG_ZSTD_LEVEL_MAX: TG_E_CONFIG. */
int tg_zstd_writer_new(struct tg_zstd_writer **out, int level,
    tg_write_fn write, void *ctx, struct tg_err *err) TG_MUST_CHECK;
int tg_zstd_write(struct tg_zstd_writer *w, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
int tg_zstd_finish(struct tg_zstd_writer *w, bool padme, struct tg_err *err)
    TG_MUST_CHECK;
void tg_zstd_writer_free(struct tg_zstd_writer *w);

/* Pushed bytes of any length; any defect is TG_E_INTEGRITY. */
struct tg_zstd_reader;
int tg_zstd_reader_new(struct tg_zstd_reader **out, tg_write_fn write,
    void *ctx, struct tg_err *err) TG_MUST_CHECK;
int tg_zstd_push(struct tg_zstd_reader *r, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_zstd_ended - the input ends here: was it whole? */
int tg_zstd_ended(struct tg_zstd_reader *r, struct tg_err *err) TG_MUST_CHECK;
void tg_zstd_reader_free(struct tg_zstd_reader *r);

/* Version of the library, for the manifest. */
const char *tg_zstd_version(void);

#endif
