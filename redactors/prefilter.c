#include "redactors/prefilter.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "redactors/prefilter_start.h"

#include "base/banned.h"

#define WORDS (TG_PF_MAX / 64)
#define BATCH 32 /* blocks of 64 bytes whose starts are found at once */
#define QUAD 4	 /* words of the table at once */
#define QUADS (WORDS / QUAD)
#define PAST 256      /* the column of "behind the end of the text" */
#define HEAD 4	      /* bytes of a word that heads.h looks at */
#define HEAD_FORMS 64 /* of these that a sequence may begin with, at most */

/* What tells that a sequence may begin: for those that begin with a word, its
 * first bytes (heads.h); for the others, prefilter_start.h, and they are kept
 * together by their first byte, so that each asks for few words of the table.
 */
enum kind { DIGITS, DIGITS_TOO, LETTERS, OTHER, WORD };

/* A sequence and the rule it begins. */
struct alt {
	struct tg_pf_seq seq;
	enum kind kind;
	uint16_t id;
	bool glued; /* may follow a letter or digit */
	bool wide;  /* begins with a long run */
	bool back;
	bool bound; /* the run may not */
	uint32_t run_min, run_max;
	struct tg_bytes run;
	struct tg_digits digits;
};

/* Sequences that are tried, bit k: sequence k. */
struct live {
	uint64_t all[WORDS];
	uint64_t glued[WORDS]; /* may follow a letter or digit */
};

/* Bit k: sequence k. */
struct rows {
	uint64_t row[TG_PF_LEN][PAST + 1][WORDS]; /* may have the byte there */
	struct live live;
	uint64_t back[WORDS];
};

struct tg_pf {
	size_t n, n_other; /* of these, not of kind WORD: they come first */
	struct tg_heads heads;
	struct tg_pf_start start;
	bool wide;	    /* one of them is told by its long run */
	uint8_t quads[256]; /* of four words of row 0: those not zero */
	struct rows rows;
	uint16_t id[TG_PF_MAX]; /* of alt: most that fit are of rules shut */
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
	free(pf);
}

static bool
is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* The bytes of @s as tg_heads_four sees them, each once; their number. */
static size_t
forms(unsigned char out[256], const struct tg_bytes *s)
{
	size_t n = 0;

	/* Bytes without bit 5 are the low half of each word. */
	for (unsigned k = 0; k < 4; k++)
		for (uint64_t w = (s->w[k] | s->w[k] << 32) >> 32; w != 0;
		     w &= w - 1)
			out[n++] = (unsigned char)(64 * k + 32 +
			    (unsigned)__builtin_ctzll(w));
	return n;
}

static enum kind
kind_of(const struct tg_bytes *first)
{
	/* Of the words of the set that hold them. */
	const uint64_t digits = UINT64_C(0x3ff) << '0';
	const uint64_t letters = UINT64_C(0x07fffffe07fffffe);
	const bool letter = (first->w[1] & letters) != 0;
	const bool other = ((first->w[0] & ~digits) | (first->w[1] & ~letters) |
			       first->w[2] | first->w[3]) != 0;

	if ((first->w[0] & digits) != 0)
		return letter || other ? DIGITS_TOO : DIGITS;
	return letter ? LETTERS : OTHER;
}

/* Whether the sequence begins with few words: not in the middle of one. */
static bool
is_worded(const struct tg_pf_seq *s)
{
	unsigned char form[256];
	size_t n = 1;

	if (s->n < HEAD || kind_of(&s->at[0]) != LETTERS)
		return false;
	for (size_t k = 0; k < HEAD && n <= HEAD_FORMS; k++)
		n *= forms(form, &s->at[k]);
	return n <= HEAD_FORMS;
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
		    .kind = !glued && !head->back && !head->wide &&
			    is_worded(&head->seq[i])
			? WORD
			: kind_of(&head->seq[i].at[0]),
		    .id = id,
		    .glued = glued || head->back,
		    .wide = head->wide && !glued && !head->back,
		    .back = head->back,
		    .bound = !glued,
		    .run_min = head->run_min,
		    .run_max = head->run_max,
		    .run = head->run,
		    .digits = head->digits};
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
		pf->rows.live.glued[k >> 6] |= bit;
	if (pf->alt[k].back)
		pf->rows.back[k >> 6] |= bit;
	pf->rows.live.all[k >> 6] |= bit;
	pf->id[k] = pf->alt[k].id;
}

/* Words of kind WORD are known by the quads they ask for. */
static size_t
first_quad(const struct tg_pf *pf)
{
	return pf->n_other / 64 / QUAD;
}

static uint8_t
group_of(const struct tg_pf *pf, size_t k)
{
	const size_t group = k / 64 / QUAD - first_quad(pf);

	return (uint8_t)(1u
	    << (group < TG_HEADS_GROUPS ? group : TG_HEADS_GROUPS - 1));
}

