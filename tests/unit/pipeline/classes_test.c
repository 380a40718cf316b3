/*
 * The figures against a reckoning of another kind: every row with every other,
 * no sorting, no disk.  1,000 generated tables.
 */
#include "pipeline/classes.h"

#include <signal.h>
#include <sys/resource.h>

#include "base/crypt.h"
#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

#define TABLES 1000
#define ROWS 48
#define PPB UINT64_C(1000000000)

static struct scratch s;

static void
setup(void)
{
	ck_assert_int_eq(tg_crypt_init(NULL), 0);
	scratch_init(&s);
}

static void
teardown(void)
{
	scratch_deinit(&s);
}

static uint32_t
draw(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(*state >> 8) * below) >> 24);
}

/* A digest that says which value it stands for, in no order. */
static void
value(uint8_t out[TG_CLASS_DIGEST], char kind, uint32_t v)
{
	const uint8_t in[3] = {(uint8_t)kind, (uint8_t)v, (uint8_t)(v >> 8)};

	tg_crypt_blake2b(out, TG_CLASS_DIGEST, in, sizeof(in), NULL);
}

struct table {
	struct tg_class_row row[ROWS];
	size_t n;
	struct tg_class_limits limits;
	/* the reckoning */
	const uint8_t *subject[ROWS];
	enum tg_subject_by by[ROWS];
	enum tg_class_verdict verdict[ROWS];
	struct tg_class_result want;
};

static void
generate(struct table *t, uint32_t seed)
{
	uint32_t state = seed;
	const uint32_t quasi = 1 + draw(&state, 12);
	const uint32_t people = 1 + draw(&state, 20);
	const uint32_t traces = 1 + draw(&state, 30);
	const uint32_t things = 1 + draw(&state, 4);
	const uint32_t named = draw(&state, 3);

	*t = (struct table){.n = draw(&state, ROWS + 1)};
	t->limits = (struct tg_class_limits){.k = 1 + draw(&state, 6),
	    .l = draw(&state, 4),
	    .by_record = draw(&state, 4) == 0,
	    .k_health = draw(&state, 2) * draw(&state, 9)};
	for (size_t i = 0; i < t->n; i++) {
		struct tg_class_row *r = &t->row[i];
		const uint32_t trace = draw(&state, traces);

		r->by = draw(&state, 3) < named
		    ? TG_SUBJECT_PERSON
		    : (enum tg_subject_by)(1 + draw(&state, 3));
		value(r->trace, 't', trace);
		if (r->by == TG_SUBJECT_PERSON)
			value(r->subject, 'p', draw(&state, people));
		else if (r->by == TG_SUBJECT_SESSION)
			value(r->subject, 's', trace / 2);
		else
			value(r->subject, 't', trace);
		value(r->quasi, 'q', draw(&state, quasi));
		r->has_sensitive = draw(&state, 3) > 0;
		if (r->has_sensitive)
			value(r->sensitive, 'v', draw(&state, things));
		r->health = draw(&state, 12) == 0;
	}
}

static bool
is(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, TG_CLASS_DIGEST) == 0;
}

/* The best id in the trace of a row without a person; the least of the best. */
static void
reckon_subject(struct table *t, size_t i)
{
	t->by[i] = t->row[i].by;
	t->subject[i] = t->row[i].subject;
	for (size_t k = 0; t->row[i].by != TG_SUBJECT_PERSON && k < t->n; k++) {
		const struct tg_class_row *o = &t->row[k];

		if (!is(o->trace, t->row[i].trace) || o->by > t->by[i])
			continue;
		if (o->by < t->by[i] ||
		    memcmp(o->subject, t->subject[i], TG_CLASS_DIGEST) < 0)
			t->subject[i] = o->subject;
		t->by[i] = o->by;
	}
}

/* A class: rows, distinct subjects, distinct values, rows on health. */
struct class
{
	uint64_t rows, people, values, health;
};

/* Of the class of row @i; whether @i is its first row. */
static bool
reckon_class(const struct table *t, size_t i, struct class *x)
{
	bool first = true;

	*x = (struct class){0};
	for (size_t k = 0; k < t->n; k++) {
		bool person = true, thing = t->row[k].has_sensitive;

		if (!is(t->row[k].quasi, t->row[i].quasi))
			continue;
		first = first && k >= i;
		for (size_t j = 0; j < k; j++) {
			if (!is(t->row[j].quasi, t->row[i].quasi))
				continue;
			person = person && !is(t->subject[j], t->subject[k]);
			thing = thing &&
			    !(t->row[j].has_sensitive &&
				is(t->row[j].sensitive, t->row[k].sensitive));
		}
		x->rows++;
		x->people += person;
		x->values += thing;
		x->health += t->row[k].health;
	}
	return first;
}

