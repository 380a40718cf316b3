#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/ledger/checkpoint.h"
#include "pipeline/ledger/tile.h"
#include "tests/unit/pipeline/ledger/book.h"

#include "base/banned.h"

Suite *ledger_suite(void);

static struct book b;

static void
set_up(void)
{
	book_init(&b);
}

static void
tear_down(void)
{
	book_deinit(&b);
}

static const char *
at(const char *name)
{
	return scratch_path(&b.s, name);
}

START_TEST(a_new_ledger_has_its_genesis_and_its_files)
{
	static const struct {
		const char *name;
		mode_t mode;
	} file[] = {{"l/checkpoint", 0644}, {"l/log.vkey", 0644},
	    {"l/tile/0/000.p/1", 0644}, {"l/tile/entries/000.p/1", 0644},
	    {"state/last-signed", 0600}, {"state/log.key", 0600},
	    {"state/lock", 0600}, {"state", 0700}};
	struct tg_ledger *l = NULL;
	struct tg_buf e;
	struct tg_err err;
	struct stat st;

	book_create(&b);
	for (size_t i = 0; i < TG_COUNT(file); i++) {
		ck_assert_msg(
		    stat(at(file[i].name), &st) == 0, "%s", file[i].name);
		ck_assert_uint_eq(st.st_mode & 0777, file[i].mode);
	}
	ck_assert_uint_eq(book_check(&b), 1);
	OK(tg_ledger_read(&l, b.dir, NULL, &err));
	ck_assert_str_eq(tg_ledger_origin(l), ORIGIN);
	tg_buf_init(&e, TG_LEDGER_ENTRY_MAX);
	OK(tg_ledger_entry(l, 0, &e, &err));
	ck_assert_ptr_nonnull(strstr(e.p, "\"type\":\"genesis\""));
	ck_assert_ptr_nonnull(strstr(e.p, "\"origin\":\"" ORIGIN "\""));
	FAILS(tg_ledger_entry(l, 1, &e, &err), TG_E_USAGE);
	tg_buf_deinit(&e);
	tg_ledger_free(l);
}
END_TEST

START_TEST(creating_again_changes_nothing)
{
	struct tg_buf x, y;
	struct tg_err err;

	tg_buf_init(&x, 1 << 16);
	tg_buf_init(&y, 1 << 16);
	book_create(&b);
	book_fill(&b, 3);
	scratch_get(&x, at("l/checkpoint"));
	book_create(&b);
	scratch_get(&y, at("l/checkpoint"));
	ck_assert(tg_sv_eq(tg_buf_sv(&x), tg_buf_sv(&y)));
	FAILS(
	    tg_ledger_create(b.dir, b.state, "other.example/x", &b.s.env, &err),
	    TG_E_CONFIG);
	FAILS(tg_ledger_create(b.dir, b.state, "a b", &b.s.env, &err),
	    TG_E_CONFIG);
	tg_buf_deinit(&x);
	tg_buf_deinit(&y);
}
END_TEST

START_TEST(every_size_up_to_300_opens_reads_and_checks)
{
	struct tg_ledger *l = NULL;
	struct tg_buf e;
	struct tg_err err;
	int64_t index;
	char v[32];

	book_create(&b);
	tg_buf_init(&e, TG_LEDGER_ENTRY_MAX);
	for (unsigned n = 1; n <= 300; n++) {
		OK(tg_ledger_read(&l, b.dir, NULL, &err));
		ck_assert_uint_eq(tg_ledger_size(l), n);
		if (n > 1) {
			(void)snprintf(v, sizeof(v), "v%u", n - 1);
			OK(tg_ledger_find(
			    l, "test.entry", "k", v, &index, &err));
			ck_assert_int_eq(index, n - 1);
		}
		tg_ledger_free(l);
		if (n % 37 == 0 || (n > 253 && n < 260))
			ck_assert_uint_eq(book_check(&b), n);
		if (n < 300)
			book_fill(&b, 1);
	}
	ck_assert_uint_eq(book_check(&b), 300);
	/* Full tiles have taken the place of the partial ones. */
	ck_assert(tg_fs_exists(at("l/tile/0/000")));
	ck_assert(!tg_fs_exists(at("l/tile/0/000.p")));
	ck_assert(tg_fs_exists(at("l/tile/entries/000")));
	ck_assert(!tg_fs_exists(at("l/tile/entries/000.p")));
	ck_assert(tg_fs_exists(at("l/tile/1/000.p/1")));
	ck_assert(tg_fs_exists(at("l/tile/0/001.p/44")));
	tg_buf_deinit(&e);
}
END_TEST

