/*
 * aggregate_test.c - cells over subjects against a table that is searched:
 * which leave, how many are in them, the sum of their means; and the noise on
 * them.
 */
#include "pipeline/aggregate.h"

#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

Suite *aggregate_suite(void);

#define ROWS 400
#define GROUPS 3
#define CELLS 8
#define PEOPLE 14

static const uint8_t key[TG_KEY_LEN] = {9};

struct given {
	uint32_t person, group, cell, n;
	int64_t sum;
};

struct got {
	struct tg_aggregate_cell c[GROUPS * CELLS];
	char at[GROUPS * CELLS][8]; /* of its group */
	size_t n;
};

static uint32_t
draw(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % n;
}

static size_t
generate(struct given *g, uint32_t seed)
{
	uint32_t state = seed;
	const size_t n = draw(&state, ROWS);
	const uint32_t people = 1 + draw(&state, PEOPLE);

	for (size_t i = 0; i < n; i++) {
		g[i] = (struct given){.person = draw(&state, people),
		    .group = draw(&state, GROUPS),
		    .cell = draw(&state, CELLS),
		    .n = 1 + draw(&state, 3)};
		g[i].sum = (int64_t)draw(&state, 2000) - 1000;
	}
	return n;
}

static int
keep(void *ctx, const struct tg_aggregate_cell *c, struct tg_err *err TG_UNUSED)
{
	struct got *g = ctx;

	(void)snprintf(
	    g->at[g->n], sizeof(g->at[0]), "%.*s", TG_SV_FMT(c->group->at));
	g->c[g->n++] = *c;
	return 0;
}

/* The groups in the order of @reverse, so that their numbers differ. */
static struct tg_aggregate *
open_with(struct scratch *s, const struct tg_aggregate_limits *l, bool reverse,
    uint32_t number[GROUPS])
{
	struct tg_aggregate *a;
	struct tg_err err;

	ck_assert_int_eq(tg_aggregate_new(&a, scratch_path(s, "aggregate"), l,
			     key, 1u << 16, &err),
	    0);
	for (unsigned i = 0; i < GROUPS; i++) {
		const unsigned g = reverse ? GROUPS - 1 - i : i;
		const char *const at[GROUPS] = {"a", "aa", "b"};
		const struct tg_aggregate_group group = {
		    TG_SV("test"), TG_SV(""), tg_sv_of(at[g])};

		ck_assert_int_eq(
		    tg_aggregate_group(a, &number[g], &group, &err), 0);
	}
	return a;
}

static void
run(struct got *out, struct tg_aggregate_result *result, const struct given *g,
    size_t n, const struct tg_aggregate_limits *l, const struct tg_dice *dice,
    bool reverse)
{
	struct scratch s;
	struct tg_aggregate *a;
	struct tg_err err;
	uint32_t number[GROUPS];
	bool same = true;

	scratch_init(&s);
	a = open_with(&s, l, reverse, number);
	out->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct given *r = &g[reverse ? n - 1 - i : i];
		uint8_t subject[TG_CLASS_DIGEST] = {(uint8_t)(r->person + 1)};

		same = same &&
		    tg_aggregate_add(a, subject, number[r->group], r->cell,
			r->n, r->sum, &err) == 0;
	}
	ck_assert(same);
	ck_assert_int_eq(tg_aggregate_finish(a, dice, keep, out, &err), 0);
	*result = *tg_aggregate_result(a);
	tg_aggregate_free(a);
	scratch_deinit(&s);
}

/* ---- the same, searched ---------------------------------------------------
 */

/* The nearest whole number to sum / n, away from zero in the middle. */
static int64_t
nearest(int64_t sum, int64_t n)
{
	const int64_t twice = 2 * (sum < 0 ? -sum : sum);
	int64_t q = 0;

	while ((2 * q + 1) * n <= twice)
		q++;
	return sum < 0 ? -q : q;
}

/* false: @person has nothing in the cell. */
static bool
mean_of(const struct given *g, size_t n, uint32_t person, uint32_t cell,
    int64_t *out)
{
	int64_t many = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		if (g[i].person == person && g[i].group == cell / CELLS &&
		    g[i].cell == cell % CELLS) {
			many += g[i].n;
			sum += g[i].sum;
		}
	if (many > 0)
		*out = nearest(sum, many);
	return many > 0;
}

/* Cells of @person that go before @cell in the choice. */
static uint64_t
before(const struct given *g, size_t n, uint32_t person, uint32_t cell)
{
	uint64_t k = 0;
	int64_t v = 0, w = 0;

	(void)mean_of(g, n, person, cell, &v);
	v = v < 0 ? -v : v;
	for (uint32_t o = 0; o < GROUPS * CELLS; o++) {
		if (!mean_of(g, n, person, o, &w))
			continue;
		w = w < 0 ? -w : w;
		k += w > v || (w == v && o < cell);
	}
	return k;
}

