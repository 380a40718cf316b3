#include <check.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/json.h"
#include "policies/compiled.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *compile_suite(void);

static const char *const sets[] = {
    "", "uk", "fr", "us", "uk,fr", "uk,us", "fr,us", "uk,fr,us"};

START_TEST(shipped_policies_compile)
{
	struct tg_policy *p = shipped(sets[_i]);
	const struct tg_policy_file *file;
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	struct tg_err err = {0};
	size_t n = tg_policy_files(p, &file);

	ck_assert_uint_gt(tg_policy_count(p), 150);
	ck_assert_uint_ge(n, 3);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(tg_sha256_bytes(digest, file[i].text.p,
				     file[i].text.n, &err),
		    0);
		tg_sha256_hex(hex, digest);
		ck_assert_str_eq(hex, file[i].sha256);
		ck_assert_str_ne(file[i].version, "");
	}
	ck_assert_int_eq(tg_sha256_bytes(digest, tg_policy_canonical(p).p,
			     tg_policy_canonical(p).n, &err),
	    0);
	tg_sha256_hex(hex, digest);
	ck_assert_str_eq(hex, tg_policy_sha256(p));
	tg_policy_free(p);
}
END_TEST

START_TEST(leaves_are_in_path_order_and_found)
{
	struct tg_policy *p = shipped("uk,fr,us");

	for (size_t i = 0; i < tg_policy_count(p); i++) {
		const struct tg_leaf *leaf = tg_policy_at(p, i);

		ck_assert_ptr_eq(tg_policy_find(p, leaf->path), leaf);
		ck_assert_int_eq(
		    leaf->kind == TG_LEAF_LIST, leaf->text == NULL);
		ck_assert_uint_gt(leaf->line, 0);
		if (i > 0)
			ck_assert_int_lt(
			    strcmp(tg_policy_at(p, i - 1)->path, leaf->path),
			    0);
	}
	ck_assert_ptr_null(tg_policy_at(p, tg_policy_count(p)));
	tg_policy_free(p);
}
END_TEST

START_TEST(digest_is_the_same_in_any_order_of_regions)
{
	static const char *const orders[] = {
	    "uk,fr,us", "us,fr,uk", "fr,uk,us", "us,uk,fr", "uk,uk,us,fr,fr"};
	struct tg_policy *first = shipped(orders[0]);

	for (size_t i = 1; i < TG_COUNT(orders); i++) {
		struct tg_policy *p = shipped(orders[i]);

		ck_assert_str_eq(tg_policy_sha256(p), tg_policy_sha256(first));
		for (size_t k = 0; k < tg_policy_count(p); k++) {
			ck_assert_str_eq(tg_policy_at(p, k)->file,
			    tg_policy_at(first, k)->file);
			ck_assert_uint_eq(tg_policy_at(p, k)->line,
			    tg_policy_at(first, k)->line);
			ck_assert_str_eq(tg_policy_at(p, k)->source,
			    tg_policy_at(first, k)->source);
		}
		tg_policy_free(p);
	}
	tg_policy_free(first);
}
END_TEST

START_TEST(digest_is_the_same_in_another_directory)
{
	const struct tg_policy_file *a, *b;
	struct tg_policy *first = shipped("uk,fr"), *p;
	char policies[SANDBOX_PATH];
	struct tg_err err = {0};
	size_t n;

	sandbox_copy_policies("else where");
	(void)snprintf(policies, sizeof(policies), "%s",
	    sandbox_path("else where/policies"));
	p = compile_from(policies, sandbox_path("else where/regions"), "fr,uk",
	    NULL, NULL, &err);
	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert_str_eq(tg_policy_sha256(p), tg_policy_sha256(first));
	n = tg_policy_files(first, &a);
	ck_assert_uint_eq(tg_policy_files(p, &b), n);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(a[i].name, b[i].name);
	tg_policy_free(p);
	tg_policy_free(first);
}
END_TEST

START_TEST(a_comment_changes_a_file_but_not_the_effective_policy)
{
	struct tg_policy *first = shipped("uk"), *p;
	const struct tg_policy_file *a, *b;
	char policies[SANDBOX_PATH];
	struct tg_err err = {0};

	sandbox_copy_policies("c");
	sandbox_edit("c/policies/base.yaml", "id: base", "id: base # floor");
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("c/policies"));
	p = compile_from(
	    policies, sandbox_path("c/regions"), "uk", NULL, NULL, &err);
	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert_str_eq(tg_policy_sha256(p), tg_policy_sha256(first));
	(void)tg_policy_files(first, &a);
	(void)tg_policy_files(p, &b);
	ck_assert_str_ne(a[0].sha256, b[0].sha256);
	tg_policy_free(p);
	tg_policy_free(first);
}
END_TEST

