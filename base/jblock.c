/* jblock.c - byte classes to marks; the AVX2 classifier and its scalar twin. */
#include "base/jblock.h"

#include <stdatomic.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/jscan.h"

#include "base/banned.h"

#define Q TG_JC_QUOTE
#define B TG_JC_BSLASH
#define O TG_JC_OP
#define W TG_JC_WHITE
#define C TG_JC_CTRL
#define H TG_JC_HIGH
#define ROW_H H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H

/* clang-format off */
const uint8_t tg_jblock_class[256] = {
	C, C, C, C, C, C, C, C, C, W | C, W | C, C, C, W | C, C, C,
	C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C,
	W, 0, Q, 0, 0, 0, 0, 0, 0, 0, 0, 0, O, 0, 0, 0, /* space " , */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, O, 0, 0, 0, 0, 0, /* : */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, O, B, O, 0, 0, /* [ \ ] */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, O, 0, O, 0, 0, /* { } */
	ROW_H, ROW_H, ROW_H, ROW_H, ROW_H, ROW_H, ROW_H, ROW_H,
};
/* clang-format on */

#undef Q
#undef B
#undef O
#undef W
#undef C
#undef H

/* Bit k of every byte of @w, gathered: byte j gives bit j. */
static inline uint64_t
gather(uint64_t w, unsigned k)
{
	return (((w >> k) & UINT64_C(0x0101010101010101)) *
		   UINT64_C(0x0102040810204080)) >>
	    56;
}

static void
classify_scalar(struct tg_jblock_map *out, const char *p, size_t blocks)
{
	for (size_t b = 0; b < blocks; b++, p += TG_JBLOCK) {
		struct tg_jblock_map m = {0};

		for (unsigned at = 0; at < TG_JBLOCK; at += 8) {
			uint64_t w = 0;

			for (unsigned j = 0; j < 8; j++)
				w |= (uint64_t)
					 tg_jblock_class[(uint8_t)p[at + j]]
				    << (8 * j);
			m.quote |= gather(w, 0) << at;
			m.bslash |= gather(w, 1) << at;
			m.op |= gather(w, 2) << at;
			m.white |= gather(w, 3) << at;
			m.ctrl |= gather(w, 4) << at;
			m.high |= gather(w, 5) << at;
		}
		out[b] = m;
	}
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

/* The low half in bits 0 to 31, the high half in bits 32 to 63. */
AVX2 static inline uint64_t
bits(__m256i lo, __m256i hi)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(lo) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

/*
 * White space and structurals by one table look-up each, indexed by the low
 * four bits: a byte is of the class iff it equals its own table entry.  The six
 * structurals are four once bit 5 is set ('[' and '{' fall together); the two
 * control bytes that fall in with them are taken out by the caller.
 */
AVX2 static void
classify_avx2(struct tg_jblock_map *out, const char *p, size_t blocks)
{
	const __m256i white = _mm256_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0,
	    '\t', '\n', 0, 0, '\r', 0, 0, ' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t',
	    '\n', 0, 0, '\r', 0, 0);
	const __m256i op =
	    _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}',
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
	const __m256i quote = _mm256_set1_epi8('"');
	const __m256i bslash = _mm256_set1_epi8('\\');
	const __m256i space = _mm256_set1_epi8(0x20);

	for (size_t b = 0; b < blocks; b++, p += TG_JBLOCK) {
		const __m256i x =
		    _mm256_loadu_si256((const __m256i *)(const void *)p);
		const __m256i y =
		    _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
		struct tg_jblock_map m;

		m.quote = bits(
		    _mm256_cmpeq_epi8(x, quote), _mm256_cmpeq_epi8(y, quote));
		m.bslash = bits(
		    _mm256_cmpeq_epi8(x, bslash), _mm256_cmpeq_epi8(y, bslash));
		m.white =
		    bits(_mm256_cmpeq_epi8(x, _mm256_shuffle_epi8(white, x)),
			_mm256_cmpeq_epi8(y, _mm256_shuffle_epi8(white, y)));
		m.ctrl = ~bits(_mm256_cmpeq_epi8(_mm256_max_epu8(x, space), x),
		    _mm256_cmpeq_epi8(_mm256_max_epu8(y, space), y));
		m.op = ~m.ctrl &
		    bits(_mm256_cmpeq_epi8(_mm256_or_si256(x, space),
			     _mm256_shuffle_epi8(op, x)),
			_mm256_cmpeq_epi8(_mm256_or_si256(y, space),
			    _mm256_shuffle_epi8(op, y)));
		m.high = bits(x, y);
		out[b] = m;
	}
}

static bool
have_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}
#else
#define classify_avx2 classify_scalar