START_TEST(entries_are_canonical_and_numbered_and_time_never_runs_back)
{
	struct tg_ledger *l;
	struct tg_json *j = NULL;
	struct tg_buf e, again;
	struct tg_err err;
	uint64_t index;

	book_create(&b);
	book_fill(&b, 2);
	b.s.clock.now -= 1000; /* the machine's clock was set back */
	l = book_open(&b);
	OK(tg_ledger_append(l, "late", tg_json_object(), &index, &err));
	ck_assert_uint_eq(index, 3);
	tg_buf_init(&e, TG_LEDGER_ENTRY_MAX);
	tg_buf_init(&again, TG_LEDGER_ENTRY_MAX);
	OK(tg_ledger_entry(l, 3, &e, &err));
	OK(tg_json_parse(&j, tg_buf_sv(&e), "entry", &err));
	OK(tg_json_canonical(&again, j, &err));
	ck_assert(tg_sv_eq(tg_buf_sv(&e), tg_buf_sv(&again)));
	ck_assert_int_eq(tg_json_get_int(j, "seq", -1), 3);
	ck_assert_int_eq(tg_json_get_int(j, "v", -1), 1);
	ck_assert_int_eq(tg_json_get_int(j, "time", -1), b.s.clock.now + 1000);
	ck_assert_uint_eq(strlen(tg_json_get_str(j, "nonce", "")), 32);
	tg_json_free(j);
	tg_buf_deinit(&e);
	tg_buf_deinit(&again);
	tg_ledger_free(l);
	ck_assert_uint_eq(book_check(&b), 4);
}
END_TEST

START_TEST(an_entry_too_long_or_with_our_members_is_refused)
{
	static char big[TG_LEDGER_ENTRY_MAX + 1];
	struct tg_ledger *l;
	struct tg_json *j;
	struct tg_err err;
	uint64_t index;

	book_create(&b);
	l = book_open(&b);
	memset(big, 'x', sizeof(big) - 1);
	j = tg_json_object();
	ck_assert_int_eq(tg_json_set_str(j, "k", big), 0);
	FAILS(tg_ledger_append(l, "big", j, &index, &err), TG_E_LIMIT);
	j = tg_json_object();
	ck_assert_int_eq(tg_json_set_int(j, "seq", 9), 0);
	FAILS(tg_ledger_append(l, "own", j, &index, &err), TG_E_BUG);
	FAILS(tg_ledger_append(l, "none", NULL, &index, &err), TG_E_MEMORY);
	/* Nothing was begun, so the ledger still takes entries. */
	big[TG_LEDGER_ENTRY_MAX - 200] = '\0';
	j = tg_json_object();
	ck_assert_int_eq(tg_json_set_str(j, "k", big), 0);
	OK(tg_ledger_append(l, "big", j, &index, &err));
	tg_ledger_free(l);
	ck_assert_uint_eq(book_check(&b), 2);
}
END_TEST

START_TEST(find_takes_the_last_of_its_type_key_and_value)
{
	static const struct {
		const char *type, *key, *value;
	} in[] = {{"a", "k", "x"}, {"b", "k", "x"}, {"a", "k", "x"},
	    {"a", "m", "x"}, {"a", "k", "\xc3\xa9\"\\"}};
	struct tg_ledger *l;
	struct tg_json *j;
	struct tg_err err;
	uint64_t index;
	int64_t at_;

	book_create(&b);
	l = book_open(&b);
	for (size_t i = 0; i < TG_COUNT(in); i++) {
		j = tg_json_object();
		ck_assert_int_eq(tg_json_set_str(j, in[i].key, in[i].value), 0);
		OK(tg_ledger_append(l, in[i].type, j, &index, &err));
	}
	OK(tg_ledger_find(l, "a", "k", "x", &at_, &err));
	ck_assert_int_eq(at_, 3);
	OK(tg_ledger_find(l, "b", "k", "x", &at_, &err));
	ck_assert_int_eq(at_, 2);
	OK(tg_ledger_find(l, "a", "k", "\xc3\xa9\"\\", &at_, &err));
	ck_assert_int_eq(at_, 5);
	OK(tg_ledger_find(l, "a", "k", "y", &at_, &err));
	ck_assert_int_eq(at_, -1);
	tg_ledger_free(l);
}
END_TEST