static void
add_head(struct tg_pf *pf, size_t k)
{
	const struct tg_pf_seq *s = &pf->alt[k].seq;
	unsigned char form[HEAD][256];
	size_t n[HEAD], forms_of_all = 1;
	char four[HEAD];

	for (size_t pos = 0; pos < HEAD; pos++) {
		n[pos] = forms(form[pos], &s->at[pos]);
		forms_of_all *= n[pos];
	}
	for (size_t i = 0; i < forms_of_all; i++) {
		size_t left = i;

		for (size_t pos = 0; pos < HEAD; pos++) {
			four[pos] = (char)form[pos][left % n[pos]];
			left /= n[pos];
		}
		pf->heads.at[tg_heads_place(tg_heads_four(four))] |=
		    group_of(pf, k);
	}
}

/* The sequences in @word, not of kind WORD, that may begin with @c. */
static uint64_t
others(const struct tg_pf *pf, unsigned c, size_t word)
{
	const size_t left = pf->n_other - 64 * word;
	const uint64_t of =
	    left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;

	return pf->rows.row[0][c][word] & of;
}

void
tg_pf_ready(struct tg_pf *pf)
{
	qsort(pf->alt, pf->n, sizeof(pf->alt[0]), by_kind);
	while (pf->n_other < pf->n && pf->alt[pf->n_other].kind != WORD)
		pf->n_other++;
	for (size_t k = 0; k < pf->n; k++) {
		add_rows(pf, k);
		if (k >= pf->n_other)
			add_head(pf, k);
		else if (pf->alt[k].wide)
			pf->wide = true;
		else
			tg_pf_start_add(
			    &pf->start, &pf->alt[k].seq, pf->alt[k].glued);
	}
	tg_pf_start_ready(&pf->start);
	for (size_t k = 0; k < pf->n_other; k += 64)
		for (unsigned c = 0; c < 256; c++)
			if (others(pf, c, k / 64) != 0)
				pf->quads[c] |= (uint8_t)(1u << k / 64 / QUAD);
}

const struct tg_heads *
tg_pf_heads(const struct tg_pf *pf)
{
	return &pf->heads;
}

struct run {
	const struct tg_pf *pf;
	const unsigned char *p;
	size_t n;
	size_t *next;
	tg_pf_try try_at;
	void *ctx;
	struct tg_digits_run *digits;
	struct live *live; /* of this text */
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
	for (; m != 0; m &= m - 1) {
		const size_t k = word * 64 + (size_t)__builtin_ctzll(m);
		const uint64_t one = m & (~m + 1);
		const struct alt *a = &r->pf->alt[k];
		size_t *const next = &r->next[r->pf->id[k]];

		if ((r->pf->rows.back[word] & one) != 0) {
			if (try_back(r, a, i) < 0)
				return -1;
			continue;
		}
		if (*next > i) {
			/* Never again in this text: it need not fit. */
			if (*next >= r->n) {
				r->live->all[word] &= ~one;
				r->live->glued[word] &= ~one;
			}
			continue;
		}
		*next = tg_digits_stand(&a->digits, r->digits, r->p, r->n, i)
		    ? r->try_at(r->ctx, a->id, i)
		    : i + 1;
		if (*next == SIZE_MAX)
			return -1;
	}
	return 0;
}

/* The sequences that fit the @n bytes at @p and all of @last, in the quads
 * asked for; bit k of what is returned: some in quad k. */
