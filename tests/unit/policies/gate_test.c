#include "policies/gate.h"

#include <check.h>
#include <stdio.h>

#include "tests/unit/policies/orderly.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *gate_suite(void);

/* ---- what an orderly job must not leave out ---------------------------- */

static struct tg_policy *uk;
static struct tg_policy_job job;
static struct tg_reasons reasons;
static const struct tg_job_mechanism domestic = {"GB", "domestic"};

static void
setup(void)
{
	uk = shipped("uk");
	job = orderly;
	job.mechanism = &domestic;
	job.n_mechanism = 1;
}

static void
teardown(void)
{
	tg_policy_free(uk);
}

static void
only(const char *code, const char *path, const char *controls)
{
	struct tg_err err = {0};

	ck_assert_msg(
	    tg_policy_job(uk, &job, &reasons, &err) == 0, "%s", err.text);
	if (code == NULL) {
		ck_assert_msg(reasons.n == 0, "%s", reasons.r[0].detail);
		return;
	}
	ck_assert_uint_eq(reasons.n, 1);
	ck_assert_str_eq(reasons.r[0].code, code);
	ck_assert_str_eq(reasons.r[0].path, path);
	ck_assert_str_eq(reasons.r[0].controls, controls);
	ck_assert_str_ne(reasons.r[0].file, "");
	ck_assert_uint_gt(reasons.r[0].line, 0);
}

START_TEST(an_orderly_job_is_allowed)
{
	only(NULL, NULL, NULL);
}
END_TEST

START_TEST(a_job_without_purpose_is_not)
{
	job.purpose = NULL;
	only("PUR-NOT-ALLOWED", "/purposes/allow", "UK-01");
}
END_TEST

START_TEST(a_job_without_legal_basis_is_not)
{
	job.legal_basis = NULL;
	only("LEG-BASIS", "/legal/basis_allow", "UK-05");
}
END_TEST

START_TEST(an_empty_text_is_left_out)
{
	job.retention_class = "";
	job.residency = "";
	job.computed_on = "";
	only(NULL, NULL, NULL);
	job.has_retention = true;
	job.retention_days = 31;
	only("RET-TOO-LONG", "/retention/data/debug/max_days", "UK-03");
	job.has_retention = false;
	job.legal_basis = "";
	only("LEG-BASIS", "/legal/basis_allow", "UK-05");
	job.legal_basis = "A6-1-c";
	job.target = "";
	only("TGT-SCHEME", "/targets/schemes_allow", "");
	job.target = NULL;
	job.purpose = "";
	only("PUR-NOT-ALLOWED", "/purposes/allow", "UK-01");
}
END_TEST

START_TEST(consent_is_no_basis_for_the_uk)
{
	job.legal_basis = "A6-1-a";
	only("LEG-BASIS", "/legal/basis_allow", "UK-05");
}
END_TEST

START_TEST(legitimate_interests_need_an_assessment)
{
	job.assessment_ref = NULL;
	only("LEG-LIA-MISSING", "/legal/assessment_required_for", "UK-05");
	job.assessment_ref = "";
	only("LEG-LIA-MISSING", "/legal/assessment_required_for", "UK-05");
	job.legal_basis = "A6-1-c";
	only(NULL, NULL, NULL);
}
END_TEST

START_TEST(a_job_without_destination_is_not)
{
	struct tg_err err = {0};

	job.destination = NULL;
	ck_assert_int_eq(tg_policy_job(uk, &job, &reasons, &err), 0);
	ck_assert_uint_eq(reasons.n, 2);
	ck_assert_str_eq(reasons.r[0].code, "XFR-NOT-ALLOWED");
	ck_assert_str_eq(reasons.r[0].controls, "XC-07, UK-13");
	ck_assert_str_eq(reasons.r[1].code, "XFR-MECHANISM");
}
END_TEST

START_TEST(keys_of_the_recipient)
{
	job.key_age_days = 400;
	only(NULL, NULL, NULL);
	job.key_age_days = 401;
	only("KEY-AGE", "/encryption/recipient_key_max_age_days", "UK-10");
	job.key_age_days = -1;
	only("KEY-AGE", "/encryption/recipient_key_max_age_days", "UK-10");
	job.key_age_days = 0;
	/* Where the policy says nothing of custody, nothing is asked. */
	job.key_country = job.key_holder = NULL;
	only(NULL, NULL, NULL);
	job.n_key = 0;
	only("KEY-COUNT", "/encryption/min_recipient_keys", "UK-10");
}
END_TEST