START_TEST(one_writer_at_a_time_and_readers_write_nothing)
{
	struct tg_ledger *l, *other = NULL;
	struct tg_err err;
	uint64_t index;

	book_create(&b);
	l = book_open(&b);
	FAILS(tg_ledger_open(&other, b.dir, b.state, &b.s.env, &err),
	    TG_E_LOCKED);
	FAILS(tg_ledger_create(b.dir, b.state, ORIGIN, &b.s.env, &err),
	    TG_E_LOCKED);
	OK(tg_ledger_read(&other, b.dir, tg_ledger_vkey(l), &err));
	FAILS(tg_ledger_append(other, "x", tg_json_object(), &index, &err),
	    TG_E_BUG);
	tg_ledger_free(other);
	tg_ledger_free(l);
}
END_TEST

START_TEST(only_no_such_file_is_no_ledger_yet)
{
	struct tg_ledger *l = NULL;
	struct tg_err err;

	FAILS(tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_CONFIG);
	book_create(&b);
	/* The checkpoint is there but cannot be read: not an empty ledger. */
	ck_assert_int_eq(rename(at("l/checkpoint"), at("kept")), 0);
	OK(tg_fs_mkdirs(at("l/checkpoint"), 0755, &err));
	FAILS(tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_IO);
	FAILS(
	    tg_ledger_create(b.dir, b.state, ORIGIN, &b.s.env, &err), TG_E_IO);
	ck_assert_int_eq(rmdir(at("l/checkpoint")), 0);
	ck_assert_int_eq(symlink(at("kept"), at("l/checkpoint")), 0);
	FAILS(
	    tg_ledger_create(b.dir, b.state, ORIGIN, &b.s.env, &err), TG_E_IO);
	ck_assert_int_eq(unlink(at("l/checkpoint")), 0);
	ck_assert_int_eq(rename(at("kept"), at("l/checkpoint")), 0);
	ck_assert_uint_eq(book_check(&b), 1);
}
END_TEST

START_TEST(a_folder_that_is_gone_is_a_rollback_not_a_new_ledger)
{
	struct tg_ledger *l = NULL;
	struct tg_err err;

	book_create(&b);
	book_fill(&b, 3);
	OK(tg_fs_remove_tree(b.dir, &err));
	FAILS(tg_ledger_create(b.dir, b.state, ORIGIN, &b.s.env, &err),
	    TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "ROLLBACK"));
	FAILS(
	    tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_INTEGRITY);
}
END_TEST

START_TEST(an_older_folder_is_a_rollback)
{
	struct tg_ledger *l = NULL;
	struct tg_err err;

	book_create(&b);
	for (unsigned back = 1; back <= 3; back++) {
		scratch_copy_tree(b.dir, at("old"));
		book_fill(&b, back);
		OK(tg_fs_remove_tree(b.dir, &err));
		ck_assert_int_eq(rename(at("old"), b.dir), 0);
		FAILS(tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err),
		    TG_E_INTEGRITY);
		ck_assert_ptr_nonnull(strstr(err.text, "ROLLBACK"));
		OK(tg_fs_remove_tree(b.dir, &err));
		OK(tg_fs_remove_tree(b.state, &err));
		book_create(&b);
	}
}
END_TEST