static unsigned
fit_scalar(uint64_t out[WORDS], const struct rows *r, const uint64_t *last,
    const unsigned char *p, size_t n, unsigned quads)
{
	unsigned some = 0;

	for (; quads != 0; quads &= quads - 1) {
		const unsigned q = (unsigned)__builtin_ctz(quads);
		uint64_t any = 0;

		for (size_t i = QUAD * q; i < QUAD * (q + 1); i++) {
			uint64_t m = last[i];

			for (size_t k = 0; k < TG_PF_LEN; k++)
				m &= r->row[k][k < n ? p[k] : PAST][i];
			out[i] = m;
			any |= m;
		}
		some |= (unsigned)(any != 0) << q;
	}
	return some;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

/* Of four positions. */
AVX2 static inline __m256i
four(const struct rows *r, const unsigned char *p, size_t k, size_t w)
{
	const uint64_t *const a = &r->row[k][p[k]][w];
	const uint64_t *const b = &r->row[k + 1][p[k + 1]][w];
	const uint64_t *const c = &r->row[k + 2][p[k + 2]][w];
	const uint64_t *const d = &r->row[k + 3][p[k + 3]][w];

	return _mm256_and_si256(
	    _mm256_and_si256(
		_mm256_loadu_si256((const __m256i *)(const void *)a),
		_mm256_loadu_si256((const __m256i *)(const void *)b)),
	    _mm256_and_si256(
		_mm256_loadu_si256((const __m256i *)(const void *)c),
		_mm256_loadu_si256((const __m256i *)(const void *)d)));
}

/* The same of TG_PF_LEN bytes at @p. */
AVX2 static unsigned
fit_avx2(uint64_t out[WORDS], const struct rows *r, const uint64_t *last,
    const unsigned char *p, unsigned quads)
{
	unsigned some = 0;

	for (; quads != 0; quads &= quads - 1) {
		const unsigned q = (unsigned)__builtin_ctz(quads);
		const size_t w = QUAD * q;
		__m256i m = four(r, p, 0, w);

		if (_mm256_testz_si256(m, m))
			continue;
		m = _mm256_and_si256(m, four(r, p, 4, w));
		m = _mm256_and_si256(m,
		    _mm256_loadu_si256(
			(const __m256i *)(const void *)(last + w)));
		if (_mm256_testz_si256(m, m))
			continue;
		_mm256_storeu_si256((__m256i *)(void *)(out + w), m);
		some |= 1u << q;
	}
	return some;
}
#else
#define fit_avx2(out, r, last, p, quads) \
	fit_scalar(out, r, last, p, TG_PF_LEN, quads)
#endif

static int
try_start(const struct run *r, size_t i, bool glued, unsigned quads)
{
	const struct rows *const rows = &r->pf->rows;
	const uint64_t *const last = glued ? r->live->glued : r->live->all;
	uint64_t m[WORDS] TG_UNSET;

	if (r->avx2 && r->n - i >= TG_PF_LEN)
		quads = fit_avx2(m, rows, last, r->p + i, quads);
	else
		quads = fit_scalar(m, rows, last, r->p + i, r->n - i, quads);
	for (; quads != 0; quads &= quads - 1) {
		const size_t w = QUAD * (size_t)__builtin_ctz(quads);

		for (size_t k = w; k < w + QUAD; k++)
			if (m[k] != 0 && try_bits(r, i, k, m[k]) < 0)
				return -1;
	}
	return 0;
}

/* The quads that the word at @i asks for; its four bytes are there, for
 * otherwise no sequence of kind WORD fits. */
static unsigned
word_quads(const struct run *r, size_t i)
{
	const struct tg_pf *pf = r->pf;
	unsigned groups;

	if (r->n - i < HEAD)
		return 0;
	groups =
	    pf->heads.at[tg_heads_place(tg_heads_four((const char *)r->p + i))];
	groups &= TG_HEADS_RULES;
	/* The last group is all that is left. */
	if ((groups >> (TG_HEADS_GROUPS - 1)) != 0)
		groups |= 1u << TG_HEADS_GROUPS;
	return (groups << first_quad(pf)) & ((1u << QUADS) - 1);
}

/* Whether one of the eight bytes of @w has all its bits. */
static bool
has_full(uint64_t w)
{
	return ((~w - UINT64_C(0x0101010101010101)) & w &
		   UINT64_C(0x8080808080808080)) != 0;
}

/* Bit k: TG_PF_WIDE bytes of a long run begin at byte k of block @b. */
static uint64_t
wide_runs(const struct tg_marks *m, size_t b)
{
	uint64_t lo = m->at[TG_MARK_BASE64][b];
	uint64_t hi = m->at[TG_MARK_BASE64][b + 1];

	/* A run of 15 and more holds eight that are aligned. */
	if (!has_full(lo) && (hi & UINT8_MAX) != UINT8_MAX)
		return 0;
	for (unsigned k = 1; k < TG_PF_WIDE; k *= 2) {
		lo &= lo >> k | hi << (64 - k);
		hi &= hi >> k;
	}
	return lo;
}

/* Tries the starts of the block at @at; @loose: those that follow no word,
 * @words: those of words that may be more than one. */
static int
try_block(const struct run *r, size_t at, uint64_t loose, uint64_t starts,
    uint64_t words)
{
	for (uint64_t all = starts | words; all != 0; all &= all - 1) {
		const unsigned k = (unsigned)__builtin_ctzll(all);
		const size_t i = at + k;
		unsigned quads = 0;

		if (((starts >> k) & 1) != 0)
			quads = r->pf->quads[r->p[i]];
		if (((words >> k) & 1) != 0)
			quads |= word_quads(r, i);
		if (try_start(r, i, ((loose >> k) & 1) == 0, quads) < 0)
			return -1;
	}
	return 0;
}

int
tg_pf_run(const struct tg_pf *pf, const char *p, const struct tg_marks *m,
    size_t *next, tg_pf_try try_at, void *ctx)
{
	struct tg_digits_run digits = {.at = SIZE_MAX};
	struct live live = pf->rows.live;
	const struct run r = {pf, (const unsigned char *)p, m->n, next, try_at,
	    ctx, &digits, &live, tg_marks_avx2()};
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
		if (try_block(
			&r, b * 64, loose, starts, m->at[TG_MARK_HEAD][b]) < 0)
			return -1;
	}
	return 0;
}
