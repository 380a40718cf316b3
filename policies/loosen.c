#include "policies/loosen.h"

#include "policies/country.h"

#include "base/banned.h"

#define PPB UINT64_C(1000000000)
#define STRANGER "zz_mutant" /* no name of ours */

static uint64_t
top(const struct tg_schema_row *row)
{
	return row->type == TG_PT_RATIO ? PPB : row->hi;
}

size_t
tg_loosen_ways(const struct tg_policy *p, size_t i)
{
	const struct tg_pval *v = &p->leaves.v[i];

	switch (v->row->rule) {
	case TG_PR_MIN:
		return v->num < top(v->row);
	case TG_PR_MAX:
		return v->num > (v->row->type == TG_PT_RATIO ? 0 : v->row->lo);
	case TG_PR_ORDERED:
	case TG_PR_PARTIAL:
		return v->num > 0;
	case TG_PR_LOCK:
	case TG_PR_INTERSECT:
		return 1;
	case TG_PR_UNION:
		return v->n;
	case TG_PR_CONJ:
		return 1;
	}
	return 0;
}

/* A member that the set does not have. */
static const char *
stranger(const struct tg_pval *v, struct tg_arena *mem)
{
	char code[3] = "AA";

	if (v->row->type != TG_PT_PLACES)
		return STRANGER;
	for (code[0] = 'A'; code[0] <= 'Z'; code[0]++)
		for (code[1] = 'A'; code[1] <= 'Z'; code[1]++)
			if (tg_country_known(tg_sv_of(code)) &&
			    !tg_pval_has(v, tg_sv_of(code)))
				return tg_arena_str(mem, tg_sv_of(code));
	return STRANGER; /* every country there is */
}

static bool
grows(const struct tg_schema_row *row)
{
	return row->rule == TG_PR_INTERSECT || row->rule == TG_PR_CONJ;
}

/* One more of what is allowed, in its place; or all but the @way-th. */
static int
set_items(struct tg_pval *v, size_t way, struct tg_arena *mem)
{
	const char **item = tg_arena_calloc(mem, v->n + 2, sizeof(*item));
	const char *more = grows(v->row) ? stranger(v, mem) : NULL;
	size_t n = 0;

	if (item == NULL || (grows(v->row) && more == NULL))
		return -1;
	for (size_t i = 0; i < v->n; i++) {
		if (more != NULL && strcmp(more, v->item[i]) < 0) {
			item[n++] = more;
			more = NULL;
		}
		if (grows(v->row) || i != way)
			item[n++] = v->item[i];
	}
	if (more != NULL)
		item[n++] = more;
	v->item = item;
	v->n = n;
	return 0;
}

static int
set_scalar(struct tg_pval *v, struct tg_arena *mem)
{
	switch (v->row->rule) {
	case TG_PR_MIN:
		v->num++;
		break;
	case TG_PR_MAX:
	case TG_PR_ORDERED:
	case TG_PR_PARTIAL:
		v->num--;
		break;
	case TG_PR_LOCK:
		v->text = v->row->words == NULL		      ? STRANGER
		    : v->num == 0 && v->row->words[1] != NULL ? v->row->words[1]
							      : STRANGER;
		return 0;
	case TG_PR_INTERSECT:
	case TG_PR_UNION:
	case TG_PR_CONJ:
		return -1;
	}
	v->text = v->row->words != NULL
	    ? v->row->words[v->num]
	    : tg_arena_fmt(mem, "%llu", (unsigned long long)v->num);
	return v->text == NULL ? -1 : 0;
}

int
tg_loosen(struct tg_loosened *keep, struct tg_policy *p, size_t i, size_t way,
    struct tg_err *err)
{
	struct tg_pval *v = &p->leaves.v[i];
	struct tg_leaf *leaf = &p->leaf[i];

	keep->was = *v;
	keep->leaf = *leaf;
	if ((v->text == NULL ? set_items(v, way, &p->mem)
			     : set_scalar(v, &p->mem)) < 0)
		return tg_fail_memory(err);
	leaf->text = v->text;
	leaf->item = v->item;
	leaf->n = v->n;
	return 0;
}

void
tg_loosen_back(struct tg_policy *p, size_t i, const struct tg_loosened *k)
{
	p->leaves.v[i] = k->was;
	p->leaf[i] = k->leaf;
}
