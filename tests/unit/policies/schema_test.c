#include "policies/schema.h"

#include <check.h>

#include "policies/country.h"

#include "base/banned.h"

Suite *schema_suite(void);

START_TEST(rows_stand_once_and_are_whole)
{
	ck_assert_uint_gt(tg_schema_count(), 100);
	for (size_t i = 0; i < tg_schema_count(); i++) {
		const struct tg_schema_row *a = tg_schema_at(i);
		const bool words =
		    a->type == TG_PT_BOOL || a->type == TG_PT_WORD;

		ck_assert_int_eq(a->pattern[0], '/');
		ck_assert_uint_lt(strlen(a->pattern), TG_SCHEMA_PATH / 2);
		ck_assert_int_eq(a->words != NULL, words);
		if (a->type == TG_PT_INT)
			ck_assert_uint_lt(a->lo, a->hi);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(a->pattern, tg_schema_at(k)->pattern);
	}
}
END_TEST

/* No number of the table passes 2^53, the end of exact JSON numbers. */
START_TEST(whole_numbers_fit_json)
{
	for (size_t i = 0; i < tg_schema_count(); i++)
		ck_assert_uint_lt(tg_schema_at(i)->hi, UINT64_C(1) << 53);
}
END_TEST

static const struct {
	const char *path;
	enum tg_schema_is is;
	const char *pattern;
} finds[] = {
    {"", TG_SCHEMA_MAP, NULL},
    {"/limits", TG_SCHEMA_MAP, NULL},
    {"/limits/on_exceed", TG_SCHEMA_LEAF, "/limits/on_exceed"},
    {"/limits/on_exceed/x", TG_SCHEMA_UNKNOWN, NULL},
    {"/limit", TG_SCHEMA_UNKNOWN, NULL},
    {"/redaction/detectors/EMAIL/action", TG_SCHEMA_LEAF,
	"/redaction/detectors/{TYPE}/action"},
    {"/redaction/detectors/email/action", TG_SCHEMA_UNKNOWN, NULL},
    {"/redaction/detectors/EMAIL", TG_SCHEMA_MAP, NULL},
    {"/transfers/origins/FR/mechanisms/@EEA", TG_SCHEMA_LEAF,
	"/transfers/origins/{CC}/mechanisms/{place}"},
    {"/transfers/origins/FR/mechanisms/NO", TG_SCHEMA_LEAF,
	"/transfers/origins/{CC}/mechanisms/{place}"},
    {"/transfers/origins/UK", TG_SCHEMA_UNKNOWN, NULL},
    {"/anonymisation/claims/EU", TG_SCHEMA_UNKNOWN, NULL},
    {"/transfers/origins/FR/mechanism_checks/A46-2-c", TG_SCHEMA_LEAF,
	"/transfers/origins/{CC}/mechanism_checks/{tool}"},
};

START_TEST(path_is_leaf_map_or_unknown)
{
	const struct tg_schema_row *row = NULL;

	ck_assert_int_eq(
	    tg_schema_find(&row, tg_sv_of(finds[_i].path)), finds[_i].is);
	if (finds[_i].is == TG_SCHEMA_LEAF)
		ck_assert_str_eq(row->pattern, finds[_i].pattern);
}
END_TEST

START_TEST(keys_below_a_path)
{
	struct tg_schema_keys keys;

	tg_schema_keys(&keys, TG_SV("/limits"));
	ck_assert_uint_eq(keys.n, 3);
	ck_assert_str_eq(keys.wild, "");
	ck_assert_ptr_null(keys.word[3]);
	tg_schema_keys(&keys, TG_SV("/redaction/detectors"));
	ck_assert_uint_eq(keys.n, 0);
	ck_assert_str_eq(keys.wild, "TYPE");
	tg_schema_keys(&keys, TG_SV(""));
	ck_assert_uint_gt(keys.n, 10);
}
END_TEST

START_TEST(norway_is_a_country_and_uk_is_none)
{
	ck_assert(tg_country_known(TG_SV("NO")));
	ck_assert(tg_country_known(TG_SV("AD")));
	ck_assert(tg_country_known(TG_SV("ZW")));
	ck_assert(!tg_country_known(TG_SV("UK")));
	ck_assert(!tg_country_known(TG_SV("EU")));
	ck_assert(!tg_country_known(TG_SV("no")));
	/* Two letters across the border of two codes of the table. */
	ck_assert(!tg_country_known(TG_SV("DA")));
	ck_assert(!tg_country_known(TG_SV("")));
}
END_TEST

Suite *
schema_suite(void)
{
	Suite *s = suite_create("policies/schema");
	TCase *t = tcase_create("schema");

	tcase_add_test(t, rows_stand_once_and_are_whole);
	tcase_add_test(t, whole_numbers_fit_json);
	tcase_add_loop_test(
	    t, path_is_leaf_map_or_unknown, 0, (int)TG_COUNT(finds));
	tcase_add_test(t, keys_below_a_path);
	tcase_add_test(t, norway_is_a_country_and_uk_is_none);
	suite_add_tcase(s, t);
	return s;
}
