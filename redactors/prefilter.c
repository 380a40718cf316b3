#include "redactors/prefilter.h"

#include <stdlib.h>

#include "redactors/prefilter_start.h"
#include "redactors/prefilter_walk.h"

#include "base/banned.h"

#define WORDS TG_PF_WORDS
#define BATCH 32 /* blocks of 64 bytes whose starts are found at once */
#define BLOCK 64
#define AHEAD 4	 /* bytes of a start that are read in any case */
#define PAST 256 /* the column of "behind the end of the text" */

/* A sequence and the rule it begins.  Those that begin with digits stand
 * together, so that a digit asks for few words of the table. */
struct alt {
	struct tg_pf_seq seq;
	uint8_t kind; /* of the first byte */
	uint16_t id;
	bool glued; /* may follow a letter or digit */
	bool back;
	bool bound; /* the run may not */
	uint32_t run_min, run_max;
	struct tg_bytes run;
};

struct tg_pf {
	size_t n;
	struct tg_pf_walk walk;
	struct tg_pf_start start; /* of those that may be glued */
	uint32_t words[257];	  /* words of row 0 that are not zero */
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

	for (size_t pos = 0; pos < TG_PF_LEN; pos++)
		for (unsigned c = 0; c <= PAST; c++) {
			const bool in = pos >= s->n ||
			    (c != PAST &&
				tg_bytes_has(&s->at[pos], (unsigned char)c));

			if (in)
				pf->rows.row[pos][c][k >> 6] |= bit;
		}
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
	for (size_t k = 0; k < pf->n; k++)
		if (pf->alt[k].glued)
			tg_pf_start_add(&pf->start, &pf->alt[k].seq);
	for (unsigned a = 0; a < 256; a++)
		for (unsigned w = 0; w < WORDS; w++)
			if (pf->rows.row[0][a][w] != 0)
				pf->words[a] |= 1u << w;
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

static int
try_start(const struct run *r, size_t i, bool glued)
{
	const struct tg_pf *pf = r->pf;
	const uint64_t(*row)[257][WORDS] = pf->rows.row;
	unsigned c[TG_PF_LEN];
	uint32_t words;

	for (size_t k = 0; k < TG_PF_LEN; k++)
		c[k] = i + k < r->n ? r->p[i + k] : PAST;
	words = pf->words[c[0]];
	while (words != 0) {
		const size_t w = (size_t)__builtin_ctz(words);
		uint64_t m =
		    row[0][c[0]][w] & row[1][c[1]][w] & row[2][c[2]][w];

		words &= words - 1;
		if (m == 0)
			continue;
		m &= row[3][c[3]][w] & row[4][c[4]][w] & row[5][c[5]][w] &
		    row[6][c[6]][w] & row[7][c[7]][w];
		if (glued)
			m &= pf->rows.glued[w];
		if (m != 0 && try_bits(r, i, w, m) < 0)
			return -1;
	}
	return 0;
}

/* A start whose first bytes fit a sequence. */
struct fit {
	uint16_t state;
	uint8_t at;
};

/*
 * The starts of the block at @at that fit for AHEAD bytes; @loose: those that
 * follow no word.  No step depends on what it finds: the reads of many starts
 * are under way at once.
 */
static size_t
fitting(struct fit *out, const struct run *r, size_t at, uint64_t loose,
    uint64_t starts)
{
	const struct tg_pf_walk *w = &r->pf->walk;
	size_t n = 0;

	for (; starts != 0; starts &= starts - 1) {
		const unsigned k = (unsigned)__builtin_ctzll(starts);
		const unsigned char *p = r->p + at + k;
		unsigned s = w->root[~(loose >> k) & 1];

		for (unsigned i = 0; i < AHEAD; i++)
			s = tg_pf_walk_step(w, s, p[i]);
		out[n].state = (uint16_t)s;
		out[n].at = (uint8_t)k;
		n += s != TG_PF_DEAD;
	}
	return n;
}

/* The same near the end of the text: each fits so far. */
static size_t
fitting_tail(struct fit *out, const struct run *r, size_t at, uint64_t loose,
    uint64_t starts)
{
	size_t n = 0;

	for (; starts != 0; starts &= starts - 1) {
		const unsigned k = (unsigned)__builtin_ctzll(starts);

		if (at + k >= r->n)
			break;
		out[n++] =
		    (struct fit){.state = r->pf->walk.root[~(loose >> k) & 1],
			.at = (uint8_t)k};
	}
	return n;
}

/* The starts of a block: of words and other bytes that follow no word, and of
 * what may follow one. */
static int
try_block(const struct run *r, size_t at, uint64_t loose, uint64_t starts)
{
	const bool tail = r->n - at < BLOCK + AHEAD;
	const size_t read = tail ? 0 : AHEAD;
	struct fit fit[BLOCK];
	size_t n;

	n = tail ? fitting_tail(fit, r, at, loose, starts)
		 : fitting(fit, r, at, loose, starts);
	for (size_t k = 0; k < n; k++) {
		const size_t i = at + fit[k].at;

		if (tg_pf_walk_may(&r->pf->walk, fit[k].state, r->p + i + read,
			r->n - i - read) &&
		    try_start(r, i, ((loose >> fit[k].at) & 1) == 0) < 0)
			return -1;
	}
	return 0;
}

int
tg_pf_run(const struct tg_pf *pf, const char *p, const struct tg_marks *m,
    size_t *next, tg_pf_try try_at, void *ctx)
{
	const struct run r = {
	    pf, (const unsigned char *)p, m->n, next, try_at, ctx};
	uint64_t glued[BATCH], was_word = 0;

	for (size_t b = 0; b < m->blocks; b++) {
		const uint64_t word = m->at[TG_MARK_WORD][b];
		const uint64_t loose = ~(word << 1 | was_word);

		if (b % BATCH == 0)
			tg_pf_start_run(&pf->start, glued, p, m->n, b * 64,
			    m->blocks - b < BATCH ? m->blocks - b : BATCH);
		was_word = word >> 63;
		if (try_block(&r, b * 64, loose, loose | glued[b % BATCH]) < 0)
			return -1;
	}
	return 0;
}
