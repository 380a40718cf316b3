#include <check.h>
#include <string.h>

#include "pipeline/ledger/checkpoint.h"
#include "pipeline/ledger/note.h"
#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

Suite *note_suite(void);

/* c2sp.org/signed-note, its example of a verifier key and of a note. */
static const char spec_vkey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char spec_note[] =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/* golang.org/x/mod/sumdb/note, ExampleSign and its second signature. */
static const char go_skey[] = "PRIVATE+KEY+PeterNeumann+c74f20a3+"
			      "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char go_vkey[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char go_text[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
static const char go_line[] =
    "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNI"
    "uGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
static const char go_second[] =
    "\xe2\x80\x94 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2ti"
    "OHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

START_TEST(the_example_of_the_specification_verifies)
{
	struct tg_note_pub pub;
	char again[TG_NOTE_VKEY_MAX];
	struct tg_err err;
	struct tg_sv text;

	OK(tg_note_pub(&pub, tg_sv_of(spec_vkey), &err));
	ck_assert_str_eq(pub.name, "example.com/foo");
	ck_assert_mem_eq(pub.id, "\x53\x0d\x90\x3a", 4);
	tg_note_vkey(again, &pub);
	ck_assert_str_eq(again, spec_vkey);
	OK(tg_note_open(&text, &pub, tg_sv_of(spec_note), &err));
	ck_assert(tg_sv_is(text, "This is an example message.\n"));
}
END_TEST

START_TEST(the_signing_key_of_go_signs_the_same_bytes)
{
	struct tg_note_key *k = NULL;
	char vkey[TG_NOTE_VKEY_MAX], want[1024];
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 4096);
	OK(tg_note_key(&k, tg_sv_of(go_skey), &err));
	tg_note_vkey(vkey, tg_note_public(k));
	ck_assert_str_eq(vkey, go_vkey);
	OK(tg_note_sign(&b, k, tg_sv_of(go_text), &err));
	(void)snprintf(want, sizeof(want), "%s\n%s", go_text, go_line);
	ck_assert(tg_sv_is(tg_buf_sv(&b), want));
	tg_buf_reset(&b);
	OK(tg_note_skey(&b, k, &err));
	ck_assert(tg_sv_is(tg_buf_sv(&b), go_skey));
	tg_note_key_free(k);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(lines_of_other_keys_are_passed_over)
{
	struct tg_note_pub peter, spec;
	struct tg_err err;
	struct tg_sv text;
	char note[1024];

	OK(tg_note_pub(&peter, tg_sv_of(go_vkey), &err));
	OK(tg_note_pub(&spec, tg_sv_of(spec_vkey), &err));
	(void)snprintf(
	    note, sizeof(note), "%s\n%s%s", go_text, go_second, go_line);
	OK(tg_note_open(&text, &peter, tg_sv_of(note), &err));
	ck_assert(tg_sv_is(text, go_text));
	FAILS(tg_note_open(&text, &spec, tg_sv_of(note), &err), TG_E_INTEGRITY);
}
END_TEST

START_TEST(a_key_has_one_spelling)
{
	static const char *const bad[] = {"", "+", "a", "a+b+c",
	    /* upper case, wrong hash, wrong algorithm, a tail bit, a space,
	     * a plus in the name, cut, longer */
	    "example.com/foo+530D903A+"
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/foo+530d903b+"
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/fop+530d903a+"
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "PeterNeumann+173116ae+"
	    "ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	    "example.com/foo+530d903a+"
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ",
	    " example.com/foo+530d903a+"
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com+foo+530d903a+"
	    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
	    "LDE4izWy10TWBADKEY=="};
	struct tg_note_key *k = NULL;
	struct tg_note_pub pub;
	struct tg_err err;

	for (size_t i = 0; i < TG_COUNT(bad); i++)
		FAILS(tg_note_pub(&pub, tg_sv_of(bad[i]), &err), TG_E_KEY);
	FAILS(tg_note_key(&k, tg_sv_of(go_vkey), &err), TG_E_KEY);
	FAILS(tg_note_key(&k, TG_SV("PRIVATE+KEY+"), &err), TG_E_KEY);
	FAILS(tg_note_key(&k,
		  TG_SV("PRIVATE+KEY+PeterNeumann+c74f20a4+"
			"AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"),
		  &err),
	    TG_E_KEY);
	ck_assert_ptr_null(k);
}
END_TEST

START_TEST(no_bit_of_a_note_may_change)
{
	char note[sizeof(spec_note)];
	struct tg_note_pub pub;
	struct tg_err err;
	struct tg_sv text;

	OK(tg_note_pub(&pub, tg_sv_of(spec_vkey), &err));
	for (size_t bit = 0; bit < (sizeof(spec_note) - 1) * 8; bit++) {
		memcpy(note, spec_note, sizeof(note));
		note[bit / 8] = (char)(note[bit / 8] ^ 1 << bit % 8);
		FAILS(tg_note_open(&text, &pub,
			  (struct tg_sv){note, sizeof(note) - 1}, &err),
		    TG_E_INTEGRITY);
	}
	for (size_t n = 0; n < sizeof(spec_note) - 1; n++)
		FAILS(tg_note_open(
			  &text, &pub, (struct tg_sv){spec_note, n}, &err),
		    TG_E_INTEGRITY);
}
END_TEST

