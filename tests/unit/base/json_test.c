#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

static struct tg_json *
parsed(const char *text)
{
	struct tg_json *j = NULL;
	struct tg_err err;

	if (tg_json_parse(&j, tg_sv_of(text), "f", &err) < 0)
		ck_abort_msg("%s", err.text);
	return j;
}

static const struct {
	const char *text, *want;
} canonicals[] = {
    {"{}", "{}\n"},
    {"[ ]", "[]\n"},
    {"null", "null\n"},
    {"\"x\"", "\"x\"\n"},
    {"{ \"b\" : 1 , \"a\" : [ true , false , null ] }",
	"{\"a\":[true,false,null],\"b\":1}\n"},
    {"{\"aa\":1,\"a\":2,\"B\":3,\"\":4,\"a b\":5}",
	"{\"\":4,\"B\":3,\"a\":2,\"a b\":5,\"aa\":1}\n"},
    {"{\"\xC3\xA9\":\"\xF0\x9F\x98\x80\",\"z\":1}",
	"{\"z\":1,\"\\u00E9\":\"\\uD83D\\uDE00\"}\n"},
    {"[\"\\u0001\\n\\\"\\\\\\/\\u007f\"]", "[\"\\u0001\\n\\\"\\\\/\x7F\"]\n"},
    {"[9007199254740991,-9007199254740991,0,-0]",
	"[9007199254740991,-9007199254740991,0,0]\n"},
    {"{\"x\":{\"y\":{\"b\":1,\"a\":2}}}",
	"{\"x\":{\"y\":{\"a\":2,\"b\":1}}}\n"},
};

START_TEST(the_canonical_form_is_one_and_reads_back_to_itself)
{
	struct tg_json *j = parsed(canonicals[_i].text);
	struct tg_buf b;
	struct tg_err err;

	for (int round = 0; round < 2; round++) {
		tg_buf_init(&b, 1000);
		if (tg_json_canonical(&b, j, &err) < 0)
			ck_abort_msg("%s", err.text);
		ck_assert_str_eq(b.p, canonicals[_i].want);
		tg_json_free(j);
		j = parsed(b.p);
		tg_buf_deinit(&b);
	}
	tg_json_free(j);
}
END_TEST

static const char *const inexact[] = {"1.5", "{\"a\":[1,{\"b\":0.0}]}", "1e2",
    "9007199254740992", "[-9007199254740992]", "{\"a\":9223372036854775807}"};

