/* parts_test.c - what the policy demands of the evidence, and what of the
 * policy nobody enforces. */
#include "policies/parts.h"

#include <check.h>
#include <string.h>

#include "policies/honour.h"
#include "report/doc.h"
#include "report/evidence_rows.h"
#include "report/terms.h"
#include "tests/unit/report/fixture.h"

#include "base/banned.h"

Suite *parts_suite(void);

static struct fixture f;
static struct tg_buf text;

static void
setup(void)
{
	fixture_open(&f);
	tg_buf_init(&text, TG_DOC_MAX);
}

static void
teardown(void)
{
	tg_buf_deinit(&text);
	fixture_close(&f);
}

/* What is said to be made has a row that gives it; each part has a name. */
START_TEST(parts_that_are_made_are_rows_of_the_evidence)
{
	const struct tg_part *p;
	size_t made = 0;

	for (size_t i = 0; (p = tg_part_at(i)) != NULL; i++) {
		ck_assert_msg(tg_term_known(TG_T_PART, p->name), "%s", p->name);
		ck_assert_msg(p->given_by[0] == '\0' ||
			tg_requirement_find(p->given_by) != NULL,
		    "%s", p->name);
		made += p->given_by[0] != '\0';
	}
	ck_assert_uint_gt(made, 0);
}
END_TEST

static int64_t
count_in(const struct tg_json *args, size_t i)
{
	return tg_json_get_int(tg_json_at(args, i), "int", 0);
}

/* Of en, fr; html, json, md, pdf; and three sections of the UK's. */
START_TEST(the_evidence_names_the_parts_that_it_lacks)
{
	struct tg_json *model;
	const struct tg_json *finding, *args;

	fixture_policy(&f);
	model = fixture_model(&f, "awaiting-decision");
	finding = tg_json_get(row_of(model, "evidence-complete"), "finding");
	args = tg_json_get(finding, "args");
	ck_assert_str_eq(tg_json_get_str(finding, "id", ""), "parts-some");
	ck_assert_int_eq(count_in(args, 0), 9);
	ck_assert_int_eq(count_in(args, 1), 3);
	tg_json_free(model);
}
END_TEST

/* Once a pattern, and in the pages. */
START_TEST(the_evidence_names_the_lines_that_nobody_enforces)
{
	struct tg_json *model;
	const struct tg_json *list;

	fixture_policy(&f);
	model = fixture_model(&f, "awaiting-decision");
	list = tg_json_get(tg_json_get(model, "policy"), "not_enforced");
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const char *pattern = tg_json_text(tg_json_at(list, i));

		ck_assert_int_eq(tg_honour_find(pattern)->by, TG_HONOUR_NOBODY);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(
			    pattern, tg_json_text(tg_json_at(list, k)));
	}
	fixture_write(&f, model);
	slurp(&text, f.dir, "evidence.en.md");
	ck_assert_ptr_nonnull(strstr(text.p, "does not enforce them: "));
	ck_assert_ptr_nonnull(strstr(text.p, "/retention/deletion/method"));
	tg_json_free(model);
}
END_TEST

Suite *
parts_suite(void)
{
	Suite *s = suite_create("report/parts");
	TCase *c = tcase_create("all");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, parts_that_are_made_are_rows_of_the_evidence);
	tcase_add_test(c, the_evidence_names_the_parts_that_it_lacks);
	tcase_add_test(c, the_evidence_names_the_lines_that_nobody_enforces);
	suite_add_tcase(s, c);
	return s;
}
