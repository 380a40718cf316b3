#include "policies/diff.h"

#include "policies/compiled.h"
#include "policies/effective.h"

#include "base/banned.h"

#define WIDE 52	 /* columns of a path */
#define VALUE 30 /* of a change */

struct change {
	enum tg_diff_way way;
	const struct tg_pval *old, *new; /* one may be NULL */
};

typedef int each_fn(void *ctx, const struct change *c, struct tg_err *err);

static const char *const way_names[] = {[TG_DIFF_TIGHTER] = "TIGHTER",
    [TG_DIFF_LOOSER] = "LOOSER",
    [TG_DIFF_APART] = "CHANGED"};

static enum tg_diff_way
turned(enum tg_diff_way way)
{
	return way == TG_DIFF_TIGHTER ? TG_DIFF_LOOSER
	    : way == TG_DIFF_LOOSER   ? TG_DIFF_TIGHTER
				      : TG_DIFF_APART;
}

/* "/a/b" of "/a/b/c". */
static struct tg_sv
map_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct tg_sv){path, slash == NULL ? 0 : (size_t)(slash - path)};
}

/*
 * What it means that @v is said where @other says nothing.  false: it means
 * nothing, the value is what held anyway.
 */
static bool
said(enum tg_diff_way *way, const struct tg_pval *v,
    const struct tg_leaves *other, struct tg_arena *mem)
{
	struct tg_pval silent = {.row = v->row};
	bool oom = false;

	*way = TG_DIFF_TIGHTER;
	if (v->row->closed && tg_leaves_below(other, map_of(v->path)))
		*way = TG_DIFF_LOOSER; /* nothing was allowed there */
	if (v->row->absent == NULL ||
	    !tg_pval_scalar(&silent, &oom, tg_sv_of(v->row->absent), mem))
		return true;
	switch (tg_pval_cmp(v, &silent)) {
	case TG_PC_EQUAL:
		return false;
	case TG_PC_TIGHTER:
		return true;
	case TG_PC_LOOSER:
		*way = TG_DIFF_LOOSER;
		return true;
	case TG_PC_APART:
		break;
	}
	*way = TG_DIFF_APART;
	return true;
}

static bool
differs(struct change *c, const struct tg_policy *old,
    const struct tg_policy *new, struct tg_arena *mem)
{
	if (c->old == NULL)
		return said(&c->way, c->new, &old->leaves, mem);
	if (c->new == NULL) {
		if (!said(&c->way, c->old, &new->leaves, mem))
			return false;
		c->way = turned(c->way);
		return true;
	}
	switch (tg_pval_cmp(c->new, c->old)) {
	case TG_PC_EQUAL:
		return false;
	case TG_PC_TIGHTER:
		c->way = TG_DIFF_TIGHTER;
		return true;
	case TG_PC_LOOSER:
		c->way = TG_DIFF_LOOSER;
		return true;
	case TG_PC_APART:
		break;
	}
	c->way = TG_DIFF_APART;
	return true;
}

static int
walk(struct tg_diff_count *n, const struct tg_policy *old,
    const struct tg_policy *new, each_fn *each, void *ctx, struct tg_err *err)
{
	const struct tg_leaves *a = &old->leaves, *b = &new->leaves;
	struct tg_arena mem;
	size_t i = 0, k = 0;
	int rc = 0;

	*n = (struct tg_diff_count){.examined = 0};
	tg_arena_init(&mem, TG_POLICY_MEMORY);
	while (rc == 0 && (i < a->n || k < b->n)) {
		const int way = i == a->n ? 1
		    : k == b->n		  ? -1
					  : strcmp(a->v[i].path, b->v[k].path);
		struct change c = {.old = way <= 0 ? &a->v[i] : NULL,
		    .new = way >= 0 ? &b->v[k] : NULL};

		i += way <= 0;
		k += way >= 0;
		n->examined++;
		if (!differs(&c, old, new, &mem))
			continue;
		n->way[c.way]++;
		rc = each(ctx, &c, err);
	}
	tg_arena_deinit(&mem);
	return rc;
}

/* ---- text -------------------------------------------------------------- */

static int
pad(struct tg_buf *out, size_t from, size_t width, struct tg_err *err)
{
	const size_t used = out->n - from;

	return tg_buf_addf(
	    out, err, "%*s  ", used < width ? (int)(width - used) : 0, "");
}

/* " +A -B": the members of one that the other lacks. */
static int
members(struct tg_buf *out, const struct tg_pval *of,
    const struct tg_pval *other, char sign, struct tg_err *err)
{
	static const struct tg_pval none = {.n = 0};

	if (of == NULL)
		return 0;
	for (size_t i = 0; i < of->n; i++) {
		if (tg_pval_has(
			other == NULL ? &none : other, tg_sv_of(of->item[i])))
			continue;
		if (tg_buf_addf(out, err, "%s%c%s",
			out->n > 0 && out->p[out->n - 1] != ' ' ? " " : "",
			sign, of->item[i]) < 0)
			return -1;
	}
	return 0;
}

