/*
 * merkle.c - the part of ledger.h for the record commitments of a bundle: a
 * binary counter of complete subtrees, node[k] valid where bit k of n is set.
 */
#include "base/digest.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/tree.h"

#include "base/banned.h"

void
tg_merkle_init(struct tg_merkle *m)
{
	m->n = 0;
}

int
tg_merkle_add(struct tg_merkle *m, const void *salt, size_t n_salt,
    const void *p, size_t n, struct tg_err *err)
{
	static const uint8_t zero = 0;
	uint8_t h[TG_LEDGER_HASH];
	struct tg_sha256 sha;

	if (tg_sha256_init(&sha, err) < 0)
		return -1;
	tg_sha256_add(&sha, &zero, 1);
	if (n_salt != 0)
		tg_sha256_add(&sha, salt, n_salt);
	if (n != 0)
		tg_sha256_add(&sha, p, n);
	tg_sha256_end(&sha, h);
	return tg_merkle_add_hash(m, h, err);
}

int
tg_merkle_add_hash(
    struct tg_merkle *m, const uint8_t leaf[TG_LEDGER_HASH], struct tg_err *err)
{
	uint8_t h[TG_LEDGER_HASH];
	unsigned k = 0;

	if (m->n >= TG_TREE_MAX)
		return tg_fail(err, TG_E_LIMIT, "too many records for a tree");
	memcpy(h, leaf, sizeof(h));
	for (; (m->n >> k & 1) != 0; k++)
		tg_tree_node(h, m->node[k], h);
	memcpy(m->node[k], h, sizeof(h));
	m->n++;
	return 0;
}

int
tg_merkle_root(
    const struct tg_merkle *m, uint8_t out[TG_LEDGER_HASH], struct tg_err *err)
{
	bool some = false;

	if (m->n > TG_TREE_MAX)
		return tg_fail(err, TG_E_BUG, "not a tree that was begun");
	tg_tree_empty(out);
	for (unsigned k = 0; m->n >> k != 0; k++) {
		if ((m->n >> k & 1) == 0)
			continue;
		if (some)
			tg_tree_node(out, m->node[k], out);
		else
			memcpy(out, m->node[k], TG_LEDGER_HASH);
		some = true;
	}
	return 0;
}
