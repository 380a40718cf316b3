#include "policies/scope.h"

#include <check.h>
#include <stdio.h>

#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *scope_suite(void);

static struct tg_policy *
with_scope(const char *json, const char *project, struct tg_err *err)
{
	sandbox_write("scope.json", json);
	return compile_from(root_path("policies"), root_path("regions"), "uk",
	    project, sandbox_path("scope.json"), err);
}

static void
leaf_is(const struct tg_policy *p, const char *path, const char *text,
    const char *file, const char *source)
{
	const struct tg_leaf *leaf = tg_policy_find(p, path);

	ck_assert_msg(leaf != NULL, "%s", path);
	ck_assert_str_eq(leaf->text, text);
	ck_assert_str_eq(leaf->file, file);
	ck_assert_str_eq(leaf->source, source);
}

START_TEST(four_settings_tighten)
{
	struct tg_err err = {0};
	struct tg_policy *p = with_scope("{\n"
					 "  \"sample_rate\": 0.005,\n"
					 "  \"max_tokens_capture\": 800,\n"
					 "  \"retention_days\": 14,\n"
					 "  \"export_target\": "
					 "\"s3:\\/\\/lab\\/x\\/\"\n}\n",
	    NULL, &err);

	ck_assert_msg(p != NULL, "%s", err.text);
	leaf_is(p, "/sampling/rate_default", "0.005", "scope.json", "declared");
	leaf_is(p, "/sampling/rate_max", "0.005", "scope.json", "declared");
	leaf_is(
	    p, "/limits/max_tokens_per_trace", "800", "scope.json", "declared");
	leaf_is(p, "/retention/data/debug/max_days", "14", "scope.json",
	    "declared");
	leaf_is(p, "/retention/data/formal_audit/max_days", "14", "scope.json",
	    "declared");
	leaf_is(p, "/retention/asked_days", "14", "scope.json", "declared");
	leaf_is(p, "/targets/export_target", "s3://lab/x/", "scope.json",
	    "declared");
	ck_assert_uint_eq(
	    tg_policy_find(p, "/limits/max_tokens_per_trace")->line, 3);
	tg_policy_free(p);
}
END_TEST

START_TEST(equal_settings_leave_the_policy_as_the_winner)
{
	struct tg_err err = {0};
	struct tg_policy *p = with_scope(
	    "{\"sample_rate\":0.01,\"max_tokens_capture\":1000}", NULL, &err);

	ck_assert_msg(p != NULL, "%s", err.text);
	leaf_is(
	    p, "/sampling/rate_default", "0.01", "policies/base.yaml", "seed");
	leaf_is(p, "/sampling/rate_max", "0.01", "scope.json", "declared");
	leaf_is(p, "/limits/max_tokens_per_trace", "1000", "policies/base.yaml",
	    "seed");
	tg_policy_free(p);
}
END_TEST

START_TEST(days_between_two_classes_are_kept_for_the_job)
{
	struct tg_err err = {0};
	struct tg_policy *p =
	    with_scope("{\"retention_days\": 60}", NULL, &err);

	ck_assert_msg(p != NULL, "%s", err.text);
	leaf_is(p, "/retention/data/debug/max_days", "30", "policies/base.yaml",
	    "seed");
	leaf_is(p, "/retention/data/formal_audit/max_days", "60", "scope.json",
	    "declared");
	leaf_is(p, "/retention/asked_days", "60", "scope.json", "declared");
	tg_policy_free(p);
}
END_TEST

START_TEST(an_empty_object_changes_nothing)
{
	struct tg_err err = {0};
	struct tg_policy *p = with_scope("{}", NULL, &err);
	struct tg_policy *plain = shipped("uk");

	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert_str_eq(tg_policy_sha256(p), tg_policy_sha256(plain));
	tg_policy_free(p);
	tg_policy_free(plain);
}
END_TEST

