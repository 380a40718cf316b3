#include "redactors/prefilter_walk.h"

#include <stdlib.h>

#include "base/banned.h"

#define EIGHT 8	    /* classes at once: the compiler makes vectors of it */
#define SLOTS 16384 /* of states by their set; a power of two */

/* Sequences that still fit after some bytes. */
struct state {
	uint64_t set[TG_PF_WORDS];
	uint32_t words; /* of the set that are not zero */
	uint8_t depth;	/* bytes read */
};

struct maker {
	struct tg_pf_walk *w;
	const struct tg_pf_rows *r;
	struct state *state; /* TG_PF_STATES: they stay where they are */
	uint64_t *col;	     /* rows by position, word and class */
	size_t width;	     /* classes of such a row, to a multiple of EIGHT */
	uint16_t slot[SLOTS];
	unsigned char byte[256]; /* one of each class */
};

static bool
same_rows(const struct tg_pf_rows *r, unsigned a, unsigned b)
{
	for (size_t pos = 0; pos < TG_PF_LEN; pos++)
		if (memcmp(r->row[pos][a], r->row[pos][b],
			sizeof(r->row[pos][a])) != 0)
			return false;
	return true;
}

static void
classes(struct maker *m)
{
	struct tg_pf_walk *w = m->w;

	for (unsigned c = 0; c < 256; c++) {
		size_t k = 0;

		while (k < w->n_class && !same_rows(m->r, m->byte[k], c))
			k++;
		if (k == w->n_class)
			m->byte[w->n_class++] = (unsigned char)c;
		w->class[c] = (uint8_t)k;
	}
}

static void
count_words(struct state *s)
{
	s->words = 0;
	for (size_t i = 0; i < TG_PF_WORDS; i++)
		if (s->set[i] != 0)
			s->words |= 1u << i;
}