static void
reckon_figures(struct tg_class_figures *f, const struct class *x, uint64_t size)
{
	size_t b = 0;

	while (b + 1 < TG_CLASS_BUCKETS && tg_class_sizes[b + 1] <= size)
		b++;
	f->rows += x->rows;
	f->classes++;
	f->in_classes += size;
	f->min = f->min == 0 || size < f->min ? size : f->min;
	f->max = size > f->max ? size : f->max;
	f->single += size == 1;
	f->bucket[b]++;
	f->bucket_rows[b] += x->rows;
	f->with_value += x->values > 0;
	f->one_value += x->values == 1;
	if (x->values > 0 && (f->l_min == 0 || x->values < f->l_min))
		f->l_min = x->values;
	f->health_rows += x->health;
	f->health_classes += x->health > 0;
	if (x->health > 0 && (f->health_min == 0 || size < f->health_min))
		f->health_min = size;
}

static void
reckon_risks(struct tg_class_figures *f)
{
	if (f->classes == 0)
		return;
	f->prosecutor_max = PPB / f->min + (PPB % f->min != 0);
	f->prosecutor_mean = f->classes * PPB / f->in_classes +
	    (f->classes * PPB % f->in_classes != 0);
	f->marketer = f->prosecutor_mean;
}

static void
reckon_people(struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		bool all = true, kept = t->verdict[i] == TG_CLASS_KEEP;

		for (size_t k = 0; k < i; k++) {
			const bool same = is(t->subject[k], t->subject[i]);

			all = all && !same;
			kept =
			    kept && !(same && t->verdict[k] == TG_CLASS_KEEP);
		}
		t->want.before.subjects += all;
		t->want.after.subjects += kept;
	}
}

static void
reckon(struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		reckon_subject(t, i);
		t->want.by[t->by[i]]++;
	}
	for (size_t i = 0; i < t->n; i++) {
		struct class x;
		const bool first = reckon_class(t, i, &x);
		const uint64_t size = t->limits.by_record ? x.rows : x.people;
		const bool small = size < t->limits.k;
		const bool ill = x.health > 0 && size < t->limits.k_health;

		t->verdict[i] = small || ill ? TG_CLASS_SMALL
		    : x.values > 0 && x.values < t->limits.l
		    ? TG_CLASS_ONE_VALUE
		    : TG_CLASS_KEEP;
		t->want.small += t->verdict[i] == TG_CLASS_SMALL;
		t->want.small_health += ill && !small;
		t->want.one_value += t->verdict[i] == TG_CLASS_ONE_VALUE;
		if (!first)
			continue;
		reckon_figures(&t->want.before, &x, size);
		if (t->verdict[i] == TG_CLASS_KEEP)
			reckon_figures(&t->want.after, &x, size);
	}
	reckon_people(t);
	reckon_risks(&t->want.before);
	reckon_risks(&t->want.after);
}

/* Our figures and verdicts of @t, with @memory, are the reckoning's. */
static bool
agrees(const struct table *t, size_t memory)
{
	struct tg_classes *c = NULL;
	struct tg_class_result got = {0};
	bool good =
	    tg_classes_new(&c, scratch_path(&s, "classes"), memory, NULL) == 0;

	for (size_t i = 0; good && i < t->n; i++)
		good = tg_classes_add(c, &t->row[i], NULL) == 0;
	good = good && tg_classes_finish(c, &t->limits, &got, NULL) == 0;
	for (size_t i = 0; good && i < t->n; i++) {
		enum tg_class_verdict v;

		good = tg_classes_verdict(c, &t->row[i], &v, NULL) == 0 &&
		    v == t->verdict[i];
	}
	good = good && tg_classes_same(c, NULL) == 0;
	tg_classes_free(c);
	got.spilled = 0;
	return good && memcmp(&got, &t->want, sizeof(got)) == 0;
}

START_TEST(figures_and_verdicts_are_those_of_brute_force)
{
	int wrong = 0, small = 0, one_value = 0, kept = 0, health = 0;

	for (uint32_t i = 0; i < TABLES; i++) {
		struct table t;

		generate(&t, i * 2654435761u + 1);
		reckon(&t);
		small += t.want.small > 0;
		one_value += t.want.one_value > 0;
		kept += t.want.after.rows > 0;
		health += t.want.small_health > 0;
		/* 1 row, a few, all of them in memory */
		wrong += !agrees(&t, i % 3 == 0 ? 1 : i % 3 == 1 ? 400 : 65536);
	}
	ck_assert_int_eq(wrong, 0);
	/* The tables have all of it. */
	ck_assert_int_gt(small, TABLES / 4);
	ck_assert_int_gt(one_value, TABLES / 20);
	ck_assert_int_gt(kept, TABLES / 4);
	ck_assert_int_gt(health, TABLES / 20);
}
END_TEST

