#include "pipeline/record.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/banned.h"

#define ARENA_MAX (96u << 20) /* bytes of decoded text of one record */

#define TG_FIELD(name) #name,
static const char *const field_names[] = {
#include "pipeline/fields.def"
};
#undef TG_FIELD

const char *
tg_field_name(enum tg_field_id f)
{
	return f < TG_FIELD_COUNT ? field_names[f] : "none";
}

void
tg_record_init(struct tg_record *r)
{
	*r = (struct tg_record){0};
	tg_jdoc_init(&r->doc);
	tg_edits_init(&r->edits, TG_TEXTS_MAX);
	tg_arena_init(&r->arena, ARENA_MAX);
}

void
tg_record_deinit(struct tg_record *r)
{
	tg_jdoc_deinit(&r->doc);
	tg_edits_deinit(&r->edits);
	tg_arena_deinit(&r->arena);
	free(r->cls);
	free(r->field);
	free(r->unit);
	free(r->text);
	free(r->nested);
	*r = (struct tg_record){0};
}

void
tg_record_reset(struct tg_record *r)
{
	tg_edits_reset(&r->edits);
	tg_arena_reset(&r->arena);
	r->raw = (struct tg_sv){NULL, 0};
	r->source = NULL;
	r->n_unit = r->n_text = r->n_nested = r->n_held = 0;
	r->unknown = r->alive = 0;
	r->dropped = r->tensors = r->in_pieces = r->nearly = false;
}

int
tg_record_classes(struct tg_record *r, struct tg_err *err)
{
	if (r->doc.n > r->cls_cap) {
		uint8_t *cls = realloc(r->cls, r->doc.cap);
		uint8_t *field;

		if (cls == NULL)
			return tg_fail_memory(err);
		r->cls = cls;
		field = realloc(r->field, r->doc.cap);
		if (field == NULL)
			return tg_fail_memory(err);
		r->field = field;
		r->cls_cap = r->doc.cap;
	}
	memset(r->cls, TG_CLS_DROP, r->doc.n);
	memset(r->field, TG_FIELD_none, r->doc.n);
	return 0;
}

/* Room for one more of @size bytes; doubles up to @max. */
static int
grow(void **p, uint32_t n, uint32_t *cap, size_t size, uint32_t max,
    struct tg_err *err)
{
	uint32_t want;
	size_t bytes;
	void *q;

	if (n < *cap)
		return 0;
	if (n >= max)
		return tg_fail(
		    err, TG_E_INPUT, "more than %u parts in a record", max);
	want = *cap == 0 ? 64 : *cap * 2;
	if (want > max)
		want = max;
	if (!tg_size_mul(&bytes, want, size))
		return tg_fail_memory(err);
	q = realloc(*p, bytes);
	if (q == NULL)
		return tg_fail_memory(err);
	*p = q;
	*cap = want;
	return 0;
}

int
tg_record_add_unit(struct tg_record *r, uint32_t node, struct tg_unit **out,
    struct tg_err *err)
{
	void *p = r->unit;

	if (grow(&p, r->n_unit, &r->cap_unit, sizeof(*r->unit), TG_UNITS_MAX,
		err) < 0)
		return -1;
	r->unit = p;
	r->unit[r->n_unit] = (struct tg_unit){.node = node};
	*out = &r->unit[r->n_unit++];
	return 0;
}

int
tg_record_add_text(
    struct tg_record *r, struct tg_text **out, struct tg_err *err)
{
	void *p = r->text;

	if (grow(&p, r->n_text, &r->cap_text, sizeof(*r->text), TG_TEXTS_MAX,
		err) < 0)
		return -1;
	r->text = p;
	r->text[r->n_text] = (struct tg_text){.cut = UINT32_MAX};
	*out = &r->text[r->n_text++];
	return 0;
}

int
tg_record_add_nested(struct tg_record *r, const struct tg_nest *nest,
    uint32_t start, uint32_t end, struct tg_err *err)
{
	void *p = r->nested;

	if (grow(&p, r->n_nested, &r->cap_nested, sizeof(*r->nested),
		TG_TEXTS_MAX, err) < 0)
		return -1;
	r->nested = p;
	r->nested[r->n_nested++] = (struct tg_nested_edit){nest, start, end};
	return 0;
}

uint32_t
tg_record_unit_of(const struct tg_record *r, uint32_t i)
{
	uint32_t lo = 0, hi = r->n_unit;

	/* The last unit that begins at or before i. */
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (r->unit[mid].node <= i)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 || i >= r->doc.nodes[r->unit[lo - 1].node].next)
		return TG_UNIT_NONE;
	return lo - 1;
}

uint32_t
tg_record_units(const struct tg_record *r, uint32_t unit, uint32_t *end)
{
	*end = unit == TG_UNIT_NONE ? r->n_unit : unit + 1;
	return unit == TG_UNIT_NONE ? 0 : unit;
}

void
tg_unit_drop(struct tg_unit *u, const char *stage, const char *code)
{
	if (u->dropped)
		return;
	u->dropped = true;
	u->stage = stage;
	u->code = code;
}
