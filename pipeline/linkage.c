#include "pipeline/linkage.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/num.h"
#include "base/sorter.h"
#include "pipeline/linkage_file.h"
#include "pipeline/sketch.h"
#include "base/banned.h"

#define D TG_CLASS_DIGEST
#define MARK TG_LINKAGE_ROW /* kind and digest: what is compared */
#define NUMBER 8

/* rows: mark, whose (of a unique one its subject; else trace, unit) */
#define R_TRACE MARK
#define R_UNIT (MARK + NUMBER)
#define R_ROW (MARK + 2 * NUMBER)
/* hits: mark, where; units: where, kind, unit */
#define H_ROW (MARK + 1)
#define U_ROW (2 + NUMBER)

enum kind { VALUE = 1, UNIQUE, TEXT };
/* Where the same mark is met again. */
enum where { HERE = 1, SAME, OTHER, WHERES };

struct tg_linkage {
	char *dir;
	size_t memory;
	uint8_t key[TG_KEY_LEN];
	struct tg_sorter *rows, *hits, *units;
	struct tg_sketch sketch;
	/* of the record: bands of its units */
	struct banded {
		uint32_t unit;
		uint8_t band[TG_SKETCH_BANDS][TG_SKETCH_BAND];
	} * text;
	size_t n_text, cap_text, at_text;
	uint32_t open; /* unit whose text is read, or none */
	struct tg_linkage_result result;
	struct tg_linkage_in in[2];
};

#define NO_UNIT UINT32_MAX

static void
put_number(uint8_t *p, uint64_t v)
{
	for (size_t i = NUMBER; i > 0; i--, v >>= 8)
		p[i - 1] = (uint8_t)v;
}

static void
drop(struct tg_sorter **s)
{
	tg_sorter_free(*s);
	*s = NULL;
}

int
tg_linkage_key(uint8_t out[TG_KEY_LEN], const char *state_dir,
    const struct tg_env *env, struct tg_err *err)
{
	char *path = tg_fs_join(state_dir, "linkage.key");
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 4096);
	if (path == NULL) {
		(void)tg_fail_memory(err);
	} else if (tg_fs_exists(path)) {
		rc = tg_fs_slurp_private(&b, path, err);
		if (rc == 0 && b.n != TG_KEY_LEN)
			rc = tg_fail(err, TG_E_KEY, "%s: %d bytes expected",
			    path, TG_KEY_LEN);
		if (rc == 0)
			memcpy(out, b.p, TG_KEY_LEN);
	} else {
		env->random(env->ctx, out, TG_KEY_LEN);
		rc = tg_fs_write(path,
		    (struct tg_sv){(const char *)out, TG_KEY_LEN}, 0600,
		    TG_FS_NEW, err);
	}
	tg_buf_wipe_deinit(&b);
	free(path);
	return rc;
}

int
tg_linkage_again(struct tg_linkage *l, struct tg_err *err)
{
	drop(&l->rows);
	l->result = (struct tg_linkage_result){.records = 0};
	return tg_sorter_new(&l->rows, l->dir, R_ROW, l->memory, err);
}

int
tg_linkage_new(struct tg_linkage **out, const char *dir,
    const uint8_t key[TG_KEY_LEN], size_t memory, struct tg_err *err)
{
	struct tg_linkage *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return tg_fail_memory(err);
	l->memory = memory;
	l->in[0].fd = l->in[1].fd = -1;
	memcpy(l->key, key, TG_KEY_LEN);
	tg_sketch_init(&l->sketch, key);
	l->dir = strdup(dir);
	if (l->dir == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_remove_tree(dir, err) == 0 &&
	    tg_fs_mkdirs(dir, 0700, err) == 0 &&
	    tg_linkage_again(l, err) == 0) {
		*out = l;
		return 0;
	}
	tg_linkage_free(l);
	return -1;
}

void
tg_linkage_free(struct tg_linkage *l)
{
	if (l == NULL)
		return;
	drop(&l->rows);
	drop(&l->hits);
	drop(&l->units);
	tg_linkage_in_close(&l->in[0]);
	tg_linkage_in_close(&l->in[1]);
	if (l->dir != NULL && tg_fs_remove_tree(l->dir, NULL) < 0) {
		/* Empty: its files have no names; the next run removes it. */
	}
	free(l->dir);
	free(l->text);
	tg_crypt_wipe(l, sizeof(*l));
	free(l);
}