static const struct {
	const char *json, *want; /* after the file's name; %s is BASE */
} faults[] = {
    {"{\"sample_rate\": 0.02}",
	":1:17: E-RELAX: sample_rate 0.02 is looser than 0.01 of "
	"/sampling/rate_default (%s:51)"},
    {"{\"max_tokens_capture\": 1001}",
	":1:24: E-RELAX: max_tokens_capture 1001 is looser than 1000 of "
	"/limits/max_tokens_per_trace (%s:61)"},
    {"{\n \"retention_days\": 91}",
	":2:20: E-RELAX: retention_days 91 is looser than 90 of "
	"/retention/data/formal_audit/max_days (%s:38)"},
    {"{\"sample_rate\": 1e-3}",
	":1:17: sample_rate: a ratio 0 to 1 with up to nine decimals is "
	"wanted"},
    {"{\"sample_rate\": \"0.01\"}", ":1:17: sample_rate: a number is wanted"},
    {"{\"sample_rate\": null}", ":1:17: sample_rate: a number is wanted"},
    {"{\"max_tokens_capture\": 10.5}",
	":1:24: max_tokens_capture: a whole number 1 to 100000000 is wanted"},
    {"{\"max_tokens_capture\": -1}",
	":1:24: max_tokens_capture: a whole number 1 to 100000000 is wanted"},
    {"{\"retention_days\": 0}",
	":1:20: retention_days: a whole number 1 to 36530 is wanted"},
    {"{\"export_target\": 5}", ":1:19: export_target: a text is wanted"},
    {"{\"export_target\": \"a b\"}",
	":1:19: export_target: a name of printable ASCII without spaces is "
	"wanted"},
    {"{\"sample_rates\": 0.01}",
	":1:2: unknown key 'sample_rates' (did you mean 'sample_rate'?)"},
    {"{\"gpu\": true}", ":1:2: unknown key 'gpu'"},
    {"[1]", ":1:1: not a JSON object"},
};

START_TEST(a_setting_is_refused_in_these_words)
{
	char tail[TG_ERR_TEXT], want[2 * TG_ERR_TEXT];
	const char *base;
	struct tg_err err = {0};

	ck_assert_ptr_null(with_scope(faults[_i].json, NULL, &err));
	base = strstr(faults[_i].want, "%s");
	if (base == NULL)
		(void)snprintf(tail, sizeof(tail), "%s", faults[_i].want);
	else
		(void)snprintf(tail, sizeof(tail), "%.*s%s%s",
		    (int)(base - faults[_i].want), faults[_i].want,
		    root_path("policies/base.yaml"), base + 2);
	(void)snprintf(
	    want, sizeof(want), "%s%s", sandbox_path("scope.json"), tail);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
}
END_TEST

static const char *const no_json[] = {"", "{", "{\"sample_rate\": 0.01} x",
    "{\"sample_rate\": 0.01, \"sample_rate\": 0.01}", "{sample_rate: 0.01}",
    "{\"sample_rate\": .01}"};

START_TEST(what_is_no_json_is_a_configuration_error)
{
	struct tg_err err = {0};

	ck_assert_ptr_null(with_scope(no_json[_i], NULL, &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "scope.json:1:"));
}
END_TEST

START_TEST(a_project_stands_above_the_scope)
{
	struct tg_err err = {0};
	char project[SANDBOX_PATH];

	(void)snprintf(project, sizeof(project), "%s",
	    root_path("tests/unit/policies/data/projects/gemma.yaml"));
	ck_assert_ptr_null(
	    with_scope("{\"sample_rate\": 0.01}", project, &err));
	ck_assert_ptr_nonnull(strstr(err.text,
	    "E-RELAX: sample_rate 0.01 is looser than 0.005 of "
	    "/sampling/rate_default ("));
	sandbox_write("t.yaml",
	    PROJECT_HEAD "targets: {export_target: \"file:/srv/x\"}\n");
	ck_assert_ptr_null(with_scope("{\"export_target\": \"s3://lab/\"}",
	    sandbox_path("t.yaml"), &err));
	ck_assert_ptr_nonnull(strstr(err.text,
	    "E-LOCKED: export_target s3://lab/ differs from file:/srv/x of "
	    "/targets/export_target ("));
}
END_TEST

Suite *
scope_suite(void)
{
	Suite *s = suite_create("policies/scope");
	TCase *t = tcase_create("scope");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_test(t, four_settings_tighten);
	tcase_add_test(t, equal_settings_leave_the_policy_as_the_winner);
	tcase_add_test(t, days_between_two_classes_are_kept_for_the_job);
	tcase_add_test(t, an_empty_object_changes_nothing);
	tcase_add_loop_test(
	    t, a_setting_is_refused_in_these_words, 0, (int)TG_COUNT(faults));
	tcase_add_loop_test(t, what_is_no_json_is_a_configuration_error, 0,
	    (int)TG_COUNT(no_json));
	tcase_add_test(t, a_project_stands_above_the_scope);
	suite_add_tcase(s, t);
	return s;
}
