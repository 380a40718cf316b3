#include "policies/exception.h"

#include <check.h>

#include "base/fs.h"
#include "policies/diff.h"
#include "tests/unit/policies/exception_text.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *exception_suite(void);

#define TOKENS "/limits/max_tokens_per_trace"
#define VALUES                      \
	"policy_path: " TOKENS "\n" \
	"inherited_value: 1000\nrequested_value: 2000\n"
#define LEAF(path, was, will)     \
	"policy_path: " path "\n" \
	"inherited_value: " was "\nrequested_value: " will "\n"

static struct tg_policy *
compiled(const char *region, const struct tg_policy_exception *x, size_t n,
    struct tg_err *err)
{
	const struct tg_policy_src src = {.policy_dir = root_path("policies"),
	    .region_dir = root_path("regions"),
	    .region = &region,
	    .n_region = 1,
	    .exception = x,
	    .n_exception = n};
	struct tg_policy *p = NULL;

	return tg_policy_compile(&p, &src, err) < 0 ? NULL : p;
}

/* The record in which @from became @to, with its digest. */
static struct tg_policy_exception
written(const char *from, const char *to)
{
	static char sha256[TG_SHA256_HEX];
	uint8_t digest[TG_SHA256_LEN];
	struct tg_buf text;

	tg_buf_init(&text, 1u << 16);
	exception_text(&text, from, to);
	sandbox_write("EXC-1.yaml", text.p);
	ck_assert_int_eq(tg_sha256_bytes(digest, text.p, text.n, NULL), 0);
	tg_sha256_hex(sha256, digest);
	tg_buf_deinit(&text);
	return (struct tg_policy_exception){sandbox_path("EXC-1.yaml"), sha256};
}

/* The policy of @region with that record. */
static struct tg_policy *
with(const char *region, const char *from, const char *to, struct tg_err *err)
{
	const struct tg_policy_exception x = written(from, to);

	return compiled(region, &x, 1, err);
}

START_TEST(one_leaf_is_looser_and_no_other)
{
	struct tg_err err = {0};
	struct tg_policy *was = shipped("uk"), *p;
	const struct tg_policy_file *file;
	const struct tg_leaf *leaf;
	struct tg_diff_count n;
	struct tg_buf text;
	size_t files;

	p = with("uk", NULL, NULL, &err);
	ck_assert_msg(p != NULL, "%s", err.text);
	tg_buf_init(&text, 1u << 16);
	ck_assert_int_eq(tg_diff_text(&text, &n, was, p, &err), 0);
	ck_assert_uint_eq(n.way[TG_DIFF_LOOSER], 1);
	ck_assert_uint_eq(n.way[TG_DIFF_TIGHTER] + n.way[TG_DIFF_APART], 0);
	leaf = tg_policy_find(p, TOKENS);
	ck_assert_str_eq(leaf->text, "2000");
	ck_assert_str_eq(leaf->file, "exceptions/EXC-1.yaml");
	ck_assert_uint_eq(leaf->line, 6);
	ck_assert_str_eq(leaf->source, "exception");
	ck_assert_str_ne(tg_policy_sha256(p), tg_policy_sha256(was));
	files = tg_policy_files(p, &file);
	ck_assert_uint_eq(files, tg_policy_files(was, &file) + 1);
	tg_buf_deinit(&text);
	tg_policy_free(p);
	tg_policy_free(was);
}
END_TEST

START_TEST(another_region_is_as_it_was)
{
	struct tg_err err = {0};
	struct tg_policy *was = shipped("fr"),
			 *p = with("fr", NULL, NULL, &err);

	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert_str_eq(tg_policy_sha256(p), tg_policy_sha256(was));
	tg_policy_free(p);
	tg_policy_free(was);
}
END_TEST

START_TEST(a_set_and_a_word_may_be_looser_too)
{
	struct tg_err err = {0};
	struct tg_policy *p = with("uk", VALUES,
	    LEAF("/evidence/languages", "[en, fr]", "[en]"), &err);

	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert_uint_eq(tg_policy_find(p, "/evidence/languages")->n, 1);
	tg_policy_free(p);
	p = with(
	    "uk", VALUES, LEAF("/gates/enforcement", "block", "warn"), &err);
	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert_str_eq(tg_policy_find(p, "/gates/enforcement")->text, "warn");
	tg_policy_free(p);
}
END_TEST

