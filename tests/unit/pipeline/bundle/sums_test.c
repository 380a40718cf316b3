#include "pipeline/bundle/sums.h"

#include <stdio.h>

#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

#define HEX0 "0000000000000000000000000000000000000000000000000000000000000000"

START_TEST(sums_are_sorted_and_read_back)
{
	const struct tg_sum in[] = {{TG_SV("manifest.json"), {1}},
	    {TG_SV("VERIFY.txt"), {2}}, {TG_SV("evidence/a.html"), {3}}};
	struct tg_sums out = {0};
	struct tg_arena arena;
	struct tg_err err = {0};
	struct tg_buf text;

	tg_buf_init(&text, TG_SUMS_BYTES);
	tg_arena_init(&arena, 1 << 20);
	ck_assert_int_eq(tg_sums_add(&text, in, 3, &err), 0);
	ck_assert_msg(tg_sums_read(&out, tg_buf_sv(&text), &arena, &err) == 0,
	    "%s", err.text);
	ck_assert_uint_eq(out.n, 3);
	ck_assert(tg_sv_is(out.sum[0].name, "VERIFY.txt"));
	ck_assert(tg_sv_is(out.sum[1].name, "evidence/a.html"));
	ck_assert(tg_sv_is(out.sum[2].name, "manifest.json"));
	ck_assert_mem_eq(out.sum[1].sha256, in[2].sha256, TG_SHA256_LEN);
	tg_buf_deinit(&text);
	tg_arena_deinit(&arena);
}
END_TEST

static const char *const bad_texts[] = {"", "\n", HEX0, HEX0 "  a", HEX0 "  \n",
    HEX0 " a\n", HEX0 " *a\n", HEX0 "  a\r\n",
    "A000000000000000000000000000000000000000000000000000000000000000  a\n",
    "g000000000000000000000000000000000000000000000000000000000000000  a\n",
    "00  a\n", HEX0 "  a\n\n", HEX0 "  a\n" HEX0 "  a\n",
    HEX0 "  b\n" HEX0 "  a\n", HEX0 "  ../a\n", HEX0 "  /a\n",
    HEX0 "  other/a\n", HEX0 "  evidence/../a\n", HEX0 "  evidence/\n",
    HEX0 "  SHA256SUMS\n", HEX0 "  a b\n", "\\" HEX0 "  a\n"};

START_TEST(sums_of_another_form_are_refused)
{
	struct tg_sums out = {NULL, 9};
	struct tg_arena arena;
	struct tg_err err = {0};

	tg_arena_init(&arena, 1 << 20);
	ck_assert_int_eq(
	    tg_sums_read(&out, tg_sv_of(bad_texts[_i]), &arena, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	ck_assert_uint_eq(out.n, 9);
	tg_arena_deinit(&arena);
}
END_TEST

static const char *const bad_names[] = {
    "", "a/b", "../a", "SHA256SUMS", "/a", "evidence", "a\nb"};

START_TEST(sums_of_a_name_outside_the_bundle_are_not_written)
{
	const struct tg_sum in[] = {
	    {tg_sv_of(bad_names[_i]), {0}}, {TG_SV("b"), {0}}};
	const struct tg_sum twice[] = {{TG_SV("b"), {0}}, {TG_SV("b"), {1}}};
	struct tg_err err = {0};
	struct tg_buf text;

	tg_buf_init(&text, TG_SUMS_BYTES);
	/* "evidence" is a name; the folder of that name never is. */
	ck_assert_int_eq(tg_sums_add(&text, in, 2, &err),
	    strcmp(bad_names[_i], "evidence") == 0 ? 0 : -1);
	ck_assert_int_eq(tg_sums_add(&text, twice, 2, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	tg_buf_deinit(&text);
}
END_TEST

START_TEST(sums_are_what_sha256sum_checks_and_writes)
{
	static const char *const names[] = {"b", "a.json", "evidence/c.md"};
	char *const dir = aid_dir();
	struct tg_sum in[3];
	struct tg_buf text, theirs;

	if (!aid_have("sha256sum", "sums_are_what_sha256sum_checks"))
		goto out;
	ck_assert_int_eq(aid_sh(dir, NULL, "mkdir evidence"), 0);
	for (size_t i = 0; i < 3; i++) {
		aid_write(aid_path(dir, names[i]), names[i], i + 1);
		in[i].name = tg_sv_of(names[i]);
		ck_assert_int_eq(
		    tg_sha256_bytes(in[i].sha256, names[i], i + 1, NULL), 0);
	}
	tg_buf_init(&text, TG_SUMS_BYTES);
	ck_assert_int_eq(tg_sums_add(&text, in, 3, NULL), 0);
	aid_write(aid_path(dir, TG_SUMS_FILE), text.p, text.n);
	ck_assert_int_eq(
	    aid_sh(dir, NULL, "sha256sum --strict -c SHA256SUMS"), 0);
	ck_assert_int_eq(
	    aid_sh(dir, aid_path(dir, "t"), "sha256sum a.json b evidence/c.md"),
	    0);
	aid_slurp(&theirs, aid_path(dir, "t"));
	ck_assert_str_eq(theirs.p, text.p);
	aid_write(aid_path(dir, "b"), "c", 1);
	ck_assert_int_ne(
	    aid_sh(dir, NULL, "sha256sum --strict -c SHA256SUMS"), 0);
	tg_buf_deinit(&text);
	tg_buf_deinit(&theirs);
out:
	aid_dir_free(dir);
}
END_TEST

Suite *
sums_suite(void)
{
	Suite *const s = suite_create("sums");
	TCase *const t = tcase_create("sums");

	tcase_add_test(t, sums_are_sorted_and_read_back);
	tcase_add_loop_test(
	    t, sums_of_another_form_are_refused, 0, (int)TG_COUNT(bad_texts));
	tcase_add_loop_test(t,
	    sums_of_a_name_outside_the_bundle_are_not_written, 0,
	    (int)TG_COUNT(bad_names));
	tcase_add_test(t, sums_are_what_sha256sum_checks_and_writes);
	suite_add_tcase(s, t);
	return s;
}
