/*
 * proof.c - the part of ledger.h that proves: c2sp.org/tlog-proof@v1 and the
 * body of a tlog-witness add-checkpoint request, written and checked.
 */
#include <inttypes.h>

#include "base/enc.h"
#include "base/num.h"
#include "pipeline/ledger/ledger_priv.h"

#include "base/banned.h"

#define PROOF_HEAD "c2sp.org/tlog-proof@v1\n"

static int
add_hashes(
    struct tg_buf *out, const struct tg_tree_proof *proof, struct tg_err *err)
{
	for (size_t i = 0; i < proof->n; i++)
		if (tg_b64_add(out, proof->hash[i], TG_TREE_HASH, TG_B64_PADDED,
			err) < 0 ||
		    tg_buf_addc(out, '\n', err) < 0)
			return -1;
	return 0;
}

/* On failure @out is what it was. */
static int
undo(struct tg_buf *out, size_t n)
{
	out->n = n;
	if (out->p != NULL)
		out->p[n] = '\0';
	return -1;
}

int
tg_ledger_prove(
    struct tg_ledger *l, uint64_t index, struct tg_buf *out, struct tg_err *err)
{
	const size_t before = out->n;
	struct tg_tree_proof proof;
	uint8_t leaf[TG_TREE_HASH];
	struct tg_sv entry;

	if (tg_ledger_view(l, index, &entry, err) < 0 ||
	    tg_tree_include(
		&proof, index, l->cp.size, tg_tiles_node, &l->tiles, err) < 0)
		return -1;
	tg_tree_leaf(leaf, entry.p, entry.n);
	if (!tg_tree_included(leaf, index, l->cp.size, &proof, l->cp.root))
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: the tiles changed while they were read", l->dir);
	if (tg_buf_addf(out, err, PROOF_HEAD "index %" PRIu64 "\n", index) <
		0 ||
	    add_hashes(out, &proof, err) < 0 ||
	    tg_buf_addc(out, '\n', err) < 0 ||
	    tg_buf_addsv(out, tg_buf_sv(&l->note), err) < 0)
		return undo(out, before);
	return 0;
}

int
tg_ledger_consistency(
    struct tg_ledger *l, uint64_t old, struct tg_buf *out, struct tg_err *err)
{
	const size_t before = out->n;
	struct tg_tree_proof proof;
	uint8_t root[TG_TREE_HASH];

	if (old > l->cp.size)
		return tg_fail(err, TG_E_NO,
		    "the ledger has %" PRIu64 " entries, not %" PRIu64
		    " or more",
		    l->cp.size, old);
	if (tg_tree_root(root, old, tg_tiles_node, &l->tiles, err) < 0 ||
	    tg_tree_consist(
		&proof, old, l->cp.size, tg_tiles_node, &l->tiles, err) < 0)
		return -1;
	if (!tg_tree_consistent(old, root, l->cp.size, l->cp.root, &proof))
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: the tiles are not those of the signed tree", l->dir);
	if (tg_buf_addf(out, err, "old %" PRIu64 "\n", old) < 0 ||
	    add_hashes(out, &proof, err) < 0 ||
	    tg_buf_addc(out, '\n', err) < 0 ||
	    tg_buf_addsv(out, tg_buf_sv(&l->note), err) < 0)
		return undo(out, before);
	return 0;
}

/* The head of a proof up to the blank line; *@s moves to the checkpoint. */
static bool
parse_proof(struct tg_tree_proof *proof, uint64_t *index, struct tg_sv *s)
{
	const struct tg_sv head = TG_SV(PROOF_HEAD "index ");
	const char *lf;
	struct tg_sv line;
	size_t n;

	if (!tg_sv_starts(*s, head))
		return false;
	*s = (struct tg_sv){s->p + head.n, s->n - head.n};
	proof->n = 0;
	for (bool first = true;; first = false) {
		lf = s->n == 0 ? NULL : memchr(s->p, '\n', s->n);
		if (lf == NULL)
			return false;
		line = (struct tg_sv){s->p, (size_t)(lf - s->p)};
		*s = (struct tg_sv){lf + 1, s->n - line.n - 1};
		if (first) {
			if (!tg_parse_u64(index, line, 0, TG_TREE_MAX) ||
			    (line.n > 1 && line.p[0] == '0'))
				return false;
			continue;
		}
		if (line.n == 0)
			return true;
		if (proof->n == TG_TREE_PROOF ||
		    !tg_b64_decode(proof->hash[proof->n], TG_TREE_HASH, &n,
			line, TG_B64_PADDED) ||
		    n != TG_TREE_HASH)
			return false;
		proof->n++;
	}
}

int
tg_proof_check(struct tg_sv proof, struct tg_sv entry, const char *vkey,
    uint64_t *index, struct tg_err *err)
{
	struct tg_tree_proof path;
	uint8_t leaf[TG_TREE_HASH];
	struct tg_checkpoint cp;
	struct tg_note_pub pub;
	uint64_t at;

	if (tg_note_pub(&pub, tg_sv_of(vkey), err) < 0)
		return -1;
	if (!parse_proof(&path, &at, &proof))
		return tg_fail(err, TG_E_INTEGRITY,
		    "not a tlog-proof of version 1 without extra data");
	if (tg_checkpoint_open(&cp, &pub, NULL, proof, err) < 0)
		return -1;
	tg_tree_leaf(leaf, entry.p, entry.n);
	if (!tg_tree_included(leaf, at, cp.size, &path, cp.root))
		return tg_fail(err, TG_E_INTEGRITY,
		    "the entry is not in the ledger at the place the proof "
		    "says");
	*index = at;
	return 0;
}
