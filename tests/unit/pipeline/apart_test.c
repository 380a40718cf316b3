#include "pipeline/apart.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

Suite *apart_suite(void);

/* keys/, link -> keys; nothing else is there. */
static const struct {
	const char *a, *b;
	bool apart;
} rows[] = {
    {"keys", "sent", true},
    {"keys", "keys", false},
    {"keys", "keys/sent", false},
    {"keys", ".", false},
    {"keys", "keys2", true},
    {"keys", "link", false},
    {"keys", "link/deep/er", false},
    {"keys/", "keys//x", false},
    {"keys", "sent/../keys", false},
    {"keys", "sent/..keys", true},
};

START_TEST(a_folder_is_apart_from_what_it_does_not_hold)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct scratch s;
	char *keys, *link;

	scratch_init(&s);
	keys = tg_fs_join(s.dir, "keys");
	link = tg_fs_join(s.dir, "link");
	OK(tg_fs_mkdirs(keys, 0700, &err));
	ck_assert_int_eq(symlink("keys", link), 0);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char *a = tg_fs_join(s.dir, rows[i].a);
		char *b = tg_fs_join(s.dir, rows[i].b);
		bool out = !rows[i].apart, back = out;

		OK(tg_apart(&out, a, b, &err));
		OK(tg_apart(&back, b, a, &err));
		ck_assert_msg(out == rows[i].apart && back == out, "%s %s",
		    rows[i].a, rows[i].b);
		free(a);
		free(b);
	}
	free(keys);
	free(link);
	scratch_deinit(&s);
}
END_TEST

Suite *
apart_suite(void)
{
	Suite *s = suite_create("pipeline/apart");
	TCase *t = tcase_create("folders");

	tcase_add_test(t, a_folder_is_apart_from_what_it_does_not_hold);
	suite_add_tcase(s, t);
	return s;
}
