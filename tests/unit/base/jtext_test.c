/* jtext_test.c - strings of a document: decoded, compared, pointed at. */
#include "base/jscan.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

static struct tg_jdoc doc;
static struct tg_arena arena;
static struct tg_buf buf;

static void
setup(void)
{
	tg_jdoc_init(&doc);
	tg_arena_init(&arena, 1u << 20);
	tg_buf_init(&buf, 1u << 20);
}

static void
teardown(void)
{
	tg_jdoc_deinit(&doc);
	tg_arena_deinit(&arena);
	tg_buf_deinit(&buf);
}

static void
scan(const char *text)
{
	struct tg_err err;
	size_t at;

	ck_assert_msg(tg_jscan(&doc, tg_sv_of(text), &at, &err) == 0,
	    "%s: %s at %zu", text, err.text, at);
}

static const struct {
	const char *json;
	const char *text;
	size_t n;
	uint32_t map[12]; /* n + 1 of them */
} decoded[] = {
    {"\"\\n\"", "\n", 1, {0, 2}},
    {"\"a\\tb\"", "a\tb", 3, {0, 1, 3, 4}},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8,
	{0, 2, 4, 6, 8, 10, 12, 14, 16}},
    {"\"\\u0041\"", "A", 1, {0, 6}},
    {"\"x\\u00E9y\"", "x\xc3\xa9y", 4, {0, 1, 1, 7, 8}},
    {"\"\\u20ac!\"", "\xe2\x82\xac!", 4, {0, 0, 0, 6, 7}},
    {"\"\\uD83D\\uDE00.\"", "\xf0\x9f\x98\x80.", 5, {0, 0, 0, 0, 12, 13}},
    {"\"\\u0000a\"", "\0a", 2, {0, 6, 7}},
    {"\"\\ud83d\"", "\xef\xbf\xbd", 3, {0, 0, 0, 6}},
    {"\"\\ude00x\"", "\xef\xbf\xbdx", 4, {0, 0, 0, 6, 7}},
    {"\"\\ud83d\\n\"", "\xef\xbf\xbd\n", 4, {0, 0, 0, 6, 8}},
    {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80", 7,
	{0, 0, 0, 6, 6, 6, 6, 18}},
    {"\"\\ud83d\\u0041\"",
	"\xef\xbf\xbd"
	"A",
	4, {0, 0, 0, 6, 12}},
    {"\"\xc3\xa9\\n\"", "\xc3\xa9\n", 3, {0, 1, 2, 4}},
    {"\"\\uffff\\u07ff\\u0800\"", "\xef\xbf\xbf\xdf\xbf\xe0\xa0\x80", 8,
	{0, 0, 0, 6, 6, 12, 12, 12, 18}},
    {"\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf", 4, {0, 0, 0, 0, 12}},
};

START_TEST(escapes_are_decoded_with_an_offset_map)
{
	for (size_t i = 0; i < TG_COUNT(decoded); i++) {
		struct tg_jtext t;

		scan(decoded[i].json);
		ck_assert(doc.nodes[0].esc);
		ck_assert_int_eq(tg_jtext_decode(&t, tg_jdoc_str(&doc, 0),
				     doc.nodes[0].esc, &arena, NULL),
		    0);
		ck_assert_msg(t.text.n == decoded[i].n, "%s: %zu",
		    decoded[i].json, t.text.n);
		ck_assert_mem_eq(t.text.bytes, decoded[i].text, t.text.n);
		for (size_t k = 0; k <= t.text.n; k++)
			ck_assert_msg(tg_jtext_raw(&t, k) == decoded[i].map[k],
			    "%s: map[%zu] is %u", decoded[i].json, k,
			    (unsigned)tg_jtext_raw(&t, k));
		tg_arena_reset(&arena);
	}
}
END_TEST

START_TEST(a_string_without_escapes_is_not_copied)
{
	struct tg_jtext t;

	scan("\"caf\xc3\xa9\"");
	ck_assert_int_eq(tg_jtext_decode(&t, tg_jdoc_str(&doc, 0),
			     doc.nodes[0].esc, &arena, NULL),
	    0);
	ck_assert_ptr_eq(t.text.bytes, doc.text.p + 1);
	ck_assert_uint_eq(t.text.n, 5);
	ck_assert_ptr_null(t.map);
	ck_assert_uint_eq(tg_jtext_raw(&t, 4), 4);
	ck_assert_uint_eq(arena.used, 0);
}
END_TEST

