/* What leaves of activations: what may be asked for, and what is forbidden. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *activations_policy_suite(void);

#define ROWS "on_span_asked: drop_span_rows"
#define BY_DPO ROWS ", span_rows_approver: dpo"
#define FR "regions/fr/policy.yaml"
#define FR_FLOOR "  on_span_floor: recapture "
#define FR_SPAN "  on_span: recapture "

static const struct {
	const char *regions, *text; /* of a project; NULL: there is none */
	struct {
		const char *file, *from, *to;
	} edit[2];		 /* of the shipped files */
	const char *code, *says; /* NULL: it compiles */
} rows[] = {
    /* Down to the floor, by somebody who answers for it. */
    {"uk", BY_DPO, {{NULL}}, NULL, NULL},
    {"us", BY_DPO, {{NULL}}, NULL, NULL},
    {"uk", ROWS, {{NULL}}, "E-CONFLICT", "asks for a named approver"},
    {"uk", ROWS ", span_rows_approver: nobody", {{NULL}}, "E-CONFLICT",
	"is a role that not all approvals ask for"},
    {"uk", "on_span: drop_span_rows, span_rows_approver: dpo", {{NULL}},
	"E-RELAX", "is looser than drop_from_span_on"},
    {"uk", "on_span: drop_activations", {{NULL}}, NULL, NULL},
    {"uk", "on_span_asked: drop_activations", {{NULL}}, NULL, NULL},
    {"uk", "on_span: drop_record, " BY_DPO, {{NULL}}, "E-RELAX",
	"drop_span_rows is looser than the floor: /activations/on_span "
	"drop_record"},
    /* Never in France: by the floor, by the order, by the claim. */
    {"fr", BY_DPO, {{NULL}}, "E-RELAX", "is looser than the floor"},
    {"uk,fr", BY_DPO, {{NULL}}, "E-RELAX", "is looser than the floor"},
    {"fr", "on_clean: keep", {{NULL}}, "E-RELAX",
	"keep is looser than features_only"},
    {"fr", "on_span_asked: drop_activations", {{NULL}}, "E-RELAX",
	"is looser than the floor"},
    {"fr", BY_DPO, {{FR, FR_FLOOR, "  #"}}, "E-RELAX",
	"is looser than the floor: /activations/on_span recapture"},
    {"fr", BY_DPO, {{FR, FR_FLOOR, "  #"}, {FR, FR_SPAN, "  #"}},
	"E-CLAIM-ACTIVATIONS", "drop_span_rows is not anonymous"},
    {"fr", NULL, {{FR, "on_clean: features_only", "on_clean: keep"}},
	"E-CLAIM-ACTIVATIONS", "keep is not anonymous"},
    /* A text with a finding gives no more than one without. */
    {"uk", "on_clean: drop_activations", {{NULL}}, "E-CONFLICT",
	"lets more leave of a text with a finding than of one without"},
    {"uk", "on_clean: drop_activations, on_span: drop_activations", {{NULL}},
	NULL, NULL},
    {"uk", "on_clean: drop_activations, on_span: drop_record", {{NULL}}, NULL,
	NULL},
    /* A base of one's own answers for it too. */
    {"uk", NULL,
	{{"policies/base.yaml", "on_span: drop_from_span_on",
	    "on_span: drop_span_rows"}},
	"E-CONFLICT", "asks for a named approver"},
};

static const char *
project(const char *leaves)
{
	static char path[SANDBOX_PATH];
	char all[1024];

	if (leaves == NULL)
		return NULL;
	(void)snprintf(
	    all, sizeof(all), PROJECT_HEAD "activations: {%s}\n", leaves);
	sandbox_write("project.yaml", all);
	(void)snprintf(path, sizeof(path), "%s", sandbox_path("project.yaml"));
	return path;
}

START_TEST(what_leaves_is_what_law_floor_and_approver_leave)
{
	char policies[SANDBOX_PATH], regions[SANDBOX_PATH], file[SANDBOX_PATH];
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p;

	sandbox_copy_policies("x");
	for (size_t i = 0; i < 2 && rows[_i].edit[i].file != NULL; i++) {
		(void)snprintf(
		    file, sizeof(file), "x/%s", rows[_i].edit[i].file);
		sandbox_edit(file, rows[_i].edit[i].from, rows[_i].edit[i].to);
	}
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("x/policies"));
	(void)snprintf(
	    regions, sizeof(regions), "%s", sandbox_path("x/regions"));
	p = compile_from(policies, regions, rows[_i].regions,
	    project(rows[_i].text), NULL, &err);
	if (rows[_i].code == NULL) {
		ck_assert_msg(p != NULL, "%s", err.text);
		tg_policy_free(p);
		return;
	}
	ck_assert_msg(p == NULL, "it compiles");
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_msg(strstr(err.text, rows[_i].code) != NULL &&
		strstr(err.text, rows[_i].says) != NULL,
	    "%s", err.text);
}
END_TEST

Suite *
activations_policy_suite(void)
{
	Suite *s = suite_create("policies/activations");
	TCase *t = tcase_create("activations");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(t, what_leaves_is_what_law_floor_and_approver_leave,
	    0, (int)TG_COUNT(rows));
	suite_add_tcase(s, t);
	return s;
}
