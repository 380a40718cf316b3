#include "pipeline/told.h"

#include <stdint.h>
#include <string.h>

#include "base/banned.h"

#define TOLD_MAX (256u << 20) /* bytes of each list, of one record */

struct event {
	bool one;	/* for on_finding */
	bool in_record; /* text is among the record's, else in whole */
	uint32_t text;
	size_t from, n; /* findings */
	size_t below, suppressed;
};

/* A text made for the occasion (tokens joined): its bytes go when it has been
 * told. */
struct whole {
	struct tg_text text;
	size_t bytes; /* where its own begin */
};

void
tg_told_init(struct tg_told *t)
{
	tg_buf_init(&t->event, TOLD_MAX);
	tg_buf_init(&t->found, TOLD_MAX);
	tg_buf_init(&t->whole, TOLD_MAX);
	tg_buf_init(&t->bytes, TOLD_MAX);
}

void
tg_told_deinit(struct tg_told *t)
{
	tg_buf_deinit(&t->event);
	tg_buf_deinit(&t->found);
	tg_buf_deinit(&t->whole);
	tg_buf_deinit(&t->bytes);
}

void
tg_told_reset(struct tg_told *t)
{
	tg_buf_reset(&t->event);
	tg_buf_reset(&t->found);
	tg_buf_reset(&t->whole);
	tg_buf_reset(&t->bytes);
}

static const void *
nth(const struct tg_buf *list, size_t i, size_t size)
{
	return list->p + i * size;
}

/* The findings of one array are told one after the other: it is kept once. */
static bool
same_as_last(const struct tg_told *t, const struct tg_text *text)
{
	const size_t n = t->whole.n / sizeof(struct whole);
	const struct whole *last;

	if (n == 0)
		return false;
	last = nth(&t->whole, n - 1, sizeof(*last));
	return last->text.node == text->node && last->text.path == text->path &&
	    last->text.key.bytes == text->key.bytes &&
	    last->text.text.text.n == text->text.text.n &&
	    memcmp(t->bytes.p + last->bytes, text->text.text.bytes,
		text->text.text.n) == 0;
}

static int
keep_whole(struct tg_told *t, const struct tg_text *text, struct tg_err *err)
{
	const struct whole w = {.text = *text, .bytes = t->bytes.n};

	if (same_as_last(t, text))
		return 0;
	if (tg_buf_add(
		&t->bytes, text->text.text.bytes, text->text.text.n, err) < 0)
		return -1;
	return tg_buf_add(&t->whole, &w, sizeof(w), err);
}

static int
keep(struct tg_told *t, const struct tg_record *r, const struct tg_text *text,
    const struct tg_findings *found, bool one, struct tg_err *err)
{
	const uintptr_t at = (uintptr_t)text, first = (uintptr_t)r->text;
	struct event e = {.one = one,
	    .from = t->found.n / sizeof(struct tg_finding),
	    .n = found->n,
	    .below = found->below,
	    .suppressed = found->suppressed};

	e.in_record = at >= first && at < first + r->n_text * sizeof(*r->text);
	if (e.in_record) {
		e.text = (uint32_t)((at - first) / sizeof(*r->text));
	} else {
		if (keep_whole(t, text, err) < 0)
			return -1;
		e.text = (uint32_t)(t->whole.n / sizeof(struct whole)) - 1;
	}
	if (found->n > 0 &&
	    tg_buf_add(&t->found, found->f, found->n * sizeof(*found->f), err) <
		0)
		return -1;
	return tg_buf_add(&t->event, &e, sizeof(e), err);
}

static int
on_text(void *ctx, const struct tg_record *r, const struct tg_text *text,
    const struct tg_findings *found, struct tg_err *err)
{
	return keep(ctx, r, text, found, false, err);
}

static int
on_finding(void *ctx, const struct tg_record *r, const struct tg_text *text,
    const struct tg_finding *f, struct tg_err *err)
{
	const struct tg_findings one = {.f = f, .n = 1};

	return keep(ctx, r, text, &one, true, err);
}

void
tg_told_listen(struct tg_told *t, struct tg_pass *p, const struct tg_pass *as)
{
	p->on_text = as->on_text == NULL ? NULL : on_text;
	p->on_finding = as->on_finding == NULL ? NULL : on_finding;
	p->ctx = t;
}

static int
tell(const struct tg_told *t, const struct event *e, const struct tg_pass *p,
    const struct tg_record *r, struct tg_err *err)
{
	const struct tg_findings found = {
	    .f = nth(&t->found, e->from, sizeof(struct tg_finding)),
	    .n = e->n,
	    .below = e->below,
	    .suppressed = e->suppressed};
	struct tg_text text;

	if (e->in_record) {
		text = r->text[e->text];
	} else {
		const struct whole *w = nth(&t->whole, e->text, sizeof(*w));

		text = w->text;
		text.text.text.bytes = t->bytes.p + w->bytes;
	}
	return e->one ? p->on_finding(p->ctx, r, &text, found.f, err)
		      : p->on_text(p->ctx, r, &text, &found, err);
}

int
tg_told_again(const struct tg_told *t, const struct tg_pass *p,
    const struct tg_record *r, struct tg_err *err)
{
	for (size_t i = 0; i < t->event.n / sizeof(struct event); i++)
		if (tell(t, nth(&t->event, i, sizeof(struct event)), p, r,
			err) < 0)
			return -1;
	return 0;
}
