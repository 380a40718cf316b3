/* jscan_test.c - the scanner: what it accepts, what it refuses and where. */
#include <jansson.h>
#include <stdlib.h>

#include "base/jscan.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

/* A text in memory of exactly its length, so that a byte read too far shows
 * under the address sanitizer. */
static char *
exact(const char *p, size_t n)
{
	char *copy = malloc(n == 0 ? 1 : n);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, p, n);
	return copy;
}

struct verdict {
	int rc;
	size_t at;
	enum tg_err_class cls;
	char text[TG_ERR_TEXT];
};

static struct verdict
scan(struct tg_jdoc *d, const char *p, size_t n)
{
	struct verdict v = {.at = 0};
	struct tg_err err = {.cls = TG_E_NONE};

	v.rc = tg_jscan(d, (struct tg_sv){p, n}, &v.at, &err);
	v.cls = err.cls;
	memcpy(v.text, err.text, sizeof(v.text));
	return v;
}

static const char *const valid[] = {
    "{}",
    "[]",
    "\"\"",
    " \t\r\n[ ]\n",
    "0",
    "-0",
    "12",
    "-12.50e+07",
    "1E9",
    "1e-9",
    "0.5",
    "true",
    "false",
    "null",
    "[true,false,null,0,\"a\",{},[]]",
    "{\"a\":1,\"b\":{\"a\":2},\"\":[{\"a\":1},{\"a\":1}]}",
    "{\"a\" : [ 1 , 2 ] , \"b\" : null }",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\uD83D\\uDE00\"",
    "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf\x7f\"",
    "[\"\\\\\",\"\\\\\\\"\"]",
    "{\"a\":1,\"A\":2,\"a \":3}",
    "\"\\u0000\"",
    "[-1,-1.5,0e1,0.0E-0]",
    "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"",
};

