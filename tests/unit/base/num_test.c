#include "base/num.h"

#include "tests/unit/base/suites.h"

#include "base/banned.h"

#define U64_TOP "18446744073709551615"

static const struct {
	const char *text;
	uint64_t min, max;
	bool ok;
	uint64_t v;
} u64s[] = {
    {"0", 0, UINT64_MAX, true, 0},
    {"007", 0, 10, true, 7},
    {U64_TOP, 0, UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", 0, UINT64_MAX, false, 0},
    {"99999999999999999999999", 0, UINT64_MAX, false, 0},
    {"", 0, 10, false, 0},
    {"-1", 0, 10, false, 0},
    {"+1", 0, 10, false, 0},
    {" 1", 0, 10, false, 0},
    {"1 ", 0, 10, false, 0},
    {"0x1", 0, 10, false, 0},
    {"1e1", 0, 10, false, 0},
    {"11", 0, 10, false, 0},
    {"4", 5, 10, false, 0},
    {"5", 5, 10, true, 5},
    {"10", 5, 10, true, 10},
};

START_TEST(u64_is_parsed_whole_or_out_is_left_alone)
{
	uint64_t v = 4711;

	ck_assert_int_eq(tg_parse_u64(&v, tg_sv_of(u64s[_i].text), u64s[_i].min,
			     u64s[_i].max),
	    u64s[_i].ok);
	ck_assert_uint_eq(v, u64s[_i].ok ? u64s[_i].v : 4711);
}
END_TEST

static const struct {
	const char *text;
	int64_t min, max;
	bool ok;
	int64_t v;
} i64s[] = {
    {"0", INT64_MIN, INT64_MAX, true, 0},
    {"-0", INT64_MIN, INT64_MAX, true, 0},
    {"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
    {"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
    {"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
    {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
    {U64_TOP, INT64_MIN, INT64_MAX, false, 0},
    {"-", INT64_MIN, INT64_MAX, false, 0},
    {"--1", INT64_MIN, INT64_MAX, false, 0},
    {"", INT64_MIN, INT64_MAX, false, 0},
    {"-3", -2, 2, false, 0},
    {"-2", -2, 2, true, -2},
};

START_TEST(i64_is_parsed_whole_or_out_is_left_alone)
{
	int64_t v = 4711;

	ck_assert_int_eq(tg_parse_i64(&v, tg_sv_of(i64s[_i].text), i64s[_i].min,
			     i64s[_i].max),
	    i64s[_i].ok);
	ck_assert_int_eq(v, i64s[_i].ok ? i64s[_i].v : 4711);
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	uint64_t ppb;
} ratios[] = {
    {"0", true, 0},
    {"0.0", true, 0},
    {"1", true, 1000000000},
    {"1.0", true, 1000000000},
    {"1.000000000", true, 1000000000},
    {"0.01", true, 10000000},
    {"0.05", true, 50000000},
    {"0.000000001", true, 1},
    {"0.999999999", true, 999999999},
    {"0.0000000001", false, 0},
    {"1.000000001", false, 0},
    {"2", false, 0},
    {"", false, 0},
    {".5", false, 0},
    {"0.", false, 0},
    {"0,5", false, 0},
    {"00.5", false, 0},
    {"-0.5", false, 0},
    {"0.5x", false, 0},
    {"1e-3", false, 0},
};

START_TEST(a_ratio_is_exact_or_refused)
{
	uint64_t v = 4711;

	ck_assert_int_eq(
	    tg_parse_ratio_ppb(&v, tg_sv_of(ratios[_i].text)), ratios[_i].ok);
	ck_assert_uint_eq(v, ratios[_i].ok ? ratios[_i].ppb : 4711);
}
END_TEST

START_TEST(sizes_do_not_wrap)
{
	size_t v = 7;

	ck_assert(tg_size_add(&v, SIZE_MAX - 1, 1));
	ck_assert_uint_eq(v, SIZE_MAX);
	ck_assert(!tg_size_add(&v, SIZE_MAX, 1));
	ck_assert_uint_eq(v, SIZE_MAX);
	ck_assert(tg_size_mul(&v, SIZE_MAX / 2, 2));
	ck_assert_uint_eq(v, SIZE_MAX - 1);
	ck_assert(!tg_size_mul(&v, SIZE_MAX / 2 + 1, 2));
	ck_assert_uint_eq(v, SIZE_MAX - 1);
	ck_assert(tg_size_mul(&v, 0, SIZE_MAX));
	ck_assert_uint_eq(v, 0);
}
END_TEST

Suite *
num_suite(void)
{
	Suite *s = suite_create("num");
	TCase *t = tcase_create("num");

	tcase_add_loop_test(t, u64_is_parsed_whole_or_out_is_left_alone, 0,
	    (int)TG_COUNT(u64s));
	tcase_add_loop_test(t, i64_is_parsed_whole_or_out_is_left_alone, 0,
	    (int)TG_COUNT(i64s));
	tcase_add_loop_test(
	    t, a_ratio_is_exact_or_refused, 0, (int)TG_COUNT(ratios));
	tcase_add_test(t, sizes_do_not_wrap);
	suite_add_tcase(s, t);
	return s;
}
