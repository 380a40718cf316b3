#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "pipeline/sinks/retry.h"
#include "tests/unit/pipeline/sinks/s3_bench.h"
#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

/* -------------------------------------------------- what a server may do */

static const struct fault_row {
	const char *what;
	enum fake_fault put[8], head[8];
	const char *trace; /* requests in order */
	enum tg_err_class cls;
	const char *says;
	unsigned tries;
	bool was_there;
} fault_rows[] = {
    {"all well", {FAKE_OK}, {FAKE_OK}, "HPH", TG_E_NONE, "", 1, false},
    {"503, then well", {FAKE_503, FAKE_OK}, {FAKE_OK}, "HPHPH", TG_E_NONE, "",
	2, false},
    {"500 without body", {FAKE_500, FAKE_500}, {FAKE_OK}, "HPHPHPH", TG_E_NONE,
	"", 3, false},
    {"reset in mid-body", {FAKE_RESET_MID}, {FAKE_OK}, "HPHPH", TG_E_NONE, "",
	2, false},
    {"answer lost after storing", {FAKE_LOST}, {FAKE_OK}, "HPH", TG_E_NONE, "",
	1, false},
    {"500 after storing", {FAKE_500_AFTER}, {FAKE_OK}, "HPH", TG_E_NONE, "", 1,
	false},
    {"lost, and HEAD fails twice", {FAKE_LOST}, {FAKE_OK, FAKE_503, FAKE_500},
	"HPHHH", TG_E_NONE, "", 1, false},
    {"not HTTP", {FAKE_GARBAGE}, {FAKE_OK}, "HPHPH", TG_E_NONE, "", 2, false},
    {"an answer without end", {FAKE_HUGE}, {FAKE_OK}, "HPHPH", TG_E_NONE, "", 2,
	false},
    {"HEAD refused once", {FAKE_OK}, {FAKE_503}, "HHPH", TG_E_NONE, "", 1,
	false},
    {"HEAD dropped once", {FAKE_OK}, {FAKE_DROP}, "HHPH", TG_E_NONE, "", 1,
	false},
    {"closed after the answer", {FAKE_CLOSE_AFTER}, {FAKE_OK}, "HPH", TG_E_NONE,
	"", 1, false},
    {"somebody was faster", {FAKE_RACE}, {FAKE_OK}, "HPH", TG_E_NO,
	"never replaced", 1, false},
    {"took it, holds less", {FAKE_WRONG_BYTES}, {FAKE_OK}, "HPH",
	TG_E_INTEGRITY, "holds something else", 1, false},
    {"took it, holds nothing", {FAKE_FORGET}, {FAKE_OK}, "HPH", TG_E_INTEGRITY,
	"holds something else", 1, false},
    {"no room", {FAKE_507}, {FAKE_OK}, "HP", TG_E_LIMIT, "full", 1, false},
    {"may look, may not write", {FAKE_DENIED}, {FAKE_OK}, "HP", TG_E_KEY,
	"not allowed", 1, false},
    {"may not look", {FAKE_OK}, {FAKE_DENIED}, "HG", TG_E_KEY, "AccessDenied",
	0, false},
    {"503 to the end",
	{FAKE_503, FAKE_503, FAKE_503, FAKE_503, FAKE_503, FAKE_503, FAKE_503,
	    FAKE_503},
	{FAKE_OK}, "HPHPHPHPHPHPHPHP", TG_E_IO, "given up after 8 tries", 8,
	false},
};

