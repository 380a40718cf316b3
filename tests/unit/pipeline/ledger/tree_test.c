#include <check.h>
#include <string.h>

#include "base/digest.h"
#include "base/enc.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/tree.h"
#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

#define LEAVES 40

Suite *tree_suite(void);

/* The eight inputs and roots that the implementations of RFC 6962 share
 * (transparency-dev/merkle, testonly/constants.go). */
static const struct tg_sv input[8] = {{"", 0}, {"\x00", 1}, {"\x10", 1},
    {"\x20\x21", 2}, {"\x30\x31", 2}, {"\x40\x41\x42\x43", 4},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
static const char *const root_hex[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

struct leaves {
	uint8_t hash[LEAVES][TG_TREE_HASH];
	uint64_t n;
	int fail_at; /* the call that fails, from 1; 0: none */
};

/* RFC 6962 2.1 word by word: the definition that the rest is held against. */
static void
mth(uint8_t out[TG_TREE_HASH], const struct leaves *l, uint64_t lo, uint64_t hi)
{
	uint8_t left[TG_TREE_HASH], right[TG_TREE_HASH];
	uint64_t k = 1;

	if (hi == lo) {
		tg_tree_empty(out);
		return;
	}
	if (hi - lo == 1) {
		memcpy(out, l->hash[lo], TG_TREE_HASH);
		return;
	}
	while (k * 2 < hi - lo)
		k *= 2;
	mth(left, l, lo, lo + k);
	mth(right, l, lo + k, hi);
	tg_tree_node(out, left, right);
}

static int
node(uint8_t out[TG_TREE_HASH], void *ctx, unsigned level, uint64_t index,
    struct tg_err *err)
{
	struct leaves *l = ctx;

	if (l->fail_at != 0 && --l->fail_at == 0)
		return tg_fail(err, TG_E_IO, "asked to fail");
	ck_assert_uint_le((index + 1) << level, l->n);
	mth(out, l, index << level, (index + 1) << level);
	return 0;
}

static void
fill(struct leaves *l)
{
	for (unsigned i = 0; i < LEAVES; i++) {
		const uint8_t v = (uint8_t)i;

		if (i < TG_COUNT(input))
			tg_tree_leaf(l->hash[i], input[i].p, input[i].n);
		else
			tg_tree_leaf(l->hash[i], &v, 1);
	}
	l->n = LEAVES;
	l->fail_at = 0;
}

START_TEST(roots_are_those_of_rfc_6962)
{
	uint8_t root[TG_TREE_HASH];
	struct tg_merkle m;
	struct leaves l;
	struct tg_err err;
	char hex[TG_SHA256_HEX];

	fill(&l);
	tg_merkle_init(&m);
	for (uint64_t n = 0; n <= TG_COUNT(input); n++) {
		OK(tg_tree_root(root, n, node, &l, &err));
		tg_sha256_hex(hex, root);
		ck_assert_str_eq(hex, root_hex[n]);
		OK(tg_merkle_root(&m, root, &err));
		tg_sha256_hex(hex, root);
		ck_assert_str_eq(hex, root_hex[n]);
		if (n < TG_COUNT(input))
			OK(tg_merkle_add(
			    &m, NULL, 0, input[n].p, input[n].n, &err));
	}
}
END_TEST

START_TEST(salt_and_record_are_one_leaf)
{
	uint8_t a[TG_TREE_HASH], b[TG_TREE_HASH];
	struct tg_merkle m;
	struct tg_err err;

	tg_merkle_init(&m);
	OK(tg_merkle_add(&m, "salt", 4, "record\n", 7, &err));
	OK(tg_merkle_root(&m, a, &err));
	tg_tree_leaf(b, "saltrecord\n", 11);
	ck_assert_mem_eq(a, b, sizeof(a));
}
END_TEST

START_TEST(every_inclusion_proof_holds_and_only_there)
{
	struct tg_tree_proof p, q;
	uint8_t root[TG_TREE_HASH];
	struct leaves l;
	struct tg_err err;

	fill(&l);
	for (uint64_t n = 1; n <= LEAVES; n++) {
		mth(root, &l, 0, n);
		for (uint64_t i = 0; i < n; i++) {
			OK(tg_tree_include(&p, i, n, node, &l, &err));
			ck_assert(tg_tree_included(l.hash[i], i, n, &p, root));
			for (uint64_t k = 0; k < n; k++)
				ck_assert(k == i ||
				    !tg_tree_included(
					l.hash[i], k, n, &p, root));
			ck_assert(!tg_tree_included(
			    l.hash[(i + 1) % LEAVES], i, n, &p, root));
			ck_assert(!tg_tree_included(l.hash[i], n, n, &p, root));
			q = p;
			memcpy(q.hash[q.n++], root, TG_TREE_HASH);
			ck_assert(!tg_tree_included(l.hash[i], i, n, &q, root));
			if (p.n == 0)
				continue;
			q = p;
			q.n--;
			ck_assert(!tg_tree_included(l.hash[i], i, n, &q, root));
			for (size_t k = 0; k < p.n; k++) {
				q = p;
				q.hash[k][0] ^= 1;
				ck_assert(!tg_tree_included(
				    l.hash[i], i, n, &q, root));
			}
		}
	}
	ck_assert(!tg_tree_included(l.hash[0], 0, 0, &p, root));
}
END_TEST

START_TEST(every_consistency_proof_holds_and_only_there)
{
	uint8_t old[TG_TREE_HASH], root[TG_TREE_HASH];
	struct tg_tree_proof p, q;
	struct leaves l;
	struct tg_err err;

	fill(&l);
	for (uint64_t n = 0; n <= LEAVES; n++) {
		mth(root, &l, 0, n);
		for (uint64_t m = 0; m <= n; m++) {
			mth(old, &l, 0, m);
			OK(tg_tree_consist(&p, m, n, node, &l, &err));
			ck_assert(tg_tree_consistent(m, old, n, root, &p));
			ck_assert(m == 0 || m == n || p.n > 0);
			q = p;
			memcpy(q.hash[q.n++], root, TG_TREE_HASH);
			ck_assert(!tg_tree_consistent(m, old, n, root, &q));
			for (size_t k = 0; k < p.n; k++) {
				q = p;
				q.hash[k][31] ^= 0x80;
				ck_assert(
				    !tg_tree_consistent(m, old, n, root, &q));
			}
			if (p.n > 0) {
				q = p;
				q.n--;
				ck_assert(
				    !tg_tree_consistent(m, old, n, root, &q));
			}
			old[3] ^= 4;
			ck_assert(!tg_tree_consistent(m, old, n, root, &p));
			ck_assert(
			    !tg_tree_consistent(n + 1, root, n, root, &p));
		}
	}
}
END_TEST

START_TEST(a_proof_for_other_sizes_does_not_hold)
{
	uint8_t old[TG_TREE_HASH], root[TG_TREE_HASH];
	struct tg_tree_proof p;
	struct leaves l;
	struct tg_err err;

	fill(&l);
	for (uint64_t n = 2; n <= 20; n++) {
		mth(root, &l, 0, n);
		for (uint64_t m = 1; m < n; m++) {
			mth(old, &l, 0, m);
			OK(tg_tree_consist(&p, m, n, node, &l, &err));
			for (uint64_t k = 1; k <= n; k++)
				ck_assert(k == m ||
				    !tg_tree_consistent(k, old, n, root, &p));
		}
	}
}
END_TEST

START_TEST(what_cannot_be_read_is_passed_on)
{
	struct tg_tree_proof p;
	uint8_t root[TG_TREE_HASH];
	struct leaves l;
	struct tg_err err;

	fill(&l);
	l.fail_at = 2;
	FAILS(tg_tree_root(root, 7, node, &l, &err), TG_E_IO);
	l.fail_at = 2;
	FAILS(tg_tree_include(&p, 3, 7, node, &l, &err), TG_E_IO);
	l.fail_at = 3;
	FAILS(tg_tree_consist(&p, 3, 7, node, &l, &err), TG_E_IO);
	FAILS(tg_tree_include(&p, 7, 7, node, &l, &err), TG_E_BUG);
	FAILS(tg_tree_consist(&p, 8, 7, node, &l, &err), TG_E_BUG);
	FAILS(tg_tree_root(root, TG_TREE_MAX + 1, node, &l, &err), TG_E_LIMIT);
}
END_TEST

Suite *
tree_suite(void)
{
	Suite *s = suite_create("tree");
	TCase *c = tcase_create("tree");

	tcase_add_test(c, roots_are_those_of_rfc_6962);
	tcase_add_test(c, salt_and_record_are_one_leaf);
	tcase_add_test(c, every_inclusion_proof_holds_and_only_there);
	tcase_add_test(c, every_consistency_proof_holds_and_only_there);
	tcase_add_test(c, a_proof_for_other_sizes_does_not_hold);
	tcase_add_test(c, what_cannot_be_read_is_passed_on);
	suite_add_tcase(s, c);
	return s;
}