/* ---- of each record ---------------------------------------------------- */

void
tg_linkage_begin(struct tg_linkage *l)
{
	l->n_text = l->at_text = 0;
	l->open = NO_UNIT;
}

/* The text that was read is whole; by ascending unit. */
static int
close_text(struct tg_linkage *l, struct tg_err *err)
{
	struct banded at = {.unit = l->open};
	size_t k = l->n_text;

	if (l->open == NO_UNIT)
		return 0;
	l->open = NO_UNIT;
	if (!tg_sketch_end(&l->sketch, at.band))
		return 0;
	if (l->n_text == l->cap_text) {
		const size_t cap = l->cap_text == 0 ? 16 : 2 * l->cap_text;
		size_t bytes;
		void *more = tg_size_mul(&bytes, cap, sizeof(at))
		    ? realloc(l->text, bytes)
		    : NULL;

		if (more == NULL)
			return tg_fail_memory(err);
		l->text = more;
		l->cap_text = cap;
	}
	for (; k > 0 && l->text[k - 1].unit > at.unit; k--)
		l->text[k] = l->text[k - 1];
	l->text[k] = at;
	l->n_text++;
	return 0;
}

int
tg_linkage_text(struct tg_linkage *l, uint32_t unit, const char *p, size_t n,
    struct tg_err *err)
{
	if (unit != l->open) {
		if (close_text(l, err) < 0)
			return -1;
		tg_sketch_begin(&l->sketch);
		l->open = unit;
	}
	tg_sketch_add(&l->sketch, p, n);
	return 0;
}

/* Of the unit that comes next, in the trace of @of. */
static int
add(struct tg_linkage *l, enum kind kind, const struct tg_class_row *of,
    const uint8_t digest[MARK - 1], struct tg_err *err)
{
	uint8_t row[R_ROW] = {(uint8_t)kind};

	memcpy(row + 1, digest, MARK - 1);
	if (kind == UNIQUE) {
		memcpy(row + MARK, of->subject, D);
	} else {
		memcpy(row + R_TRACE, of->trace, NUMBER);
		put_number(row + R_UNIT, l->result.records);
	}
	return tg_sorter_add(l->rows, row, err);
}

int
tg_linkage_value(struct tg_linkage *l, const struct tg_class_row *of,
    const uint8_t digest[D], struct tg_err *err)
{
	return add(l, VALUE, of, digest, err);
}

int
tg_linkage_unit(struct tg_linkage *l, uint32_t unit,
    const struct tg_class_row *row, bool told_apart, struct tg_err *err)
{
	bool any = false;

	if (close_text(l, err) < 0 ||
	    (told_apart && add(l, UNIQUE, row, row->quasi, err) < 0))
		return -1;
	while (l->at_text < l->n_text && l->text[l->at_text].unit < unit)
		l->at_text++;
	for (; l->at_text < l->n_text && l->text[l->at_text].unit == unit;
	     l->at_text++) {
		any = true;
		for (size_t b = 0; b < TG_SKETCH_BANDS; b++)
			if (add(l, TEXT, row, l->text[l->at_text].band[b],
				err) < 0)
				return -1;
	}
	l->result.texts += any;
	l->result.records++;
	return 0;
}

/* ---- judged ------------------------------------------------------------ */

static int
hit(struct tg_linkage *l, const uint8_t mark[MARK], enum where where,
    struct tg_err *err)
{
	uint8_t row[H_ROW];

	memcpy(row, mark, MARK);
	row[MARK] = (uint8_t)where;
	return tg_sorter_add(l->hits, row, err);
}

/* The rows with one mark. */
struct group {
	uint8_t mark[MARK];
	uint8_t first[2 * NUMBER]; /* whose */
	bool open, second;	   /* a row of another */
};

/* Whether two rows with one mark are of two: units, subjects, traces. */
static bool
two(const struct group *g, const uint8_t *row)
{
	const size_t n = g->mark[0] == TEXT ? NUMBER : 2 * NUMBER;

	return memcmp(g->first, row + MARK, n) != 0;
}

/* A group is whole: a hit, or what is kept for later bundles, or both. */
static int
end_group(struct tg_linkage *l, struct group *g, struct tg_linkage_out *kept,
    struct tg_err *err)
{
	const bool unique = g->mark[0] == UNIQUE;

