#include "redactors/prefilter_walk.h"

#include <stdlib.h>

#include "base/banned.h"

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
	struct state *state;
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

static uint16_t
step(struct maker *m, const struct state *s, unsigned char c)
{
	const uint64_t *row = m->r->row[s->depth][c];
	struct state t = {.depth = (uint8_t)(s->depth + 1)};
	bool over = t.depth == TG_PF_LEN;

	for (uint32_t words = s->words; words != 0; words &= words - 1) {
		const unsigned i = (unsigned)__builtin_ctz(words);

		t.set[i] = s->set[i] & row[i];
		if (t.set[i] != 0)
			t.words |= 1u << i;
		over = over || (t.set[i] & m->r->over[t.depth][i]) != 0;
	}
	if (t.words == 0)
		return TG_PF_DEAD;
	return over ? TG_PF_MAYBE : number(m, &t);
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
		for (size_t k = 0; k < w->n_class; k++) {
			const struct state from = m->state[s];

			w->next[s << w->shift | k] = step(m, &from, m->byte[k]);
		}
	rc = 0;
out:
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