static struct tg_class_row
plain(uint32_t subject, uint32_t quasi)
{
	struct tg_class_row r = {.by = TG_SUBJECT_PERSON};

	value(r.trace, 't', subject);
	value(r.subject, 'p', subject);
	value(r.quasi, 'q', quasi);
	return r;
}

/* @n rows of as many people in one class. */
static struct tg_classes *
one_class(uint32_t n, const struct tg_class_limits *limits,
    struct tg_class_result *out)
{
	struct tg_classes *c = NULL;

	ck_assert_int_eq(
	    tg_classes_new(&c, scratch_path(&s, "classes"), 4096, NULL), 0);
	for (uint32_t i = 0; i < n; i++) {
		const struct tg_class_row r = plain(i, 0);

		if (tg_classes_add(c, &r, NULL) < 0)
			ck_abort();
	}
	ck_assert_int_eq(tg_classes_finish(c, limits, out, NULL), 0);
	return c;
}

START_TEST(eleven_of_eleven_stay_and_ten_go)
{
	const struct tg_class_limits k11 = {.k = 11};
	struct tg_class_result r;

	tg_classes_free(one_class(11, &k11, &r));
	ck_assert_uint_eq(r.small, 0);
	ck_assert_uint_eq(r.after.min, 11);
	ck_assert_uint_eq(r.after.prosecutor_max, 90909091); /* 1/11, up */
	tg_classes_free(one_class(10, &k11, &r));
	ck_assert_uint_eq(r.small, 10);
	ck_assert_uint_eq(r.after.classes, 0);
	ck_assert_uint_eq(r.after.prosecutor_max, 0);
	ck_assert_uint_eq(r.after.subjects, 0);
}
END_TEST

START_TEST(a_second_reading_that_differs_is_an_error)
{
	const struct tg_class_limits k1 = {.k = 1};
	struct tg_class_row r = plain(0, 0);
	struct tg_class_result out;
	enum tg_class_verdict v;
	struct tg_err err = {0};
	struct tg_classes *c = one_class(2, &k1, &out);

	/* one row is missing */
	ck_assert_int_eq(tg_classes_verdict(c, &r, &v, &err), 0);
	ck_assert_int_eq(tg_classes_same(c, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	/* another row */
	r = plain(1, 1);
	ck_assert_int_eq(tg_classes_verdict(c, &r, &v, &err), 0);
	ck_assert_int_eq(tg_classes_same(c, &err), -1);
	/* a row too many: no verdict lets it out */
	ck_assert_int_eq(tg_classes_verdict(c, &r, &v, &err), -1);
	ck_assert_int_eq(v, TG_CLASS_SMALL);
	tg_classes_free(c);
}
END_TEST

START_TEST(a_full_disk_is_an_error_at_whatever_row)
{
	struct tg_err err = {0};
	struct rlimit was, none;
	const struct tg_class_limits k1 = {.k = 1};
	struct tg_class_result out = {.small = 7};
	struct tg_classes *c = NULL;
	int rc = 0;

	ck_assert_int_eq(
	    tg_classes_new(&c, scratch_path(&s, "classes"), 4096, NULL), 0);
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	none = (struct rlimit){0, was.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	for (uint32_t i = 0; i < 200 && rc == 0; i++) {
		const struct tg_class_row r = plain(i, i);

		rc = tg_classes_add(c, &r, &err);
	}
	if (rc == 0)
		rc = tg_classes_finish(c, &k1, &out, &err);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_uint_eq(out.small, 7);
	tg_classes_free(c);
}
END_TEST

START_TEST(nothing_stays_and_what_a_crash_left_is_removed)
{
	const char *dir = scratch_path(&s, "classes");
	const char *left = scratch_path(&s, "classes/rows-left");
	const struct tg_class_limits k1 = {.k = 1};
	struct tg_class_result out;
	struct tg_classes *c;

	ck_assert_int_eq(tg_fs_mkdirs(dir, 0700, NULL), 0);
	ck_assert_int_eq(
	    tg_fs_write(left, TG_SV("x"), 0600, TG_FS_NEW, NULL), 0);
	c = one_class(200, &k1, &out);
	ck_assert_uint_gt(out.spilled, 0);
	ck_assert(!tg_fs_exists(left));
	tg_classes_free(c);
	ck_assert(!tg_fs_exists(dir));
}
END_TEST

Suite *classes_suite(void);

Suite *
classes_suite(void)
{
	Suite *suite = suite_create("classes");
	TCase *t = tcase_create("classes");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, figures_and_verdicts_are_those_of_brute_force);
	tcase_add_test(t, eleven_of_eleven_stay_and_ten_go);
	tcase_add_test(t, a_second_reading_that_differs_is_an_error);
	tcase_add_test(t, a_full_disk_is_an_error_at_whatever_row);
	tcase_add_test(t, nothing_stays_and_what_a_crash_left_is_removed);
	suite_add_tcase(suite, t);
	return suite;
}