static void
reckon(struct got *out, uint64_t *suppressed, const struct given *g, size_t n,
    const struct tg_aggregate_limits *l)
{
	out->n = 0;
	*suppressed = 0;
	for (uint32_t cell = 0; cell < GROUPS * CELLS; cell++) {
		struct tg_aggregate_cell c = {.cell = cell % CELLS};
		int64_t v = 0;

		for (uint32_t p = 0; p < PEOPLE; p++) {
			if (!mean_of(g, n, p, cell, &v) ||
			    (l->cells != 0 &&
				before(g, n, p, cell) >= l->cells))
				continue;
			c.subjects++;
			c.sum += v;
		}
		if (c.subjects >= (int64_t)l->k)
			out->c[out->n++] = c;
		else
			*suppressed += c.subjects > 0;
	}
}

static bool
equal(const struct got *a, const struct got *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; i < a->n && same; i++)
		same = a->c[i].cell == b->c[i].cell &&
		    a->c[i].subjects == b->c[i].subjects &&
		    a->c[i].sum == b->c[i].sum;
	return same;
}

START_TEST(cells_are_those_that_a_search_finds)
{
	static struct given g[ROWS];
	struct tg_aggregate_result result, turned;
	struct got got, want, other;
	uint64_t suppressed;
	bool same = true;
	size_t kept = 0;

	for (uint32_t seed = 1; seed <= 60; seed++) {
		const size_t n = generate(g, seed);
		const struct tg_aggregate_limits l = {.k = 1 + seed % 6,
		    .clip = 1000,
		    .cells = seed % 3 == 0 ? 0 : 1 + seed % 9};

		run(&got, &result, g, n, &l, NULL, false);
		reckon(&want, &suppressed, g, n, &l);
		same = same && equal(&got, &want) && result.kept == want.n &&
		    result.suppressed == suppressed &&
		    result.contributions == n;
		/* Another order, other numbers of the groups. */
		run(&other, &turned, g, n, &l, NULL, true);
		same = same && equal(&other, &want) &&
		    turned.subjects == result.subjects;
		kept += got.n;
	}
	ck_assert(same);
	ck_assert_uint_gt(kept, 300);
}
END_TEST

/* k of them make a cell, and k - 1 none, whatever they give. */
START_TEST(one_subject_fewer_than_k_makes_no_cell)
{
	struct given g[3 * PEOPLE];
	struct tg_aggregate_result result;
	struct got got;

	for (uint32_t k = 1; k <= PEOPLE; k++)
		for (uint32_t people = k - 1; people <= k; people++) {
			const struct tg_aggregate_limits l = {
			    .k = k, .clip = 1};

			for (uint32_t i = 0; i < 3 * people; i++)
				g[i] = (struct given){
				    i % people, 1, 5, 1 + i, 1024};
			run(&got, &result, g, (size_t)3 * people, &l, NULL,
			    false);
			ck_assert_uint_eq(got.n, people == k);
			ck_assert_uint_eq(
			    result.suppressed, people < k && people > 0);
			ck_assert_uint_eq(result.subjects, people);
		}
}
END_TEST

START_TEST(groups_are_in_the_order_of_their_names)
{
	const struct given g[] = {
	    {1, 2, 7, 1, 1}, {1, 0, 3, 1, 1}, {1, 1, 1, 1, 1}};
	const struct tg_aggregate_limits l = {.k = 1, .clip = 1};
	struct tg_aggregate_result result;
	struct got got;

	run(&got, &result, g, TG_COUNT(g), &l, NULL, true);
	ck_assert_uint_eq(got.n, 3);
	ck_assert_str_eq(got.at[0], "a");
	ck_assert_str_eq(got.at[1], "aa");
	ck_assert_str_eq(got.at[2], "b");
}
END_TEST

static uint64_t
highest(void *ctx, uint64_t n)
{
	uint64_t *asked = ctx;

	(*asked)++;
	return n - 1;
}

/* The noise itself is base's test; here: its scale, and on what.  Over many
 * keys, for one alone may give the same at two scales. */
START_TEST(noise_has_the_scale_of_the_limits)
{
	const struct tg_aggregate_limits l = {
	    .k = 2, .clip = 3, .epsilon_milli = 500, .cells = 4};
	struct given g[200];
	struct tg_aggregate_result result;
	struct got got;
	bool same = true;
	size_t kept = 0;

	for (uint32_t i = 0; i < TG_COUNT(g); i++)
		g[i] = (struct given){i, 0, 2, 1, 100};
	for (uint8_t key_of = 0; key_of < 32; key_of++) {
		struct tg_laplace_stream a = {.key = {key_of}}, b = a;
		const struct tg_dice da = {tg_laplace_below, &a};
		const struct tg_dice db = {tg_laplace_below, &b};
		/* 2 cells / epsilon, and clip units times that. */
		const int64_t n = (int64_t)TG_COUNT(g) +
		    tg_laplace(&db, 2 * 4 * 1000, l.epsilon_milli);
		const int64_t sum = 100 * (int64_t)TG_COUNT(g) +
		    tg_laplace(&db, 2 * 4 * 1000ull * 3 * TG_AGGREGATE_UNIT,
			l.epsilon_milli);

		run(&got, &result, g, TG_COUNT(g), &l, &da, false);
		kept += got.n;
		same = same &&
		    (got.n == 0
			    ? n < (int64_t)l.k
			    : got.c[0].subjects == n && got.c[0].sum == sum);
	}
	ck_assert(same);
	ck_assert_uint_gt(kept, 24);
}
END_TEST

