#include "pipeline/aggregate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/num.h"
#include "base/sorter.h"
#include "base/banned.h"

#define D TG_CLASS_DIGEST
#define NAMES_MAX (32u << 20) /* bytes of the groups' texts */
#define SLOTS (2u * TG_AGGREGATE_GROUPS)

/* A contribution: subject, group, cell, how many, sum; big-endian. */
#define GIVEN (D + 4 + 4 + 4 + 8)
/* A mean of one subject: group by rank, cell, mean. */
#define MEAN (4 + 4 + 8)

struct mean {
	uint32_t rank, cell;
	int64_t v;
};

struct tg_aggregate {
	struct tg_aggregate_limits limits;
	struct tg_aggregate_result result;
	uint8_t key[TG_KEY_LEN];
	char *dir;
	size_t memory;
	struct tg_sorter *given, *means;
	struct tg_arena arena;
	struct tg_aggregate_group *group;
	uint32_t *slot; /* of the groups by digest; 0: free, else number + 1 */
	uint32_t n_group;
	uint32_t *rank;	     /* of each group among all */
	struct mean *chosen; /* of the subject at hand */
	size_t n_chosen;
	struct tg_buf work;
};

struct noise {
	const struct tg_dice *dice; /* NULL: none */
	uint64_t subjects, sum, by; /* scales: subjects / by, sum / by */
};

/* 2 cells / epsilon, and clip times that (aggregate.h). */
static struct noise
noise_of(const struct tg_aggregate_limits *l, const struct tg_dice *dice)
{
	if (l->epsilon_milli == 0)
		return (struct noise){.dice = NULL};
	return (struct noise){.dice = dice,
	    .subjects = 2 * 1000 * l->cells,
	    .sum = 2 * 1000 * l->cells * l->clip * TG_AGGREGATE_UNIT,
	    .by = l->epsilon_milli};
}

static bool
limits_hold(const struct tg_aggregate_limits *l)
{
	if (l->k == 0 || l->clip == 0 || l->clip > TG_AGGREGATE_CLIP_MAX ||
	    l->cells > TG_AGGREGATE_CELLS_MAX)
		return false;
	return l->epsilon_milli == 0 ||
	    (l->cells != 0 && l->epsilon_milli <= TG_LAPLACE_MAX &&
		noise_of(l, NULL).sum <= TG_LAPLACE_MAX);
}

static void
put(uint8_t *p, unsigned width, uint64_t v)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static uint64_t
get(const uint8_t *p, unsigned width)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < width; i++)
		v = v << 8 | p[i];
	return v;
}

int
tg_aggregate_new(struct tg_aggregate **out, const char *dir,
    const struct tg_aggregate_limits *limits, const uint8_t key[TG_KEY_LEN],
    size_t memory, struct tg_err *err)
{
	struct tg_aggregate *a;

	if (!limits_hold(limits))
		return tg_fail(err, TG_E_CONFIG,
		    "noise of epsilon %llu/1000, %llu cells of one subject and "
		    "a clip of %llu: no scale for it",
		    (unsigned long long)limits->epsilon_milli,
		    (unsigned long long)limits->cells,
		    (unsigned long long)limits->clip);
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return tg_fail_memory(err);
	a->limits = *limits;
	a->memory = memory;
	memcpy(a->key, key, sizeof(a->key));
	tg_arena_init(&a->arena, NAMES_MAX);
	tg_buf_init(&a->work, 1u << 20);
	a->dir = strdup(dir);
	a->group = calloc(TG_AGGREGATE_GROUPS, sizeof(*a->group));
	a->slot = calloc(SLOTS, sizeof(*a->slot));
	if (limits->cells != 0)
		a->chosen =
		    calloc(2 * (size_t)limits->cells, sizeof(*a->chosen));
	if (a->dir == NULL || a->group == NULL || a->slot == NULL ||
	    (limits->cells != 0 && a->chosen == NULL)) {
		(void)tg_fail_memory(err);
		goto fail;
	}
	if (tg_fs_remove_tree(dir, err) < 0 ||
	    tg_fs_mkdirs(dir, 0700, err) < 0 ||
	    tg_sorter_new(&a->given, dir, GIVEN, memory, err) < 0)
		goto fail;
	*out = a;
	return 0;
fail:
	tg_aggregate_free(a);
	return -1;
}

