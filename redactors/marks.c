#include "redactors/marks.h"

#include <stdatomic.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/num.h"

#include "base/banned.h"

#define BLOCK 64

enum {
	DIGIT = 1,
	LETTER = 2,
	UPPER = 4,
	SIGN = 8, /* + / - _ */
	ESCAPE = 16,
	BREAK = 32,
	HIGH = 64,
	OPEN = 128
};

/* The marks of a block, as both passes make them. */
struct block {
	uint64_t digit, letter, upper, sign, escape, brk, high, open;
};

static uint8_t
class_of(unsigned char c)
{
	if (c >= 0x80)
		return HIGH;
	if (c >= '0' && c <= '9')
		return DIGIT;
	if (c >= 'A' && c <= 'Z')
		return LETTER | UPPER;
	if (c >= 'a' && c <= 'z')
		return LETTER;
	switch (c) {
	case '+':
	case '/':
	case '-':
	case '_':
		return SIGN;
	case '%':
	case '&':
	case '\\':
		return ESCAPE;
	case '\n':
	case '\r':
		return BREAK;
	case '[':
		return OPEN;
	default:
		return 0;
	}
}

/* Bit k of every byte of @w, gathered: byte j gives bit j. */
static inline uint64_t
gather(uint64_t w, unsigned k)
{
	return (((w >> k) & UINT64_C(0x0101010101010101)) *
		   UINT64_C(0x0102040810204080)) >>
	    56;
}

static void
put(struct tg_marks *m, size_t b, const struct block *k)
{
	m->at[TG_MARK_WORD][b] = k->digit | k->letter | k->high;
	m->at[TG_MARK_DIGIT][b] = k->digit;
	m->at[TG_MARK_UPPER][b] = k->upper;
	m->at[TG_MARK_BASE64][b] = k->digit | k->letter | k->sign;
	m->at[TG_MARK_ESCAPE][b] = k->escape;
	m->at[TG_MARK_BREAK][b] = k->brk;
	m->at[TG_MARK_OPEN][b] = k->open;
}

