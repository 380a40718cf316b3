/* Dictionaries: what is added is found; official files become dictionaries;
 * a dictionary with a defect is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "redactors/dict_file.h"
#include "redactors/dict_import.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define FILE_MAX (1u << 16)

static struct tg_sv
sv(const char *s)
{
	return (struct tg_sv){s, strlen(s)};
}

static uint16_t
flags_of(const struct tg_dict *d, const char *word)
{
	char folded[TG_DICT_WORD];

	ck_assert(tg_dict_fold(folded, sv(word)));
	return tg_dict_flags(d, tg_dict_print(folded));
}

static const char insee[] = "\xef\xbb\xbfsexe;preusuel;annais;nombre\r\n"
			    "1;_PRENOMS_RARES;1900;1249\r\n"
			    "1;YSALIN;1900;60\r\n1;YSALIN;XXXX;30\r\n"
			    "2;\xc3\x89LOUENE;1999;100\r\n2;YSALIN;1999;10\r\n"
			    "2;RUBIJA;1999;99\r\n2;Z;1999;300\r\n";
static const char census[] =
    "name,rank,count,prop100k,cum_prop100k,pctwhite\n"
    "QUILLERAC,1,2442977,828.19,828.19,70.9\nOBRECQ,2,99,0.1,828.2,(S)\n"
    "ALL OTHER NAMES,0,29312001,9936.97,9936.97,66.65\n";
static const char ssa[] = "Ysalin,F,7065\nRubija,M,4\n";
static const char ons[] = "Baby names, England and Wales,,\n\nRank,Name,Count\n"
			  "1,Ysalin,\"4,525\"\n2,Rubija,3\n3,Elouene,[x]\n";

static const struct {
	const char *kind, *text;
	size_t words, rows, left, rare;
	uint16_t flags;
	const char *has, *lacks;
} good[] = {
    {"insee-given", insee, 2, 5, 2, 1, TG_DICT_GIVEN, "Elouene", "Rubija"},
    {"census-surnames", census, 1, 2, 1, 1, TG_DICT_SURNAME, "Quillerac",
	"Obrecq"},
    {"ssa-given", ssa, 1, 2, 0, 1, TG_DICT_GIVEN, "Ysalin", "Rubija"},
    {"ons-given", ons, 2, 2, 1, 0, TG_DICT_GIVEN, "Rubija", "Elouene"},
};

START_TEST(an_official_file_becomes_a_dictionary)
{
	struct tg_buf out, again;
	struct tg_import done;
	struct tg_err err;
	struct tg_dict *d = NULL;

	tg_err_clear(&err);
	tg_buf_init(&out, FILE_MAX);
	tg_buf_init(&again, FILE_MAX);
	ck_assert_msg(tg_dict_import(&out, &done, good[_i].kind, 0,
			  sv(good[_i].text), "f.csv", &err) == 0,
	    "%s", err.text);
	ck_assert_uint_eq(done.words, good[_i].words);
	ck_assert_uint_eq(done.rows, good[_i].rows);
	ck_assert_uint_eq(done.left, good[_i].left);
	ck_assert_uint_eq(done.rare, good[_i].rare);
	ck_assert_int_eq(tg_dict_import(&again, &done, good[_i].kind, 0,
			     sv(good[_i].text), "other.csv", &err),
	    0);
	ck_assert_uint_eq(out.n, again.n);
	ck_assert_mem_eq(out.p, again.p, out.n);
	/* No name stands in it. */
	ck_assert_ptr_null(
	    memmem(out.p, out.n, good[_i].has, strlen(good[_i].has)));

	ck_assert_int_eq(tg_dict_new(&d, &err), 0);
	ck_assert_int_eq(tg_dict_file_add(d, tg_buf_sv(&out), &err), 0);
	ck_assert_int_eq(tg_dict_ready(d, &err), 0);
	ck_assert_uint_eq(tg_dict_count(d), good[_i].words);
	ck_assert_uint_eq(flags_of(d, good[_i].has), good[_i].flags);
	ck_assert_uint_eq(flags_of(d, good[_i].lacks), 0);
	tg_dict_free(d);
	tg_buf_deinit(&out);
	tg_buf_deinit(&again);
}
END_TEST

