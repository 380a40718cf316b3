/* honour_test.c - each leaf of the schema has somebody who makes it true, and
 * the file that is named reads it. */
#include "policies/honour.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "policies/schema.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *honour_suite(void);

static size_t
rows_of(const char *pattern)
{
	const struct tg_honour *h;
	size_t n = 0;

	for (size_t i = 0; (h = tg_honour_at(i)) != NULL; i++)
		n += strcmp(h->pattern, pattern) == 0;
	return n;
}

START_TEST(each_leaf_has_one_row_and_no_row_is_of_none)
{
	size_t n = 0;

	for (size_t i = 0; i < tg_schema_count(); i++) {
		const char *pattern = tg_schema_at(i)->pattern;

		ck_assert_msg(rows_of(pattern) == 1, "%s: %zu rows", pattern,
		    rows_of(pattern));
		ck_assert_ptr_nonnull(tg_honour_find(pattern));
	}
	while (tg_honour_at(n) != NULL)
		n++;
	ck_assert_uint_eq(n, tg_schema_count());
	ck_assert_ptr_null(tg_honour_find("/no/such/leaf"));
}
END_TEST

/* The last name of a pattern that is no key of a map: "roles" of
 * "/approvals/standing/roles/{id}". */
static void
last_name(char out[TG_SCHEMA_NAME], const char *pattern)
{
	const char *end = pattern + strlen(pattern), *s;

	do {
		for (s = end; s[-1] != '/'; s--)
			;
		(void)snprintf(out, TG_SCHEMA_NAME, "%.*s", (int)(end - s), s);
		end = s - 1;
	} while (out[0] == '{');
}

static bool
word_byte(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* @word between quotes or slashes: as a name in a path, or of its own. */
static bool
names(const char *text, const char *word)
{
	const size_t n = strlen(word);

	for (const char *s = strstr(text, word); s != NULL;
	     s = strstr(s + 1, word))
		if ((s[-1] == '/' || s[-1] == '"') && !word_byte(s[n]))
			return true;
	return false;
}

/* Who enforces has a file that names the leaf; who does not says why. */
START_TEST(the_file_that_is_named_reads_the_leaf)
{
	const struct tg_honour *h;
	struct tg_buf text;
	struct tg_err err = {.cls = TG_E_NONE};

	tg_buf_init(&text, 1u << 20);
	for (size_t i = 0; (h = tg_honour_at(i)) != NULL; i++) {
		const bool reads = h->by != TG_HONOUR_LABEL &&
		    h->by != TG_HONOUR_ALWAYS && h->by != TG_HONOUR_NOBODY;
		const bool why = h->by == TG_HONOUR_ALWAYS ||
		    h->by == TG_HONOUR_NOBODY || h->by == TG_HONOUR_EVIDENCE;
		char word[TG_SCHEMA_NAME];

		ck_assert_msg(!reads || h->file[0] != '\0', "%s", h->pattern);
		ck_assert_msg(!why || h->note_en[0] != '\0', "%s", h->pattern);
		ck_assert_msg(
		    (h->note_en[0] == '\0') == (h->note_fr[0] == '\0'), "%s",
		    h->pattern);
		if (h->file[0] == '\0')
			continue;
		tg_buf_reset(&text);
		ck_assert_msg(
		    tg_fs_slurp(&text, root_path(h->file), NULL, &err) == 0,
		    "%s: %s", h->pattern, err.text);
		last_name(word, h->pattern);
		ck_assert_msg(names(text.p, word), "%s does not read %s (%s)",
		    h->file, h->pattern, word);
	}
	tg_buf_deinit(&text);
}
END_TEST

START_TEST(it_is_said_in_both_languages)
{
	static const struct {
		const char *leaf;
		bool french;
		const char *said;
	} rows[] = {
	    {"/recipient_clauses", false, "a job is refused before it begins"},
	    {"/recipient_clauses", true,
		"un travail est refusé avant de commencer"},
	    {"/anonymisation/unkeyed_hash", false,
		"so in every run, whatever the line says: no operator hashes "
		"without a key"},
	    {"/anonymisation/unkeyed_hash", true,
		"toujours ainsi, quoi que dise la ligne\u202f: aucun opérateur "
		"ne hache sans clé"},
	};
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_buf said;

	tg_buf_init(&said, 4096);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		tg_buf_reset(&said);
		ck_assert_int_eq(
		    tg_honour_say(&said, tg_honour_find(rows[i].leaf),
			rows[i].french, &err),
		    0);
		ck_assert_str_eq(said.p, rows[i].said);
	}
	tg_buf_deinit(&said);
}
END_TEST

Suite *
honour_suite(void)
{
	Suite *s = suite_create("policies/honour");
	TCase *t = tcase_create("table");

	tcase_add_test(t, each_leaf_has_one_row_and_no_row_is_of_none);
	tcase_add_test(t, the_file_that_is_named_reads_the_leaf);
	tcase_add_test(t, it_is_said_in_both_languages);
	suite_add_tcase(s, t);
	return s;
}