void
tg_aggregate_free(struct tg_aggregate *a)
{
	if (a == NULL)
		return;
	tg_sorter_free(a->given);
	tg_sorter_free(a->means);
	/* Its files have no names; what could stay is an empty folder. */
	if (a->dir != NULL && tg_fs_remove_tree(a->dir, NULL) == 0)
		a->dir[0] = '\0';
	tg_arena_deinit(&a->arena);
	tg_buf_wipe_deinit(&a->work);
	tg_crypt_wipe(a->key, sizeof(a->key));
	free(a->dir);
	free(a->group);
	free(a->slot);
	free(a->rank);
	free(a->chosen);
	free(a);
}

const struct tg_aggregate_limits *
tg_aggregate_limits(const struct tg_aggregate *a)
{
	return &a->limits;
}

struct tg_aggregate_result *
tg_aggregate_result(struct tg_aggregate *a)
{
	return &a->result;
}

int
tg_aggregate_subject(struct tg_aggregate *a, uint8_t out[D],
    enum tg_subject_by by, struct tg_trace_text id, struct tg_err *err)
{
	tg_buf_reset(&a->work);
	if (tg_buf_reserve(&a->work, id.n + 1, err) < 0 ||
	    tg_buf_addc(&a->work, (char)by, err) < 0)
		return -1;
	for (size_t i = 0; i < id.n; i++) {
		const char c = id.bytes[i];

		if (tg_buf_addc(&a->work,
			c >= 'A' && c <= 'Z' ? (char)(c + 32) : c, err) < 0)
			return -1;
	}
	tg_crypt_blake2b(out, D, a->work.p, a->work.n, a->key);
	return 0;
}

