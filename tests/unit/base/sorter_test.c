#include "base/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

#define ROW 5

static char *dir; /* a new one for each test */

static void
setup(void)
{
	dir = test_folder();
}

static void
teardown(void)
{
	test_folder_remove(dir);
}

static uint32_t
next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static int
bytewise(const void *a, const void *b)
{
	return memcmp(a, b, ROW);
}

/* @n rows through @memory bytes come out as qsort has them, twice. */
static bool
sorts(size_t n, size_t memory, bool spills)
{
	uint8_t *want = calloc(n + 1, ROW);
	struct tg_sorter *s = NULL;
	uint32_t state = (uint32_t)(n + memory);
	bool good = true;

	if (want == NULL || tg_sorter_new(&s, dir, ROW, memory, NULL) < 0) {
		free(want);
		return false;
	}
	for (size_t i = 0; i < n * ROW; i++)
		want[i] = (uint8_t)(next(&state) % 3);
	for (size_t i = 0; i < n; i++)
		good = good && tg_sorter_add(s, want + i * ROW, NULL) == 0;
	qsort(want, n, ROW, bytewise);
	for (int turn = 0; turn < 2; turn++) {
		const uint8_t *row = NULL;

		good = good && tg_sorter_rewind(s, NULL) == 0;
		for (size_t i = 0; good && i < n; i++)
			good = tg_sorter_next(s, &row, NULL) == 0 &&
			    row != NULL &&
			    memcmp(row, want + i * ROW, ROW) == 0;
		good =
		    good && tg_sorter_next(s, &row, NULL) == 0 && row == NULL;
	}
	good = good && tg_sorter_count(s) == n &&
	    (tg_sorter_spilled(s) > 0) == spills;
	good = good && tg_sorter_add(s, want, NULL) < 0;
	tg_sorter_free(s);
	free(want);
	return good;
}

START_TEST(rows_come_out_sorted_in_memory_and_over_the_disk)
{
	ck_assert(sorts(0, 100, false));
	ck_assert(sorts(1, 100, false));
	ck_assert(sorts(20, 100, false));
	ck_assert(sorts(21, 100, true));
	ck_assert(sorts(1000, 100, true));
	/* more runs than are merged at once: 64 of 20 rows, and again */
	ck_assert(sorts(1280, 100, true));
	ck_assert(sorts(9000, 100, true));
	ck_assert(sorts(70, 1, true));
}
END_TEST

START_TEST(its_file_has_no_name)
{
	struct tg_sorter *s = NULL;
	struct tg_fs_names names;

	ck_assert_int_eq(tg_sorter_new(&s, dir, ROW, 10, NULL), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(tg_sorter_add(s, "abcd", NULL), 0);
	ck_assert_uint_gt(tg_sorter_spilled(s), 0);
	ck_assert_int_eq(tg_fs_list(&names, dir, true, NULL), 0);
	ck_assert_uint_eq(names.n, 0);
	tg_fs_names_free(&names);
	tg_sorter_free(s);
}
END_TEST

START_TEST(a_full_disk_and_a_missing_folder_are_errors)
{
	struct tg_sorter *s = NULL;
	struct tg_err err = {0};
	int rc = 0;

	ck_assert_int_eq(tg_sorter_new(&s, "/dev/null", ROW, 10, NULL), 0);
	for (int i = 0; i < 100 && rc == 0; i++)
		rc = tg_sorter_add(s, "abcd", &err);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	tg_sorter_free(s);
}
END_TEST

Suite *
sorter_suite(void)
{
	Suite *s = suite_create("sorter");
	TCase *t = tcase_create("sorter");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, rows_come_out_sorted_in_memory_and_over_the_disk);
	tcase_add_test(t, its_file_has_no_name);
	tcase_add_test(t, a_full_disk_and_a_missing_folder_are_errors);
	suite_add_tcase(s, t);
	return s;
}