/* Without a target nothing of ours is beside it. */
START_TEST(our_keys_are_not_where_the_target_is)
{
	job.keys_apart = false;
	only(NULL, NULL, NULL);
	job.target = "file:sent";
	only(
	    "KEY-STORE", "/encryption/key_store_separate_from_target", "UK-10");
	job.keys_apart = true;
	only(NULL, NULL, NULL);
}
END_TEST

START_TEST(each_clause_is_agreed_and_named_when_missing)
{
	job.n_clause = 1;
	only("DPA-CLAUSE", "/recipient_clauses", "UK-17");
	ck_assert_ptr_nonnull(strstr(reasons.r[0].detail,
	    "for: delete_and_confirm, no_onward_without_approval"));
	job.n_clause = 3;
	only(NULL, NULL, NULL);
}
END_TEST

START_TEST(onward_transfer_is_at_least_as_strict)
{
	static const char *const no[] = {"allow", "", NULL, "perhaps"};

	for (size_t i = 0; i < TG_COUNT(no); i++) {
		job.onward_transfer = no[i];
		only("XFR-ONWARD", "/transfers/onward_transfer", "UK-13");
	}
	job.onward_transfer = "prior_approval";
	only(NULL, NULL, NULL);
}
END_TEST

START_TEST(a_bucket_has_an_owner_and_a_folder_none)
{
	job.expected_owner = "";
	job.target = "s3://bucket/prefix";
	only("TGT-OWNER", "/targets/require_expected_owner", "");
	job.target = "file:sent";
	only(NULL, NULL, NULL);
}
END_TEST

START_TEST(a_latency_that_is_not_stated_is_not_judged)
{
	only(NULL, NULL, NULL);
	job.has_latency = true;
	job.latency_delta_ms = 100;
	only(NULL, NULL, NULL);
	job.latency_delta_ms = 101;
	only("LAT-P90", "/budget/p90_latency_delta_ms_max", "");
}
END_TEST

START_TEST(a_job_without_mechanism_is_not)
{
	job.n_mechanism = 0;
	only("XFR-MECHANISM", "/transfers/origins/GB/mechanisms/GB", "UK-13");
}
END_TEST

START_TEST(an_incomplete_recipient_is_named)
{
	job.n_recipient_field = 3;
	only("DPA-INCOMPLETE", "/transfers/recipient_fields_required", "UK-08");
	ck_assert_str_eq(reasons.r[0].detail,
	    "the recipient's record lacks: contact, contract_date, "
	    "contract_ref");
}
END_TEST

START_TEST(rates_at_the_boundary)
{
	job.has_rate = true;
	job.rate_ppb = 50000000;
	only(NULL, NULL, NULL);
	job.rate_ppb = 50000001;
	only("SMP-RATE", "/sampling/rate_max", "UK-02");
}
END_TEST

START_TEST(days_at_the_boundary)
{
	job.has_retention = true;
	job.retention_days = 30;
	only(NULL, NULL, NULL);
	job.retention_days = 31;
	only("RET-TOO-LONG", "/retention/data/debug/max_days", "UK-03");
}
END_TEST

START_TEST(a_class_that_is_not_there)
{
	struct tg_err err = {0};

	job.retention_class = "for_ever";
	ck_assert_int_eq(tg_policy_job(uk, &job, &reasons, &err), 0);
	ck_assert_uint_eq(reasons.n, 1);
	ck_assert_str_eq(reasons.r[0].code, "RET-TOO-LONG");
	ck_assert_str_eq(
	    reasons.r[0].detail, "there is no retention class 'for_ever'");
}
END_TEST

START_TEST(the_audit_class_needs_its_reference)
{
	job.purpose = "formal_audit";
	only(NULL, NULL, NULL);
	job.audit_ref = NULL;
	only("RET-TOO-LONG", "/retention/data/formal_audit/requires", "UK-03");
}
END_TEST

