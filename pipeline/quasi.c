#include "pipeline/quasi.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/banned.h"

#define D TG_CLASS_DIGEST
#define WORK_MAX (64u << 20) /* bytes of a text as it leaves */
#define STAGE "anonymise"

void
tg_quasi_init(
    struct tg_quasi *q, struct tg_classes *c, const uint8_t key[TG_KEY_LEN])
{
	*q = (struct tg_quasi){.classes = c};
	memcpy(q->key, key, sizeof(q->key));
	tg_buf_init(&q->work, WORK_MAX);
}

void
tg_quasi_deinit(struct tg_quasi *q)
{
	free(q->entry);
	free(q->active);
	free(q->set);
	free(q->text);
	free(q->row);
	free(q->has_row);
	tg_buf_deinit(&q->work);
	tg_crypt_wipe(q->key, sizeof(q->key));
	*q = (struct tg_quasi){.off = true};
}

/* Room for @want elements of @size at *@p; twice as much at least. */
static int
grow(void *p, size_t *cap, size_t want, size_t size, struct tg_err *err)
{
	void **at = p;
	size_t n = *cap == 0 ? 64 : *cap, bytes;
	void *more;

	if (want <= *cap)
		return 0;
	while (n < want)
		n *= 2;
	more = tg_size_mul(&bytes, n, size) ? realloc(*at, bytes) : NULL;
	if (more == NULL)
		return tg_fail_memory(err);
	*at = more;
	*cap = n;
	return 0;
}

void
tg_quasi_begin(struct tg_quasi *q)
{
	if (q == NULL)
		return;
	q->n = 0;
	if (q->linkage != NULL)
		tg_linkage_begin(q->linkage);
}

