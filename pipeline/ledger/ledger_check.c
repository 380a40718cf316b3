/*
 * ledger_check.c - the part of ledger.h that examines a whole folder.
 *
 * Every entry is hashed and held against its tile, every tile against the
 * root, and the root is built once more from the entries alone.  Then every
 * other file below tile/: a narrower form of a tile must be the beginning of
 * the wider one.  Tiles beyond the checkpoint are an append under way or cut
 * off, which no checkpoint speaks of; they are not looked into.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/ledger/ledger_priv.h"

#include "base/banned.h"

static int
check_entry(
    struct tg_ledger *l, uint64_t index, int64_t *last, struct tg_err *err)
{
	struct tg_json *j = NULL;
	int64_t when;

	if (tg_ledger_parse(&j, l, index, err) < 0)
		return -1;
	when = tg_json_get_int(j, "time", -1);
	tg_json_free(j);
	if (when < *last)
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: the time of entry %" PRIu64
		    " is before that of the one before it",
		    l->dir, index);
	*last = when;
	return 0;
}

static int
check_entries(struct tg_ledger *l, uint64_t *examined, struct tg_err *err)
{
	uint8_t root[TG_LEDGER_HASH];
	struct tg_merkle tree;
	int64_t last = 0;

	tg_merkle_init(&tree);
	for (uint64_t i = 0; i < l->cp.size; i++) {
		struct tg_sv entry;

		if (tg_ledger_view(l, i, &entry, err) < 0 ||
		    tg_merkle_add(&tree, NULL, 0, entry.p, entry.n, err) < 0 ||
		    check_entry(l, i, &last, err) < 0)
			return -1;
		(*examined)++;
	}
	if (tg_merkle_root(&tree, root, err) < 0)
		return -1;
	if (memcmp(root, l->cp.root, sizeof(root)) != 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s/checkpoint: the entries do not give the root that it "
		    "signs",
		    l->dir);
	return 0;
}

/* The bytes that tile @t, or the first of it, must have; borrowed. */
static int
expected(struct tg_sv *out, struct tg_ledger *l, const struct tg_tile *t,
    struct tg_err *err)
{
	const uint8_t(*hash)[TG_TREE_HASH];
	const struct tg_sv *last;

	if (t->level >= 0) {
		if (tg_tiles_get(
			&hash, &l->tiles, (unsigned)t->level, t->n, err) < 0)
			return -1;
		*out = (struct tg_sv){
		    (const char *)hash, (size_t)t->width * TG_TREE_HASH};
		return 0;
	}
	if (tg_ledger_bundle(l, t->n, err) < 0)
		return -1;
	last = &l->entry[t->width - 1];
	*out = (struct tg_sv){
	    l->bundle.p, (size_t)(last->p + last->n - l->bundle.p)};
	return 0;
}

/* One path below tile/, as "tile/…". */
static int
check_file(struct tg_ledger *l, const char *path, struct tg_err *err)
{
	struct tg_tile t;
	struct tg_sv want;
	struct tg_buf b;
	unsigned got;
	int rc = -1;

	if (!tg_tile_parse(&t, tg_sv_of(path))) {
		if (strstr(path, ".tmp-") != NULL) /* base/fs.c, cut off */
			return 0;
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: a file that is no tile below tile/", l->dir);
	}
	if (t.width > tg_tile_width(t.level, t.n, l->cp.size))
		return 0;
	tg_buf_init(&b, TG_BUNDLE_MAX);
	if (tg_tile_read(&b, &got, l->dir, &t, err) < 0 ||
	    expected(&want, l, &t, err) < 0)
		goto out;
	if (got == t.width && !tg_sv_eq(tg_buf_sv(&b), want)) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s/%s: not the beginning of its tile", l->dir, path);
		goto out;
	}
	rc = 0;
out:
	tg_buf_deinit(&b);
	return rc;
}

static int
check_files(struct tg_ledger *l, struct tg_err *err)
{
	char *tiles = tg_fs_join(l->dir, "tile");
	struct tg_fs_names names = {NULL, 0};
	int rc = -1;

	if (tiles == NULL)
		return tg_fail_memory(err);
	if (tg_fs_list(&names, tiles, true, err) < 0)
		goto out;
	for (size_t i = 0; i < names.n; i++) {
		bool ok;
		char *path = tg_fs_join("tile", names.name[i]);

		if (path == NULL) {
			(void)tg_fail_memory(err);
			goto out;
		}
		ok = check_file(l, path, err) == 0;
		free(path);
		if (!ok)
			goto out;
	}
	rc = 0;
out:
	tg_fs_names_free(&names);
	free(tiles);
	return rc;
}

int
tg_ledger_check(
    const char *dir, const char *vkey, uint64_t *examined, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	int rc = -1;

	*examined = 0;
	if (tg_ledger_read(&l, dir, vkey, err) < 0)
		return -1;
	if (check_entries(l, examined, err) == 0 && check_files(l, err) == 0)
		rc = 0;
	tg_ledger_free(l);
	return rc;
}
