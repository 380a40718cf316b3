#include "base/env.h"

#include "tests/unit/base/suites.h"

#include "base/banned.h"

#define DAY 86400

/* Made with Python's datetime. */
static const struct {
	const char *text;
	int64_t t;
} times[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1999-12-31T00:00:00Z", 946598400},
    {"2000-02-29T00:00:00Z", 951782400},
    {"2000-03-01T00:00:00Z", 951868800},
    {"2026-11-24T23:59:59Z", 1795478400 + DAY - 1},
    {"2100-02-28T00:00:01Z", 4107456000 + 1},
    {"2100-03-01T12:34:56Z", 4107542400 + 45296},
    {"2400-02-29T00:00:00Z", 13574563200},
    {"9999-12-31T23:59:59Z", 253402214400 + DAY - 1},
};

START_TEST(a_time_is_printed_and_read_back)
{
	char out[TG_TIME_LEN];
	int64_t t = -1;

	tg_time_format(out, times[_i].t);
	ck_assert_str_eq(out, times[_i].text);
	ck_assert(tg_time_parse(&t, tg_sv_of(out)));
	ck_assert_int_eq(t, times[_i].t);
	ck_assert(tg_time_parse(&t, (struct tg_sv){out, 10}));
	ck_assert_int_eq(t, times[_i].t - times[_i].t % DAY);
}
END_TEST

static const char *const refused[] = {"", "2026", "2026-11-2", "2026-11-24 ",
    "2026-11-24T23:59:59", "2026-11-24T23:59:59z", "2026-11-24t23:59:59Z",
    "2026-11-24 23:59:59Z", "2026-11-24T24:00:00Z", "2026-11-24T23:60:00Z",
    "2026-11-24T23:59:60Z", "2026-11-24T23:59:59+00:00",
    "2026-11-24T23:59:59.5Z", "2026-00-24", "2026-13-01", "2026-11-00",
    "2026-11-31", "2026-02-29", "2100-02-29", "1969-12-31", "2026/11/24",
    "20261124", "-026-11-24", "10000-01-01"};

START_TEST(a_time_of_another_shape_is_refused)
{
	int64_t t = 4711;

	ck_assert(!tg_time_parse(&t, tg_sv_of(refused[_i])));
	ck_assert_int_eq(t, 4711);
}
END_TEST

static int
days_of(int y, int m)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	return days[m - 1] + (m == 2 && leap);
}

START_TEST(every_day_from_1970_to_9999_follows_the_one_before)
{
	int y = 1970, m = 1, d = 1;

	for (int64_t t = 0; y < 10000; t += DAY) {
		char out[TG_TIME_LEN];
		int64_t back;
		int yy, mm, dd;

		tg_time_civil(t + DAY - 1, &yy, &mm, &dd);
		if (yy != y || mm != m || dd != d)
			ck_abort_msg(
			    "%d-%d-%d is %d-%d-%d", y, m, d, yy, mm, dd);
		tg_time_format(out, t);
		if (!tg_time_parse(&back, tg_sv_of(out)) || back != t)
			ck_abort_msg("%s is not read back", out);
		if (++d > days_of(y, m)) {
			d = 1;
			if (++m > 12) {
				m = 1;
				y++;
			}
		}
	}
}
END_TEST

START_TEST(times_out_of_range_are_the_nearest_in_range)
{
	char out[TG_TIME_LEN];

	tg_time_format(out, -1);
	ck_assert_str_eq(out, "1970-01-01T00:00:00Z");
	tg_time_format(out, INT64_MIN);
	ck_assert_str_eq(out, "1970-01-01T00:00:00Z");
	tg_time_format(out, INT64_MAX);
	ck_assert_str_eq(out, "9999-12-31T23:59:59Z");
}
END_TEST

START_TEST(the_fixed_environment_repeats_itself)
{
	static const char *const vars[] = {
	    "HOME", "/nowhere", "EMPTY", "", NULL};
	struct tg_env_fixed a = {.now = 99, .seed = 42, .vars = vars};
	struct tg_env_fixed b = {.now = 99, .seed = 42};
	struct tg_env ea = tg_env_fixed(&a), eb = tg_env_fixed(&b);
	uint8_t whole[100], parts[100];

	ck_assert_int_eq(ea.now(ea.ctx), 99);
	ck_assert_int_eq(ea.mono_ms(ea.ctx), 0);
	ck_assert_int_eq(ea.mono_ms(ea.ctx), 1);
	ea.wait_ms(ea.ctx, 1000000000);
	ck_assert_int_eq(ea.mono_ms(ea.ctx), 2);
	ck_assert_str_eq(ea.get(ea.ctx, "HOME"), "/nowhere");
	ck_assert_str_eq(ea.get(ea.ctx, "EMPTY"), "");
	ck_assert_ptr_null(ea.get(ea.ctx, "PATH"));
	ck_assert_ptr_null(eb.get(eb.ctx, "HOME"));
	ea.random(ea.ctx, whole, sizeof(whole));
	for (size_t i = 0, n = 1; i < sizeof(parts); i += n, n++) {
		if (n > sizeof(parts) - i)
			n = sizeof(parts) - i;
		eb.random(eb.ctx, parts + i, n);
	}
	ck_assert_mem_eq(whole, parts, sizeof(whole));
	/* Python: blake2b(pack("<QQ", 42, 0)), bytes 60 on, then block 1. */
	ck_assert_mem_eq(whole, "\xef\x28\x06\xc9", 4);
	ck_assert_mem_eq(whole + 60, "\xb9\xe7\x39\xe7\x33\x30\xbb\xf5", 8);
}
END_TEST

START_TEST(the_systems_environment_is_whole)
{
	const struct tg_env e = tg_env_system();
	uint8_t a[16] = {0}, b[16] = {0};
	int64_t before;

	ck_assert_int_gt(e.now(e.ctx), INT64_C(1700000000));
	before = e.mono_ms(e.ctx);
	e.wait_ms(e.ctx, 0);
	ck_assert_int_ge(e.mono_ms(e.ctx), before);
	e.random(e.ctx, a, sizeof(a));
	e.random(e.ctx, b, sizeof(b));
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_ptr_nonnull(e.get(e.ctx, "TG_ROOT"));
	ck_assert_ptr_null(e.get(e.ctx, "TG_NO_SUCH_VARIABLE"));
	ck_assert_ptr_null(e.log);
}
END_TEST

Suite *
env_suite(void)
{
	Suite *s = suite_create("env");
	TCase *t = tcase_create("env");

	tcase_add_loop_test(
	    t, a_time_is_printed_and_read_back, 0, (int)TG_COUNT(times));
	tcase_add_loop_test(
	    t, a_time_of_another_shape_is_refused, 0, (int)TG_COUNT(refused));
	tcase_add_test(t, every_day_from_1970_to_9999_follows_the_one_before);
	tcase_add_test(t, times_out_of_range_are_the_nearest_in_range);
	tcase_add_test(t, the_fixed_environment_repeats_itself);
	tcase_add_test(t, the_systems_environment_is_whole);
	suite_add_tcase(s, t);
	return s;
}