/* A scalar, or what holds where nothing is said. */
static int
value(struct tg_buf *out, const struct tg_pval *v,
    const struct tg_schema_row *row, struct tg_err *err)
{
	if (v != NULL)
		return tg_buf_adds(out, v->text, err);
	return tg_buf_addf(out, err, "(not said%s%s)",
	    row->absent == NULL ? "" : ": ",
	    row->absent == NULL ? "" : row->absent);
}

static int
text_of(struct tg_buf *out, const struct change *c, struct tg_err *err)
{
	const struct tg_pval *v = c->new == NULL ? c->old : c->new;

	if (tg_pval_is_set(v->row))
		return members(out, c->new, c->old, '+', err) < 0 ||
			members(out, c->old, c->new, '-', err) < 0
		    ? -1
		    : 0;
	if (value(out, c->old, v->row, err) < 0 ||
	    tg_buf_adds(out, " -> ", err) < 0)
		return -1;
	return value(out, c->new, v->row, err);
}

static int
text_line(void *ctx, const struct change *c, struct tg_err *err)
{
	const struct tg_pval *v = c->new == NULL ? c->old : c->new;
	struct tg_buf *out = ctx;
	size_t from;

	if (tg_buf_addf(out, err, "%-8s ", way_names[c->way]) < 0)
		return -1;
	from = out->n;
	if (tg_buf_adds(out, v->path, err) < 0 || pad(out, from, WIDE, err) < 0)
		return -1;
	from = out->n;
	if (text_of(out, c, err) < 0 || pad(out, from, VALUE, err) < 0)
		return -1;
	return tg_buf_addf(out, err, "%s%s:%u%s%s%s\n",
	    c->new == NULL ? "was " : "", v->from->file.name, v->line,
	    v->source[0] == '\0' ? "" : "  [", v->source,
	    v->source[0] == '\0' ? "" : "]");
}

int
tg_diff_text(struct tg_buf *out, struct tg_diff_count *n,
    const struct tg_policy *old, const struct tg_policy *new,
    struct tg_err *err)
{
	return walk(n, old, new, text_line, out, err);
}

/* ---- JSON -------------------------------------------------------------- */

static struct tg_json *
members_json(const struct tg_pval *of, const struct tg_pval *other)
{
	static const struct tg_pval none = {.n = 0};
	struct tg_json *a = tg_json_array();
	int bad = a == NULL;

	for (size_t i = 0; bad == 0 && of != NULL && i < of->n; i++)
		if (!tg_pval_has(
			other == NULL ? &none : other, tg_sv_of(of->item[i])))
			bad |= tg_json_push_str(a, of->item[i]);
	if (bad == 0)
		return a;
	tg_json_free(a);
	return NULL;
}

static int
json_line(void *ctx, const struct change *c, struct tg_err *err)
{
	const struct tg_pval *v = c->new == NULL ? c->old : c->new;
	struct tg_json *o = tg_json_object();
	int bad = o == NULL;

	if (bad != 0)
		return tg_fail_memory(err);
	bad |= tg_json_set_str(o, "way", way_names[c->way]);
	bad |= tg_json_set_str(o, "path", v->path);
	bad |= tg_json_set(o, "old",
	    c->old == NULL ? tg_json_null() : tg_effective_value(c->old));
	bad |= tg_json_set(o, "new",
	    c->new == NULL ? tg_json_null() : tg_effective_value(c->new));
	if (tg_pval_is_set(v->row)) {
		bad |= tg_json_set(o, "added", members_json(c->new, c->old));
		bad |= tg_json_set(o, "removed", members_json(c->old, c->new));
	}
	bad |= tg_json_set_str(o, "file", v->from->file.name);
	bad |= tg_json_set_int(o, "line", (int64_t)v->line);
	bad |= tg_json_set_str(o, "source", v->source);
	if (bad != 0) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	return tg_json_push(ctx, o) == 0 ? 0 : tg_fail_memory(err);
}

int
tg_diff_json(struct tg_json **out, struct tg_diff_count *n,
    const struct tg_policy *old, const struct tg_policy *new,
    struct tg_err *err)
{
	struct tg_json *a = tg_json_array();

	if (a == NULL)
		return tg_fail_memory(err);
	if (walk(n, old, new, json_line, a, err) < 0) {
		tg_json_free(a);
		return -1;
	}
	*out = a;
	return 0;
}