START_TEST(the_least_number_of_bearers_may_be_asked_for)
{
	struct tg_buf out;
	struct tg_import done;
	struct tg_err err;

	tg_err_clear(&err);
	tg_buf_init(&out, FILE_MAX);
	ck_assert_int_eq(
	    tg_dict_import(&out, &done, "ssa-given", 4, sv(ssa), "f", &err), 0);
	ck_assert_uint_eq(done.words, 2);
	tg_buf_deinit(&out);
}
END_TEST

static const struct {
	const char *kind, *text, *want;
} bad[] = {
    {"insee", "",
	"kind 'insee': insee-given, census-surnames, ssa-given or "
	"ons-given expected"},
    {"ssa-given", "", "f: no name with a count"},
    {"ssa-given", "Rubija,M,4\n", "f: no name with enough bearers"},
    {"ssa-given", "Rubija,M\n", "f:1:1: another number of columns than before"},
    {"ssa-given", "Rubija,M,5\nRubija,M,5,6\n",
	"f:2:1: another number of columns than before"},
    {"ssa-given", "Rubija,M,five\n", "f:1:10: not a count"},
    {"ssa-given", "Rubija,M,5000000000\n", "f:1:10: not a count"},
    {"ssa-given", "Rubija,M,-5\n", "f:1:10: not a count"},
    {"ssa-given", ",M,5\n", "f:1:1: no name"},
    {"ssa-given", "Rub\xffja,M,5\n", "f:1:1: not UTF-8"},
    {"ssa-given", "\"Rubija,M,5\n", "f:1:1: a quote is not closed"},
    {"ssa-given", "\"Rubija\"x,M,5\n", "f:1:9: more behind the quote"},
    {"ssa-given",
	"Rubijarubijarubijarubijarubijarubijarubijarubijarubijarubijarubija,"
	"M,5\n",
	"f:1:1: a name too long"},
    {"insee-given", "sexe,preusuel,annais,nombre\n1,A,1,1\n",
	"f:1:1: these are not the headings of this kind of file"},
    {"census-surnames", "name,rank\nQUILL,1\n",
	"f:1:1: these are not the headings of this kind of file"},
};

START_TEST(a_file_of_another_layout_is_refused)
{
	struct tg_buf out;
	struct tg_import done;
	struct tg_err err;

	tg_err_clear(&err);
	tg_buf_init(&out, FILE_MAX);
	ck_assert_int_lt(tg_dict_import(&out, &done, bad[_i].kind, 0,
			     sv(bad[_i].text), "f", &err),
	    0);
	ck_assert_str_eq(err.text, bad[_i].want);
	ck_assert_uint_eq(out.n, 0);
	tg_buf_deinit(&out);
}
END_TEST

static int
load(struct tg_sv file)
{
	struct tg_dict *d = NULL;
	struct tg_err err;
	int rc;

	tg_err_clear(&err);
	ck_assert_int_eq(tg_dict_new(&d, &err), 0);
	rc = tg_dict_file_add(d, file, &err);
	tg_dict_free(d);
	return rc == 0 ? 0 : err.cls == TG_E_CONFIG ? -1 : -2;
}