	if (!g->open)
		return 0;
	l->result.values += g->mark[0] == VALUE;
	l->result.unique += unique && !g->second;
	if (g->second && !unique && hit(l, g->mark, HERE, err) < 0)
		return -1;
	return unique && g->second ? 0 : tg_linkage_out_row(kept, g->mark, err);
}

/* Marks of this bundle into @kept, those met twice in it to the hits. */
static int
groups(struct tg_linkage *l, struct tg_linkage_out *kept, struct tg_err *err)
{
	struct group g = {.open = false};
	const uint8_t *row;

	if (tg_sorter_rewind(l->rows, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(l->rows, &row, err) < 0)
			return -1;
		if (row == NULL)
			return end_group(l, &g, kept, err);
		if (!g.open || memcmp(g.mark, row, MARK) != 0) {
			if (end_group(l, &g, kept, err) < 0)
				return -1;
			g.open = true;
			g.second = false;
			memcpy(g.mark, row, MARK);
			memcpy(g.first, row + MARK, sizeof(g.first));
		}
		g.second = g.second || two(&g, row);
	}
}

/* For later bundles. */
static int
keep(struct tg_linkage *l, const char *path, struct tg_err *err)
{
	struct tg_linkage_out out;

	if (tg_linkage_out_open(&out, path, l->key, err) == 0 &&
	    groups(l, &out, err) == 0 && tg_linkage_out_close(&out, err) == 0)
		return 0;
	tg_linkage_out_abort(&out);
	return -1;
}

/* What both files have. */
static int
common(struct tg_linkage *l, enum where where, struct tg_err *err)
{
	const uint8_t *a, *b;

	if (tg_linkage_in_row(&l->in[0], &a, err) < 0 ||
	    tg_linkage_in_row(&l->in[1], &b, err) < 0)
		return -1;
	/* Both to the end: what they have is known good then. */
	while (a != NULL || b != NULL) {
		const int order = a == NULL ? 1
		    : b == NULL		    ? -1
					    : memcmp(a, b, MARK);

		if (order == 0 && hit(l, a, where, err) < 0)
			return -1;
		if (order <= 0 && tg_linkage_in_row(&l->in[0], &a, err) < 0)
			return -1;
		if (order >= 0 && tg_linkage_in_row(&l->in[1], &b, err) < 0)
			return -1;
	}
	return 0;
}

/* Whether no earlier one of the list before @i had its recipient. */
static bool
first_to(const struct tg_linkage_earlier *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(e[k].recipient, e[i].recipient) == 0)
			return false;
	return true;
}

static int
compare(struct tg_linkage *l, const char *path, const char *recipient,
    const struct tg_linkage_earlier *e, size_t n, struct tg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const bool same = strcmp(e[i].recipient, recipient) == 0;
		int rc = tg_linkage_in_open(&l->in[1], e[i].path, l->key, err);

		l->result.recipients += first_to(e, i);
		if (rc == 0) {
			l->result.without++;
			continue;
		}
		if (rc < 0 ||
		    tg_linkage_in_open(&l->in[0], path, l->key, err) < 0)
			return -1;
		rc = common(l, same ? SAME : OTHER, err);
		tg_linkage_in_close(&l->in[0]);
		tg_linkage_in_close(&l->in[1]);
		if (rc < 0)
			return -1;
		l->result.bundles++;
	}
	return 0;
}

/* The marks with hits, in the order of the rows. */
struct met {
	uint8_t mark[MARK];
	bool any, at[WHERES];
	const uint8_t *next; /* of the hits, or NULL */
};

/* Goes on to @mark; met->any: it was met. */
static int
meet(struct tg_linkage *l, struct met *m, const uint8_t *mark,
    struct tg_err *err)
{
	if (memcmp(m->mark, mark, MARK) == 0)
		return 0;
	memcpy(m->mark, mark, MARK);
	memset(m->at, 0, sizeof(m->at));
	m->any = false;
	while (m->next != NULL && memcmp(m->next, mark, MARK) <= 0) {
		if (memcmp(m->next, mark, MARK) == 0)
			m->any = m->at[m->next[MARK]] = true;
		if (tg_sorter_next(l->hits, &m->next, err) < 0)
			return -1;
	}
	l->result.unique_earlier +=
	    mark[0] == UNIQUE && (m->at[SAME] || m->at[OTHER]);
	l->result.values_same += mark[0] == VALUE && m->at[SAME];
	l->result.values_other += mark[0] == VALUE && m->at[OTHER];
	return 0;
}

