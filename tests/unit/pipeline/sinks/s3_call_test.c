/* s3_call_test.c - credentials, clock, region, endpoint, seen from a put. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "pipeline/sinks/retry.h"
#include "tests/unit/pipeline/sinks/s3_bench.h"
#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

/* ------------------------------------------- credentials, clock, region */

START_TEST(wrong_key_id_is_named_by_its_end)
{
	struct bench b;

	s3_bench_init(&b);
	b.vars[1] = "AKIAUNKNOWNKEYIDWXYZ";
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(b.err.text, "does not know the key id"));
	ck_assert_ptr_nonnull(strstr(b.err.text, "WXYZ"));
	ck_assert_ptr_null(strstr(b.err.text, "DWXYZ"));
	ck_assert_str_ne(b.err.hint, "");
	ck_assert_str_eq(b.f.trace, "HG");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(wrong_secret_is_told_apart)
{
	struct bench b;

	s3_bench_init(&b);
	b.vars[3] = "wrong-secret-of-this-key";
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(b.err.text, "secret does not fit"));
	ck_assert_ptr_null(strstr(b.err.text, "wrong-secret"));
	ck_assert_str_eq(b.f.trace, "HG");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(session_token_is_signed_and_sent)
{
	struct bench b;

	s3_bench_init(&b);
	b.f.token = "FwoGZXIvYXdzEXAMPLE//token==";
	b.vars[4] = "AWS_SESSION_TOKEN";
	b.vars[5] = b.f.token;
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	s3_bench_stored(&b, BENCH_KEY, 12);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(missing_session_token_is_a_key_error)
{
	struct bench b;

	s3_bench_init(&b);
	b.f.token = "needed";
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(b.err.text, "token"));
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(clock_is_set_by_the_server_once)
{
	struct bench b;

	s3_bench_init(&b);
	b.f.now = BENCH_NOW + (_i == 0 ? 86400 : -86400);
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	s3_bench_stored(&b, BENCH_KEY, 12);
	ck_assert_str_eq(b.f.trace, "HGHPH");
	ck_assert_uint_eq(b.n_waited, 0);
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(guessed_region_is_corrected_once)
{
	struct bench b;

	s3_bench_init(&b);
	b.f.region = "eu-west-3";
	ck_assert_msg(s3_bench_run(&b) == 0, "%s", b.err.text);
	ck_assert_str_eq(b.f.trace, "HGHPH");
	s3_bench_deinit(&b);
}
END_TEST

/* Where data may go was said: option, either variable. */
START_TEST(named_region_is_never_left)
{
	static const char *const names[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
	struct bench b;

	s3_bench_init(&b);
	b.f.region = "us-west-1";
	if (_i == 2) {
		b.opt.region = "eu-west-3";
	} else {
		b.vars[4] = names[_i];
		b.vars[5] = "eu-west-3";
	}
	ck_assert_int_eq(s3_bench_run(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(
	    strstr(b.err.text, "region us-west-1, not in eu-west-3"));
	ck_assert_str_eq(b.f.trace, "HG");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(missing_bucket_is_a_configuration_error)
{
	struct bench b;
	static const char url[] = "s3://no-such-bucket";

	s3_bench_init(&b);
	ck_assert_int_eq(s3_bench_open(&b), 0);
	tg_sink_free(b.sink);
	tg_receipt_free(b.receipt);
	b.receipt = scratch_receipt(&b.t, "tg-uk-1", url);
	ck_assert_int_eq(
	    tg_sink_open(&b.sink, tg_sv_of(url), &b.opt, &b.t.env, &b.err), 0);
	ck_assert_int_eq(s3_bench_put(&b), -1);
	ck_assert_int_eq(b.err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(b.err.text, "no such bucket"));
	s3_bench_deinit(&b);
}
END_TEST

static const struct open_row {
	const char *endpoint, *region, *var; /* var: an endpoint in the env */
	bool allow_http, ok;
	int path_style;
} open_rows[] = {
    {NULL, "eu-west-2", NULL, false, true, 0},
    {NULL, NULL, NULL, false, false, 0}, /* Amazon, and no region */
    {NULL, "EU!", NULL, false, false, 0},
    {"http://s3.example.org", NULL, NULL, false, false, 0},
    {"http://s3.example.org", NULL, NULL, true, true, 0},
    {"https://s3.example.org", NULL, NULL, false, true, 2},
    {"https://192.0.2.7", NULL, NULL, false, true, -1},
    {"https://192.0.2.7", NULL, NULL, false, false, 2},
    {"https://u:p@s3.example.org", NULL, NULL, false, false, 0},
    {NULL, NULL, "https://s3.example.org", false, true, 0},
    {NULL, NULL, "nonsense", false, false, 0},
};

START_TEST(open_judges_endpoint_and_region)
{
	const struct open_row *row = &open_rows[_i];
	const char *const vars[] = {"AWS_ACCESS_KEY_ID", FAKE_KEY,
	    "AWS_SECRET_ACCESS_KEY", FAKE_SECRET, "AWS_ENDPOINT_URL",
	    row->var == NULL ? "" : row->var, NULL};
	struct tg_env_fixed fixed = {.vars = vars};
	const struct tg_env env = tg_env_fixed(&fixed);
	const struct tg_sink_options opt = {.endpoint = row->endpoint,
	    .region = row->region,
	    .allow_http = row->allow_http,
	    .path_style = row->path_style};
	struct tg_sink *s = NULL;
	struct tg_err err = {.cls = TG_E_NONE};
	const int rc =
	    tg_sink_open(&s, TG_SV("s3://tg-bucket/x"), &opt, &env, &err);

	ck_assert_msg(rc == (row->ok ? 0 : -1), "%s", err.text);
	ck_assert_int_eq(err.cls, row->ok ? TG_E_NONE : TG_E_CONFIG);
	ck_assert_ptr_null(strstr(err.text, "u:p"));
	tg_sink_free(s);
}
END_TEST

START_TEST(log_and_errors_hold_no_secret)
{
	struct tg_log log = {.min = TG_LOG_DEBUG, .json = true};
	char *text = NULL;
	size_t n = 0;
	struct bench b;

	s3_bench_init(&b);
	log.out = open_memstream(&text, &n);
	ck_assert_ptr_nonnull(log.out);
	b.t.env.log = &log;
	b.f.put[0] = FAKE_503;
	b.f.no_conditional = true;
	ck_assert_int_eq(s3_bench_run(&b), 0);
	ck_assert_int_eq(fclose(log.out), 0);
	ck_assert_ptr_nonnull(strstr(text, "s3.retry"));
	ck_assert_ptr_nonnull(strstr(text, "SlowDown"));
	ck_assert_ptr_nonnull(strstr(text, "s3.no-conditional-put"));
	ck_assert_ptr_null(strstr(text, FAKE_SECRET));
	ck_assert_ptr_null(strstr(text, FAKE_KEY));
	ck_assert_ptr_null(strstr(text, "do not echo"));
	free(text);
	s3_bench_deinit(&b);
}
END_TEST

Suite *
s3_call_suite(void)
{
	Suite *s = suite_create("s3_call");
	TCase *tc = tcase_create("s3_call");

	tcase_add_test(tc, wrong_key_id_is_named_by_its_end);
	tcase_add_test(tc, wrong_secret_is_told_apart);
	tcase_add_test(tc, session_token_is_signed_and_sent);
	tcase_add_test(tc, missing_session_token_is_a_key_error);
	tcase_add_loop_test(tc, clock_is_set_by_the_server_once, 0, 2);
	tcase_add_test(tc, guessed_region_is_corrected_once);
	tcase_add_loop_test(tc, named_region_is_never_left, 0, 3);
	tcase_add_test(tc, missing_bucket_is_a_configuration_error);
	tcase_add_loop_test(
	    tc, open_judges_endpoint_and_region, 0, TG_COUNT(open_rows));
	tcase_add_test(tc, log_and_errors_hold_no_secret);
	suite_add_tcase(s, tc);
	return s;
}
