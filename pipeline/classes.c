/*
 * classes.c - four sorted sets.  `linked` brings the rows of a trace together,
 * to settle their subject; `members` and `values` bring those of a class
 * together; `verdicts` brings the rows that go back into their order.
 */
#include "pipeline/classes.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "base/sorter.h"
#include "base/banned.h"

#define D TG_CLASS_DIGEST
#define NUMBER 8 /* bytes of a row's number, big-endian: they sort */
#define PPB UINT64_C(1000000000)

/* linked: trace, by, subject, quasi, has_sensitive, sensitive, health, number
 */
#define L_BY D
#define L_SUBJECT (D + 1)
#define L_QUASI (2 * D + 1)
#define L_HAS (3 * D + 1)
#define L_SENSITIVE (3 * D + 2)
#define L_HEALTH (4 * D + 2)
#define L_NUMBER (4 * D + 3)
#define L_ROW (4 * D + 3 + NUMBER)
/* members: quasi, subject, number, health; values: quasi, sensitive */
#define M_NUMBER (2 * D)
#define M_HEALTH (2 * D + NUMBER)
#define M_ROW (2 * D + NUMBER + 1)
/* judged: quasi, verdict, size (in the order of members); verdicts: number,
 * verdict, size; a size: k, l */
#define SIZE (2 * NUMBER)
#define J_SIZE (D + 1)
#define J_ROW (D + 1 + SIZE)
#define V_SIZE (NUMBER + 1)
#define V_ROW (NUMBER + 1 + SIZE)

const uint64_t tg_class_sizes[TG_CLASS_BUCKETS] = {
    1, 2, 3, 5, 11, 20, 50, 100, 1000, 10000};

struct tg_classes {
	char *dir;
	size_t memory;
	struct tg_sorter *linked, *members, *values, *judged, *verdicts;
	struct tg_sorter *people, *people_kept;
	uint64_t rows, again; /* of pass one, of pass two */
	uint8_t chain[D], chain_again[D];
	const uint8_t *next;  /* the next of verdicts, or NULL */
	const uint8_t *value; /* the next of values, or NULL */
	struct tg_class_limits limits;
	struct tg_class_result *out;
};

