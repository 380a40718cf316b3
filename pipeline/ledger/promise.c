/*
 * promise.c - the order that makes an append safe (each step durable before
 * the next):
 *
 *	entries, tiles   no checkpoint needs them yet; a leftover is replaced
 *	last-signed      the key's promise: "I sign this tree and no other"
 *	checkpoint       the signature itself
 *
 * So a crash leaves the old tree, or a promise without its signature, which
 * opening again keeps when the tiles hold what was promised.  A checkpoint
 * that is behind the promise by more than that, or differs from it, is a
 * rollback or a fork, and nothing is signed any more.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/ledger/ledger_priv.h"

#include "base/banned.h"

int
tg_ledger_write_in(const char *dir, const char *name, struct tg_sv bytes,
    mode_t mode, int how, struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_write(path, bytes, mode, how, err);
	free(path);
	return rc;
}

int
tg_ledger_slurp_in(struct tg_buf *out, const char *dir, const char *name,
    bool *missing, struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	int rc;

	*missing = false; /* out of memory is not "no such file" */
	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_slurp(out, path, missing, err);
	free(path);
	return rc;
}

/* What our key has promised; *@missing when it never did. */
static int
load_signed(struct tg_checkpoint *out, struct tg_ledger *l, bool *missing,
    struct tg_err *err)
{
	struct tg_buf b;
	int rc;

	tg_buf_init(&b, TG_NOTE_VKEY_MAX + 128);
	rc = tg_ledger_slurp_in(&b, l->state, "last-signed", missing, err);
	if (rc < 0 && *missing) {
		tg_err_clear(err);
		rc = 0;
	} else if (rc == 0) {
		rc = tg_checkpoint_parse(out, tg_buf_sv(&b), err);
		if (rc == 0 && strcmp(out->origin, l->pub.name) != 0)
			rc = tg_fail(err, TG_E_INTEGRITY, "another ledger's");
		if (rc < 0)
			(void)tg_fail_in(err, "%s/last-signed", l->state);
	}
	tg_buf_deinit(&b);
	return rc;
}

static int
write_signed(
    struct tg_ledger *l, const struct tg_checkpoint *cp, struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, TG_NOTE_VKEY_MAX + 128);
	if (tg_checkpoint_text(&b, cp, err) == 0)
		rc = tg_ledger_write_in(l->state, "last-signed", tg_buf_sv(&b),
		    0600, TG_FS_OVERWRITE, err);
	tg_buf_deinit(&b);
	return rc;
}

static int
write_checkpoint(
    struct tg_ledger *l, const struct tg_checkpoint *cp, struct tg_err *err)
{
	struct tg_buf text, note;
	int rc = -1;

	tg_buf_init(&text, TG_NOTE_VKEY_MAX + 128);
	tg_buf_init(&note, TG_NOTE_MAX);
	if (tg_checkpoint_text(&text, cp, err) < 0 ||
	    tg_note_sign(&note, l->key, tg_buf_sv(&text), err) < 0 ||
	    tg_ledger_write_in(l->dir, "checkpoint", tg_buf_sv(&note), 0644,
		TG_FS_OVERWRITE, err) < 0)
		goto out;
	tg_buf_reset(&l->note);
	if (tg_buf_addsv(&l->note, tg_buf_sv(&note), err) < 0)
		goto out;
	l->cp = *cp;
	rc = 0;
out:
	tg_buf_deinit(&text);
	tg_buf_deinit(&note);
	return rc;
}

/* The tiles hold the tree @next and it only adds to the one we have. */
static int
check_grows(
    struct tg_ledger *l, const struct tg_checkpoint *next, struct tg_err *err)
{
	struct tg_tree_proof proof;
	uint8_t root[TG_LEDGER_HASH];

	if (tg_ledger_root(root, l, next->size, err) < 0 ||
	    tg_tree_consist(&proof, l->cp.size, next->size, tg_tiles_node,
		&l->tiles, err) < 0)
		return -1;
	if (memcmp(root, next->root, sizeof(root)) != 0 ||
	    !tg_tree_consistent(
		l->cp.size, l->cp.root, next->size, next->root, &proof))
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: the tiles do not continue the tree that was signed",
		    l->dir);
	return 0;
}

/* The promise is one entry ahead: an append was cut off between last-signed
 * and checkpoint.  Kept, when the tiles hold exactly that. */
static int
roll_forward(struct tg_ledger *l, const struct tg_checkpoint *promised,
    struct tg_err *err)
{
	const struct tg_checkpoint before = l->cp;

	if (check_grows(l, promised, err) < 0)
		return tg_fail_in(err,
		    "ROLLBACK: the key has signed %" PRIu64 " entries",
		    promised->size);
	l->cp = *promised;
	if (tg_ledger_bundle(l, (promised->size - 1) / TG_TILE_WIDTH, err) <
	    0) {
		l->cp = before;
		return -1;
	}
	l->cp = before;
	return write_checkpoint(l, promised, err);
}

/* The folder's tree against what our key has promised. */
int
tg_ledger_settle(struct tg_ledger *l, bool *missing, struct tg_err *err)
{
	struct tg_checkpoint promised;
	bool never;

	if (tg_ledger_load(l, missing, err) < 0 ||
	    load_signed(&promised, l, &never, err) < 0)
		return -1;
	if (never) {
		if (*missing)
			return 0;
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s/last-signed: missing, so that a rollback of the ledger "
		    "cannot be told",
		    l->state);
	}
	if (promised.size == l->cp.size && !*missing &&
	    memcmp(promised.root, l->cp.root, sizeof(promised.root)) == 0)
		return 0;
	if (promised.size == l->cp.size + 1) {
		*missing = false;
		return roll_forward(l, &promised, err);
	}
	if (promised.size == l->cp.size && !*missing)
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s/checkpoint: FORK: the key has signed another tree of "
		    "%" PRIu64 " entries",
		    l->dir, l->cp.size);
	if (promised.size < l->cp.size)
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s/checkpoint: FORK: it has %" PRIu64
		    " entries, the state folder knows of %" PRIu64,
		    l->dir, l->cp.size, promised.size);
	return tg_fail(err, TG_E_INTEGRITY,
	    "%s/checkpoint: ROLLBACK: %s%" PRIu64
	    " entries, the key has signed %" PRIu64,
	    l->dir, *missing ? "missing, " : "", l->cp.size, promised.size);
}

int
tg_ledger_commit(struct tg_ledger *l, struct tg_err *err)
{
	struct tg_checkpoint next = l->cp;

	next.size++;
	if (tg_ledger_root(next.root, l, next.size, err) < 0 ||
	    check_grows(l, &next, err) < 0 || write_signed(l, &next, err) < 0)
		return -1;
	return write_checkpoint(l, &next, err);
}