START_TEST(numbers_that_readers_may_differ_on_are_not_signed)
{
	struct tg_json *j = parsed(inexact[_i]);
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1000);
	ck_assert_int_eq(tg_json_canonical(&b, j, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_int_eq(tg_json_pretty(&b, j, &err), 0);
	tg_buf_deinit(&b);
	tg_json_free(j);
}
END_TEST

START_TEST(a_document_too_deep_is_not_signed)
{
	struct tg_json *j = tg_json_array();
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1000);
	for (int i = 1; i < 128; i++) {
		struct tg_json *outer = tg_json_array();

		ck_assert_int_eq(tg_json_push(outer, j), 0);
		j = outer;
	}
	ck_assert_int_eq(tg_json_canonical(&b, j, &err), 0);
	tg_buf_reset(&b);
	for (int i = 0; i < 1; i++) {
		struct tg_json *outer = tg_json_array();

		ck_assert_int_eq(tg_json_push(outer, j), 0);
		j = outer;
	}
	ck_assert_int_eq(tg_json_canonical(&b, j, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_int_eq(tg_json_canonical(&b, NULL, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	tg_buf_deinit(&b);
	tg_json_free(j);
}
END_TEST

START_TEST(a_ceiling_too_low_adds_nothing)
{
	static const char text[] = "{\"a\":[1,2,3]}";
	struct tg_json *j = parsed(text);
	struct tg_err err;

	for (size_t max = 1; max < sizeof(text) + 1; max++) {
		struct tg_buf b;

		tg_buf_init(&b, max);
		ck_assert_int_eq(tg_buf_addc(&b, '>', &err), 0);
		ck_assert_int_eq(tg_json_canonical(&b, j, &err), -1);
		ck_assert_int_eq(err.cls, TG_E_LIMIT);
		ck_assert_str_eq(b.p, ">");
		tg_buf_deinit(&b);
	}
	tg_json_free(j);
}
END_TEST

START_TEST(the_pretty_form_is_for_people)
{
	struct tg_json *j = parsed("{\"b\":[1,2],\"a\":\"\xC3\xA9\"}");
	struct tg_buf b;

	tg_buf_init(&b, 1000);
	ck_assert_int_eq(tg_json_pretty(&b, j, NULL), 0);
	ck_assert_str_eq(b.p,
	    "{\n  \"a\": \"\xC3\xA9\",\n  \"b\": [\n    1,\n    2\n  ]\n}\n");
	tg_buf_deinit(&b);
	tg_json_free(j);
}
END_TEST

static const struct {
	const char *text, *want;
} refused[] = {
    {"", "f:1:1: ends too early"},
    {"{", "f:1:1: ends too early"},
    {"{\"a\":1,\n \"a\":2}", "f:2:4: the key stands twice in one object"},
    {"{\"x\":[{\"a\":1,\"a\":2}]}",
	"f:1:16: the key stands twice in one object"},
    {"{} x", "f:1:4: something follows the end of the document"},
    {"1 2", "f:1:3: something follows the end of the document"},
    {"{\"a\":secret}", "f:1:11: not JSON"},
    {"[01]", "f:1:2: not JSON"},
    {"[1,]", "f:1:4: not JSON"},
    {"{'a':1}", "f:1:2: not JSON"},
    {"[NaN]", "f:1:4: not JSON"},
    {"// x\n{}", "f:1:1: not JSON"},
    {"[\"\xFF\"]", "f:1:2: not UTF-8"},
    {"[\"\\ud800\"]", "f:1:9: not JSON"},
    {"[\"a\\u0000b\"]", "f:1:11: NUL in a text is not allowed"},
    {"{\"a\\u0000b\":1}", "f:1:11: NUL in a text is not allowed"},
    {"[99999999999999999999]", "f:1:21: a number out of range"},
    {"[1e999]", "f:1:6: a number out of range"},
};

START_TEST(what_is_refused_is_named_by_its_place_and_not_repeated)
{
	struct tg_json *j = NULL;
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(
	    tg_json_parse(&j, tg_sv_of(refused[_i].text), "f", &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_str_eq(err.text, refused[_i].want);
	ck_assert_ptr_null(j);
}
END_TEST

START_TEST(a_raw_nul_a_great_depth_and_a_great_size_are_refused)
{
	struct tg_json *j = NULL;
	struct tg_err err;
	struct tg_buf b;

	ck_assert_int_eq(tg_json_parse(&j, TG_SV("{}\0{}"), "f", &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	tg_buf_init(&b, TG_JSON_MAX + 2);
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(tg_buf_addc(&b, '[', &err), 0);
	ck_assert_int_eq(tg_json_parse(&j, tg_buf_sv(&b), "f", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "nested too deep"));
	tg_buf_reset(&b);
	ck_assert_int_eq(tg_buf_reserve(&b, TG_JSON_MAX + 1, &err), 0);
	memset(b.p, ' ', TG_JSON_MAX + 1);
	b.n = TG_JSON_MAX + 1;
	ck_assert_int_eq(tg_json_parse(&j, tg_buf_sv(&b), "f", &err), -1);
	ck_assert_str_eq(err.text, "f: larger than 16777216 bytes");
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(a_document_is_built_and_looked_at)
{
	struct tg_json *o = tg_json_object(), *a = tg_json_array(), *copy;
	int bad = 0;

	bad |= tg_json_push_str(a, "x");
	bad |= tg_json_push(a, tg_json_int(-5));
	bad |= tg_json_push(a, tg_json_null());
	bad |= tg_json_set(o, "list", tg_json_ref(a));
	bad |= tg_json_set_str(o, "s", "text");
	bad |= tg_json_set_sv(o, "e", (struct tg_sv){NULL, 0});
	bad |= tg_json_set_int(o, "i", 7);
	bad |= tg_json_set_bool(o, "t", true);
	bad |= tg_json_set_bool(o, "f", false);
	ck_assert_int_eq(bad, 0);
	copy = tg_json_copy(o);
	bad |= tg_json_set_str(o, "s", "other");
	tg_json_free(a);
	ck_assert_str_eq(tg_json_get_str(copy, "s", "-"), "text");
	ck_assert_str_eq(tg_json_get_str(copy, "e", "-"), "");
	ck_assert_str_eq(tg_json_get_str(copy, "i", "-"), "-");
	ck_assert_str_eq(tg_json_get_str(copy, "absent", "-"), "-");
	ck_assert_int_eq(tg_json_get_int(copy, "i", -1), 7);
	ck_assert_int_eq(tg_json_get_int(copy, "s", -1), -1);
	ck_assert(tg_json_get_bool(copy, "t", false));
	ck_assert(!tg_json_get_bool(copy, "f", true));
	ck_assert(tg_json_get_bool(copy, "i", true));
	ck_assert_uint_eq(tg_json_len(copy), 6);
	a = tg_json_get(copy, "list");
	ck_assert_uint_eq(tg_json_len(a), 3);
	ck_assert_str_eq(tg_json_text(tg_json_at(a, 0)), "x");
	ck_assert_int_eq(tg_json_number(tg_json_at(a, 1)), -5);
	ck_assert_int_eq(tg_json_kind(tg_json_at(a, 2)), TG_JSON_NULL);
	ck_assert_ptr_null(tg_json_at(a, 3));
	ck_assert_ptr_null(tg_json_get(a, "x"));
	ck_assert_ptr_null(tg_json_at(copy, 0));
	ck_assert_str_eq(tg_json_text(a), "");
	ck_assert_int_eq(tg_json_number(a), 0);
	ck_assert_uint_eq(tg_json_len(tg_json_at(a, 0)), 0);
	tg_json_free(copy);
	tg_json_free(o);
	tg_json_free(NULL);
}
END_TEST

START_TEST(keys_come_in_the_order_of_insertion)
{
	static const char *const want[] = {"z", "a", "m"};
	struct tg_json *j = parsed("{\"z\":1,\"a\":2,\"m\":3}");
	void *iter;
	size_t i = 0;

	for (const char *k = tg_json_key_first(j, &iter); k != NULL;
	     k = tg_json_key_next(j, &iter))
		ck_assert_str_eq(k, want[i++]);
	ck_assert_uint_eq(i, 3);
	tg_json_free(j);
	j = tg_json_object();
	ck_assert_ptr_null(tg_json_key_first(j, &iter));
	tg_json_free(j);
}
END_TEST

START_TEST(a_failed_setter_says_so_and_keeps_nothing)
{
	struct tg_json *o = tg_json_object(), *a = tg_json_array();

	ck_assert_int_eq(tg_json_set(o, "k", NULL), -1);
	ck_assert_int_eq(tg_json_set_str(o, "k", NULL), -1);
	ck_assert_int_eq(tg_json_set_str(o, "k", "\xFF"), -1);
	ck_assert_int_eq(tg_json_set_sv(o, "k", TG_SV("a\0b")), -1);
	ck_assert_int_eq(tg_json_set_int(o, "\xFF", 1), -1);
	ck_assert_int_eq(tg_json_set_int(a, "k", 1), -1);
	ck_assert_int_eq(tg_json_set_int(NULL, "k", 1), -1);
	ck_assert_int_eq(tg_json_push_str(a, "\xC3"), -1);
	ck_assert_int_eq(tg_json_push_str(o, "x"), -1);
	ck_assert_int_eq(tg_json_push(NULL, tg_json_object()), -1);
	ck_assert_ptr_null(tg_json_ref(NULL));
	ck_assert_ptr_null(tg_json_copy(NULL));
	ck_assert_uint_eq(tg_json_len(o), 0);
	ck_assert_uint_eq(tg_json_len(a), 0);
	tg_json_free(o);
	tg_json_free(a);
}
END_TEST

static const struct {
	const char *text;
	enum tg_json_kind kind;
} kinds[] = {{"null", TG_JSON_NULL}, {"true", TG_JSON_BOOL},
    {"false", TG_JSON_BOOL}, {"1", TG_JSON_INT}, {"1.0", TG_JSON_REAL},
    {"\"\"", TG_JSON_STR}, {"[]", TG_JSON_ARRAY}, {"{}", TG_JSON_OBJECT}};

START_TEST(each_value_has_its_kind)
{
	struct tg_json *j = parsed(kinds[_i].text);

	ck_assert_int_eq(tg_json_kind(j), kinds[_i].kind);
	tg_json_free(j);
}
END_TEST

START_TEST(a_file_is_named_in_its_errors)
{
	char *dir = test_folder(), *path = tg_fs_join(dir, "m.json");
	struct tg_json *j = NULL;
	struct tg_err err;
	char want[200];

	ck_assert_int_eq(tg_json_load(&j, path, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_int_eq(
	    tg_fs_write(path, TG_SV("{}\n]\n"), 0600, TG_FS_NEW, &err), 0);
	ck_assert_int_eq(tg_json_load(&j, path, &err), -1);
	(void)snprintf(want, sizeof(want),
	    "%s:2:1: something follows the end of the document", path);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(
	    tg_fs_write(path, TG_SV("{}\n"), 0600, TG_FS_OVERWRITE, &err), 0);
	ck_assert_int_eq(tg_json_load(&j, path, &err), 0);
	tg_json_free(j);
	test_folder_remove(dir);
	free(path);
}
END_TEST

Suite *
json_suite(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("json");

	tcase_add_loop_test(t,
	    the_canonical_form_is_one_and_reads_back_to_itself, 0,
	    (int)TG_COUNT(canonicals));
	tcase_add_loop_test(t,
	    numbers_that_readers_may_differ_on_are_not_signed, 0,
	    (int)TG_COUNT(inexact));
	tcase_add_test(t, a_document_too_deep_is_not_signed);
	tcase_add_test(t, a_ceiling_too_low_adds_nothing);
	tcase_add_test(t, the_pretty_form_is_for_people);
	tcase_add_loop_test(t,
	    what_is_refused_is_named_by_its_place_and_not_repeated, 0,
	    (int)TG_COUNT(refused));
	tcase_add_test(t, a_raw_nul_a_great_depth_and_a_great_size_are_refused);
	tcase_add_test(t, a_document_is_built_and_looked_at);
	tcase_add_test(t, keys_come_in_the_order_of_insertion);
	tcase_add_test(t, a_failed_setter_says_so_and_keeps_nothing);
	tcase_add_loop_test(
	    t, each_value_has_its_kind, 0, (int)TG_COUNT(kinds));
	tcase_add_test(t, a_file_is_named_in_its_errors);
	suite_add_tcase(s, t);
	return s;
}