static const struct {
	const char *text;
	size_t at;
} invalid[] = {
    {"", 0},
    {"  \n", 3},
    {"{", 1},
    {"[", 1},
    {"]", 0},
    {"}", 0},
    {",", 0},
    {":", 0},
    {"[1,]", 3},
    {"[,1]", 1},
    {"[1 2]", 3},
    {"[1,,2]", 3},
    {"[1}", 2},
    {"{]", 1},
    {"{\"a\"}", 4},
    {"{\"a\":}", 5},
    {"{\"a\",1}", 4},
    {"{\"a\":1,}", 7},
    {"{,}", 1},
    {"{1:2}", 1},
    {"{a:2}", 1},
    {"{\"a\" \"b\"}", 5},
    {"{\"a\":1 \"b\":2}", 7},
    {"{\"a\"::1}", 5},
    {"[1]]", 3},
    {"1 2", 2},
    {"{}{}", 2},
    {"[] x", 3},
    {"'a'", 0},
    {"01", 1},
    {"-", 1},
    {"-a", 1},
    {"+1", 0},
    {".5", 0},
    {"1.", 2},
    {"1.e5", 2},
    {"1e", 2},
    {"1e+", 3},
    {"1e+x", 3},
    {"0x10", 1},
    {"1_000", 1},
    {"1a", 1},
    {"1\\", 1},
    {"NaN", 0},
    {"Infinity", 0},
    {"-Infinity", 1},
    {"True", 0},
    {"tru", 3},
    {"trux", 3},
    {"truee", 4},
    {"nul\"", 3},
    {"\"", 1},
    {"\"a", 2},
    {"\"a\\\"", 4},
    {"\"\\\\\\\"", 5},
    {"\"\\x41\"", 1},
    {"\"\\U0041\"", 1},
    {"\"\\u00g0\"", 1},
    {"\"\\u12\"", 1},
    {"\"\\u\"", 1},
    {"\"\\'\"", 1},
    {"\"a\tb\"", 2},
    {"\"a\nb\"", 2},
    {"\"\x1f\"", 1},
    {"\"a\"b", 3},
    {"\"a\"\"b\"", 3},
    {"[\"a\"1]", 4},
    {"[1\"a\"]", 2},
    {"\\\"a\"", 0},
    {"[\\\"]", 1},
    {"\f1", 0},
    {"[1\f,2]", 2},
    {"[1\x1a,2]", 2},
    {"[1,\x0c]", 3},
    {"\xef\xbb\xbf{}", 0},
    {"\xc3\xa9", 0},
    {"// c\n1", 0},
    {"/**/1", 0},
    {"{\"a\":1,\"a\":1}", 7},
    {"{\"a\":1,\"b\":{\"c\":1,\"c\":2}}", 18},
    {"{\"a\":1,\"\\u0061\":2}", 7},
    {"{\"\\u0061\":1,\"b\":0,\"a\":2}", 18},
    {"{\"\":1,\"\":2}", 6},
    {"{\"\\u00e9\":1,\"\xc3\xa9\":2}", 12},
    {"{\"\\uD83D\\uDE00\":1,\"\xf0\x9f\x98\x80\":2}", 18},
    {"{\"\\/\":1,\"/\":2}", 8},
    /* RFC 3629: lone and missing continuations, overlong forms, surrogates,
     * above U+10FFFF, bytes that never occur. */
    {"\"\x80\"", 1},
    {"\"\xbf\"", 1},
    {"\"\xc3\"", 1},
    {"\"\xc3\x28\"", 1},
    {"\"\xc0\xaf\"", 1},
    {"\"\xc1\xbf\"", 1},
    {"\"\xe0\x9f\xbf\"", 1},
    {"\"\xe2\x82\"", 1},
    {"\"\xe2\x28\xa1\"", 1},
    {"\"\xed\xa0\x80\"", 1},
    {"\"\xed\xbf\xbf\"", 1},
    {"\"\xf0\x8f\xbf\xbf\"", 1},
    {"\"\xf0\x9f\x98\"", 1},
    {"\"\xf4\x90\x80\x80\"", 1},
    {"\"\xf5\x80\x80\x80\"", 1},
    {"\"\xfe\"", 1},
    {"\"\xff\"", 1},
};

static bool
jansson_takes(const char *p, size_t n)
{
	json_t *j = json_loadb(p, n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL |
		JSON_DECODE_INT_AS_REAL,
	    NULL);

	json_decref(j);
	return j != NULL;
}

START_TEST(valid_texts_are_accepted_as_jansson_does)
{
	struct tg_jdoc d;

	tg_jdoc_init(&d);
	for (size_t i = 0; i < TG_COUNT(valid); i++) {
		const size_t n = strlen(valid[i]);
		char *p = exact(valid[i], n);

		ck_assert_msg(jansson_takes(p, n), "jansson: %s", valid[i]);
		ck_assert_msg(scan(&d, p, n).rc == 0, "%s", valid[i]);
		ck_assert_uint_gt(d.n, 0);
		free(p);
	}
	tg_jdoc_deinit(&d);
}
END_TEST

START_TEST(invalid_texts_are_refused_at_the_byte_as_jansson_does)
{
	struct tg_jdoc d;

	tg_jdoc_init(&d);
	for (size_t i = 0; i < TG_COUNT(invalid); i++) {
		const size_t n = strlen(invalid[i].text);
		char *p = exact(invalid[i].text, n);
		const struct verdict v = scan(&d, p, n);

		ck_assert_msg(
		    !jansson_takes(p, n), "jansson: %s", invalid[i].text);
		ck_assert_msg(v.rc == -1, "%s", invalid[i].text);
		ck_assert_int_eq(v.cls, TG_E_INPUT);
		ck_assert_msg(v.at == invalid[i].at, "%s: at %zu, not %zu (%s)",
		    invalid[i].text, v.at, invalid[i].at, v.text);
		ck_assert_uint_eq(d.n, 0);
		free(p);
	}
	tg_jdoc_deinit(&d);
}
END_TEST

