#include "pipeline/seam_orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define ROW_MAX 16 /* elements of a row that has columns */

/* FNV-1a (draft-eastlake-fnv): told apart, not kept from anyone. */
#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t
mix(uint64_t h, unsigned char c)
{
	return (h ^ c) * FNV_PRIME;
}

/* A name; the numbers in it are left open. */
static uint64_t
mix_name(uint64_t h, struct tg_sv name)
{
	bool number = false;

	for (size_t i = 0; i < name.n; i++) {
		const char c = name.p[i];
		const bool digit = c >= '0' && c <= '9';

		if (!digit || !number)
			h = mix(h, digit ? '#' : (unsigned char)c);
		number = digit;
	}
	return mix(h, '/');
}

/* The "key" or "name" beside a "value" in a list of attributes. */
static uint64_t
mix_attribute(uint64_t h, const struct tg_jdoc *d, uint32_t i)
{
	const uint32_t list = d->nodes[i].parent;

	for (uint32_t c = list + 1; c < d->nodes[list].next;
	     c = d->nodes[c].next)
		if (c != i && d->nodes[c].kind == TG_J_STRING &&
		    (tg_jdoc_key_is(d, c, "key") ||
			tg_jdoc_key_is(d, c, "name")))
			return mix_name(h, tg_jdoc_str(d, c));
	return h;
}

/* The place of element @i in its array; ROW_MAX: not one of a row. */
static uint32_t
place_in_row(const struct tg_jdoc *d, uint32_t i)
{
	const uint32_t row = d->nodes[i].parent;
	uint32_t n = 0;

	if (d->nodes[row].n > ROW_MAX)
		return ROW_MAX;
	for (uint32_t c = row + 1; c < i; c = d->nodes[c].next)
		n++;
	return n;
}

/* Who says what stands in object @i, a message: "user" goes on with "user". */
static uint64_t
mix_role(uint64_t h, const struct tg_jdoc *d, uint32_t i)
{
	const uint32_t role = tg_jdoc_find(d, i, "role");

	return role != UINT32_MAX && d->nodes[role].kind == TG_J_STRING
	    ? mix_name(h, tg_jdoc_str(d, role))
	    : h;
}

static bool
said(struct tg_sv key)
{
	return (key.n == 7 && memcmp(key.p, "content", 7) == 0) ||
	    (key.n == 5 && memcmp(key.p, "parts", 5) == 0);
}

struct path {
	uint64_t kin;
	uint32_t place; /* in the array next to the text */
	unsigned arrays;
};

static struct path
path_of(const struct tg_walk *w, uint32_t i)
{
	const struct tg_jdoc *d = w->doc;
	struct path p = {.kin = w->kin ^ FNV_START, .place = ROW_MAX};

	for (; i != UINT32_MAX; i = d->nodes[i].parent) {
		const struct tg_jnode *n = &d->nodes[i];

		if (n->key_end != 0) {
			p.kin = mix_name(p.kin, tg_jdoc_key(d, i));
			if (said(tg_jdoc_key(d, i)))
				p.kin = mix_role(p.kin, d, n->parent);
			if (d->nodes[n->parent].n <= 3 &&
			    tg_jdoc_key_is(d, i, "value"))
				p.kin = mix_attribute(p.kin, d, i);
		} else if (n->parent != UINT32_MAX) {
			p.kin = mix(p.kin, '[');
			if (p.arrays++ == 0)
				p.place = place_in_row(d, i);
		}
	}
	return p;
}

void
tg_seam_orders_place(const struct tg_walk *w, struct tg_text *t, uint32_t i)
{
	const struct path p = path_of(w, i);

	t->kin = p.kin;
	t->column = p.arrays > 1 && p.place < ROW_MAX
	    ? mix(p.kin, (unsigned char)p.place)
	    : 0;
}

bool
tg_seam_orders_listed(const struct tg_jdoc *d, uint32_t i)
{
	for (i = d->nodes[i].parent; i != UINT32_MAX; i = d->nodes[i].parent)
		if (d->nodes[i].kind == TG_J_ARRAY)
			return true;
	return false;
}

bool
tg_seam_orders_row(const struct tg_jdoc *d, uint32_t i)
{
	return d->nodes[i].kind == TG_J_ARRAY && d->nodes[i].key_end == 0 &&
	    d->nodes[i].n <= ROW_MAX;
}