START_TEST(put_comes_out_right_whatever_the_server_does)
{
	const struct fault_row *row = &fault_rows[_i];
	struct bench b;
	int rc;

	s3_bench_init(&b);
	/* Else libcurl may try again on its own, or not: the next test. */
	b.f.close_after_head = true;
	memcpy(b.f.put, row->put, sizeof(row->put));
	memcpy(b.f.head, row->head, sizeof(row->head));
	rc = s3_bench_run(&b);
	ck_assert_msg(rc == (row->cls == TG_E_NONE ? 0 : -1), "%s: %s",
	    row->what, b.err.text);
	ck_assert_msg(strcmp(b.f.trace, row->trace) == 0, "%s: %s not %s",
	    row->what, b.f.trace, row->trace);
	if (rc < 0) {
		ck_assert_msg(b.err.cls == row->cls, "%s: class %d: %s",
		    row->what, b.err.cls, b.err.text);
		ck_assert_msg(strstr(b.err.text, row->says) != NULL, "%s: %s",
		    row->what, b.err.text);
	} else {
		s3_bench_stored(&b, BENCH_KEY, 12);
		ck_assert_uint_eq(b.res.tries, row->tries);
		ck_assert_uint_eq(b.res.sent, 12);
		ck_assert_int_eq(b.res.was_there, row->was_there);
		ck_assert_str_eq(b.res.etag, "\"e-tag\"");
		ck_assert_str_eq(b.res.version, "v1");
	}
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(retry_after_is_waited_for)
{
	struct bench b;

	s3_bench_init(&b);
	b.f.put[0] = FAKE_503;
	ck_assert_int_eq(s3_bench_run(&b), 0);
	ck_assert_uint_eq(b.n_waited, 1);
	ck_assert_int_eq(b.waited[0], 7000);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(max_tries_is_obeyed)
{
	struct bench b;

	s3_bench_init(&b);
	b.opt.max_tries = 2;
	b.f.put[0] = b.f.put[1] = b.f.put[2] = FAKE_503;
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_IO);
	ck_assert_str_eq(b.f.trace, "HPHP");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(nobody_listens_is_temporary)
{
	struct bench b;

	s3_bench_init(&b);
	ck_assert_int_eq(s3_bench_open(&b), 0);
	fake_stop(&b.f);
	ck_assert_int_eq(s3_bench_put(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_IO);
	ck_assert_uint_eq(b.n_waited, TG_RETRY_TRIES - 1);
	s3_bench_deinit(&b);
}
END_TEST

/* ------------------------------------------------------- content, headers */

static const size_t sizes[] = {0, 1, 70000, 5 * 1024 * 1024 + 3};

START_TEST(put_streams_files_of_any_size)
{
	const size_t n = sizes[_i];
	char *bytes = calloc(1, n + 1);
	struct bench b;

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 7 % 253);
	s3_bench_init(&b);
	s3_bench_file(&b, bytes, n);
	b.f.put[0] = n > 1 ? FAKE_RESET_MID : FAKE_OK;
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	s3_bench_stored(&b, BENCH_KEY, n);
	free(bytes);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(put_keeps_the_content_type)
{
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "{}", 2);
	b.put.content_type = "application/json; charset=utf-8";
	ck_assert_int_eq(s3_bench_run(&b), 0);
	ck_assert_str_eq(b.f.object[0].type, b.put.content_type);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(put_refuses_a_content_type_that_makes_headers)
{
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "{}", 2);
	b.put.content_type = "a/b\r\nx-amz-acl: public-read";
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_BUG);
	ck_assert_str_eq(b.f.trace, "");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(put_encodes_nasty_names_as_it_signs_them)
{
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "x", 1);
	b.put.name = "tg-uk-1/sp ace+\xc3\xa9~()*!.._&=@:,;$%20?#x";
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	s3_bench_stored(&b,
	    "uk/tg-uk-1/sp%20ace%2B%C3%A9~%28%29%2A%21.._%26%3D%40%3A%2C%3B%24"
	    "%2520%3F%23x",
	    1);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(put_refuses_a_key_over_the_limit)
{
	char name[1024];
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "x", 1);
	memset(name, 'n', sizeof(name));
	memcpy(name, "tg-uk-1/", 8);
	name[sizeof(name) - 1] = '\0'; /* 1,023 and "uk/" is over 1,024 */
	b.put.name = name;
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_LIMIT);
	ck_assert_str_eq(b.f.trace, "");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(same_object_is_done_without_sending)
{
	char hex[TG_SHA256_HEX];
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "twelve bytes", 12);
	tg_sha256_hex(hex, b.put.sha256);
	fake_add(&b.f, BENCH_KEY, hex, 12);
	ck_assert_int_eq(s3_bench_run(&b), 0);
	ck_assert(b.res.was_there);
	ck_assert_uint_eq(b.res.sent, 0);
	ck_assert_uint_eq(b.res.tries, 0);
	ck_assert_str_eq(b.f.trace, "H");
	s3_bench_deinit(&b);
}
END_TEST

#define UNTIL "2026-12-24T00:00:00Z"

/* Sent, signed, looked for at the target. */
START_TEST(until_when_it_is_kept_is_metadata_of_the_object)
{
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "twelve bytes", 12);
	b.put.expires_at = UNTIL;
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	ck_assert_uint_eq(b.f.n_object, 1);
	ck_assert_str_eq(b.f.object[0].expires, UNTIL);
	ck_assert(!b.res.unmarked);
	s3_bench_deinit(&b);
}
END_TEST

/* The same bytes: done under the same date, another object under another or
 * none. */
START_TEST(the_same_bytes_under_another_date_are_not_the_same)
{
	static const char *const there[] = {UNTIL, "2027-12-24T00:00:00Z", ""};
	char hex[TG_SHA256_HEX];
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "twelve bytes", 12);
	tg_sha256_hex(hex, b.put.sha256);
	fake_add(&b.f, BENCH_KEY, hex, 12);
	(void)snprintf(b.f.object[0].expires, sizeof(b.f.object[0].expires),
	    "%s", there[_i]);
	b.put.expires_at = UNTIL;
	ck_assert_int_eq(s3_bench_run(&b), _i == 0 ? 0 : -1);
	ck_assert_int_eq(b.err.cls, _i == 0 ? TG_E_NONE : TG_E_NO);
	s3_bench_deinit(&b);
}
END_TEST

