/* oracle_make.c - the generator of oracle.h, and the way to leaves and back. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/policies/oracle.h"

#include "base/banned.h"

#define PPB UINT64_C(1000000000)

/* splitmix64 */
uint64_t
oracle_random(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static uint64_t
below(uint64_t n, uint64_t *seed)
{
	return oracle_random(seed) % n;
}

static size_t
count_words(const struct rule *r)
{
	size_t n = 0;

	while (r->words[n] != NULL)
		n++;
	return n;
}

/* ---- the generator ------------------------------------------------------ */

/* Few different numbers, so that two are often the same or one apart. */
static uint64_t
number(const struct rule *r, uint64_t *seed)
{
	const uint64_t pick[] = {r->lo, r->lo + 1, r->lo + (r->hi - r->lo) / 2,
	    r->hi - 1, r->hi, r->lo + below(r->hi - r->lo + 1, seed)};
	const uint64_t ppb[] = {0, 1, 50000000, PPB / 2, PPB - 1, PPB};

	return r->kind == RATIO ? ppb[below(TG_COUNT(ppb), seed)]
				: pick[below(TG_COUNT(pick), seed)];
}

static struct value
any_value(const struct rule *r, enum agree agree, uint64_t *seed)
{
	struct value v = {.there = true};

	switch (r->kind) {
	case WHOLE:
	case RATIO:
		v.num = number(r, seed);
		break;
	case WORD:
	case FREE_WORD:
		v.num = below(count_words(r), seed);
		if (agree != NOWHERE && r->way == SAME)
			v.num = 0;
		if (agree == EVERYWHERE && r->way == FIELD && v.num == 1)
			v.num = 2; /* not generalise */
		break;
	case NAMES:
	case PLACES:
	case PATTERNS:
		v.set = (uint8_t)below(1u << ORACLE_ITEMS, seed);
		if (r->way != GROW &&
		    agree > (r->closed ? BUT_FOR_SOME : NOWHERE))
			v.set |= 1;
		if (v.set == 0 && r->way != GROW)
			v.set = (uint8_t)(1u << below(ORACLE_ITEMS, seed));
		break;
	}
	return v;
}

void
oracle_base(struct opol *out, enum agree agree, uint64_t *seed)
{
	const uint64_t share = 1 + below(7, seed); /* of eight */
	const size_t n = oracle_slots();

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (below(8, seed) < share)
			out->v[i] =
			    any_value(oracle_slot(i)->rule, agree, seed);
}

void
oracle_child(struct opol *out, const struct opol *parent, bool project,
    enum agree agree, uint64_t naughty, uint64_t *seed)
{
	const uint64_t share = 1 + below(7, seed);
	const size_t n = oracle_slots();

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		const bool any = naughty > 0 && below(naughty, seed) == 0;
		struct value v = {0};
		bool fits = false;

		if (below(8, seed) >= share)
			continue;
		for (int turn = 0; turn < 6 && !fits; turn++) {
			v = any_value(oracle_slot(i)->rule, agree, seed);
			fits = any || oracle_fits(parent, i, &v, project);
		}
		/* At worst what the parent says, or nothing as it. */
		out->v[i] = fits ? v : parent->v[i];
	}
}

/* ---- to leaves and back ------------------------------------------------- */

static void
scalar_text(char out[64], const struct rule *r, uint64_t num)
{
	if (r->kind == WHOLE)
		(void)snprintf(out, 64, "%llu", (unsigned long long)num);
	else if (r->kind == RATIO)
		(void)snprintf(out, 64, "%llu.%09llu",
		    (unsigned long long)(num / PPB),
		    (unsigned long long)(num % PPB));
	else
		(void)snprintf(out, 64, "%s", oracle_word(r, num));
}

static const char *const *
items(size_t *n, enum kind kind, uint8_t set, struct tg_arena *mem)
{
	const char **item = tg_arena_calloc(mem, ORACLE_ITEMS, sizeof(*item));

	ck_assert_ptr_nonnull(item);
	*n = 0;
	for (size_t i = 0; i < ORACLE_ITEMS; i++)
		if ((set >> i & 1) != 0)
			item[(*n)++] = oracle_item(kind, i);
	return item;
}

void
oracle_leaves(struct tg_leaves *out, const struct opol *p,
    const struct tg_layer *from, struct tg_arena *mem)
{
	static const struct tg_schema_row *row[ORACLE_SLOTS];
	struct tg_err err = {0};
	bool ok = true;

	*out = (struct tg_leaves){0};
	for (size_t i = 0; i < oracle_slots(); i++) {
		const struct slot *s = oracle_slot(i);
		struct tg_pval v = {.path = s->path,
		    .from = from,
		    .line = (uint32_t)i + 1,
		    .col = 1};
		char text[64];
		bool oom;

		if (!p->v[i].there)
			continue;
		if (row[i] == NULL &&
		    tg_schema_find(&row[i],
			(struct tg_sv){s->path,
			    s->rule->way == ONE_IN_EACH ? s->map
							: strlen(s->path)}) !=
			TG_SCHEMA_LEAF)
			ck_abort_msg("no row for %s", s->path);
		v.row = row[i];
		if (tg_pval_is_set(v.row)) {
			v.item = items(&v.n, s->rule->kind, p->v[i].set, mem);
		} else {
			scalar_text(text, s->rule, p->v[i].num);
			ok =
			    ok && tg_pval_scalar(&v, &oom, tg_sv_of(text), mem);
		}
		ok = ok && tg_leaves_add(out, &v, mem, &err) == 0;
	}
	ck_assert_msg(ok, "the leaves are made: %s", err.text);
}

static bool
read_value(struct value *out, const struct slot *s, const struct tg_pval *v)
{
	const bool set = s->rule->kind >= NAMES;
	size_t k = 0;

	*out = (struct value){.there = true};
	if (!set)
		return v->text != NULL &&
		    oracle_parse(s->rule, v->text, &out->num);
	if (v->text != NULL)
		return false;
	for (size_t i = 0; i < ORACLE_ITEMS && k < v->n; i++)
		if (strcmp(v->item[k], oracle_item(s->rule->kind, i)) == 0) {
			out->set |= (uint8_t)(1u << i);
			k++;
		}
	return k == v->n; /* each known, sorted, once */
}

bool
oracle_read(struct opol *out, const struct tg_leaves *leaves)
{
	size_t i = 0;

	memset(out, 0, sizeof(*out));
	for (size_t k = 0; k < leaves->n; k++, i++) {
		while (i < oracle_slots() &&
		    strcmp(oracle_slot(i)->path, leaves->v[k].path) < 0)
			i++;
		if (i == oracle_slots() ||
		    strcmp(oracle_slot(i)->path, leaves->v[k].path) != 0 ||
		    !read_value(&out->v[i], oracle_slot(i), &leaves->v[k]))
			return false;
	}
	return true;
}
