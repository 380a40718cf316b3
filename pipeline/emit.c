/* emit.c - a record as it leaves: marks and hits become edits, edits are
 * spliced into the untouched bytes. */
#include "pipeline/stage.h"
#include "base/banned.h"

#define MARK_DROP 1u

/* An array whose every element is gone takes the object it is in along, when
 * that is itself an element (a scope without spans, a resource without
 * scopes). */
static void
drop_empty_parents(struct tg_record *r, uint32_t i)
{
	struct tg_jdoc *d = &r->doc;

	for (;;) {
		const uint32_t list = d->nodes[i].parent;
		uint32_t holder;

		if (list == UINT32_MAX ||
		    d->nodes[i].next != d->nodes[list].next)
			return; /* decided when its last element is seen */
		for (uint32_t c = list + 1; c < d->nodes[list].next;
		     c = d->nodes[c].next)
			if (!(d->nodes[c].mark & MARK_DROP))
				return;
		holder = d->nodes[list].parent;
		if (holder == UINT32_MAX ||
		    d->nodes[holder].parent == UINT32_MAX ||
		    d->nodes[d->nodes[holder].parent].kind != TG_J_ARRAY)
			return;
		d->nodes[holder].mark |= MARK_DROP;
		i = holder;
	}
}

static void
mark_dropped(struct tg_pass *p, struct tg_record *r)
{
	struct tg_jdoc *d = &r->doc;
	uint32_t i = 0;

	for (uint32_t u = 0; u < r->n_unit; u++)
		if (r->unit[u].dropped)
			d->nodes[r->unit[u].node].mark |= MARK_DROP;
	for (uint32_t u = 0; u < r->n_unit; u++)
		drop_empty_parents(r, r->unit[u].node);
	while (i < d->n) {
		if (d->nodes[i].mark & MARK_DROP) {
			i = d->nodes[i].next;
			continue;
		}
		switch ((enum tg_class)r->cls[i]) {
		case TG_CLS_DROP:
			d->nodes[i].mark |= MARK_DROP;
			p->counts->fields_dropped++;
			i = d->nodes[i].next;
			break;
		case TG_CLS_FRAME:
			i++;
			break;
		case TG_CLS_NAME:
		case TG_CLS_KEEP:
		case TG_CLS_CONTENT:
		case TG_CLS_TOKENS:
		case TG_CLS_ID:
		case TG_CLS_TIME:
			i = d->nodes[i].next;
			break;
		}
	}
}

static uint32_t
to_record(const struct tg_nest *nest, uint32_t at)
{
	for (; nest != NULL; nest = nest->up)
		at = nest->base + tg_jtext_raw(&nest->text, at);
	return at;
}

/* @by as it stands in a string @depth strings deep. */
static int
escaped(struct tg_pass *p, struct tg_record *r, struct tg_sv by, unsigned depth,
    struct tg_sv *out, struct tg_err *err)
{
	*out = by;
	if (by.n == 0) /* most tokens that are struck */
		return 0;
	for (unsigned k = 0; k < depth; k++) {
		tg_buf_reset(&p->work);
		if (tg_json_escape(&p->work, *out, err) < 0)
			return -1;
		*out = tg_arena_sv(&r->arena, tg_buf_sv(&p->work));
		if (out->p == NULL)
			return tg_fail_memory(err);
	}
	return 0;
}

static int
edit(struct tg_pass *p, struct tg_record *r, const struct tg_text *t,
    uint32_t start, uint32_t end, struct tg_sv by, struct tg_err *err)
{
	const unsigned nests = t->nest == NULL ? 0 : t->nest->depth;
	struct tg_sv text;

	if (t->kind == TG_TXT_NUMBER) {
		const char *quoted = "null";

		if (escaped(p, r, by, 1, &text, err) < 0)
			return -1;
		if (!p->set->number_null)
			quoted = tg_arena_fmt(
			    &r->arena, "\"%.*s\"", TG_SV_FMT(text));
		if (quoted == NULL)
			return tg_fail_memory(err);
		if (escaped(p, r, tg_sv_of(quoted), nests, &text, err) < 0)
			return -1;
	} else if (escaped(p, r, by,
		       t->kind == TG_TXT_LITERAL ? nests : nests + 1, &text,
		       err) < 0) {
		return -1;
	}
	return tg_edits_add(&r->edits,
	    to_record(t->nest, t->base + tg_jtext_raw(&t->text, start)),
	    to_record(t->nest, t->base + tg_jtext_raw(&t->text, end)), text,
	    err);
}

static int
text_edits(struct tg_pass *p, struct tg_record *r, const struct tg_text *t,
    struct tg_err *err)
{
	const struct tg_sv nothing = {"", 0};

	for (uint32_t k = 0; k < t->n_hit && t->hit[k].start < t->cut; k++)
		if (edit(p, r, t, t->hit[k].start, t->hit[k].end, t->hit[k].by,
			err) < 0)
			return -1;
	if (t->cut >= t->text.text.n)
		return 0;
	return edit(p, r, t, t->cut, (uint32_t)t->text.text.n, nothing, err);
}

int
tg_emit(struct tg_pass *p, struct tg_record *r, struct tg_buf *out,
    struct tg_err *err)
{
	const size_t from = out->n;
	struct tg_err why = {0};
	size_t at;

	if (r->dropped)
		return 0;
	mark_dropped(p, r);
	if (tg_edits_drop_marked(&r->edits, &r->doc, MARK_DROP, err) < 0)
		return -1;
	for (uint32_t i = 0; i < r->n_nested; i++)
		if (tg_edits_add(&r->edits,
			to_record(r->nested[i].nest, r->nested[i].start),
			to_record(r->nested[i].nest, r->nested[i].end),
			(struct tg_sv){"", 0}, err) < 0)
			return -1;
	for (uint32_t i = 0; i < r->n_text; i++)
		if ((r->text[i].n_hit > 0 || r->text[i].cut != UINT32_MAX) &&
		    text_edits(p, r, &r->text[i], err) < 0)
			return -1;
	if (tg_edits_splice(out, r->raw, &r->edits, err) < 0)
		return -1;
	if (r->edits.n > 0 &&
	    tg_jscan(&p->nest[0], (struct tg_sv){out->p + from, out->n - from},
		&at, &why) < 0) {
		out->n = from;
		return tg_fail(err, TG_E_BUG,
		    "record %llu: no longer JSON at byte %zu of the output: %s",
		    (unsigned long long)r->no, at, why.text);
	}
	return 0;
}