/* The same tables, moved by 0 to 130 bytes of white space: every table entry
 * meets every place in a block and both sides of its borders. */
START_TEST(verdict_and_place_do_not_depend_on_the_block)
{
	struct tg_jdoc d;

	tg_jdoc_init(&d);
	for (size_t pad = 1; pad <= 130; pad++) {
		for (size_t i = 0; i < TG_COUNT(valid) + TG_COUNT(invalid);
		     i++) {
			const bool good = i < TG_COUNT(valid);
			const char *t =
			    good ? valid[i] : invalid[i - TG_COUNT(valid)].text;
			const size_t n = strlen(t);
			char *p = malloc(pad + n);
			struct verdict v;

			ck_assert_ptr_nonnull(p);
			memset(p, ' ', pad);
			memcpy(p + pad, t, n);
			v = scan(&d, p, pad + n);
			ck_assert_int_eq(v.rc, good ? 0 : -1);
			if (!good)
				ck_assert_uint_eq(v.at,
				    pad + invalid[i - TG_COUNT(valid)].at);
			free(p);
		}
	}
	tg_jdoc_deinit(&d);
}
END_TEST

START_TEST(a_nul_byte_is_no_white_space)
{
	struct tg_jdoc d;

	tg_jdoc_init(&d);
	ck_assert_uint_eq(scan(&d, "[\0]", 3).at, 1);
	ck_assert_uint_eq(scan(&d, "[]\0", 3).at, 2);
	ck_assert_uint_eq(scan(&d, "\"\0\"", 3).at, 1);
	ck_assert_int_eq(scan(&d, "\"\\\0\"", 4).rc, -1);
	tg_jdoc_deinit(&d);
}
END_TEST

START_TEST(nodes_are_in_document_order_with_exact_ranges)
{
	static const char text[] =
	    "{ \"a\" : [1, \"x\\n\"], \"\\u0062\": {\"c\":-2.5} , \"d\":true}";
	static const struct {
		enum tg_jkind kind;
		const char *raw, *key;
		uint32_t parent, next, n;
		bool esc, key_esc;
	} want[] = {
	    {TG_J_OBJECT, text, "", UINT32_MAX, 7, 3, false, false},
	    {TG_J_ARRAY, "[1, \"x\\n\"]", "a", 0, 4, 2, false, false},
	    {TG_J_NUMBER, "1", "", 1, 3, 0, false, false},
	    {TG_J_STRING, "\"x\\n\"", "", 1, 4, 0, true, false},
	    {TG_J_OBJECT, "{\"c\":-2.5}", "\\u0062", 0, 6, 1, false, true},
	    {TG_J_NUMBER, "-2.5", "c", 4, 6, 0, false, false},
	    {TG_J_TRUE, "true", "d", 0, 7, 0, false, false},
	};
	struct tg_jdoc d;

	tg_jdoc_init(&d);
	ck_assert_int_eq(scan(&d, text, sizeof(text) - 1).rc, 0);
	ck_assert_uint_eq(d.n, TG_COUNT(want));
	for (uint32_t i = 0; i < d.n; i++) {
		ck_assert_int_eq(d.nodes[i].kind, want[i].kind);
		ck_assert(tg_sv_is(tg_jdoc_raw(&d, i), want[i].raw));
		ck_assert(tg_sv_is(tg_jdoc_key(&d, i), want[i].key));
		ck_assert_uint_eq(d.nodes[i].parent, want[i].parent);
		ck_assert_uint_eq(d.nodes[i].next, want[i].next);
		ck_assert_uint_eq(d.nodes[i].n, want[i].n);
		ck_assert(d.nodes[i].esc == want[i].esc);
		ck_assert(d.nodes[i].key_esc == want[i].key_esc);
		ck_assert_uint_eq(d.nodes[i].mark, 0);
	}
	tg_jdoc_deinit(&d);
}
END_TEST

