/*
 * reader.h - an input file as a row of records, in memory that does not grow
 * with it.
 *
 * The way of the bytes: file -> codec.h (gzip, zstd, plain) -> frame.h (lines
 * or one document) -> record.  All offsets are in the decompressed bytes.
 *
 * Nothing is lost: what is larger than record_max is handed to the spill
 * function in pieces and reported as one record without text; a line cut by a
 * damaged compressed stream is a record with cut set, and then comes the error.
 */
#ifndef TG_PIPELINE_SOURCES_READER_H
#define TG_PIPELINE_SOURCES_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/sources/codec.h"
#include "pipeline/sources/frame.h"

#define TG_READER_HEAD (64u << 10)	/* bytes looked at for the framing */
#define TG_READER_RECORD (8u << 20)	/* default of record_max, bytes */
#define TG_READER_RECORD_MAX (1u << 30) /* largest record_max, bytes */
/* Defaults against decompression bombs (codec.h). */
#define TG_READER_OUT_MAX (1ull << 40)
#define TG_READER_RATIO_MAX 2000u

struct tg_reader_rec {
	struct tg_sv text; /* valid until the next call; without line end */
	uint64_t no;	   /* from 1; empty lines have none */
	uint64_t line;	   /* from 1; of its first byte; 1 for a document */
	uint64_t offset;   /* of its first byte */
	uint64_t size;	   /* bytes without line end, also when oversized */
	uint8_t eol;	   /* bytes of the line end: 0 none, 1 LF, 2 CR LF */
	bool oversized;	   /* text is empty, it went to the spill function */
	bool cut;	   /* the input broke off inside; never to be used */
};

/*
 * tg_reader_spill_fn - the next @n bytes of the oversized record @rec (its no,
 * line and offset are set); its line end is not among them.
 */
typedef int tg_reader_spill_fn(void *ctx, const struct tg_reader_rec *rec,
    const void *p, size_t n, struct tg_err *err);

struct tg_reader_limits {
	size_t record_max;   /* bytes; 0: TG_READER_RECORD */
	uint64_t out_max;    /* decompressed bytes; 0: TG_READER_OUT_MAX */
	uint32_t ratio_max;  /* 0: TG_READER_RATIO_MAX */
	enum tg_frame frame; /* AUTO, or LINES or DOCUMENT for plain text */
	tg_reader_spill_fn
	    *spill; /* NULL: oversized records are only counted */
	void *spill_ctx;
};

struct tg_reader_info {
	enum tg_frame frame;
	enum tg_codec_kind codec;
	bool bom;	      /* a UTF-8 byte order mark was skipped */
	bool no_eol;	      /* the last line had no line end */
	uint64_t records;     /* reported so far, those below included */
	uint64_t oversized;   /* of these */
	uint64_t empty_lines; /* skipped: white space only */
	uint64_t bytes;	      /* decompressed, so far */
	size_t memory;	      /* bytes of the record buffer */
};

struct tg_reader;

/*
 * tg_reader_open - opens and looks at the head.  @limits is copied; NULL for
 * the defaults.  TG_E_INPUT: a format that is never read (sniff.h; the hint
 * says how to convert), or compressed data damaged from the start; TG_E_USAGE:
 * record_max above TG_READER_RECORD_MAX; TG_E_IO, TG_E_MEMORY, TG_E_LIMIT.
 */
int tg_reader_open(struct tg_reader **out, const char *path,
    const struct tg_reader_limits *limits, struct tg_err *err) TG_MUST_CHECK;
/* The same of an open descriptor; @name is for error texts (copied). */
int tg_reader_open_fd(struct tg_reader **out, int take_fd, const char *name,
    const struct tg_reader_limits *limits, struct tg_err *err) TG_MUST_CHECK;

/* tg_reader_next - 1: *@rec is the next record; 0: no more; -1: TG_E_INPUT or
 * TG_E_LIMIT of the codec (after all records before), TG_E_IO, TG_E_MEMORY, or
 * what the spill function failed with. */
int tg_reader_next(struct tg_reader *r, struct tg_reader_rec *rec,
    struct tg_err *err) TG_MUST_CHECK;

const struct tg_reader_info *tg_reader_info(const struct tg_reader *r);

/* The head: the first bytes of the decompressed input, byte order mark left
 * out, at most TG_READER_HEAD; only before the first tg_reader_next. */
struct tg_sv tg_reader_head(const struct tg_reader *r);

/* tg_reader_digest - SHA-256 and number of the raw bytes of the whole file, as
 * tg_codec_digest; tg_reader_next must not be called afterwards. */
int tg_reader_digest(struct tg_reader *r, uint8_t out[TG_SHA256_LEN],
    uint64_t *bytes, struct tg_err *err) TG_MUST_CHECK;

void tg_reader_free(struct tg_reader *r); /* NULL is fine */

#endif
