#include "policies/show.h"

#include "policies/compiled.h"
#include "policies/effective.h"

#include "base/banned.h"

#define WIDE 52	 /* columns of a path; a longer one pushes the rest */
#define VALUE 26 /* of a value */

static size_t
head_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* Whether both came out of one line of one file with one value. */
static bool
same_line(const struct tg_pval *a, const struct tg_pval *b)
{
	const size_t n = head_len(a->path);

	return a->from == b->from && a->line == b->line && a->col == b->col &&
	    n == head_len(b->path) && memcmp(a->path, b->path, n) == 0 &&
	    a->row == b->row && tg_pval_cmp(a, b) == TG_PC_EQUAL;
}

static int
pad(struct tg_buf *out, size_t from, size_t width, struct tg_err *err)
{
	const size_t used = out->n - from;
	const size_t n = used < width ? width - used : 0;

	return tg_buf_addf(out, err, "%*s  ", (int)n, "");
}

/* How many leaves of the map that begins at @i share the line of leaf @i; 0
 * when an earlier one of the map does: then it was shown there. */
static size_t
sharers(const struct tg_policy *p, size_t i)
{
	const struct tg_pval *v = p->leaves.v;
	const size_t head = head_len(v[i].path);
	size_t n = 0;

	for (size_t k = i;
	     k > 0 && strncmp(v[k - 1].path, v[i].path, head) == 0; k--)
		if (same_line(&v[k - 1], &v[i]))
			return 0;
	for (size_t k = i;
	     k < p->leaves.n && strncmp(v[k].path, v[i].path, head) == 0; k++)
		n += same_line(&v[k], &v[i]);
	return n;
}

/* "/a/b" or, of an @SET, "/a/{b,c,d}". */
static int
show_path(struct tg_buf *out, const struct tg_policy *p, size_t i, size_t n,
    struct tg_err *err)
{
	const struct tg_pval *v = &p->leaves.v[i];
	const size_t head = head_len(v->path);
	const char *sep = "";

	if (n == 1)
		return tg_buf_adds(out, v->path, err);
	if (tg_buf_addf(out, err, "%.*s{", (int)head, v->path) < 0)
		return -1;
	for (const struct tg_pval *w = v; n > 0; w++) {
		if (!same_line(w, v))
			continue;
		if (tg_buf_addf(out, err, "%s%s", sep, w->path + head) < 0)
			return -1;
		sep = ",";
		n--;
	}
	return tg_buf_addc(out, '}', err);
}

static int
show_value(struct tg_buf *out, const struct tg_pval *v, struct tg_err *err)
{
	if (v->text != NULL)
		return tg_buf_adds(out, v->text, err);
	if (tg_buf_addc(out, '[', err) < 0)
		return -1;
	for (size_t i = 0; i < v->n; i++)
		if (tg_buf_addf(
			out, err, "%s%s", i == 0 ? "" : ", ", v->item[i]) < 0)
			return -1;
	return tg_buf_addc(out, ']', err);
}

static int
show_leaf(struct tg_buf *out, const struct tg_policy *p, size_t i, size_t n,
    struct tg_err *err)
{
	const struct tg_pval *v = &p->leaves.v[i];
	size_t from = out->n;

	if (show_path(out, p, i, n, err) < 0 || pad(out, from, WIDE, err) < 0)
		return -1;
	from = out->n;
	if (show_value(out, v, err) < 0 || pad(out, from, VALUE, err) < 0)
		return -1;
	return tg_buf_addf(out, err, "%s:%u%s%s%s\n", v->from->file.name,
	    v->line, v->source[0] == '\0' ? "" : "  [", v->source,
	    v->source[0] == '\0' ? "" : "]");
}

int
tg_policy_show_text(
    struct tg_buf *out, const struct tg_policy *p, struct tg_err *err)
{
	if (tg_buf_addf(out, err, "effective policy sha256 %s, %zu leaves\n",
		p->sha256, p->leaves.n) < 0)
		return -1;
	for (size_t i = 0; i < p->n_file; i++)
		if (tg_buf_addf(out, err, "file %s %s sha256 %s\n",
			p->file[i].name,
			p->file[i].version[0] == '\0' ? "-"
						      : p->file[i].version,
			p->file[i].sha256) < 0)
			return -1;
	if (tg_buf_addc(out, '\n', err) < 0)
		return -1;
	for (size_t i = 0; i < p->leaves.n; i++) {
		const size_t n = sharers(p, i);

		if (n > 0 && show_leaf(out, p, i, n, err) < 0)
			return -1;
	}
	return 0;
}

static struct tg_json *
leaf_json(const struct tg_pval *v)
{
	struct tg_json *o = tg_json_object();
	int bad = o == NULL;

	if (bad != 0)
		return NULL;
	bad |= tg_json_set_str(o, "path", v->path);
	bad |= tg_json_set_str(o, "rule", tg_schema_rule_name(v->row->rule));
	bad |= tg_json_set(o, "value", tg_effective_value(v));
	bad |= tg_json_set_str(o, "file", v->from->file.name);
	bad |= tg_json_set_int(o, "line", (int64_t)v->line);
	bad |= tg_json_set_str(o, "source", v->source);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
file_json(const struct tg_policy_file *f)
{
	struct tg_json *o = tg_json_object();
	int bad = o == NULL;

	if (bad != 0)
		return NULL;
	bad |= tg_json_set_str(o, "file", f->name);
	bad |= tg_json_set_str(o, "version", f->version);
	bad |= tg_json_set_str(o, "sha256", f->sha256);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

int
tg_policy_show_json(
    struct tg_json **out, const struct tg_policy *p, struct tg_err *err)
{
	struct tg_json *root = tg_json_object();
	struct tg_json *files = tg_json_array(), *leaves = tg_json_array();
	int bad = root == NULL || files == NULL || leaves == NULL;

	for (size_t i = 0; bad == 0 && i < p->n_file; i++)
		bad |= tg_json_push(files, file_json(&p->file[i]));
	for (size_t i = 0; bad == 0 && i < p->leaves.n; i++)
		bad |= tg_json_push(leaves, leaf_json(&p->leaves.v[i]));
	if (bad == 0) {
		bad |= tg_json_set_str(root, "effective_sha256", p->sha256);
		bad |= tg_json_set(root, "files", files);
		bad |= tg_json_set(root, "leaves", leaves);
		files = leaves = NULL;
	}
	if (bad == 0) {
		*out = root;
		return 0;
	}
	tg_json_free(files);
	tg_json_free(leaves);
	tg_json_free(root);
	return tg_fail_memory(err);
}