static const struct {
	const char *from, *to, *say;
} refused[] = {
    {"_value: 1000", "_value: 999",
	":5:18: EXC-INHERITED: /limits/max_tokens_per_trace is 1000 ("},
    {VALUES, LEAF("/sampling/per_purpose/none", "0.5", "0.6"),
	"EXC-INHERITED: the policy does not say /sampling/per_purpose/none"},
    {"2000", "500", ":6:18: EXC-NOT-LOOSER: /limits/max_tokens_per_trace is"},
    {"2000", "1000", "EXC-NOT-LOOSER"},
    {"2000", "many", "whole number"},
    {VALUES, LEAF("/retention/clock_starts", "captured_at", "exported_at"),
	"EXC-NOT-LOOSER"},
    {VALUES, LEAF("/evidence/languages", "[en, fr]", "[en, de]"),
	"EXC-NOT-LOOSER"},
    {VALUES, LEAF("/approvals/per_bundle/distinct_persons", "2", "1"),
	"EXC-NEVER"},
    {VALUES, LEAF("/approvals/standing/distinct_persons", "2", "1"),
	"EXC-NEVER"},
    {"2026-12-20", "2026-12-21", "EXC-TOO-LONG: /exceptions/max_days is 30"},
    {VALUES, LEAF("/sampling/rate_default", "0.01", "0.5"), "E-CONFLICT"},
    {"id: EXC-1", "id: exc-1", ":2:5: 'id'"},
    {"direction: looser", "direction: tighter", ":7:12: 'direction'"},
    {"{project: nightly}", "{project: a, bundle: b}", ":8:8: 'scope'"},
    {"{project: nightly}", "{projekt: a}", "did you mean 'project'"},
    {"risk: \"More", "risks: \"More", "did you mean 'risk'"},
    {"risk: \"More text of one person in a record.\"\n", "",
	"'risk' is missing"},
    {"[\"Rate halved\", \"Two readers\"]", "[]", "'compensating_controls'"},
    {"2026-12-20", "2026-11-19", "'valid_until'"},
    {"2026-12-20", "in spring", "'valid_until'"},
    {TOKENS, "/limits/max_token", "'policy_path'"},
};

START_TEST(what_is_no_exception_is_refused)
{
	struct tg_err err = {0};

	ck_assert_ptr_null(with("uk", refused[_i].from, refused[_i].to, &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_msg(
	    strstr(err.text, refused[_i].say) != NULL, "%s", err.text);
}
END_TEST

/* The list of policy-and-evidence.md 4.7, as leaves. */
static const char *const never[] = {"/transfers/destinations_deny",
    "/evidence/raw_samples_in_report", "/anonymisation/unkeyed_hash",
    "/redaction/detectors/FR_NIR/action", "/redaction/detectors/FR_NIR/floor",
    "/redaction/detectors/FR_NIR/min_score", "/encryption/mode",
    "/encryption/min_recipient_keys", "/encryption/key_custody_deny",
    "/logging/signed", "/logging/chained", "/approvals/per_bundle/exclude",
    "/approvals/standing/exclude", "/approvals/standing/suspend_on",
    "/exceptions/max_days", "/exceptions/distinct_persons"};

START_TEST(some_leaves_are_never_loosened)
{
	struct tg_err err = {0};

	ck_assert_ptr_null(with("uk", TOKENS, never[_i], &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_msg(strstr(err.text, "EXC-NEVER") != NULL, "%s", err.text);
}
END_TEST

START_TEST(a_record_that_was_changed_is_not_applied)
{
	struct tg_policy_exception x = written(NULL, NULL);
	struct tg_err err = {0};

	x.sha256 = "0000";
	ck_assert_ptr_null(compiled("uk", &x, 1, &err));
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
}
END_TEST

START_TEST(two_records_do_not_loosen_one_leaf)
{
	struct tg_policy_exception x[2] = {written(NULL, NULL)};
	struct tg_err err = {0};

	x[1] = x[0];
	ck_assert_ptr_null(compiled("uk", x, 2, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "EXC-INHERITED"));
}
END_TEST

Suite *
exception_suite(void)
{
	Suite *s = suite_create("policies/exception");
	TCase *t = tcase_create("exception");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_test(t, one_leaf_is_looser_and_no_other);
	tcase_add_test(t, another_region_is_as_it_was);
	tcase_add_test(t, a_set_and_a_word_may_be_looser_too);
	tcase_add_loop_test(
	    t, what_is_no_exception_is_refused, 0, (int)TG_COUNT(refused));
	tcase_add_loop_test(
	    t, some_leaves_are_never_loosened, 0, (int)TG_COUNT(never));
	tcase_add_test(t, a_record_that_was_changed_is_not_applied);
	tcase_add_test(t, two_records_do_not_loosen_one_leaf);
	suite_add_tcase(s, t);
	return s;
}
