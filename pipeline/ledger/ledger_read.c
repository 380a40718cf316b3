/*
 * ledger_read.c - the part of ledger.h that looks: no lock, no key, nothing
 * written.  Whatever is handed out was proven under the signed root first.
 */
#include "pipeline/ledger/ledger_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/fs.h"

#include "base/banned.h"

int
tg_ledger_new(struct tg_ledger **out, const char *dir, struct tg_err *err)
{
	struct tg_ledger *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return tg_fail_memory(err);
	l->lock = -1;
	tg_buf_init(&l->note, TG_NOTE_MAX);
	tg_buf_init(&l->bundle, TG_BUNDLE_MAX);
	l->dir = strdup(dir);
	if (l->dir == NULL) {
		tg_ledger_free(l);
		return tg_fail_memory(err);
	}
	tg_tiles_init(&l->tiles, l->dir, 0);
	*out = l;
	return 0;
}

void
tg_ledger_free(struct tg_ledger *l)
{
	if (l == NULL)
		return;
	if (l->lock >= 0)
		(void)close(l->lock);
	tg_note_key_free(l->key);
	tg_buf_deinit(&l->note);
	tg_buf_deinit(&l->bundle);
	free(l->dir);
	free(l->state);
	free(l);
}

int
tg_ledger_root(uint8_t out[TG_LEDGER_HASH], struct tg_ledger *l, uint64_t size,
    struct tg_err *err)
{
	tg_tiles_init(&l->tiles, l->dir, size);
	return tg_tree_root(out, size, tg_tiles_node, &l->tiles, err);
}

int
tg_ledger_load(struct tg_ledger *l, bool *missing, struct tg_err *err)
{
	uint8_t root[TG_LEDGER_HASH];
	char *path = tg_fs_join(l->dir, "checkpoint");
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	tg_buf_reset(&l->note);
	l->n_entry = 0;
	if (tg_fs_slurp(&l->note, path, missing, err) < 0) {
		if (!*missing)
			goto out;
		tg_err_clear(err);
		memcpy(l->cp.origin, l->pub.name, sizeof(l->cp.origin));
		l->cp.size = 0;
		tg_tree_empty(l->cp.root);
		tg_tiles_init(&l->tiles, l->dir, 0);
		rc = 0;
		goto out;
	}
	if (tg_checkpoint_open(
		&l->cp, &l->pub, NULL, tg_buf_sv(&l->note), err) < 0) {
		(void)tg_fail_in(err, "%s", path);
		goto out;
	}
	if (tg_ledger_root(root, l, l->cp.size, err) < 0)
		goto out;
	if (memcmp(root, l->cp.root, sizeof(root)) != 0) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: the tiles do not give the root that it signs", path);
		goto out;
	}
	rc = 0;
out:
	free(path);
	return rc;
}

/* The folder's own log.vkey. */
static int
read_vkey(struct tg_buf *out, const char *dir, struct tg_err *err)
{
	char *path = tg_fs_join(dir, "log.vkey");
	bool missing;
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_slurp(out, path, &missing, err);
	if (rc < 0 && missing)
		(void)tg_fail(err, TG_E_INTEGRITY, "%s: missing", path);
	if (rc == 0 && (out->n == 0 || out->p[out->n - 1] != '\n'))
		rc = tg_fail(err, TG_E_INTEGRITY,
		    "%s: not one line with a verifier key", path);
	free(path);
	return rc;
}

int
tg_ledger_read(struct tg_ledger **out, const char *dir, const char *vkey,
    struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	struct tg_sv own, use;
	struct tg_buf b;
	bool missing;
	int rc = -1;

	tg_buf_init(&b, TG_NOTE_VKEY_MAX);
	if (read_vkey(&b, dir, err) < 0 || tg_ledger_new(&l, dir, err) < 0)
		goto out;
	own = (struct tg_sv){b.p, b.n - 1};
	use = vkey == NULL ? own : tg_sv_of(vkey);
	if (!tg_sv_eq(own, use)) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s/log.vkey: not the verifier key that is expected", dir);
		goto out;
	}
	if (tg_note_pub(&l->pub, use, err) < 0) {
		if (err != NULL)
			err->cls = TG_E_INTEGRITY;
		(void)tg_fail_in(err, "%s/log.vkey", dir);
		goto out;
	}
	tg_note_vkey(l->vkey, &l->pub);
	if (tg_ledger_load(l, &missing, err) < 0)
		goto out;
	if (missing) {
		(void)tg_fail(
		    err, TG_E_INTEGRITY, "%s/checkpoint: missing", dir);
		goto out;
	}
	*out = l;
	l = NULL;
	rc = 0;
