/*
 * golden_test.c - the whole pack of the made-up export, byte for byte, without
 * a policy at hand (so that the shipped policies may change).
 *
 * To renew golden/ after a wanted change:  TG_REGEN=1 make unit-report
 * It writes the files and fails; look at the difference, then run again.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/fs.h"
#include "report/doc.h"
#include "tests/unit/report/fixture.h"

Suite *golden_suite(void);

static const char *const name[] = {"evidence.json", "evidence.en.html",
    "evidence.fr.html", "evidence.en.md", "evidence.fr.md"};

START_TEST(the_pack_is_the_golden_one)
{
	struct tg_buf got, want;
	struct tg_json *model;
	struct fixture f;
	char below[128];

	fixture_open(&f);
	model = fixture_model(&f, "awaiting-decision");
	fixture_write(&f, model);
	tg_buf_init(&got, TG_DOC_MAX);
	tg_buf_init(&want, TG_DOC_MAX);
	slurp(&got, f.dir, name[_i]);
	(void)snprintf(
	    below, sizeof(below), "tests/unit/report/golden/%s", name[_i]);
	if (getenv("TG_REGEN") != NULL) {
		ck_assert_int_eq(tg_fs_write(root_path(below), tg_buf_sv(&got),
				     0644, TG_FS_OVERWRITE, NULL),
		    0);
		ck_abort_msg("%s written anew", below);
	}
	slurp(&want, root_path("tests/unit/report/golden"), name[_i]);
	ck_assert_msg(tg_sv_eq(tg_buf_sv(&got), tg_buf_sv(&want)),
	    "%s differs: diff it with %s/%s", below, f.dir, name[_i]);
	tg_buf_deinit(&got);
	tg_buf_deinit(&want);
	tg_json_free(model);
	fixture_close(&f);
}
END_TEST

Suite *
golden_suite(void)
{
	Suite *s = suite_create("report/golden");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(
	    c, the_pack_is_the_golden_one, 0, (int)TG_COUNT(name));
	suite_add_tcase(s, c);
	return s;
}
