#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/ledger/tile.h"
#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

Suite *tile_suite(void);

static const struct {
	struct tg_tile t;
	const char *path;
} row[] = {{{0, 0, 256}, "tile/0/000"}, {{0, 0, 1}, "tile/0/000.p/1"},
    {{1, 999, 255}, "tile/1/999.p/255"}, {{0, 1000, 256}, "tile/0/x001/000"},
    {{2, 1234067, 256}, "tile/2/x001/x234/067"},
    {{TG_TILE_ENTRIES, 1234067, 8}, "tile/entries/x001/x234/067.p/8"},
    {{TG_TILE_ENTRIES, 273, 112}, "tile/entries/273.p/112"},
    {{0, 1099511627775, 256}, "tile/0/x001/x099/x511/x627/775"}};

START_TEST(paths_are_those_of_the_specification_both_ways)
{
	char path[TG_TILE_PATH];
	struct tg_tile t;

	for (size_t i = 0; i < TG_COUNT(row); i++) {
		tg_tile_path(path, &row[i].t);
		ck_assert_str_eq(path, row[i].path);
		ck_assert(tg_tile_parse(&t, tg_sv_of(path)));
		ck_assert_int_eq(t.level, row[i].t.level);
		ck_assert_uint_eq(t.n, row[i].t.n);
		ck_assert_uint_eq(t.width, row[i].t.width);
	}
}
END_TEST

START_TEST(other_spellings_are_no_tile)
{
	static const char *const bad[] = {"", "tile", "tile/", "tile/0",
	    "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000",
	    "tile/6/000", "tile/-1/000", "tile/0/x000/000", "tile/0/x001",
	    "tile/0/x01/000", "tile/0/001/000", "tile/0/000.p", "tile/0/000.p/",
	    "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256",
	    "tile/0/000.p/1/", "tile/0/000/", "tile/0/000.q/1", "Tile/0/000",
	    "tile/entries", "tile/entries/000.p/1x", "tile/0/000.tmp-12ab34",
	    "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999"};
	struct tg_tile t;

	for (size_t i = 0; i < TG_COUNT(bad); i++)
		ck_assert_msg(
		    !tg_tile_parse(&t, tg_sv_of(bad[i])), "%s", bad[i]);
}
END_TEST

START_TEST(every_index_comes_back)
{
	char path[TG_TILE_PATH];
	struct tg_tile t;

	for (uint64_t n = 0; n < 3000000; n += 1 + n / 50) {
		const struct tg_tile want = {3, n, 1 + (unsigned)(n % 256)};

		tg_tile_path(path, &want);
		ck_assert(tg_tile_parse(&t, tg_sv_of(path)));
		ck_assert_uint_eq(t.n, n);
		ck_assert_uint_eq(t.width, want.width);
	}
}
END_TEST

/* The model: floor(s / 256^l) hashes, cut into tiles of 256. */
START_TEST(widths_follow_the_size_up_to_the_borders)
{
	static const uint64_t border[] = {256, 257, 511, 512, 65535, 65536,
	    65537, 70000, 16777215, 16777216, 16777217};
	uint64_t size;

	for (size_t i = 0; i < 301 + TG_COUNT(border); i++) {
		size = i <= 300 ? i : border[i - 301];
		for (int level = 0; level < TG_TILE_LEVELS; level++) {
			uint64_t have = size, n = 0;

			for (int k = 0; k < level; k++)
				have /= 256;
			for (; have > 0; n++) {
				const uint64_t w = have < 256 ? have : 256;

				ck_assert_uint_eq(
				    tg_tile_width(level, n, size), w);
				have -= w;
			}
			ck_assert_uint_eq(tg_tile_width(level, n, size), 0);
			ck_assert_uint_eq(
			    tg_tile_width(level, n + 1000, size), 0);
		}
		ck_assert_uint_eq(tg_tile_width(TG_TILE_ENTRIES, 0, size),
		    tg_tile_width(0, 0, size));
	}
	/* The example of the specification. */
	ck_assert_uint_eq(tg_tile_width(0, 272, 70000), 256);
	ck_assert_uint_eq(tg_tile_width(0, 273, 70000), 112);
	ck_assert_uint_eq(tg_tile_width(1, 0, 70000), 256);
	ck_assert_uint_eq(tg_tile_width(1, 1, 70000), 17);
	ck_assert_uint_eq(tg_tile_width(2, 0, 70000), 1);
	ck_assert_uint_eq(tg_tile_width(1, 0, 256), 1);
}
END_TEST

