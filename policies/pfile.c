#include "policies/pfile.h"

#include <stdlib.h>

#include "base/env.h"
#include "base/fs.h"

#include "base/banned.h"

static int
slurp(struct tg_pfile *f, const char *path, size_t max, struct tg_arena *mem,
    struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];
	struct tg_buf text;
	bool missing = false;
	int rc = -1;

	tg_buf_init(&text, max);
	if (tg_fs_slurp(&text, path, &missing, err) < 0) {
		if (err != NULL && err->cls == TG_E_LIMIT)
			tg_fail(err, TG_E_CONFIG,
			    "%s:1:1: larger than %zu bytes", path, max);
		else if (err != NULL && missing)
			err->cls = TG_E_CONFIG;
		goto out;
	}
	f->text = tg_arena_sv(mem, tg_buf_sv(&text));
	if (f->text.p == NULL) {
		tg_fail_memory(err);
		goto out;
	}
	if (tg_sha256_bytes(digest, f->text.p, f->text.n, err) < 0)
		goto out;
	tg_sha256_hex(f->sha256, digest);
	rc = 0;
out:
	tg_buf_deinit(&text);
	return rc;
}

int
tg_pfile_read(struct tg_pfile *f, const char *path, const char *name,
    size_t max, struct tg_arena *mem, struct tg_err *err)
{
	struct tg_pfile new = {.version = ""};

	new.path = tg_arena_str(mem, tg_sv_of(path));
	new.name = tg_arena_str(mem, tg_sv_of(name));
	if (new.path == NULL || new.name == NULL)
		return tg_fail_memory(err);
	if (slurp(&new, path, max, mem, err) < 0)
		return -1;
	*f = new;
	return 0;
}

int
tg_pfile_open(struct tg_pfile *f, const char *path, const char *name,
    struct tg_arena *mem, struct tg_err *err)
{
	struct tg_pfile new;

	if (tg_pfile_read(&new, path, name, TG_YAML_MAX, mem, err) < 0 ||
	    tg_yaml_parse(&new.yaml, new.text, path, err) < 0)
		return -1;
	*f = new;
	return 0;
}

void
tg_pfile_close(struct tg_pfile *f)
{
	tg_yaml_free(f->yaml);
	f->yaml = NULL;
}

const struct tg_ynode *
tg_pfile_root(const struct tg_pfile *f, const char *schema, struct tg_err *err)
{
	const struct tg_ynode *root = tg_yaml_root(f->yaml), *node;

	if (root == NULL) {
		tg_fail(err, TG_E_CONFIG, "%s:1:1: nothing in it", f->path);
		return NULL;
	}
	if (root->kind != TG_Y_MAP) {
		tg_yaml_fail(f->yaml, root, err, "not a map of keys");
		return NULL;
	}
	node = tg_ynode_get(root, "schema");
	if (node == NULL) {
		tg_yaml_fail(f->yaml, root, err,
		    "the key 'schema' is missing: schema: %s", schema);
		return NULL;
	}
	if (node->kind != TG_Y_SCALAR || !tg_sv_is(node->text, schema)) {
		tg_yaml_fail(
		    f->yaml, node, err, "the schema is not %s", schema);
		return NULL;
	}
	return root;
}

int
tg_pfile_unknown(const struct tg_pfile *f, const struct tg_ynode *key,
    const char *const *known, struct tg_err *err)
{
	const char *near = tg_nearest(key->text, known);
	const int n = key->text.n > 64 ? 64 : (int)key->text.n;

	if (near == NULL)
		return tg_yaml_fail(
		    f->yaml, key, err, "unknown key '%.*s'", n, key->text.p);
	return tg_yaml_fail(f->yaml, key, err,
	    "unknown key '%.*s' (did you mean '%s'?)", n, key->text.p, near);
}

int
tg_pfile_keys(const struct tg_pfile *f, const struct tg_ynode *map,
    const char *const *known, struct tg_err *err)
{
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next) {
		size_t i = 0;

		while (known[i] != NULL && !tg_sv_is(e->key->text, known[i]))
			i++;
		if (known[i] == NULL)
			return tg_pfile_unknown(f, e->key, known, err);
	}
	return 0;
}

