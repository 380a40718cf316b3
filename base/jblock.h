/*
 * jblock.h - the lower half of the structural scanner (base/jscan.h): a text in
 * blocks of 64 bytes, a bitmap a byte class, and from these the offsets that
 * carry grammar: unescaped quotes, the six structural characters outside
 * strings, and the first byte of every other run outside strings.
 *
 * What needs no grammar is checked here too: UTF-8 (RFC 3629), escapes and
 * control bytes inside strings (RFC 8259 section 7).  A defect ends the stream
 * of marks at its offset, so that the first defect of a text is the one
 * reported, whoever finds it.
 *
 * The classifier is the only part that differs between processors.
 */
#ifndef TG_BASE_JBLOCK_H
#define TG_BASE_JBLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/sv.h"

#define TG_JBLOCK 64	   /* bytes; bits of a map */
#define TG_JBLOCK_BATCH 16 /* blocks classified at once */
#define TG_JBLOCK_END UINT32_MAX

/* Bit k of each map: byte k of the block. */
struct tg_jblock_map {
	uint64_t quote;	 /* '"' */
	uint64_t bslash; /* '\' */
	uint64_t op;	 /* { } [ ] : , */
	uint64_t white;	 /* space \t \n \r */
	uint64_t ctrl;	 /* below 0x20 */
	uint64_t high;	 /* above 0x7f */
};

/* Classes of a byte, the members of the map in their order. */
enum {
	TG_JC_QUOTE = 1,
	TG_JC_BSLASH = 2,
	TG_JC_OP = 4,
	TG_JC_WHITE = 8,
	TG_JC_CTRL = 16,
	TG_JC_HIGH = 32
};
extern const uint8_t tg_jblock_class[256];

typedef void
tg_jblock_fn(struct tg_jblock_map *out, const char *p, size_t blocks);

/* tg_jblock_classifier - the one in use: forced, or the processor's best. */
tg_jblock_fn *tg_jblock_classifier(void);

struct tg_jblock {
	const char *p;	     /* borrowed */
	uint32_t n;	     /* bytes, at most 2^31 */
	uint32_t next;	     /* offset of the batch to read next */
	uint32_t base;	     /* offset of the current batch */
	uint32_t i, have;    /* of the marks */
	bool has_bslash;     /* the current batch */
	uint32_t bslash_end; /* one past the last one before it; 0: none */
	uint32_t utf8;	     /* bytes before this are checked */
	uint64_t in_string;  /* carry: all ones or 0 */
	uint64_t escaped;    /* carry: 1 when the next byte is escaped */
	uint64_t plain;	     /* carry: 1 when the last byte was no delimiter */
	const char *bad;     /* what ends the stream, or NULL */
	uint32_t bad_at;
	tg_jblock_fn *classify;
	struct tg_jblock_map batch[TG_JBLOCK_BATCH];
	uint32_t mark[TG_JBLOCK_BATCH * TG_JBLOCK]; /* offsets */
	char tail[TG_JBLOCK];
};

void tg_jblock_init(struct tg_jblock *b, struct tg_sv text);

/* tg_jblock_fill - the next batch that has a mark; false at the end or at a
 * defect (then bad is set). */
bool tg_jblock_fill(struct tg_jblock *b);

/* tg_jblock_next - the offset of the next mark, or TG_JBLOCK_END. */
static inline uint32_t
tg_jblock_next(struct tg_jblock *b)
{
	if (b->i == b->have && !tg_jblock_fill(b))
		return TG_JBLOCK_END;
	return b->mark[b->i++];
}

/* tg_jblock_bslash - whether a backslash lies in [@start, @end); @end is in
 * the current batch. */
bool tg_jblock_bslash_in(const struct tg_jblock *b, uint32_t start,
    uint32_t end); /* when the batch has one */
static inline bool
tg_jblock_bslash(const struct tg_jblock *b, uint32_t start, uint32_t end)
{
	return b->bslash_end > start ||
	    (b->has_bslash && tg_jblock_bslash_in(b, start, end));
}

#endif