START_TEST(assessment_age_at_the_boundary)
{
	job.assessment_age_days = 365;
	only(NULL, NULL, NULL);
	job.assessment_age_days = 366;
	only("XFR-ASSESSMENT-STALE", "/transfers/assessment_max_age_days",
	    "UK-13");
	job.assessment_age_days = -1;
	only(NULL, NULL, NULL);
}
END_TEST

START_TEST(target_schemes_and_residency)
{
	job.target = "file:/srv/out";
	only(NULL, NULL, NULL);
	job.target = "s3://lab/x";
	only(NULL, NULL, NULL);
	job.target = "ftp://lab/x";
	only("TGT-SCHEME", "/targets/schemes_allow", "");
	job.target = "/srv/out";
	only("TGT-SCHEME", "/targets/schemes_allow", "");
	job.target = NULL;
	job.residency = "NO";
	only(NULL, NULL, NULL);
	job.residency = "US";
	only("TGT-RESIDENCY", "/targets/residency_allow", "UK-13");
}
END_TEST

START_TEST(activation_kinds)
{
	static const char *const kinds[] = {"sae_topk", "attribution_graph"};
	static const char *const dense[] = {"kv_cache"};
	static const char *const strange[] = {"weights"};

	job.activation_kind = kinds;
	job.n_activation_kind = 2;
	job.computed_on = "redacted_text";
	only(NULL, NULL, NULL);
	job.activation_kind = dense;
	job.n_activation_kind = 1;
	only("ACT-KIND", "/activations/kinds_deny", "XC-01");
	job.activation_kind = strange;
	only("ACT-KIND", "/activations/kinds_allow", "XC-01");
}
END_TEST

START_TEST(the_us_ledger_at_the_boundary)
{
	static const struct tg_job_mechanism clause = {
	    "US", "dsp_contract_clause"};
	static const char *const checks[] = {"onward_ban_202_302",
	    "covered_person_screened", "violation_report_14_days"};
	struct tg_job_dsp dsp = {"covered_identifiers", 99999};
	struct tg_err err = {0};

	tg_policy_free(uk);
	uk = shipped("us");
	job.mechanism = &clause;
	job.check = checks;
	job.n_check = 3;
	job.dsp = &dsp;
	job.n_dsp = 1;
	only(NULL, NULL, NULL);
	dsp.persons = 100000;
	only("DSP-BULK", "/us_dsp/thresholds_us_persons/covered_identifiers",
	    "US-02");
	dsp.persons = UINT64_MAX;
	only("DSP-BULK", "/us_dsp/thresholds_us_persons/covered_identifiers",
	    "US-02");
	/* A category that is not in the policy stops the run. */
	dsp.category = "covered_identifier";
	ck_assert_int_eq(tg_policy_job(uk, &job, &reasons, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "E-NO-SUCH-LEAF"));
}
END_TEST

