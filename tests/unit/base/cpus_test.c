#include "base/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>

#include "base/fs.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

static const struct {
	const char *text;
	unsigned cpus;
} quotas[] = {
    {"200000 100000\n", 2},
    {"150000 100000\n", 2}, /* one and a half keeps two at work */
    {"1000 100000\n", 1},
    {"800000 100000", 8},
    {"max 100000\n", UINT_MAX},
    {"", UINT_MAX},
    {"100000", UINT_MAX},
    {"100000 0\n", UINT_MAX},
    {"0 100000\n", UINT_MAX},
    {"-1 100000\n", UINT_MAX},
};

START_TEST(a_quota_is_a_number_of_processors)
{
	ck_assert_uint_eq(
	    tg_cpus_quota(tg_sv_of(quotas[_i].text)), quotas[_i].cpus);
}
END_TEST

static void
write_quota(const char *dir, const char *text)
{
	char *path = tg_fs_join(dir, "cpu.max");

	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(tg_fs_mkdirs(dir, 0700, NULL), 0);
	ck_assert_int_eq(
	    tg_fs_write(path, tg_sv_of(text), 0600, TG_FS_OVERWRITE, NULL), 0);
	free(path);
}

START_TEST(the_least_quota_above_a_group_counts)
{
	char *root = test_folder();
	char *above = tg_fs_join(root, "a.slice");
	char *group = tg_fs_join(root, "a.slice/b.service");

	ck_assert(above != NULL && group != NULL);
	ck_assert_uint_eq(tg_cpus_under(9, root, "/a.slice/b.service"), 9);
	write_quota(group, "400000 100000\n");
	ck_assert_uint_eq(tg_cpus_under(9, root, "/a.slice/b.service"), 4);
	ck_assert_uint_eq(tg_cpus_under(2, root, "/a.slice/b.service"), 2);
	write_quota(above, "300000 100000\n");
	ck_assert_uint_eq(tg_cpus_under(9, root, "/a.slice/b.service"), 3);
	ck_assert_uint_eq(tg_cpus_under(9, root, "/"), 9);
	free(above);
	free(group);
	test_folder_remove(root);
}
END_TEST

START_TEST(one_processor_is_one)
{
	cpu_set_t all, one;
	size_t cpu = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	ck_assert_uint_ge(tg_cpus(), 1);
	ck_assert_uint_le(tg_cpus(), (unsigned)CPU_COUNT(&all));
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	ck_assert_uint_eq(tg_cpus(), 1);
}
END_TEST

Suite *
cpus_suite(void)
{
	Suite *s = suite_create("cpus");
	TCase *t = tcase_create("cpus");

	tcase_add_loop_test(
	    t, a_quota_is_a_number_of_processors, 0, (int)TG_COUNT(quotas));
	tcase_add_test(t, the_least_quota_above_a_group_counts);
	tcase_add_test(t, one_processor_is_one);
	suite_add_tcase(s, t);
	return s;
}
