/*
 * codec.h - the zlib and zstd door: an input that is gzip, zstd or neither,
 * found by its first bytes, as a stream of plain bytes.
 *
 * Several gzip members (RFC 1952 section 2.2) or zstd frames, skippable ones
 * included (RFC 8878 section 3.1), one after the other are one input.  Anything
 * else behind the compressed data is refused; zero bytes behind gzip members
 * are padding, as gzip(1) takes them.
 *
 * Memory is fixed: one input buffer and the decoder's window.  A decompression
 * bomb ends with TG_E_LIMIT.  The raw bytes, as they lie in the file, are
 * counted and digested while they are read.
 */
#ifndef TG_PIPELINE_SOURCES_CODEC_H
#define TG_PIPELINE_SOURCES_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/err.h"

enum tg_codec_kind { TG_CODEC_PLAIN, TG_CODEC_GZIP, TG_CODEC_ZSTD };

#define TG_CODEC_RAW (256u << 10) /* bytes read from the file at once */
/* Largest zstd window accepted, 2^27 bytes: what zstd -d takes by default. */
#define TG_CODEC_WINDOW_LOG 27
/* Decompressed bytes before the ratio is looked at. */
#define TG_CODEC_RATIO_FLOOR (64ull << 20)

struct tg_codec_limits {
	uint64_t out_max;   /* decompressed bytes in all; 0: no limit */
	uint32_t ratio_max; /* decompressed bytes a raw byte; 0: no limit */
};

struct tg_codec;

/*
 * tg_codec_open - reads the first bytes of @take_fd and chooses.  @name is for
 * error texts (copied).  Limits do not apply to a plain input.
 * TG_E_IO, TG_E_MEMORY.
 */
int tg_codec_open(struct tg_codec **out, int take_fd, const char *name,
    const struct tg_codec_limits *limits, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_codec_read - up to @cap bytes to @p; *@n gets how many, 0 at the end only.
 * TG_E_INPUT: damaged, cut, or followed by other bytes (the text names the raw
 * byte offset); TG_E_LIMIT: a bomb, or a window above TG_CODEC_WINDOW_LOG;
 * TG_E_IO.  After a failure every call fails again.
 */
int tg_codec_read(struct tg_codec *c, void *p, size_t cap, size_t *n,
    struct tg_err *err) TG_MUST_CHECK;

enum tg_codec_kind tg_codec_kind(const struct tg_codec *c);
/* "plain", "gzip", "zstd" */
const char *tg_codec_name(enum tg_codec_kind kind);

/*
 * tg_codec_digest - SHA-256 and number of all raw bytes.  What was not read yet
 * (after a failure, say) is read for it, so the digest is always that of the
 * whole file, what sha256sum prints.  Once; tg_codec_read fails afterwards.
 */
int tg_codec_digest(struct tg_codec *c, uint8_t out[TG_SHA256_LEN],
    uint64_t *bytes, struct tg_err *err) TG_MUST_CHECK;

void tg_codec_free(struct tg_codec *c); /* NULL is fine */

#endif
