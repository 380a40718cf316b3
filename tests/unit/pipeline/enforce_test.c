/* What a gate that fails does to a run, by the word of the policy. */
#include "pipeline/enforce.h"

#include <check.h>
#include <string.h>

#include "base/banned.h"

Suite *enforce_suite(void);

static const struct {
	enum tg_enforcement how;
	enum tg_err_class cls;
	const char *text;
	int rc;
} cases[] = {
    {TG_ENFORCE_BLOCK, TG_E_NO, "GATE-CANARY: of 20 planted", -1},
    {TG_ENFORCE_WARN, TG_E_NO, "GATE-CANARY: of 20 planted", 0},
    {TG_ENFORCE_REPORT, TG_E_NO, "GATE-CANARY: of 20 planted", 0},
    /* What is no gate, or could not be asked. */
    {TG_ENFORCE_REPORT, TG_E_NO, "REC-RESIDUE: 1 findings", -1},
    {TG_ENFORCE_REPORT, TG_E_NO, "ANO-SUPPRESSED: 3 of 4", -1},
    {TG_ENFORCE_REPORT, TG_E_INTEGRITY, "GATE-CANARY: damaged", -1},
    {TG_ENFORCE_REPORT, TG_E_CONFIG, "GATE-CANARY: no leaf", -1},
    {TG_ENFORCE_REPORT, TG_E_BUG, "a canary did not arrive", -1},
    {TG_ENFORCE_REPORT, TG_E_INPUT, "record 1", -1},
};

START_TEST(only_the_no_of_a_gate_is_let)
{
	struct tg_gates g = {.how = cases[_i].how};
	struct tg_err err = {.cls = TG_E_NONE};

	(void)tg_fail(&err, cases[_i].cls, "%s", cases[_i].text);
	ck_assert_msg(tg_gates_let(&g, -1, &err) == cases[_i].rc, "%d", _i);
	ck_assert_uint_eq(g.n, cases[_i].rc == 0 ? 1 : 0);
	ck_assert_int_eq(
	    err.cls, cases[_i].rc == 0 ? TG_E_NONE : cases[_i].cls);
	if (g.n > 0)
		ck_assert_str_eq(g.failed[0], cases[_i].text);
}
END_TEST

START_TEST(nothing_checked_is_no_pass_under_any_word)
{
	struct tg_gates g = {.how = TG_ENFORCE_REPORT};
	struct tg_err err = {.cls = TG_E_NONE};

	(void)tg_fail(&err, TG_E_NO, "GATE-NOT-RUN: no text was left");
	ck_assert_int_eq(tg_gates_let(&g, -1, &err), -1);
	ck_assert_uint_eq(g.n, 0);
}
END_TEST

START_TEST(a_gate_that_passes_leaves_no_trace)
{
	struct tg_gates g = {.how = TG_ENFORCE_WARN};
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(tg_gates_let(&g, 0, &err), 0);
	ck_assert_uint_eq(g.n, 0);
}
END_TEST

START_TEST(more_failures_than_can_be_told_stop_the_run)
{
	struct tg_gates g = {.how = TG_ENFORCE_WARN, .n = TG_GATES_MAX};
	struct tg_err err = {.cls = TG_E_NONE};

	(void)tg_fail(&err, TG_E_NO, "GATE-CANARY: of 20 planted");
	ck_assert_int_eq(tg_gates_let(&g, -1, &err), -1);
}
END_TEST

START_TEST(the_manifest_has_the_word_and_what_it_let)
{
	struct tg_gates g = {.how = TG_ENFORCE_WARN};
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_json *list;
	struct tg_json *o;

	(void)tg_fail(&err, TG_E_NO, "GATE-CANARY: of 20 planted");
	ck_assert_int_eq(tg_gates_let(&g, -1, &err), 0);
	o = tg_gates_json(&g);
	ck_assert_str_eq(tg_json_get_str(o, "enforcement", ""), "warn");
	list = tg_json_get(o, "not_blocked");
	ck_assert_uint_eq(tg_json_len(list), 1);
	ck_assert_str_eq(
	    tg_json_get_str(tg_json_at(list, 0), "code", ""), "GATE-CANARY");
	tg_json_free(o);
}
END_TEST

Suite *
enforce_suite(void)
{
	Suite *s = suite_create("pipeline/enforce");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
	    t, only_the_no_of_a_gate_is_let, 0, TG_COUNT(cases));
	tcase_add_test(t, nothing_checked_is_no_pass_under_any_word);
	tcase_add_test(t, a_gate_that_passes_leaves_no_trace);
	tcase_add_test(t, more_failures_than_can_be_told_stop_the_run);
	tcase_add_test(t, the_manifest_has_the_word_and_what_it_let);
	suite_add_tcase(s, t);
	return s;
}
