/* How many digits a pattern asks for, and that a text with fewer is no start.
 */
#include <string.h>

#include "redactors/prefilter.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

static const struct {
	const char *pattern;
	uint32_t least, most; /* least 0: not counted */
	bool number;
} patterns[] = {{"\\d{5}", 5, 5, true}, {"\\d(?:[ -]?\\d){14}", 15, 29, true},
    {"[0-3]\\d{6}|\\d{3}\\.\\d{3}", 6, 7, true},
    {"[A-Z]{2} ?\\d{9}", 9, 12, false}, {"(?i:x)\\d{0,9}", 0, 0, false},
    {"\\d{4}[a-z]", 0, 0, false}, {"\\w{9}", 0, 0, false},
    {"\\d{6}.{1,90}", 0, 0, false}, {"(?=\\d{9})\\d{6}(?!\\d{20})", 6, 6, true},
    {"\\d{6}(?:\\d{3})?", 6, 9, true}, {"[0-9][^0-9]\\d{5}", 6, 7, false}};

START_TEST(digits_of_a_pattern)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_pf_head head;
	size_t where;

	ck_assert(tg_pf_derive(&head, tg_sv_of(patterns[_i].pattern), &where,
		      &err) == 0);
	ck_assert_uint_eq(head.digits.least, patterns[_i].least);
	ck_assert_uint_eq(head.digits.most, patterns[_i].most);
	ck_assert(head.digits.number == patterns[_i].number);
}
END_TEST

static const struct {
	const char *pattern, *text;
	bool stand;
} texts[] = {{"\\d(?:[ -]?\\d){8}", "123 456 789", true},
    {"\\d(?:[ -]?\\d){8}", "123 456 78", false},
    {"\\d(?:[ -]?\\d){8}", "123 456 78 words 9", false},
    /* What parts digits elsewhere may part them: the pattern judges. */
    {"\\d(?:[ -]?\\d){8}", "123.456/(789)", true},
    {"[A-Z]{2} ?\\d{5}", "AB 12345", true},
    {"[A-Z]{2} ?\\d{5}", "AB 1234-5", false},
    {"[A-Z]{2} ?\\d{5}", "AB AB AB 12345", false}};

START_TEST(digits_of_a_text)
{
	struct tg_digits_run run = {.at = SIZE_MAX};
	struct tg_err err = {.cls = TG_E_NONE};
	const char *text = texts[_i].text;
	struct tg_pf_head head;
	size_t where;

	ck_assert(tg_pf_derive(
		      &head, tg_sv_of(texts[_i].pattern), &where, &err) == 0);
	ck_assert(
	    tg_digits_stand(&head.digits, &run, (const unsigned char *)text,
		strlen(text), 0) == texts[_i].stand);
}
END_TEST

Suite *digits_suite(void);
Suite *
digits_suite(void)
{
	Suite *s = suite_create("digits");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, digits_of_a_pattern, 0, (int)TG_COUNT(patterns));
	tcase_add_loop_test(t, digits_of_a_text, 0, (int)TG_COUNT(texts));
	suite_add_tcase(s, t);
	return s;
}