static void
put_number(uint8_t *p, uint64_t v)
{
	for (unsigned i = 0; i < NUMBER; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static uint64_t
number(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < NUMBER; i++)
		v = v << 8 | p[i];
	return v;
}

int
tg_classes_new(
    struct tg_classes **out, const char *dir, size_t memory, struct tg_err *err)
{
	struct tg_classes *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return tg_fail_memory(err);
	c->memory = memory;
	c->dir = strdup(dir);
	if (c->dir == NULL) {
		(void)tg_fail_memory(err);
		goto fail;
	}
	if (tg_fs_remove_tree(dir, err) < 0 ||
	    tg_fs_mkdirs(dir, 0700, err) < 0 ||
	    tg_sorter_new(&c->linked, c->dir, L_ROW, memory, err) < 0)
		goto fail;
	*out = c;
	return 0;
fail:
	tg_classes_free(c);
	return -1;
}

static void
drop(struct tg_sorter **s)
{
	tg_sorter_free(*s);
	*s = NULL;
}

void
tg_classes_free(struct tg_classes *c)
{
	if (c == NULL)
		return;
	drop(&c->linked);
	drop(&c->members);
	drop(&c->values);
	drop(&c->judged);
	drop(&c->verdicts);
	drop(&c->people);
	drop(&c->people_kept);
	/* Its files have no names: what could stay is an empty folder, and the
	 * next run removes it. */
	if (c->dir != NULL && tg_fs_remove_tree(c->dir, NULL) == 0)
		c->dir[0] = '\0';
	free(c->dir);
	free(c);
}

/* The row as bytes, without its number; what is not there is zero. */
static void
pack(uint8_t p[L_ROW], const struct tg_class_row *row)
{
	memset(p, 0, L_ROW);
	memcpy(p, row->trace, D);
	p[L_BY] = (uint8_t)row->by;
	memcpy(p + L_SUBJECT, row->subject, D);
	memcpy(p + L_QUASI, row->quasi, D);
	p[L_HAS] = row->has_sensitive;
	if (row->has_sensitive)
		memcpy(p + L_SENSITIVE, row->sensitive, D);
	p[L_HEALTH] = row->health;
}

/* All rows so far and their order, in one digest. */
static void
link(uint8_t chain[D], const uint8_t row[L_ROW])
{
	uint8_t both[D + L_ROW];

	memcpy(both, chain, D);
	memcpy(both + D, row, L_ROW);
	tg_crypt_blake2b(chain, D, both, sizeof(both), NULL);
}

int
tg_classes_add(
    struct tg_classes *c, const struct tg_class_row *row, struct tg_err *err)
{
	uint8_t p[L_ROW];

	pack(p, row);
	put_number(p + L_NUMBER, c->rows++);
	link(c->chain, p);
	return tg_sorter_add(c->linked, p, err);
}

/* A row whose subject is settled. */
static int
settle(struct tg_classes *c, const uint8_t *row, const uint8_t *subject,
    uint8_t by, struct tg_err *err)
{
	uint8_t m[M_ROW], v[2 * D];

	c->out->by[by]++;
	memcpy(m, row + L_QUASI, D);
	memcpy(m + D, subject, D);
	memcpy(m + M_NUMBER, row + L_NUMBER, NUMBER);
	m[M_HEALTH] = row[L_HEALTH];
	memcpy(v, row + L_QUASI, D);
	memcpy(v + D, row + L_SENSITIVE, D);
	if (tg_sorter_add(c->members, m, err) < 0 ||
	    tg_sorter_add(c->people, subject, err) < 0)
		return -1;
	return row[L_HAS] == 0 ? 0 : tg_sorter_add(c->values, v, err);
}

/* The first row of a trace has its best id: rows without a person take it. */
static int
subjects(struct tg_classes *c, struct tg_err *err)
{
	uint8_t trace[D], best[D + 1];
	const uint8_t *row;
	bool first = true;

	if (tg_sorter_rewind(c->linked, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(c->linked, &row, err) < 0)
			return -1;
		if (row == NULL)
			break;
		if (first || memcmp(trace, row, D) != 0) {
			memcpy(trace, row, D);
			memcpy(best, row + L_BY, sizeof(best));
			first = false;
		}
		if ((row[L_BY] == TG_SUBJECT_PERSON
			    ? settle(c, row, row + L_SUBJECT, row[L_BY], err)
			    : settle(c, row, best + 1, best[0], err)) < 0)
			return -1;
	}
	c->out->spilled += tg_sorter_spilled(c->linked);
	drop(&c->linked);
	return 0;
}

/* Distinct rows of @s. */
static int
distinct(struct tg_sorter *s, uint64_t *out, struct tg_err *err)
{
	uint8_t last[D];
	const uint8_t *row;

	*out = 0;
	if (tg_sorter_rewind(s, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(s, &row, err) < 0)
			return -1;
		if (row == NULL)
			return 0;
		if (*out == 0 || memcmp(last, row, D) != 0)
			++*out;
		memcpy(last, row, D);
	}
}

/* One class while its rows go by. */
struct one {
	uint8_t quasi[D], subject[D];
	uint64_t rows, subjects, values, health;
};

static void
count(struct tg_class_figures *f, const struct one *x, uint64_t size)
{
	size_t b = TG_CLASS_BUCKETS - 1;

	while (b > 0 && size < tg_class_sizes[b])
		b--;
	f->classes++;
	f->rows += x->rows;
	f->in_classes += size;
	f->single += size == 1;
	f->bucket[b]++;
	f->bucket_rows[b] += x->rows;
	if (f->min == 0 || size < f->min)
		f->min = size;
	if (size > f->max)
		f->max = size;
	if (x->health > 0) {
		f->health_classes++;
		f->health_rows += x->health;
		if (f->health_min == 0 || size < f->health_min)
			f->health_min = size;
	}
	if (x->values == 0)
		return;
	f->with_value++;
	f->one_value += x->values == 1;
	if (f->l_min == 0 || x->values < f->l_min)
		f->l_min = x->values;
}

/* The distinct values of the class @quasi, which are the next ones. */
static int
values_of(struct tg_classes *c, const uint8_t *quasi, uint64_t *out,
    struct tg_err *err)
{
	uint8_t last[D];

	*out = 0;
	while (c->value != NULL && memcmp(c->value, quasi, D) == 0) {
		if (*out == 0 || memcmp(last, c->value + D, D) != 0)
			++*out;
		memcpy(last, c->value + D, D);
		if (tg_sorter_next(c->values, &c->value, err) < 0)
			return -1;
	}
	return 0;
}

static int
judge(struct tg_classes *c, struct one *x, struct tg_err *err)
{
	const struct tg_class_limits *limits = &c->limits;
	const uint64_t size = limits->by_record ? x->rows : x->subjects;
	enum tg_class_verdict verdict = TG_CLASS_KEEP;
	uint8_t row[J_ROW];

	if (values_of(c, x->quasi, &x->values, err) < 0)
		return -1;
	if (size < limits->k || (x->health > 0 && size < limits->k_health))
		verdict = TG_CLASS_SMALL;
	else if (x->values > 0 && x->values < limits->l)
		verdict = TG_CLASS_ONE_VALUE;
	count(&c->out->before, x, size);
	if (verdict == TG_CLASS_KEEP)
		count(&c->out->after, x, size);
	else if (verdict == TG_CLASS_SMALL)
		c->out->small += x->rows;
	else
		c->out->one_value += x->rows;
	if (verdict == TG_CLASS_SMALL && size >= limits->k)
		c->out->small_health += x->rows;
	memcpy(row, x->quasi, D);
	row[D] = (uint8_t)verdict;
	put_number(row + J_SIZE, size);
	put_number(row + J_SIZE + NUMBER, x->values);
	return tg_sorter_add(c->judged, row, err);
}

static int
judge_all(struct tg_classes *c, struct tg_err *err)
{
	struct one x = {.rows = 0};
	const uint8_t *row;

	if (tg_sorter_rewind(c->members, err) < 0 ||
	    tg_sorter_rewind(c->values, err) < 0 ||
	    tg_sorter_next(c->values, &c->value, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(c->members, &row, err) < 0)
			return -1;
		if (x.rows > 0 &&
		    (row == NULL || memcmp(x.quasi, row, D) != 0)) {
			if (judge(c, &x, err) < 0)
				return -1;
			x = (struct one){.rows = 0};
		}
		if (row == NULL)
			return 0;
		if (x.rows == 0 || memcmp(x.subject, row + D, D) != 0)
			x.subjects++;
		x.rows++;
		x.health += row[M_HEALTH];
		memcpy(x.quasi, row, D);
		memcpy(x.subject, row + D, D);
	}
}

/* Every row's verdict and size, by number; the people of those that stay. */
static int
part(struct tg_classes *c, struct tg_err *err)
{
	const uint8_t *row, *verdict = NULL;
	uint8_t v[V_ROW];

	if (tg_sorter_rewind(c->members, err) < 0 ||
	    tg_sorter_rewind(c->judged, err) < 0 ||
	    tg_sorter_next(c->judged, &verdict, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(c->members, &row, err) < 0)
			return -1;
		if (row == NULL)
			return 0;
		while (verdict != NULL && memcmp(verdict, row, D) != 0)
			if (tg_sorter_next(c->judged, &verdict, err) < 0)
				return -1;
		if (verdict == NULL)
			return tg_fail(
			    err, TG_E_BUG, "a class without verdict");
		memcpy(v, row + M_NUMBER, NUMBER);
		memcpy(v + NUMBER, verdict + D, 1 + SIZE);
		if (tg_sorter_add(c->verdicts, v, err) < 0 ||
		    (verdict[D] == TG_CLASS_KEEP &&
			tg_sorter_add(c->people_kept, row + D, err) < 0))
			return -1;
	}
}

/* a/b in parts per billion, rounded up: a risk is not printed too low. */
static uint64_t
share(uint64_t a, uint64_t b)
{
	if (b == 0)
		return 0;
	/* a <= b; 2^63 / 10^9 classes do not fit a disk */
	return (a * PPB + b - 1) / b;
}

static void
risks(struct tg_class_figures *f)
{
	f->prosecutor_max = share(f->min == 0 ? 0 : 1, f->min);
	f->prosecutor_mean = share(f->classes, f->in_classes);
	f->marketer = f->prosecutor_mean;
}

static int
sets(struct tg_classes *c, struct tg_err *err)
{
	const size_t m = c->memory;

	if (tg_sorter_new(&c->members, c->dir, M_ROW, m, err) < 0 ||
	    tg_sorter_new(&c->values, c->dir, 2 * D, m, err) < 0)
		return -1;
	return tg_sorter_new(&c->people, c->dir, D, m, err);
}

static int
finish_kept(struct tg_classes *c, struct tg_err *err)
{
	const size_t m = c->memory;

	if (tg_sorter_new(&c->people_kept, c->dir, D, m, err) < 0 ||
	    tg_sorter_new(&c->verdicts, c->dir, V_ROW, m, err) < 0 ||
	    part(c, err) < 0 ||
	    distinct(c->people_kept, &c->out->after.subjects, err) < 0)
		return -1;
	c->out->spilled += tg_sorter_spilled(c->people_kept);
	drop(&c->people_kept);
	if (tg_sorter_rewind(c->verdicts, err) < 0)
		return -1;
	c->out->spilled += tg_sorter_spilled(c->verdicts);
	return tg_sorter_next(c->verdicts, &c->next, err);
}

static int
finish(struct tg_classes *c, struct tg_err *err)
{
	struct tg_class_result *out = c->out;

	if (sets(c, err) < 0 || subjects(c, err) < 0 ||
	    distinct(c->people, &out->before.subjects, err) < 0)
		return -1;
	out->spilled += tg_sorter_spilled(c->people);
	drop(&c->people);
	if (tg_sorter_new(&c->judged, c->dir, J_ROW, c->memory, err) < 0 ||
	    judge_all(c, err) < 0)
		return -1;
	out->spilled += tg_sorter_spilled(c->values);
	drop(&c->values);
	if (finish_kept(c, err) < 0)
		return -1;
	out->spilled += tg_sorter_spilled(c->members);
	drop(&c->members);
	drop(&c->judged);
	risks(&out->before);
	risks(&out->after);
	return 0;
}

int
tg_classes_finish(struct tg_classes *c, const struct tg_class_limits *limits,
    struct tg_class_result *out, struct tg_err *err)
{
	struct tg_class_result r = {.small = 0};
	int rc;

	if (c->linked == NULL)
		return tg_fail(err, TG_E_BUG, "classes are finished twice");
	c->limits = *limits;
	c->out = &r;
	rc = finish(c, err);
	c->out = NULL;
	if (rc == 0)
		*out = r;
	return rc;
}

int
tg_classes_verdict(struct tg_classes *c, const struct tg_class_row *row,
    enum tg_class_verdict *out, struct tg_err *err)
{
	const uint64_t no = c->again++;
	uint8_t p[L_ROW];

	*out = TG_CLASS_SMALL;
	pack(p, row);
	put_number(p + L_NUMBER, no);
	link(c->chain_again, p);
	if (no >= c->rows)
		return tg_classes_same(c, err);
	if (c->next == NULL || number(c->next) != no)
		return tg_fail(err, TG_E_BUG, "a row without verdict");
	*out = (enum tg_class_verdict)c->next[NUMBER];
	return tg_sorter_next(c->verdicts, &c->next, err);
}

int
tg_classes_sizes(struct tg_classes *c, struct tg_err *err)
{
	if (c->verdicts == NULL)
		return tg_fail(err, TG_E_BUG, "classes are not finished");
	return tg_sorter_rewind(c->verdicts, err);
}

int
tg_classes_next_size(
    struct tg_classes *c, struct tg_class_size *out, struct tg_err *err)
{
	const uint8_t *row;

	if (tg_sorter_next(c->verdicts, &row, err) < 0)
		return -1;
	if (row == NULL)
		return 0;
	*out = (struct tg_class_size){
	    number(row + V_SIZE), number(row + V_SIZE + NUMBER)};
	return 1;
}

int
tg_classes_same(const struct tg_classes *c, struct tg_err *err)
{
	if (c->again == c->rows && memcmp(c->chain, c->chain_again, D) == 0)
		return 0;
	return tg_fail(err, TG_E_INTEGRITY,
	    "the sources changed between the two readings of the run: what "
	    "was counted is not what would leave");
}
