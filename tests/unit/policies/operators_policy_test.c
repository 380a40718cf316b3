/* What may be asked for and what is forbidden: the operators of a policy. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

/* A project's text about one type. */
static const char *
detector(const char *type, const char *leaves)
{
	static char text[1024];

	(void)snprintf(text, sizeof(text),
	    "redaction: {detectors: {%s: {%s}}}\n", type, leaves);
	return text;
}

static char policies[SANDBOX_PATH], regions[SANDBOX_PATH];

/* A copy of the shipped folders, in which @from of @file becomes @to. */
static void
copy_with(const char *file, const char *from, const char *to)
{
	char path[SANDBOX_PATH];

	sandbox_copy_policies("x");
	(void)snprintf(path, sizeof(path), "x/%s", file);
	sandbox_edit(path, from, to);
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("x/policies"));
	(void)snprintf(
	    regions, sizeof(regions), "%s", sandbox_path("x/regions"));
}

/* A project's file in the sandbox. */
static const char *
project(const char *text)
{
	static char path[SANDBOX_PATH];
	char all[1200];

	(void)snprintf(all, sizeof(all), "%s%s", PROJECT_HEAD, text);
	sandbox_write("project.yaml", all);
	(void)snprintf(path, sizeof(path), "%s", sandbox_path("project.yaml"));
	return path;
}

static const struct {
	const char *regions, *type, *leaves;
	const char *code, *says; /* NULL: it compiles */
} rows[] = {
    /* down to the floor, and not below */
    {"uk", "PERSON", "operator: number", NULL, NULL},
    {"uk", "PERSON", "operator: tokenise", NULL, NULL},
    {"uk", "PERSON", "operator: generalise", "E-RELAX",
	"is looser than the floor"},
    {"uk", "PERSON", "operator: drop_record", NULL, NULL},
    {"uk", "EMAIL", "operator: keep", "E-RELAX", "is looser than the floor"},
    {"uk", "UK_NINO", "operator: hash", "E-RELAX",
	"/redaction/detectors/UK_NINO/action label"},
    {"uk", "UK_NINO", "operator: redact", NULL, NULL},
    {"uk", "VIN", "operator: redact", "E-CONFLICT",
	"no base or region file has an action for this type"},
    /* a project tightens what is there and brings nothing loose */
    {"uk", "PERSON", "action: number", "E-RELAX", "is looser than label"},
    {"uk", "PERSON", "floor: mask", "E-RELAX", "is looser than tokenise"},
    {"uk", "PERSON", "floor: label", NULL, NULL},
    {"uk", "PERSON", "floor: label, operator: number", "E-RELAX",
	"is looser than the floor"},
    {"uk", "UK_NINO", "floor: keep", "E-RELAX", "a project cannot bring it"},
    {"uk", "CREDIT_CARD", "operator: mask, mask_keep_last: 2", NULL, NULL},
    {"uk", "CREDIT_CARD", "operator: mask, mask_keep_last: 5", "E-RELAX",
	"5 is looser than 4"},
    {"uk", "CREDIT_CARD", "operator: mask, mask_keep_first: 1", "E-RELAX",
	"a project cannot bring it"},
    {"uk", "DATE_OF_BIRTH", "operator: shift_date, shift_days: 365", NULL,
	NULL},
    {"uk", "DATE_OF_BIRTH", "operator: shift_date, shift_days: 7", "E-RELAX",
	"7 is looser than 183"},
    {"uk", "PERSON", "operator: number, number_scope: record", NULL, NULL},
    {"uk", "MAC_ADDRESS", "operator: number, number_scope: run", "E-RELAX",
	"a project cannot bring it"},
    {"uk", "EMAIL", "operator: erase", NULL, "block_run is wanted"},
    /* what has nothing to do */
    {"uk", "IP_ADDRESS", "operator: generalise", NULL, NULL},
    {"uk", "CREDIT_CARD", "operator: generalise", "E-CONFLICT",
	"knows nothing coarser for this type"},
    {"uk", "IBAN", "operator: shift_date", "E-CONFLICT", "is for dates"},
    /* France: anonymisation required */
    {"fr", "IP_ADDRESS", "operator: generalise", NULL, NULL},
    {"fr", "PERSON", "operator: redact", NULL, NULL},
    {"fr", "PERSON", "operator: drop_field", NULL, NULL},
    {"fr", "CREDIT_CARD", "operator: mask, mask_keep_last: 0", NULL, NULL},
    {"fr", "CREDIT_CARD", "operator: mask", "E-CLAIM-OPERATOR",
	"characters stay readable, which is not anonymous"},
    {"fr", "PERSON", "operator: number", "E-CLAIM-OPERATOR",
	"number is not anonymous"},
    {"fr", "PERSON", "operator: pseudonymise", "E-CLAIM-OPERATOR",
	"pseudonymise is not anonymous"},
    {"fr", "PERSON", "operator: hash", "E-CLAIM-OPERATOR",
	"hash is not anonymous"},
    {"fr", "PERSON", "operator: tokenise", "E-CLAIM-OPERATOR",
	"tokenise is not anonymous"},
    {"fr", "DATE_OF_BIRTH", "operator: shift_date", "E-CLAIM-OPERATOR",
	"shift_date is not anonymous"},
    {"uk,fr", "PERSON", "operator: number", "E-CLAIM-OPERATOR",
	"/anonymisation/claims/FR anonymised"},
    /* United States: the safe harbor */
    {"us", "DATE_OF_BIRTH", "operator: shift_date", NULL, NULL},
    {"us", "US_ZIP", "operator: generalise", NULL, NULL},
};

