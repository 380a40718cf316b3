#include "redactors/prefilter_start.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "redactors/marks.h"

#include "base/banned.h"

#define BLOCK 64
#define BUCKETS 8 /* of a table */
#define RARE 2e-6 /* of all bytes: worth no shape of its own */

static struct tg_pf_shape
shape_of(const struct tg_pf_seq *seq)
{
	struct tg_pf_shape s = {{0}, {0}};

	for (size_t k = 0; k < TG_PF_START; k++) {
		if (k >= seq->n) {
			s.lo[k] = s.hi[k] = UINT16_MAX;
			continue;
		}
		for (unsigned h = 0; h < 16; h++) {
			const uint64_t w = seq->at[k].w[h >> 2];
			const uint16_t low = (uint16_t)(w >> (16 * (h & 3)));

			s.lo[k] |= low;
			s.hi[k] = (uint16_t)(s.hi[k] | (low != 0) << h);
		}
	}
	return s;
}

/* Bits of a nibble's set of four. */
static const uint8_t four[16] = {
    0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};

static unsigned
count16(uint16_t m)
{
	return (unsigned)four[m & 15] + four[(m >> 4) & 15] +
	    four[(m >> 8) & 15] + four[m >> 12];
}

/* How often a byte of prose is in the sets: by its high nibble, of 1000, as
 * counted over English and French text; four nibbles at once. */
static double
share(uint16_t lo, uint16_t hi)
{
	static const uint16_t often[4][16] = {
	    {0, 10, 1, 11, 190, 200, 191, 201, 30, 40, 31, 41, 220, 230, 221,
		231},
	    {0, 20, 15, 35, 420, 440, 435, 455, 290, 310, 305, 325, 710, 730,
		725, 745},
	    {0, 2, 2, 4, 2, 4, 4, 6, 2, 4, 4, 6, 4, 6, 6, 8},
	    {0, 10, 2, 12, 2, 12, 4, 14, 2, 12, 4, 14, 4, 14, 6, 16}};
	const unsigned sum = (unsigned)often[0][hi & 15] +
	    often[1][(hi >> 4) & 15] + often[2][(hi >> 8) & 15] +
	    often[3][hi >> 12];

	return (1 + sum * count16(lo)) / 16000.0;
}

static double
cost(const struct tg_pf_shape *s)
{
	double c = 1;

	for (size_t k = 0; k < TG_PF_START; k++)
		c *= share(s->lo[k], s->hi[k]);
	return c;
}

static struct tg_pf_shape
both(const struct tg_pf_shape *a, const struct tg_pf_shape *b)
{
	struct tg_pf_shape s = *a;

	for (size_t k = 0; k < TG_PF_START; k++) {
		s.lo[k] |= b->lo[k];
		s.hi[k] |= b->hi[k];
	}
	return s;
}

/* Whether what fits @one fits @s. */
static bool
holds(const struct tg_pf_shape *s, const struct tg_pf_shape *one)
{
	unsigned more = 0;

	for (size_t k = 0; k < TG_PF_START; k++)
		more |= (unsigned)(one->lo[k] & ~s->lo[k]) |
		    (unsigned)(one->hi[k] & ~s->hi[k]);
	return more == 0;
}

static void
add_shape(struct tg_pf_shapes *s, const struct tg_pf_shape *one)
{
	const double alone = cost(one);
	double least = s->n < TG_PF_SHAPES ? alone : 2;
	size_t best = s->n;

	if (least < RARE)
		least = RARE;
	for (size_t b = 0; b < s->n; b++)
		if (holds(&s->s[b], one))
			return;
	for (size_t b = 0; b < s->n; b++) {
		const struct tg_pf_shape now = both(&s->s[b], one);
		const double more = cost(&now) - s->cost[b];

		if (more < least) {
			least = more;
			best = b;
		}
	}
	if (best == s->n) {
		s->cost[s->n] = alone;
		s->s[s->n++] = *one;
		return;
	}
	s->s[best] = both(&s->s[best], one);
	s->cost[best] = cost(&s->s[best]);
}

/* What each shape costs, and the one that it costs least to merge with. */
struct near {
	double cost[TG_PF_SHAPES], more[TG_PF_SHAPES];
	size_t to[TG_PF_SHAPES];
};

