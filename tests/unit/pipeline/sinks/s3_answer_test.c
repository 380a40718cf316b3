#include "pipeline/sinks/s3_answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

#define ERROR(code)                                           \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>" \
	"<Code>" code "</Code><Message>m</Message></Error>"

static const struct element_row {
	const char *xml, *out; /* NULL: nothing found */
} element_rows[] = {
    {ERROR("SlowDown"), "SlowDown"},
    {"<Code>A</Code>", "A"},
    {"<Code>eu-west-2</Code><Code>B</Code>", "eu-west-2"},
    {"", NULL},
    {"<Code>", NULL},
    {"<Code></Code>", NULL},
    {"<Code>A", NULL},
    {"<Code>A</Code", NULL},
    {"<Code>A</Region>", NULL},
    {"<Code>A B</Code>", NULL},
    {"<Code>A\n</Code>", NULL},
    {"<Code>&lt;x&gt;</Code>", NULL},
    {"<Code>\x1b[31mred</Code>", NULL},
    {"<Code><Code>A</Code></Code>", NULL},
    {"<Message>Code</Message>", NULL},
    {"<Code>0123456789012345678901234567890123456789012345678901234567890123"
     "</Code>",
	"0123456789012345678901234567890123456789012345678901234567890123"},
    {"<Code>01234567890123456789012345678901234567890123456789012345678901234"
     "</Code>",
	NULL},
};

START_TEST(element_is_a_short_plain_word_or_nothing)
{
	const struct element_row *row = &element_rows[_i];
	char got[TG_S3_CODE_MAX + 1] = "before";
	/* Exact size, so that a read past the end is seen by ASan. */
	const size_t n = strlen(row->xml);
	char *xml = malloc(n == 0 ? 1 : n);

	ck_assert_ptr_nonnull(xml);
	memcpy(xml, row->xml, n);
	ck_assert_int_eq(
	    tg_s3_element(got, sizeof(got), (struct tg_sv){xml, n}, "Code"),
	    row->out != NULL);
	ck_assert_str_eq(got, row->out == NULL ? "" : row->out);
	free(xml);
}
END_TEST

static void
reply_of(
    struct tg_http_reply *r, int status, const char *head, const char *body)
{
	*r = (struct tg_http_reply){.status = status};
	tg_buf_init(&r->head, TG_HTTP_HEAD_MAX);
	tg_buf_init(&r->body, TG_HTTP_BODY_MAX);
	ck_assert_int_eq(tg_buf_adds(&r->head, head, NULL), 0);
	ck_assert_int_eq(tg_buf_adds(&r->body, body, NULL), 0);
}

static const struct answer_row {
	int status;
	const char *head, *body, *code, *region;
	int64_t after_ms, date;
} answer_rows[] = {
    {503, "Retry-After: 7\r\n", ERROR("SlowDown"), "SlowDown", "", 7000, -1},
    {503, "retry-after:  2 \r\n", "", "", "", 2000, -1},
    {503, "Retry-After: -1\r\n", "", "", "", -1, -1},
    {503, "Retry-After: soon\r\n", "", "", "", -1, -1},
    {503, "Retry-After: Fri, 24 May 2013 00:00:30 GMT\r\n", "", "", "", 30000,
	-1},
    {503, "Retry-After: Thu, 23 May 2013 00:00:30 GMT\r\n", "", "", "", -1, -1},
    {403, "Date: Fri, 24 May 2013 01:00:00 GMT\r\n",
	ERROR("RequestTimeTooSkewed"), "RequestTimeTooSkewed", "", -1,
	1369357200},
    {400, "",
	"<Error><Code>AuthorizationHeaderMalformed</Code>"
	"<Region>eu-west-3</Region></Error>",
	"AuthorizationHeaderMalformed", "eu-west-3", -1, -1},
    {301, "x-amz-bucket-region: eu-west-1\r\n", "", "", "eu-west-1", -1, -1},
    {301, "x-amz-bucket-region: evil.example/\r\n", "", "", "", -1, -1},
    {400, "", "<Error><Code>X</Code><Region>EU-x</Region></Error>", "X", "", -1,
	-1},
    /* No code is read out of a success. */
    {200, "", ERROR("SlowDown"), "", "", -1, -1},
};

START_TEST(answer_is_status_code_region_and_times)
{
	const struct answer_row *row = &answer_rows[_i];
	struct tg_http_reply r;
	struct tg_s3_answer a;

	reply_of(&r, row->status, row->head, row->body);
	tg_s3_answer(&a, &r, 1369353600);
	ck_assert_int_eq(a.status, row->status);
	ck_assert_str_eq(a.code, row->code);
	ck_assert_str_eq(a.region, row->region);
	ck_assert_int_eq(a.after_ms, row->after_ms);
	ck_assert_int_eq(a.date, row->date);
	tg_http_reply_deinit(&r);
}
END_TEST

static const struct fail_row {
	int status;
	const char *code;
	enum tg_err_class cls;
	const char *says;
	bool key;
} fail_rows[] = {
    {403, "InvalidAccessKeyId", TG_E_KEY, "does not know the key id", true},
    {403, "SignatureDoesNotMatch", TG_E_KEY, "secret does not fit", true},
    {403, "AccessDenied", TG_E_KEY, "not allowed", true},
    {400, "ExpiredToken", TG_E_KEY, "session token has expired", true},
    {403, "", TG_E_KEY, "refuses the credentials", true},
    {401, "Whatever", TG_E_KEY, "refuses the credentials", true},
    {404, "NoSuchBucket", TG_E_CONFIG, "no such bucket", false},
    {403, "RequestTimeTooSkewed", TG_E_CONFIG, "clock", false},
    {403, "QuotaExceeded", TG_E_LIMIT, "quota", false},
    {507, "", TG_E_LIMIT, "full", false},
    {413, "", TG_E_LIMIT, "one piece", false},
    {400, "BadDigest", TG_E_INTEGRITY, "damaged", false},
    {503, "SlowDown", TG_E_IO, "HTTP 503 SlowDown", false},
    {500, "", TG_E_IO, "HTTP 500)", false},
    {400, "InvalidRequest", TG_E_CONFIG, "HTTP 400 InvalidRequest", false},
    {0, "", TG_E_IO, "Connection refused", false},
};

START_TEST(fail_names_the_cause_and_its_class)
{
	const struct fail_row *row = &fail_rows[_i];
	struct tg_s3_answer a = {
	    .status = row->status, .why = "Connection refused"};
	struct tg_err err = {.cls = TG_E_NONE};

	(void)snprintf(a.code, sizeof(a.code), "%s", row->code);
	ck_assert_int_eq(tg_s3_fail(&err, &a, "MPLE"), -1);
	ck_assert_int_eq(err.cls, row->cls);
	ck_assert_msg(strstr(err.text, row->says) != NULL, "%s", err.text);
	ck_assert_int_eq(strstr(err.text, "MPLE") != NULL, row->key);
}
END_TEST

Suite *
s3_answer_suite(void)
{
	Suite *s = suite_create("s3_answer");
	TCase *tc = tcase_create("s3_answer");

	tcase_add_loop_test(tc, element_is_a_short_plain_word_or_nothing, 0,
	    TG_COUNT(element_rows));
	tcase_add_loop_test(tc, answer_is_status_code_region_and_times, 0,
	    TG_COUNT(answer_rows));
	tcase_add_loop_test(
	    tc, fail_names_the_cause_and_its_class, 0, TG_COUNT(fail_rows));
	suite_add_tcase(s, tc);
	return s;
}
