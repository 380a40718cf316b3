/* reasons_test.c - each reason code has words in both languages, a stage, and a
 * case that makes exactly it happen. */
#include "tests/unit/report/reasons.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "policies/code.h"
#include "policies/schema.h"
#include "report/terms.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *reasons_suite(void);

static char seen[8][32];
static size_t n_seen;

void
saw(const char *code)
{
	for (size_t i = 0; i < n_seen; i++)
		if (strcmp(seen[i], code) == 0)
			return;
	ck_assert_uint_lt(n_seen, TG_COUNT(seen));
	(void)snprintf(seen[n_seen++], sizeof(seen[0]), "%s", code);
}

static bool
code_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

void
saw_in(const char *text)
{
	char code[32];

	while (*text != '\0') {
		size_t n = 0;

		while (code_byte(text[n]))
			n++;
		if (n > 0 && n < sizeof(code) && text[n] == ':') {
			(void)snprintf(
			    code, sizeof(code), "%.*s", (int)n, text);
			if (tg_code_find(code) != NULL)
				saw(code);
		}
		text += n > 0 ? n : 1;
	}
}

static size_t
n_cases(void)
{
	return n_reasons_of_policies + n_reasons_of_records +
	    n_reasons_of_people;
}

static const struct reason_case *
case_at(size_t i)
{
	if (i < n_reasons_of_policies)
		return &reasons_of_policies[i];
	i -= n_reasons_of_policies;
	return i < n_reasons_of_records
	    ? &reasons_of_records[i]
	    : &reasons_of_people[i - n_reasons_of_records];
}

START_TEST(a_code_happens_and_no_other_beside_it)
{
	const struct reason_case *c = case_at((size_t)_i);

	n_seen = 0;
	c->make(c);
	ck_assert_msg(n_seen > 0, "%s: nothing was said", c->code);
	ck_assert_msg(n_seen == 1, "%s: %s and %s", c->code, seen[0], seen[1]);
	ck_assert_str_eq(seen[0], c->code);
}
END_TEST

/* The table, the words and the cases hold the same codes. */
START_TEST(every_code_has_words_a_stage_and_a_case)
{
	enum tg_term_kind kind;
	const char *code, *words[TG_LANGS];
	const struct tg_code *c;
	size_t n = 0, cases;

	for (; (c = tg_code_at(n)) != NULL; n++) {
		cases = 0;
		for (size_t i = 0; i < n_cases(); i++)
			cases += strcmp(case_at(i)->code, c->code) == 0;
		ck_assert_msg(cases > 0, "%s: no test", c->code);
		ck_assert_msg(tg_term_known(TG_T_REASON, c->code),
		    "%s: no words", c->code);
		ck_assert_str_ne(c->stage, "");
		ck_assert_ptr_eq(tg_code_find(c->code), c);
	}
	ck_assert_uint_ge(n, 40);
	for (size_t i = 0; tg_term_at(i, &kind, &code, words); i++)
		if (kind == TG_T_REASON)
			ck_assert_msg(tg_code_find(code) != NULL,
			    "%s: words, but nothing raises it", code);
	for (size_t i = 0; i < n_cases(); i++)
		ck_assert_msg(tg_code_find(case_at(i)->code) != NULL,
		    "%s: a test, but no row in codes.def", case_at(i)->code);
}
END_TEST

/* A rule of the table is a leaf, or a map of leaves, that a policy may have. */
START_TEST(every_rule_is_one_that_a_policy_may_have)
{
	const struct tg_schema_row *row;
	struct tg_policy *p = shipped("uk");
	const struct tg_code *c;

	for (size_t i = 0; (c = tg_code_at(i)) != NULL; i++) {
		struct tg_reason r;

		ck_assert(tg_code_reason(&r, p, c->code, "debug"));
		ck_assert_msg(c->rule[0] == '\0' ||
			tg_schema_find(&row, tg_sv_of(r.path)) !=
			    TG_SCHEMA_UNKNOWN,
		    "%s: no leaf %s", c->code, c->rule);
	}
	tg_policy_free(p);
}
END_TEST

START_TEST(a_reason_says_where_the_rule_stands_and_why)
{
	struct tg_policy *p = shipped("uk");
	struct tg_reason r;

	ck_assert(tg_code_reason(&r, p, "RET-EXPIRED", "debug"));
	ck_assert_str_eq(r.code, "RET-EXPIRED");
	ck_assert_str_eq(r.path, "/retention/data/debug/max_days");
	ck_assert_str_ne(r.file, "");
	ck_assert_uint_gt(r.line, 0);
	ck_assert_str_eq(r.controls, "UK-03");
	ck_assert(!tg_code_reason(&r, p, "NO-SUCH-CODE", ""));
	tg_policy_free(p);
}
END_TEST

Suite *
reasons_suite(void)
{
	Suite *s = suite_create("report/reasons");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(
	    t, a_code_happens_and_no_other_beside_it, 0, (int)n_cases());
	tcase_add_test(t, every_code_has_words_a_stage_and_a_case);
	tcase_add_test(t, every_rule_is_one_that_a_policy_may_have);
	tcase_add_test(t, a_reason_says_where_the_rule_stands_and_why);
	suite_add_tcase(s, t);
	return s;
}