int
tg_pfile_str(const char **out, const struct tg_pfile *f,
    const struct tg_ynode *map, const char *key, bool need, struct tg_err *err)
{
	const struct tg_ynode *node = tg_ynode_get(map, key);

	if (node == NULL) {
		if (!need)
			return 0;
		return tg_yaml_fail(
		    f->yaml, map, err, "the key '%s' is missing", key);
	}
	if (node->kind != TG_Y_SCALAR || node->text.n == 0)
		return tg_yaml_fail(
		    f->yaml, node, err, "'%s' wants a text", key);
	*out = node->text.p;
	return 0;
}

int
tg_pfile_date(int64_t *out, const struct tg_pfile *f,
    const struct tg_ynode *map, const char *key, bool need, struct tg_err *err)
{
	const char *text = NULL;
	int64_t t = 0;

	if (tg_pfile_str(&text, f, map, key, need, err) < 0)
		return -1;
	if (text != NULL &&
	    (strlen(text) != 10 || !tg_time_parse(&t, tg_sv_of(text))))
		return tg_yaml_fail(f->yaml, tg_ynode_get(map, key), err,
		    "'%s' wants a date such as 2027-06-01", key);
	*out = t;
	return 0;
}

bool
tg_pfile_name_ok(struct tg_sv s, size_t max)
{
	if (s.n == 0 || s.n > max)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7E)
			return false;
	return true;
}

bool
tg_pfile_id_ok(struct tg_sv id, struct tg_sv head, size_t max)
{
	if (!tg_sv_starts(id, head) || id.n == head.n || id.n > max)
		return false;
	for (size_t i = head.n; i < id.n; i++)
		if (!((id.p[i] >= 'A' && id.p[i] <= 'Z') ||
			(id.p[i] >= '0' && id.p[i] <= '9') || id.p[i] == '-'))
			return false;
	return true;
}

static int
text_cmp(const void *a, const void *b)
{
	const char *const *const x = a, *const *const y = b;

	return strcmp(*x, *y);
}

static int
list_items(const char **item, const struct tg_pfile *f,
    const struct tg_ynode *seq, struct tg_arena *mem, struct tg_err *err)
{
	size_t n = 0;

	for (const struct tg_ynode *e = seq->child; e != NULL; e = e->next) {
		if (e->kind != TG_Y_SCALAR ||
		    !tg_pfile_name_ok(e->text, TG_PFILE_NAME))
			return tg_yaml_fail(f->yaml, e, err,
			    "a list holds names of printable ASCII without "
			    "spaces, at most %d bytes",
			    TG_PFILE_NAME);
		for (size_t i = 0; i < n; i++)
			if (tg_sv_is(e->text, item[i]))
				return tg_yaml_fail(f->yaml, e, err,
				    "'%s' is in the list twice", item[i]);
		item[n] = tg_arena_str(mem, e->text);
		if (item[n] == NULL)
			return tg_fail_memory(err);
		n++;
	}
	return 0;
}

int
tg_pfile_list(const char *const **out, size_t *n, const struct tg_pfile *f,
    const struct tg_ynode *seq, struct tg_arena *mem, struct tg_err *err)
{
	const char **item;

	if (seq->kind != TG_Y_SEQ)
		return tg_yaml_fail(
		    f->yaml, seq, err, "a list such as [a, b] is wanted");
	if (seq->n > TG_PFILE_LIST)
		return tg_yaml_fail(
		    f->yaml, seq, err, "more than %d entries", TG_PFILE_LIST);
	item = tg_arena_calloc(mem, seq->n + 1, sizeof(*item));
	if (item == NULL)
		return tg_fail_memory(err);
	if (list_items(item, f, seq, mem, err) < 0)
		return -1;
	qsort(item, seq->n, sizeof(*item), text_cmp);
	*out = item;
	*n = seq->n;
	return 0;
}
