#include "redactors/prefilter.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "redactors/prefilter_start.h"
#include "redactors/prefilter_walk.h"

#include "base/banned.h"

#define WORDS TG_PF_WORDS
#define BATCH 32 /* blocks of 64 bytes whose starts are found at once */
#define QUAD 4	 /* words of the table at once */
#define PAST 256 /* the column of "behind the end of the text" */

/* A sequence and the rule it begins.  Those that begin with digits stand
 * together, so that a digit asks for few words of the table. */
struct alt {
	struct tg_pf_seq seq;
	uint8_t kind; /* of the first byte */
	uint16_t id;
	bool glued; /* may follow a letter or digit */
	bool wide;  /* begins with a long run */
	bool back;
	bool bound; /* the run may not */
	uint32_t run_min, run_max;
	struct tg_bytes run;
};

struct tg_pf {
	size_t n;
	struct tg_pf_walk walk;
	struct tg_pf_start start;
	bool wide;	     /* one of them is told by its long run */
	uint32_t quads[256]; /* of four words of row 0: those not zero */
	struct tg_pf_rows rows;
	struct alt alt[TG_PF_MAX];
};

int
tg_pf_new(struct tg_pf **out, struct tg_err *err)
{
	struct tg_pf *pf = calloc(1, sizeof(*pf));

	if (pf == NULL)
		return tg_fail_memory(err);
	*out = pf;
	return 0;
}

void
tg_pf_free(struct tg_pf *pf)
{
	if (pf != NULL)
		tg_pf_walk_free(&pf->walk);
	free(pf);
}

/* 0: digits only, 1: digits too, 2: letters, 3: the rest. */
static uint8_t
kind_of(const struct tg_bytes *first)
{
	bool digit = false, letter = false, other = false;

	for (unsigned c = 0; c < 256; c++) {
		if (!tg_bytes_has(first, (unsigned char)c))
			continue;
		if (c >= '0' && c <= '9')
			digit = true;
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			letter = true;
		else
			other = true;
	}
	if (digit)
		return letter || other ? 1 : 0;
	return letter ? 2 : 3;
}

int
tg_pf_add(struct tg_pf *pf, uint16_t id, bool glued,
    const struct tg_pf_head *head, struct tg_err *err)
{
	if (head->slow)
		return 0;
	if (pf->n + head->n > TG_PF_MAX)
		return tg_fail(err, TG_E_CONFIG,
		    "the rules have over %d beginnings", TG_PF_MAX);
	for (size_t i = 0; i < head->n; i++)
		pf->alt[pf->n++] = (struct alt){.seq = head->seq[i],
		    .kind = kind_of(&head->seq[i].at[0]),
		    .id = id,
		    .glued = glued || head->back,
		    .wide = head->wide && !glued && !head->back,
		    .back = head->back,
		    .bound = !glued,
		    .run_min = head->run_min,
		    .run_max = head->run_max,
		    .run = head->run};
	return 1;
}

static int
by_kind(const void *pa, const void *pb)
{
	const struct alt *a = pa, *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static void
add_rows(struct tg_pf *pf, size_t k)
{
	const struct tg_pf_seq *s = &pf->alt[k].seq;
	const uint64_t bit = UINT64_C(1) << (k & 63);

	for (size_t pos = 0; pos < s->n; pos++)
		for (unsigned q = 0; q < 4; q++)
			for (uint64_t w = s->at[pos].w[q]; w != 0; w &= w - 1)
				pf->rows.row[pos][64 * q +
				    (unsigned)__builtin_ctzll(w)][k >> 6] |=
				    bit;
	for (size_t pos = s->n; pos < TG_PF_LEN; pos++)
		for (unsigned c = 0; c <= PAST; c++)
			pf->rows.row[pos][c][k >> 6] |= bit;
	if (pf->alt[k].glued)
		pf->rows.glued[k >> 6] |= bit;
	for (size_t pos = s->n; pos <= TG_PF_LEN; pos++)
		pf->rows.over[pos][k >> 6] |= bit;
	pf->rows.all[k >> 6] |= bit;
}

int
tg_pf_ready(struct tg_pf *pf, struct tg_err *err)
{
	qsort(pf->alt, pf->n, sizeof(pf->alt[0]), by_kind);
	for (size_t k = 0; k < pf->n; k++)
		add_rows(pf, k);
	for (size_t k = 0; k < pf->n; k++) {
		if (pf->alt[k].wide)
			pf->wide = true;
		else
			tg_pf_start_add(
			    &pf->start, &pf->alt[k].seq, pf->alt[k].glued);
	}
	tg_pf_start_ready(&pf->start);
	for (unsigned a = 0; a < 256; a++)
		for (unsigned w = 0; w < WORDS; w++)
			if (pf->rows.row[0][a][w] != 0)
				pf->quads[a] |= 1u << w / QUAD;
	return tg_pf_walk_make(&pf->walk, &pf->rows, err);
}

static bool
is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c >= 0x80;
}

struct run {
	const struct tg_pf *pf;
	const unsigned char *p;
	size_t n;
	size_t *next;
	tg_pf_try try_at;
	void *ctx;
	bool avx2;
};

