#include "base/arena.h"

#include <stdint.h>

#include "tests/unit/base/suites.h"

#include "base/banned.h"

START_TEST(memory_is_zeroed_aligned_and_apart)
{
	struct tg_arena a;
	unsigned char *last = NULL;

	tg_arena_init(&a, 1 << 20);
	for (size_t n = 0; n < 300; n++) {
		unsigned char *const p = tg_arena_alloc(&a, n);

		ck_assert_ptr_nonnull(p);
		ck_assert_ptr_ne(p, last);
		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			if (p[i] != 0)
				ck_abort_msg("byte %zu of %zu not 0", i, n);
		memset(p, 0xA5, n);
		last = p;
	}
	tg_arena_deinit(&a);
}
END_TEST

START_TEST(memory_is_zeroed_again_after_a_reset)
{
	struct tg_arena a;

	tg_arena_init(&a, 1 << 20);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++) {
			char *const p = tg_arena_alloc(&a, 1000);

			ck_assert_ptr_nonnull(p);
			ck_assert_int_eq(p[0], 0);
			ck_assert_int_eq(p[999], 0);
			memset(p, 'x', 1000);
		}
		ck_assert_uint_eq(a.used, 100 * 1008);
		tg_arena_reset(&a);
		ck_assert_uint_eq(a.used, 0);
	}
	tg_arena_deinit(&a);
	tg_arena_reset(&a);
	tg_arena_deinit(NULL);
}
END_TEST

START_TEST(the_ceiling_gives_null_and_room_is_left_for_less)
{
	struct tg_arena a;

	tg_arena_init(&a, 64);
	ck_assert_ptr_null(tg_arena_alloc(&a, 65));
	ck_assert_ptr_null(tg_arena_alloc(&a, SIZE_MAX));
	ck_assert_ptr_null(tg_arena_calloc(&a, SIZE_MAX / 2, 3));
	ck_assert_ptr_nonnull(tg_arena_calloc(&a, 3, 16));
	ck_assert_ptr_null(tg_arena_alloc(&a, 17));
	ck_assert_ptr_nonnull(tg_arena_alloc(&a, 16));
	ck_assert_ptr_null(tg_arena_alloc(&a, 0));
	ck_assert_ptr_null(tg_arena_str(&a, TG_SV("x")));
	ck_assert_ptr_null(tg_arena_sv(&a, TG_SV("x")).p);
	ck_assert_ptr_null(tg_arena_fmt(&a, "%d", 1));
	ck_assert(a.full);
	tg_arena_reset(&a);
	ck_assert(!a.full);
	tg_arena_deinit(&a);
}
END_TEST

START_TEST(texts_are_copies)
{
	struct tg_arena a;
	char from[] = "abc";
	struct tg_sv sv;
	char *str;

	tg_arena_init(&a, 1 << 16);
	str = tg_arena_str(&a, tg_sv_of(from));
	sv = tg_arena_sv(&a, (struct tg_sv){from, 2});
	memset(from, 'z', 3);
	ck_assert_str_eq(str, "abc");
	ck_assert(tg_sv_is(sv, "ab"));
	ck_assert_int_eq(sv.p[2], 0);
	ck_assert_str_eq(tg_arena_fmt(&a, "%s-%d", "n", 5), "n-5");
	ck_assert_str_eq(tg_arena_str(&a, (struct tg_sv){NULL, 0}), "");
	tg_arena_deinit(&a);
}
END_TEST

Suite *
arena_suite(void)
{
	Suite *s = suite_create("arena");
	TCase *t = tcase_create("arena");

	tcase_add_test(t, memory_is_zeroed_aligned_and_apart);
	tcase_add_test(t, memory_is_zeroed_again_after_a_reset);
	tcase_add_test(t, the_ceiling_gives_null_and_room_is_left_for_less);
	tcase_add_test(t, texts_are_copies);
	suite_add_tcase(s, t);
	return s;
}
