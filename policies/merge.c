#include "policies/merge.h"

#include <stdio.h>

#include "base/num.h"

#include "base/banned.h"

#define PLACE 96 /* bytes of "file:line" in a message */

/* "/a/b" of "/a/b/c". */
static struct tg_sv
map_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct tg_sv){path, slash == NULL ? 0 : (size_t)(slash - path)};
}

/* "file:line", the head of a long path left out. */
static const char *
place(char out[PLACE], const struct tg_pval *v)
{
	const char *path = v->from->file.path;
	const size_t n = strlen(path), max = PLACE - 16;

	(void)snprintf(out, PLACE, "%s%s:%u", n > max ? "..." : "",
	    n > max ? path + n - max : path, v->line);
	return out;
}

/* "new:line:col: code: path: value <word> value (old:line)" */
static int
fail_pair(const char *code, const char *word, const struct tg_pval *new,
    const struct tg_pval *old, struct tg_err *err)
{
	struct tg_buf a, b;
	char at[PLACE];

	tg_buf_init(&a, TG_ERR_TEXT);
	tg_buf_init(&b, TG_ERR_TEXT);
	if (tg_pval_print(&a, new, err) == 0 &&
	    tg_pval_print(&b, old, err) == 0)
		tg_fail(err, TG_E_CONFIG, "%s:%u:%u: %s: %s: %s %s %s (%s)",
		    new->from->file.path, new->line, new->col, code, new->path,
		    a.p, word, b.p, place(at, old));
	tg_buf_deinit(&a);
	tg_buf_deinit(&b);
	return -1;
}

/* What a child may say instead. */
static int
fail_relax(
    const struct tg_pval *new, const struct tg_pval *old, struct tg_err *err)
{
	const char *const *words = new->row->words;
	struct tg_buf may;

	(void)fail_pair("E-RELAX", "is looser than", new, old, err);
	if (words == NULL)
		return tg_fail_hint(err, "at %s %s",
		    new->row->rule == TG_PR_MIN ? "most" : "least", old->text);
	tg_buf_init(&may, TG_ERR_TEXT);
	for (uint64_t i = old->num; words[i] != NULL; i++)
		if (tg_buf_addf(&may, NULL, "%s%s", i == old->num ? "" : ", ",
			words[i]) < 0)
			break;
	(void)tg_fail_hint(err, "%s%s",
	    words[old->num + 1] == NULL ? "only " : "one of ",
	    may.p == NULL ? "" : may.p);
	tg_buf_deinit(&may);
	return -1;
}

static int
fail_set(
    const struct tg_pval *new, const struct tg_pval *old, struct tg_err *err)
{
	struct tg_buf may;
	char at[PLACE];

	tg_fail(err, TG_E_CONFIG,
	    "%s:%u:%u: E-RELAX: %s: '%s' is not in what %s allows",
	    new->from->file.path, new->line, new->col, new->path,
	    tg_pval_extra(new, old), place(at, old));
	tg_buf_init(&may, TG_ERR_TEXT);
	if (tg_pval_print(&may, old, NULL) == 0)
		(void)tg_fail_hint(err, "of %s", may.p);
	tg_buf_deinit(&may);
	return -1;
}

static int
fail_apart(
    const struct tg_pval *new, const struct tg_pval *old, struct tg_err *err)
{
	if (new->row->rule == TG_PR_PARTIAL)
		return fail_pair("E-INCOMPARABLE",
		    "is neither stricter nor looser than", new, old, err);
	if (new->row->rule == TG_PR_INTERSECT || new->row->rule == TG_PR_CONJ)
		return fail_set(new, old, err);
	return fail_pair("E-LOCKED", "differs from", new, old, err);
}

/* ---- extend ------------------------------------------------------------ */

static int
extend_leaf(struct tg_pval *out, const struct tg_pval *parent,
    const struct tg_pval *child, struct tg_arena *mem, struct tg_err *err)
{
	if (child->row->rule == TG_PR_UNION) {
		*out = *parent;
		if (tg_pval_extra(child, parent) == NULL)
			return 0;
		return tg_pval_union(out, child, parent, mem, err);
	}
	switch (tg_pval_cmp(child, parent)) {
	case TG_PC_EQUAL:
		*out = *parent;
		return 0;
	case TG_PC_TIGHTER:
		*out = *child;
		return 0;
	case TG_PC_LOOSER:
		if (tg_pval_is_set(child->row))
			return fail_set(child, parent, err);
		return fail_relax(child, parent, err);
	case TG_PC_APART:
		break;
	}
	return fail_apart(child, parent, err);
}

