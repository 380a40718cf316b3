#include "pipeline/ledger/tree.h"

#include <sodium.h>
#include <string.h>

#include "base/banned.h"

void
tg_tree_empty(uint8_t out[TG_TREE_HASH])
{
	(void)crypto_hash_sha256(out, (const uint8_t *)"", 0);
}

void
tg_tree_leaf(uint8_t out[TG_TREE_HASH], const void *p, size_t n)
{
	static const uint8_t zero = 0;
	crypto_hash_sha256_state h;

	(void)crypto_hash_sha256_init(&h);
	(void)crypto_hash_sha256_update(&h, &zero, 1);
	if (n != 0)
		(void)crypto_hash_sha256_update(&h, p, n);
	(void)crypto_hash_sha256_final(&h, out);
}

void
tg_tree_node(uint8_t out[TG_TREE_HASH], const uint8_t left[TG_TREE_HASH],
    const uint8_t right[TG_TREE_HASH])
{
	uint8_t in[1 + 2 * TG_TREE_HASH];

	in[0] = 1;
	memcpy(in + 1, left, TG_TREE_HASH);
	memcpy(in + 1 + TG_TREE_HASH, right, TG_TREE_HASH);
	(void)crypto_hash_sha256(out, in, sizeof(in));
}

/* log2 of the largest power of two that is at most @n (n > 0). */
static unsigned
log2_at_most(uint64_t n)
{
	return 63U - (unsigned)__builtin_clzll(n);
}

/*
 * Root of leaves @lo up to @hi, where @lo is a multiple of the largest power
 * of two at most hi - lo: complete subtrees left to right, folded from the
 * right.
 */
static int
range(uint8_t out[TG_TREE_HASH], uint64_t lo, uint64_t hi, tg_tree_node_fn node,
    void *ctx, struct tg_err *err)
{
	uint8_t part[64][TG_TREE_HASH];
	size_t n = 0;

	do { /* never empty */
		const unsigned l = log2_at_most(hi - lo);

		if (node(part[n++], ctx, l, lo >> l, err) < 0)
			return -1;
		lo += (uint64_t)1 << l;
	} while (lo < hi);
	memcpy(out, part[--n], TG_TREE_HASH);
	while (n > 0)
		tg_tree_node(out, part[--n], out);
	return 0;
}

int
tg_tree_root(uint8_t out[TG_TREE_HASH], uint64_t size, tg_tree_node_fn node,
    void *ctx, struct tg_err *err)
{
	if (size > TG_TREE_MAX)
		return tg_fail(err, TG_E_LIMIT, "tree too large");
	if (size == 0) {
		tg_tree_empty(out);
		return 0;
	}
	return range(out, 0, size, node, ctx, err);
}

/* Proofs are gathered from the root down and written from the leaf up. */
static void
reverse(struct tg_tree_proof *p)
{
	uint8_t t[TG_TREE_HASH];

	for (size_t i = 0; i < p->n / 2; i++) {
		memcpy(t, p->hash[i], sizeof(t));
		memcpy(p->hash[i], p->hash[p->n - 1 - i], sizeof(t));
		memcpy(p->hash[p->n - 1 - i], t, sizeof(t));
	}
}

int
tg_tree_include(struct tg_tree_proof *out, uint64_t index, uint64_t size,
    tg_tree_node_fn node, void *ctx, struct tg_err *err)
{
	uint64_t lo = 0, hi = size;

	if (size > TG_TREE_MAX || index >= size)
		return tg_fail(err, TG_E_BUG, "leaf is not in the tree");
	out->n = 0;
	while (hi - lo > 1) {
		const uint64_t mid =
		    lo + ((uint64_t)1 << log2_at_most(hi - lo - 1));
		const bool left = index < mid;

		if (range(out->hash[out->n++], left ? mid : lo, left ? hi : mid,
			node, ctx, err) < 0)
			return -1;
		if (left)
			hi = mid;
		else
			lo = mid;
	}
	reverse(out);
	return 0;
}