out:
	tg_buf_deinit(&b);
	tg_ledger_free(l);
	return rc;
}

uint64_t
tg_ledger_size(const struct tg_ledger *l)
{
	return l->cp.size;
}

const char *
tg_ledger_origin(const struct tg_ledger *l)
{
	return l->cp.origin;
}

const char *
tg_ledger_vkey(const struct tg_ledger *l)
{
	return l->vkey;
}

struct tg_sv
tg_ledger_checkpoint(const struct tg_ledger *l)
{
	return tg_buf_sv(&l->note);
}

static int
bad_bundle(const struct tg_tile *t, const char *dir, const char *what,
    struct tg_err *err)
{
	char path[TG_TILE_PATH];

	tg_tile_path(path, t);
	return tg_fail(err, TG_E_INTEGRITY, "%s/%s: %s", dir, path, what);
}

/* Cuts the loaded bytes into @want entries; @got is what the file holds. */
static int
split(struct tg_ledger *l, const struct tg_tile *t, unsigned got,
    struct tg_err *err)
{
	struct tg_sv rest = tg_buf_sv(&l->bundle), extra;
	unsigned k = 0;

	for (; k < t->width; k++)
		if (!tg_bundle_next(&l->entry[k], &rest))
			return bad_bundle(t, l->dir, "cut short", err);
	for (; k < got; k++)
		if (!tg_bundle_next(&extra, &rest))
			return bad_bundle(t, l->dir, "cut short", err);
	if (rest.n != 0)
		return bad_bundle(t, l->dir, "bytes after the last entry", err);
	return 0;
}

/*
 * Each entry against its leaf in the tile, then the tile under the root: the
 * audit path of any one leaf takes in every hash of its tile.
 */
static int
prove(struct tg_ledger *l, const struct tg_tile *t, struct tg_err *err)
{
	const uint64_t first = t->n * TG_TILE_WIDTH;
	const uint8_t(*leaf)[TG_TREE_HASH];
	struct tg_tile hashes = {0, t->n, t->width};
	struct tg_tree_proof path;
	uint8_t h[TG_TREE_HASH];

	if (tg_tiles_get(&leaf, &l->tiles, 0, t->n, err) < 0)
		return -1;
	for (unsigned k = 0; k < t->width; k++) {
		tg_tree_leaf(h, l->entry[k].p, l->entry[k].n);
		if (memcmp(h, leaf[k], sizeof(h)) != 0)
			return bad_bundle(t, l->dir,
			    "an entry does not have the hash in its tile", err);
	}
	memcpy(h, leaf[0], sizeof(h));
	if (tg_tree_include(
		&path, first, l->cp.size, tg_tiles_node, &l->tiles, err) < 0)
		return -1;
	if (!tg_tree_included(h, first, l->cp.size, &path, l->cp.root))
		return bad_bundle(
		    &hashes, l->dir, "not in the tree that is signed", err);
	return 0;
}

int
tg_ledger_bundle(struct tg_ledger *l, uint64_t n, struct tg_err *err)
{
	struct tg_tile t = {TG_TILE_ENTRIES, n, 0};
	unsigned got;

	t.width = tg_tile_width(t.level, n, l->cp.size);
	if (l->n_entry == t.width && l->bundle_n == n)
		return 0;
	l->n_entry = 0;
	tg_buf_reset(&l->bundle);
	if (tg_tile_read(&l->bundle, &got, l->dir, &t, err) < 0 ||
	    split(l, &t, got, err) < 0 || prove(l, &t, err) < 0)
		return -1;
	l->n_entry = t.width;
	l->bundle_n = n;
	return 0;
}

int
tg_ledger_view(struct tg_ledger *l, uint64_t index, struct tg_sv *entry,
    struct tg_err *err)
{
	if (index >= l->cp.size)
		return tg_fail(err, TG_E_USAGE,
		    "ledger has no entry %" PRIu64 ", it has %" PRIu64, index,
		    l->cp.size);
	if (tg_ledger_bundle(l, index / TG_TILE_WIDTH, err) < 0)
		return -1;
	*entry = l->entry[index % TG_TILE_WIDTH];
	return 0;
}

