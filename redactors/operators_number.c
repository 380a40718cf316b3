/* operators_number.c - the number of a value within a scope, by the order of
 * first sight.  An open-addressed table of keyed hashes; to begin again costs
 * nothing. */
#include <stdlib.h>

#include "redactors/operators_priv.h"

#include "base/banned.h"

#define FIRST_CAP 1024u
#define NUMBERS_MAX 500000u /* values of a scope; more become labels */

struct slot {
	uint8_t digest[16];
	uint64_t round;
	uint32_t no;
	uint16_t type;
};

struct tg_numbers {
	struct slot *slot;
	uint32_t *last; /* number given last, a type */
	size_t cap, n, n_types;
	uint64_t round; /* slots of other rounds are empty */
};

int
tg_numbers_new(struct tg_numbers **out, size_t n_types, struct tg_err *err)
{
	struct tg_numbers *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return tg_fail_memory(err);
	t->slot = calloc(FIRST_CAP, sizeof(*t->slot));
	t->last = calloc(n_types + 1, sizeof(*t->last));
	if (t->slot == NULL || t->last == NULL) {
		tg_numbers_free(t);
		return tg_fail_memory(err);
	}
	t->cap = FIRST_CAP;
	t->n_types = n_types;
	t->round = 1;
	*out = t;
	return 0;
}

void
tg_numbers_free(struct tg_numbers *t)
{
	if (t == NULL)
		return;
	free(t->slot);
	free(t->last);
	free(t);
}

void
tg_numbers_reset(struct tg_numbers *t)
{
	if (t->n == 0)
		return;
	t->round++;
	t->n = 0;
	memset(t->last, 0, (t->n_types + 1) * sizeof(*t->last));
}

/* The slot of the value, or the empty one where it belongs. */
static struct slot *
find(struct slot *slot, size_t cap, uint64_t round, uint16_t type,
    const uint8_t digest[16])
{
	uint64_t h;
	size_t i;

	memcpy(&h, digest, sizeof(h));
	for (i = (size_t)h & (cap - 1);; i = (i + 1) & (cap - 1))
		if (slot[i].round != round ||
		    (slot[i].type == type &&
			memcmp(slot[i].digest, digest, 16) == 0))
			return &slot[i];
}

static bool
grow(struct tg_numbers *t)
{
	const size_t cap = t->cap * 2;
	struct slot *more = calloc(cap, sizeof(*more));

	if (more == NULL)
		return false;
	for (size_t i = 0; i < t->cap; i++)
		if (t->slot[i].round == t->round)
			*find(more, cap, t->round, t->slot[i].type,
			    t->slot[i].digest) = t->slot[i];
	free(t->slot);
	t->slot = more;
	t->cap = cap;
	return true;
}

uint32_t
tg_numbers_of(struct tg_numbers *t, uint16_t type, const uint8_t digest[16])
{
	struct slot *s;

	if (type >= t->n_types)
		return 0;
	s = find(t->slot, t->cap, t->round, type, digest);
	if (s->round == t->round)
		return s->no;
	if (t->n == NUMBERS_MAX)
		return 0;
	if (t->n * 2 >= t->cap) {
		if (!grow(t))
			return 0;
		s = find(t->slot, t->cap, t->round, type, digest);
	}
	*s = (struct slot){
	    .round = t->round, .no = ++t->last[type], .type = type};
	memcpy(s->digest, digest, sizeof(s->digest));
	t->n++;
	return s->no;
}