/* "esc" must be right for a backslash in any place of strings of any length,
 * and stay off for the strings beside it. */
START_TEST(the_escape_flag_is_of_its_own_string)
{
	static const char tail[] = "\",\"b\",\"\\\\\",\"c\"]";
	struct tg_jdoc d;

	tg_jdoc_init(&d);
	for (size_t len = 2; len < 200; len++) {
		for (size_t at = 0; at + 2 <= len; at++) {
			char text[320];
			size_t n = 0;

			text[n++] = '[';
			text[n++] = '"';
			memset(text + n, 'a', len);
			text[n + at] = '\\';
			text[n + at + 1] = 'n';
			n += len;
			memcpy(text + n, tail, sizeof(tail) - 1);
			n += sizeof(tail) - 1;
			ck_assert_int_eq(scan(&d, text, n).rc, 0);
			ck_assert_uint_eq(d.n, 5);
			ck_assert(d.nodes[1].esc && !d.nodes[2].esc);
			ck_assert(d.nodes[3].esc && !d.nodes[4].esc);
		}
	}
	tg_jdoc_deinit(&d);
}
END_TEST

static void
brackets(char *p, size_t n, char open, char close)
{
	memset(p, open, n);
	memset(p + n, close, n);
}

START_TEST(nesting_is_refused_above_128)
{
	enum { DEEP = 10000 };
	char *p = malloc(2 * DEEP);
	struct tg_jdoc d;
	struct verdict v;

	ck_assert_ptr_nonnull(p);
	tg_jdoc_init(&d);
	brackets(p, 128, '[', ']');
	ck_assert_int_eq(scan(&d, p, 256).rc, 0);
	brackets(p, 129, '[', ']');
	v = scan(&d, p, 258);
	ck_assert_int_eq(v.rc, -1);
	ck_assert_uint_eq(v.at, 128);
	ck_assert_str_eq(v.text, "nested deeper than 128 brackets");
	brackets(p, DEEP, '[', ']');
	v = scan(&d, p, 2 * DEEP);
	ck_assert_int_eq(v.rc, -1);
	ck_assert_uint_eq(v.at, 128);
	ck_assert_uint_le(d.cap, 1024);
	tg_jdoc_deinit(&d);
	free(p);
}
END_TEST

START_TEST(numbers_are_refused_above_64_characters)
{
	char p[5002];
	struct tg_jdoc d;
	struct verdict v;

	tg_jdoc_init(&d);
	memset(p, '7', sizeof(p));
	p[0] = '[';
	p[65] = ']';
	ck_assert_int_eq(scan(&d, p, 66).rc, 0);
	p[65] = '7';
	p[66] = ']';
	v = scan(&d, p, 67);
	ck_assert_int_eq(v.rc, -1);
	ck_assert_uint_eq(v.at, 1);
	ck_assert_str_eq(v.text, "number longer than 64 characters");
	p[66] = '7';
	p[5001] = ']';
	v = scan(&d, p, 5002);
	ck_assert_int_eq(v.rc, -1);
	ck_assert_uint_eq(v.at, 1);
	tg_jdoc_deinit(&d);
}
END_TEST

START_TEST(a_string_of_10_mb_is_one_node)
{
	const size_t n = 10u << 20;
	char *p = malloc(n);
	struct tg_jdoc d;

	ck_assert_ptr_nonnull(p);
	tg_jdoc_init(&d);
	memset(p, 'x', n);
	p[0] = p[n - 1] = '"';
	ck_assert_int_eq(scan(&d, p, n).rc, 0);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_uint_eq(d.nodes[0].end, n);
	p[n - 2] = '\\';
	ck_assert_uint_eq(scan(&d, p, n).at, n);
	tg_jdoc_deinit(&d);
	free(p);
}
END_TEST

