#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/base/suites.h"

#include "base/banned.h"

static const struct {
	enum tg_err_class cls;
	int exit;
} exits[] = {
    {TG_E_NONE, 0},
    {TG_E_NO, 1},
    {TG_E_USAGE, 2},
    {TG_E_CONFIG, 3},
    {TG_E_WAITING, 4},
    {TG_E_INTEGRITY, 5},
    {TG_E_IO, 6},
    {TG_E_MEMORY, 6},
    {TG_E_INPUT, 7},
    {TG_E_LIMIT, 8},
    {TG_E_LOCKED, 9},
    {TG_E_KEY, 10},
    {TG_E_BUG, 70},
};

START_TEST(each_class_has_the_exit_status_of_the_design)
{
	ck_assert_int_eq(tg_err_exit(exits[_i].cls), exits[_i].exit);
}
END_TEST

START_TEST(context_is_put_before_the_text_and_keeps_class_and_hint)
{
	struct tg_err err;

	ck_assert_int_eq(tg_fail(&err, TG_E_CONFIG, "bad %d", 7), -1);
	ck_assert_int_eq(tg_fail_hint(&err, "try %s", "again"), -1);
	ck_assert_int_eq(tg_fail_in(&err, "%s:%d", "a.yaml", 3), -1);
	ck_assert_str_eq(err.text, "a.yaml:3: bad 7");
	ck_assert_str_eq(err.hint, "try again");
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
}
END_TEST

START_TEST(a_new_failure_forgets_the_old_hint)
{
	struct tg_err err;

	tg_fail(&err, TG_E_IO, "one");
	tg_fail_hint(&err, "hint");
	tg_fail(&err, TG_E_KEY, "two");
	ck_assert_str_eq(err.hint, "");
}
END_TEST

START_TEST(the_text_itself_may_be_an_argument)
{
	struct tg_err err;

	tg_fail(&err, TG_E_IO, "inner");
	tg_fail(&err, TG_E_KEY, "outer (%s)", err.text);
	ck_assert_str_eq(err.text, "outer (inner)");
}
END_TEST

START_TEST(long_text_is_cut_inside_the_struct)
{
	struct tg_err err;
	char big[2 * TG_ERR_TEXT];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	tg_fail(&err, TG_E_IO, "%s", big);
	ck_assert_uint_eq(strlen(err.text), TG_ERR_TEXT - 1);
	tg_fail_in(&err, "%s", big);
	ck_assert_uint_eq(strlen(err.text), TG_ERR_TEXT - 1);
	tg_fail_in(&err, "head");
	ck_assert_uint_eq(strlen(err.text), TG_ERR_TEXT - 1);
	ck_assert_int_eq(memcmp(err.text, "head: xxx", 9), 0);
}
END_TEST

START_TEST(a_cut_never_leaves_half_a_character)
{
	struct tg_err err;
	char big[2 * TG_ERR_TEXT];
	size_t n = 0;

	for (int i = 0; i < _i; i++)
		big[n++] = 'x';
	while (n + 4 < sizeof(big)) {
		memcpy(big + n, "\xE2\x82\xAC", 3);
		n += 3;
	}
	big[n] = '\0';
	tg_fail(&err, TG_E_IO, "%s", big);
	n = strlen(err.text);
	ck_assert_uint_ge(n, TG_ERR_TEXT - 4);
	ck_assert_uint_eq((n - (size_t)_i) % 3, 0);
}
END_TEST

START_TEST(errno_is_named_without_the_locale)
{
	struct tg_err err;

	tg_fail_errno(&err, ENOENT, "%s", "/x");
	ck_assert_str_eq(err.text, "/x: No such file or directory");
	ck_assert_int_eq(err.cls, TG_E_IO);
	tg_fail_errno(&err, 99999, "%s", "/x");
	ck_assert_str_eq(err.text, "/x: unknown error");
	tg_fail_memory(&err);
	ck_assert_int_eq(err.cls, TG_E_MEMORY);
	tg_err_clear(&err);
	ck_assert_int_eq(err.cls, TG_E_NONE);
	ck_assert_str_eq(err.text, "");
}
END_TEST

START_TEST(nobody_needs_to_listen)
{
	ck_assert_int_eq(tg_fail(NULL, TG_E_IO, "x"), -1);
	ck_assert_int_eq(tg_fail_in(NULL, "x"), -1);
	ck_assert_int_eq(tg_fail_hint(NULL, "x"), -1);
	ck_assert_int_eq(tg_fail_errno(NULL, ENOENT, "x"), -1);
	ck_assert_int_eq(tg_fail_memory(NULL), -1);
	tg_err_clear(NULL);
}
END_TEST

Suite *
err_suite(void)
{
	Suite *s = suite_create("err");
	TCase *t = tcase_create("err");

	tcase_add_loop_test(t, each_class_has_the_exit_status_of_the_design, 0,
	    (int)TG_COUNT(exits));
	tcase_add_test(
	    t, context_is_put_before_the_text_and_keeps_class_and_hint);
	tcase_add_test(t, a_new_failure_forgets_the_old_hint);
	tcase_add_test(t, the_text_itself_may_be_an_argument);
	tcase_add_test(t, long_text_is_cut_inside_the_struct);
	tcase_add_loop_test(t, a_cut_never_leaves_half_a_character, 0, 4);
	tcase_add_test(t, errno_is_named_without_the_locale);
	tcase_add_test(t, nobody_needs_to_listen);
	suite_add_tcase(s, t);
	return s;
}