START_TEST(a_note_with_a_bad_line_is_refused_whole)
{
	static const char *const tail[] = {"x\n", "\n", "\xe2\x80\x94 a b\n",
	    "\xe2\x80\x94 a AAAA\n", "\xe2\x80\x94  AAAAAAAA\n",
	    "\xe2\x80\x94 a+b AAAAAAAA\n",
	    "\xe2\x80\x94 a AAAAAAA=", "\xe2\x80\x94 a AAAAAAB=\n"};
	struct tg_note_pub pub;
	struct tg_err err;
	struct tg_sv text;
	char note[1024];

	OK(tg_note_pub(&pub, tg_sv_of(spec_vkey), &err));
	for (size_t i = 0; i < TG_COUNT(tail); i++) {
		(void)snprintf(note, sizeof(note), "%s%s", spec_note, tail[i]);
		FAILS(tg_note_open(&text, &pub, tg_sv_of(note), &err),
		    TG_E_INTEGRITY);
	}
}
END_TEST

START_TEST(a_note_with_too_many_lines_is_refused)
{
	struct tg_note_pub pub;
	struct tg_err err;
	struct tg_sv text;
	struct tg_buf b;

	tg_buf_init(&b, TG_NOTE_MAX);
	OK(tg_note_pub(&pub, tg_sv_of(spec_vkey), &err));
	OK(tg_buf_adds(&b, spec_note, &err));
	for (int i = 1; i < TG_NOTE_SIGS; i++)
		OK(tg_buf_adds(&b, "\xe2\x80\x94 a AAAAAAA=\n", &err));
	OK(tg_note_open(&text, &pub, tg_buf_sv(&b), &err));
	OK(tg_buf_adds(&b, "\xe2\x80\x94 a AAAAAAA=\n", &err));
	FAILS(tg_note_open(&text, &pub, tg_buf_sv(&b), &err), TG_E_INTEGRITY);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(only_clean_text_is_signed)
{
	static const struct tg_sv bad[] = {{"", 0}, {"a", 1}, {"a\tb\n", 4},
	    {"a\0\n", 3}, {"\xff\n", 2}, {"a\r\n", 3}};
	struct tg_note_key *k = NULL;
	struct tg_err err;
	struct tg_buf b;

	tg_buf_init(&b, 4096);
	OK(tg_note_key(&k, tg_sv_of(go_skey), &err));
	for (size_t i = 0; i < TG_COUNT(bad); i++)
		FAILS(tg_note_sign(&b, k, bad[i], &err), TG_E_BUG);
	ck_assert_uint_eq(b.n, 0);
	tg_note_key_free(k);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(a_checkpoint_has_one_spelling)
{
	static const char root[] =
	    "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=";
	static const struct {
		const char *fmt;
		bool ok;
	} row[] = {{"a.example/x\n1\n%s\n", true},
	    {"a.example/x\n0\n%s\n", true}, {"a.example/x\n01\n%s\n", false},
	    {"a.example/x\n-1\n%s\n", false}, {"a.example/x\n1 \n%s\n", false},
	    {"a.example/x\n\n%s\n", false}, {"\n1\n%s\n", false},
	    {"a b\n1\n%s\n", false}, {"a.example/x\n1\n%s\nextension\n", false},
	    {"a.example/x\n1\n%s", false}, {"a.example/x\n1\n%sA\n", false},
	    {"a.example/x\n281474976710657\n%s\n", false},
	    {"a.example/x\n18446744073709551617\n%s\n", false}};
	struct tg_checkpoint c;
	struct tg_err err;
	struct tg_buf b;
	char text[256];

	tg_buf_init(&b, 4096);
	for (size_t i = 0; i < TG_COUNT(row); i++) {
		const char *at = strstr(row[i].fmt, "%s");

		(void)snprintf(text, sizeof(text), "%.*s%s%s",
		    (int)(at - row[i].fmt), row[i].fmt, root, at + 2);
		if (!row[i].ok) {
			FAILS(tg_checkpoint_parse(&c, tg_sv_of(text), &err),
			    TG_E_INTEGRITY);
			continue;
		}
		OK(tg_checkpoint_parse(&c, tg_sv_of(text), &err));
		tg_buf_reset(&b);
		OK(tg_checkpoint_text(&b, &c, &err));
		ck_assert(tg_sv_is(tg_buf_sv(&b), text));
	}
	tg_buf_deinit(&b);
}
END_TEST

Suite *
note_suite(void)
{
	Suite *s = suite_create("note");
	TCase *c = tcase_create("note");

	tcase_add_test(c, the_example_of_the_specification_verifies);
	tcase_add_test(c, the_signing_key_of_go_signs_the_same_bytes);
	tcase_add_test(c, lines_of_other_keys_are_passed_over);
	tcase_add_test(c, a_key_has_one_spelling);
	tcase_add_test(c, no_bit_of_a_note_may_change);
	tcase_add_test(c, a_note_with_a_bad_line_is_refused_whole);
	tcase_add_test(c, a_note_with_too_many_lines_is_refused);
	tcase_add_test(c, only_clean_text_is_signed);
	tcase_add_test(c, a_checkpoint_has_one_spelling);
	suite_add_tcase(s, c);
	return s;
}