START_TEST(canonical_form_is_one_json_document)
{
	struct tg_policy *p = shipped("fr");
	const struct tg_json *leaves;
	struct tg_json *j = NULL;
	struct tg_err err = {0};

	ck_assert_msg(tg_json_parse(&j, tg_policy_canonical(p), "c", &err) == 0,
	    "%s", err.text);
	ck_assert_str_eq(
	    tg_json_get_str(j, "schema", ""), "tracegate.effective/1");
	leaves = tg_json_get(j, "leaves");
	ck_assert_uint_eq(tg_json_len(leaves), tg_policy_count(p));
	ck_assert_int_eq(
	    tg_json_get_int(leaves, "/anonymisation/k_min", 0), 11);
	ck_assert_str_eq(
	    tg_json_get_str(leaves, "/sampling/rate_max", ""), "0.05");
	ck_assert(tg_json_get_bool(leaves, "/logging/signed", false));
	ck_assert_uint_eq(
	    tg_json_len(tg_json_get(leaves, "/legal/basis_allow")), 3);
	tg_json_free(j);
	tg_policy_free(p);
}
END_TEST

static const struct {
	const char *regions, *path, *text, *file, *source, *rule;
} winners[] = {
    {"uk", "/retention/data/debug/max_days", "30", "policies/base.yaml", "seed",
	"min"},
    {"uk", "/anonymisation/level", "k_anonymous", "regions/uk/policy.yaml", "",
	"ordered"},
    {"fr", "/anonymisation/k_min", "11", "regions/fr/policy.yaml", "FR-12",
	"max"},
    {"uk,fr", "/anonymisation/k_min", "11", "regions/fr/policy.yaml", "FR-12",
	"max"},
    {"uk,fr", "/transfers/onward_transfer", "deny", "regions/fr/policy.yaml",
	"FR-19", "ordered"},
    {"us", "/redaction/detectors/SECRET/action", "drop_record",
	"policies/base.yaml", "choice", "ordered"},
    {"fr", "/redaction/detectors/FR_NIR/action", "drop_record",
	"regions/fr/policy.yaml", "FR-17", "ordered"},
    {"fr", "/redaction/detectors/PERSON/min_score", "0.5",
	"regions/fr/policy.yaml", "choice", "min"},
    {"us", "/us_dsp/thresholds_us_persons/covered_identifiers", "100000",
	"regions/us/policy.yaml", "US-02", "min"},
    {"uk,fr,us", "/anonymisation/claims/GB", "pseudonymised",
	"regions/uk/policy.yaml", "UK-16", "lock"},
    {"uk,fr,us", "/anonymisation/claims/FR", "anonymised",
	"regions/fr/policy.yaml", "seed", "lock"},
    {"us", "/anonymisation/fields/creator/op", "drop", "policies/base.yaml", "",
	"partial"},
    {"fr", "/activations/on_prompt_finding", "recapture", "policies/base.yaml",
	"XC-01", "ordered"},
};

START_TEST(winner_and_provenance_of_a_leaf)
{
	struct tg_policy *p = shipped(winners[_i].regions);
	const struct tg_leaf *leaf = tg_policy_find(p, winners[_i].path);

	ck_assert_ptr_nonnull(leaf);
	ck_assert_str_eq(leaf->text, winners[_i].text);
	ck_assert_str_eq(leaf->file, winners[_i].file);
	ck_assert_str_eq(leaf->source, winners[_i].source);
	ck_assert_str_eq(leaf->rule, winners[_i].rule);
	tg_policy_free(p);
}
END_TEST

START_TEST(sets_intersect_after_they_are_expanded)
{
	struct tg_policy *p = shipped("uk,fr");
	const char *path = "/transfers/destinations_allow";
	struct tg_err err = {0};
	bool has = false;

	/* GB is in @GB for the UK and in @EU_ADEQUATE for France. */
	ck_assert_int_eq(tg_policy_has(p, path, "GB", &has, &err), 0);
	ck_assert(has);
	ck_assert_int_eq(tg_policy_has(p, path, "NO", &has, &err), 0);
	ck_assert(has);
	ck_assert_int_eq(tg_policy_has(p, path, "BR", &has, &err), 0);
	ck_assert(!has);
	ck_assert_ptr_nonnull(
	    tg_policy_find(p, "/transfers/origins/GB/mechanisms/US"));
	ck_assert_ptr_nonnull(
	    tg_policy_find(p, "/transfers/origins/FR/mechanisms/US"));
	ck_assert_ptr_null(
	    tg_policy_find(p, "/transfers/origins/FR/mechanisms/@EEA"));
	tg_policy_free(p);
}
END_TEST

