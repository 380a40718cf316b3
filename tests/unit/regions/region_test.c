#include "regions/region.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"

#include "base/banned.h"

Suite *region_suite(void);

static char shipped_dir[512], own[64];

static void
setup(void)
{
	const char *root = getenv("TG_ROOT");

	ck_assert_ptr_nonnull(root);
	(void)snprintf(shipped_dir, sizeof(shipped_dir), "%s/regions", root);
	(void)snprintf(own, sizeof(own), "/tmp/tracegate-regions-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(own));
}

static void
teardown(void)
{
	struct tg_err err = {0};

	ck_assert_int_eq(tg_fs_remove_tree(own, &err), 0);
}

static void
put(const char *folder, const char *text)
{
	char path[256];
	struct tg_err err = {0};

	(void)snprintf(path, sizeof(path), "%s/%s", own, folder);
	ck_assert_int_eq(tg_fs_mkdirs(path, 0700, &err), 0);
	if (text == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s/policy.yaml", own, folder);
	ck_assert_msg(
	    tg_fs_write(path, tg_sv_of(text), 0600, TG_FS_NEW, &err) == 0, "%s",
	    err.text);
}

START_TEST(shipped_regions_and_their_countries)
{
	struct tg_regions r;
	struct tg_err err = {0};
	const char *path;

	ck_assert_msg(
	    tg_regions_load(&r, shipped_dir, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(r.n, 3);
	ck_assert_str_eq(r.region[0].code, "fr");
	ck_assert_str_eq(r.region[1].code, "uk");
	ck_assert_str_eq(r.region[2].code, "us");
	ck_assert_str_eq(
	    tg_regions_by_jurisdiction(&r, TG_SV("GB"))->code, "uk");
	ck_assert_str_eq(
	    tg_regions_by_jurisdiction(&r, TG_SV("FR"))->code, "fr");
	ck_assert_str_eq(
	    tg_regions_by_jurisdiction(&r, TG_SV("US"))->code, "us");
	ck_assert_ptr_null(tg_regions_by_jurisdiction(&r, TG_SV("DE")));
	ck_assert_str_eq(
	    tg_regions_find(&r, TG_SV("uk"), &err)->jurisdiction, "GB");
	path = tg_regions_path(&r, "uk", "controls.yaml", &r.mem);
	ck_assert_ptr_nonnull(path);
	ck_assert(tg_fs_exists(path));
	tg_regions_free(&r);
}
END_TEST

START_TEST(an_unknown_code_names_those_there_are)
{
	struct tg_regions r;
	char want[600];
	struct tg_err err = {0};

	ck_assert_int_eq(tg_regions_load(&r, shipped_dir, &err), 0);
	ck_assert_ptr_null(tg_regions_find(&r, TG_SV("uks"), &err));
	(void)snprintf(want, sizeof(want),
	    "no region 'uks' in %s (did you mean 'uk'?); there are: fr, uk, us",
	    shipped_dir);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	tg_regions_free(&r);
}
END_TEST

START_TEST(a_new_folder_is_a_new_region)
{
	struct tg_regions r;
	struct tg_err err = {0};

	put("de", "jurisdiction: DE\n");
	put("notes", NULL);
	ck_assert_msg(tg_regions_load(&r, own, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(r.n, 1);
	ck_assert_str_eq(r.region[0].jurisdiction, "DE");
	tg_regions_free(&r);
}
END_TEST

static const struct {
	const char *folder, *text, *want;
} faults[] = {
    {"de", "id: de\n",
	"/de/policy.yaml:1:1: the key 'jurisdiction' (a country "
	"code) is missing"},
    {"de", "jurisdiction: [DE]\n",
	"/de/policy.yaml:1:15: the key 'jurisdiction' (a country code) is "
	"missing"},
    {"de", "",
	"/de/policy.yaml:1:1: the key 'jurisdiction' (a country code) is "
	"missing"},
    {"DE", "jurisdiction: DE\n",
	"/DE/policy.yaml: a region's folder is named [a-z][a-z0-9_-]*"},
    {"notes", NULL, ": no region in it (<code>/policy.yaml)"},
    {"de", "a: {\n", NULL},
};

START_TEST(a_bad_folder_is_refused)
{
	struct tg_regions r;
	char want[600];
	struct tg_err err = {0};

	put(faults[_i].folder, faults[_i].text);
	ck_assert_int_eq(tg_regions_load(&r, own, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	if (faults[_i].want == NULL)
		return;
	(void)snprintf(want, sizeof(want), "%s%s", own, faults[_i].want);
	ck_assert_str_eq(err.text, want);
}
END_TEST

START_TEST(no_folder_at_all)
{
	struct tg_regions r;
	struct tg_err err = {0};

	ck_assert_int_eq(tg_regions_load(&r, "/nonexistent", &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_str_eq(err.text, "/nonexistent: no such folder of regions");
}
END_TEST

Suite *
region_suite(void)
{
	Suite *s = suite_create("regions/region");
	TCase *t = tcase_create("region");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, shipped_regions_and_their_countries);
	tcase_add_test(t, an_unknown_code_names_those_there_are);
	tcase_add_test(t, a_new_folder_is_a_new_region);
	tcase_add_loop_test(
	    t, a_bad_folder_is_refused, 0, (int)TG_COUNT(faults));
	tcase_add_test(t, no_folder_at_all);
	suite_add_tcase(s, t);
	return s;
}