/* digest as it should be, length not; a foreign object without digest; other
 * digest. */
START_TEST(another_object_is_never_replaced)
{
	char hex[TG_SHA256_HEX];
	struct bench b;

	s3_bench_init(&b);
	s3_bench_file(&b, "twelve bytes", 12);
	tg_sha256_hex(hex, b.put.sha256);
	if (_i == 0)
		fake_add(&b.f, BENCH_KEY, hex, 13);
	else
		fake_add(&b.f, BENCH_KEY, _i == 1 ? "" : "0123", 12);
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_NO);
	ck_assert_str_eq(b.f.trace, "H");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(server_without_conditional_put_is_remembered)
{
	struct bench b;

	s3_bench_init(&b);
	b.f.no_conditional = true;
	ck_assert_int_eq(s3_bench_open(&b), 0);
	ck_assert_msg(s3_bench_put(&b) == 0, "%s", b.err.text);
	b.put.name = "tg-uk-1/second";
	ck_assert_int_eq(s3_bench_put(&b), 0);
	fake_stop(&b.f);
	ck_assert_str_eq(b.f.problem, "");
	ck_assert_str_eq(b.f.trace, "HPHPHHPH");
	ck_assert_uint_eq(b.n_waited, 0);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(kept_connection_that_died_is_no_failure)
{
	char *bytes = calloc(1, 300000);
	struct bench b;

	ck_assert_ptr_nonnull(bytes);
	s3_bench_init(&b);
	s3_bench_file(&b, bytes, 300000);
	free(bytes);
	b.f.put[0] = FAKE_DROP; /* on the connection of the HEAD before */
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	s3_bench_stored(&b, BENCH_KEY, 300000);
	ck_assert_uint_ge(b.f.n_conn, 2);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(libcurl_sends_the_whole_body_anew_and_it_is_counted)
{
	char *bytes = calloc(1, 300000);
	struct bench b;

	ck_assert_ptr_nonnull(bytes);
	s3_bench_init(&b);
	s3_bench_file(&b, bytes, 300000);
	free(bytes);
	b.f.put[0] = FAKE_SWALLOW;
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	s3_bench_stored(&b, BENCH_KEY, 300000);
	ck_assert_str_eq(b.f.trace, "HPPH");
	ck_assert_uint_eq(b.res.tries, 2);
	ck_assert_uint_eq(b.n_waited, 0);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(lost_answer_on_a_kept_connection_is_still_ours)
{
	struct bench b;

	s3_bench_init(&b);
	b.f.put[0] = FAKE_LOST;
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	s3_bench_stored(&b, BENCH_KEY, 12);
	ck_assert(!b.res.was_there);
	ck_assert_uint_eq(b.res.sent, 12);
	s3_bench_deinit(&b);
}
END_TEST

Suite *
sink_s3_suite(void)
{
	Suite *s = suite_create("sink_s3");
	TCase *tc = tcase_create("sink_s3");

	tcase_add_loop_test(tc, put_comes_out_right_whatever_the_server_does, 0,
	    TG_COUNT(fault_rows));
	tcase_add_test(tc, retry_after_is_waited_for);
	tcase_add_test(tc, max_tries_is_obeyed);
	tcase_add_test(tc, nobody_listens_is_temporary);
	tcase_add_loop_test(
	    tc, put_streams_files_of_any_size, 0, TG_COUNT(sizes));
	tcase_add_test(tc, put_keeps_the_content_type);
	tcase_add_test(tc, put_refuses_a_content_type_that_makes_headers);
	tcase_add_test(tc, put_encodes_nasty_names_as_it_signs_them);
	tcase_add_test(tc, put_refuses_a_key_over_the_limit);
	tcase_add_test(tc, same_object_is_done_without_sending);
	tcase_add_test(tc, until_when_it_is_kept_is_metadata_of_the_object);
	tcase_add_loop_test(
	    tc, the_same_bytes_under_another_date_are_not_the_same, 0, 3);
	tcase_add_loop_test(tc, another_object_is_never_replaced, 0, 3);
	tcase_add_test(tc, server_without_conditional_put_is_remembered);
	tcase_add_test(tc, kept_connection_that_died_is_no_failure);
	tcase_add_test(tc, libcurl_sends_the_whole_body_anew_and_it_is_counted);
	tcase_add_test(tc, lost_answer_on_a_kept_connection_is_still_ours);
	suite_add_tcase(s, tc);
	return s;
}
