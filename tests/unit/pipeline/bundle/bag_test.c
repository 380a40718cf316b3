#include "pipeline/bundle/bag.h"

#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

static const struct tg_bag_entry two[] = {
    {{"data/a", 6}, 3, {1}}, {{"data/b", 6}, 40, {2}}};
static const struct tg_seal_info info[] = {
    {"External-Identifier", "tg-uk-1"}, {"Region", "UK"}};

START_TEST(bag_texts_are_those_of_rfc_8493)
{
	struct tg_bag b;
	struct tg_err err = {0};

	tg_bag_init(&b);
	ck_assert_msg(
	    tg_bag_make(&b, two, 2, info, 2, &err) == 0, "%s", err.text);
	ck_assert_str_eq(b.bagit.p,
	    "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
	ck_assert_str_eq(b.info.p,
	    "External-Identifier: tg-uk-1\nRegion: UK\nPayload-Oxum: 43.2\n");
	ck_assert_str_eq(b.manifest.p,
	    "0100000000000000000000000000000000000000000000000000000000000000"
	    "  data/a\n"
	    "0200000000000000000000000000000000000000000000000000000000000000"
	    "  data/b\n");
	ck_assert_ptr_nonnull(strstr(b.tagmanifest.p, "  bag-info.txt\n"));
	ck_assert_ptr_nonnull(strstr(b.tagmanifest.p, "  bagit.txt\n"));
	ck_assert_ptr_nonnull(
	    strstr(b.tagmanifest.p, "  manifest-sha256.txt\n"));
	ck_assert_int_eq(tg_bag_check(&b, two, 2, &err), 0);
	tg_bag_deinit(&b);
}
END_TEST

static const struct {
	const char *a, *b;
} bad_pairs[] = {{"data/b", "data/a"}, {"data/a", "data/a"},
    {"data/a", "other/b"}, {"data/a", "data/../b"}, {"data/a", "data/"},
    {"data/a", "data/b c"}, {"a", "data/b"}, {"data/a", "data/-b"}};

START_TEST(bag_with_other_names_is_refused)
{
	const struct tg_bag_entry e[] = {{tg_sv_of(bad_pairs[_i].a), 0, {0}},
	    {tg_sv_of(bad_pairs[_i].b), 0, {0}}};
	struct tg_bag b;
	struct tg_err err = {0};

	tg_bag_init(&b);
	ck_assert_int_eq(tg_bag_make(&b, e, 2, NULL, 0, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_int_eq(tg_bag_make(&b, e, 0, NULL, 0, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	tg_bag_deinit(&b);
}
END_TEST

static const struct tg_seal_info bad_info[] = {{"", "x"}, {"a:b", "x"},
    {"a", ""}, {"a", "x\ny"}, {"a\n", "x"}, {"Payload-Oxum", "1.1"},
    {" a", "x"}, {"a", "\xff"}, {"a", "\x01"}};

START_TEST(bag_info_that_is_no_line_is_refused)
{
	struct tg_bag b;
	struct tg_err err = {0};

	tg_bag_init(&b);
	ck_assert_int_eq(tg_bag_make(&b, two, 2, &bad_info[_i], 1, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	tg_bag_deinit(&b);
}
END_TEST

/* A tag file that does not say what is there. */
START_TEST(bag_check_finds_every_changed_byte)
{
	struct tg_bag b;
	struct tg_err err = {0};
	struct tg_bag_entry less[2] = {two[0], two[1]};

	tg_bag_init(&b);
	ck_assert_int_eq(tg_bag_make(&b, two, 2, info, 2, NULL), 0);
	for (unsigned f = 0; f < 4; f++) {
		struct tg_buf *const text = (struct tg_buf *[]){
		    &b.info, &b.bagit, &b.manifest, &b.tagmanifest}[f];

		for (size_t i = 0; i < text->n; i++) {
			text->p[i] ^= 1;
			ck_assert_int_eq(tg_bag_check(&b, two, 2, &err), -1);
			ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
			text->p[i] ^= 1;
		}
		text->n--;
		ck_assert_int_eq(tg_bag_check(&b, two, 2, &err), -1);
		text->n++;
	}
	ck_assert_int_eq(tg_bag_check(&b, two, 2, &err), 0);
	ck_assert_int_eq(tg_bag_check(&b, two, 1, &err), -1);
	less[1].size--;
	ck_assert_int_eq(tg_bag_check(&b, less, 2, &err), -1);
	less[0].name = TG_SV("data/c");
	ck_assert_int_eq(tg_bag_check(&b, less, 2, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	tg_bag_deinit(&b);
}
END_TEST

Suite *
bag_suite(void)
{
	Suite *const s = suite_create("bag");
	TCase *const t = tcase_create("bag");

	tcase_add_test(t, bag_texts_are_those_of_rfc_8493);
	tcase_add_loop_test(
	    t, bag_with_other_names_is_refused, 0, (int)TG_COUNT(bad_pairs));
	tcase_add_loop_test(
	    t, bag_info_that_is_no_line_is_refused, 0, (int)TG_COUNT(bad_info));
	tcase_add_test(t, bag_check_finds_every_changed_byte);
	suite_add_tcase(s, t);
	return s;
}