int
tg_ledger_entry(
    struct tg_ledger *l, uint64_t index, struct tg_buf *out, struct tg_err *err)
{
	struct tg_sv entry;

	if (tg_ledger_view(l, index, &entry, err) < 0)
		return -1;
	return tg_buf_addsv(out, entry, err);
}

int
tg_ledger_parse(struct tg_json **out, struct tg_ledger *l, uint64_t index,
    struct tg_err *err)
{
	struct tg_json *j = NULL;
	struct tg_sv entry;

	if (tg_ledger_view(l, index, &entry, err) < 0)
		return -1;
	if (tg_json_parse(&j, entry, "entry", err) < 0 ||
	    tg_json_get_int(j, "v", -1) != 1 ||
	    tg_json_get_int(j, "seq", -1) != (int64_t)index ||
	    tg_json_get_int(j, "time", -1) < 0 ||
	    tg_json_get_str(j, "type", "")[0] == '\0') {
		tg_json_free(j);
		if (err != NULL && err->cls == TG_E_MEMORY)
			return -1;
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: entry %" PRIu64 " is not a ledger entry of version 1",
		    l->dir, index);
	}
	*out = j;
	return 0;
}

int
tg_ledger_needle(struct tg_buf *out, const char *value, struct tg_err *err)
{
	struct tg_json *j = tg_json_str(tg_sv_of(value));
	int rc;

	if (j == NULL && tg_utf8_valid(tg_sv_of(value)) == strlen(value))
		return tg_fail_memory(err);
	if (j == NULL)
		return tg_fail(
		    err, TG_E_USAGE, "not text that a ledger entry can hold");
	rc = tg_json_canonical(out, j, err);
	if (rc == 0)
		out->n--; /* without the LF of the canonical form */
	tg_json_free(j);
	return rc;
}

int
tg_ledger_mentions(bool *yes, struct tg_ledger *l, uint64_t index,
    const struct tg_buf *needle, struct tg_err *err)
{
	struct tg_sv entry;

	if (tg_ledger_view(l, index, &entry, err) < 0)
		return -1;
	*yes = memmem(entry.p, entry.n, needle->p, needle->n) != NULL;
	return 0;
}

/* Entry @index parsed, or NULL when it does not hold @needle. */
static int
parse_holding(struct tg_json **out, struct tg_ledger *l, uint64_t index,
    const struct tg_buf *needle, struct tg_err *err)
{
	bool holds;

	*out = NULL;
	if (tg_ledger_mentions(&holds, l, index, needle, err) < 0)
		return -1;
	return holds ? tg_ledger_parse(out, l, index, err) : 0;
}

int
tg_ledger_find(struct tg_ledger *l, const char *type, const char *key,
    const char *value, int64_t *index, struct tg_err *err)
{
	int64_t found = -1;
	struct tg_buf needle;
	int rc = -1;

	tg_buf_init(&needle, TG_LEDGER_ENTRY_MAX);
	if (tg_ledger_needle(&needle, value, err) < 0)
		goto out;
	for (uint64_t i = l->cp.size; found < 0 && i-- > 0;) {
		struct tg_json *j;

		if (parse_holding(&j, l, i, &needle, err) < 0)
			goto out;
		if (j != NULL &&
		    strcmp(tg_json_get_str(j, "type", ""), type) == 0 &&
		    strcmp(tg_json_get_str(j, key, ""), value) == 0)
			found = (int64_t)i;
		tg_json_free(j);
	}
	*index = found;
	rc = 0;
out:
	tg_buf_deinit(&needle);
	return rc;
}

int
tg_ledger_each(struct tg_ledger *l, const char *key, const char *value,
    int (*fn)(void *ctx, uint64_t index, const struct tg_json *entry,
	struct tg_err *err),
    void *ctx, struct tg_err *err)
{
	struct tg_buf needle;
	int rc = -1;

	tg_buf_init(&needle, TG_LEDGER_ENTRY_MAX);
	if (tg_ledger_needle(&needle, value, err) < 0)
		goto out;
	for (uint64_t i = 0; i < l->cp.size; i++) {
		struct tg_json *j;

		rc = parse_holding(&j, l, i, &needle, err);
		if (rc == 0 && j != NULL &&
		    strcmp(tg_json_get_str(j, key, ""), value) == 0)
			rc = fn(ctx, i, j, err);
		tg_json_free(j);
		if (rc != 0)
			goto out;
	}
	rc = 0;
out:
	tg_buf_deinit(&needle);
	return rc;
}
