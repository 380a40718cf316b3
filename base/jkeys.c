/*
 * jkeys.c - duplicate keys.  Few keys are compared in pairs; many go through a
 * hash table, and keys made to collide there through a sort, so that no input
 * costs more than n log n comparisons.
 */
#include "base/jkeys.h"

#include "base/jesc.h"

#include "base/banned.h"

#define NONE UINT32_MAX
#define FEW 16	 /* keys compared in pairs */
#define PROBES 4 /* probes a key on average before the sort */

static struct tg_sv
raw_key(const struct tg_jdoc *d, uint32_t i)
{
	const struct tg_jnode *n = &d->nodes[i];

	return (struct tg_sv){
	    d->text.p + n->key_start + 1, n->key_end - n->key_start - 2};
}

/* Decoded bytes of a key, one at a time. */
struct bytes {
	struct tg_sv raw;
	size_t at;
	char out[4];
	uint32_t have, used;
};

/* The next byte, or -1 at the end. */
static int
next_byte(struct bytes *b)
{
	if (b->used == b->have) {
		if (b->at == b->raw.n)
			return -1;
		b->have = tg_jesc_step(b->out, b->raw, &b->at);
		b->used = 0;
	}
	return (uint8_t)b->out[b->used++];
}

/* Order of decoded bytes. */
static int
compare(const struct tg_jdoc *d, uint32_t a, uint32_t b)
{
	struct bytes x = {.raw = raw_key(d, a)}, y = {.raw = raw_key(d, b)};
	int p, q;

	if (!d->nodes[a].key_esc && !d->nodes[b].key_esc)
		return tg_sv_cmp(x.raw, y.raw);
	do {
		p = next_byte(&x);
		q = next_byte(&y);
	} while (p == q && p >= 0);
	return p - q;
}

bool
tg_jkeys_eq(const struct tg_jdoc *d, uint32_t a, uint32_t b)
{
	if (!d->nodes[a].key_esc && !d->nodes[b].key_esc)
		return tg_sv_eq(raw_key(d, a), raw_key(d, b));
	return compare(d, a, b) == 0;
}

/* FNV-1a of the decoded bytes; spread by the table, not trusted. */
static uint32_t
hash(const struct tg_jdoc *d, uint32_t i)
{
	struct bytes b = {.raw = raw_key(d, i)};
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	int c;

	if (!d->nodes[i].key_esc) {
		for (size_t k = 0; k < b.raw.n; k++)
			h = (h ^ (uint8_t)b.raw.p[k]) * UINT64_C(0x100000001b3);
	} else {
		while ((c = next_byte(&b)) >= 0)
			h = (h ^ (uint64_t)c) * UINT64_C(0x100000001b3);
	}
	return (uint32_t)(h ^ h >> 32);
}

/* Equal keys without escapes have equal marks. */
static uint32_t
mark_of(const struct tg_jdoc *d, uint32_t i)
{
	const struct tg_sv k = raw_key(d, i);

	if (k.n == 0)
		return 0;
	return (uint32_t)k.n << 16 | (uint32_t)(uint8_t)k.p[0] << 8 |
	    (uint8_t)k.p[k.n - 1];
}

static int
check_few(const struct tg_jdoc *d, uint32_t i, uint32_t *twice)
{
	uint32_t at[FEW], mark[FEW], n = 0;
	bool esc = false;

	for (uint32_t c = i + 1; n < d->nodes[i].n; c = d->nodes[c].next) {
		at[n] = c;
		mark[n++] = mark_of(d, c);
		esc |= d->nodes[c].key_esc;
	}
	for (uint32_t a = 1; a < n; a++) {
		for (uint32_t b = 0; b < a; b++) {
			if ((esc || mark[a] == mark[b]) &&
			    tg_jkeys_eq(d, at[a], at[b])) {
				*twice = at[a];
				return 0;
			}
		}
	}
	return 1;
}

static void
sift(const struct tg_jdoc *d, uint32_t *v, uint32_t root, uint32_t n)
{
	for (;;) {
		uint32_t kid = 2 * root + 1;
		const uint32_t up = v[root];

		if (kid >= n)
			return;
		if (kid + 1 < n && compare(d, v[kid], v[kid + 1]) < 0)
			kid++;
		if (compare(d, up, v[kid]) >= 0)
			return;
		v[root] = v[kid];
		v[kid] = up;
		root = kid;
	}
}

/* Heap sort: in place, and no input is worse than another. */
static int
check_sorted(const struct tg_jdoc *d, uint32_t i, uint32_t *v, uint32_t *twice)
{
	uint32_t n = 0;

	for (uint32_t c = i + 1; n < d->nodes[i].n; c = d->nodes[c].next)
		v[n++] = c;
	for (uint32_t k = n / 2; k-- > 0;)
		sift(d, v, k, n);
	for (uint32_t k = n; k-- > 1;) {
		const uint32_t top = v[0];

		v[0] = v[k];
		v[k] = top;
		sift(d, v, 0, k);
	}
	for (uint32_t k = 1; k < n; k++) {
		if (compare(d, v[k - 1], v[k]) == 0) {
			*twice = v[k] > v[k - 1] ? v[k] : v[k - 1];
			return 0;
		}
	}
	return 1;
}

static int
check_many(struct tg_jdoc *d, uint32_t i, uint32_t *twice)
{
	const uint32_t n = d->nodes[i].n;
	uint64_t budget = (uint64_t)n * PROBES;
	uint32_t size = 4 * FEW, *slot;

	while (size < 2 * n)
		size *= 2;
	if (!tg_jscan_room(d, size / 8))
		return -1;
	slot = (uint32_t *)(void *)(d->nodes + d->n);
	memset(slot, 0xff, size * sizeof(*slot));
	for (uint32_t k = 0, c = i + 1; k < n; k++, c = d->nodes[c].next) {
		uint32_t h = hash(d, c) & (size - 1);

		for (; slot[h] != NONE; h = (h + 1) & (size - 1)) {
			if (tg_jkeys_eq(d, slot[h], c)) {
				*twice = c;
				return 0;
			}
			if (budget-- == 0)
				return check_sorted(d, i, slot, twice);
		}
		slot[h] = c;
	}
	return 1;
}

_Static_assert(sizeof(struct tg_jnode) == 8 * sizeof(uint32_t),
    "eight slots of the table lie in one node");

int
tg_jkeys_check(struct tg_jdoc *d, uint32_t i, uint32_t *twice)
{
	if (d->nodes[i].n <= FEW)
		return check_few(d, i, twice);
	return check_many(d, i, twice);
}
