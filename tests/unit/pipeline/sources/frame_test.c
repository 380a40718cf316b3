/* frame_test.c - lines or one document. */
#include "pipeline/sources/frame.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

#define LINES TG_FRAME_LINES
#define DOCUMENT TG_FRAME_DOCUMENT
#define EMPTY TG_FRAME_EMPTY
#define AUTO TG_FRAME_AUTO

static const struct {
	const char *head;
	enum tg_frame whole, more; /* when it is all; when more may come */
} rows[] = {
    {"", EMPTY, DOCUMENT},
    {" \r\n\t\n", EMPTY, DOCUMENT},
    /* Lines. */
    {"{\"a\":1}", LINES, AUTO},
    {"{\"a\":1}\n", LINES, LINES},
    {"{\"a\":1}\r\n", LINES, LINES},
    {"\n\n  {\"a\":1}\n", LINES, LINES},
    {"{\"a\":1}\n{\"a\":2}\n", LINES, LINES},
    {"{\"a\":1}\n{\"a\":", LINES, LINES},
    {"{}\n", LINES, LINES},
    /* A malformed first line. */
    {"{\"a\":x}\n{\"a\":2}\n", LINES, LINES},
    {"{\"a\":\"x\n{\"a\":2}\n", LINES, LINES},
    {"{\"a\":1\n{\"a\":2}\n{\"a\":3}\n", LINES, LINES},
    {"{\"a\":[\n{\"a\":2}\n{\"a\":3}\n", LINES, LINES},
    {"{\"a\":1,\"a\":1}\n{\"a\":2}\n", LINES, LINES},
    {"{bad\nworse\n{\"a\":2}\r\n", LINES, LINES},
    {"# head\n{\"a\":2}\n", LINES, LINES},
    {"{bad\n{\"a\":2}", LINES, DOCUMENT},
    {"true\n{\"a\":2}\n", LINES, LINES},
    /* One document. */
    {"{\n  \"a\": 1\n}\n", DOCUMENT, DOCUMENT},
    {"{\n  \"a\": 1", DOCUMENT, DOCUMENT},
    {"{\n", DOCUMENT, DOCUMENT},
    {"{\"a\":[\n{\"b\":1},\n{\"b\":2}\n]}\n", DOCUMENT, DOCUMENT},
    {"{\"a\":[\n{\"b\":1},\n{\"b\":2}\n", DOCUMENT, DOCUMENT},
    {"{\"a\":[x,\n{\"b\":1},\n{\"b\":2}\n]}\n", DOCUMENT, DOCUMENT},
    {"[\n{\"a\":1},\n{\"a\":2}\n]\n", DOCUMENT, DOCUMENT},
    {"[x\n{\"a\":1}\n", DOCUMENT, DOCUMENT},
    {"[1]\n[2]\n", DOCUMENT, DOCUMENT},
    /* Malformed throughout. */
    {"{\"a\":", DOCUMENT, AUTO},
    {"{\"a\":x}\n", DOCUMENT, DOCUMENT},
    {"text\nmore text\n", DOCUMENT, DOCUMENT},
    {"text", DOCUMENT, AUTO},
    {"{x\n {\"a\":1}\n", DOCUMENT, DOCUMENT},
};

START_TEST(framing_is_chosen_by_content)
{
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		enum tg_frame f = AUTO;

		ck_assert_int_eq(
		    tg_frame_choose(&f, tg_sv_of(rows[i].head), true, NULL), 0);
		ck_assert_msg(f == rows[i].whole, "row %zu, whole: %s", i,
		    tg_frame_name(f));
		ck_assert_int_eq(
		    tg_frame_choose(&f, tg_sv_of(rows[i].head), false, NULL),
		    0);
		ck_assert_msg(f == rows[i].more, "row %zu, more: %s", i,
		    tg_frame_name(f));
	}
}
END_TEST

START_TEST(an_object_inside_binary_data_is_no_line)
{
	static const char bytes[] = "\x09\0\0\0\0\0\0\0\n{\"a\":1}\n";
	static const char lines[] = "{\"a\":\0\0}\n{\"a\":1}\n";
	enum tg_frame f = AUTO;

	ck_assert_int_eq(
	    tg_frame_choose(
		&f, (struct tg_sv){bytes, sizeof(bytes) - 1}, true, NULL),
	    0);
	ck_assert_int_eq(f, DOCUMENT);
	/* But a line that a crash filled with NULs is a bad line. */
	ck_assert_int_eq(
	    tg_frame_choose(
		&f, (struct tg_sv){lines, sizeof(lines) - 1}, true, NULL),
	    0);
	ck_assert_int_eq(f, LINES);
}
END_TEST

/* A pretty-printed document stays one wherever the head ends. */
START_TEST(the_head_may_end_anywhere_in_a_document)
{
	static const char text[] = "{\n\"a\": [\n{\"b\": 1},\n{\"b\": "
				   "\"caf\xc3\xa9 \\u00e9\"}\n],\n\"c\": "
				   "-1.5e3,\n\"d\": true\n}\n";

	for (size_t n = 2; n < sizeof(text); n++) {
		enum tg_frame f = AUTO;

		ck_assert_int_eq(
		    tg_frame_choose(&f, (struct tg_sv){text, n}, false, NULL),
		    0);
		ck_assert_msg(
		    f == DOCUMENT, "cut at %zu: %s", n, tg_frame_name(f));
	}
}
END_TEST

Suite *
frame_suite(void)
{
	Suite *s = suite_create("frame");
	TCase *t = tcase_create("frame");

	tcase_add_test(t, framing_is_chosen_by_content);
	tcase_add_test(t, an_object_inside_binary_data_is_no_line);
	tcase_add_test(t, the_head_may_end_anywhere_in_a_document);
	suite_add_tcase(s, t);
	return s;
}
