#include "base/yaml.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/fs.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

START_TEST(a_document_becomes_nodes_with_positions)
{
	static const char text[] = "# a comment\n"
				   "a: NO\n"
				   "b: 'no'\n"
				   "list:\n"
				   "  - 012\n"
				   "  - {x: \"y\\n\"}\n"
				   "\xC3\xA9: t\n"
				   "block: |\n"
				   "  two\n"
				   "  lines\n"
				   "empty:\n";
	const struct tg_ynode *root, *n;
	struct tg_yaml *y = NULL;
	struct tg_err err;

	if (tg_yaml_parse(&y, tg_sv_of(text), "f.yaml", &err) < 0)
		ck_abort_msg("%s", err.text);
	root = tg_yaml_root(y);
	ck_assert_int_eq(root->kind, TG_Y_MAP);
	ck_assert_uint_eq(root->n, 6);
	n = tg_ynode_get(root, "a");
	ck_assert(tg_sv_is(n->text, "NO"));
	ck_assert(!n->quoted);
	ck_assert_uint_eq(n->line, 2);
	ck_assert_uint_eq(n->col, 4);
	ck_assert_uint_eq(n->key->col, 1);
	n = tg_ynode_get(root, "b");
	ck_assert(tg_sv_is(n->text, "no"));
	ck_assert(n->quoted);
	n = tg_ynode_get(root, "list");
	ck_assert_int_eq(n->kind, TG_Y_SEQ);
	ck_assert_uint_eq(n->n, 2);
	ck_assert(tg_sv_is(n->child->text, "012"));
	ck_assert_ptr_null(n->child->key);
	n = tg_ynode_get(n->child->next, "x");
	ck_assert(tg_sv_is(n->text, "y\n"));
	ck_assert_uint_eq(n->line, 6);
	ck_assert_uint_eq(n->col, 9);
	/* A column is a character, not a byte. */
	ck_assert_uint_eq(tg_ynode_get(root, "\xC3\xA9")->col, 4);
	n = tg_ynode_get(root, "block");
	ck_assert(tg_sv_is(n->text, "two\nlines\n"));
	ck_assert(n->quoted);
	n = tg_ynode_get(root, "empty");
	ck_assert(tg_sv_is(n->text, ""));
	ck_assert(!n->quoted);
	ck_assert_ptr_null(n->next);
	ck_assert_ptr_null(tg_ynode_get(root, "absent"));
	ck_assert_ptr_null(tg_ynode_get(n, "x"));
	ck_assert_ptr_null(tg_ynode_get(NULL, "x"));
	ck_assert_str_eq(tg_yaml_name(y), "f.yaml");
	ck_assert(tg_sv_is(tg_yaml_text(y), text));
	tg_yaml_free(y);
	tg_yaml_free(NULL);
}
END_TEST

static const char *const empties[] = {
    "", "\n", "# only\n", "---\n", "---\n...\n"};