int
tg_tree_consist(struct tg_tree_proof *out, uint64_t old, uint64_t size,
    tg_tree_node_fn node, void *ctx, struct tg_err *err)
{
	uint64_t lo = 0, hi = size;
	bool whole = true; /* the old tree is a subtree itself: not sent */

	if (size > TG_TREE_MAX || old > size)
		return tg_fail(err, TG_E_BUG, "old tree is larger");
	out->n = 0;
	if (old == 0)
		return 0;
	while (old != hi) {
		const uint64_t mid =
		    lo + ((uint64_t)1 << log2_at_most(hi - lo - 1));
		const bool left = old <= mid;

		if (range(out->hash[out->n++], left ? mid : lo, left ? hi : mid,
			node, ctx, err) < 0)
			return -1;
		if (left) {
			hi = mid;
		} else {
			lo = mid;
			whole = false;
		}
	}
	if (!whole && range(out->hash[out->n++], lo, hi, node, ctx, err) < 0)
		return -1;
	reverse(out);
	return 0;
}

bool
tg_tree_included(const uint8_t leaf[TG_TREE_HASH], uint64_t index,
    uint64_t size, const struct tg_tree_proof *proof,
    const uint8_t root[TG_TREE_HASH])
{
	uint8_t r[TG_TREE_HASH];
	uint64_t fn = index, sn = size - 1;

	if (size == 0 || index >= size || proof->n > TG_TREE_PROOF)
		return false;
	memcpy(r, leaf, sizeof(r));
	for (size_t i = 0; i < proof->n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			tg_tree_node(r, proof->hash[i], r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			tg_tree_node(r, r, proof->hash[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(r, root, sizeof(r)) == 0;
}

/* RFC 9162 2.1.4.2 from the first hash on; 0 < old < size. */
static bool
consistent(uint64_t old, const uint8_t old_root[TG_TREE_HASH], uint64_t size,
    const uint8_t root[TG_TREE_HASH], const uint8_t (*hash)[TG_TREE_HASH],
    size_t n)
{
	uint8_t fr[TG_TREE_HASH], sr[TG_TREE_HASH];
	uint64_t fn = old - 1, sn = size - 1;

	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	memcpy(fr, hash[0], sizeof(fr));
	memcpy(sr, hash[0], sizeof(sr));
	for (size_t i = 1; i < n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			tg_tree_node(fr, hash[i], fr);
			tg_tree_node(sr, hash[i], sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			tg_tree_node(sr, sr, hash[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(fr, old_root, sizeof(fr)) == 0 &&
	    memcmp(sr, root, sizeof(sr)) == 0;
}

bool
tg_tree_consistent(uint64_t old, const uint8_t old_root[TG_TREE_HASH],
    uint64_t size, const uint8_t root[TG_TREE_HASH],
    const struct tg_tree_proof *proof)
{
	/* When the old tree is a complete subtree its root is the first hash
	 * and is not sent. */
	uint8_t hash[TG_TREE_PROOF + 1][TG_TREE_HASH];
	const size_t head = old != 0 && (old & (old - 1)) == 0 ? 1 : 0;
	uint8_t none[TG_TREE_HASH];

	if (old > size || proof->n > TG_TREE_PROOF)
		return false;
	if (old == 0) {
		tg_tree_empty(none);
		return proof->n == 0 && memcmp(none, old_root, 32) == 0;
	}
	if (old == size)
		return proof->n == 0 && memcmp(old_root, root, 32) == 0;
	if (proof->n == 0)
		return false;
	if (head != 0)
		memcpy(hash[0], old_root, TG_TREE_HASH);
	memcpy(hash[head], proof->hash, proof->n * TG_TREE_HASH);
	return consistent(old, old_root, size, root,
	    (const uint8_t(*)[TG_TREE_HASH])hash, proof->n + head);
}