START_TEST(two_futures_of_one_past_are_a_fork)
{
	struct tg_ledger *l = NULL;
	struct tg_err err;

	book_create(&b);
	book_fill(&b, 2);
	scratch_copy_tree(b.dir, at("fork"));
	scratch_copy_tree(b.state, at("fork-state"));
	book_fill(&b, 1);
	/* The copy goes on elsewhere with the same key, and comes back. */
	b.s.clock.now += 5;
	OK(tg_ledger_open(&l, at("fork"), at("fork-state"), &b.s.env, &err));
	for (unsigned n = 3; n <= 5; n++) {
		uint64_t index;

		OK(tg_ledger_append(
		    l, "other", tg_json_object(), &index, &err));
		if (n == 3) { /* same size, another root */
			scratch_copy_tree(at("fork"), at("same"));
		}
	}
	tg_ledger_free(l);
	l = NULL;
	FAILS(tg_ledger_open(&l, at("same"), b.state, &b.s.env, &err),
	    TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "FORK"));
	FAILS(tg_ledger_open(&l, at("fork"), b.state, &b.s.env, &err),
	    TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "FORK"));
}
END_TEST

START_TEST(a_promise_without_its_checkpoint_is_kept)
{
	struct tg_buf old, now, all;
	struct tg_ledger *l;

	tg_buf_init(&old, 4096);
	tg_buf_init(&now, 4096);
	tg_buf_init(&all, 4096);
	book_create(&b);
	/* Across a full tile too: 254, 255, 256, 257 entries. */
	book_fill(&b, 252);
	for (int i = 0; i < 5; i++) {
		scratch_get(&old, at("l/checkpoint"));
		book_fill(&b, 1);
		scratch_get(&now, at("l/checkpoint"));
		scratch_put(at("l/checkpoint"), tg_buf_sv(&old));
		ck_assert_uint_eq(book_check(&b), 253 + (unsigned)i);
		l = book_open(&b);
		ck_assert_uint_eq(tg_ledger_size(l), 254 + (unsigned)i);
		tg_ledger_free(l);
		scratch_get(&all, at("l/checkpoint"));
		ck_assert(tg_sv_eq(tg_buf_sv(&all), tg_buf_sv(&now)));
		ck_assert_uint_eq(book_check(&b), 254 + (unsigned)i);
	}
	tg_buf_deinit(&old);
	tg_buf_deinit(&now);
	tg_buf_deinit(&all);
}
END_TEST

START_TEST(a_genesis_without_its_checkpoint_is_kept)
{
	book_create(&b);
	ck_assert_int_eq(unlink(at("l/checkpoint")), 0);
	book_create(&b);
	ck_assert_uint_eq(book_check(&b), 1);
	ck_assert_int_eq(unlink(at("l/checkpoint")), 0);
	tg_ledger_free(book_open(&b));
	ck_assert_uint_eq(book_check(&b), 1);
}
END_TEST

START_TEST(a_promise_that_the_tiles_do_not_hold_is_refused)
{
	struct tg_ledger *l = NULL;
	struct tg_buf old;
	struct tg_err err;

	tg_buf_init(&old, 4096);
	book_create(&b);
	book_fill(&b, 3);
	scratch_get(&old, at("l/checkpoint"));
	book_fill(&b, 1);
	scratch_put(at("l/checkpoint"), tg_buf_sv(&old));
	ck_assert_int_eq(unlink(at("l/tile/0/000.p/5")), 0);
	FAILS(
	    tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "ROLLBACK"));
	tg_buf_deinit(&old);
}
END_TEST

START_TEST(a_state_that_is_lost_or_open_is_refused)
{
	struct tg_ledger *l = NULL;
	struct tg_err err;

	book_create(&b);
	book_fill(&b, 1);
	ck_assert_int_eq(chmod(b.state, 0755), 0);
	FAILS(tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_KEY);
	ck_assert_int_eq(chmod(b.state, 0700), 0);
	ck_assert_int_eq(chmod(at("state/log.key"), 0640), 0);
	FAILS(tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_KEY);
	ck_assert_int_eq(chmod(at("state/log.key"), 0600), 0);
	ck_assert_int_eq(rename(at("state/log.key"), at("key")), 0);
	FAILS(
	    tg_ledger_create(b.dir, b.state, ORIGIN, &b.s.env, &err), TG_E_KEY);
	ck_assert_int_eq(rename(at("key"), at("state/log.key")), 0);
	ck_assert_int_eq(unlink(at("state/last-signed")), 0);
	FAILS(
	    tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_INTEGRITY);
	scratch_put(at("state/last-signed"), TG_SV("garbage\n"));
	FAILS(
	    tg_ledger_open(&l, b.dir, b.state, &b.s.env, &err), TG_E_INTEGRITY);
}
END_TEST

