#include "pipeline/sinks/sigv4.h"

#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

/* The key of the examples in Amazon's S3 API reference, "Examples: signature
 * calculations"; it opens nothing. */
#define KEY_ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define T20130524 INT64_C(1369353600)
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define WELCOME \
	"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
#define HOST "examplebucket.s3.amazonaws.com"
#define STREAMING "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"

static const struct vector {
	const char *method, *path, *payload, *signature, *region;
	const struct tg_sigv4_scheme *scheme;
	int64_t time;
	struct tg_sigv4_pair query[8], header[8];
} vectors[] = {
    {"GET", "/test.txt", EMPTY,
	"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
	"us-east-1", &tg_sigv4_aws, T20130524, {{NULL, NULL}},
	{{"host", HOST}, {"range", "bytes=0-9"},
	    {"x-amz-content-sha256", EMPTY},
	    {"x-amz-date", "20130524T000000Z"}}},
    {"PUT", "/test%24file.text", WELCOME,
	"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
	"us-east-1", &tg_sigv4_aws, T20130524, {{NULL, NULL}},
	{{"x-amz-storage-class", "REDUCED_REDUNDANCY"},
	    {"x-amz-date", "20130524T000000Z"},
	    {"x-amz-content-sha256", WELCOME}, {"host", HOST},
	    {"date", "Fri, 24 May 2013 00:00:00 GMT"}}},
    {"GET", "/", EMPTY,
	"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
	"us-east-1", &tg_sigv4_aws, T20130524, {{"lifecycle", ""}},
	{{"host", HOST}, {"x-amz-date", "20130524T000000Z"},
	    {"x-amz-content-sha256", EMPTY}}},
    {"GET", "/", EMPTY,
	"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
	"us-east-1", &tg_sigv4_aws, T20130524,
	{{"prefix", "J"}, {"max-keys", "2"}},
	{{"host", HOST}, {"x-amz-date", "20130524T000000Z"},
	    {"x-amz-content-sha256", EMPTY}}},
    /* "Authenticating requests: using query parameters": presigned. */
    {"GET", "/test.txt", "UNSIGNED-PAYLOAD",
	"aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
	"us-east-1", &tg_sigv4_aws, T20130524,
	{{"X-Amz-SignedHeaders", "host"}, {"X-Amz-Expires", "86400"},
	    {"X-Amz-Date", "20130524T000000Z"},
	    {"X-Amz-Credential", KEY_ID "/20130524/us-east-1/s3/aws4_request"},
	    {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"}},
	{{"host", HOST}}},
    /* "Signature calculations: transferring payload in multiple chunks": the
     * seed signature. */
    {"PUT", "/examplebucket/chunkObject.txt", STREAMING,
	"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	"us-east-1", &tg_sigv4_aws, T20130524, {{NULL, NULL}},
	{{"host", "s3.amazonaws.com"}, {"x-amz-date", "20130524T000000Z"},
	    {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
	    {"x-amz-content-sha256", STREAMING},
	    {"content-encoding", "aws-chunked"},
	    {"x-amz-decoded-content-length", "66560"},
	    {"content-length", "66824"}}},
    /* Computed apart with Python's hmac: order by name alone, although '-' is
     * before ':'; inner and outer spaces; parameters that need a stable order
     * after encoding. */
    {"PUT", "/b/k", "UNSIGNED-PAYLOAD",
	"7c1a0390fdee9a8210b22e59d0e50749a80fbcadb03581e2b36d498d6bef6c3d",
	"us-east-1", &tg_sigv4_aws, T20130524,
	{{"b", " "}, {"a/b", "2"}, {"a/b", "1"}, {"a", ""}},
	{{"x-amz-meta-foo-bar", "2"}, {"x-amz-meta-foo", "  1 \t 2 "},
	    {"x-amz-date", "20130524T000000Z"},
	    {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}, {"host", "h:1"}}},
    /* Cloud Storage's form of the same; computed apart with Python's hmac. */
    {"PUT", "/bucket/tg-1/manifest.json", EMPTY,
	"44c97d2544707fbaf7641796617572201e012d33e2015a21aea5ad6e27f428c5",
	"auto", &tg_sigv4_goog, INT64_C(1795564799), {{NULL, NULL}},
	{{"host", "storage.googleapis.com"}, {"x-goog-content-sha256", EMPTY},
	    {"x-goog-date", "20261124T235959Z"}}},
};

static size_t
count(const struct tg_sigv4_pair *p)
{
	size_t n = 0;

	while (n < 8 && p[n].name != NULL)
		n++;
	return n;
}

static struct tg_sigv4_request
request_of(const struct vector *v)
{
	return (struct tg_sigv4_request){.method = v->method,
	    .path = v->path,
	    .query = v->query,
	    .n_query = count(v->query),
	    .header = v->header,
	    .n_header = count(v->header),
	    .payload = v->payload};
}

START_TEST(signature_is_the_published_one)
{
	const struct vector *v = &vectors[_i];
	const struct tg_sigv4_who who = {KEY_ID, SECRET, v->region, v->time};
	const struct tg_sigv4_request req = request_of(v);
	char got[TG_SHA256_HEX];
	struct tg_err err;

	ck_assert_int_eq(
	    tg_sigv4_signature(got, v->scheme, &who, &req, &err), 0);
	ck_assert_str_eq(got, v->signature);
}
END_TEST

START_TEST(authorization_names_scope_headers_and_signature)
{
	const struct vector *v = &vectors[1];
	const struct tg_sigv4_who who = {KEY_ID, SECRET, v->region, v->time};
	const struct tg_sigv4_request req = request_of(v);
	struct tg_err err;
	struct tg_buf b;

	tg_buf_init(&b, 4096);
	ck_assert_int_eq(
	    tg_sigv4_authorization(&b, v->scheme, &who, &req, &err), 0);
	ck_assert_str_eq(b.p,
	    "AWS4-HMAC-SHA256 Credential=" KEY_ID
	    "/20130524/us-east-1/s3/aws4_request,SignedHeaders=date;host;"
	    "x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature="
	    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
	ck_assert_ptr_null(strstr(b.p, SECRET));
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(signature_changes_with_every_input)
{
	const struct vector *v = &vectors[0];
	const struct tg_sigv4_who good = {KEY_ID, SECRET, v->region, v->time};
	const struct tg_sigv4_who who[] = {
	    {KEY_ID, SECRET "x", v->region, v->time},
	    {KEY_ID, SECRET, "us-east-2", v->time},
	    {KEY_ID, SECRET, v->region, v->time + 1}};
	struct tg_sigv4_request req = request_of(v);
	char got[TG_SHA256_HEX];

	for (size_t i = 0; i < TG_COUNT(who); i++) {
		ck_assert_int_eq(
		    tg_sigv4_signature(got, v->scheme, &who[i], &req, NULL), 0);
		ck_assert_str_ne(got, v->signature);
	}
	req.method = "PUT";
	ck_assert_int_eq(
	    tg_sigv4_signature(got, v->scheme, &good, &req, NULL), 0);
	ck_assert_str_ne(got, v->signature);
	req = request_of(v);
	req.payload = WELCOME;
	ck_assert_int_eq(
	    tg_sigv4_signature(got, v->scheme, &good, &req, NULL), 0);
	ck_assert_str_ne(got, v->signature);
	req = request_of(v);
	req.path = "/test.txt/";
	ck_assert_int_eq(
	    tg_sigv4_signature(got, v->scheme, &good, &req, NULL), 0);
	ck_assert_str_ne(got, v->signature);
}
END_TEST

START_TEST(too_many_headers_or_a_huge_secret_are_refused)
{
	struct tg_sigv4_pair many[TG_SIGV4_PAIRS + 1];
	struct tg_sigv4_request req = {.method = "GET",
	    .path = "/",
	    .payload = EMPTY,
	    .header = many,
	    .n_header = TG_COUNT(many)};
	struct tg_sigv4_who who = {KEY_ID, SECRET, "us-east-1", T20130524};
	char got[TG_SHA256_HEX], big[1000];
	struct tg_err err;

	for (size_t i = 0; i < TG_COUNT(many); i++)
		many[i] = (struct tg_sigv4_pair){"x-amz-a", "1"};
	ck_assert_int_eq(
	    tg_sigv4_signature(got, &tg_sigv4_aws, &who, &req, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	req.n_header = 0;
	req.query = many;
	req.n_query = TG_COUNT(many);
	ck_assert_int_eq(
	    tg_sigv4_signature(got, &tg_sigv4_aws, &who, &req, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	req.n_query = 0;
	memset(big, 's', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	who.secret = big;
	ck_assert_int_eq(
	    tg_sigv4_signature(got, &tg_sigv4_aws, &who, &req, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_ptr_null(strstr(err.text, "sss"));
}
END_TEST

START_TEST(only_headers_that_no_front_end_rewrites_are_signed)
{
	static const char *const yes[] = {"host", "x-amz-date",
	    "x-amz-meta-tg-sha256", "content-md5", "if-none-match"};
	static const char *const no[] = {"accept-encoding", "user-agent",
	    "expect", "content-type", "content-length", "x-goog-date", "range"};

	for (size_t i = 0; i < TG_COUNT(yes); i++)
		ck_assert(tg_sigv4_signs(&tg_sigv4_aws, tg_sv_of(yes[i])));
	for (size_t i = 0; i < TG_COUNT(no); i++)
		ck_assert(!tg_sigv4_signs(&tg_sigv4_aws, tg_sv_of(no[i])));
	ck_assert(tg_sigv4_signs(&tg_sigv4_goog, TG_SV("x-goog-date")));
	ck_assert(!tg_sigv4_signs(&tg_sigv4_goog, TG_SV("x-amz-date")));
}
END_TEST

START_TEST(time_is_basic_iso_utc)
{
	char got[TG_SIGV4_TIME];

	tg_sigv4_time(got, T20130524);
	ck_assert_str_eq(got, "20130524T000000Z");
	tg_sigv4_time(got, INT64_C(1795564799));
	ck_assert_str_eq(got, "20261124T235959Z");
}
END_TEST

Suite *
sigv4_suite(void)
{
	Suite *s = suite_create("sigv4");
	TCase *tc = tcase_create("sigv4");

	tcase_add_loop_test(
	    tc, signature_is_the_published_one, 0, TG_COUNT(vectors));
	tcase_add_test(tc, authorization_names_scope_headers_and_signature);
	tcase_add_test(tc, signature_changes_with_every_input);
	tcase_add_test(tc, too_many_headers_or_a_huge_secret_are_refused);
	tcase_add_test(tc, only_headers_that_no_front_end_rewrites_are_signed);
	tcase_add_test(tc, time_is_basic_iso_utc);
	suite_add_tcase(s, tc);
	return s;
}