START_TEST(an_empty_document_has_no_root)
{
	struct tg_yaml *y = NULL;
	struct tg_err err;

	if (tg_yaml_parse(&y, tg_sv_of(empties[_i]), "f", &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_ptr_null(tg_yaml_root(y));
	tg_yaml_free(y);
}
END_TEST

#define DEEP_24 "[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]"

static const struct {
	const char *text, *want;
} refused[] = {
    {"a: &x 1\n", "f:1:4: anchors are not allowed"},
    {"a: &x [1]\n", "f:1:4: anchors are not allowed"},
    {"&x a: 1\n", "f:1:1: anchors are not allowed"},
    {"a: *x\n", "f:1:4: aliases are not allowed"},
    {"- *x\n", "f:1:3: aliases are not allowed"},
    {"a: !!str 1\n", "f:1:4: tags are not allowed"},
    {"a: !x {b: 1}\n", "f:1:4: tags are not allowed"},
    {"a: !!seq [1]\n", "f:1:4: tags are not allowed"},
    {"a: ! 1\n", "f:1:4: tags are not allowed"},
    {"a:\n  <<: {b: 1}\n", "f:2:3: merge keys (<<) are not allowed"},
    {"a: 1\nb: 2\na: 3\n", "f:3:1: the key stands twice, first in line 1"},
    {"a: 1\n'a': 3\n", "f:2:1: the key stands twice, first in line 1"},
    {"{a: 1, b: 2, a: 3}", "f:1:14: the key stands twice, first in line 1"},
    {"x:\n  c: 1\n  b: 1\n  b: 2\n  c: 2\n",
	"f:4:3: the key stands twice, first in line 3"},
    {"? [a]\n: 1\n", "f:1:3: a key must be plain text"},
    {"{a: 1}: 1\n", "f:1:1: a key must be plain text"},
    {"a: 1\n---\nb: 2\n", "f:2:1: a second document is not allowed"},
    {"%YAML 1.1\n---\na: 1\n", "f:1:1: directives are not allowed"},
    {"%TAG ! tag:x,2026:\n---\na: 1\n", "f:1:1: directives are not allowed"},
    {"[" DEEP_24 "]", "f:1:25: more than 24 levels deep"},
    {"a: \"x\\0y\"\n", "f:1:4: NUL in a text is not allowed"},
    {"a: b: c\n", "f:1:5: mapping values are not allowed in this context"},
    {"a: [1\n", "f:2:1: did not find expected ',' or ']'"},
    {"\ta: 1\n", "f:1:1: found character that cannot start any token"},
    {"a: \"x\n", "f:2:1: found unexpected end of stream"},
    {"a: 1\nb: \xC3\xA9\xFF\n", "f:2:5: not UTF-8"},
    {"a: \x01\n", "f:1:1: control characters are not allowed"},
};

START_TEST(what_the_subset_does_not_have_is_refused_with_its_place)
{
	struct tg_yaml *y = NULL;
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_int_eq(
	    tg_yaml_parse(&y, tg_sv_of(refused[_i].text), "f", &err), -1);
	ck_assert_str_eq(err.text, refused[_i].want);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_null(y);
	ck_assert_int_eq(
	    tg_yaml_parse(&y, tg_sv_of(refused[_i].text), "f", NULL), -1);
}
END_TEST

START_TEST(a_nul_byte_does_not_end_the_document_early)
{
	static const char text[] = "a: 1\n\0b: *x\n";
	static const char utf16[] = "\xFF\xFE"
				    "a\0:\0 \0";
	struct tg_yaml *y = NULL;
	struct tg_err err;

	ck_assert_int_eq(tg_yaml_parse(&y,
			     (struct tg_sv){text, sizeof(text) - 1}, "f", &err),
	    -1);
	ck_assert_str_eq(err.text, "f:2:1: a NUL byte");
	ck_assert_int_eq(
	    tg_yaml_parse(
		&y, (struct tg_sv){utf16, sizeof(utf16) - 1}, "f", &err),
	    -1);
	ck_assert_str_eq(err.text, "f:1:1: not UTF-8");
}
END_TEST

START_TEST(a_byte_order_mark_and_carriage_returns_are_fine)
{
	static const char text[] = "\xEF\xBB\xBF"
				   "a: 1\r\nb:\r\n  - x\r\n";
	const struct tg_ynode *root;
	struct tg_yaml *y = NULL;

	ck_assert_int_eq(tg_yaml_parse(&y, tg_sv_of(text), "f", NULL), 0);
	root = tg_yaml_root(y);
	ck_assert(tg_sv_is(root->child->text, "1"));
	ck_assert_uint_eq(root->child->key->col, 1);
	ck_assert(tg_sv_is(tg_ynode_get(root, "b")->child->text, "x"));
	ck_assert_uint_eq(tg_ynode_get(root, "b")->child->line, 3);
	ck_assert(tg_sv_is(tg_yaml_text(y), text));
	tg_yaml_free(y);
}
END_TEST

START_TEST(twenty_four_levels_are_fine)
{
	struct tg_yaml *y = NULL;

	ck_assert_int_eq(tg_yaml_parse(&y, TG_SV(DEEP_24), "f", NULL), 0);
	tg_yaml_free(y);
}
END_TEST

START_TEST(size_and_number_of_entries_are_capped)
{
	struct tg_yaml *y = NULL;
	struct tg_err err;
	struct tg_buf b;

	tg_buf_init(&b, TG_YAML_MAX + 1);
	ck_assert_int_eq(tg_buf_addc(&b, '[', &err), 0);
	while (b.n < TG_YAML_MAX - 1)
		ck_assert_int_eq(tg_buf_adds(&b, "a,", &err), 0);
	ck_assert_int_eq(tg_buf_addc(&b, ']', &err), 0);
	ck_assert_uint_eq(b.n, TG_YAML_MAX);
	ck_assert_int_eq(tg_yaml_parse(&y, tg_buf_sv(&b), "f", &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "more than 262144 entries"));
	ck_assert_int_eq(tg_buf_addc(&b, '\n', &err), 0);
	ck_assert_int_eq(tg_yaml_parse(&y, tg_buf_sv(&b), "f", &err), -1);
	ck_assert_str_eq(err.text, "f:1:1: larger than 1048576 bytes");
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(a_map_of_many_keys_is_read_in_order)
{
	const struct tg_ynode *e;
	struct tg_yaml *y = NULL;
	struct tg_err err;
	struct tg_buf b;
	size_t i = 0;

	tg_buf_init(&b, TG_YAML_MAX);
	for (i = 0; i < 60000; i++)
		ck_assert_int_eq(
		    tg_buf_addf(&b, &err, "k%zu: v%zu\n", 60000 - i, i), 0);
	if (tg_yaml_parse(&y, tg_buf_sv(&b), "f", &err) < 0)
		ck_abort_msg("%s", err.text);
	i = 0;
	for (e = tg_yaml_root(y)->child; e != NULL; e = e->next, i++)
		if (e->line != i + 1)
			ck_abort_msg("entry %zu in line %u", i, e->line);
	ck_assert_uint_eq(i, 60000);
	tg_yaml_free(y);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(a_file_is_named_in_its_errors)
{
	char *dir = test_folder(), *path = tg_fs_join(dir, "p.yaml");
	struct tg_yaml *y = NULL;
	struct tg_err err;
	char want[200];

	ck_assert_int_eq(tg_yaml_load(&y, path, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_int_eq(tg_fs_write(path, TG_SV("a:\n - b\n - *c\n"), 0600,
			     TG_FS_NEW, &err),
	    0);
	ck_assert_int_eq(tg_yaml_load(&y, path, &err), -1);
	(void)snprintf(
	    want, sizeof(want), "%s:3:4: aliases are not allowed", path);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(
	    tg_fs_write(path, TG_SV("a: 1\n"), 0600, TG_FS_OVERWRITE, &err), 0);
	ck_assert_int_eq(tg_yaml_load(&y, path, &err), 0);
	tg_yaml_fail(y, tg_ynode_get(tg_yaml_root(y), "a"), &err, "not %d", 2);
	(void)snprintf(want, sizeof(want), "%s:1:4: not 2", path);
	ck_assert_str_eq(err.text, want);
	tg_yaml_fail(y, NULL, &err, "x");
	(void)snprintf(want, sizeof(want), "%s: x", path);
	ck_assert_str_eq(err.text, want);
	tg_yaml_free(y);
	test_folder_remove(dir);
	free(path);
}
END_TEST

static const char *const words[] = {"retention", "regions", "region", "redact",
    "on", "off", "purpose", "sample_rate", NULL};

static const struct {
	const char *word, *want;
} nears[] = {
    {"retention", "retention"},
    {"retenton", "retention"},
    {"rteention", "retention"},
    {"retenshun", "retention"},
    {"regoin", "region"},
    {"regionss", "regions"},
    {"no", "on"},
    {"sampel_rate", "sample_rate"},
    {"samplerates", "sample_rate"},
    {"xx", NULL},
    {"", NULL},
    {"q", NULL},
    {"banana", NULL},
};

START_TEST(the_nearest_word_is_proposed_or_none)
{
	const char *const got = tg_nearest(tg_sv_of(nears[_i].word), words);

	if (nears[_i].want == NULL)
		ck_assert_ptr_null(got);
	else
		ck_assert_pstr_eq(got, nears[_i].want);
}
END_TEST

START_TEST(a_very_long_word_has_no_nearest)
{
	static const char *const longs[] = {
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "a",
	    NULL};

	ck_assert_ptr_null(tg_nearest(tg_sv_of(longs[0]), words));
	ck_assert_ptr_null(tg_nearest(TG_SV("aaa"), longs));
	ck_assert_ptr_null(tg_nearest(tg_sv_of(longs[0]), longs));
}
END_TEST

Suite *
yaml_suite(void)
{
	Suite *s = suite_create("yaml");
	TCase *t = tcase_create("yaml");

	tcase_add_test(t, a_document_becomes_nodes_with_positions);
	tcase_add_loop_test(
	    t, an_empty_document_has_no_root, 0, (int)TG_COUNT(empties));
	tcase_add_loop_test(t,
	    what_the_subset_does_not_have_is_refused_with_its_place, 0,
	    (int)TG_COUNT(refused));
	tcase_add_test(t, a_nul_byte_does_not_end_the_document_early);
	tcase_add_test(t, a_byte_order_mark_and_carriage_returns_are_fine);
	tcase_add_test(t, twenty_four_levels_are_fine);
	tcase_add_test(t, size_and_number_of_entries_are_capped);
	tcase_add_test(t, a_map_of_many_keys_is_read_in_order);
	tcase_add_test(t, a_file_is_named_in_its_errors);
	tcase_add_loop_test(
	    t, the_nearest_word_is_proposed_or_none, 0, (int)TG_COUNT(nears));
	tcase_add_test(t, a_very_long_word_has_no_nearest);
	suite_add_tcase(s, t);
	return s;
}
