#include "regions/wording.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

Suite *wording_suite(void);

static const struct {
	const char *region, *key; /* a sentence it must have */
} rows[] = {
    {"uk", "claim.pseudonymised"},
    {"uk", "art28.h"},
    {"fr", "claim.anonymised"},
    {"fr", "wp29"},
    {"fr", "dpf"},
    {"us", "claim.deidentified_ccpa"},
    {"us", "dsp"},
};

static void
load(struct tg_wording *w, const char *region)
{
	struct tg_err err = {0};
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/regions/%s/wording.yaml",
	    getenv("TG_ROOT"), region);
	ck_assert_msg(tg_wording_load(w, path, &err) == 0, "%s", err.text);
}

START_TEST(a_region_has_its_sentences_in_both_languages)
{
	struct tg_wording w;

	load(&w, rows[_i].region);
	ck_assert_ptr_nonnull(tg_wording_find(&w, rows[_i].key, "en"));
	ck_assert_ptr_nonnull(tg_wording_find(&w, rows[_i].key, "fr"));
	ck_assert_ptr_null(tg_wording_find(&w, rows[_i].key, "de"));
	ck_assert_ptr_null(tg_wording_find(&w, "no.such", "en"));
	tg_wording_free(&w);
}
END_TEST

/* What stands in braces is filled in by the report: the same in both. */
static void
braces(char out[256], const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		if (*s == '{')
			while (*s != '\0' && n < 255) {
				out[n++] = *s;
				if (*s++ == '}')
					break;
			}
	out[n] = '\0';
}

START_TEST(french_is_set_as_french)
{
	static const char *const regions[] = {"uk", "fr", "us"};
	struct tg_wording w;
	size_t n = 0;

	load(&w, regions[_i]);
	for (const struct tg_ynode *e = w.sentences->child; e != NULL;
	     e = e->next) {
		const char *en = tg_wording_find(&w, e->key->text.p, "en");
		const char *fr = tg_wording_find(&w, e->key->text.p, "fr");
		char a[256], b[256];

		braces(a, en);
		braces(b, fr);
		ck_assert_msg(strcmp(a, b) == 0, "%s", e->key->text.p);
		/* A plain space before the double signs is not French. */
		ck_assert_msg(strstr(fr, " ;") == NULL &&
			strstr(fr, " :") == NULL && strstr(fr, " ?") == NULL &&
			strstr(fr, " !") == NULL,
		    "%s", e->key->text.p);
		n++;
	}
	ck_assert_uint_gt(n, 4);
	tg_wording_free(&w);
}
END_TEST

Suite *
wording_suite(void)
{
	Suite *s = suite_create("regions/wording");
	TCase *t = tcase_create("wording");

	tcase_add_loop_test(t, a_region_has_its_sentences_in_both_languages, 0,
	    (int)TG_COUNT(rows));
	tcase_add_loop_test(t, french_is_set_as_french, 0, 3);
	suite_add_tcase(s, t);
	return s;
}