static bool
have_avx2(void)
{
	return false;
}
#endif

enum { PATH_BEST, PATH_AVX2, PATH_SCALAR };

/* Which classifier runs; never what it finds. */
static atomic_int forced = PATH_BEST;

static bool
use_avx2(void)
{
	const int f = atomic_load_explicit(&forced, memory_order_relaxed);

	return f == PATH_BEST ? have_avx2() : f == PATH_AVX2;
}

tg_jblock_fn *
tg_jblock_classifier(void)
{
	return use_avx2() ? classify_avx2 : classify_scalar;
}

const char *
tg_jscan_path(void)
{
	return use_avx2() ? "avx2" : "scalar";
}

bool
tg_jscan_force(const char *name)
{
	int f = PATH_BEST;

	if (name != NULL && strcmp(name, "scalar") == 0)
		f = PATH_SCALAR;
	else if (name != NULL && strcmp(name, "avx2") == 0 && have_avx2())
		f = PATH_AVX2;
	else if (name != NULL)
		return false;
	atomic_store_explicit(&forced, f, memory_order_relaxed);
	return true;
}

/* Bit k: the parity of the bits 0 to k. */
static inline uint64_t
prefix_xor(uint64_t m)
{
	m ^= m << 1;
	m ^= m << 2;
	m ^= m << 4;
	m ^= m << 8;
	m ^= m << 16;
	m ^= m << 32;
	return m;
}

static inline uint64_t
from_bit(uint32_t k)
{
	return k >= 64 ? 0 : ~UINT64_C(0) << k;
}

static void
stop(struct tg_jblock *b, uint32_t at, const char *what)
{
	if (b->bad != NULL && b->bad_at <= at)
		return;
	b->bad = what;
	b->bad_at = at;
}

/*
 * The backslashes that begin an escape; the bytes after them are added to
 * *@escaped (which comes in with the carry).
 */