/* Without a region no destination is allowed: an error, not a pass. */
START_TEST(base_alone_decides_nothing)
{
	struct tg_err err = {0};

	tg_policy_free(uk);
	uk = shipped("");
	ck_assert_int_eq(tg_policy_job(uk, &job, &reasons, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_str_eq(err.text,
	    "E-NO-SUCH-LEAF: the policy does not say "
	    "/transfers/destinations_allow");
}
END_TEST

/* ---- scope and project ------------------------------------------------- */

START_TEST(days_of_the_scope_are_held_to_the_class)
{
	struct tg_err err = {0};

	tg_policy_free(uk);
	sandbox_write("s.json",
	    "{\"retention_days\": 60, "
	    "\"export_target\": \"s3://lab/x\"}");
	uk = compile_from(root_path("policies"), root_path("regions"), "uk",
	    NULL, sandbox_path("s.json"), &err);
	ck_assert_msg(uk != NULL, "%s", err.text);
	only("RET-TOO-LONG", "/retention/data/debug/max_days", "UK-03");
	job.purpose = "formal_audit";
	only(NULL, NULL, NULL);
	job.target = "s3://lab/x";
	only(NULL, NULL, NULL);
	job.target = "s3://lab/x/2026";
	only(NULL, NULL, NULL);
	job.target = "s3://lab/xyz";
	only("TGT-PATTERN", "/targets/export_target", "");
}
END_TEST

START_TEST(a_target_fits_a_pattern_of_the_project)
{
	struct tg_err err = {0};

	tg_policy_free(uk);
	uk = with_project("uk",
	    "targets: {patterns: [\"s3://acme-uk-*/**\", "
	    "\"file:/srv/uk/*\"]}\n",
	    &err);
	ck_assert_msg(uk != NULL, "%s", err.text);
	job.target = "s3://acme-uk-1/a/b";
	only(NULL, NULL, NULL);
	job.target = "file:/srv/uk/out";
	only(NULL, NULL, NULL);
	job.target = "file:/srv/uk/out/deep";
	only("TGT-PATTERN", "/targets/patterns/p", "");
}
END_TEST

static const struct {
	const char *pattern, *url;
	bool fits;
} globs[] = {
    {"s3://a/b", "s3://a/b", true},
    {"s3://a/b", "s3://a/bc", false},
    {"s3://a-*/**", "s3://a-x/y/z", true},
    {"s3://a-*/**", "s3://b/a-x/y", false},
    {"s3://a-*", "s3://a-x/y", false},
    {"**", "anything/at:all", true},
    {"*", "no/slash", false},
    {"**/x*y", "a/x/b/xzy", true},
    {"a*b*c", "a--b--c", true},
    {"a*b*c", "a--b--", false},
    {"", "", true},
    {"", "a", false},
    {"a**", "a", true},
};

START_TEST(patterns_match_as_said)
{
	ck_assert_msg(tg_policy_target_fits(globs[_i].pattern, globs[_i].url) ==
		globs[_i].fits,
	    "%s %s", globs[_i].pattern, globs[_i].url);
}
END_TEST

static void
add_rules(TCase *t)
{
	tcase_add_test(t, an_orderly_job_is_allowed);
	tcase_add_test(t, a_job_without_purpose_is_not);
	tcase_add_test(t, a_job_without_legal_basis_is_not);
	tcase_add_test(t, an_empty_text_is_left_out);
	tcase_add_test(t, consent_is_no_basis_for_the_uk);
	tcase_add_test(t, legitimate_interests_need_an_assessment);
	tcase_add_test(t, a_job_without_destination_is_not);
	tcase_add_test(t, keys_of_the_recipient);
	tcase_add_test(t, our_keys_are_not_where_the_target_is);
	tcase_add_test(t, each_clause_is_agreed_and_named_when_missing);
	tcase_add_test(t, onward_transfer_is_at_least_as_strict);
	tcase_add_test(t, a_bucket_has_an_owner_and_a_folder_none);
	tcase_add_test(t, a_latency_that_is_not_stated_is_not_judged);
	tcase_add_test(t, a_job_without_mechanism_is_not);
	tcase_add_test(t, an_incomplete_recipient_is_named);
	tcase_add_test(t, rates_at_the_boundary);
	tcase_add_test(t, days_at_the_boundary);
	tcase_add_test(t, a_class_that_is_not_there);
	tcase_add_test(t, the_audit_class_needs_its_reference);
	tcase_add_test(t, assessment_age_at_the_boundary);
	tcase_add_test(t, target_schemes_and_residency);
	tcase_add_test(t, activation_kinds);
	tcase_add_test(t, the_us_ledger_at_the_boundary);
	tcase_add_test(t, base_alone_decides_nothing);
	tcase_add_test(t, days_of_the_scope_are_held_to_the_class);
	tcase_add_test(t, a_target_fits_a_pattern_of_the_project);
}

Suite *
gate_suite(void)
{
	Suite *s = suite_create("policies/gate");
	TCase *cases = tcase_create("cases"), *rules = tcase_create("rules");

	tcase_add_loop_test(
	    cases, patterns_match_as_said, 0, (int)TG_COUNT(globs));
	suite_add_tcase(s, cases);
	tcase_add_checked_fixture(rules, sandbox_open, sandbox_close);
	tcase_add_checked_fixture(rules, setup, teardown);
	add_rules(rules);
	suite_add_tcase(s, rules);
	return s;
}