/* The names beside @path in @parent, for "did you mean". */
static int
fail_stranger(const struct tg_leaves *parent, const struct tg_pval *child,
    struct tg_err *err)
{
	char text[TG_SCHEMA_KEYS][TG_SCHEMA_NAME];
	const char *word[TG_SCHEMA_KEYS + 1], *near;
	const struct tg_sv map = map_of(child->path);
	struct tg_sv head = map, key;
	size_t n = 0;

	while (head.n > 0 && head.p[head.n - 1] != '/')
		head.n--;
	key = (struct tg_sv){map.p + head.n, map.n - head.n};
	for (size_t i = 0; i < parent->n && n < TG_SCHEMA_KEYS; i++) {
		const struct tg_sv p = tg_sv_of(parent->v[i].path);
		size_t k = head.n;

		if (!tg_sv_starts(p, head))
			continue;
		while (k < p.n && p.p[k] != '/')
			k++;
		if (k - head.n >= TG_SCHEMA_NAME)
			continue;
		if (n > 0 && strlen(text[n - 1]) == k - head.n &&
		    memcmp(text[n - 1], p.p + head.n, k - head.n) == 0)
			continue;
		memcpy(text[n], p.p + head.n, k - head.n);
		text[n][k - head.n] = '\0';
		word[n] = text[n];
		n++;
	}
	word[n] = NULL;
	near = tg_nearest(key, word);
	return tg_fail(err, TG_E_CONFIG,
	    "%s:%u:%u: E-RELAX: %.*s: no base or region file has it, and a "
	    "project cannot bring it%s%s%s",
	    child->from->file.path, child->line, child->col, TG_SV_FMT(map),
	    near == NULL ? "" : " (did you mean '", near == NULL ? "" : near,
	    near == NULL ? "" : "'?)");
}

/* @silent is what holds where nothing is said.  That may be a number which no
 * file can say: 0 days, where a file says at least 1. */
static int
take_absent(struct tg_pval *silent, const struct tg_schema_row *row,
    struct tg_arena *mem, struct tg_err *err)
{
	bool oom = false;

	*silent = (struct tg_pval){.row = row, .text = row->absent};
	if (row->type == TG_PT_INT
		? tg_parse_u64(&silent->num, tg_sv_of(row->absent), 0, row->hi)
		: tg_pval_scalar(silent, &oom, tg_sv_of(row->absent), mem))
		return 0;
	return oom ? tg_fail_memory(err)
		   : tg_fail(err, TG_E_BUG, "schema: %s: absent", row->pattern);
}

/* What saying nothing means, where that is not "anything goes". */
static int
check_absent(const struct tg_leaves *parent, const struct tg_pval *child,
    struct tg_arena *mem, struct tg_err *err)
{
	struct tg_pval silent;
	enum tg_pcmp c;

	if (child->row->closed && tg_leaves_below(parent, map_of(child->path)))
		return tg_fail(err, TG_E_CONFIG,
		    "%s:%u:%u: E-RELAX: %s: the parents allow nothing there",
		    child->from->file.path, child->line, child->col,
		    child->path);
	if (child->row->absent == NULL)
		return 0;
	if (child->from->kind == TG_LAYER_PROJECT)
		return fail_stranger(parent, child, err);
	if (take_absent(&silent, child->row, mem, err) < 0)
		return -1;
	c = tg_pval_cmp(child, &silent);
	if (c == TG_PC_EQUAL || c == TG_PC_TIGHTER)
		return 0;
	return tg_fail(err, TG_E_CONFIG,
	    "%s:%u:%u: E-RELAX: %s: %s is looser than %s, which holds where "
	    "nothing is said",
	    child->from->file.path, child->line, child->col, child->path,
	    child->text, child->row->absent);
}