static uint64_t
escapes(struct tg_jblock *b, uint64_t bslash, uint64_t *escaped)
{
	uint64_t starts = 0;

	bslash &= ~*escaped;
	while (bslash != 0) {
		const uint64_t one = bslash & (0 - bslash);

		starts |= one;
		*escaped |= one << 1;
		bslash &= ~(one | one << 1);
	}
	b->escaped = starts >> 63;
	return starts;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

/* RFC 8259 section 7; @at is the offset of the backslash. */
static void
check_escape(struct tg_jblock *b, uint32_t at)
{
	uint32_t i = at + 1;

	if (i >= b->n) {
		stop(b, b->n, "text ends inside an escape");
		return;
	}
	if (b->p[i] != 'u') {
		if (b->p[i] == '\0' || strchr("\"\\/bfnrt", b->p[i]) == NULL)
			stop(b, at, "unknown escape");
		return;
	}
	while (++i < at + 6) {
		if (i >= b->n) {
			stop(b, b->n, "text ends inside an escape");
			return;
		}
		if (!is_hex(b->p[i])) {
			stop(b, at, "\\u without four hex digits");
			return;
		}
	}
}

enum { UTF8_BAD = 0, UTF8_CUT = -1 };

/*
 * Length of the sequence at @p, which begins with a byte above 0x7f.  RFC 3629
 * section 4: the second byte's range depends on the first.
 */
static int
utf8_len(const uint8_t *p, uint32_t left)
{
	uint8_t lo = 0x80, hi = 0xbf;
	uint32_t len;

	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return UTF8_BAD;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	for (uint32_t i = 1; i < len; i++, lo = 0x80, hi = 0xbf) {
		if (i >= left)
			return UTF8_CUT;
		if (p[i] < lo || p[i] > hi)
			return UTF8_BAD;
	}
	return (int)len;
}

/* The sequences that begin in the block at @base; the last one may end in the
 * next, whose first bytes are then skipped. */
static void
check_utf8(struct tg_jblock *b, uint32_t base, uint64_t high)
{
	if (b->utf8 > base)
		high &= from_bit(b->utf8 - base);
	while (high != 0) {
		const uint32_t k = (uint32_t)__builtin_ctzll(high);
		const uint32_t at = base + k;
		const int len = utf8_len((const uint8_t *)b->p + at, b->n - at);

		if (len <= 0) {
			stop(b, len == UTF8_CUT ? b->n : at,
			    len == UTF8_CUT ? "text ends inside a character"
					    : "invalid UTF-8");
			return;
		}
		b->utf8 = at + (uint32_t)len;
		high &= from_bit(k + (uint32_t)len);
	}
}

/* What needs no grammar, in the block at @base whose bytes @inside are of
 * strings and whose escapes begin at @starts. */
static void
check(struct tg_jblock *b, uint32_t base, const struct tg_jblock_map *m,
    uint64_t inside, uint64_t starts)
{
	if ((m->ctrl & inside) != 0)
		stop(b, base + (uint32_t)__builtin_ctzll(m->ctrl & inside),
		    "control byte in a string");
	for (starts &= inside; starts != 0; starts &= starts - 1)
		check_escape(b, base + (uint32_t)__builtin_ctzll(starts));
	if (m->high != 0)
		check_utf8(b, base, m->high);
}

/* The marks of the block at @base. */
static inline uint64_t
block(struct tg_jblock *b, uint32_t base, const struct tg_jblock_map *m)
{
	uint64_t escaped = b->escaped, starts = 0, quote, inside, plain, marks;

	b->escaped = 0;
	/* All of it goes on a string. */
	if ((m->quote | m->bslash) == 0 && b->in_string != 0) {
		if ((m->ctrl | m->high) != 0)
			check(b, base, m, b->in_string, 0);
		return 0;
	}
	if (m->bslash != 0) {
		b->has_bslash = true;
		starts = escapes(b, m->bslash, &escaped);
	}
	quote = m->quote & ~escaped;
	inside = prefix_xor(quote) ^ b->in_string;
	b->in_string = 0 - (inside >> 63);
	plain = ~(m->op | m->white | quote | inside);
	marks = (m->op & ~inside) | quote | (plain & ~(plain << 1 | b->plain));
	b->plain = plain >> 63;
	if (((m->ctrl & inside) | starts | m->high) != 0)
		check(b, base, m, inside, starts);
	if (b->bad != NULL)
		marks &= ~from_bit(b->bad_at - base);
	return marks;
}

/* The number of blocks, at @b->next. */
static uint32_t
classify_batch(struct tg_jblock *b)
{
	const uint32_t left = b->n - b->next;
	uint32_t blocks = left / TG_JBLOCK;

	if (blocks > TG_JBLOCK_BATCH)
		blocks = TG_JBLOCK_BATCH;
	if (blocks > 0) {
		b->classify(b->batch, b->p + b->next, blocks);
		return blocks;
	}
	/* The last bytes, filled up with white space. */
	memset(b->tail, ' ', sizeof(b->tail));
	memcpy(b->tail, b->p + b->next, left);
	b->classify(b->batch, b->tail, 1);
	return 1;
}

/* One past the last backslash of the current batch. */
static uint32_t
last_bslash(const struct tg_jblock *b)
{
	uint32_t k = (b->next - b->base) / TG_JBLOCK;

	while (k > 0 && b->batch[k - 1].bslash == 0)
		k--;
	return k == 0 ? 0
		      : b->base + k * TG_JBLOCK -
		(uint32_t)__builtin_clzll(b->batch[k - 1].bslash);
}

bool
tg_jblock_fill(struct tg_jblock *b)
{
	uint32_t *out = b->mark;

	do {
		uint32_t blocks;

		if (b->bad != NULL || b->next >= b->n)
			return false;
		if (b->has_bslash)
			b->bslash_end = last_bslash(b);
		b->has_bslash = false;
		b->base = b->next;
		blocks = classify_batch(b);
		for (uint32_t k = 0; k < blocks && b->bad == NULL; k++) {
			const uint32_t at = b->next;
			uint64_t m = block(b, at, &b->batch[k]);

			for (; m != 0; m &= m - 1)
				*out++ = at + (uint32_t)__builtin_ctzll(m);
			b->next += TG_JBLOCK;
		}
	} while (out == b->mark);
	b->i = 0;
	b->have = (uint32_t)(out - b->mark);
	return true;
}

bool
tg_jblock_bslash_in(const struct tg_jblock *b, uint32_t start, uint32_t end)
{
	uint32_t at = start > b->base ? start - b->base : 0;
	const uint32_t to = end - b->base;

	for (; at < to; at = (at | (TG_JBLOCK - 1)) + 1) {
		uint64_t m =
		    b->batch[at / TG_JBLOCK].bslash & from_bit(at % TG_JBLOCK);

		if (at / TG_JBLOCK == to / TG_JBLOCK)
			m &= ~from_bit(to % TG_JBLOCK);
		if (m != 0)
			return true;
	}
	return false;
}

void
tg_jblock_init(struct tg_jblock *b, struct tg_sv text)
{
	/* Not the batch: it is written before it is read. */
	memset(b, 0, offsetof(struct tg_jblock, batch));
	b->p = text.p;
	b->n = (uint32_t)text.n;
	b->classify = tg_jblock_classifier();
}