static double
together(const struct tg_pf_shapes *s, const struct near *n, size_t a, size_t b)
{
	const struct tg_pf_shape now = both(&s->s[a], &s->s[b]);

	return cost(&now) - n->cost[a] - n->cost[b];
}

static void
find_near(const struct tg_pf_shapes *s, struct near *n, size_t a)
{
	n->more[a] = 2;
	n->to[a] = a;
	for (size_t b = 0; b < s->n; b++) {
		const double more = b == a ? 2 : together(s, n, a, b);

		if (more < n->more[a]) {
			n->more[a] = more;
			n->to[a] = b;
		}
	}
}

/* @x has taken @gone in; the last shape is now called @gone. */
static void
renew(const struct tg_pf_shapes *s, struct near *n, size_t x, size_t gone)
{
	for (size_t a = 0; a < s->n; a++) {
		const double more = a == x ? 2 : together(s, n, a, x);

		if (a == x || n->to[a] == x || n->to[a] == gone) {
			find_near(s, n, a);
			continue;
		}
		if (n->to[a] == s->n)
			n->to[a] = gone;
		if (more < n->more[a]) {
			n->more[a] = more;
			n->to[a] = x;
		}
	}
}

/* The two shapes that cost least as one become one, until there are @most. */
static void
merge(struct tg_pf_shapes *s, size_t most)
{
	struct near n;

	for (size_t a = 0; a < s->n; a++)
		n.cost[a] = cost(&s->s[a]);
	for (size_t a = 0; a < s->n; a++)
		find_near(s, &n, a);
	while (s->n > most) {
		size_t x = 0, gone;

		for (size_t a = 1; a < s->n; a++)
			if (n.more[a] < n.more[x])
				x = a;
		gone = n.to[x];
		s->s[x] = both(&s->s[x], &s->s[gone]);
		n.cost[x] = cost(&s->s[x]);
		s->n--;
		s->s[gone] = s->s[s->n];
		n.cost[gone] = n.cost[s->n];
		n.more[gone] = n.more[s->n];
		n.to[gone] = n.to[s->n];
		if (x == s->n)
			x = gone;
		renew(s, &n, x, gone);
	}
}

static void
fill(struct tg_pf_start *s, size_t table, const struct tg_pf_shape *shape,
    size_t n)
{
	for (size_t b = 0; b < n; b++)
		for (size_t k = 0; k < TG_PF_START; k++)
			for (unsigned x = 0; x < 16; x++) {
				const unsigned l =
				    (unsigned)shape[b].lo[k] >> x & 1u;
				const unsigned h =
				    (unsigned)shape[b].hi[k] >> x & 1u;

				s->lo[table][k][x] =
				    (uint8_t)(s->lo[table][k][x] | l << b);
				s->hi[table][k][x] =
				    (uint8_t)(s->hi[table][k][x] | h << b);
			}
}

void
tg_pf_start_add(struct tg_pf_start *s, const struct tg_pf_seq *seq, bool glued)
{
	const struct tg_pf_shape one = shape_of(seq);

	add_shape(glued ? &s->glued : &s->loose, &one);
}

/* Two tables from @first on. */
static void
fill_two(struct tg_pf_start *s, size_t first, struct tg_pf_shapes *from)
{
	size_t half;

	merge(from, 2 * BUCKETS);
	half = from->n < BUCKETS ? from->n : BUCKETS;
	fill(s, first, from->s, half);
	fill(s, first + 1, from->s + half, from->n - half);
}

void
tg_pf_start_ready(struct tg_pf_start *s)
{
	fill_two(s, TG_PF_LOOSE, &s->loose);
	fill_two(s, TG_PF_GLUED, &s->glued);
}

