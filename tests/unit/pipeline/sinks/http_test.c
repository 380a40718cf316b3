#include "pipeline/sinks/http.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/pipeline/sinks/fake_s3.h"
#include "tests/unit/pipeline/sinks/scratch.h"
#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

static const struct date_row {
	const char *text;
	int64_t t; /* -1: refused */
} date_rows[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
    {"Fri, 24 May 2013 00:00:00 GMT", 1369353600},
    {"Tue, 24 Nov 2026 23:59:59 GMT", 1795564799},
    {"Sunday, 06-Nov-94 08:49:37 GMT", -1},
    {"Sun Nov  6 08:49:37 1994", -1},
    {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
    {"Sun, 06 nov 1994 08:49:37 GMT", -1},
    {"Sun, 06 ovD 1994 08:49:37 GMT", -1},
    {"Sun, 99 Nov 1994 08:49:37 GMT", -1},
    {"Sun, 06 Nov 1994 25:49:37 GMT", -1},
    {"", -1},
};

START_TEST(date_is_the_fixed_form_only)
{
	const struct date_row *row = &date_rows[_i];
	int64_t t = -7;

	ck_assert_int_eq(tg_http_date(&t, tg_sv_of(row->text)), row->t != -1);
	ck_assert_int_eq(t, row->t == -1 ? -7 : row->t);
}
END_TEST

START_TEST(header_is_found_in_any_case_and_trimmed)
{
	struct tg_http_reply r = {.status = 200};

	tg_buf_init(&r.head, TG_HTTP_HEAD_MAX);
	ck_assert_int_eq(tg_buf_adds(&r.head,
			     "ETag: \"x\"\r\nETag-Not: 1\r\nEMPTY:\r\n"
			     "content-length: \t7 \r\nlast: z",
			     NULL),
	    0);
	ck_assert(tg_sv_is(tg_http_header(&r, "etag"), "\"x\""));
	ck_assert(tg_sv_is(tg_http_header(&r, "Content-Length"), "7"));
	ck_assert(tg_sv_is(tg_http_header(&r, "last"), "z"));
	ck_assert_uint_eq(tg_http_header(&r, "empty").n, 0);
	ck_assert_uint_eq(tg_http_header(&r, "tag").n, 0);
	ck_assert_uint_eq(tg_http_header(&r, "nothing").n, 0);
	tg_http_reply_deinit(&r);
}
END_TEST

/* A PUT of @n bytes of the file at @path to @f. */
static int
put(struct fake_s3 *f, const char *path, uint64_t n,
    const struct tg_http_options *opt, struct tg_http_reply *reply,
    struct tg_err *err)
{
	struct tg_http_request req = {.method = TG_HTTP_PUT, .size = n};
	struct tg_http *h;
	char url[64];
	int rc;

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", f->port);
	req.url = url;
	req.fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(req.fd, 0);
	ck_assert_int_eq(tg_http_new(&h, opt, err), 0);
	rc = tg_http_do(h, &req, reply, err);
	tg_http_free(h);
	(void)close(req.fd);
	return rc;
}

START_TEST(a_file_that_became_shorter_is_not_retried)
{
	const struct tg_http_options opt = {.plain = true, .loopback = true};
	struct fake_s3 f = {.now = 0};
	struct tg_http_reply reply;
	struct scratch t;
	struct tg_err err;
	char *path;

	scratch_init(&t);
	path = scratch_file(&t, "f", "short");
	fake_start(&f);
	ck_assert_int_eq(put(&f, path, 6, &opt, &reply, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	tg_http_reply_deinit(&reply);
	fake_stop(&f);
	free(path);
	scratch_deinit(&t);
}
END_TEST

START_TEST(plain_http_needs_leave)
{
	const struct tg_http_options opt = {.plain = false, .loopback = true};
	struct fake_s3 f = {.now = 0};
	struct tg_http_reply reply;
	struct scratch t;
	struct tg_err err;
	char *path;

	scratch_init(&t);
	path = scratch_file(&t, "f", "12345");
	fake_start(&f);
	ck_assert_int_eq(put(&f, path, 5, &opt, &reply, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	tg_http_reply_deinit(&reply);
	fake_stop(&f);
	ck_assert_str_eq(f.trace, "");
	free(path);
	scratch_deinit(&t);
}
END_TEST

START_TEST(loopback_never_goes_through_a_proxy)
{
	/* Nobody listens on the discard port. */
	struct tg_http_options opt = {
	    .plain = true, .loopback = true, .proxy = "http://127.0.0.1:9"};
	struct fake_s3 f = {.now = 0};
	struct tg_http_reply reply;
	struct scratch t;
	struct tg_err err;
	char *path;

	scratch_init(&t);
	path = scratch_file(&t, "f", "12345");
	fake_start(&f);
	ck_assert_int_eq(setenv("http_proxy", "http://127.0.0.1:9", 1), 0);
	ck_assert_int_eq(put(&f, path, 5, &opt, &reply, &err), 0);
	ck_assert_int_eq(reply.status, 400); /* it came: no signature */
	tg_http_reply_deinit(&reply);
	/* The environment is not read behind our back either. */
	opt = (struct tg_http_options){.plain = true};
	ck_assert_int_eq(put(&f, path, 5, &opt, &reply, &err), 0);
	ck_assert_int_eq(reply.status, 400);
	tg_http_reply_deinit(&reply);
	/* And a proxy that is named is used. */
	opt = (struct tg_http_options){
	    .plain = true, .proxy = "http://127.0.0.1:9"};
	ck_assert_int_eq(put(&f, path, 5, &opt, &reply, &err), 0);
	ck_assert_int_eq(reply.status, 0);
	tg_http_reply_deinit(&reply);
	fake_stop(&f);
	free(path);
	scratch_deinit(&t);
}
END_TEST

START_TEST(a_ca_file_that_is_not_there_is_a_configuration_error)
{
	const struct tg_http_options opt = {
	    .loopback = true, .ca_bundle = "/nonexistent/ca.pem"};
	const struct tg_http_request req = {
	    .method = TG_HTTP_HEAD, .url = "https://127.0.0.1:9/", .fd = -1};
	struct fake_s3 f = {.now = 0};
	struct tg_http_request to = req;
	struct tg_http_reply reply;
	struct tg_http *h;
	struct tg_err err;
	char url[64];

	fake_start(&f);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", f.port);
	to.url = url;
	ck_assert_int_eq(tg_http_new(&h, &opt, &err), 0);
	ck_assert_int_eq(tg_http_do(h, &to, &reply, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.hint, "AWS_CA_BUNDLE"));
	tg_http_reply_deinit(&reply);
	tg_http_free(h);
	fake_stop(&f);
}
END_TEST

START_TEST(a_server_that_stops_answering_is_given_up)
{
	const struct tg_http_options opt = {
	    .plain = true, .loopback = true, .stall_s = 1};
	struct fake_s3 f = {.put = {FAKE_STALL}};
	struct tg_http_reply reply;
	struct scratch t;
	struct tg_err err;
	char *path;

	scratch_init(&t);
	path = scratch_file(&t, "f", "12345");
	fake_start(&f);
	ck_assert_int_eq(put(&f, path, 5, &opt, &reply, &err), 0);
	ck_assert_int_eq(reply.status, 0);
	ck_assert_str_ne(reply.why, "");
	tg_http_reply_deinit(&reply);
	fake_stop(&f);
	free(path);
	scratch_deinit(&t);
}
END_TEST

START_TEST(sigpipe_is_blocked_only_meanwhile)
{
	const struct tg_http_options opt = {.plain = true, .loopback = true};
	const struct tg_http_request req = {
	    .method = TG_HTTP_HEAD, .url = "http://127.0.0.1:9/", .fd = -1};
	struct tg_http_reply reply;
	struct tg_http *h;
	struct tg_err err;
	sigset_t before, after;

	ck_assert_int_eq(tg_http_new(&h, &opt, &err), 0);
	ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
	ck_assert_int_eq(tg_http_do(h, &req, &reply, &err), 0);
	ck_assert_int_eq(reply.status, 0);
	ck_assert_str_ne(reply.why, "");
	ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
	ck_assert_int_eq(
	    sigismember(&after, SIGPIPE), sigismember(&before, SIGPIPE));
	tg_http_reply_deinit(&reply);
	tg_http_free(h);
}
END_TEST

Suite *
http_suite(void)
{
	Suite *s = suite_create("http");
	TCase *tc = tcase_create("http");

	tcase_add_loop_test(
	    tc, date_is_the_fixed_form_only, 0, TG_COUNT(date_rows));
	tcase_add_test(tc, header_is_found_in_any_case_and_trimmed);
	tcase_add_test(tc, a_file_that_became_shorter_is_not_retried);
	tcase_add_test(tc, plain_http_needs_leave);
	tcase_add_test(tc, loopback_never_goes_through_a_proxy);
	tcase_add_test(
	    tc, a_ca_file_that_is_not_there_is_a_configuration_error);
	tcase_add_test(tc, a_server_that_stops_answering_is_given_up);
	tcase_add_test(tc, sigpipe_is_blocked_only_meanwhile);
	suite_add_tcase(s, tc);
	return s;
}
