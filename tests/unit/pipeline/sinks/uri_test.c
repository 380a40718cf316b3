#include "pipeline/sinks/uri.h"

#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

static const struct encode_row {
	const char *in, *out;
} encode_rows[] = {
    {"", ""},
    {"tg-uk-1/payload-00000.tar.zst.age", "tg-uk-1/payload-00000.tar.zst.age"},
    {"sp ace", "sp%20ace"},
    {"\xc3\xa9", "%C3%A9"},
    {"~()*!.._&=@:,;$x", "~%28%29%2A%21.._%26%3D%40%3A%2C%3B%24x"},
    {"a+b%20c", "a%2Bb%2520c"},
    {"#frag?q", "%23frag%3Fq"},
    {"\"<>\\^`{|}", "%22%3C%3E%5C%5E%60%7B%7C%7D"},
    {"\xf0\x9f\x9a\xaa", "%F0%9F%9A%AA"},
};

START_TEST(encode_keeps_only_unreserved_and_slashes)
{
	const struct encode_row *row = &encode_rows[_i];
	struct tg_err err;
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	ck_assert_int_eq(tg_uri_encode(&b, tg_sv_of(row->in), true, &err), 0);
	ck_assert_str_eq(tg_buf_sv(&b).p, row->out);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(encode_of_a_parameter_takes_the_slash_too)
{
	struct tg_err err;
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	ck_assert_int_eq(tg_uri_encode(&b, TG_SV("a/b"), false, &err), 0);
	ck_assert_str_eq(b.p, "a%2Fb");
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(encode_stops_at_the_ceiling)
{
	struct tg_err err;
	struct tg_buf b;

	tg_buf_init(&b, 4);
	ck_assert_int_eq(tg_uri_encode(&b, TG_SV("  "), false, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	tg_buf_deinit(&b);
}
END_TEST

static const struct name_row {
	struct tg_sv name;
	bool ok;
} name_rows[] = {
    {{"a", 1}, true},
    {{"tg-1/manifest.json", 18}, true},
    {{"tg-1/evidence/fr/page.html", 26}, true},
    {{"a b/\xc3\xa9", 6}, true},
    {{"...", 3}, true},
    {{"", 0}, false},
    {{"/a", 2}, false},
    {{"a/", 2}, false},
    {{"a//b", 4}, false},
    {{".", 1}, false},
    {{"..", 2}, false},
    {{"a/../b", 6}, false},
    {{"a/.", 3}, false},
    {{"a\0b", 3}, false},
    {{"a\nb", 3}, false},
    {{"a\x7f", 2}, false},
    {{"a\xff", 2}, false},
};

START_TEST(name_is_clean_parts_between_single_slashes)
{
	ck_assert_int_eq(tg_uri_name(name_rows[_i].name), name_rows[_i].ok);
}
END_TEST

START_TEST(name_has_a_longest_length)
{
	char s[TG_URI_KEY_MAX + 1];

	memset(s, 'x', sizeof(s));
	ck_assert(tg_uri_name((struct tg_sv){s, TG_URI_KEY_MAX}));
	ck_assert(!tg_uri_name((struct tg_sv){s, TG_URI_KEY_MAX + 1}));
}
END_TEST

static const struct s3_row {
	const char *url, *bucket, *prefix; /* bucket NULL: refused */
} s3_rows[] = {
    {"s3://traces", "traces", ""},
    {"s3://traces/", "traces", ""},
    {"s3://traces/uk/nightly", "traces", "uk/nightly"},
    {"s3://traces/uk/", "traces", "uk"},
    {"s3://a.b-c.9/x", "a.b-c.9", "x"},
    {"s3://", NULL, NULL},
    {"s3:traces", NULL, NULL},
    {"s3://ab", NULL, NULL},
    {"s3://Traces", NULL, NULL},
    {"s3://-abc", NULL, NULL},
    {"s3://abc-", NULL, NULL},
    {"s3://a..bc", NULL, NULL},
    {"s3://192.0.2.7", NULL, NULL},
    {"s3://key:secret@traces/x", NULL, NULL},
    {"s3://traces//x", NULL, NULL},
    {"s3://traces/../x", NULL, NULL},
    {"s3://traces/x?y", "traces", "x?y"},
    {"s3://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	NULL, NULL},
};

START_TEST(s3_url_is_bucket_and_prefix)
{
	const struct s3_row *row = &s3_rows[_i];
	struct tg_uri_s3 got;
	struct tg_err err;
	const int rc = tg_uri_s3(&got, tg_sv_of(row->url), &err);

	ck_assert_int_eq(rc, row->bucket == NULL ? -1 : 0);
	if (rc < 0) {
		ck_assert_int_eq(err.cls, TG_E_CONFIG);
		ck_assert_ptr_null(strstr(err.text, "secret@"));
		return;
	}
	ck_assert_str_eq(got.bucket, row->bucket);
	ck_assert_str_eq(got.prefix, row->prefix);
}
END_TEST

static const struct endpoint_row {
	const char *url, *authority; /* NULL: refused */
	bool https, loopback, is_ip;
} endpoint_rows[] = {
    {"https://s3.eu-west-2.amazonaws.com", "s3.eu-west-2.amazonaws.com", true,
	false, false},
    {"https://S3.Example.ORG/", "s3.example.org", true, false, false},
    {"https://s3.example.org:443", "s3.example.org", true, false, false},
    {"http://s3.example.org:80/", "s3.example.org", false, false, false},
    {"http://s3.example.org:443", "s3.example.org:443", false, false, false},
    {"http://127.0.0.1:18080", "127.0.0.1:18080", false, true, true},
    {"http://127.8.9.1", "127.8.9.1", false, true, true},
    {"http://localhost:9000", "localhost:9000", false, true, false},
    {"http://[::1]:9000", "[::1]:9000", false, true, true},
    {"https://[2001:DB8::7]", "[2001:db8::7]", true, false, true},
    {"https://192.0.2.7:8443", "192.0.2.7:8443", true, false, true},
    {"http://127.0.0.1.example.org", "127.0.0.1.example.org", false, false,
	false},
    {"http://localhost.example.org", "localhost.example.org", false, false,
	false},
    {"ftp://s3.example.org", NULL, false, false, false},
    {"s3.example.org", NULL, false, false, false},
    {"https://", NULL, false, false, false},
    {"https:///", NULL, false, false, false},
    {"https://user@s3.example.org", NULL, false, false, false},
    {"https://user:pw@s3.example.org", NULL, false, false, false},
    {"https://s3.example.org/path", NULL, false, false, false},
    {"https://s3.example.org?x=1", NULL, false, false, false},
    {"https://s3.example.org#x", NULL, false, false, false},
    {"https://s3.example.org:0", NULL, false, false, false},
    {"https://s3.example.org:65536", NULL, false, false, false},
    {"https://s3.example.org:", NULL, false, false, false},
    {"https://s3.example.org:9x", NULL, false, false, false},
    {"https://s3 example.org", NULL, false, false, false},
    {"https://[::1", NULL, false, false, false},
    {"https://[]", NULL, false, false, false},
    {"https://[zz]", NULL, false, false, false},
    {"https://::1", NULL, false, false, false},
};

START_TEST(endpoint_is_scheme_host_and_port_only)
{
	const struct endpoint_row *row = &endpoint_rows[_i];
	struct tg_uri_endpoint got;
	struct tg_err err;
	const int rc = tg_uri_endpoint(&got, tg_sv_of(row->url), &err);

	ck_assert_int_eq(rc, row->authority == NULL ? -1 : 0);
	if (rc < 0) {
		ck_assert_int_eq(err.cls, TG_E_CONFIG);
		return;
	}
	ck_assert_str_eq(got.authority, row->authority);
	ck_assert_int_eq(got.https, row->https);
	ck_assert_int_eq(got.loopback, row->loopback);
	ck_assert_int_eq(got.is_ip, row->is_ip);
}
END_TEST

START_TEST(region_is_short_and_lower_case)
{
	ck_assert(tg_uri_region(TG_SV("eu-west-2")));
	ck_assert(tg_uri_region(TG_SV("auto")));
	ck_assert(!tg_uri_region(TG_SV("")));
	ck_assert(!tg_uri_region(TG_SV("EU")));
	ck_assert(!tg_uri_region(TG_SV("eu/west")));
	ck_assert(!tg_uri_region(TG_SV("eu-west-2.evil.example")));
	ck_assert(!tg_uri_region(TG_SV("abcdefghijklmnopqrstuvwxyz-abcdef")));
}
END_TEST

Suite *
uri_suite(void)
{
	Suite *s = suite_create("uri");
	TCase *tc = tcase_create("uri");

	tcase_add_loop_test(tc, encode_keeps_only_unreserved_and_slashes, 0,
	    TG_COUNT(encode_rows));
	tcase_add_test(tc, encode_of_a_parameter_takes_the_slash_too);
	tcase_add_test(tc, encode_stops_at_the_ceiling);
	tcase_add_loop_test(tc, name_is_clean_parts_between_single_slashes, 0,
	    TG_COUNT(name_rows));
	tcase_add_test(tc, name_has_a_longest_length);
	tcase_add_loop_test(
	    tc, s3_url_is_bucket_and_prefix, 0, TG_COUNT(s3_rows));
	tcase_add_loop_test(tc, endpoint_is_scheme_host_and_port_only, 0,
	    TG_COUNT(endpoint_rows));
	tcase_add_test(tc, region_is_short_and_lower_case);
	suite_add_tcase(s, tc);
	return s;
}
