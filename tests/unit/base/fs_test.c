#include "base/fs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/base/suites.h"

#include "base/banned.h"

static char *dir; /* a new one for each test */

char *
test_folder(void)
{
	const char *const tmp = getenv("TMPDIR");
	char *path =
	    tg_fs_join(tmp == NULL ? "/tmp" : tmp, "tracegate-test-XXXXXX");

	ck_assert_ptr_nonnull(path);
	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

void
test_folder_remove(char *path)
{
	struct tg_err err;

	if (tg_fs_remove_tree(path, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert(!tg_fs_exists(path));
	free(path);
}

static void
setup(void)
{
	dir = test_folder();
}

static void
teardown(void)
{
	test_folder_remove(dir);
}

static char *
at(const char *name)
{
	char *path = tg_fs_join(dir, name);

	ck_assert_ptr_nonnull(path);
	return path;
}

static void
put(const char *path, const char *text)
{
	struct tg_err err;

	if (tg_fs_write(path, tg_sv_of(text), 0644, TG_FS_OVERWRITE, &err) < 0)
		ck_abort_msg("%s", err.text);
}

static void
holds(const char *path, const char *text)
{
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1 << 20);
	if (tg_fs_slurp(&b, path, NULL, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert(tg_sv_is(tg_buf_sv(&b), text));
	tg_buf_deinit(&b);
}

/* No file of another name was left. */
static void
only(const char *name)
{
	struct tg_fs_names names;

	ck_assert_int_eq(tg_fs_list(&names, dir, false, NULL), 0);
	ck_assert_uint_eq(names.n, 1);
	ck_assert_str_eq(names.name[0], name);
	tg_fs_names_free(&names);
}

static const struct {
	const char *before; /* NULL: no file */
	int how;
	int rc;
	enum tg_err_class cls;
	const char *after;
} writes[] = {
    {NULL, TG_FS_NEW, 0, TG_E_NONE, "new"},
    {"old", TG_FS_NEW, -1, TG_E_NO, "old"},
    {"new", TG_FS_NEW, -1, TG_E_NO, "new"},
    {NULL, TG_FS_OVERWRITE, 0, TG_E_NONE, "new"},
    {"old", TG_FS_OVERWRITE, 0, TG_E_NONE, "new"},
    {NULL, TG_FS_SAME_IS_FINE, 0, TG_E_NONE, "new"},
    {"new", TG_FS_SAME_IS_FINE, 0, TG_E_NONE, "new"},
    {"old", TG_FS_SAME_IS_FINE, -1, TG_E_NO, "old"},
    {"newer", TG_FS_SAME_IS_FINE, -1, TG_E_NO, "newer"},
    {"ne", TG_FS_SAME_IS_FINE, -1, TG_E_NO, "ne"},
    {"", TG_FS_SAME_IS_FINE, -1, TG_E_NO, ""},
};

START_TEST(an_existing_file_is_treated_as_asked)
{
	char *path = at("f");
	struct tg_err err = {.cls = TG_E_NONE};

	if (writes[_i].before != NULL)
		put(path, writes[_i].before);
	ck_assert_int_eq(
	    tg_fs_write(path, TG_SV("new"), 0640, writes[_i].how, &err),
	    writes[_i].rc);
	ck_assert_int_eq(err.cls, writes[_i].cls);
	holds(path, writes[_i].after);
	only("f");
	free(path);
}
END_TEST

/* The file appears after the temporary one was opened: the early look cannot
 * have seen it. */
START_TEST(a_file_that_appears_meanwhile_is_treated_alike)
{
	char *path = at("f");
	struct tg_fs_out o;
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(
	    tg_fs_out_open(&o, path, 0600, writes[_i].how, &err), 0);
	ck_assert_int_eq(tg_fs_out_write(&o, "n", 1, &err), 0);
	ck_assert_int_eq(tg_fs_out_write(&o, "ew", 2, &err), 0);
	ck_assert_uint_eq(o.n, 3);
	ck_assert(!tg_fs_exists(path));
	if (writes[_i].before != NULL)
		put(path, writes[_i].before);
	ck_assert_int_eq(tg_fs_out_commit(&o, &err), writes[_i].rc);
	ck_assert_int_eq(err.cls, writes[_i].cls);
	holds(path, writes[_i].after);
	tg_fs_out_abort(&o); /* does nothing any more */
	only("f");
	free(path);
}
END_TEST

START_TEST(an_aborted_file_leaves_nothing)
{
	char *path = at("f");
	struct tg_fs_out o, none = {-1, NULL, NULL, 0, 0};
	struct tg_fs_names names;

	tg_fs_out_abort(&none);
	ck_assert_int_eq(tg_fs_out_open(&o, path, 0600, TG_FS_NEW, NULL), 0);
	ck_assert_int_eq(tg_fs_out_write(&o, "x", 1, NULL), 0);
	tg_fs_out_abort(&o);
	tg_fs_out_abort(&o);
	ck_assert_int_eq(tg_fs_list(&names, dir, true, NULL), 0);
	ck_assert_uint_eq(names.n, 0);
	tg_fs_names_free(&names);
	free(path);
}
END_TEST

START_TEST(a_symbolic_link_is_neither_read_nor_replaced)
{
	char *real = at("real"), *link = at("link");
	struct tg_buf b;
	struct tg_err err;
	bool missing = true;

	put(real, "secret");
	ck_assert_int_eq(symlink(real, link), 0);
	tg_buf_init(&b, 100);
	ck_assert_int_eq(tg_fs_slurp(&b, link, &missing, &err), -1);
	ck_assert(!missing);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "symbolic link"));
	ck_assert_int_eq(tg_fs_slurp_private(&b, link, &err), -1);
	for (int how = TG_FS_NEW; how <= TG_FS_SAME_IS_FINE; how++)
		ck_assert_int_eq(
		    tg_fs_write(link, TG_SV("x"), 0600, how, &err), -1);
	ck_assert_int_eq(tg_fs_lock(link, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	holds(real, "secret");
	ck_assert_uint_eq(b.n, 0);
	tg_buf_deinit(&b);
	free(real);
	free(link);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_without_hanging)
{
	char *fifo = at("fifo");
	struct tg_buf b;
	struct tg_err err;

	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	tg_buf_init(&b, 100);
	ck_assert_int_eq(tg_fs_slurp(&b, fifo, NULL, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_int_eq(tg_fs_slurp(&b, dir, NULL, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_int_eq(
	    tg_fs_write(fifo, TG_SV("x"), 0600, TG_FS_OVERWRITE, &err), -1);
	ck_assert_int_eq(
	    tg_fs_write(dir, TG_SV("x"), 0600, TG_FS_OVERWRITE, &err), -1);
	tg_buf_deinit(&b);
	free(fifo);
}
END_TEST

START_TEST(slurp_appends_and_says_what_is_missing)
{
	char *path = at("f");
	struct tg_buf b;
	struct tg_err err;
	bool missing = false;

	tg_buf_init(&b, 100);
	ck_assert_int_eq(tg_buf_adds(&b, "head ", &err), 0);
	ck_assert_int_eq(tg_fs_slurp(&b, path, &missing, &err), -1);
	ck_assert(missing);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	put(path, "tail");
	ck_assert_int_eq(tg_fs_slurp(&b, path, &missing, &err), 0);
	ck_assert(!missing);
	ck_assert_str_eq(b.p, "head tail");
	tg_buf_deinit(&b);
	free(path);
}
END_TEST

START_TEST(a_file_of_the_ceilings_size_fits_and_one_byte_more_does_not)
{
	char *path = at("f");
	char text[5001];
	struct tg_buf b;
	struct tg_err err;

	memset(text, 'x', 5000);
	text[5000] = '\0';
	put(path, text);
	tg_buf_init(&b, 5001);
	ck_assert_int_eq(tg_buf_addc(&b, '>', &err), 0);
	ck_assert_int_eq(tg_fs_slurp(&b, path, NULL, &err), 0);
	ck_assert_uint_eq(b.n, 5001);
	tg_buf_deinit(&b);
	tg_buf_init(&b, 5000);
	ck_assert_int_eq(tg_buf_addc(&b, '>', &err), 0);
	ck_assert_int_eq(tg_fs_slurp(&b, path, NULL, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_str_eq(b.p, ">");
	ck_assert_ptr_nonnull(strstr(err.text, path));
	tg_buf_deinit(&b);
	free(path);
}
END_TEST

/* Its size is told as 0. */
START_TEST(a_file_without_a_told_size_is_read_whole)
{
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1 << 20);
	ck_assert_int_eq(tg_fs_slurp(&b, "/proc/self/status", NULL, &err), 0);
	ck_assert_uint_gt(b.n, 500);
	ck_assert_uint_eq(strlen(b.p), b.n);
	tg_buf_deinit(&b);
}
END_TEST

static const struct {
	mode_t mode;
	bool ok;
} modes[] = {{0600, true}, {0400, true}, {0700, true}, {0640, false},
    {0604, false}, {0610, false}, {0601, false}, {0660, false}, {0644, false}};

START_TEST(a_key_file_must_be_closed_to_others)
{
	char *path = at("key");
	struct tg_buf b;
	struct tg_err err = {.cls = TG_E_NONE};

	put(path, "k");
	ck_assert_int_eq(chmod(path, modes[_i].mode), 0);
	tg_buf_init(&b, 100);
	ck_assert_int_eq(
	    tg_fs_slurp_private(&b, path, &err), modes[_i].ok ? 0 : -1);
	ck_assert_int_eq(err.cls, modes[_i].ok ? TG_E_NONE : TG_E_KEY);
	ck_assert_uint_eq(b.n, modes[_i].ok ? 1 : 0);
	if (!modes[_i].ok)
		ck_assert_ptr_nonnull(strstr(err.hint, "chmod 600"));
	tg_buf_deinit(&b);
	free(path);
}
END_TEST

START_TEST(a_written_file_has_the_mode_asked_for)
{
	char *path = at("key");
	const mode_t mask = umask(022);
	struct stat st;

	ck_assert_int_eq(
	    tg_fs_write(path, TG_SV("k"), 0600, TG_FS_NEW, NULL), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	umask(mask);
	free(path);
}
END_TEST

START_TEST(a_deep_list_is_sorted_by_bytes_and_has_regular_files_only)
{
	static const char *const files[] = {"b/x", "a.txt", "a/z", "a/b/c", "Z",
	    "a-b", "\xC3\xA9", "a/.hidden"};
	static const char *const want[] = {"Z", "a-b", "a.txt", "a/.hidden",
	    "a/b/c", "a/z", "b/x", "\xC3\xA9"};
	static const char *const top[] = {
	    "Z", "a", "a-b", "a.txt", "b", "link", "\xC3\xA9"};
	struct tg_fs_names names;
	struct tg_err err;
	char *p = at("a/b"), *q = at("b"), *l = at("link");

	ck_assert_int_eq(tg_fs_mkdirs(p, 0700, &err), 0);
	ck_assert_int_eq(tg_fs_mkdirs(q, 0700, &err), 0);
	ck_assert_int_eq(symlink("a", l), 0);
	for (size_t i = 0; i < TG_COUNT(files); i++) {
		char *f = at(files[i]);

		put(f, "x");
		free(f);
	}
	ck_assert_int_eq(tg_fs_list(&names, dir, true, &err), 0);
	ck_assert_uint_eq(names.n, TG_COUNT(want));
	for (size_t i = 0; i < names.n; i++)
		ck_assert_str_eq(names.name[i], want[i]);
	tg_fs_names_free(&names);
	ck_assert_int_eq(tg_fs_list(&names, dir, false, &err), 0);
	ck_assert_uint_eq(names.n, TG_COUNT(top));
	for (size_t i = 0; i < names.n; i++)
		ck_assert_str_eq(names.name[i], top[i]);
	tg_fs_names_free(&names);
	tg_fs_names_free(&names);
	tg_fs_names_free(NULL);
	ck_assert_int_eq(tg_fs_list(&names, l, true, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	free(p);
	free(q);
	free(l);
}
END_TEST

START_TEST(a_tree_deeper_than_the_cap_is_refused_whole)
{
	char deep[400] = "", *path;
	struct tg_fs_names names = {NULL, 0};
	struct tg_err err;

	for (size_t i = 0; i < 65; i++)
		memcpy(deep + 2 * i, "d/", 3);
	path = at(deep);
	ck_assert_int_eq(tg_fs_mkdirs(path, 0700, &err), 0);
	ck_assert(tg_fs_is_dir(path));
	ck_assert_int_eq(tg_fs_list(&names, dir, true, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_ptr_null(names.name);
	free(path);
	/* For the tear-down: short enough to be removed. */
	for (int i = 0; i < 5; i++) {
		char *a = at("d/d"), *b = at("e");

		ck_assert_int_eq(rename(a, b), 0);
		free(a);
		a = at("d");
		ck_assert_int_eq(rmdir(a), 0);
		ck_assert_int_eq(rename(b, a), 0);
		free(a);
		free(b);
	}
}
END_TEST

START_TEST(removing_a_tree_leaves_what_its_links_point_to)
{
	char *keep = at("keep"), *inner = at("keep/file"), *tree = at("tree");
	char *sub = at("tree/sub"), *l1 = at("tree/sub/link"),
	     *l2 = at("tree/up"), *l3 = at("top");
	struct tg_err err;

	ck_assert_int_eq(tg_fs_mkdirs(keep, 0700, &err), 0);
	ck_assert_int_eq(tg_fs_mkdirs(sub, 0700, &err), 0);
	put(inner, "stays");
	ck_assert_int_eq(symlink(keep, l1), 0);
	ck_assert_int_eq(symlink("../keep/file", l2), 0);
	ck_assert_int_eq(symlink("keep", l3), 0);
	ck_assert_int_eq(tg_fs_remove_tree(tree, &err), 0);
	ck_assert_int_eq(tg_fs_remove_tree(tree, &err), 0);
	ck_assert(!tg_fs_exists(tree));
	ck_assert_int_eq(tg_fs_remove_tree(l3, &err), 0);
	ck_assert(!tg_fs_exists(l3));
	holds(inner, "stays");
	ck_assert_int_eq(tg_fs_remove_tree(inner, &err), 0);
	ck_assert(!tg_fs_exists(inner));
	free(keep);
	free(inner);
	free(tree);
	free(sub);
	free(l1);
	free(l2);
	free(l3);
}
END_TEST

START_TEST(folders_are_made_with_their_parents)
{
	char *path = at("a//b/c/"), *file = at("f"), *under = at("f/x");
	struct tg_err err;
	char longest[5000];

	ck_assert_int_eq(tg_fs_mkdirs(path, 0700, &err), 0);
	ck_assert_int_eq(tg_fs_mkdirs(path, 0700, &err), 0);
	ck_assert(tg_fs_is_dir(path));
	put(file, "x");
	ck_assert(tg_fs_exists(file));
	ck_assert(!tg_fs_is_dir(file));
	ck_assert_int_eq(tg_fs_mkdirs(under, 0700, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_int_eq(tg_fs_mkdirs("", 0700, &err), -1);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(tg_fs_mkdirs(longest, 0700, &err), -1);
	free(path);
	free(file);
	free(under);
}
END_TEST

START_TEST(a_lock_is_held_against_another_process_until_it_is_closed)
{
	char *path = at("lock");
	struct tg_err err;
	const int fd = tg_fs_lock(path, &err);
	int status, again;
	pid_t pid;

	ck_assert_int_ge(fd, 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		const int other = tg_fs_lock(path, &err);

		_exit(other < 0 && err.cls == TG_E_LOCKED ? 42 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 42);
	close(fd);
	again = tg_fs_lock(path, &err);
	ck_assert_int_ge(again, 0);
	close(again);
	free(path);
}
END_TEST

static const struct {
	const char *a, *b, *want;
} joins[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"},
    {"", "b", "b"}, {"a", "", "a/"}};

START_TEST(a_path_is_joined_with_one_slash)
{
	char *p = tg_fs_join(joins[_i].a, joins[_i].b);

	ck_assert_str_eq(p, joins[_i].want);
	free(p);
}
END_TEST

START_TEST(a_full_device_is_told)
{
	struct tg_err err;
	FILE *f = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(tg_fs_write_all(fileno(f), "x", 1, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	(void)fclose(f);
}
END_TEST

static TCase *
write_case(void)
{
	TCase *t = tcase_create("write");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(
	    t, an_existing_file_is_treated_as_asked, 0, (int)TG_COUNT(writes));
	tcase_add_loop_test(t, a_file_that_appears_meanwhile_is_treated_alike,
	    0, (int)TG_COUNT(writes));
	tcase_add_test(t, an_aborted_file_leaves_nothing);
	tcase_add_test(t, a_symbolic_link_is_neither_read_nor_replaced);
	tcase_add_test(t, a_written_file_has_the_mode_asked_for);
	tcase_add_test(t, a_full_device_is_told);
	return t;
}

Suite *
fs_suite(void)
{
	Suite *s = suite_create("fs");
	TCase *t = tcase_create("fs");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_is_no_regular_file_is_refused_without_hanging);
	tcase_add_test(t, slurp_appends_and_says_what_is_missing);
	tcase_add_test(
	    t, a_file_of_the_ceilings_size_fits_and_one_byte_more_does_not);
	tcase_add_test(t, a_file_without_a_told_size_is_read_whole);
	tcase_add_loop_test(
	    t, a_key_file_must_be_closed_to_others, 0, (int)TG_COUNT(modes));
	tcase_add_test(
	    t, a_deep_list_is_sorted_by_bytes_and_has_regular_files_only);
	tcase_add_test(t, a_tree_deeper_than_the_cap_is_refused_whole);
	tcase_add_test(t, removing_a_tree_leaves_what_its_links_point_to);
	tcase_add_test(t, folders_are_made_with_their_parents);
	tcase_add_test(
	    t, a_lock_is_held_against_another_process_until_it_is_closed);
	tcase_add_loop_test(
	    t, a_path_is_joined_with_one_slash, 0, (int)TG_COUNT(joins));
	suite_add_tcase(s, t);
	suite_add_tcase(s, write_case());
	return s;
}
