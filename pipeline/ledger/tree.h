/*
 * tree.h - the hash tree of RFC 6962 section 2.1 (SHA-256) over nodes that
 * somebody else stores.
 *
 *	leaf  SHA-256(0x00, entry)      node  SHA-256(0x01, left, right)
 *	empty SHA-256("")               split at the largest power of two < n
 */
#ifndef TG_PIPELINE_LEDGER_TREE_H
#define TG_PIPELINE_LEDGER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#define TG_TREE_HASH 32 /* bytes */
/* Most entries of a tree: far above any use, and every sum of sizes and the
 * 63 lines of a tlog-witness request hold. */
#define TG_TREE_MAX ((uint64_t)1 << 48)
#define TG_TREE_PROOF 64 /* most hashes of a proof */

struct tg_tree_proof {
	uint8_t hash[TG_TREE_PROOF][TG_TREE_HASH];
	size_t n;
};

void tg_tree_empty(uint8_t out[TG_TREE_HASH]);
void tg_tree_leaf(uint8_t out[TG_TREE_HASH], const void *p, size_t n);
/* @out may be one of the two. */
void tg_tree_node(uint8_t out[TG_TREE_HASH], const uint8_t left[TG_TREE_HASH],
    const uint8_t right[TG_TREE_HASH]);

/* The root of the complete subtree of 2^@level leaves from leaf
 * @index << @level. */
typedef int (*tg_tree_node_fn)(uint8_t out[TG_TREE_HASH], void *ctx,
    unsigned level, uint64_t index, struct tg_err *err);

/* Root of the first @size leaves. */
int tg_tree_root(uint8_t out[TG_TREE_HASH], uint64_t size, tg_tree_node_fn node,
    void *ctx, struct tg_err *err) TG_MUST_CHECK;
/* Audit path of leaf @index (below @size) in the tree of @size leaves, from
 * the leaf's sibling to the root's child. */
int tg_tree_include(struct tg_tree_proof *out, uint64_t index, uint64_t size,
    tg_tree_node_fn node, void *ctx, struct tg_err *err) TG_MUST_CHECK;
/* Consistency proof from @old (at most @size) to @size; empty for 0. */
int tg_tree_consist(struct tg_tree_proof *out, uint64_t old, uint64_t size,
    tg_tree_node_fn node, void *ctx, struct tg_err *err) TG_MUST_CHECK;

/* Whether the proof shows that.  RFC 9162 sections 2.1.3.2, 2.1.4.2. */
bool tg_tree_included(const uint8_t leaf[TG_TREE_HASH], uint64_t index,
    uint64_t size, const struct tg_tree_proof *proof,
    const uint8_t root[TG_TREE_HASH]) TG_MUST_CHECK;
bool tg_tree_consistent(uint64_t old, const uint8_t old_root[TG_TREE_HASH],
    uint64_t size, const uint8_t root[TG_TREE_HASH],
    const struct tg_tree_proof *proof) TG_MUST_CHECK;

#endif
