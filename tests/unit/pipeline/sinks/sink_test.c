#include "pipeline/sinks/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/pipeline/sinks/scratch.h"
#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

static const struct open_row {
	struct tg_sv url;
	enum tg_err_class cls;
} open_rows[] = {
    {{"", 0}, TG_E_CONFIG}, {{"file:a\0b", 8}, TG_E_CONFIG},
    {{"file:a\nb", 8}, TG_E_CONFIG}, {{"/plain/path", 11}, TG_E_USAGE},
    {{"ftp://x/y", 9}, TG_E_USAGE}, {{"files:/x", 8}, TG_E_USAGE},
    {{"file", 4}, TG_E_USAGE}, {{"FILE:/x", 7}, TG_E_USAGE},
    {{"file:", 5}, TG_E_CONFIG}, {{"file://host/x", 13}, TG_E_CONFIG},
    {{"file://", 7}, TG_E_CONFIG}, {{"s3://Bad_Bucket", 15}, TG_E_CONFIG},
    {{"s3://tg-bucket", 14}, TG_E_KEY}, /* no credentials */
};

START_TEST(open_refuses_with_the_right_class)
{
	struct tg_env_fixed fixed = {.now = 0};
	const struct tg_env env = tg_env_fixed(&fixed);
	struct tg_sink *s = NULL;
	struct tg_err err;

	ck_assert_int_eq(
	    tg_sink_open(&s, open_rows[_i].url, NULL, &env, &err), -1);
	ck_assert_int_eq(err.cls, open_rows[_i].cls);
	ck_assert_ptr_null(s);
}
END_TEST

/* A target, a file and a good put; each test bends one thing. */
struct bench {
	struct scratch t;
	char url[300];
	char *file;
	struct tg_sink *sink;
	struct tg_receipt *receipt;
	struct tg_put put;
	struct tg_put_result res;
	struct tg_err err;
};

static void
bench_init(struct bench *b)
{
	*b = (struct bench){.res = {.tries = 77}};
	scratch_init(&b->t);
	(void)snprintf(b->url, sizeof(b->url), "file:%s/out", b->t.dir);
	b->file = scratch_file(&b->t, "manifest.json", "{}\n");
	ck_assert_int_eq(
	    tg_sink_open(&b->sink, tg_sv_of(b->url), NULL, &b->t.env, &b->err),
	    0);
	b->receipt = scratch_receipt(&b->t, "tg-uk-1", b->url);
	b->put = scratch_put("tg-uk-1/manifest.json", b->file);
}

/* The put fails with @cls, the result is untouched, nothing was written. */
static void
bench_refused(struct bench *b, enum tg_err_class cls)
{
	char *out = scratch_path(&b->t, "out");

	ck_assert_int_eq(
	    tg_sink_put(b->sink, b->receipt, &b->put, &b->res, &b->err), -1);
	ck_assert_msg(b->err.cls == cls, "%d: %s", b->err.cls, b->err.text);
	ck_assert_uint_eq(b->res.tries, 77);
	ck_assert(!tg_fs_exists(out));
	free(out);
}

static void
bench_deinit(struct bench *b)
{
	tg_sink_free(b->sink);
	tg_receipt_free(b->receipt);
	free(b->file);
	scratch_deinit(&b->t);
}

START_TEST(put_needs_a_receipt)
{
	struct bench b;
	struct tg_receipt *keep;

	bench_init(&b);
	keep = b.receipt;
	b.receipt = NULL;
	bench_refused(&b, TG_E_BUG);
	b.receipt = keep;
	bench_deinit(&b);
}
END_TEST

START_TEST(put_needs_a_receipt_for_this_target)
{
	struct bench b;

	bench_init(&b);
	tg_receipt_free(b.receipt);
	b.receipt = scratch_receipt(&b.t, "tg-uk-1", "file:/elsewhere");
	bench_refused(&b, TG_E_BUG);
	ck_assert_ptr_nonnull(strstr(b.err.text, "another target"));
	bench_deinit(&b);
}
END_TEST

START_TEST(put_needs_a_receipt_for_this_bundle)
{
	static const char *const names[] = {"tg-uk-2/manifest.json",
	    "tg-uk-10/manifest.json", "tg-uk-1", "manifest.json"};
	struct bench b;

	bench_init(&b);
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		b.put.name = names[i];
		bench_refused(&b, TG_E_BUG);
	}
	bench_deinit(&b);
}
END_TEST

START_TEST(put_refuses_names_that_climb)
{
	static const char *const names[] = {"tg-uk-1/../../etc/x", "/tg-uk-1/x",
	    "tg-uk-1//x", "tg-uk-1/", "", "tg-uk-1/a\nb"};
	struct bench b;

	bench_init(&b);
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		b.put.name = names[i];
		bench_refused(&b, TG_E_CONFIG);
	}
	bench_deinit(&b);
}
END_TEST

START_TEST(put_sends_nothing_when_the_file_is_not_as_recorded)
{
	struct bench b;

	bench_init(&b);
	b.put.sha256[31] ^= 1;
	bench_refused(&b, TG_E_INTEGRITY);
	b.put.sha256[31] ^= 1;
	b.put.size++;
	bench_refused(&b, TG_E_INTEGRITY);
	bench_deinit(&b);
}
END_TEST

START_TEST(put_takes_regular_files_only)
{
	struct bench b;
	char *link;

	bench_init(&b);
	link = scratch_path(&b.t, "link");
	ck_assert_int_eq(symlink(b.file, link), 0);
	b.put.path = link;
	bench_refused(&b, TG_E_IO);
	b.put.path = b.t.dir;
	bench_refused(&b, TG_E_IO);
	b.put.path = "/nonexistent/file";
	bench_refused(&b, TG_E_IO);
	free(link);
	bench_deinit(&b);
}
END_TEST

Suite *
sink_suite(void)
{
	Suite *s = suite_create("sink");
	TCase *tc = tcase_create("sink");

	tcase_add_loop_test(
	    tc, open_refuses_with_the_right_class, 0, TG_COUNT(open_rows));
	tcase_add_test(tc, put_needs_a_receipt);
	tcase_add_test(tc, put_needs_a_receipt_for_this_target);
	tcase_add_test(tc, put_needs_a_receipt_for_this_bundle);
	tcase_add_test(tc, put_refuses_names_that_climb);
	tcase_add_test(tc, put_sends_nothing_when_the_file_is_not_as_recorded);
	tcase_add_test(tc, put_takes_regular_files_only);
	suite_add_tcase(s, tc);
	return s;
}
