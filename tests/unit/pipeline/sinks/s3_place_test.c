/* Where a target says that it is. */
#include <check.h>
#include <stdio.h>

#include "pipeline/sinks/s3_region.h"
#include "tests/unit/pipeline/sinks/s3_bench.h"
#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

#define NS "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static const struct {
	const char *xml, *region; /* NULL: none can be read */
} answers[] = {
    {"<LocationConstraint " NS ">eu-west-2</LocationConstraint>", "eu-west-2"},
    {"<?xml?><LocationConstraint>eu-west-3</LocationConstraint>\n",
	"eu-west-3"},
    {"<LocationConstraint " NS "/>", "us-east-1"},
    {"<LocationConstraint></LocationConstraint>", "us-east-1"},
    {"<LocationConstraint>EU</LocationConstraint>", "eu-west-1"},
    {"", NULL},
    {"eu-west-2", NULL},
    {"<LocationConstraint", NULL},
    {"<LocationConstraint " NS ">eu-west-2", NULL},
    {"<LocationConstraints>eu-west-2</LocationConstraint>", NULL},
    {"<LocationConstraint>eu west</LocationConstraint>", NULL},
    {"<LocationConstraint><a>eu-west-2</a></LocationConstraint>", NULL},
    {"<LocationConstraint>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "</LocationConstraint>",
	NULL},
};

START_TEST(a_location_is_read_or_is_none)
{
	char out[TG_URI_REGION_MAX + 1] = "";
	const bool read = tg_s3_location(out, tg_sv_of(answers[_i].xml));

	ck_assert_int_eq(read, answers[_i].region != NULL);
	if (read)
		ck_assert_str_eq(out, answers[_i].region);
}
END_TEST

START_TEST(the_country_of_a_region_is_known_at_amazon_alone)
{
	ck_assert_str_eq(tg_s3_country("eu-west-2", true), "GB");
	/* Paris at Wasabi. */
	ck_assert_str_eq(tg_s3_country("eu-west-2", false), "");
	ck_assert_str_eq(tg_s3_country("us-east-1", true), "US");
	ck_assert_str_eq(tg_s3_country("us-east-1", false), "");
	ck_assert_str_eq(tg_s3_country("garage", true), "");
}
END_TEST

/* A server that is not Amazon's, what it is asked with, and what comes of it:
 * @same, that it named the region that the operator had named. */
static const struct {
	const char *region, *named, *location;
	enum fake_fault fault[3];
	enum tg_err_class cls;
	const char *trace;
	bool same;
} asked[] = {
    {"eu-west-3", "eu-west-3", NULL, {FAKE_OK}, TG_E_NONE, "G", true},
    {"us-east-1", NULL, NULL, {FAKE_OK}, TG_E_NONE, "G", false},
    {"us-east-1", "us-east-1", NULL, {FAKE_OK}, TG_E_NONE, "G", true},
    {"eu-west-2", "eu-west-2", NULL, {FAKE_503, FAKE_500, FAKE_OK}, TG_E_NONE,
	"GGG", true},
    /* Says that it is elsewhere than where it takes requests. */
    {"eu-west-2", "eu-west-2",
	"<LocationConstraint>ap-south-1</LocationConstraint>", {FAKE_OK},
	TG_E_NONE, "G", false},
    {"eu-west-2", "eu-west-2", "<Nothing/>", {FAKE_OK}, TG_E_CONFIG, "G",
	false},
    {"eu-west-2", "eu-west-2", NULL, {FAKE_DENIED}, TG_E_KEY, "G", false},
    {"eu-west-2", "eu-west-2", NULL, {FAKE_500, FAKE_500, FAKE_500}, TG_E_IO,
	"GGG", false},
};

START_TEST(a_server_is_asked_where_the_bucket_is)
{
	struct tg_sink_place place = {.asked = false};
	struct bench b;
	int rc;

	s3_bench_init(&b);
	b.f.region = asked[_i].region;
	b.f.location = asked[_i].location;
	memcpy(b.f.place, asked[_i].fault, sizeof(asked[_i].fault));
	b.opt.region = asked[_i].named;
	b.opt.max_tries = 3;
	ck_assert_msg(s3_bench_open(&b) == 0, "%s", b.err.text);
	rc = tg_sink_place(b.sink, &place, &b.err);
	fake_stop(&b.f);
	ck_assert_str_eq(b.f.problem, "");
	ck_assert_str_eq(b.f.trace, asked[_i].trace);
	ck_assert_int_eq(rc < 0 ? b.err.cls : TG_E_NONE, asked[_i].cls);
	if (rc == 0) {
		ck_assert(place.asked);
		ck_assert_str_eq(place.country, "");
		ck_assert_int_eq(place.named, asked[_i].same);
	} else {
		ck_assert(!place.asked);
	}
	s3_bench_deinit(&b);
}
END_TEST

#define VERSIONS(body) \
	"<VersioningConfiguration " NS ">" body "</VersioningConfiguration>"