/* A tree across the border of 65,536 entries, its tiles written here, its root
 * by the constant-memory tree. */
START_TEST(a_tree_over_three_levels_is_read_back)
{
	static const uint64_t sizes[] = {
	    1, 2, 255, 256, 257, 300, 65535, 65536, 65537};
	static uint8_t hash[3][65537][TG_TREE_HASH];
	static struct tg_tiles tiles;
	uint64_t have[3] = {65537, 256, 1};
	struct tg_tree_proof p;
	uint8_t root[TG_TREE_HASH], want[TG_TREE_HASH];
	struct scratch s;
	struct tg_err err;

	scratch_init(&s);
	for (uint64_t i = 0; i < have[0]; i++) {
		const uint8_t v[4] = {
		    (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 7};

		tg_tree_leaf(hash[0][i], v, sizeof(v));
	}
	for (int l = 1; l < 3; l++) {
		uint8_t tile[256][TG_TREE_HASH];

		for (uint64_t i = 0; i < have[l]; i++) {
			memcpy(tile, hash[l - 1][256 * i], sizeof(tile));
			for (size_t n = 256; n > 1; n /= 2)
				for (size_t k = 0; k < n / 2; k++)
					tg_tree_node(tile[k], tile[2 * k],
					    tile[2 * k + 1]);
			memcpy(hash[l][i], tile[0], TG_TREE_HASH);
		}
	}
	for (size_t k = 0; k < TG_COUNT(sizes); k++) {
		const uint64_t size = sizes[k];
		uint8_t part[64][TG_TREE_HASH];
		uint64_t lo = 0, n = 0;

		for (int l = 0; l < 3; l++)
			for (uint64_t i = 0; i <= size >> (8 * (l + 1)); i++) {
				struct tg_tile t = {l, i, 0};

				t.width = tg_tile_width(l, i, size);
				if (t.width == 0 ||
				    (t.width == 256 && k > 0 &&
					i < sizes[k - 1] >> (8 * (l + 1))))
					continue;
				OK(tg_tile_write(s.dir, &t,
				    (struct tg_sv){
					(const char *)hash[l][256 * i],
					(size_t)t.width * TG_TREE_HASH},
				    &err));
			}
		/* The definition again: complete subtrees, folded. */
		while (lo < size) {
			unsigned up = 0;
			static uint8_t row_[65536][TG_TREE_HASH];
			size_t w;

			while ((uint64_t)2 << up <= size - lo)
				up++;
			w = (size_t)1 << up;
			memcpy(row_, hash[0][lo], w * TG_TREE_HASH);
			lo += w;
			for (; w > 1; w /= 2)
				for (size_t i = 0; i < w / 2; i++)
					tg_tree_node(row_[i], row_[2 * i],
					    row_[2 * i + 1]);
			memcpy(part[n++], row_[0], TG_TREE_HASH);
		}
		memcpy(want, part[--n], sizeof(want));
		while (n > 0)
			tg_tree_node(want, part[--n], want);
		tg_tiles_init(&tiles, s.dir, size);
		OK(tg_tree_root(root, size, tg_tiles_node, &tiles, &err));
		ck_assert_mem_eq(root, want, sizeof(root));
		for (uint64_t i = 0; i < size; i += 1 + size / 37) {
			OK(tg_tree_include(
			    &p, i, size, tg_tiles_node, &tiles, &err));
			ck_assert(
			    tg_tree_included(hash[0][i], i, size, &p, root));
		}
	}
	scratch_deinit(&s);
}
END_TEST

START_TEST(a_partial_tile_that_is_gone_is_read_from_the_full_one)
{
	const struct tg_tile full = {0, 0, 256}, part = {0, 0, 3};
	static char bytes[256 * TG_TREE_HASH];
	struct scratch s;
	struct tg_buf b;
	struct tg_err err;
	struct stat st;
	unsigned got;

	scratch_init(&s);
	tg_buf_init(&b, 1 << 20);
	FAILS(tg_tile_read(&b, &got, s.dir, &part, &err), TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "tile/0/000.p/3"));
	memset(bytes, 'h', sizeof(bytes));
	OK(tg_tile_write(
	    s.dir, &part, (struct tg_sv){bytes, 3 * TG_TREE_HASH}, &err));
	OK(tg_tile_write(
	    s.dir, &full, (struct tg_sv){bytes, sizeof(bytes)}, &err));
	OK(tg_tile_read(&b, &got, s.dir, &part, &err));
	ck_assert_uint_eq(got, 3);
	tg_tile_prune(s.dir, &full);
	ck_assert_int_ne(stat(scratch_path(&s, "tile/0/000.p"), &st), 0);
	tg_buf_reset(&b);
	OK(tg_tile_read(&b, &got, s.dir, &part, &err));
	ck_assert_uint_eq(got, 256);
	/* A tile of the wrong length is none, and not read as its like. */
	scratch_put(scratch_path(&s, "tile/0/000"), TG_SV("short"));
	FAILS(tg_tile_read(&b, &got, s.dir, &part, &err), TG_E_INTEGRITY);
	ck_assert_int_eq(stat(scratch_path(&s, "tile/0/000"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0644);
	tg_buf_deinit(&b);
	scratch_deinit(&s);
}
END_TEST

START_TEST(a_bundle_is_read_as_it_was_written)
{
	static const struct tg_sv in[] = {{"", 0}, {"a", 1}, {"bc\n", 3}};
	static char big[TG_TILE_ENTRY_MAX + 1];
	struct tg_sv rest, entry;
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, TG_BUNDLE_MAX);
	for (size_t i = 0; i < TG_COUNT(in); i++)
		OK(tg_bundle_add(&b, in[i], &err));
	OK(tg_bundle_add(&b, (struct tg_sv){big, TG_TILE_ENTRY_MAX}, &err));
	FAILS(tg_bundle_add(&b, (struct tg_sv){big, sizeof(big)}, &err),
	    TG_E_LIMIT);
	rest = tg_buf_sv(&b);
	for (size_t i = 0; i < TG_COUNT(in); i++) {
		ck_assert(tg_bundle_next(&entry, &rest));
		ck_assert(tg_sv_eq(entry, in[i]));
	}
	ck_assert(tg_bundle_next(&entry, &rest));
	ck_assert_uint_eq(entry.n, TG_TILE_ENTRY_MAX);
	ck_assert(!tg_bundle_next(&entry, &rest));
	rest = (struct tg_sv){"\x00", 1};
	ck_assert(!tg_bundle_next(&entry, &rest));
	rest = (struct tg_sv){"\x00\x02x", 3};
	ck_assert(!tg_bundle_next(&entry, &rest));
	tg_buf_deinit(&b);
}
END_TEST

Suite *
tile_suite(void)
{
	Suite *s = suite_create("tile");
	TCase *c = tcase_create("tile");

	tcase_add_test(c, paths_are_those_of_the_specification_both_ways);
	tcase_add_test(c, other_spellings_are_no_tile);
	tcase_add_test(c, every_index_comes_back);
	tcase_add_test(c, widths_follow_the_size_up_to_the_borders);
	tcase_add_test(c, a_tree_over_three_levels_is_read_back);
	tcase_add_test(
	    c, a_partial_tile_that_is_gone_is_read_from_the_full_one);
	tcase_add_test(c, a_bundle_is_read_as_it_was_written);
	suite_add_tcase(s, c);
	return s;
}