/* Both passes read TG_PF_START - 1 bytes behind a block. */
static void
run_scalar(const struct tg_pf_start *s, uint64_t *loose, uint64_t *glued,
    const char *text, size_t blocks)
{
	const unsigned char *p = (const unsigned char *)text;

	for (size_t b = 0; b < blocks; b++, p += BLOCK) {
		loose[b] = glued[b] = 0;
		for (unsigned i = 0; i < BLOCK; i++) {
			unsigned in[TG_PF_TABLES] = {0xff, 0xff, 0xff, 0xff};

			for (unsigned t = 0; t < TG_PF_TABLES; t++)
				for (unsigned k = 0; k < TG_PF_START; k++)
					in[t] &= s->lo[t][k][p[i + k] & 15u] &
					    (unsigned)
						s->hi[t][k][p[i + k] >> 4];
			loose[b] |= (uint64_t)((in[TG_PF_LOOSE] |
						   in[TG_PF_LOOSE_TOO]) != 0)
			    << i;
			glued[b] |= (uint64_t)((in[TG_PF_GLUED] |
						   in[TG_PF_GLUED_TOO]) != 0)
			    << i;
		}
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

/* The bytes that are not zero. */
AVX2 static inline uint64_t
bits(__m256i x, __m256i y)
{
	const __m256i none = _mm256_setzero_si256();

	return ~((uint64_t)(uint32_t)_mm256_movemask_epi8(
		     _mm256_cmpeq_epi8(x, none)) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(y, none))
		<< 32);
}

/* The nibbles of 64 bytes. */
struct nibbles {
	__m256i ul, uh, vl, vh;
};

AVX2 static inline struct nibbles
nibbles(const char *p)
{
	const __m256i low = _mm256_set1_epi8(0x0f);
	const __m256i u = _mm256_loadu_si256((const __m256i *)(const void *)p);
	const __m256i v =
	    _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));

	return (struct nibbles){.ul = _mm256_and_si256(u, low),
	    .uh = _mm256_and_si256(_mm256_srli_epi16(u, 4), low),
	    .vl = _mm256_and_si256(v, low),
	    .vh = _mm256_and_si256(_mm256_srli_epi16(v, 4), low)};
}

/* The buckets of a table that go on at position @k. */
AVX2 static inline void
go_on(__m256i *x, __m256i *y, const struct tg_pf_start *s, unsigned t,
    unsigned k, const struct nibbles *n)
{
	const __m256i lo = table(s->lo[t][k]), hi = table(s->hi[t][k]);

	*x = _mm256_and_si256(*x,
	    _mm256_and_si256(_mm256_shuffle_epi8(lo, n->ul),
		_mm256_shuffle_epi8(hi, n->uh)));
	*y = _mm256_and_si256(*y,
	    _mm256_and_si256(_mm256_shuffle_epi8(lo, n->vl),
		_mm256_shuffle_epi8(hi, n->vh)));
}

AVX2 static void
run_avx2(const struct tg_pf_start *s, uint64_t *loose, uint64_t *glued,
    const char *p, size_t blocks)
{
	for (size_t b = 0; b < blocks; b++, p += BLOCK) {
		__m256i xa = _mm256_set1_epi8(-1), xb = xa, xg = xa, xh = xa;
		__m256i ya = xa, yb = xa, yg = xa, yh = xa;

		for (unsigned k = 0; k < TG_PF_START; k++) {
			const struct nibbles n = nibbles(p + k);

			go_on(&xa, &ya, s, TG_PF_LOOSE, k, &n);
			go_on(&xb, &yb, s, TG_PF_LOOSE_TOO, k, &n);
			go_on(&xg, &yg, s, TG_PF_GLUED, k, &n);
			go_on(&xh, &yh, s, TG_PF_GLUED_TOO, k, &n);
		}
		loose[b] =
		    bits(_mm256_or_si256(xa, xb), _mm256_or_si256(ya, yb));
		glued[b] =
		    bits(_mm256_or_si256(xg, xh), _mm256_or_si256(yg, yh));
	}
}
#else
#define run_avx2 run_scalar
#endif

void
tg_pf_start_run(const struct tg_pf_start *s, uint64_t *loose, uint64_t *glued,
    const char *p, size_t n, size_t at, size_t blocks)
{
	const bool avx2 = tg_marks_avx2();
	char tail[BLOCK + TG_PF_START];
	size_t whole = 0;

	if (n >= at + TG_PF_START - 1)
		whole = (n - at - (TG_PF_START - 1)) / BLOCK;
	if (whole > blocks)
		whole = blocks;
	if (avx2)
		run_avx2(s, loose, glued, p + at, whole);
	else
		run_scalar(s, loose, glued, p + at, whole);
	for (; whole < blocks; whole++) {
		const size_t from = at + whole * BLOCK;
		const size_t left = n - from;

		memset(tail, 0, sizeof(tail));
		memcpy(
		    tail, p + from, left < sizeof(tail) ? left : sizeof(tail));
		if (avx2)
			run_avx2(s, loose + whole, glued + whole, tail, 1);
		else
			run_scalar(s, loose + whole, glued + whole, tail, 1);
	}
}
