#include "pipeline/sources/shape.h"

#include <string.h>

#include "base/num.h"
#include "base/banned.h"

static const struct tg_shape_row *
find_row(
    const struct tg_shape *s, const struct tg_jdoc *d, uint32_t i, uint8_t kind)
{
	for (size_t k = 0; k < s->n; k++) {
		const struct tg_shape_row *row = &s->row[k];

		if (row->kind == kind &&
		    (row->key == NULL || tg_jdoc_key_is(d, i, row->key)))
			return row;
	}
	return NULL;
}

static int walk_object(const struct tg_shape *s, struct tg_record *r,
    uint32_t i, uint8_t kind, struct tg_err *err);

/* An array: every object in it is of @kind; other elements do not leave. */
static int
walk_array(const struct tg_shape *s, struct tg_record *r, uint32_t i,
    uint8_t kind, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;

	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		if (d->nodes[c].kind != TG_J_OBJECT) {
			r->unknown++;
			continue;
		}
		r->cls[c] = TG_CLS_FRAME;
		if (walk_object(s, r, c, kind, err) < 0)
			return -1;
	}
	return 0;
}

static int
walk_object(const struct tg_shape *s, struct tg_record *r, uint32_t i,
    uint8_t kind, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;

	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		const struct tg_shape_row *row = find_row(s, d, c, kind);

		if (row == NULL) {
			r->unknown++;
			continue;
		}
		r->cls[c] = row->cls;
		r->field[c] = row->field;
		if (row->child != 0 &&
		    tg_shape_walk(s, r, c, row->child, err) < 0)
			return -1;
	}
	return s->visit == NULL ? 0 : s->visit(r, i, kind, s->ctx, err);
}

int
tg_shape_walk(const struct tg_shape *s, struct tg_record *r, uint32_t i,
    uint8_t kind, struct tg_err *err)
{
	const struct tg_jnode *node = &r->doc.nodes[i];

	if (node->kind == TG_J_ARRAY)
		return walk_array(s, r, i, kind, err);
	if (node->kind == TG_J_OBJECT)
		return walk_object(s, r, i, kind, err);
	if (node->kind == TG_J_NULL) {
		r->cls[i] = TG_CLS_FRAME;
		return 0;
	}
	/* A scalar where the format has an object: nobody knows it. */
	r->cls[i] = TG_CLS_DROP;
	r->unknown++;
	return 0;
}

int
tg_shape_text(struct tg_record *r, uint32_t i, struct tg_trace_text *out,
    struct tg_err *err)
{
	struct tg_jtext t;

	if (r->doc.nodes[i].kind != TG_J_STRING) {
		const struct tg_sv raw = tg_jdoc_raw(&r->doc, i);

		*out = (struct tg_trace_text){raw.p, raw.n};
		return 0;
	}
	if (tg_jtext_decode(&t, tg_jdoc_str(&r->doc, i), r->doc.nodes[i].esc,
		&r->arena, err) < 0)
		return -1;
	*out = t.text;
	return 0;
}

int64_t
tg_shape_time(const struct tg_record *r, uint32_t i, uint64_t per_second)
{
	const struct tg_sv raw = r->doc.nodes[i].kind == TG_J_STRING
	    ? tg_jdoc_str(&r->doc, i)
	    : tg_jdoc_raw(&r->doc, i);
	uint64_t v;

	if (!tg_parse_u64(&v, raw, 0, UINT64_MAX))
		return 0;
	return (int64_t)(v / per_second);
}

int
tg_shape_fail(
    const struct tg_record *r, uint32_t i, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INPUT, "byte %llu: %s",
	    (unsigned long long)(r->offset + r->doc.nodes[i].start), what);
}