/* Below k no die falls, and no noise lifts a cell over it. */
START_TEST(noise_makes_no_cell)
{
	const struct tg_aggregate_limits l = {
	    .k = 3, .clip = 1, .epsilon_milli = 1, .cells = 4};
	const struct given g[] = {{1, 0, 2, 1, 100}, {2, 0, 2, 1, 100}};
	uint64_t asked = 0;
	const struct tg_dice dice = {highest, &asked};
	struct tg_aggregate_result result;
	struct got got;

	run(&got, &result, g, TG_COUNT(g), &l, &dice, false);
	ck_assert_uint_eq(got.n, 0);
	ck_assert_uint_eq(asked, 0);
	ck_assert_uint_eq(result.suppressed, 1);
}
END_TEST

START_TEST(a_cell_that_noise_takes_below_k_does_not_leave)
{
	const struct tg_aggregate_limits l = {
	    .k = 3, .clip = 1, .epsilon_milli = 1, .cells = 4};
	struct given g[3];
	struct tg_aggregate_result result;
	struct got got;
	unsigned gone = 0;
	bool low = false;

	for (uint32_t i = 0; i < 3; i++)
		g[i] = (struct given){i, 0, 2, 1, 100};
	for (uint8_t k = 0; k < 32; k++) {
		struct tg_laplace_stream s = {.key = {k}};
		const struct tg_dice dice = {tg_laplace_below, &s};

		run(&got, &result, g, TG_COUNT(g), &l, &dice, false);
		gone += got.n == 0;
		low = low || (got.n > 0 && got.c[0].subjects < 3);
	}
	ck_assert(!low);
	ck_assert_uint_gt(gone, 0);
	ck_assert_uint_lt(gone, 32);
}
END_TEST

START_TEST(limits_without_a_meaning_are_refused)
{
	static const struct tg_aggregate_limits bad[] = {
	    {.k = 0, .clip = 1},
	    {.k = 1, .clip = 0},
	    {.k = 1, .clip = TG_AGGREGATE_CLIP_MAX + 1},
	    {.k = 1, .clip = 1, .cells = TG_AGGREGATE_CELLS_MAX + 1},
	    {.k = 1, .clip = 1, .epsilon_milli = 1},
	    {.k = 1, .clip = 1000000, .epsilon_milli = 1, .cells = 65536},
	};
	struct tg_aggregate *a = NULL;
	struct tg_err err;

	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		ck_assert_int_eq(
		    tg_aggregate_new(&a, "/nowhere", &bad[i], key, 4096, &err),
		    -1);
		ck_assert_int_eq(err.cls, TG_E_CONFIG);
	}
}
END_TEST

START_TEST(a_number_is_cut_to_the_clip)
{
	static const struct {
		double v;
		int64_t units;
	} row[] = {{0, 0}, {1, 1024}, {-1, -1024}, {2, 2048}, {2.5, 2048},
	    {-1e300, -2048}, {1.0 / 1024, 1}, {0.0001, 0}};
	const struct tg_aggregate_limits l = {.k = 1, .clip = 2};
	struct scratch s;
	struct tg_aggregate *a;
	uint32_t number[GROUPS];
	int64_t units = 7;

	scratch_init(&s);
	a = open_with(&s, &l, false, number);
	for (size_t i = 0; i < TG_COUNT(row); i++) {
		ck_assert(tg_aggregate_units(a, &units, row[i].v));
		ck_assert_int_eq(units, row[i].units);
	}
	ck_assert(!tg_aggregate_units(a, &units, __builtin_nan("")));
	tg_aggregate_free(a);
	scratch_deinit(&s);
}
END_TEST

Suite *
aggregate_suite(void)
{
	Suite *s = suite_create("aggregate");
	TCase *t = tcase_create("cells");

	tcase_add_test(t, cells_are_those_that_a_search_finds);
	tcase_add_test(t, one_subject_fewer_than_k_makes_no_cell);
	tcase_add_test(t, groups_are_in_the_order_of_their_names);
	tcase_add_test(t, noise_has_the_scale_of_the_limits);
	tcase_add_test(t, noise_makes_no_cell);
	tcase_add_test(t, a_cell_that_noise_takes_below_k_does_not_leave);
	tcase_add_test(t, limits_without_a_meaning_are_refused);
	tcase_add_test(t, a_number_is_cut_to_the_clip);
	suite_add_tcase(s, t);
	return s;
}