/* Its unit is one that is linked here, or with what was before. */
static int
mark_unit(struct tg_linkage *l, const struct met *m, const uint8_t *row,
    struct tg_err *err)
{
	uint8_t unit[U_ROW] = {HERE, row[0]};

	if (!m->any || row[0] == UNIQUE)
		return 0;
	memcpy(unit + 2, row + R_UNIT, NUMBER);
	if (m->at[HERE] && tg_sorter_add(l->units, unit, err) < 0)
		return -1;
	unit[0] = SAME;
	return (m->at[SAME] || m->at[OTHER]) && row[0] == TEXT
	    ? tg_sorter_add(l->units, unit, err)
	    : 0;
}

/* Each unit once, by where and what links it. */
static int
count_units(struct tg_linkage *l, struct tg_err *err)
{
	uint8_t last[U_ROW] = {0};
	const uint8_t *row;

	if (tg_sorter_rewind(l->units, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(l->units, &row, err) < 0)
			return -1;
		if (row == NULL)
			return 0;
		if (memcmp(last, row, U_ROW) == 0)
			continue;
		memcpy(last, row, U_ROW);
		if (row[1] == VALUE)
			l->result.linked++;
		else if (row[0] == HERE)
			l->result.texts_here++;
		else
			l->result.texts_earlier++;
	}
}

static int
figures(struct tg_linkage *l, struct tg_err *err)
{
	struct met m = {.next = NULL};
	const uint8_t *row;

	if (tg_sorter_rewind(l->rows, err) < 0 ||
	    tg_sorter_rewind(l->hits, err) < 0 ||
	    tg_sorter_next(l->hits, &m.next, err) < 0)
		return -1;
	for (;;) {
		if (tg_sorter_next(l->rows, &row, err) < 0)
			return -1;
		if (row == NULL)
			return count_units(l, err);
		if (meet(l, &m, row, err) < 0 || mark_unit(l, &m, row, err) < 0)
			return -1;
	}
}

int
tg_linkage_finish(struct tg_linkage *l, const char *path, const char *recipient,
    const struct tg_linkage_earlier *earlier, size_t n_earlier,
    struct tg_linkage_result *out, struct tg_err *err)
{
	if (tg_sorter_new(&l->hits, l->dir, H_ROW, l->memory, err) < 0 ||
	    tg_sorter_new(&l->units, l->dir, U_ROW, l->memory, err) < 0 ||
	    keep(l, path, err) < 0 ||
	    compare(l, path, recipient, earlier, n_earlier, err) < 0 ||
	    figures(l, err) < 0)
		return -1;
	*out = l->result;
	return 0;
}

/* ---- told -------------------------------------------------------------- */

static int
set(struct tg_json *o, const char *key, uint64_t v)
{
	return tg_json_set_int(o, key, (int64_t)v);
}

struct tg_json *
tg_linkage_json(const struct tg_linkage_result *r)
{
	struct tg_json *o = tg_json_object(), *values = tg_json_object(),
		       *unique = tg_json_object(), *texts = tg_json_object(),
		       *earlier = tg_json_object();
	int bad = 0;

	bad |= set(o, "records", r->records);
	bad |= set(earlier, "bundles", r->bundles);
	bad |= set(earlier, "recipients", r->recipients);
	bad |= set(earlier, "not_compared", r->without);
	bad |= set(values, "values", r->values);
	bad |= set(values, "linked_records", r->linked);
	bad |= set(values, "earlier_same_recipient", r->values_same);
	bad |= set(values, "earlier_other_recipients", r->values_other);
	bad |= set(unique, "combinations", r->unique);
	bad |= set(unique, "earlier", r->unique_earlier);
	bad |= set(texts, "records", r->texts);
	bad |= set(texts, "here", r->texts_here);
	bad |= set(texts, "earlier", r->texts_earlier);
	bad |= tg_json_set(o, "earlier", earlier);
	bad |= tg_json_set(o, "values", values);
	bad |= tg_json_set(o, "unique", unique);
	bad |= tg_json_set(o, "texts", texts);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}
