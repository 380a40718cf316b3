#include "pipeline/walk.h"

#include "pipeline/seam_place.h"
#include "base/banned.h"

const char *
tg_walk_path(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	const char *s;

	tg_buf_reset(&w->p->work);
	if (tg_buf_adds(&w->p->work, w->prefix, err) < 0 ||
	    tg_jdoc_pointer(&w->p->work, w->doc, i, err) < 0)
		return NULL;
	s = tg_arena_str(&w->r->arena, tg_buf_sv(&w->p->work));
	if (s == NULL)
		(void)tg_fail_memory(err);
	return s;
}

/* Value @i has no key, or one that names a kind of value (OTLP AnyValue). */
static bool
wrapped(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const wrap[] = {"stringValue", "value", "values",
	    "arrayValue", "intValue", "doubleValue"};
	const struct tg_jnode *n = &d->nodes[i];

	if (n->key_end == 0)
		return true;
	/* Most keys are settled by their first byte. */
	if (!n->key_esc && strchr("svaid", *tg_jdoc_key(d, i).p) == NULL)
		return false;
	for (size_t k = 0; k < TG_COUNT(wrap); k++)
		if (tg_jdoc_key_is(d, i, wrap[k]))
			return true;
	return false;
}

struct tg_trace_text
tg_walk_name(const struct tg_jdoc *d, uint32_t i)
{
	struct tg_sv key;

	for (unsigned up = 0; up < 6 && i != UINT32_MAX; up++) {
		const uint32_t parent = d->nodes[i].parent;

		if (!wrapped(d, i)) {
			key = tg_jdoc_key(d, i);
			return (struct tg_trace_text){key.p, key.n};
		}
		if (parent != UINT32_MAX &&
		    d->nodes[parent].kind == TG_J_OBJECT) {
			const uint32_t k = tg_jdoc_find(d, parent, "key");

			if (k != UINT32_MAX &&
			    d->nodes[k].kind == TG_J_STRING) {
				key = tg_jdoc_str(d, k);
				return (struct tg_trace_text){key.p, key.n};
			}
		}
		i = parent;
	}
	return (struct tg_trace_text){"", 0};
}

int
tg_walk_add(struct tg_walk *w, uint32_t i, enum tg_text_kind kind,
    struct tg_jtext text, uint32_t base, struct tg_text **out,
    struct tg_err *err)
{
	struct tg_text *t;

	if (tg_record_add_text(w->r, &t, err) < 0)
		return -1;
	t->nest = w->nest;
	t->text = text;
	t->base = base;
	t->node = w->depth == 0 ? i : w->node;
	t->unit = w->unit;
	t->kind = kind;
	t->content = w->content;
	t->key = tg_walk_name(w->doc, i);
	if (w->p->want_paths && (t->path = tg_walk_path(w, i, err)) == NULL)
		return -1;
	if (out != NULL)
		*out = t;
	return 0;
}

int
tg_walk_blot(struct tg_walk *w, uint32_t i, enum tg_text_kind kind,
    struct tg_sv by, struct tg_err *err)
{
	const struct tg_jnode *n = &w->doc->nodes[i];
	const struct tg_sv raw = tg_jdoc_raw(w->doc, i);
	const bool quoted = n->kind == TG_J_STRING && kind != TG_TXT_LITERAL;
	struct tg_jtext text = {{raw.p, raw.n}, NULL};
	struct tg_text *t;
	struct tg_hit *hit;

	if (quoted &&
	    tg_jtext_decode(
		&text, tg_jdoc_str(w->doc, i), n->esc, &w->r->arena, err) < 0)
		return -1;
	if (tg_walk_add(
		w, i, kind, text, n->start + (quoted ? 1 : 0), &t, err) < 0)
		return -1;
	hit = tg_arena_alloc(&w->r->arena, sizeof(*hit));
	if (hit == NULL)
		return tg_fail_memory(err);
	*hit = (struct tg_hit){.end = (uint32_t)text.text.n, .by = by};
	t->hit = hit;
	t->n_hit = 1;
	/* A string from now on; a token is not joined with what follows. */
	if (kind == TG_TXT_NUMBER && !(n->mark & TG_MARK_TOKEN))
		tg_seam_place(w, t, i);
	return 0;
}

int
tg_walk_whole(
    struct tg_text *out, struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	*out = (struct tg_text){.cut = UINT32_MAX};
	out->node = w->depth == 0 ? i : w->node;
	out->unit = w->unit;
	out->kind = TG_TXT_TOKEN;
	out->key = tg_walk_name(w->doc, i);
	if (w->p->want_paths && (out->path = tg_walk_path(w, i, err)) == NULL)
		return -1;
	return 0;
}
