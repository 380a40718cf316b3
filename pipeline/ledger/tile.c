#include "pipeline/ledger/tile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/num.h"

#include "base/banned.h"

#define GROUPS 8 /* three-digit groups: enough for a 64-bit number */

void
tg_tile_path(char out[TG_TILE_PATH], const struct tg_tile *t)
{
	unsigned group[GROUPS];
	uint64_t n = t->n;
	size_t k = 0, at;

	do {
		group[k++] = (unsigned)(n % 1000);
		n /= 1000;
	} while (n != 0 && k < GROUPS);
	at = t->level == TG_TILE_ENTRIES
	    ? (size_t)snprintf(out, TG_TILE_PATH, "tile/entries")
	    : (size_t)snprintf(out, TG_TILE_PATH, "tile/%d", t->level);
	while (k-- > 0)
		at += (size_t)snprintf(out + at, TG_TILE_PATH - at,
		    k > 0 ? "/x%03u" : "/%03u", group[k]);
	if (t->width < TG_TILE_WIDTH)
		(void)snprintf(out + at, TG_TILE_PATH - at, ".p/%u", t->width);
}

/* The text before the next '/', which is taken; the rest when there is none. */
static struct tg_sv
part(struct tg_sv *s)
{
	const char *slash = s->n == 0 ? NULL : memchr(s->p, '/', s->n);
	const size_t n = slash == NULL ? s->n : (size_t)(slash - s->p);
	const struct tg_sv head = {s->p, n};
	const size_t skip = slash == NULL ? n : n + 1;

	s->p += skip;
	s->n -= skip;
	return head;
}

static bool
parse_index(uint64_t *n, bool *partial, struct tg_sv *rest)
{
	const struct tg_sv dot = TG_SV(".p");
	uint64_t sum = 0, v;

	for (int k = 0; k < GROUPS - 2; k++) { /* below 2^60: no overflow */
		struct tg_sv g = part(rest);
		const bool more = g.n == 4 && g.p[0] == 'x';

		*partial = !more && g.n == 5 &&
		    tg_sv_eq((struct tg_sv){g.p + 3, 2}, dot);
		if (!more && !*partial && g.n != 3)
			return false;
		if (!tg_parse_u64(&v, (struct tg_sv){g.p + more, 3}, 0, 999))
			return false;
		sum = sum * 1000 + v;
		if (!more) {
			*n = sum;
			return true;
		}
	}
	return false;
}

bool
tg_tile_parse(struct tg_tile *out, struct tg_sv path)
{
	struct tg_tile t = {TG_TILE_ENTRIES, 0, TG_TILE_WIDTH};
	const struct tg_sv whole = path;
	char again[TG_TILE_PATH];
	bool partial;
	struct tg_sv l;
	uint64_t v;

	if (!tg_sv_is(part(&path), "tile"))
		return false;
	l = part(&path);
	if (!tg_sv_is(l, "entries")) {
		if (!tg_parse_u64(&v, l, 0, TG_TILE_LEVELS - 1))
			return false;
		t.level = (int)v;
	}
	if (!parse_index(&t.n, &partial, &path))
		return false;
	if (partial) {
		if (!tg_parse_u64(&v, part(&path), 1, TG_TILE_WIDTH - 1))
			return false;
		t.width = (unsigned)v;
	}
	/* One spelling only: leading zeros and the like end here. */
	tg_tile_path(again, &t);
	if (!tg_sv_is(whole, again))
		return false;
	*out = t;
	return true;
}

unsigned
tg_tile_width(int level, uint64_t n, uint64_t size)
{
	const unsigned shift = level > 0 ? 8U * (unsigned)level : 0;
	const uint64_t have = size >> shift; /* hashes at this level */
	const uint64_t first = n * TG_TILE_WIDTH;

	if (have <= first)
		return 0;
	return have - first >= TG_TILE_WIDTH ? TG_TILE_WIDTH
					     : (unsigned)(have - first);
}