START_TEST(obligations_add_up)
{
	struct tg_policy *p = shipped("uk,us");
	const char *path = "/transfers/recipient_fields_required";
	struct tg_err err = {0};
	bool has = false;

	ck_assert_int_eq(
	    tg_policy_has(p, path, "ownership_50pct", &has, &err), 0);
	ck_assert(has);
	ck_assert_int_eq(tg_policy_has(p, path, "legal_name", &has, &err), 0);
	ck_assert(has);
	ck_assert_int_eq(tg_policy_has(p, "/redaction/types_without_detector",
			     "US_MRN", &has, &err),
	    0);
	ck_assert(has);
	tg_policy_free(p);
}
END_TEST

START_TEST(typed_look_ups)
{
	struct tg_policy *p = shipped("uk");
	struct tg_err err = {0};
	const char *text = "untouched";
	uint64_t v = 7;
	bool b = false;

	ck_assert_int_eq(
	    tg_policy_u64(p, "/limits/max_tokens_per_trace", &v, &err), 0);
	ck_assert_uint_eq(v, 1000);
	ck_assert_int_eq(
	    tg_policy_ratio(p, "/sampling/rate_default", &v, &err), 0);
	ck_assert_uint_eq(v, 10000000);
	ck_assert_int_eq(
	    tg_policy_bool(p, "/sampling/seed_commitment", &b, &err), 0);
	ck_assert(b);
	ck_assert_int_eq(
	    tg_policy_str(p, "/anonymisation/date_granularity", &text, &err),
	    0);
	ck_assert_str_eq(text, "day");
	v = 7;
	ck_assert_int_eq(tg_policy_u64(p, "/us_dsp/window_days", &v, &err), -1);
	ck_assert_uint_eq(v, 7);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_str_eq(err.text,
	    "E-NO-SUCH-LEAF: the policy does not say /us_dsp/window_days");
	ck_assert_int_eq(tg_policy_has(p, "/no/such", "x", &b, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_int_eq(
	    tg_policy_u64(p, "/sampling/rate_default", &v, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_int_eq(
	    tg_policy_str(p, "/legal/basis_allow", &text, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_int_eq(
	    tg_policy_has(p, "/sampling/unit", "trace", &b, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	tg_policy_free(p);
}
END_TEST

/* A third region for the same country: keys of both, and only those. */
START_TEST(one_origin_under_two_laws_keeps_what_both_allow)
{
	char policies[SANDBOX_PATH];
	struct tg_err err = {0};
	const struct tg_leaf *leaf;
	struct tg_policy *p;

	sandbox_copy_policies("o");
	sandbox_write("o/regions/fr2/policy.yaml",
	    "schema: tracegate.policy/1\nid: fr2\nversion: 1\n"
	    "layer: region\njurisdiction: FR\neffective_from: 2026-11-24\n"
	    "review_by: 2027-06-01\n"
	    "transfers:\n  origins:\n    FR:\n      mechanisms:\n"
	    "        US: [A46-2-c, A46-2-b]\n        DE: [intra_eea]\n");
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("o/policies"));
	p = compile_from(
	    policies, sandbox_path("o/regions"), "fr,fr2", NULL, NULL, &err);
	ck_assert_msg(p != NULL, "%s", err.text);
	leaf = tg_policy_find(p, "/transfers/origins/FR/mechanisms/US");
	ck_assert_ptr_nonnull(leaf);
	ck_assert_uint_eq(leaf->n, 1);
	ck_assert_str_eq(leaf->item[0], "A46-2-c");
	ck_assert_ptr_nonnull(
	    tg_policy_find(p, "/transfers/origins/FR/mechanisms/DE"));
	ck_assert_ptr_null(
	    tg_policy_find(p, "/transfers/origins/FR/mechanisms/ES"));
	tg_policy_free(p);
}
END_TEST

Suite *
compile_suite(void)
{
	Suite *s = suite_create("policies/compile");
	TCase *t = tcase_create("compile");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(
	    t, shipped_policies_compile, 0, (int)TG_COUNT(sets));
	tcase_add_test(t, leaves_are_in_path_order_and_found);
	tcase_add_test(t, digest_is_the_same_in_any_order_of_regions);
	tcase_add_test(t, digest_is_the_same_in_another_directory);
	tcase_add_test(
	    t, a_comment_changes_a_file_but_not_the_effective_policy);
	tcase_add_test(t, canonical_form_is_one_json_document);
	tcase_add_loop_test(
	    t, winner_and_provenance_of_a_leaf, 0, (int)TG_COUNT(winners));
	tcase_add_test(t, sets_intersect_after_they_are_expanded);
	tcase_add_test(t, obligations_add_up);
	tcase_add_test(t, typed_look_ups);
	tcase_add_test(t, one_origin_under_two_laws_keeps_what_both_allow);
	suite_add_tcase(s, t);
	return s;
}