START_TEST(no_memory_for_the_copy_is_an_error)
{
	struct tg_jtext t = {.map = NULL};
	struct tg_err err;

	scan("\"\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\\n\"");
	tg_arena_deinit(&arena);
	tg_arena_init(&arena, 16);
	ck_assert_int_eq(
	    tg_jtext_decode(&t, tg_jdoc_str(&doc, 0), true, &arena, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_MEMORY);
	ck_assert_ptr_null(t.map);
}
END_TEST

START_TEST(keys_and_strings_are_compared_decoded)
{
	scan("{\"plain\":\"v\",\"\\u0065sc\":\"\\u0076\",\"\":\"\\u00e9\"}");
	ck_assert_uint_eq(tg_jdoc_find(&doc, 0, "plain"), 1);
	ck_assert_uint_eq(tg_jdoc_find(&doc, 0, "esc"), 2);
	ck_assert_uint_eq(tg_jdoc_find(&doc, 0, ""), 3);
	ck_assert_uint_eq(tg_jdoc_find(&doc, 0, "es"), UINT32_MAX);
	ck_assert_uint_eq(tg_jdoc_find(&doc, 0, "\\u0065sc"), UINT32_MAX);
	ck_assert_uint_eq(tg_jdoc_find(&doc, 0, "escx"), UINT32_MAX);
	ck_assert_uint_eq(tg_jdoc_find(&doc, 1, "plain"), UINT32_MAX);
	ck_assert(tg_jdoc_str_is(&doc, 1, "v"));
	ck_assert(tg_jdoc_str_is(&doc, 2, "v"));
	ck_assert(!tg_jdoc_str_is(&doc, 2, "w"));
	ck_assert(!tg_jdoc_str_is(&doc, 2, ""));
	ck_assert(!tg_jdoc_str_is(&doc, 2, "vv"));
	ck_assert(tg_jdoc_str_is(&doc, 3, "\xc3\xa9"));
	ck_assert(!tg_jdoc_str_is(&doc, 3, "\xc3"));
	ck_assert(!tg_jdoc_str_is(&doc, 0, ""));
	ck_assert(!tg_jdoc_key_is(&doc, 0, ""));
	ck_assert(tg_jdoc_key_is(&doc, 3, ""));
}
END_TEST

START_TEST(a_nul_in_a_key_does_not_end_it)
{
	scan("{\"a\\u0000b\":1}");
	ck_assert(!tg_jdoc_key_is(&doc, 1, "a"));
	ck_assert_uint_eq(tg_jdoc_find(&doc, 0, "a"), UINT32_MAX);
}
END_TEST

static void
pointer_is(uint32_t i, const char *want)
{
	tg_buf_reset(&buf);
	ck_assert_int_eq(tg_jdoc_pointer(&buf, &doc, i, NULL), 0);
	ck_assert_msg(tg_sv_is(tg_buf_sv(&buf), want), "%.*s, not %s",
	    TG_SV_FMT(tg_buf_sv(&buf)), want);
}

START_TEST(pointers_are_those_of_rfc_6901)
{
	/* The example of section 5, with two cases of ours. */
	scan("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"m~n\":8,"
	     "\"\\u002f\":{\"x\":[[],[[7]]]},\"k\\\"l\":6}");
	pointer_is(0, "");
	pointer_is(1, "/foo");
	pointer_is(2, "/foo/0");
	pointer_is(3, "/foo/1");
	pointer_is(4, "/");
	pointer_is(5, "/a~1b");
	pointer_is(6, "/c%d");
	pointer_is(7, "/m~0n");
	pointer_is(8, "/~1");
	pointer_is(9, "/~1/x");
	pointer_is(10, "/~1/x/0");
	pointer_is(11, "/~1/x/1");
	pointer_is(13, "/~1/x/1/0/0");
	pointer_is(14, "/k\"l");
}
END_TEST

START_TEST(a_pointer_that_does_not_fit_leaves_the_buffer_alone)
{
	struct tg_buf b;
	struct tg_err err;

	scan("{\"abcdef\":[1]}");
	tg_buf_init(&b, 6);
	ck_assert_int_eq(tg_buf_adds(&b, "is ", NULL), 0);
	ck_assert_int_eq(tg_jdoc_pointer(&b, &doc, 2, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_str_eq(b.p, "is ");
	tg_buf_deinit(&b);
}
END_TEST

static void
escaped_is(struct tg_sv s, const char *want)
{
	tg_buf_reset(&buf);
	ck_assert_int_eq(tg_json_escape(&buf, s, NULL), 0);
	ck_assert(tg_sv_is(tg_buf_sv(&buf), want));
}

START_TEST(quotes_backslashes_and_controls_are_escaped)
{
	escaped_is(TG_SV(""), "");
	escaped_is(TG_SV("caf\xc3\xa9/"), "caf\xc3\xa9/");
	escaped_is(TG_SV("a\"b\\c"), "a\\\"b\\\\c");
	escaped_is(TG_SV("\b\f\n\r\t"), "\\b\\f\\n\\r\\t");
	escaped_is(
	    TG_SV("\0\x01\x0b\x1f\x7f"), "\\u0000\\u0001\\u000b\\u001f\x7f");
}
END_TEST

START_TEST(every_ascii_text_survives_escape_scan_and_decode)
{
	for (unsigned a = 0; a < 128; a++) {
		for (unsigned b = 0; b < 128; b++) {
			const char s[2] = {(char)a, (char)b};
			struct tg_jtext t;

			tg_buf_reset(&buf);
			ck_assert_int_eq(tg_buf_addc(&buf, '"', NULL), 0);
			ck_assert_int_eq(
			    tg_json_escape(&buf, (struct tg_sv){s, 2}, NULL),
			    0);
			ck_assert_int_eq(tg_buf_addc(&buf, '"', NULL), 0);
			scan(buf.p);
			ck_assert_int_eq(
			    tg_jtext_decode(&t, tg_jdoc_str(&doc, 0),
				doc.nodes[0].esc, &arena, NULL),
			    0);
			ck_assert_uint_eq(t.text.n, 2);
			ck_assert_mem_eq(t.text.bytes, s, 2);
			tg_arena_reset(&arena);
		}
	}
}
END_TEST

Suite *
jtext_suite(void)
{
	Suite *s = suite_create("jtext");
	TCase *t = tcase_create("jtext");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, escapes_are_decoded_with_an_offset_map);
	tcase_add_test(t, a_string_without_escapes_is_not_copied);
	tcase_add_test(t, no_memory_for_the_copy_is_an_error);
	tcase_add_test(t, keys_and_strings_are_compared_decoded);
	tcase_add_test(t, a_nul_in_a_key_does_not_end_it);
	tcase_add_test(t, pointers_are_those_of_rfc_6901);
	tcase_add_test(t, a_pointer_that_does_not_fit_leaves_the_buffer_alone);
	tcase_add_test(t, quotes_backslashes_and_controls_are_escaped);
	tcase_add_test(t, every_ascii_text_survives_escape_scan_and_decode);
	suite_add_tcase(s, t);
	return s;
}