uint64_t
tg_seam_orders_below(const struct tg_walk *w, uint32_t i)
{
	return path_of(w, i).kin;
}

/* 0: has no place in the order. */
static uint64_t
group_of(const struct tg_text *t, enum tg_seam_by by)
{
	if (t->joins == TG_JOINS_KEY ||
	    (t->joins == TG_JOINS_COLUMN && by != TG_SEAM_BY_COLUMN))
		return 0;
	switch (by) {
	case TG_SEAM_AS_THEY_STAND:
		return 1;
	case TG_SEAM_BY_KIN:
		return t->kin;
	case TG_SEAM_BY_COLUMN:
		return t->column;
	case TG_SEAM_BY_NAME:
		return t->key.n == 0
		    ? 0
		    : mix_name(
			  FNV_START, (struct tg_sv){t->key.bytes, t->key.n});
	case TG_SEAM_BY_PAIR:
	case TG_SEAM_ORDERS:
		break;
	}
	return 0;
}

static int
compare(const void *x, const void *y)
{
	const struct tg_seam_step *a = x, *b = y;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return a->text < b->text ? -1 : a->text > b->text;
}

/* Groups of one, and those that the document has side by side. */
static void
leave_out_known(struct tg_seam_order *o)
{
	uint32_t n = 0, start = 0;

	while (start < o->n) {
		bool fresh = false;
		uint32_t end = start + 1;

		for (; end < o->n && o->step[end].group == o->step[start].group;
		     end++) {
			o->step[end].known =
			    o->step[end].rank == o->step[end - 1].rank + 1;
			fresh = fresh || !o->step[end].known;
		}
		for (; fresh && start < end; start++)
			o->step[n++] = o->step[start];
		start = end;
	}
	o->n = n;
}

static bool
in_order(const struct tg_record *r, const struct tg_text *t)
{
	return t->joins != TG_JOINS_NOT &&
	    (t->unit == TG_UNIT_NONE || !r->unit[t->unit].dropped);
}

int
tg_seam_orders_room(
    struct tg_seam_order *out, struct tg_record *r, struct tg_err *err)
{
	uint32_t n = 0;

	*out = (struct tg_seam_order){.n = 0};
	for (uint32_t i = 0; i < r->n_text; i++)
		n += in_order(r, &r->text[i]);
	out->step = tg_arena_alloc(&r->arena, (n + 1u) * sizeof(*out->step));
	out->joins = tg_arena_alloc(&r->arena, (n + 1u) * sizeof(*out->joins));
	if (out->step == NULL || out->joins == NULL)
		return tg_fail_memory(err);
	for (uint32_t i = 0; i < r->n_text && out->n_joins < n; i++)
		if (in_order(r, &r->text[i]))
			out->joins[out->n_joins++] = i;
	return 0;
}

/* Keys, each with the text behind it when that is its value. */
static void
make_pairs(struct tg_seam_order *out, const struct tg_record *r)
{
	for (uint32_t k = 0; k + 1 < out->n_joins; k++) {
		const uint32_t i = out->joins[k];
		const struct tg_text *key = &r->text[i], *value = key + 1;

		if (key->joins != TG_JOINS_KEY || out->joins[k + 1] != i + 1 ||
		    value->kind != TG_TXT_STRING || value->nest != key->nest ||
		    value->base < key->base)
			continue;
		out->step[out->n++] =
		    (struct tg_seam_step){.group = i + 1, .text = i};
		out->step[out->n++] =
		    (struct tg_seam_step){.group = i + 1, .text = i + 1};
	}
}

void
tg_seam_orders_make(
    struct tg_seam_order *out, const struct tg_record *r, enum tg_seam_by by)
{
	uint32_t rank = 0;

	out->n = 0;
	if (by == TG_SEAM_BY_PAIR) {
		make_pairs(out, r);
		return;
	}
	for (uint32_t k = 0; k < out->n_joins; k++) {
		const uint32_t i = out->joins[k];
		const struct tg_text *t = &r->text[i];
		uint64_t group;

		rank += t->joins <= TG_JOINS_STREAM;
		group = group_of(t, by);
		if (group != 0)
			out->step[out->n++] = (struct tg_seam_step){
			    .group = group, .text = i, .rank = rank};
	}
	if (by == TG_SEAM_AS_THEY_STAND)
		return;
	qsort(out->step, out->n, sizeof(*out->step), compare);
	leave_out_known(out);
}
