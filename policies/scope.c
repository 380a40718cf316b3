#include "policies/scope.h"

#include "base/jscan.h"

#include "base/banned.h"

static const char *const keys[] = {"sample_rate", "max_tokens_capture",
    "retention_days", "export_target", NULL};

struct scope {
	struct tg_layer *l;
	const struct tg_leaves *parent;
	struct tg_arena *mem;
	struct tg_jdoc doc;
};

/* "FILE:line:col: " of a byte offset, before the text. */
static int
fail_at(const struct scope *s, size_t at, struct tg_err *err)
{
	const struct tg_sv t = s->l->file.text;
	unsigned int line = 1, col = 1;

	for (size_t i = 0; i < at && i < t.n; i++) {
		col++;
		if (t.p[i] == '\n') {
			line++;
			col = 1;
		}
	}
	return tg_fail_in(err, "%s:%u:%u", s->l->file.path, line, col);
}

static const struct tg_schema_row *
row_of(const char *path)
{
	const struct tg_schema_row *row = NULL;

	(void)tg_schema_find(&row, tg_sv_of(path));
	return row;
}

/* The value of setting @i as a leaf at @path; its text is @text. */
static int
make(struct tg_pval *v, const struct scope *s, const char *path,
    struct tg_sv text, uint32_t i, struct tg_err *err)
{
	const uint32_t at = s->doc.nodes[i].key_start;
	const struct tg_sv t = s->l->file.text;
	struct tg_buf want;
	bool oom;

	*v = (struct tg_pval){
	    .path = path, .row = row_of(path), .from = s->l, .line = 1};
	if (v->row == NULL)
		return tg_fail(err, TG_E_BUG, "scope: no leaf %s", path);
	for (uint32_t k = 0; k < at; k++)
		v->line += t.p[k] == '\n';
	if (tg_pval_scalar(v, &oom, text, s->mem))
		return 0;
	if (oom)
		return tg_fail_memory(err);
	tg_buf_init(&want, TG_ERR_TEXT);
	if (tg_schema_describe(&want, v->row, err) == 0) {
		tg_fail(err, TG_E_CONFIG, "%.*s: %s is wanted",
		    TG_SV_FMT(tg_jdoc_key(&s->doc, i)), want.p);
		fail_at(s, s->doc.nodes[i].start, err);
	}
	tg_buf_deinit(&want);
	return -1;
}

static int
fail_relax(const struct scope *s, uint32_t i, const char *code,
    const char *word, const struct tg_pval *new, const struct tg_pval *old,
    struct tg_err *err)
{
	tg_fail(err, TG_E_CONFIG, "%s: %.*s %s %s %s of %s (%s:%u)", code,
	    TG_SV_FMT(tg_jdoc_key(&s->doc, i)), new->text, word, old->text,
	    old->path, old->from->file.path, old->line);
	return fail_at(s, s->doc.nodes[i].start, err);
}

/* Adds the leaf; where the parent is stricter it is an error (@strict) or
 * the parent stays. */
static int
cap(const struct scope *s, const char *path, struct tg_sv text, uint32_t i,
    bool strict, struct tg_err *err)
{
	const struct tg_pval *old = tg_leaves_find(s->parent, tg_sv_of(path));
	enum tg_pcmp c = TG_PC_TIGHTER;
	struct tg_pval v;

	if (make(&v, s, path, text, i, err) < 0)
		return -1;
	if (old != NULL)
		c = tg_pval_cmp(&v, old);
	if (c == TG_PC_LOOSER && strict)
		return fail_relax(
		    s, i, "E-RELAX", "is looser than", &v, old, err);
	if (c == TG_PC_APART)
		return fail_relax(
		    s, i, "E-LOCKED", "differs from", &v, old, err);
	if (c != TG_PC_TIGHTER)
		return 0;
	return tg_leaves_add(&s->l->leaves, &v, s->mem, err);
}

static bool
is_class(const char *path)
{
	const char *head = "/retention/data/", *tail = "/max_days";
	const size_t n = strlen(path), t = strlen(tail);

	return n > t && memcmp(path, head, strlen(head)) == 0 &&
	    strcmp(path + n - t, tail) == 0;
}