START_TEST(a_key_that_is_not_that_of_the_folder_is_refused)
{
	struct tg_ledger *l = NULL;
	struct tg_err err;

	book_create(&b);
	b.s.clock.seed = 99;
	b.s.clock.drawn = 0;
	OK(tg_ledger_create(at("m"), at("m-state"), ORIGIN, &b.s.env, &err));
	FAILS(tg_ledger_open(&l, b.dir, at("m-state"), &b.s.env, &err),
	    TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "log.vkey"));
	OK(tg_ledger_read(&l, at("m"), NULL, &err));
	FAILS(tg_ledger_check(b.dir, tg_ledger_vkey(l), &(uint64_t){0}, &err),
	    TG_E_INTEGRITY);
	tg_ledger_free(l);
}
END_TEST

START_TEST(a_note_on_records_never_passes_for_a_checkpoint)
{
	static const char *const bad[] = {ORIGIN, ORIGIN "/", "other/x",
	    ORIGIN "x/y", ORIGIN "/bundle/a b", ""};
	const uint8_t root[TG_LEDGER_HASH] = {1};
	struct tg_checkpoint cp;
	struct tg_note_pub pub;
	struct tg_ledger *l;
	struct tg_buf note;
	struct tg_err err;

	book_create(&b);
	l = book_open(&b);
	tg_buf_init(&note, TG_NOTE_MAX);
	for (size_t i = 0; i < TG_COUNT(bad); i++)
		FAILS(
		    tg_ledger_note(l, bad[i], 1, root, &note, &err), TG_E_BUG);
	OK(tg_ledger_note(l, ORIGIN "/bundle/tg-uk-1", 5, root, &note, &err));
	OK(tg_note_pub(&pub, tg_sv_of(tg_ledger_vkey(l)), &err));
	FAILS(tg_checkpoint_open(&cp, &pub, NULL, tg_buf_sv(&note), &err),
	    TG_E_INTEGRITY);
	OK(tg_checkpoint_open(
	    &cp, &pub, ORIGIN "/bundle/tg-uk-1", tg_buf_sv(&note), &err));
	ck_assert_uint_eq(cp.size, 5);
	ck_assert_mem_eq(cp.root, root, sizeof(root));
	tg_buf_deinit(&note);
	tg_ledger_free(l);
}
END_TEST

Suite *
ledger_suite(void)
{
	Suite *s = suite_create("ledger");
	TCase *c = tcase_create("ledger");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_new_ledger_has_its_genesis_and_its_files);
	tcase_add_test(c, creating_again_changes_nothing);
	tcase_add_test(c, every_size_up_to_300_opens_reads_and_checks);
	tcase_add_test(
	    c, entries_are_canonical_and_numbered_and_time_never_runs_back);
	tcase_add_test(c, an_entry_too_long_or_with_our_members_is_refused);
	tcase_add_test(c, find_takes_the_last_of_its_type_key_and_value);
	tcase_add_test(c, one_writer_at_a_time_and_readers_write_nothing);
	tcase_add_test(c, only_no_such_file_is_no_ledger_yet);
	tcase_add_test(c, a_folder_that_is_gone_is_a_rollback_not_a_new_ledger);
	tcase_add_test(c, an_older_folder_is_a_rollback);
	tcase_add_test(c, two_futures_of_one_past_are_a_fork);
	tcase_add_test(c, a_promise_without_its_checkpoint_is_kept);
	tcase_add_test(c, a_genesis_without_its_checkpoint_is_kept);
	tcase_add_test(c, a_promise_that_the_tiles_do_not_hold_is_refused);
	tcase_add_test(c, a_state_that_is_lost_or_open_is_refused);
	tcase_add_test(c, a_key_that_is_not_that_of_the_folder_is_refused);
	tcase_add_test(c, a_note_on_records_never_passes_for_a_checkpoint);
	suite_add_tcase(s, c);
	return s;
}
