/*
 * ledger.c - the part of ledger.h that writes an entry.  The order of the
 * steps and why: promise.c.
 */
#include "pipeline/ledger/ledger.h"

#include "base/enc.h"
#include "pipeline/ledger/ledger_priv.h"

#include "base/banned.h"

#define NONCE 16 /* bytes: a hash of a known text must not be guessable */

/* @body with our members; what it brings under their names is our bug. */
static int
entry_bytes(struct tg_buf *out, struct tg_ledger *l, const char *type,
    struct tg_json *body, int64_t *when, struct tg_err *err)
{
	static const char *const ours[] = {"v", "type", "time", "seq", "nonce"};
	const int64_t now = l->env.now(l->env.ctx);
	uint8_t nonce[NONCE];
	char hex[2 * NONCE + 1];
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(ours); i++)
		if (tg_json_get(body, ours[i]) != NULL)
			return tg_fail(err, TG_E_BUG,
			    "ledger entry brings its own \"%s\"", ours[i]);
	l->env.random(l->env.ctx, nonce, sizeof(nonce));
	tg_hex(hex, nonce, sizeof(nonce));
	*when = now > l->last_time ? now : l->last_time;
	bad |= tg_json_set_int(body, "v", 1);
	bad |= tg_json_set_str(body, "type", type);
	bad |= tg_json_set_int(body, "time", *when);
	bad |= tg_json_set_int(body, "seq", (int64_t)l->cp.size);
	bad |= tg_json_set_str(body, "nonce", hex);
	if (bad != 0)
		return tg_fail_memory(err);
	if (tg_json_canonical(out, body, err) < 0) {
		if (err != NULL && err->cls == TG_E_LIMIT)
			return tg_fail(err, TG_E_LIMIT,
			    "ledger entry is over %d bytes",
			    TG_LEDGER_ENTRY_MAX);
		return -1;
	}
	return 0;
}

/* The right edge with @leaf added: the tile of each level that changes, and
 * one level more for each that is full now. */
static int
write_tiles(
    struct tg_ledger *l, const uint8_t leaf[TG_TREE_HASH], struct tg_err *err)
{
	uint8_t add[TG_TREE_HASH], tile[TG_TILE_WIDTH][TG_TREE_HASH];
	uint64_t index = l->cp.size; /* of what is added, at this level */

	memcpy(add, leaf, sizeof(add));
	for (unsigned level = 0; level < TG_TILE_LEVELS; level++) {
		struct tg_tile t = {(int)level, index / TG_TILE_WIDTH, 0};
		const unsigned w = (unsigned)(index % TG_TILE_WIDTH);
		const uint8_t(*hash)[TG_TREE_HASH];

		if (w > 0) {
			if (tg_tiles_get(&hash, &l->tiles, level, t.n, err) < 0)
				return -1;
			memcpy(tile, hash, (size_t)w * TG_TREE_HASH);
		}
		memcpy(tile[w], add, TG_TREE_HASH);
		t.width = w + 1;
		if (tg_tile_write(l->dir, &t,
			(struct tg_sv){
			    (const char *)tile, (size_t)t.width * TG_TREE_HASH},
			err) < 0)
			return -1;
		if (t.width < TG_TILE_WIDTH)
			return 0;
		for (size_t n = TG_TILE_WIDTH; n > 1; n /= 2)
			for (size_t i = 0; i < n / 2; i++)
				tg_tree_node(
				    tile[i], tile[2 * i], tile[2 * i + 1]);
		memcpy(add, tile[0], sizeof(add));
		index /= TG_TILE_WIDTH;
	}
	return tg_fail(err, TG_E_LIMIT, "the ledger is full");
}

static int
write_entry(struct tg_ledger *l, struct tg_sv entry, struct tg_err *err)
{
	const uint64_t n = l->cp.size / TG_TILE_WIDTH;
	const unsigned w = (unsigned)(l->cp.size % TG_TILE_WIDTH);
	const struct tg_tile t = {TG_TILE_ENTRIES, n, w + 1};
	uint8_t leaf[TG_TREE_HASH];
	int rc;

	if (w > 0) {
		if (tg_ledger_bundle(l, n, err) < 0)
			return -1;
	} else {
		tg_buf_reset(&l->bundle);
	}
	l->n_entry = 0; /* the buffer changes under the views */
	tg_tree_leaf(leaf, entry.p, entry.n);
	rc = tg_bundle_add(&l->bundle, entry, err);
	if (rc == 0)
		rc = tg_tile_write(l->dir, &t, tg_buf_sv(&l->bundle), err);
	if (rc == 0)
		rc = write_tiles(l, leaf, err);
	return rc;
}

/* The partial tiles below a tile that is full now. */
static void
prune(const struct tg_ledger *l)
{
	struct tg_tile t = {
	    TG_TILE_ENTRIES, (l->cp.size - 1) / TG_TILE_WIDTH, TG_TILE_WIDTH};
	uint64_t have = l->cp.size;

	if (have % TG_TILE_WIDTH != 0)
		return;
	tg_tile_prune(l->dir, &t);
	for (t.level = 0; have % TG_TILE_WIDTH == 0; t.level++) {
		t.n = have / TG_TILE_WIDTH - 1;
		tg_tile_prune(l->dir, &t);
		have /= TG_TILE_WIDTH;
	}
}

int
tg_ledger_append(struct tg_ledger *l, const char *type,
    struct tg_json *take_body, uint64_t *index, struct tg_err *err)
{
	struct tg_buf entry;
	int64_t when = 0;
	int rc = -1;

	tg_buf_init(&entry, TG_LEDGER_ENTRY_MAX);
	if (l->key == NULL) {
		(void)tg_fail(err, TG_E_BUG, "ledger is open for reading only");
		goto out;
	}
	if (l->broken) {
		(void)tg_fail(err, TG_E_IO,
		    "%s: the append before did not finish", l->dir);
		goto out;
	}
	if (take_body == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (entry_bytes(&entry, l, type, take_body, &when, err) < 0)
		goto out;
	l->broken = true;
	if (write_entry(l, tg_buf_sv(&entry), err) < 0 ||
	    tg_ledger_commit(l, err) < 0)
		goto out;
	prune(l);
	l->broken = false;
	l->last_time = when;
	*index = l->cp.size - 1;
	rc = 0;
out:
	tg_buf_deinit(&entry);
	tg_json_free(take_body);
	return rc;
}

int
tg_ledger_note(struct tg_ledger *l, const char *origin, uint64_t n,
    const uint8_t root[TG_LEDGER_HASH], struct tg_buf *out, struct tg_err *err)
{
	const struct tg_sv own = tg_sv_of(l->pub.name);
	const struct tg_sv name = tg_sv_of(origin);
	struct tg_checkpoint c;
	struct tg_buf text;
	int rc = -1;

	/* Below our own name: a note on records never passes for a checkpoint
	 * of the ledger. */
	if (l->key == NULL || !tg_note_name_ok(name) ||
	    !tg_sv_starts(name, own) || name.n < own.n + 2 ||
	    name.p[own.n] != '/')
		return tg_fail(err, TG_E_BUG,
		    "not an origin below that of the ledger: %s", origin);
	memcpy(c.origin, name.p, name.n + 1);
	c.size = n;
	memcpy(c.root, root, sizeof(c.root));
	tg_buf_init(&text, TG_NOTE_VKEY_MAX + 128);
	if (tg_checkpoint_text(&text, &c, err) == 0)
		rc = tg_note_sign(out, l->key, tg_buf_sv(&text), err);
	tg_buf_deinit(&text);
	return rc;
}
