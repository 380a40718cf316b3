#include "report/strings.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/evidence_rows.h"
#include "report/terms.h"
#include "report/typo.h"

#include "base/banned.h"

Suite *strings_suite(void);

static bool
after_nnbsp(const char *text, const char *at)
{
	return at - text >= 3 && memcmp(at - 3, TG_NNBSP, 3) == 0;
}

/* What the French rules ask of one sentence: NULL, or what is wrong. */
static const char *
french_fault(const char *s)
{
	for (const char *p = s; *p != '\0'; p++) {
		const bool mark =
		    strchr(";:?!%", *p) != NULL || strncmp(p, "»", 2) == 0;

		if (mark && !after_nnbsp(s, p))
			return p;
		if (strncmp(p, "«", 2) == 0 && strncmp(p + 2, TG_NNBSP, 3) != 0)
			return p;
		if (*p == '\'' || *p == '"')
			return p; /* typewriter marks */
	}
	return NULL;
}

/* The set of places {0}..{9} in a sentence, as bits. */
static unsigned
places(const char *s)
{
	unsigned set = 0;

	for (; (s = strchr(s, '{')) != NULL; s++) {
		const char *d = s + 1 + (s[1] == '*' || s[1] == '#');

		if (d[0] >= '0' && d[0] <= '9' && d[1] == '}')
			set |= 1u << (unsigned)(d[0] - '0');
	}
	return set;
}

static void
check_pair(const char *what, const char *en, const char *fr)
{
	const char *fault = french_fault(fr);

	ck_assert_msg(fault == NULL, "%s: French typography at \"%.20s\"", what,
	    fault == NULL ? "" : fault);
	ck_assert_msg(
	    strstr(en, TG_NNBSP) == NULL, "%s: French space in English", what);
	ck_assert_msg(strstr(en, "  ") == NULL && strstr(fr, "  ") == NULL,
	    "%s: two spaces", what);
	ck_assert_msg(strpbrk(en, "'\"") == NULL, "%s: typewriter mark", what);
	ck_assert_msg(places(en) == places(fr), "%s: places differ", what);
}

START_TEST(every_sentence_has_both_languages_and_the_same_places)
{
	char what[32];

	ck_assert_int_gt(TG_S_COUNT, 100);
	for (unsigned i = 0; i < TG_S_COUNT; i++) {
		(void)snprintf(what, sizeof(what), "string %u", i);
		check_pair(what, tg_str(TG_EN, (enum tg_str_id)i),
		    tg_str(TG_FR, (enum tg_str_id)i));
	}
	for (unsigned i = 0; i < TG_P_COUNT; i++)
		for (int64_t n = 1; n <= 2; n++) {
			(void)snprintf(what, sizeof(what), "plural %u", i);
			check_pair(what,
			    tg_plural(TG_EN, (enum tg_plural_id)i, n),
			    tg_plural(TG_FR, (enum tg_plural_id)i, n));
		}
}
END_TEST

START_TEST(every_term_has_both_languages_once)
{
	const char *code, *words[TG_LANGS], *code2, *words2[TG_LANGS];
	enum tg_term_kind kind, kind2;
	size_t n = 0;

	for (; tg_term_at(n, &kind, &code, words); n++) {
		check_pair(code, words[TG_EN], words[TG_FR]);
		ck_assert_str_eq(tg_term(TG_FR, kind, code), words[TG_FR]);
		for (size_t k = 0; k < n; k++) {
			ck_assert(tg_term_at(k, &kind2, &code2, words2));
			ck_assert_msg(kind != kind2 || strcmp(code, code2) != 0,
			    "%s twice", code);
		}
	}
	ck_assert_uint_gt(n, 200);
}
END_TEST

START_TEST(every_requirement_has_words_and_a_source)
{
	ck_assert_uint_ge(tg_requirement_count(), 19);
	ck_assert_ptr_null(tg_requirement_find("no-such"));
	ck_assert_int_eq(tg_requirement_row("purpose-allowed"), 1);
	ck_assert_str_eq(tg_requirement_clause(TG_FR, "three-tests", "FR-09"),
	    "G29 05/2014");
	ck_assert_ptr_null(
	    tg_requirement_clause(TG_EN, "three-tests", "XX-99"));
}
END_TEST

START_TEST(unknown_codes_print_as_themselves)
{
	ck_assert_str_eq(tg_term(TG_FR, TG_T_REASON, "NEW-CODE"), "NEW-CODE");
	ck_assert_str_eq(tg_term(TG_EN, TG_T_COUNTRY, "QQ"), "QQ");
	ck_assert_str_eq(tg_term(TG_EN, TG_T_COUNTRY, NULL), "");
	/* A code of another kind is not taken for it. */
	ck_assert_str_eq(tg_term(TG_EN, TG_T_COUNTRY, "EMAIL"), "EMAIL");
}
END_TEST

START_TEST(french_counts_nought_as_one)
{
	ck_assert_str_eq(tg_plural(TG_FR, TG_P_records, 0),
	    tg_plural(TG_FR, TG_P_records, 1));
	ck_assert_str_ne(tg_plural(TG_EN, TG_P_records, 0),
	    tg_plural(TG_EN, TG_P_records, 1));
}
END_TEST

Suite *
strings_suite(void)
{
	Suite *s = suite_create("report/strings");
	TCase *c = tcase_create("all");

	tcase_add_test(
	    c, every_sentence_has_both_languages_and_the_same_places);
	tcase_add_test(c, every_term_has_both_languages_once);
	tcase_add_test(c, every_requirement_has_words_and_a_source);
	tcase_add_test(c, unknown_codes_print_as_themselves);
	tcase_add_test(c, french_counts_nought_as_one);
	suite_add_tcase(s, c);
	return s;
}
