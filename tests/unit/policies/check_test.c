/* check_test.c - policy check, policy show, lint. */
#include "policies/check.h"

#include <check.h>
#include <stdio.h>

#include "base/env.h"
#include "policies/lint.h"
#include "policies/show.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *check_suite(void);

static const struct {
	const char *file, *kind;
	size_t least;
	bool merged;
} files[] = {
    {"policies/base.yaml", "base", 170, true},
    {"regions/uk/policy.yaml", "region", 90, true},
    {"regions/fr/policy.yaml", "region", 100, true},
    {"regions/us/policy.yaml", "region", 100, true},
    {"policies/reference-2026-11.yaml", "reference", 5, false},
    {"policies/controls.yaml", "controls", 8, false},
    {"regions/uk/controls.yaml", "controls", 17, false},
    {"regions/fr/controls.yaml", "controls", 22, false},
    {"regions/us/controls.yaml", "controls", 18, false},
    {"regions/uk/wording.yaml", "wording", 10, false},
    {"regions/fr/wording.yaml", "wording", 10, false},
    {"regions/us/wording.yaml", "wording", 5, false},
    {"tests/unit/policies/data/projects/gemma.yaml", "project", 3, true},
};

static struct tg_policy_src
parents(void)
{
	static const char *const uk[] = {"uk"};

	return (struct tg_policy_src){.policy_dir = root_path("policies"),
	    .region_dir = root_path("regions"),
	    .region = uk,
	    .n_region = 1};
}

START_TEST(every_shipped_file_checks)
{
	const struct tg_policy_src src = parents();
	struct tg_policy_checked c = {0};
	struct tg_err err = {0};

	ck_assert_msg(tg_policy_check_file(
			  &c, root_path(files[_i].file), &src, &err) == 0,
	    "%s", err.text);
	ck_assert_str_eq(c.kind, files[_i].kind);
	ck_assert_uint_ge(c.n, files[_i].least);
	ck_assert_int_eq(c.merged, files[_i].merged);
}
END_TEST

START_TEST(without_parents_the_file_is_checked_alone)
{
	struct tg_policy_checked c = {0};
	struct tg_err err = {0};

	sandbox_write("bad.yaml",
	    PROJECT_HEAD "retention: {data: {debug: {max_days: 45}}}\n");
	ck_assert_msg(
	    tg_policy_check_file(&c, sandbox_path("bad.yaml"), NULL, &err) == 0,
	    "%s", err.text);
	ck_assert(!c.merged);
	ck_assert_uint_eq(c.n, 1);
}
END_TEST

START_TEST(with_parents_the_merge_is_checked)
{
	const struct tg_policy_src src = parents();
	struct tg_policy_checked c = {.kind = "untouched"};
	struct tg_err err = {0};

	ck_assert_int_eq(
	    tg_policy_check_file(&c,
		root_path("tests/unit/policies/data/projects/bad-relax.yaml"),
		&src, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text,
	    "bad-relax.yaml:7:23: E-RELAX: /retention/data/debug/max_days: 45 "
	    "is looser than 30 ("));
	ck_assert_str_eq(c.kind, "untouched");
}
END_TEST

START_TEST(a_region_elsewhere_is_checked_as_it_is)
{
	struct tg_policy_checked c = {0};
	struct tg_policy_src src;
	struct tg_err err = {0};

	sandbox_copy_policies("r");
	src = parents();
	sandbox_edit("r/regions/fr/policy.yaml", "free_text: synthetic_only",
	    "free_text: reviewed");
	ck_assert_int_eq(
	    tg_policy_check_file(
		&c, sandbox_path("r/regions/fr/policy.yaml"), &src, &err),
	    -1);
	ck_assert_msg(
	    strstr(err.text, "E-CLAIM-FREETEXT") != NULL, "%s", err.text);
}
END_TEST

/* A region's file that stands alone, away from the tree. */
static void
lone_region(const char *from, const char *to)
{
	sandbox_copy_policies("r");
	sandbox_edit("r/regions/uk/policy.yaml", from, to);
	sandbox_move("r/regions/uk/policy.yaml", "uk.yaml");
}

