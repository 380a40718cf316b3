#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/sinks/sink.h"
#include "tests/unit/pipeline/sinks/scratch.h"
#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

#define NAME "tg-uk-1/evidence/en/page.html"

static uint64_t progress_sent, progress_total;
static const char *until; /* expires_at of what put_bytes puts */

static void
on_progress(void *ctx TG_UNUSED, uint64_t sent, uint64_t total)
{
	progress_sent = sent;
	progress_total = total;
}

/* Puts the bytes as NAME below @url; 0 or -1. */
static int
put_bytes(struct scratch *t, const char *url, const void *p, size_t n,
    struct tg_put_result *res, struct tg_err *err)
{
	const struct tg_sink_options opt = {.progress = on_progress};
	struct tg_receipt *r = scratch_receipt(t, "tg-uk-1", url);
	char *file = scratch_bytes(t, "local", p, n);
	struct tg_put put = scratch_put(NAME, file);
	struct tg_sink *s;
	int rc;

	put.expires_at = until;
	ck_assert_int_eq(
	    tg_sink_open(&s, tg_sv_of(url), &opt, &t->env, err), 0);
	rc = tg_sink_put(s, r, &put, res, err);
	tg_sink_free(s);
	tg_receipt_free(r);
	free(file);
	return rc;
}

static void
holds(const char *path, const void *p, size_t n)
{
	struct tg_buf b;

	tg_buf_init(&b, 64u << 20);
	ck_assert_int_eq(tg_fs_slurp(&b, path, NULL, NULL), 0);
	ck_assert_uint_eq(b.n, n);
	ck_assert(n == 0 || memcmp(b.p, p, n) == 0);
	tg_buf_deinit(&b);
}

static const size_t sizes[] = {0, 1, 4095, 256 * 1024, 3 * 1024 * 1024 + 7};

START_TEST(put_writes_the_bytes_below_the_folder)
{
	const size_t n = sizes[_i];
	struct tg_put_result res;
	struct scratch t;
	struct tg_err err;
	char url[300], *path, *dir, *bytes = malloc(n + 1);
	struct stat st;

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 31 % 251);
	scratch_init(&t);
	(void)snprintf(url, sizeof(url), "file:%s/new/out", t.dir);
	path = scratch_path(&t, "new/out/" NAME);
	dir = scratch_path(&t, "new/out/tg-uk-1/evidence");
	ck_assert_msg(
	    put_bytes(&t, url, bytes, n, &res, &err) == 0, "%s", err.text);
	ck_assert(!res.was_there);
	ck_assert_uint_eq(res.sent, n);
	ck_assert_uint_eq(res.tries, 1);
	ck_assert_str_eq(res.etag, "");
	holds(path, bytes, n);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	if (n > 0)
		ck_assert(progress_sent == n && progress_total == n);
	/* Again: nothing to do. */
	ck_assert_int_eq(put_bytes(&t, url, bytes, n, &res, &err), 0);
	ck_assert(res.was_there);
	ck_assert_uint_eq(res.sent, 0);
	free(bytes);
	free(path);
	free(dir);
	scratch_deinit(&t);
}
END_TEST

START_TEST(put_takes_a_relative_folder_and_three_slashes)
{
	struct tg_put_result res;
	struct scratch t;
	struct tg_err err;
	char url[300], *path;

	scratch_init(&t);
	ck_assert_int_eq(chdir(t.dir), 0);
	path = scratch_path(&t, "rel/" NAME);
	ck_assert_int_eq(put_bytes(&t, "file:rel", "x", 1, &res, &err), 0);
	holds(path, "x", 1);
	(void)snprintf(url, sizeof(url), "file://%s/rel", t.dir);
	ck_assert_int_eq(put_bytes(&t, url, "x", 1, &res, &err), 0);
	ck_assert(res.was_there);
	free(path);
	ck_assert_int_eq(chdir("/"), 0);
	scratch_deinit(&t);
}
END_TEST

/* The date is the file's own metadata where its file system has any, and else
 * that is said. */
START_TEST(until_when_it_is_kept_is_metadata_of_the_file)
{
	struct tg_put_result res;
	struct scratch t;
	struct tg_err err;
	char url[300], *path, have[64] = "";

	scratch_init(&t);
	(void)snprintf(url, sizeof(url), "file:%s/out", t.dir);
	path = scratch_path(&t, "out/" NAME);
	until = "2026-12-24T00:00:00Z";
	ck_assert_int_eq(put_bytes(&t, url, "x", 1, &res, &err), 0);
	for (int again = 0; again < 2; again++) {
		const ssize_t n = getxattr(
		    path, "user.tracegate.expires_at", have, sizeof(have) - 1);

		ck_assert(res.unmarked == (n < 0));
		if (n >= 0)
			ck_assert_str_eq(have, until);
		else
			(void)printf("%s: no metadata of files here\n", t.dir);
		/* Taken away by somebody: put again, it is there again. */
		(void)removexattr(path, "user.tracegate.expires_at");
		ck_assert_int_eq(put_bytes(&t, url, "x", 1, &res, &err), 0);
		ck_assert(res.was_there);
	}
	until = NULL;
	free(path);
	scratch_deinit(&t);
}
END_TEST

