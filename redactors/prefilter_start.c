#include "redactors/prefilter_start.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "redactors/marks.h"
#include "redactors/prefilter.h"

#include "base/banned.h"

#define BLOCK 64
#define BUCKETS 8

/* Nibbles of the bytes of each position. */
struct shape {
	uint16_t lo[TG_PF_START], hi[TG_PF_START];
};

static struct shape
shape_of(const struct tg_pf_seq *seq)
{
	struct shape s = {{0}, {0}};

	for (size_t k = 0; k < TG_PF_START; k++) {
		if (k >= seq->n) {
			s.lo[k] = s.hi[k] = UINT16_MAX;
			continue;
		}
		for (unsigned c = 0; c < 256; c++) {
			if (!tg_bytes_has(&seq->at[k], (unsigned char)c))
				continue;
			s.lo[k] = (uint16_t)(s.lo[k] | 1u << (c & 15));
			s.hi[k] = (uint16_t)(s.hi[k] | 1u << (c >> 4));
		}
	}
	return s;
}

static struct shape
bucket(const struct tg_pf_start *s, size_t b)
{
	struct shape out = {{0}, {0}};

	for (size_t k = 0; k < TG_PF_START; k++)
		for (unsigned x = 0; x < 16; x++) {
			const unsigned l = (unsigned)s->lo[k][x] >> b & 1u;
			const unsigned h = (unsigned)s->hi[k][x] >> b & 1u;

			out.lo[k] = (uint16_t)(out.lo[k] | l << x);
			out.hi[k] = (uint16_t)(out.hi[k] | h << x);
		}
	return out;
}

/* How often a byte of prose is in the sets, of 1000; by high nibble. */
static uint64_t
share(uint16_t lo, uint16_t hi)
{
	static const unsigned often[16] = {
	    10, 1, 190, 30, 20, 15, 420, 290, 2, 2, 2, 2, 10, 2, 2, 2};
	uint64_t sum = 0;

	for (unsigned h = 0; h < 16; h++)
		if ((hi >> h) & 1)
			sum += often[h];
	return 1 + sum * (uint64_t)__builtin_popcount(lo) / 16;
}

static uint64_t
cost(const struct shape *s)
{
	uint64_t c = 1;

	for (size_t k = 0; k < TG_PF_START; k++)
		c *= share(s->lo[k], s->hi[k]);
	return c;
}

static struct shape
both(const struct shape *a, const struct shape *b)
{
	struct shape s = *a;

	for (size_t k = 0; k < TG_PF_START; k++) {
		s.lo[k] |= b->lo[k];
		s.hi[k] |= b->hi[k];
	}
	return s;
}

void
tg_pf_start_add(struct tg_pf_start *s, const struct tg_pf_seq *seq)
{
	const struct shape one = shape_of(seq);
	uint64_t least = cost(&one);
	size_t best = s->n;

	if (s->n == BUCKETS) {
		least = UINT64_MAX;
		best = 0;
	}
	for (size_t b = 0; b < s->n; b++) {
		const struct shape was = bucket(s, b);
		const struct shape now = both(&was, &one);
		const uint64_t more = cost(&now) - cost(&was);

		if (more < least) {
			least = more;
			best = b;
		}
	}
	if (best == s->n)
		s->n++;
	for (size_t k = 0; k < TG_PF_START; k++)
		for (unsigned x = 0; x < 16; x++) {
			const unsigned l = (unsigned)one.lo[k] >> x & 1u;
			const unsigned h = (unsigned)one.hi[k] >> x & 1u;

			s->lo[k][x] = (uint8_t)(s->lo[k][x] | l << best);
			s->hi[k][x] = (uint8_t)(s->hi[k][x] | h << best);
		}
}

/* Both passes read TG_PF_START - 1 bytes behind a block. */
static void
run_scalar(
    const struct tg_pf_start *s, uint64_t *out, const char *text, size_t blocks)
{
	const unsigned char *p = (const unsigned char *)text;

	for (size_t b = 0; b < blocks; b++, p += BLOCK) {
		uint64_t m = 0;

		for (unsigned i = 0; i < BLOCK; i++) {
			unsigned in = 0xff;

			for (unsigned k = 0; k < TG_PF_START; k++)
				in &= s->lo[k][p[i + k] & 15u] &
				    (unsigned)s->hi[k][p[i + k] >> 4];
			m |= (uint64_t)(in != 0) << i;
		}
		out[b] = m;
	}
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i
table(const uint8_t *t)
{
	return _mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)(const void *)t));
}

AVX2 static inline uint64_t
starts(const __m256i *lo, const __m256i *hi, const char *p)
{
	const __m256i low = _mm256_set1_epi8(0x0f);
	__m256i in = _mm256_set1_epi8(-1);

	for (unsigned k = 0; k < TG_PF_START; k++) {
		const __m256i x =
		    _mm256_loadu_si256((const __m256i *)(const void *)(p + k));
		const __m256i h =
		    _mm256_and_si256(_mm256_srli_epi16(x, 4), low);

		in = _mm256_and_si256(in,
		    _mm256_and_si256(
			_mm256_shuffle_epi8(lo[k], _mm256_and_si256(x, low)),
			_mm256_shuffle_epi8(hi[k], h)));
	}
	return ~(uint32_t)_mm256_movemask_epi8(
		   _mm256_cmpeq_epi8(in, _mm256_setzero_si256())) &
	    UINT64_C(0xffffffff);
}

AVX2 static void
run_avx2(
    const struct tg_pf_start *s, uint64_t *out, const char *p, size_t blocks)
{
	__m256i lo[TG_PF_START], hi[TG_PF_START];

	for (unsigned k = 0; k < TG_PF_START; k++) {
		lo[k] = table(s->lo[k]);
		hi[k] = table(s->hi[k]);
	}
	for (size_t b = 0; b < blocks; b++, p += BLOCK)
		out[b] = starts(lo, hi, p) | starts(lo, hi, p + 32) << 32;
}
#else
#define run_avx2 run_scalar
#endif

void
tg_pf_start_run(const struct tg_pf_start *s, uint64_t *out, const char *p,
    size_t n, size_t at, size_t blocks)
{
	char tail[BLOCK + TG_PF_START] = {0};
	size_t whole = 0;

	if (s->n == 0) {
		memset(out, 0, blocks * sizeof(*out));
		return;
	}
	if (n >= at + TG_PF_START - 1)
		whole = (n - at - (TG_PF_START - 1)) / BLOCK;
	if (whole > blocks)
		whole = blocks;
	if (tg_marks_avx2())
		run_avx2(s, out, p + at, whole);
	else
		run_scalar(s, out, p + at, whole);
	for (; whole < blocks; whole++) {
		const size_t from = at + whole * BLOCK;
		const size_t left = n - from;

		memset(tail, 0, sizeof(tail));
		memcpy(
		    tail, p + from, left < sizeof(tail) ? left : sizeof(tail));
		if (tg_marks_avx2())
			run_avx2(s, out + whole, tail, 1);
		else
			run_scalar(s, out + whole, tail, 1);
	}
}
