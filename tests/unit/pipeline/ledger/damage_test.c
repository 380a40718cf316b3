/* damage_test.c - every single change to a small ledger is noticed. */
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/ledger/ledger.h"
#include "tests/unit/pipeline/ledger/book.h"

#include "base/banned.h"

Suite *damage_suite(void);

static struct book b;

static void
set_up(void)
{
	book_init(&b);
	book_create(&b);
}

static void
tear_down(void)
{
	book_deinit(&b);
}

/* tg_ledger_check fails as TG_E_INTEGRITY, whatever it was told to trust. */
static void
noticed(const char *file, size_t where)
{
	struct tg_err err;
	uint64_t n;

	ck_assert_msg(tg_ledger_check(b.dir, NULL, &n, &err) == -1,
	    "%s: a change at bit %zu passed", file, where);
	ck_assert_msg(err.cls == TG_E_INTEGRITY, "%s, bit %zu: class %d: %s",
	    file, where, (int)err.cls, err.text);
}

static void
change_file(const char *name)
{
	char *path = tg_fs_join(b.dir, name);
	struct tg_buf x;

	tg_buf_init(&x, 1 << 20);
	scratch_get(&x, path);
	for (size_t bit = 0; bit < x.n * 8; bit++) {
		x.p[bit / 8] = (char)(x.p[bit / 8] ^ 1 << bit % 8);
		scratch_put(path, tg_buf_sv(&x));
		noticed(name, bit);
		x.p[bit / 8] = (char)(x.p[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t n = 0; n < x.n; n += 1 + x.n / 40) {
		scratch_put(path, (struct tg_sv){x.p, n});
		noticed(name, n);
	}
	scratch_put(path, tg_buf_sv(&x));
	tg_buf_deinit(&x);
	free(path);
}

START_TEST(every_bit_of_every_file_counts)
{
	struct tg_fs_names names;
	struct tg_err err;

	book_fill(&b, 4);
	OK(tg_fs_list(&names, b.dir, true, &err));
	/* checkpoint, log.vkey, five forms of two tiles */
	ck_assert_uint_eq(names.n, 12);
	for (size_t i = 0; i < names.n; i++)
		change_file(names.name[i]);
	tg_fs_names_free(&names);
	ck_assert_uint_eq(book_check(&b), 5);
}
END_TEST

START_TEST(bits_beyond_the_first_tile_count)
{
	static const char *const file[] = {"tile/0/000", "tile/entries/000",
	    "tile/1/000.p/1", "tile/0/001.p/2", "tile/entries/001.p/2"};
	struct tg_buf x;

	tg_buf_init(&x, 1 << 20);
	book_fill(&b, 257);
	for (size_t i = 0; i < TG_COUNT(file); i++) {
		char *path = tg_fs_join(b.dir, file[i]);

		scratch_get(&x, path);
		for (size_t k = 0; k < x.n; k += 1 + x.n / 61) {
			x.p[k] = (char)(x.p[k] ^ 1);
			scratch_put(path, tg_buf_sv(&x));
			noticed(file[i], k * 8);
			x.p[k] = (char)(x.p[k] ^ 1);
		}
		scratch_put(path, tg_buf_sv(&x));
		free(path);
	}
	tg_buf_deinit(&x);
	ck_assert_uint_eq(book_check(&b), 258);
}
END_TEST

START_TEST(a_file_that_is_missing_is_named)
{
	static const char *const file[] = {
	    "checkpoint", "log.vkey", "tile/0/000.p/5", "tile/entries/000.p/5"};
	struct tg_err err;
	uint64_t n;

	book_fill(&b, 4);
	for (size_t i = 0; i < TG_COUNT(file); i++) {
		char *path = tg_fs_join(b.dir, file[i]);

		ck_assert_int_eq(rename(path, scratch_path(&b.s, "kept")), 0);
		FAILS(tg_ledger_check(b.dir, NULL, &n, &err), TG_E_INTEGRITY);
		ck_assert_ptr_nonnull(strstr(err.text, file[i]));
		ck_assert_int_eq(rename(scratch_path(&b.s, "kept"), path), 0);
		free(path);
	}
	ck_assert_uint_eq(book_check(&b), 5);
}
END_TEST

START_TEST(a_file_that_is_no_tile_is_refused_and_a_leftover_is_not)
{
	struct tg_err err;
	uint64_t n;

	book_fill(&b, 4);
	scratch_put(scratch_path(&b.s, "l/tile/0/000.tmp-12ab34"), TG_SV("x"));
	scratch_put(scratch_path(&b.s, "l/tile/0/000.p/6"), TG_SV("x"));
	ck_assert_uint_eq(book_check(&b), 5);
	scratch_put(scratch_path(&b.s, "l/tile/0/notes"), TG_SV("x"));
	FAILS(tg_ledger_check(b.dir, NULL, &n, &err), TG_E_INTEGRITY);
}
END_TEST

START_TEST(entries_swapped_dropped_or_doubled_are_noticed)
{
	const char *path = "tile/entries/000.p/3";
	char *full = tg_fs_join(b.dir, path);
	struct tg_sv rest, entry[3];
	struct tg_buf x, y;
	static const int order[][4] = {{1, 0, 2, -1}, {0, 2, 1, -1},
	    {0, 1, -1, -1}, {0, 1, 1, -1}, {0, 1, 2, 2}, {1, 2, -1, -1}};

	book_fill(&b, 2);
	tg_buf_init(&x, 1 << 16);
	tg_buf_init(&y, 1 << 16);
	scratch_get(&x, full);
	rest = tg_buf_sv(&x);
	for (size_t i = 0; i < 3; i++) {
		const size_t n = (size_t)(unsigned char)rest.p[0] << 8 |
		    (unsigned char)rest.p[1];

		entry[i] = (struct tg_sv){rest.p, n + 2};
		rest = (struct tg_sv){rest.p + n + 2, rest.n - n - 2};
	}
	for (size_t k = 0; k < TG_COUNT(order); k++) {
		tg_buf_reset(&y);
		for (size_t i = 0; i < 4 && order[k][i] >= 0; i++)
			ck_assert_int_eq(
			    tg_buf_addsv(&y, entry[order[k][i]], NULL), 0);
		scratch_put(full, tg_buf_sv(&y));
		noticed(path, k);
	}
	scratch_put(full, tg_buf_sv(&x));
	ck_assert_uint_eq(book_check(&b), 3);
	tg_buf_deinit(&x);
	tg_buf_deinit(&y);
	free(full);
}
END_TEST

START_TEST(opening_notices_a_tile_that_was_changed)
{
	const char *path = scratch_path(&b.s, "l/tile/0/000.p/3");
	struct tg_ledger *l = NULL;
	struct tg_err err;
	struct tg_buf x;

	book_fill(&b, 2);
	tg_buf_init(&x, 4096);
	scratch_get(&x, path);
	x.p[40] = (char)(x.p[40] ^ 4);
	scratch_put(path, tg_buf_sv(&x));
	FAILS(
	    tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_INTEGRITY);
	FAILS(tg_ledger_read(&l, b.dir, NULL, &err), TG_E_INTEGRITY);
	tg_buf_deinit(&x);
}
END_TEST

/* Between opening and appending the tiles are exchanged for others: the key
 * must not sign a tree that does not continue the one it signed. */
START_TEST(tiles_changed_under_an_open_ledger_are_not_signed)
{
	struct tg_ledger *l;
	struct tg_err err;
	struct tg_buf x;
	uint64_t index;
	const char *path;

	book_fill(&b, 257);
	l = book_open(&b);
	tg_buf_init(&x, 1 << 20);
	OK(tg_ledger_append(l, "x", tg_json_object(), &index, &err));
	path = scratch_path(&b.s, "l/tile/1/000.p/1");
	scratch_get(&x, path);
	x.p[0] = (char)(x.p[0] ^ 1);
	scratch_put(path, tg_buf_sv(&x));
	FAILS(tg_ledger_append(l, "y", tg_json_object(), &index, &err),
	    TG_E_INTEGRITY);
	FAILS(
	    tg_ledger_append(l, "y", tg_json_object(), &index, &err), TG_E_IO);
	x.p[0] = (char)(x.p[0] ^ 1);
	scratch_put(path, tg_buf_sv(&x));
	tg_ledger_free(l);
	book_fill(&b, 1);
	ck_assert_uint_eq(book_check(&b), 260);
	tg_buf_deinit(&x);
}
END_TEST

Suite *
damage_suite(void)
{
	Suite *s = suite_create("damage");
	TCase *c = tcase_create("damage");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, every_bit_of_every_file_counts);
	tcase_add_test(c, bits_beyond_the_first_tile_count);
	tcase_add_test(c, a_file_that_is_missing_is_named);
	tcase_add_test(
	    c, a_file_that_is_no_tile_is_refused_and_a_leftover_is_not);
	tcase_add_test(c, entries_swapped_dropped_or_doubled_are_noticed);
	tcase_add_test(c, opening_notices_a_tile_that_was_changed);
	tcase_add_test(c, tiles_changed_under_an_open_ledger_are_not_signed);
	suite_add_tcase(s, c);
	return s;
}
