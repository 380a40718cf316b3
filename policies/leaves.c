/* leaves.c - the sorted set of leaves of policies/layer.h. */
#include <stdlib.h>

#include "policies/layer.h"

#include "base/banned.h"

#define FIRST_CAP 256

int
tg_leaves_add(struct tg_leaves *s, const struct tg_pval *v,
    struct tg_arena *mem, struct tg_err *err)
{
	if (s->n == TG_LAYER_LEAVES)
		return tg_fail(
		    err, TG_E_LIMIT, "more than %d leaves", TG_LAYER_LEAVES);
	if (s->n == s->cap) {
		const size_t cap = s->cap == 0 ? FIRST_CAP : s->cap * 2;
		struct tg_pval *more = tg_arena_calloc(mem, cap, sizeof(*more));

		if (more == NULL)
			return tg_fail_memory(err);
		if (s->n > 0)
			memcpy(more, s->v, s->n * sizeof(*more));
		s->v = more;
		s->cap = cap;
	}
	s->v[s->n++] = *v;
	return 0;
}

/* By path; two of one path in the order of the file, so that the second is
 * the one an error points at. */
static int
path_cmp(const void *a, const void *b)
{
	const struct tg_pval *x = a, *y = b;
	const int c = strcmp(x->path, y->path);

	if (c != 0)
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->col < y->col ? -1 : x->col > y->col;
}

void
tg_leaves_sort(struct tg_leaves *s)
{
	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), path_cmp);
}

/* The first leaf whose path is not before @path. */
static size_t
lower_bound(const struct tg_leaves *s, struct tg_sv path)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (tg_sv_cmp(tg_sv_of(s->v[mid].path), path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct tg_pval *
tg_leaves_find(const struct tg_leaves *s, struct tg_sv path)
{
	const size_t i = lower_bound(s, path);

	if (i == s->n || !tg_sv_is(path, s->v[i].path))
		return NULL;
	return &s->v[i];
}

bool
tg_leaves_below(const struct tg_leaves *s, struct tg_sv map)
{
	/* "/a-b" stands between "/a" and "/a/b". */
	for (size_t i = lower_bound(s, map); i < s->n; i++) {
		const struct tg_sv path = tg_sv_of(s->v[i].path);

		if (!tg_sv_starts(path, map))
			return false;
		if (path.n > map.n && path.p[map.n] == '/')
			return true;
	}
	return false;
}