static int
compare_text(struct tg_sv a, struct tg_sv b)
{
	const size_t n = a.n < b.n ? a.n : b.n;
	const int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static int
compare_group(
    const struct tg_aggregate_group *a, const struct tg_aggregate_group *b)
{
	int c = compare_text(a->format, b->format);

	if (c == 0)
		c = compare_text(a->model, b->model);
	return c != 0 ? c : compare_text(a->at, b->at);
}

/* Where its texts are, or where they would be. */
static int
slot_of(struct tg_aggregate *a, size_t *at,
    const struct tg_aggregate_group *group, struct tg_err *err)
{
	uint8_t digest[8];

	tg_buf_reset(&a->work);
	if (tg_buf_addsv(&a->work, group->format, err) < 0 ||
	    tg_buf_addc(&a->work, '\0', err) < 0 ||
	    tg_buf_addsv(&a->work, group->model, err) < 0 ||
	    tg_buf_addc(&a->work, '\0', err) < 0 ||
	    tg_buf_addsv(&a->work, group->at, err) < 0)
		return -1;
	tg_crypt_blake2b(digest, sizeof(digest), a->work.p, a->work.n, a->key);
	*at = (size_t)(get(digest, sizeof(digest)) % SLOTS);
	while (a->slot[*at] != 0 &&
	    compare_group(&a->group[a->slot[*at] - 1], group) != 0)
		*at = (*at + 1) % SLOTS;
	return 0;
}

int
tg_aggregate_group(struct tg_aggregate *a, uint32_t *out,
    const struct tg_aggregate_group *group, struct tg_err *err)
{
	struct tg_aggregate_group *g;
	size_t at;

	if (slot_of(a, &at, group, err) < 0)
		return -1;
	if (a->slot[at] != 0) {
		*out = a->slot[at] - 1;
		return 0;
	}
	if (a->n_group == TG_AGGREGATE_GROUPS)
		return tg_fail(err, TG_E_LIMIT,
		    "more than %u layers or tensors to aggregate",
		    TG_AGGREGATE_GROUPS);
	g = &a->group[a->n_group];
	g->format = tg_arena_sv(&a->arena, group->format);
	g->model = tg_arena_sv(&a->arena, group->model);
	g->at = tg_arena_sv(&a->arena, group->at);
	if (g->format.p == NULL || g->model.p == NULL || g->at.p == NULL)
		return tg_fail(err, TG_E_LIMIT,
		    "names of layers and tensors of more than %u bytes",
		    NAMES_MAX);
	*out = a->n_group++;
	a->slot[at] = a->n_group;
	return 0;
}

bool
tg_aggregate_units(const struct tg_aggregate *a, int64_t *out, double v)
{
	const double most = (double)a->limits.clip;

	if (isnan(v))
		return false;
	if (v > most)
		v = most;
	if (v < -most)
		v = -most;
	v *= TG_AGGREGATE_UNIT;
	*out = (int64_t)(v < 0 ? v - 0.5 : v + 0.5); /* below 2^30 */
	return true;
}

int
tg_aggregate_add(struct tg_aggregate *a, const uint8_t subject[D],
    uint32_t group, uint32_t cell, uint32_t n, int64_t sum, struct tg_err *err)
{
	uint8_t row[GIVEN];

	if (a->result.contributions == TG_AGGREGATE_ROWS)
		return tg_fail(err, TG_E_LIMIT,
		    "more than %u numbers to aggregate in a run",
		    TG_AGGREGATE_ROWS);
	a->result.contributions++;
	memcpy(row, subject, D);
	put(row + D, 4, group);
	put(row + D + 4, 4, cell);
	put(row + D + 8, 4, n);
	put(row + D + 12, 8, (uint64_t)sum);
	return tg_sorter_add(a->given, row, err);
}

/* ---- from contributions to the means of subjects ------------------------ */

struct place {
	const struct tg_aggregate *a;
	uint32_t group;
};

static int
by_name(const void *x, const void *y)
{
	const struct place *p = x, *q = y;

	return compare_group(&p->a->group[p->group], &q->a->group[q->group]);
}

/* The order of the groups is that of their texts. */
static int
rank_groups(struct tg_aggregate *a, struct tg_err *err)
{
	struct place *p = calloc((size_t)a->n_group + 1, sizeof(*p));

	a->rank = calloc((size_t)a->n_group + 1, sizeof(*a->rank));
	if (p == NULL || a->rank == NULL) {
		free(p);
		return tg_fail_memory(err);
	}
	for (uint32_t i = 0; i < a->n_group; i++)
		p[i] = (struct place){a, i};
	qsort(p, a->n_group, sizeof(*p), by_name);
	for (uint32_t i = 0; i < a->n_group; i++)
		a->rank[p[i].group] = i;
	free(p);
	return 0;
}

static int
give_mean(struct tg_aggregate *a, const struct mean *m, struct tg_err *err)
{
	uint8_t row[MEAN];

	put(row, 4, m->rank);
	put(row + 4, 4, m->cell);
	put(row + 8, 8, (uint64_t)m->v);
	return tg_sorter_add(a->means, row, err);
}

/* The greatest first; of equal ones the first cell. */
static int
by_size(const void *x, const void *y)
{
	const struct mean *p = x, *q = y;
	const int64_t a = p->v < 0 ? -p->v : p->v, b = q->v < 0 ? -q->v : q->v;

	if (a != b)
		return a > b ? -1 : 1;
	if (p->rank != q->rank)
		return p->rank < q->rank ? -1 : 1;
	return (p->cell > q->cell) - (p->cell < q->cell);
}

/* Of the subject at hand as many as the policy lets it have. */
static void
choose(struct tg_aggregate *a)
{
	if (a->n_chosen <= a->limits.cells)
		return;
	qsort(a->chosen, a->n_chosen, sizeof(*a->chosen), by_size);
	a->result.over += a->n_chosen - a->limits.cells;
	a->n_chosen = (size_t)a->limits.cells;
}

static int
subject_ends(struct tg_aggregate *a, struct tg_err *err)
{
	choose(a);
	for (size_t i = 0; i < a->n_chosen; i++)
		if (give_mean(a, &a->chosen[i], err) < 0)
			return -1;
	a->n_chosen = 0;
	return 0;
}

/* @n numbers of sum @sum of one subject and cell: the nearest to their mean. */
static int
cell_ends(struct tg_aggregate *a, const uint8_t *row, uint64_t n, int64_t sum,
    struct tg_err *err)
{
	const int64_t half = (int64_t)(n / 2), most = (int64_t)n;
	const struct mean m = {.rank = a->rank[get(row + D, 4)],
	    .cell = (uint32_t)get(row + D + 4, 4),
	    .v = (sum + (sum < 0 ? -half : half)) / most};

	if (a->limits.cells == 0)
		return give_mean(a, &m, err);
	a->chosen[a->n_chosen++] = m;
	if (a->n_chosen == 2 * a->limits.cells)
		choose(a);
	return 0;
}

/* What was read so far of one subject and cell. */
struct run {
	uint8_t row[GIVEN]; /* the first */
	uint64_t n;
	int64_t sum;
};

/* @row begins another cell, or another subject (NULL: it was the last). */
static int
between(struct tg_aggregate *a, struct run *r, const uint8_t *row,
    struct tg_err *err)
{
	if (r->n == 0)
		return 0;
	if (row != NULL && memcmp(row, r->row, D + 8) == 0)
		return 0;
	if (cell_ends(a, r->row, r->n, r->sum, err) < 0)
		return -1;
	r->n = 0;
	r->sum = 0;
	if (row != NULL && memcmp(row, r->row, D) == 0)
		return 0;
	a->result.subjects++;
	return subject_ends(a, err);
}

/* Rows of one subject, and of one cell, stand together. */
static int
to_means(struct tg_aggregate *a, struct tg_err *err)
{
	struct run r = {.n = 0};
	const uint8_t *row;

	if (tg_sorter_rewind(a->given, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(a->given, &row, err) < 0 ||
		    between(a, &r, row, err) < 0)
			return -1;
		if (row == NULL)
			return 0;
		memcpy(r.row, row, sizeof(r.row));
		/* 2^32 numbers of 2^30 units fit; more are of many rows. */
		if (__builtin_add_overflow(r.n, get(row + D + 8, 4), &r.n) ||
		    __builtin_add_overflow(
			r.sum, (int64_t)get(row + D + 12, 8), &r.sum))
			return tg_fail(
			    err, TG_E_LIMIT, "too many numbers of one subject");
	}
}

/* ---- from means to cells --------------------------------------------------
 */

struct cells {
	struct tg_aggregate *a;
	const struct tg_aggregate_group **by_rank;
	struct noise noise;
	int (*cell)(
	    void *ctx, const struct tg_aggregate_cell *c, struct tg_err *err);
	void *ctx;
};

static int
one(struct cells *k, const uint8_t *row, uint64_t n, int64_t sum,
    struct tg_err *err)
{
	const struct tg_aggregate_limits *l = &k->a->limits;
	struct tg_aggregate_cell c = {.group = k->by_rank[get(row, 4)],
	    .cell = (uint32_t)get(row + 4, 4),
	    .subjects = (int64_t)n,
	    .sum = sum};

	if (n >= l->k && k->noise.dice != NULL) {
		c.subjects +=
		    tg_laplace(k->noise.dice, k->noise.subjects, k->noise.by);
		c.sum += tg_laplace(k->noise.dice, k->noise.sum, k->noise.by);
	}
	if (n < l->k || c.subjects < (int64_t)l->k) {
		k->a->result.suppressed++;
		return 0;
	}
	k->a->result.kept++;
	return k->cell(k->ctx, &c, err);
}

static int
to_cells(struct cells *k, struct tg_err *err)
{
	uint8_t last[MEAN];
	const uint8_t *row;
	uint64_t n = 0;
	int64_t sum = 0;

	if (tg_sorter_rewind(k->a->means, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(k->a->means, &row, err) < 0)
			return -1;
		if (n > 0 && (row == NULL || memcmp(row, last, 8) != 0)) {
			if (one(k, last, n, sum, err) < 0)
				return -1;
			n = 0;
			sum = 0;
		}
		if (row == NULL)
			return 0;
		memcpy(last, row, sizeof(last));
		n++;
		/* 2^27 rows of 2^30 units: fits. */
		sum += (int64_t)get(row + 8, 8);
	}
}

int
tg_aggregate_finish(struct tg_aggregate *a, const struct tg_dice *dice,
    int (*cell)(
	void *ctx, const struct tg_aggregate_cell *c, struct tg_err *err),
    void *ctx, struct tg_err *err)
{
	struct cells k = {.a = a,
	    .noise = noise_of(&a->limits, dice),
	    .cell = cell,
	    .ctx = ctx};
	int rc = -1;

	k.by_rank = calloc((size_t)a->n_group + 1, sizeof(*k.by_rank));
	if (k.by_rank == NULL)
		return tg_fail_memory(err);
	if (rank_groups(a, err) < 0 ||
	    tg_sorter_new(&a->means, a->dir, MEAN, a->memory, err) < 0)
		goto out;
	for (uint32_t i = 0; i < a->n_group; i++)
		k.by_rank[a->rank[i]] = &a->group[i];
	a->result.groups = a->n_group;
	if (to_means(a, err) < 0)
		goto out;
	a->result.spilled = tg_sorter_spilled(a->given);
	if (to_cells(&k, err) < 0)
		goto out;
	a->result.spilled += tg_sorter_spilled(a->means);
	rc = 0;
out:
	free(k.by_rank);
	return rc;
}