START_TEST(more_values_than_the_cap_are_refused)
{
	const size_t n = 2 * ((size_t)TG_JSCAN_NODES + 1);
	char *p = malloc(n);
	struct tg_jdoc d;
	struct verdict v;

	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < n; i += 2) {
		p[i] = '1';
		p[i + 1] = ',';
	}
	p[0] = '[';
	p[1] = '1';
	for (size_t i = 2; i < n; i += 2) {
		p[i] = ',';
		p[i + 1] = '1';
	}
	/* The array and TG_JSCAN_NODES - 1 elements: just allowed. */
	p[n - 4] = ']';
	tg_jdoc_init(&d);
	ck_assert_int_eq(scan(&d, p, n - 3).rc, 0);
	ck_assert_uint_eq(d.n, TG_JSCAN_NODES);
	p[n - 4] = ',';
	p[n - 2] = ']';
	v = scan(&d, p, n - 1);
	ck_assert_int_eq(v.rc, -1);
	ck_assert_str_eq(v.text, "too many values");
	ck_assert_uint_eq(v.at, n - 3);
	tg_jdoc_deinit(&d);
	free(p);
}
END_TEST

START_TEST(a_text_above_2_gib_is_a_limit)
{
	struct tg_jdoc d;
	struct tg_err err;
	size_t at = 7;

	tg_jdoc_init(&d);
	ck_assert_int_eq(
	    tg_jscan(
		&d, (struct tg_sv){"", (UINT64_C(1) << 31) + 1}, &at, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	tg_jdoc_deinit(&d);
}
END_TEST

static const char whole[] =
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"
    "\"5b8efff798038103d269b633813fc60c\",\"name\":\"caf\xc3\xa9 \\u00e9 "
    "\xf0\x9f\x98\x80\",\"kind\":3,\"ok\":true,\"none\":null,\"f\":-1.5e+10,"
    "\"attributes\":[{\"key\":\"gen_ai.prompt\",\"value\":{\"stringValue\":"
    "\"[{\\\"role\\\":\\\"user\\\"}]\"}},{\"key\":\"no\",\"value\":"
    "{\"boolValue\":false}}]}]}]}]}";

/* A reader of half a file must be able to tell "cut" from "wrong". */
START_TEST(a_text_cut_at_any_byte_fails_at_its_length)
{
	struct tg_jdoc d;

	tg_jdoc_init(&d);
	ck_assert_int_eq(scan(&d, whole, sizeof(whole) - 1).rc, 0);
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		char *p = exact(whole, n);
		const struct verdict v = scan(&d, p, n);

		ck_assert_int_eq(v.rc, -1);
		ck_assert_msg(v.at == n, "cut at %zu: %zu %s", n, v.at, v.text);
		free(p);
	}
	tg_jdoc_deinit(&d);
}
END_TEST

Suite *
jscan_suite(void)
{
	Suite *s = suite_create("jscan");
	TCase *t = tcase_create("jscan");

	tcase_add_test(t, valid_texts_are_accepted_as_jansson_does);
	tcase_add_test(
	    t, invalid_texts_are_refused_at_the_byte_as_jansson_does);
	tcase_add_test(t, verdict_and_place_do_not_depend_on_the_block);
	tcase_add_test(t, a_nul_byte_is_no_white_space);
	tcase_add_test(t, nodes_are_in_document_order_with_exact_ranges);
	tcase_add_test(t, the_escape_flag_is_of_its_own_string);
	tcase_add_test(t, nesting_is_refused_above_128);
	tcase_add_test(t, numbers_are_refused_above_64_characters);
	tcase_add_test(t, a_string_of_10_mb_is_one_node);
	tcase_add_test(t, more_values_than_the_cap_are_refused);
	tcase_add_test(t, a_text_above_2_gib_is_a_limit);
	tcase_add_test(t, a_text_cut_at_any_byte_fails_at_its_length);
	suite_add_tcase(s, t);
	return s;
}