START_TEST(an_operator_is_what_law_and_floor_leave)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p = with_project(
	    rows[_i].regions, detector(rows[_i].type, rows[_i].leaves), &err);

	if (rows[_i].code == NULL && rows[_i].says == NULL) {
		ck_assert_msg(p != NULL, "%s", err.text);
		tg_policy_free(p);
		return;
	}
	ck_assert_msg(p == NULL, "%s: %s", rows[_i].type, rows[_i].leaves);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_msg(
	    rows[_i].code == NULL || strstr(err.text, rows[_i].code) != NULL,
	    "%s", err.text);
	ck_assert_msg(strstr(err.text, rows[_i].says) != NULL, "%s", err.text);
}
END_TEST

/* Faults in a base of one's own: the floor is wide there. */
static const struct {
	const char *file, *from, *to, *regions, *code, *says;
} faults[] = {
    {"policies/base.yaml", "EMAIL:         {action: label",
	"EMAIL:         {action: keep", "uk", "E-CONFLICT",
	"keep leaves the value in place"},
    {"policies/base.yaml", "EMAIL:         {action: label",
	"EMAIL:         {action: tag", "fr", "E-CLAIM-OPERATOR",
	"tag is not anonymous"},
    {"policies/base.yaml", "EMAIL:         {action: label",
	"EMAIL:         {action: keep", "fr", "E-CONFLICT",
	"keep leaves the value in place"},
    {"regions/us/policy.yaml", "hipaa_safe_harbor: when_health",
	"hipaa_safe_harbor: always", "us", NULL, NULL},
    {"policies/base.yaml", ", shift_days: 183", "", "uk", NULL, NULL},
    {"policies/base.yaml",
	"action: label, min_score: 0.50, fides: "
	"user.demographic.date_of_birth, floor: "
	"shift_date, shift_days: 183",
	"action: shift_date, min_score: 0.50, fides: "
	"user.demographic.date_of_birth",
	"uk", "E-CONFLICT", "asks for shift_days"},
};

