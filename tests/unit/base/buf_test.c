#include "base/buf.h"

#include "tests/unit/base/suites.h"

#include "base/banned.h"

START_TEST(what_is_added_stands_in_order_and_ends_in_a_nul)
{
	struct tg_buf b;

	tg_buf_init(&b, 100);
	ck_assert(tg_sv_is(tg_buf_sv(&b), ""));
	ck_assert_int_eq(tg_buf_adds(&b, "a", NULL), 0);
	ck_assert_int_eq(tg_buf_addc(&b, 'b', NULL), 0);
	ck_assert_int_eq(tg_buf_addsv(&b, TG_SV("cd"), NULL), 0);
	ck_assert_int_eq(tg_buf_add(&b, "e\0f", 3, NULL), 0);
	ck_assert_int_eq(tg_buf_addf(&b, NULL, "%03d", 7), 0);
	ck_assert_uint_eq(b.n, 10);
	ck_assert_mem_eq(b.p, "abcde\0f007", 11);
	tg_buf_reset(&b);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_str_eq(b.p, "");
	tg_buf_deinit(&b);
	ck_assert_uint_eq(b.max, 100);
	tg_buf_deinit(&b);
	tg_buf_deinit(NULL);
}
END_TEST

START_TEST(the_ceiling_is_reached_and_not_passed)
{
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 5);
	ck_assert_int_eq(tg_buf_adds(&b, "12345", &err), 0);
	ck_assert_int_eq(tg_buf_addc(&b, '6', &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_int_eq(tg_buf_addf(&b, &err, "%d", 6), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_int_eq(tg_buf_reserve(&b, SIZE_MAX, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_str_eq(b.p, "12345");
	ck_assert_uint_eq(b.n, 5);
	ck_assert_uint_le(b.cap, 6);
	ck_assert_int_eq(tg_buf_add(&b, NULL, 0, &err), 0);
	tg_buf_wipe_deinit(&b);
}
END_TEST

START_TEST(a_ceiling_of_zero_holds_nothing)
{
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 0);
	ck_assert_int_eq(tg_buf_adds(&b, "", &err), 0);
	ck_assert_int_eq(tg_buf_addc(&b, 'x', &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(growth_keeps_every_byte)
{
	struct tg_buf b;

	tg_buf_init(&b, SIZE_MAX);
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(tg_buf_addc(&b, (char)(i % 127), NULL), 0);
	for (int i = 0; i < 100000; i++)
		if (b.p[i] != (char)(i % 127))
			ck_abort_msg("byte %d changed", i);
	tg_buf_wipe_deinit(&b);
}
END_TEST

Suite *
buf_suite(void)
{
	Suite *s = suite_create("buf");
	TCase *t = tcase_create("buf");

	tcase_add_test(t, what_is_added_stands_in_order_and_ends_in_a_nul);
	tcase_add_test(t, the_ceiling_is_reached_and_not_passed);
	tcase_add_test(t, a_ceiling_of_zero_holds_nothing);
	tcase_add_test(t, growth_keeps_every_byte);
	suite_add_tcase(s, t);
	return s;
}