/* What may stand in the way; none of it is touched. */
enum obstacle {
	OTHER_BYTES,
	SAME_LENGTH,
	FOLDER,
	LINK_TO_SAME,
	DANGLING,
	FIFO
};

static void
obstruct(const struct scratch *t, const char *path, enum obstacle what)
{
	char *same;

	switch (what) {
	case OTHER_BYTES:
		free(scratch_file(t, "out/" NAME, "other bytes"));
		break;
	case SAME_LENGTH:
		free(scratch_file(t, "out/" NAME, "mine?"));
		break;
	case FOLDER:
		ck_assert_int_eq(mkdir(path, 0755), 0);
		break;
	case LINK_TO_SAME:
		same = scratch_file(t, "same", "mine!");
		ck_assert_int_eq(symlink(same, path), 0);
		free(same);
		break;
	case DANGLING:
		ck_assert_int_eq(symlink("/nonexistent/x", path), 0);
		break;
	case FIFO:
		ck_assert_int_eq(mkfifo(path, 0600), 0);
		break;
	}
}

START_TEST(put_never_replaces)
{
	struct stat before, after;
	struct tg_put_result res;
	struct scratch t;
	struct tg_err err;
	char url[300], *path;

	scratch_init(&t);
	free(scratch_file(&t, "out/tg-uk-1/evidence/en/x", ""));
	(void)snprintf(url, sizeof(url), "file:%s/out", t.dir);
	path = scratch_path(&t, "out/" NAME);
	obstruct(&t, path, (enum obstacle)_i);
	ck_assert_int_eq(lstat(path, &before), 0);
	ck_assert_int_eq(put_bytes(&t, url, "mine!", 5, &res, &err), -1);
	ck_assert_msg(err.cls == TG_E_NO, "%d: %s", err.cls, err.text);
	ck_assert_int_eq(lstat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	free(path);
	scratch_deinit(&t);
}
END_TEST

START_TEST(put_after_a_kill_leaves_no_foreign_file)
{
	struct tg_fs_names names;
	struct tg_put_result res;
	struct scratch t;
	struct tg_err err;
	char url[300], *dir;

	scratch_init(&t);
	(void)snprintf(url, sizeof(url), "file:%s/out", t.dir);
	free(scratch_file(&t, "out/" NAME ".tmp-0a1b2c", "half"));
	free(scratch_file(&t, "out/" NAME ".tmp-0a1b2", "not ours"));
	free(scratch_file(&t, "out/tg-uk-1/evidence/en/b.tmp-0a1b2c", "nor"));
	dir = scratch_path(&t, "out/tg-uk-1/evidence/en");
	ck_assert_int_eq(put_bytes(&t, url, "mine!", 5, &res, &err), 0);
	ck_assert_int_eq(tg_fs_list(&names, dir, false, &err), 0);
	ck_assert_uint_eq(names.n, 3);
	ck_assert_str_eq(names.name[0], "b.tmp-0a1b2c");
	ck_assert_str_eq(names.name[1], "page.html");
	ck_assert_str_eq(names.name[2], "page.html.tmp-0a1b2");
	tg_fs_names_free(&names);
	free(dir);
	scratch_deinit(&t);
}
END_TEST

START_TEST(put_into_a_place_that_is_a_file_fails)
{
	struct tg_put_result res;
	struct scratch t;
	struct tg_err err;
	char url[300];

	scratch_init(&t);
	(void)snprintf(url, sizeof(url), "file:%s/out", t.dir);
	free(scratch_file(&t, "out/tg-uk-1", "a file"));
	ck_assert_int_eq(put_bytes(&t, url, "x", 1, &res, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	scratch_deinit(&t);
}
END_TEST

Suite *
sink_file_suite(void)
{
	Suite *s = suite_create("sink_file");
	TCase *tc = tcase_create("sink_file");

	tcase_add_loop_test(
	    tc, put_writes_the_bytes_below_the_folder, 0, TG_COUNT(sizes));
	tcase_add_test(tc, put_takes_a_relative_folder_and_three_slashes);
	tcase_add_test(tc, until_when_it_is_kept_is_metadata_of_the_file);
	tcase_add_loop_test(tc, put_never_replaces, OTHER_BYTES, FIFO + 1);
	tcase_add_test(tc, put_after_a_kill_leaves_no_foreign_file);
	tcase_add_test(tc, put_into_a_place_that_is_a_file_fails);
	suite_add_tcase(s, tc);
	return s;
}