START_TEST(a_base_that_goes_too_far_is_refused)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p;

	copy_with(faults[_i].file, faults[_i].from, faults[_i].to);
	p = compile_from(
	    policies, regions, faults[_i].regions, NULL, NULL, &err);
	if (faults[_i].code == NULL) {
		ck_assert_msg(p != NULL, "%s", err.text);
		tg_policy_free(p);
		return;
	}
	ck_assert_ptr_null(p);
	ck_assert_msg(
	    strstr(err.text, faults[_i].code) != NULL, "%s", err.text);
	if (faults[_i].says != NULL)
		ck_assert_msg(
		    strstr(err.text, faults[_i].says) != NULL, "%s", err.text);
}
END_TEST

/* Two edits: a wide floor, and a project that asks for what a law forbids. */
static const struct {
	const char *type, *leaves, *code;
} wide[] = {
    {"US_SSN", "operator: mask", "E-CONFLICT"},
    {"US_PASSPORT", "operator: mask", "E-CONFLICT"},
    {"US_ZIP", "operator: mask", NULL},
};

START_TEST(no_part_of_a_government_identifier_stays)
{
	const char *from = "US_ZIP:        {floor: generalise}";
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p;
	char to[256];

	(void)snprintf(to, sizeof(to),
	    "US_X: {floor: label}\n    %s: {floor: mask, mask_keep_last: 4}",
	    wide[_i].type);
	copy_with("policies/base.yaml", from, to);
	p = compile_from(policies, regions, "us",
	    project(detector(wide[_i].type, wide[_i].leaves)), NULL, &err);
	if (wide[_i].code == NULL) {
		ck_assert_msg(p != NULL, "%s", err.text);
		tg_policy_free(p);
		return;
	}
	ck_assert_ptr_null(p);
	ck_assert_msg(strstr(err.text, wide[_i].code) != NULL &&
		strstr(err.text, "of a government identifier stay readable") !=
		    NULL,
	    "%s", err.text);
}
END_TEST

START_TEST(the_safe_harbor_takes_no_derived_code)
{
	static const struct {
		const char *type, *op;
		bool ok;
	} list[] = {{"DATE_OF_BIRTH", "shift_date", false},
	    {"DATE_OF_BIRTH", "generalise", true}, {"PERSON", "hash", false},
	    {"PERSON", "pseudonymise", false}, {"PERSON", "tokenise", false},
	    {"PERSON", "number", true}, {"CREDIT_CARD", "mask", false},
	    {"US_ZIP", "generalise", true}};
	struct tg_err err = {.cls = TG_E_NONE};

	copy_with("regions/us/policy.yaml", "hipaa_safe_harbor: when_health",
	    "hipaa_safe_harbor: always");
	for (size_t i = 0; i < TG_COUNT(list); i++) {
		char leaves[64];
		struct tg_policy *p;

		(void)snprintf(
		    leaves, sizeof(leaves), "operator: %s", list[i].op);
		p = compile_from(policies, regions, "us",
		    project(detector(list[i].type, leaves)), NULL, &err);
		ck_assert_msg((p != NULL) == list[i].ok, "%s %s: %s",
		    list[i].type, list[i].op, err.text);
		if (p == NULL)
			ck_assert_ptr_nonnull(
			    strstr(err.text, "E-CLAIM-OPERATOR"));
		tg_policy_free(p);
	}
}
END_TEST

Suite *operators_policy_suite(void);
Suite *
operators_policy_suite(void)
{
	Suite *s = suite_create("policies/operators");
	TCase *t = tcase_create("operators");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(
	    t, an_operator_is_what_law_and_floor_leave, 0, TG_COUNT(rows));
	tcase_add_loop_test(
	    t, a_base_that_goes_too_far_is_refused, 0, TG_COUNT(faults));
	tcase_add_loop_test(
	    t, no_part_of_a_government_identifier_stays, 0, TG_COUNT(wide));
	tcase_add_test(t, the_safe_harbor_takes_no_derived_code);
	suite_add_tcase(s, t);
	return s;
}