START_TEST(a_dictionary_with_any_byte_changed_is_refused)
{
	struct tg_buf out;
	struct tg_import done;
	size_t wrong = 0;

	tg_buf_init(&out, FILE_MAX);
	ck_assert_int_eq(
	    tg_dict_import(&out, &done, "insee-given", 0, sv(insee), "f", NULL),
	    0);
	ck_assert_int_eq(load(tg_buf_sv(&out)), 0);
	for (size_t i = 0; i < out.n; i++) {
		out.p[i] = (char)(out.p[i] ^ 1);
		wrong += load(tg_buf_sv(&out)) != -1;
		out.p[i] = (char)(out.p[i] ^ 1);
		wrong += load((struct tg_sv){out.p, i}) != -1;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_int_eq(tg_buf_addc(&out, 'x', NULL), 0);
	ck_assert_int_eq(load(tg_buf_sv(&out)), -1);
	tg_buf_deinit(&out);
}
END_TEST

/* Defects under a digest that is right. */
static const struct {
	uint16_t flags;
	const char *kind;
	uint64_t print[3];
	size_t n;
} defects[] = {{TG_DICT_COMMON, "a", {1, 2, 3}, 3},
    {TG_DICT_GIVEN | TG_DICT_SURNAME, "a", {1, 2, 3}, 3},
    {TG_DICT_GIVEN, "", {1, 2, 3}, 3}, {TG_DICT_GIVEN, "A", {1, 2, 3}, 3},
    {TG_DICT_GIVEN, "a", {1, 3, 2}, 3}, {TG_DICT_GIVEN, "a", {1, 2, 2}, 3},
    {TG_DICT_GIVEN, "a", {0, 1, 2}, 3}, {TG_DICT_GIVEN, "a", {0, 0, 0}, 0}};

START_TEST(a_dictionary_with_a_defect_is_refused)
{
	static const uint8_t source[32];
	struct tg_buf out;

	tg_buf_init(&out, FILE_MAX);
	ck_assert_int_eq(
	    tg_dict_file_make(&out, defects[_i].flags, defects[_i].kind, source,
		defects[_i].print, defects[_i].n, NULL),
	    0);
	ck_assert_int_eq(load(tg_buf_sv(&out)), -1);
	tg_buf_deinit(&out);
}
END_TEST

static void
write_file(const char *dir, const char *name, struct tg_sv bytes)
{
	char *path = tg_fs_join(dir, name);

	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(
	    tg_fs_write(path, bytes, 0600, TG_FS_OVERWRITE, NULL), 0);
	free(path);
}

START_TEST(a_folder_is_read_with_its_binary_dictionaries)
{
	char dir[] = "/tmp/tg-dict-XXXXXX";
	struct tg_buf out, digests;
	struct tg_import done;
	struct tg_dict *d = NULL;
	struct tg_err err;

	tg_err_clear(&err);
	tg_buf_init(&out, FILE_MAX);
	tg_buf_init(&digests, FILE_MAX);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(tg_dict_new(&d, &err), 0);
	ck_assert_int_lt(tg_dict_load(d, dir, &digests, &err), 0);
	tg_err_clear(&err);
	ck_assert_int_eq(
	    tg_dict_import(&out, &done, "ssa-given", 0, sv(ssa), "f", &err), 0);
	write_file(dir, "ssa.tgd", tg_buf_sv(&out));
	write_file(dir, "towns.txt", sv("# a\nSaint Obrecq\nQuillerac\n"));
	write_file(dir, "notes.md", sv("\xff"));
	ck_assert_msg(
	    tg_dict_load(d, dir, &digests, &err) == 0, "%s", err.text);
	ck_assert_int_eq(tg_dict_ready(d, &err), 0);
	ck_assert_uint_eq(flags_of(d, "YSALIN"), TG_DICT_GIVEN);
	ck_assert_uint_eq(flags_of(d, "quillerac"), TG_DICT_TOWN);
	ck_assert_uint_eq(flags_of(d, "Saint Obrecq"), TG_DICT_TOWN);
	ck_assert_uint_eq(flags_of(d, "saint"), TG_DICT_TOWN_HEAD);
	ck_assert_ptr_nonnull(memmem(digests.p, digests.n, "  ssa.tgd\n", 10));
	tg_dict_free(d);

	out.p[20] = (char)(out.p[20] ^ 1);
	write_file(dir, "ssa.tgd", tg_buf_sv(&out));
	ck_assert_int_eq(tg_dict_new(&d, &err), 0);
	ck_assert_int_lt(tg_dict_load(d, dir, &digests, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "ssa.tgd: byte "));
	tg_dict_free(d);
	ck_assert_int_eq(tg_fs_remove_tree(dir, NULL), 0);
	tg_buf_deinit(&out);
	tg_buf_deinit(&digests);
}
END_TEST

Suite *dict_suite(void);
Suite *
dict_suite(void)
{
	Suite *s = suite_create("dict");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
	    t, an_official_file_becomes_a_dictionary, 0, (int)TG_COUNT(good));
	tcase_add_test(t, the_least_number_of_bearers_may_be_asked_for);
	tcase_add_loop_test(
	    t, a_file_of_another_layout_is_refused, 0, (int)TG_COUNT(bad));
	tcase_add_test(t, a_dictionary_with_any_byte_changed_is_refused);
	tcase_add_loop_test(t, a_dictionary_with_a_defect_is_refused, 0,
	    (int)TG_COUNT(defects));
	tcase_add_test(t, a_folder_is_read_with_its_binary_dictionaries);
	suite_add_tcase(s, t);
	return s;
}