int
tg_merge_extend(struct tg_leaves *out, const struct tg_leaves *parent,
    const struct tg_layer *child, struct tg_arena *mem, struct tg_err *err)
{
	const struct tg_leaves *c = &child->leaves;
	struct tg_leaves new = {0};
	size_t i = 0, k = 0;

	while (i < parent->n || k < c->n) {
		const int way = i == parent->n ? 1
		    : k == c->n		       ? -1
				: strcmp(parent->v[i].path, c->v[k].path);
		struct tg_pval v;

		if (way < 0) {
			v = parent->v[i++];
		} else if (way > 0) {
			v = c->v[k++];
			if (check_absent(parent, &v, mem, err) < 0)
				return -1;
		} else if (extend_leaf(
			       &v, &parent->v[i++], &c->v[k++], mem, err) < 0) {
			return -1;
		}
		if (tg_leaves_add(&new, &v, mem, err) < 0)
			return -1;
	}
	*out = new;
	return 0;
}

/* ---- meet -------------------------------------------------------------- */

/*
 * Both laws name a set: what neither file says alone is said by the later.
 * Target patterns of one file (conj) are met as what is in both: a target
 * that matches it matches one in each, which a union does not promise.
 */
static int
meet_sets(struct tg_pval *out, const struct tg_pval *a, const struct tg_pval *b,
    struct tg_arena *mem, struct tg_err *err)
{
	if (a->row->rule == TG_PR_UNION)
		return tg_pval_union(out, b, a, mem, err);
	if (tg_pval_intersect(out, b, a, mem, err) < 0)
		return -1;
	if (out->n == 0)
		return fail_pair(
		    "E-EMPTY", "has nothing in common with", b, a, err);
	return 0;
}

static int
meet_leaf(struct tg_pval *out, const struct tg_pval *a, const struct tg_pval *b,
    struct tg_arena *mem, struct tg_err *err)
{
	switch (tg_pval_cmp(a, b)) {
	case TG_PC_EQUAL:
	case TG_PC_TIGHTER:
		*out = *a;
		return 0;
	case TG_PC_LOOSER:
		*out = *b;
		return 0;
	case TG_PC_APART:
		break;
	}
	if (tg_pval_is_set(a->row))
		return meet_sets(out, a, b, mem, err);
	return fail_apart(b, a, err);
}

/* A leaf of one law only.  In a closed map the other law may shut it. */
static bool
survives(const struct tg_pval *v, const struct tg_leaves *other)
{
	return !v->row->closed || !tg_leaves_below(other, map_of(v->path));
}

/*
 * A closed map of which nothing is left is not one that nobody has: that
 * would let a project fill it, and no longer ask the law for a mechanism.
 */
static int
check_closed(const struct tg_leaves *met, const struct tg_leaves *a,
    const struct tg_leaves *b, struct tg_err *err)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct tg_pval *v = &a->v[i], *w = b->v;
		const struct tg_sv map = map_of(v->path);
		char at[PLACE];

		if (!v->row->closed || tg_leaves_below(met, map))
			continue;
		while (w + 1 < b->v + b->n && !tg_sv_eq(map_of(w->path), map))
			w++;
		return tg_fail(err, TG_E_CONFIG,
		    "%s:%u:%u: E-EMPTY: %.*s: no key in common with %s",
		    w->from->file.path, w->line, w->col, TG_SV_FMT(map),
		    place(at, v));
	}
	return 0;
}

int
tg_merge_meet(struct tg_leaves *out, const struct tg_leaves *a,
    const struct tg_leaves *b, struct tg_arena *mem, struct tg_err *err)
{
	struct tg_leaves new = {0};
	size_t i = 0, k = 0;

	while (i < a->n || k < b->n) {
		const int way = i == a->n ? 1
		    : k == b->n		  ? -1
					  : strcmp(a->v[i].path, b->v[k].path);
		struct tg_pval v;

		if (way < 0) {
			v = a->v[i++];
			if (!survives(&v, b))
				continue;
		} else if (way > 0) {
			v = b->v[k++];
			if (!survives(&v, a))
				continue;
		} else if (meet_leaf(&v, &a->v[i++], &b->v[k++], mem, err) <
		    0) {
			return -1;
		}
		if (tg_leaves_add(&new, &v, mem, err) < 0)
			return -1;
	}
	if (check_closed(&new, a, b, err) < 0)
		return -1;
	*out = new;
	return 0;
}