static int
set_retention(
    const struct scope *s, struct tg_sv text, uint32_t i, struct tg_err *err)
{
	const struct tg_pval *longest = NULL;
	struct tg_pval v;

	if (make(&v, s, "/retention/asked_days", text, i, err) < 0)
		return -1;
	for (size_t k = 0; k < s->parent->n; k++) {
		const struct tg_pval *p = &s->parent->v[k];

		if (is_class(p->path) &&
		    (longest == NULL || p->num > longest->num))
			longest = p;
	}
	if (longest != NULL && v.num > longest->num)
		return fail_relax(
		    s, i, "E-RELAX", "is looser than", &v, longest, err);
	if (cap(s, v.path, text, i, true, err) < 0)
		return -1;
	for (size_t k = 0; k < s->parent->n; k++)
		if (is_class(s->parent->v[k].path) &&
		    s->parent->v[k].num > v.num &&
		    cap(s, s->parent->v[k].path, text, i, true, err) < 0)
			return -1;
	return 0;
}

static int
set_target(const struct scope *s, uint32_t i, struct tg_err *err)
{
	const struct tg_jnode *node = &s->doc.nodes[i];
	struct tg_jtext text;

	if (tg_jtext_decode(
		&text, tg_jdoc_str(&s->doc, i), node->esc, s->mem, err) < 0)
		return -1;
	return cap(s, "/targets/export_target",
	    (struct tg_sv){text.text.bytes, text.text.n}, i, true, err);
}

static int
fail_unknown(const struct scope *s, uint32_t i, struct tg_err *err)
{
	struct tg_sv key = tg_jdoc_key(&s->doc, i);
	const char *near = tg_nearest(key, keys);

	if (key.n > TG_SCHEMA_NAME)
		key.n = TG_SCHEMA_NAME;
	tg_fail(err, TG_E_CONFIG, "unknown key '%.*s'%s%s%s", TG_SV_FMT(key),
	    near == NULL ? "" : " (did you mean '", near == NULL ? "" : near,
	    near == NULL ? "" : "'?)");
	return fail_at(s, s->doc.nodes[i].key_start, err);
}

static int
set_one(const struct scope *s, uint32_t i, struct tg_err *err)
{
	const bool text = s->doc.nodes[i].kind == TG_J_STRING;
	const struct tg_sv raw = tg_jdoc_raw(&s->doc, i);
	size_t k = 0;

	while (keys[k] != NULL && !tg_jdoc_key_is(&s->doc, i, keys[k]))
		k++;
	if (keys[k] == NULL)
		return fail_unknown(s, i, err);
	if (text != (strcmp(keys[k], "export_target") == 0) ||
	    (!text && s->doc.nodes[i].kind != TG_J_NUMBER)) {
		tg_fail(err, TG_E_CONFIG, "%s: a %s is wanted", keys[k],
		    strcmp(keys[k], "export_target") == 0 ? "text" : "number");
		return fail_at(s, s->doc.nodes[i].start, err);
	}
	switch (k) {
	case 0:
		if (cap(s, "/sampling/rate_default", raw, i, true, err) < 0)
			return -1;
		return cap(s, "/sampling/rate_max", raw, i, true, err);
	case 1:
		return cap(
		    s, "/limits/max_tokens_per_trace", raw, i, true, err);
	case 2:
		return set_retention(s, raw, i, err);
	default:
		return set_target(s, i, err);
	}
}

static int
read_settings(struct scope *s, struct tg_err *err)
{
	size_t at = 0;

	if (tg_jscan(&s->doc, s->l->file.text, &at, err) < 0) {
		if (err != NULL && err->cls == TG_E_INPUT)
			err->cls = TG_E_CONFIG;
		return fail_at(s, at, err);
	}
	if (s->doc.nodes[0].kind != TG_J_OBJECT) {
		tg_fail(err, TG_E_CONFIG, "not a JSON object");
		return fail_at(s, s->doc.nodes[0].start, err);
	}
	for (uint32_t i = 1; i < s->doc.n; i = s->doc.nodes[i].next)
		if (set_one(s, i, err) < 0)
			return -1;
	tg_leaves_sort(&s->l->leaves);
	return 0;
}

int
tg_scope_open(struct tg_layer *out, const char *path, const char *name,
    const struct tg_leaves *parent, struct tg_arena *mem, struct tg_err *err)
{
	struct scope s = {.l = out, .parent = parent, .mem = mem};
	int rc;

	*out = (struct tg_layer){
	    .kind = TG_LAYER_SCOPE, .id = "scope", .jurisdiction = ""};
	if (tg_pfile_read(&out->file, path, name, TG_SCOPE_MAX, mem, err) < 0)
		return -1;
	tg_jdoc_init(&s.doc);
	rc = read_settings(&s, err);
	tg_jdoc_deinit(&s.doc);
	return rc;
}
