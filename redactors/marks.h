/*
 * marks.h - where the kinds of bytes stand in a text: one bit a byte, made in
 * one pass, so that what looks for words, escapes, line breaks or long runs
 * need not look at every byte again.
 *
 * The AVX2 pass and its scalar twin give the same bits; which one runs is
 * chosen at run time.
 */
#ifndef TG_REDACTORS_MARKS_H
#define TG_REDACTORS_MARKS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "redactors/heads.h"

enum tg_mark {
	TG_MARK_WORD,	/* letters, digits, bytes above 0x7f */
	TG_MARK_DIGIT,	/* 0-9 */
	TG_MARK_UPPER,	/* A-Z */
	TG_MARK_BASE64, /* A-Z a-z 0-9 + / - _ */
	TG_MARK_ESCAPE, /* % & backslash */
	TG_MARK_BREAK,	/* \n \r */
	TG_MARK_OPEN,	/* [ */
	TG_MARK_HEAD,	/* words that may begin a rule (heads.h) */
	TG_MARK_TITLE,	/* words that may be a title in small letters */
	TG_MARK_ASKED,	/* words some rule asks for: made by tg_gate_run */
	TG_MARK_N
};

struct tg_marks {
	struct tg_buf buf;
	size_t n;      /* bytes of the text */
	size_t blocks; /* of 64 bytes, the last one padded; one more of zeros
			* stands behind them */
	uint64_t *at[TG_MARK_N];
};

void tg_marks_init(struct tg_marks *m, size_t max);
void tg_marks_deinit(struct tg_marks *m);
/* @h: of the rule set, or NULL.  TG_E_MEMORY, TG_E_LIMIT. */
int tg_marks_make(struct tg_marks *m, const struct tg_heads *h, const char *p,
    size_t n, struct tg_err *err) TG_MUST_CHECK;

/* "avx2" or "scalar"; tg_marks_force(NULL) goes back to what the processor
 * offers.  Serves the start mask of the prefilter too. */
const char *tg_marks_path(void);
bool tg_marks_force(const char *name);
bool tg_marks_avx2(void);

/* 64 bits from byte @i on; @i at most the text's length. */
static inline uint64_t
tg_marks_from(const struct tg_marks *m, enum tg_mark kind, size_t i)
{
	const uint64_t *at = m->at[kind] + (i >> 6);

	return (i & 63) == 0 ? at[0]
			     : at[0] >> (i & 63) | at[1] << (64 - (i & 63));
}

static inline bool
tg_marks_has(const struct tg_marks *m, enum tg_mark kind, size_t i)
{
	return (m->at[kind][i >> 6] >> (i & 63)) & 1;
}

/* The first byte of the kind at @i or behind it, else the text's length. */
static inline size_t
tg_marks_next(const struct tg_marks *m, enum tg_mark kind, size_t i)
{
	size_t b = i >> 6;
	uint64_t w;

	if (i >= m->n)
		return m->n;
	w = m->at[kind][b] & (~UINT64_C(0) << (i & 63));
	while (w == 0) {
		if (++b >= m->blocks)
			return m->n;
		w = m->at[kind][b];
	}
	return b * 64 + (size_t)__builtin_ctzll(w);
}

/* The same before @to, else @to; @to is at most the text's length. */
static inline size_t
tg_marks_until(const struct tg_marks *m, enum tg_mark kind, size_t i, size_t to)
{
	while (i < to) {
		const uint64_t w =
		    m->at[kind][i >> 6] & (~UINT64_C(0) << (i & 63));

		if (w != 0) {
			i = (i & ~(size_t)63) + (size_t)__builtin_ctzll(w);
			return i < to ? i : to;
		}
		i = (i | 63) + 1;
	}
	return to;
}

/* The first byte not of the kind at @i or behind it. */
static inline size_t
tg_marks_end(const struct tg_marks *m, enum tg_mark kind, size_t i)
{
	size_t b = i >> 6;
	uint64_t w;

	if (i >= m->n)
		return m->n;
	w = ~m->at[kind][b] & (~UINT64_C(0) << (i & 63));
	while (w == 0)
		w = ~m->at[kind][++b];
	b = b * 64 + (size_t)__builtin_ctzll(w);
	return b < m->n ? b : m->n;
}

#endif