static size_t
slot_of(const struct maker *m, const struct state *s)
{
	uint64_t h = s->depth;
	size_t k;

	for (uint32_t words = s->words; words != 0; words &= words - 1) {
		const unsigned i = (unsigned)__builtin_ctz(words);

		h = (h ^ s->set[i] ^ i) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	k = (size_t)(h >> 32) & (SLOTS - 1);
	while (m->slot[k] != 0) {
		const struct state *t = &m->state[m->slot[k]];

		if (t->depth == s->depth && t->words == s->words &&
		    memcmp(t->set, s->set, sizeof(s->set)) == 0)
			break;
		k = (k + 1) & (SLOTS - 1);
	}
	return k;
}

/* The number of @s, made when it is new. */
static uint16_t
number(struct maker *m, const struct state *s)
{
	const size_t k = slot_of(m, s);

	if (m->slot[k] != 0)
		return m->slot[k];
	if (m->w->n_state == TG_PF_STATES)
		return TG_PF_MAYBE;
	m->state[m->w->n_state] = *s;
	m->slot[k] = (uint16_t)m->w->n_state;
	return (uint16_t)m->w->n_state++;
}

/* The bits of word @i of a row for each class, side by side: a state asks for
 * few words and all classes. */
static int
columns(struct maker *m, struct tg_err *err)
{
	const size_t n = (m->w->n_class + EIGHT - 1) / EIGHT * EIGHT;

	m->width = n;
	m->col = calloc(TG_PF_LEN * TG_PF_WORDS * n, sizeof(*m->col));
	if (m->col == NULL)
		return tg_fail_memory(err);
	for (size_t pos = 0; pos < TG_PF_LEN; pos++)
		for (size_t k = 0; k < m->w->n_class; k++)
			for (size_t i = 0; i < TG_PF_WORDS; i++)
				m->col[(pos * TG_PF_WORDS + i) * n + k] =
				    m->r->row[pos][m->byte[k]][i];
	return 0;
}

/* Sequences of @s that go on with the byte of class @k: there are some. */
static uint16_t
step(struct maker *m, const struct state *s, size_t k)
{
	const uint64_t *row = m->r->row[s->depth][m->byte[k]];
	struct state t = {.depth = (uint8_t)(s->depth + 1)};

	for (uint32_t words = s->words; words != 0; words &= words - 1) {
		const unsigned i = (unsigned)__builtin_ctz(words);

		t.set[i] = s->set[i] & row[i];
		if (t.set[i] != 0)
			t.words |= 1u << i;
	}
	return number(m, &t);
}

static inline void
add_eight(uint64_t *restrict any, uint64_t *restrict over,
    const uint64_t *restrict col, uint64_t set, uint64_t last)
{
	for (size_t k = 0; k < EIGHT; k++) {
		any[k] |= set & col[k];
		over[k] |= last & col[k];
	}
}

/* The row of state @s: by class, whether any sequence goes on and whether one
 * of these has no more bytes, for all classes at once; a new state is made only
 * where that does not decide. */
static void
steps(struct maker *m, size_t state)
{
	const struct state *s = &m->state[state];
	const size_t n = m->w->n_class;
	uint16_t *const next = &m->w->next[state << m->w->shift];
	uint64_t any[256] TG_UNSET, over[256] TG_UNSET;

	memset(any, 0, m->width * sizeof(any[0]));
	memset(over, 0, m->width * sizeof(over[0]));
	for (uint32_t words = s->words; words != 0; words &= words - 1) {
		const unsigned i = (unsigned)__builtin_ctz(words);
		const uint64_t *col =
		    &m->col[((size_t)s->depth * TG_PF_WORDS + i) * m->width];
		const uint64_t set = s->set[i];
		const uint64_t last = set & m->r->over[s->depth + 1][i];

		for (size_t k = 0; k < m->width; k += EIGHT)
			add_eight(any + k, over + k, col + k, set, last);
	}
	for (size_t k = 0; k < n; k++)
		if (any[k] == 0)
			next[k] = TG_PF_DEAD;
		else if (over[k] != 0 || s->depth + 1 == TG_PF_LEN)
			next[k] = TG_PF_MAYBE;
		else
			next[k] = step(m, s, k);
}

static uint16_t
root(struct maker *m, const uint64_t *set)
{
	struct state s = {.depth = 0};
	bool over = false;

	for (size_t i = 0; i < TG_PF_WORDS; i++) {
		s.set[i] = set[i] & m->r->all[i];
		over = over || (s.set[i] & m->r->over[0][i]) != 0;
	}
	count_words(&s);
	if (s.words == 0)
		return TG_PF_DEAD;
	return over ? TG_PF_MAYBE : number(m, &s);
}

int
tg_pf_walk_make(
    struct tg_pf_walk *w, const struct tg_pf_rows *r, struct tg_err *err)
{
	struct maker *m = calloc(1, sizeof(*m));
	int rc = -1;

	if (m == NULL)
		return tg_fail_memory(err);
	m->w = w;
	m->r = r;
	classes(m);
	if (columns(m, err) < 0)
		goto out;
	while ((size_t)1 << w->shift < w->n_class)
		w->shift++;
	m->state = calloc(TG_PF_STATES, sizeof(*m->state));
	w->next = calloc((size_t)TG_PF_STATES << w->shift, sizeof(*w->next));
	if (m->state == NULL || w->next == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	for (size_t k = 0; k < w->n_class; k++)
		w->next[(size_t)TG_PF_MAYBE << w->shift | k] = TG_PF_MAYBE;
	w->n_state = TG_PF_MAYBE + 1;
	w->root[0] = root(m, r->all);
	w->root[1] = root(m, r->glued);
	for (size_t s = TG_PF_MAYBE + 1; s < w->n_state; s++)
		steps(m, s);
	rc = 0;
out:
	free(m->col);
	free(m->state);
	free(m);
	return rc;
}

void
tg_pf_walk_free(struct tg_pf_walk *w)
{
	free(w->next);
	w->next = NULL;
}