static int
read_one(struct tg_buf *out, const char *dir, const struct tg_tile *t,
    bool *missing, struct tg_err *err)
{
	char path[TG_TILE_PATH];
	const size_t before = out->n;
	char *full;
	int rc;

	*missing = false;
	tg_tile_path(path, t);
	full = tg_fs_join(dir, path);
	if (full == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_slurp(out, full, missing, err);
	if (*missing)
		(void)tg_fail(err, TG_E_INTEGRITY, "%s: missing", full);
	else if (rc < 0 && err != NULL && err->cls == TG_E_LIMIT)
		rc = tg_fail(err, TG_E_INTEGRITY, "%s: too long", full);
	else if (rc == 0 && t->level >= 0 &&
	    out->n - before != (size_t)t->width * TG_TREE_HASH)
		rc = tg_fail(err, TG_E_INTEGRITY,
		    "%s: %zu bytes instead of %u hashes", full, out->n - before,
		    t->width);
	free(full);
	return rc;
}

int
tg_tile_read(struct tg_buf *out, unsigned *got, const char *dir,
    const struct tg_tile *t, struct tg_err *err)
{
	struct tg_tile full = *t;
	struct tg_err second = {0};
	bool missing;

	*got = t->width;
	if (read_one(out, dir, t, &missing, err) == 0)
		return 0;
	if (!missing || t->width == TG_TILE_WIDTH)
		return -1;
	*got = full.width = TG_TILE_WIDTH;
	if (read_one(out, dir, &full, &missing, &second) == 0)
		return 0;
	if (!missing && err != NULL) /* else the first text names the file */
		*err = second;
	return -1;
}

int
tg_tile_write(const char *dir, const struct tg_tile *t, struct tg_sv bytes,
    struct tg_err *err)
{
	char path[TG_TILE_PATH];
	char *full;
	int rc = -1;

	tg_tile_path(path, t);
	full = tg_fs_join(dir, path);
	if (full == NULL)
		return tg_fail_memory(err);
	*strrchr(full, '/') = '\0';
	if (tg_fs_mkdirs(full, 0755, err) == 0) {
		full[strlen(full)] = '/';
		rc = tg_fs_write(full, bytes, 0644, TG_FS_OVERWRITE, err);
	}
	free(full);
	return rc;
}

void
tg_tile_prune(const char *dir, const struct tg_tile *full)
{
	struct tg_tile t = *full;
	char path[TG_TILE_PATH];
	char *whole;

	t.width = 1;
	tg_tile_path(path, &t);
	*strrchr(path, '/') = '\0'; /* "….p" */
	whole = tg_fs_join(dir, path);
	if (whole != NULL)
		(void)!tg_fs_remove_tree(whole, NULL);
	free(whole);
}

bool
tg_bundle_next(struct tg_sv *entry, struct tg_sv *bundle)
{
	size_t n;

	if (bundle->n < 2)
		return false;
	n = (size_t)(unsigned char)bundle->p[0] << 8 |
	    (unsigned char)bundle->p[1];
	if (bundle->n - 2 < n)
		return false;
	*entry = (struct tg_sv){bundle->p + 2, n};
	bundle->p += 2 + n;
	bundle->n -= 2 + n;
	return true;
}

int
tg_bundle_add(struct tg_buf *bundle, struct tg_sv entry, struct tg_err *err)
{
	const uint8_t len[2] = {
	    (uint8_t)(entry.n >> 8 & 0xff), (uint8_t)(entry.n & 0xff)};

	if (entry.n > TG_TILE_ENTRY_MAX)
		return tg_fail(err, TG_E_LIMIT,
		    "ledger entry of %zu bytes, at most %d are possible",
		    entry.n, TG_TILE_ENTRY_MAX);
	if (tg_buf_add(bundle, len, sizeof(len), err) < 0)
		return -1;
	return tg_buf_addsv(bundle, entry, err);
}

void
tg_tiles_init(struct tg_tiles *t, const char *dir, uint64_t size)
{
	t->dir = dir;
	t->size = size;
	for (size_t l = 0; l < TG_TILE_LEVELS; l++)
		t->at[l].is = false;
}

int
tg_tiles_get(const uint8_t (**hash)[TG_TREE_HASH], struct tg_tiles *t,
    unsigned level, uint64_t n, struct tg_err *err)
{
	struct tg_tile tile = {(int)level, n, 0};
	struct tg_buf b;
	unsigned got;
	int rc = -1;

	if (level >= TG_TILE_LEVELS)
		return tg_fail(err, TG_E_BUG, "no such tile level");
	tile.width = tg_tile_width(tile.level, n, t->size);
	if (tile.width == 0)
		return tg_fail(err, TG_E_BUG, "tile beyond the tree");
	if (t->at[level].is && t->at[level].n == n &&
	    t->at[level].width == tile.width) {
		*hash = (const uint8_t(*)[TG_TREE_HASH])t->at[level].hash;
		return 0;
	}
	tg_buf_init(&b, sizeof(t->at[level].hash));
	if (tg_tile_read(&b, &got, t->dir, &tile, err) < 0)
		goto out;
	memcpy(t->at[level].hash, b.p, (size_t)tile.width * TG_TREE_HASH);
	t->at[level].is = true;
	t->at[level].n = n;
	t->at[level].width = tile.width;
	*hash = (const uint8_t(*)[TG_TREE_HASH])t->at[level].hash;
	rc = 0;
out:
	tg_buf_deinit(&b);
	return rc;
}

int
tg_tiles_node(uint8_t out[TG_TREE_HASH], void *ctx, unsigned level,
    uint64_t index, struct tg_err *err)
{
	const unsigned up = level % 8; /* levels above the tile's hashes */
	const uint64_t first = index << up;
	uint8_t node[TG_TILE_WIDTH / 2][TG_TREE_HASH];
	const uint8_t(*hash)[TG_TREE_HASH];
	struct tg_tiles *t = ctx;
	size_t n = (size_t)1 << up;

	if (tg_tiles_get(&hash, t, level / 8, first / TG_TILE_WIDTH, err) < 0)
		return -1;
	hash += first % TG_TILE_WIDTH;
	if (n == 1) {
		memcpy(out, hash[0], TG_TREE_HASH);
		return 0;
	}
	n /= 2;
	for (size_t i = 0; i < n; i++)
		tg_tree_node(node[i], hash[2 * i], hash[2 * i + 1]);
	for (; n > 1; n /= 2)
		for (size_t i = 0; i < n / 2; i++)
			tg_tree_node(node[i], node[2 * i], node[2 * i + 1]);
	memcpy(out, node[0], TG_TREE_HASH);
	return 0;
}