/* The first unit that begins at or behind node @i. */
static uint32_t
unit_from(const struct tg_record *r, uint32_t i)
{
	uint32_t lo = 0, hi = r->n_unit;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (r->unit[mid].node < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The units that node @i speaks of: its own; else all below the nearest node
 * around it that holds any.  False: none. */
static bool
speaks_of(
    const struct tg_record *r, uint32_t i, uint32_t *first, uint32_t *last)
{
	const uint32_t own = tg_record_unit_of(r, i);

	if (own != TG_UNIT_NONE) {
		*first = *last = own;
		return true;
	}
	for (uint32_t up = i; up != UINT32_MAX; up = r->doc.nodes[up].parent) {
		const uint32_t lo = unit_from(r, up);
		const uint32_t hi = unit_from(r, r->doc.nodes[up].next);

		if (lo == hi)
			continue;
		*first = lo;
		*last = hi - 1;
		return true;
	}
	return false;
}

static int
add(struct tg_quasi *q, const struct tg_record *r, uint32_t i,
    enum tg_quasi_kind kind, const uint8_t digest[D], struct tg_err *err)
{
	struct tg_quasi_entry e = {.kind = kind};

	if (!speaks_of(r, i, &e.first, &e.last))
		return 0;
	memcpy(e.digest, digest, D);
	if (grow(&q->entry, &q->cap, q->n + 1, sizeof(*q->entry), err) < 0)
		return -1;
	q->entry[q->n++] = e;
	return 0;
}

/* Keyed, and of one kind. */
static int
digest_of(struct tg_quasi *q, uint8_t out[D], const char *kind, const char *p,
    size_t n, struct tg_err *err)
{
	tg_buf_reset(&q->work);
	if (tg_buf_adds(&q->work, kind, err) < 0 ||
	    tg_buf_addc(&q->work, '\0', err) < 0 ||
	    tg_buf_add(&q->work, p, n, err) < 0)
		return -1;
	tg_crypt_blake2b(out, D, q->work.p, q->work.n, q->key);
	return 0;
}

int
tg_quasi_value(struct tg_quasi *q, const struct tg_record *r, uint32_t i,
    enum tg_field_id field, struct tg_sv value, struct tg_err *err)
{
	uint8_t digest[D];

	if (q == NULL || q->off || !(q->field[field] || q->link[field]))
		return 0;
	if (digest_of(q, digest, tg_field_name(field), value.p, value.n, err) <
	    0)
		return -1;
	if (q->link[field] && add(q, r, i, TG_QUASI_LINK, digest, err) < 0)
		return -1;
	return q->field[field] ? add(q, r, i, TG_QUASI_VALUE, digest, err) : 0;
}

int
tg_quasi_person(struct tg_quasi *q, const struct tg_record *r, uint32_t i,
    struct tg_trace_text id, struct tg_err *err)
{
	uint8_t digest[D];

	if (q == NULL || q->off || id.n == 0)
		return 0;
	if (digest_of(q, digest, "/person", id.bytes, id.n, err) < 0)
		return -1;
	return add(q, r, i, TG_QUASI_PERSON, digest, err);
}

/* Outer ranges before inner ones, so that the last person is the nearest. */
static int
by_range(const void *a, const void *b)
{
	const struct tg_quasi_entry *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->last != y->last)
		return x->last > y->last ? -1 : 1;
	return memcmp(x->digest, y->digest, D);
}

static int
by_digest(const void *a, const void *b)
{
	return memcmp(a, b, D);
}

/* One text as it leaves into q->work. */
static int
as_it_leaves(struct tg_quasi *q, const struct tg_text *t, struct tg_err *err)
{
	const struct tg_trace_text text = t->text.text;
	const size_t end = t->cut < text.n ? t->cut : text.n;
	size_t at = 0;

	for (uint32_t k = 0; k < t->n_hit && t->hit[k].start < t->cut; k++) {
		const struct tg_hit *h = &t->hit[k];

		if (h->start > at &&
		    tg_buf_add(&q->work, text.bytes + at, h->start - at, err) <
			0)
			return -1;
		if (tg_buf_addsv(&q->work, h->by, err) < 0)
			return -1;
		at = h->end;
	}
	return at >= end ? 0
			 : tg_buf_add(&q->work, text.bytes + at, end - at, err);
}

/* A postal area, a year, a network that stands in a text tells apart, too. */
static int
general(struct tg_quasi *q, const struct tg_record *r, const struct tg_text *t,
    struct tg_err *err)
{
	uint8_t digest[D];

	for (uint32_t k = 0; k < t->n_hit && t->hit[k].start < t->cut; k++) {
		const struct tg_sv by = t->hit[k].by;

		if (!t->hit[k].general)
			continue;
		if (digest_of(q, digest, "/general", by.p, by.n, err) < 0 ||
		    add(q, r, t->node, TG_QUASI_VALUE, digest, err) < 0)
			return -1;
	}
	return 0;
}

static int
no_rows(struct tg_quasi *q, const struct tg_record *r, struct tg_err *err)
{
	if (grow(&q->row, &q->cap_row, r->n_unit, sizeof(*q->row), err) < 0 ||
	    grow(&q->has_row, &q->cap_has_row, r->n_unit, sizeof(*q->has_row),
		err) < 0)
		return -1;
	memset(q->has_row, 0, r->n_unit * sizeof(*q->has_row));
	return 0;
}

/* All text of each unit in one digest, in the order of the record. */
static int
texts(struct tg_quasi *q, const struct tg_record *r, struct tg_err *err)
{
	if (grow(&q->text, &q->cap_text, r->n_unit, sizeof(*q->text), err) <
		0 ||
	    no_rows(q, r, err) < 0)
		return -1;
	memset(q->text, 0, r->n_unit * sizeof(*q->text));
	for (uint32_t i = 0; i < r->n_text; i++) {
		const struct tg_text *t = &r->text[i];

		if (general(q, r, t, err) < 0)
			return -1;
		if (!t->content || t->unit == TG_UNIT_NONE ||
		    r->unit[t->unit].dropped || t->text.text.n == 0)
			continue;
		tg_buf_reset(&q->work);
		if (tg_buf_add(&q->work, q->text[t->unit], D, err) < 0 ||
		    as_it_leaves(q, t, err) < 0)
			return -1;
		if (q->linkage != NULL &&
		    tg_linkage_text(q->linkage, t->unit, q->work.p + D,
			q->work.n - D, err) < 0)
			return -1;
		tg_crypt_blake2b(
		    q->text[t->unit], D, q->work.p, q->work.n, q->key);
		q->text[t->unit][D] = 1;
	}
	return 0;
}

static bool
is_hex(struct tg_trace_text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (strchr("0123456789abcdefABCDEF", t.bytes[i]) == NULL)
			return false;
	return true;
}

/* Hex ids compare without regard to case (OTLP JSON encoding). */
static int
trace_digest(struct tg_quasi *q, uint8_t out[D], struct tg_trace_text id,
    struct tg_err *err)
{
	const bool hex = is_hex(id);

	tg_buf_reset(&q->work);
	if (tg_buf_add(&q->work, "/trace", sizeof("/trace"), err) < 0)
		return -1;
	for (size_t i = 0; i < id.n; i++) {
		const char c = id.bytes[i];

		if (tg_buf_addc(&q->work,
			hex && c >= 'A' && c <= 'F' ? (char)(c + 32) : c,
			err) < 0)
			return -1;
	}
	tg_crypt_blake2b(out, D, q->work.p, q->work.n, q->key);
	return 0;
}

/* Whom the unit is of, by @person or else by its own ids. */
static int
subject(struct tg_quasi *q, struct tg_class_row *row, const struct tg_record *r,
    const struct tg_unit *u, const uint8_t *person, struct tg_err *err)
{
	const struct tg_sv raw = tg_jdoc_raw(&r->doc, u->node);

	if ((u->trace_id.n > 0
		    ? trace_digest(q, row->trace, u->trace_id, err)
		    : digest_of(q, row->trace, "/unit", raw.p, raw.n, err)) < 0)
		return -1;
	row->by = u->trace_id.n > 0 ? TG_SUBJECT_TRACE : TG_SUBJECT_UNIT;
	memcpy(row->subject, row->trace, D);
	if (person != NULL) {
		row->by = TG_SUBJECT_PERSON;
		memcpy(row->subject, person, D);
	} else if (u->session_id.n > 0) {
		row->by = TG_SUBJECT_SESSION;
		return digest_of(q, row->subject, "/session",
		    u->session_id.bytes, u->session_id.n, err);
	}
	return 0;
}

/* The set of the active values in one digest. */
static void
quasi_digest(struct tg_quasi *q, uint8_t out[D], size_t n_active)
{
	size_t n = 0, kept = 0;

	for (size_t k = 0; k < n_active; k++)
		if (q->entry[q->active[k]].kind == TG_QUASI_VALUE)
			memcpy(q->set[n++], q->entry[q->active[k]].digest, D);
	if (n > 1)
		qsort(q->set, n, D, by_digest);
	for (size_t k = 0; k < n; k++)
		if (kept == 0 || memcmp(q->set[kept - 1], q->set[k], D) != 0)
			memmove(q->set[kept++], q->set[k], D);
	tg_crypt_blake2b(out, D, q->set, kept * D, q->key);
}

/* What of it can be met again, in this bundle or another. */
static int
linked(struct tg_quasi *q, uint32_t unit, const struct tg_class_row *row,
    size_t n_active, struct tg_err *err)
{
	bool told_apart = false;

	if (q->linkage == NULL)
		return 0;
	for (size_t k = 0; k < n_active; k++) {
		const struct tg_quasi_entry *e = &q->entry[q->active[k]];

		told_apart = told_apart || e->kind == TG_QUASI_VALUE;
		if (e->kind == TG_QUASI_LINK &&
		    tg_linkage_value(q->linkage, row, e->digest, err) < 0)
			return -1;
	}
	return tg_linkage_unit(q->linkage, unit, row, told_apart, err);
}

/* Its row to the classes, or its verdict from them. */
static int
classed(struct tg_quasi *q, struct tg_unit *u, const struct tg_class_row *row,
    struct tg_err *err)
{
	enum tg_class_verdict verdict = TG_CLASS_KEEP;

	if (q->classes == NULL)
		return 0;
	if (!q->second)
		return tg_classes_add(q->classes, row, err);
	if (tg_classes_verdict(q->classes, row, &verdict, err) < 0)
		return -1;
	if (verdict != TG_CLASS_KEEP)
		tg_unit_drop(
		    u, STAGE, verdict == TG_CLASS_SMALL ? "ANO-K" : "ANO-L");
	return 0;
}

static int
one(struct tg_quasi *q, struct tg_record *r, uint32_t unit, size_t n_active,
    struct tg_err *err)
{
	struct tg_unit *u = &r->unit[unit];
	struct tg_class_row row = {.has_sensitive = q->text[unit][D] != 0};
	const uint8_t *person = NULL;

	for (size_t k = 0; k < n_active; k++)
		if (q->entry[q->active[k]].kind == TG_QUASI_PERSON)
			person = q->entry[q->active[k]].digest;
	if (subject(q, &row, r, u, person, err) < 0)
		return -1;
	quasi_digest(q, row.quasi, n_active);
	memcpy(row.sensitive, q->text[unit], D);
	row.health = u->health;
	q->row[unit] = row;
	q->has_row[unit] = q->classes != NULL;
	if (classed(q, u, &row, err) < 0)
		return -1;
	return u->dropped ? 0 : linked(q, unit, &row, n_active, err);
}

int
tg_quasi_end(struct tg_quasi *q, struct tg_record *r, struct tg_err *err)
{
	size_t at = 0, n_active = 0, cap = 0;

	if (q == NULL || q->off)
		return 0;
	if (texts(q, r, err) < 0)
		return -1;
	cap = q->cap_active;
	if (grow(&q->active, &cap, q->n + 1, sizeof(*q->active), err) < 0 ||
	    grow(&q->set, &q->cap_active, q->n + 1, sizeof(*q->set), err) < 0)
		return -1;
	if (q->n > 1)
		qsort(q->entry, q->n, sizeof(*q->entry), by_range);
	for (uint32_t u = 0; u < r->n_unit; u++) {
		size_t kept = 0;

		while (at < q->n && q->entry[at].first == u)
			q->active[n_active++] = (uint32_t)at++;
		if (!r->unit[u].dropped && !r->unit[u].frame &&
		    one(q, r, u, n_active, err) < 0)
			return -1;
		for (size_t k = 0; k < n_active; k++)
			if (q->entry[q->active[k]].last > u)
				q->active[kept++] = q->active[k];
		n_active = kept;
	}
	return 0;
}

const struct tg_class_row *
tg_quasi_row(const struct tg_quasi *q, uint32_t unit)
{
	return q == NULL || q->off || unit >= q->cap_has_row ||
		!q->has_row[unit]
	    ? NULL
	    : &q->row[unit];
}