static int
try_back(const struct run *r, const struct alt *a, size_t anchor)
{
	size_t lo = anchor, s;

	while (lo > 0 && anchor - lo < a->run_max && lo > r->next[a->id] &&
	    tg_bytes_has(&a->run, r->p[lo - 1]))
		lo--;
	for (s = lo; s + a->run_min <= anchor; s++) {
		if (s < r->next[a->id] ||
		    (a->bound && s > 0 && is_word(r->p[s - 1])))
			continue;
		r->next[a->id] = r->try_at(r->ctx, a->id, s);
		if (r->next[a->id] == SIZE_MAX)
			return -1;
	}
	return 0;
}

static int
try_bits(const struct run *r, size_t i, size_t word, uint64_t m)
{
	while (m != 0) {
		const size_t bit = (size_t)__builtin_ctzll(m);
		const struct alt *a = &r->pf->alt[word * 64 + bit];

		m &= m - 1;
		if (a->back) {
			if (try_back(r, a, i) < 0)
				return -1;
			continue;
		}
		if (r->next[a->id] > i)
			continue;
		r->next[a->id] = r->try_at(r->ctx, a->id, i);
		if (r->next[a->id] == SIZE_MAX)
			return -1;
	}
	return 0;
}

/* The rows of the bytes of a start, and the sequences that fit all of them:
 * four words of @w. */
struct rows {
	const uint64_t *at[TG_PF_LEN];
	const uint64_t *last; /* of glued, or of all */
};

static bool
fit_scalar(uint64_t out[QUAD], const struct rows *r, size_t w)
{
	uint64_t any = 0;

	for (size_t i = 0; i < QUAD; i++) {
		uint64_t m = r->last[w + i];

		for (size_t k = 0; k < TG_PF_LEN; k++)
			m &= r->at[k][w + i];
		out[i] = m;
		any |= m;
	}
	return any != 0;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i
four(const uint64_t *row)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)row);
}

AVX2 static bool
fit_avx2(uint64_t out[QUAD], const struct rows *r, size_t w)
{
	__m256i m = four(r->last + w);

	for (size_t k = 0; k < TG_PF_LEN; k++)
		m = _mm256_and_si256(m, four(r->at[k] + w));
	if (_mm256_testz_si256(m, m))
		return false;
	_mm256_storeu_si256((__m256i *)(void *)out, m);
	return true;
}
#else
#define fit_avx2 fit_scalar
#endif

static int
try_start(const struct run *r, size_t i, bool glued)
{
	const struct tg_pf *pf = r->pf;
	uint64_t m[QUAD];
	struct rows rows;
	uint32_t quads = pf->quads[r->p[i]];

	for (size_t k = 0; k < TG_PF_LEN; k++)
		rows.at[k] = pf->rows.row[k][i + k < r->n ? r->p[i + k] : PAST];
	rows.last = glued ? pf->rows.glued : pf->rows.all;
	for (; quads != 0; quads &= quads - 1) {
		const size_t w = QUAD * (size_t)__builtin_ctz(quads);

		if (!(r->avx2 ? fit_avx2(m, &rows, w)
			      : fit_scalar(m, &rows, w)))
			continue;
		for (size_t k = 0; k < QUAD; k++)
			if (m[k] != 0 && try_bits(r, i, w + k, m[k]) < 0)
				return -1;
	}
	return 0;
}

/* Bit k: TG_PF_WIDE bytes of a long run begin at byte k of block @b. */
static uint64_t
wide_runs(const struct tg_marks *m, size_t b)
{
	uint64_t lo = m->at[TG_MARK_BASE64][b];
	uint64_t hi = m->at[TG_MARK_BASE64][b + 1];

	for (unsigned k = 1; k < TG_PF_WIDE; k *= 2) {
		lo &= lo >> k | hi << (64 - k);
		hi &= hi >> k;
	}
	return lo;
}

/* Tries the starts of the block at @at; @loose: those that follow no word. */
static int
try_block(const struct run *r, size_t at, uint64_t loose, uint64_t starts)
{
	const struct tg_pf_walk *w = &r->pf->walk;

	for (; starts != 0; starts &= starts - 1) {
		const unsigned k = (unsigned)__builtin_ctzll(starts);
		const bool glued = ((loose >> k) & 1) == 0;
		const size_t i = at + k;

		if (tg_pf_walk_may(w, w->root[glued], r->p + i, r->n - i) &&
		    try_start(r, i, glued) < 0)
			return -1;
	}
	return 0;
}

int
tg_pf_run(const struct tg_pf *pf, const char *p, const struct tg_marks *m,
    size_t *next, tg_pf_try try_at, void *ctx)
{
	const struct run r = {pf, (const unsigned char *)p, m->n, next, try_at,
	    ctx, tg_marks_avx2()};
	uint64_t fits[BATCH], glued[BATCH], was_word = 0;

	for (size_t b = 0; b < m->blocks; b++) {
		const uint64_t word = m->at[TG_MARK_WORD][b];
		const uint64_t loose = ~(word << 1 | was_word);
		uint64_t starts;

		if (b % BATCH == 0)
			tg_pf_start_run(&pf->start, fits, glued, p, m->n,
			    b * 64,
			    m->blocks - b < BATCH ? m->blocks - b : BATCH);
		was_word = word >> 63;
		starts = fits[b % BATCH];
		if (pf->wide)
			starts |= wide_runs(m, b);
		starts = (starts & loose) | glued[b % BATCH];
		/* Nothing begins behind the end. */
		if (b + 1 == m->blocks && m->n % 64 != 0)
			starts &= (UINT64_C(1) << (m->n % 64)) - 1;
		if (starts != 0 && try_block(&r, b * 64, loose, starts) < 0)
			return -1;
	}
	return 0;
}
