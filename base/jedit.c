/* jedit.c - byte ranges replaced; every other byte stays as it is. */
#include <stdlib.h>

#include "base/jesc.h"
#include "base/jscan.h"

#include "base/banned.h"

#define NONE UINT32_MAX
#define FIRST_ROOM 64 /* edits */

void
tg_edits_init(struct tg_edits *e, uint32_t max)
{
	memset(e, 0, sizeof(*e));
	/* Room for the sort's second half must not overflow. */
	e->max = max > UINT32_MAX / 4 ? UINT32_MAX / 4 : max;
}

void
tg_edits_deinit(struct tg_edits *e)
{
	const uint32_t max = e->max;

	free(e->edit);
	tg_edits_init(e, max);
}

void
tg_edits_reset(struct tg_edits *e)
{
	e->n = 0;
}

static int
room(struct tg_edits *e, uint32_t want, struct tg_err *err)
{
	uint32_t cap = e->cap == 0 ? FIRST_ROOM : e->cap;
	struct tg_edit *edit;

	while (cap < want)
		cap *= 2;
	if (cap == e->cap)
		return 0;
	edit = realloc(e->edit, cap * sizeof(*edit));
	if (edit == NULL)
		return tg_fail_memory(err);
	e->edit = edit;
	e->cap = cap;
	return 0;
}

int
tg_edits_add(struct tg_edits *e, uint32_t start, uint32_t end, struct tg_sv by,
    struct tg_err *err)
{
	if (start > end)
		return tg_fail(err, TG_E_BUG, "edit ends before it starts");
	if (e->n >= e->max)
		return tg_fail(err, TG_E_LIMIT,
		    "more than %u edits in one record", (unsigned)e->max);
	if (room(e, e->n + 1, err) < 0)
		return -1;
	e->edit[e->n++] = (struct tg_edit){start, end, by};
	return 0;
}

/* Where a member begins (its key) or an element (its value). */
static uint32_t
begin(const struct tg_jnode *n)
{
	return n->key_end != 0 ? n->key_start : n->start;
}

/*
 * The runs of dropped children of @i.  After a kept child a run takes the comma
 * before it, at the head it takes the comma behind it.
 */
static int
drop_children(struct tg_edits *e, const struct tg_jdoc *d, uint32_t i,
    uint8_t mask, struct tg_err *err)
{
	const struct tg_jnode *kept = NULL, *first = NULL, *last = NULL;
	const struct tg_sv none = TG_SV("");
	uint32_t c = i + 1;

	for (uint32_t k = 0; k < d->nodes[i].n; k++, c = d->nodes[c].next) {
		const struct tg_jnode *n = &d->nodes[c];

		if ((n->mark & mask) != 0) {
			if (first == NULL)
				first = n;
			last = n;
			continue;
		}
		if (first != NULL &&
		    tg_edits_add(e, kept == NULL ? begin(first) : kept->end,
			kept == NULL ? begin(n) : last->end, none, err) < 0)
			return -1;
		kept = n;
		first = last = NULL;
	}
	if (first == NULL)
		return 0;
	return tg_edits_add(
	    e, kept == NULL ? begin(first) : kept->end, last->end, none, err);
}

static bool
any_marked(const struct tg_jdoc *d, uint8_t mask)
{
	uint8_t marks = 0;

	for (uint32_t i = 0; i < d->n; i++)
		marks |= d->nodes[i].mark;
	return (marks & mask) != 0;
}

int
tg_edits_drop_marked(struct tg_edits *e, const struct tg_jdoc *d, uint8_t mask,
    struct tg_err *err)
{
	const uint32_t before = e->n;

	if (d->n > 0 && (d->nodes[0].mark & mask) != 0)
		return tg_fail(err, TG_E_BUG, "the whole record is dropped");
	if (!any_marked(d, mask))
		return 0;
	for (uint32_t i = 0; i < d->n;) {
		if ((d->nodes[i].mark & mask) != 0) {
			i = d->nodes[i].next;
			continue;
		}
		if (d->nodes[i].n > 0 &&
		    drop_children(e, d, i, mask, err) < 0) {
			e->n = before;
			return -1;
		}
		i++;
	}
	return 0;
}

/* Start, then longer first. */
static bool
after(const struct tg_edit *a, const struct tg_edit *b)
{
	return a->start != b->start ? a->start > b->start : a->end < b->end;
}

static bool
sorted(const struct tg_edits *e)
{
	for (uint32_t i = 1; i < e->n; i++) {
		if (after(&e->edit[i - 1], &e->edit[i]))
			return false;
	}
	return true;
}

/* One pass: runs of @w in @from to runs of 2 * @w in @to. */
static void
merge_runs(
    struct tg_edit *to, const struct tg_edit *from, uint32_t n, uint32_t w)
{
	for (uint32_t lo = 0; lo < n; lo += 2 * w) {
		const uint32_t mid = n - lo < w ? n : lo + w;
		const uint32_t hi = n - mid < w ? n : mid + w;
		uint32_t a = lo, b = mid;

		for (uint32_t k = lo; k < hi; k++) {
			if (a < mid && (b >= hi || !after(&from[a], &from[b])))
				to[k] = from[a++];
			else
				to[k] = from[b++];
		}
	}
}

/* Stable, so that edits of one range keep the order in which they were added
 * whatever the C library. */
static int
sort(struct tg_edits *e, struct tg_err *err)
{
	if (sorted(e))
		return 0;
	if (room(e, 2 * e->n, err) < 0)
		return -1;
	for (uint32_t w = 1; w < e->n; w *= 2) {
		merge_runs(e->edit + e->n, e->edit, e->n, w);
		memcpy(e->edit, e->edit + e->n, e->n * sizeof(*e->edit));
	}
	return 0;
}

/*
 * An edit inside another is dropped; so is an insertion at the first byte of a
 * replaced range.  Insertions at one place are all made, in the order added.
 */
static int
splice(struct tg_buf *out, struct tg_sv text, const struct tg_edits *e,
    struct tg_err *err)
{
	size_t done = 0;

	for (uint32_t i = 0; i < e->n; i++) {
		const struct tg_edit *x = &e->edit[i];

		if (x->end > text.n)
			return tg_fail(
			    err, TG_E_BUG, "edit beyond the end of the text");
		if (x->start < done) {
			if (x->end <= done)
				continue;
			return tg_fail(err, TG_E_BUG, "two edits cross");
		}
		if (tg_buf_add(out, text.p + done, x->start - done, err) < 0 ||
		    tg_buf_addsv(out, x->by, err) < 0)
			return -1;
		done = x->end;
	}
	return tg_buf_add(out, text.p + done, text.n - done, err);
}

int
tg_edits_splice(struct tg_buf *out, struct tg_sv text, struct tg_edits *e,
    struct tg_err *err)
{
	const size_t before = out->n;

	if (sort(e, err) < 0)
		return -1;
	if (splice(out, text, e, err) < 0) {
		tg_jesc_undo(out, before);
		return -1;
	}
	return 0;
}