static const struct {
	const char *xml;
	enum fake_fault fault[3];
	enum tg_err_class cls;
	enum tg_sink_versions out;
} kept[] = {
    {VERSIONS("<Status>Enabled</Status>"), {FAKE_OK}, TG_E_NONE,
	TG_VERSIONS_KEPT},
    {VERSIONS("<Status>Suspended</Status>"), {FAKE_503, FAKE_OK}, TG_E_NONE,
	TG_VERSIONS_SUSPENDED},
    {VERSIONS(""), {FAKE_OK}, TG_E_NONE, TG_VERSIONS_NEVER},
    {"<VersioningConfiguration " NS "/>", {FAKE_OK}, TG_E_NONE,
	TG_VERSIONS_NEVER},
    {VERSIONS("<Status>Perhaps</Status>"), {FAKE_OK}, TG_E_CONFIG,
	TG_VERSIONS_UNASKED},
    {VERSIONS("<Status/>"), {FAKE_OK}, TG_E_CONFIG, TG_VERSIONS_UNASKED},
    {"", {FAKE_OK}, TG_E_CONFIG, TG_VERSIONS_UNASKED},
    {VERSIONS(""), {FAKE_DENIED}, TG_E_KEY, TG_VERSIONS_UNASKED},
};

START_TEST(a_server_is_asked_whether_it_keeps_versions)
{
	enum tg_sink_versions out = TG_VERSIONS_KEPT;
	struct bench b;
	int rc;

	s3_bench_init(&b);
	b.f.versions = kept[_i].xml;
	memcpy(b.f.place, kept[_i].fault, sizeof(kept[_i].fault));
	ck_assert_msg(s3_bench_open(&b) == 0, "%s", b.err.text);
	rc = tg_sink_versions(b.sink, &out, &b.err);
	fake_stop(&b.f);
	ck_assert_str_eq(b.f.problem, "");
	ck_assert_int_eq(rc < 0 ? b.err.cls : TG_E_NONE, kept[_i].cls);
	ck_assert(rc < 0 || out == kept[_i].out);
	s3_bench_deinit(&b);
}
END_TEST

/* Whose the bucket is, who is expected, and what comes of it; NULL: the option
 * is left out. */
static const struct {
	const char *expected;
	enum tg_err_class opens, asks;
} owners[] = {
    {"111122223333", TG_E_NONE, TG_E_NONE},
    {"444455556666", TG_E_NONE, TG_E_KEY},
    {NULL, TG_E_NONE, TG_E_KEY},
    {"1111 2222", TG_E_CONFIG, TG_E_NONE},
    {"1\r\nx-amz-acl: public-read", TG_E_CONFIG, TG_E_NONE},
};

START_TEST(each_request_says_whose_the_bucket_must_be)
{
	struct tg_sink_place place;
	struct bench b;

	s3_bench_init(&b);
	b.f.owner = "111122223333";
	b.opt.owner = owners[_i].expected;
	if (owners[_i].opens != TG_E_NONE) {
		ck_assert_int_eq(s3_bench_open(&b), -1);
		ck_assert_int_eq(b.err.cls, owners[_i].opens);
		fake_stop(&b.f);
		s3_bench_deinit(&b);
		return;
	}
	ck_assert_msg(s3_bench_open(&b) == 0, "%s", b.err.text);
	if (tg_sink_place(b.sink, &place, &b.err) < 0)
		ck_assert_int_eq(b.err.cls, owners[_i].asks);
	else
		ck_assert_int_eq(owners[_i].asks, TG_E_NONE);
	fake_stop(&b.f);
	ck_assert_str_eq(b.f.problem, "");
	s3_bench_deinit(&b);
}
END_TEST

START_TEST(a_folder_has_nobody_to_ask)
{
	enum tg_sink_versions versions = TG_VERSIONS_KEPT;
	struct tg_sink_place place = {.asked = true};
	struct scratch t;
	struct tg_sink *s = NULL;
	char url[300];

	scratch_init(&t);
	(void)snprintf(url, sizeof(url), "file:%s", t.dir);
	ck_assert_int_eq(
	    tg_sink_open(&s, tg_sv_of(url), NULL, &t.env, NULL), 0);
	ck_assert_int_eq(tg_sink_place(s, &place, NULL), 0);
	ck_assert(!place.asked);
	ck_assert_int_eq(tg_sink_versions(s, &versions, NULL), 0);
	ck_assert_int_eq(versions, TG_VERSIONS_UNASKED);
	tg_sink_free(s);
	scratch_deinit(&t);
}
END_TEST

Suite *
s3_place_suite(void)
{
	Suite *s = suite_create("pipeline/sinks/s3_place");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(
	    c, a_location_is_read_or_is_none, 0, (int)TG_COUNT(answers));
	tcase_add_test(c, the_country_of_a_region_is_known_at_amazon_alone);
	tcase_add_loop_test(
	    c, a_server_is_asked_where_the_bucket_is, 0, (int)TG_COUNT(asked));
	tcase_add_loop_test(c, a_server_is_asked_whether_it_keeps_versions, 0,
	    (int)TG_COUNT(kept));
	tcase_add_loop_test(c, each_request_says_whose_the_bucket_must_be, 0,
	    (int)TG_COUNT(owners));
	tcase_add_test(c, a_folder_has_nobody_to_ask);
	suite_add_tcase(s, c);
	return s;
}