static void
make_scalar(struct tg_marks *m, size_t at, const char *p, size_t blocks)
{
	for (size_t b = 0; b < blocks; b++, p += BLOCK) {
		struct block k = {0};

		for (unsigned i = 0; i < BLOCK; i += 8) {
			uint64_t w = 0;

			for (unsigned j = 0; j < 8; j++)
				w |= (uint64_t)class_of((unsigned char)p[i + j])
				    << (8 * j);
			k.digit |= gather(w, 0) << i;
			k.letter |= gather(w, 1) << i;
			k.upper |= gather(w, 2) << i;
			k.sign |= gather(w, 3) << i;
			k.escape |= gather(w, 4) << i;
			k.brk |= gather(w, 5) << i;
			k.high |= gather(w, 6) << i;
			k.open |= gather(w, 7) << i;
		}
		put(m, at + b, &k);
	}
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline uint64_t
bits(__m256i lo, __m256i hi)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(lo) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

/* The bytes of @c with a bit of @k. */
AVX2 static inline uint64_t
with(__m256i lo, __m256i hi, char k)
{
	const __m256i want = _mm256_set1_epi8(k);
	const __m256i none = _mm256_setzero_si256();

	return ~bits(_mm256_cmpeq_epi8(_mm256_and_si256(lo, want), none),
	    _mm256_cmpeq_epi8(_mm256_and_si256(hi, want), none));
}

/*
 * Each kind is a set of high nibbles times a set of low ones, so that two look-
 * ups and an AND tell it.  Bit 0: digits; 1: a to o; 2: p to z (both cases);
 * 3: + - /; 4: _; 5: % &; 6: backslash; 7: line breaks.
 */
AVX2 static inline __m256i
kinds(__m256i x)
{
	const __m256i low = _mm256_set1_epi8(0x0f);
	const __m256i of_lo = _mm256_setr_epi8(0x05, 0x07, 0x07, 0x07, 0x07,
	    0x27, 0x27, 0x07, 0x07, 0x07, (char)0x86, 0x0a, 0x42, (char)0x8a,
	    0x02, 0x1a, 0x05, 0x07, 0x07, 0x07, 0x07, 0x27, 0x27, 0x07, 0x07,
	    0x07, (char)0x86, 0x0a, 0x42, (char)0x8a, 0x02, 0x1a);
	const __m256i of_hi = _mm256_setr_epi8((char)0x80, 0, 0x28, 0x01, 0x02,
	    0x54, 0x02, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, (char)0x80, 0, 0x28, 0x01,
	    0x02, 0x54, 0x02, 0x04, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i hi = _mm256_and_si256(_mm256_srli_epi16(x, 4), low);

	return _mm256_and_si256(
	    _mm256_shuffle_epi8(of_lo, _mm256_and_si256(x, low)),
	    _mm256_shuffle_epi8(of_hi, hi));
}

AVX2 static void
make_avx2(struct tg_marks *m, size_t at, const char *p, size_t blocks)
{
	const __m256i open = _mm256_set1_epi8('[');

	for (size_t b = 0; b < blocks; b++, p += BLOCK) {
		const __m256i x =
		    _mm256_loadu_si256((const __m256i *)(const void *)p);
		const __m256i y =
		    _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
		const __m256i cx = kinds(x), cy = kinds(y);
		struct block k;

		k.digit = with(cx, cy, 0x01);
		k.letter = with(cx, cy, 0x06);
		k.sign = with(cx, cy, 0x18);
		k.escape = with(cx, cy, 0x60);
		k.brk = bits(cx, cy);
		k.high = bits(x, y);
		/* Bit 5 of a letter: a small one. */
		k.upper = k.letter &
		    ~bits(_mm256_slli_epi16(x, 2), _mm256_slli_epi16(y, 2));
		k.open = bits(
		    _mm256_cmpeq_epi8(x, open), _mm256_cmpeq_epi8(y, open));
		put(m, at + b, &k);
	}
}

static bool
have_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}
#else
#define make_avx2 make_scalar

static bool
have_avx2(void)
{
	return false;
}
#endif

enum { PATH_BEST, PATH_AVX2, PATH_SCALAR };

/* Which pass runs; never what it finds. */
static atomic_int forced = PATH_BEST;

bool
tg_marks_avx2(void)
{
	const int f = atomic_load_explicit(&forced, memory_order_relaxed);

	return f == PATH_BEST ? have_avx2() : f == PATH_AVX2;
}

const char *
tg_marks_path(void)
{
	return tg_marks_avx2() ? "avx2" : "scalar";
}

bool
tg_marks_force(const char *name)
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

void
tg_marks_init(struct tg_marks *m, size_t max)
{
	*m = (struct tg_marks){.n = 0};
	tg_buf_init(&m->buf, (max / BLOCK + 2) * TG_MARK_N * sizeof(uint64_t));
}

void
tg_marks_deinit(struct tg_marks *m)
{
	tg_buf_wipe_deinit(&m->buf);
}

int
tg_marks_make(struct tg_marks *m, const struct tg_heads *h, const char *p,
    size_t n, struct tg_err *err)
{
	const size_t whole = n / BLOCK, row = (n + BLOCK - 1) / BLOCK + 1;
	char tail[BLOCK] = {0};
	size_t bytes;

	if (!tg_size_mul(&bytes, row, TG_MARK_N * sizeof(uint64_t)))
		return tg_fail(err, TG_E_LIMIT, "a text is too long");
	tg_buf_reset(&m->buf);
	if (tg_buf_reserve(&m->buf, bytes, err) < 0)
		return -1;
	m->n = n;
	m->blocks = row - 1;
	for (size_t k = 0; k < TG_MARK_N; k++) {
		m->at[k] = (uint64_t *)(void *)m->buf.p + k * row;
		m->at[k][row - 1] = 0;
	}
	memcpy(tail, p + whole * BLOCK, n - whole * BLOCK);
	if (tg_marks_avx2()) {
		make_avx2(m, 0, p, whole);
		make_avx2(m, whole, tail, m->blocks - whole);
	} else {
		make_scalar(m, 0, p, whole);
		make_scalar(m, whole, tail, m->blocks - whole);
	}
	tg_heads_mark(h, m, p);
	return 0;
}