static void
fails(const char *file, const char *want)
{
	const struct tg_policy_src src = parents();
	struct tg_policy_checked c = {0};
	struct tg_err err = {0};

	ck_assert_int_eq(
	    tg_policy_check_file(&c, sandbox_path(file), &src, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_msg(strstr(err.text, want) != NULL, "%s", err.text);
}

static void
passes(const char *file)
{
	const struct tg_policy_src src = parents();
	struct tg_policy_checked c = {0};
	struct tg_err err = {0};

	ck_assert_msg(
	    tg_policy_check_file(&c, sandbox_path(file), &src, &err) == 0, "%s",
	    err.text);
	ck_assert(c.merged);
}

START_TEST(a_lone_region_takes_the_controls_of_the_region_of_its_id)
{
	lone_region("UK-17]", "UK-17]");
	passes("uk.yaml");
	lone_region("UK-17]", "UK-17, UK-99]");
	fails("uk.yaml", "no control 'UK-99' in ");
	fails("uk.yaml", "regions/uk/controls.yaml");
}
END_TEST

START_TEST(the_controls_beside_a_lone_region_come_first)
{
	lone_region("UK-17]", "UK-17, UK-99]");
	sandbox_edit("r/regions/uk/controls.yaml", "  UK-17:", "  UK-99:");
	sandbox_move("r/regions/uk/controls.yaml", "controls.yaml");
	fails("uk.yaml", "no control 'UK-17' in ");
	fails("uk.yaml", sandbox_path("controls.yaml"));
	/* Those of another region say nothing of this one. */
	sandbox_move("r/regions/fr/controls.yaml", "controls.yaml");
	fails("uk.yaml", "no control 'UK-99' in ");
	fails("uk.yaml", "regions/uk/controls.yaml");
}
END_TEST

START_TEST(a_source_that_is_no_control_is_told)
{
	lone_region("\"/anonymisation/k_min\": choice",
	    "\"/anonymisation/k_min\": UK-98");
	fails("uk.yaml", "no control 'UK-98' in base or this region");
}
END_TEST

START_TEST(a_region_without_controls_anywhere_is_told)
{
	lone_region("id: uk", "id: xk");
	fails("uk.yaml",
	    "it lists controls, and there is no controls.yaml of 'xk' beside "
	    "it, nor ");
}
END_TEST

static const struct {
	const char *text, *want;
} bad[] = {
    {"", ": no key 'schema'"},
    {"a: 1\n", ": no key 'schema'"},
    {"schema: tracegate.policy/9\n",
	":1:9: the schema is none of tracegate.policy/1, "
	"tracegate.reference/1, tracegate.controls/1, tracegate.wording/1"},
    {"schema: tracegate.policy/1\n", ":1:1: the key 'layer' is missing"},
    {"schema: tracegate.policy/1\nlayer: scope\n",
	":2:8: 'layer' is base, region or project"},
    {"schema: tracegate.wording/1\nsentences: {a: {en: x}}\n",
	":2:16: 'a' wants the two languages en and fr"},
    {"schema: tracegate.reference/1\nas_of: 2026-11-22\n"
     "stale_after_days: 180\nsets: {}\n",
	": no set in it"},
    {"schema: tracegate.reference/1\nas_of: soon\n"
     "stale_after_days: 180\nsets: {}\n",
	":2:8: 'as_of' wants a date such as 2027-06-01"},
    {"a: b: c\n", ":1:5: mapping values are not allowed in this context"},
};

START_TEST(a_bad_file_is_refused_in_these_words)
{
	struct tg_policy_checked c = {0};
	char want[2 * TG_ERR_TEXT];
	struct tg_err err = {0};

	sandbox_write("bad.yaml", bad[_i].text);
	ck_assert_int_eq(
	    tg_policy_check_file(&c, sandbox_path("bad.yaml"), NULL, &err), -1);
	(void)snprintf(
	    want, sizeof(want), "%s%s", sandbox_path("bad.yaml"), bad[_i].want);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
}
END_TEST

/* ---- show -------------------------------------------------------------- */

START_TEST(show_prints_every_leaf_with_its_origin)
{
	struct tg_policy *p = shipped("fr");
	struct tg_err err = {0};
	struct tg_buf out;

	tg_buf_init(&out, 1u << 20);
	ck_assert_int_eq(tg_policy_show_text(&out, p, &err), 0);
	ck_assert_ptr_nonnull(strstr(out.p, tg_policy_sha256(p)));
	ck_assert_ptr_nonnull(strstr(out.p,
	    "/anonymisation/k_min                                  11      "
	    "                    regions/fr/policy.yaml:71  [FR-12]\n"));
	ck_assert_ptr_nonnull(
	    strstr(out.p, "/transfers/origins/FR/mechanisms/{AD,AR,BR,CA,CH,"));
	ck_assert_ptr_nonnull(strstr(out.p,
	    "/transfers/origins/FR/mechanisms/"
	    "US"));
	tg_buf_deinit(&out);
	tg_policy_free(p);
}
END_TEST

START_TEST(show_as_json_has_every_leaf_and_file)
{
	struct tg_policy *p = shipped("uk,fr");
	const struct tg_policy_file *file;
	struct tg_json *j = NULL;
	const struct tg_json *leaves;
	struct tg_err err = {0};

	ck_assert_int_eq(tg_policy_show_json(&j, p, &err), 0);
	ck_assert_str_eq(
	    tg_json_get_str(j, "effective_sha256", ""), tg_policy_sha256(p));
	leaves = tg_json_get(j, "leaves");
	ck_assert_uint_eq(tg_json_len(leaves), tg_policy_count(p));
	for (size_t i = 0; i < tg_json_len(leaves); i++) {
		const struct tg_json *one = tg_json_at(leaves, i);

		ck_assert_str_eq(
		    tg_json_get_str(one, "path", ""), tg_policy_at(p, i)->path);
		ck_assert_ptr_nonnull(tg_json_get(one, "value"));
	}
	ck_assert_uint_eq(
	    tg_json_len(tg_json_get(j, "files")), tg_policy_files(p, &file));
	tg_json_free(j);
	tg_policy_free(p);
}
END_TEST

/* ---- lint -------------------------------------------------------------- */

struct heard {
	char text[2048];
};

static void
hear(void *ctx, const struct tg_policy_warning *w)
{
	struct heard *h = ctx;
	const size_t used = strlen(h->text);

	(void)snprintf(h->text + used, sizeof(h->text) - used,
	    "%s%s %s:%u: %s\n", w->code, w->fatal ? "!" : "", w->file, w->line,
	    w->text);
}

static const struct {
	const char *date;
	size_t n;
	const char *text; /* all of it when n is small, else a part */
} clocks[] = {
    {"2026-11-23", 2,
	"NOT-IN-FORCE policies/base.yaml:8: 'base' is in force from 2026-11-24 "
	"on\nNOT-IN-FORCE regions/uk/policy.yaml:10: 'uk' is in force from "
	"2026-11-24 on\n"},
    {"2026-11-24", 0, ""},
    {"2027-05-01", 0, ""},
    {"2027-05-02", 2,
	"REVIEW-DUE policies/base.yaml:9: 'base' nears its review of "
	"2027-06-01\nREVIEW-DUE regions/uk/policy.yaml:11: 'uk' nears its "
	"review of 2027-06-01\n"},
    {"2027-06-01", 3,
	"REF-STALE policies/reference-2026-11.yaml:3: the "
	"reference sets are of 2026-11-22 and stay fresh for 180 "
	"days\n"},
    {"2027-06-02", 3,
	"REVIEW-PASSED! policies/base.yaml:9: 'base' is past its "
	"review of 2027-06-01\n"},
    {"2031-12-27", 3, ""},
    {"2031-12-28", 4,
	"REF-EXPIRED! policies/reference-2026-11.yaml:11: GB in "
	"@EU_ADEQUATE ended on 2031-12-27\n"},
};

START_TEST(what_has_aged_is_said)
{
	struct tg_policy *p = shipped("uk");
	struct heard h = {""};
	int64_t now = 0;

	ck_assert(tg_time_parse(&now, tg_sv_of(clocks[_i].date)));
	ck_assert_uint_eq(tg_policy_lint(p, now, hear, &h), clocks[_i].n);
	if (clocks[_i].n < 3)
		ck_assert_str_eq(h.text, clocks[_i].text);
	else
		ck_assert_msg(
		    strstr(h.text, clocks[_i].text) != NULL, "%s", h.text);
	tg_policy_free(p);
}
END_TEST

Suite *
check_suite(void)
{
	Suite *s = suite_create("policies/check");
	TCase *t = tcase_create("check");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(
	    t, every_shipped_file_checks, 0, (int)TG_COUNT(files));
	tcase_add_test(t, without_parents_the_file_is_checked_alone);
	tcase_add_test(t, with_parents_the_merge_is_checked);
	tcase_add_test(t, a_region_elsewhere_is_checked_as_it_is);
	tcase_add_test(
	    t, a_lone_region_takes_the_controls_of_the_region_of_its_id);
	tcase_add_test(t, the_controls_beside_a_lone_region_come_first);
	tcase_add_test(t, a_source_that_is_no_control_is_told);
	tcase_add_test(t, a_region_without_controls_anywhere_is_told);
	tcase_add_loop_test(
	    t, a_bad_file_is_refused_in_these_words, 0, (int)TG_COUNT(bad));
	tcase_add_test(t, show_prints_every_leaf_with_its_origin);
	tcase_add_test(t, show_as_json_has_every_leaf_and_file);
	tcase_add_loop_test(t, what_has_aged_is_said, 0, (int)TG_COUNT(clocks));
	suite_add_tcase(s, t);
	return s;
}
