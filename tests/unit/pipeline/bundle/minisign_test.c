#include "pipeline/bundle/minisign.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

#define MIB (UINT64_C(1) << 20)
#define COMMENT "tracegate/1 export bundle=tg-uk-1 sha256=00ff"

static const struct tg_sv no_pass = {NULL, 0};

static struct tg_minisign_key *
new_key(const char *dir, struct tg_sv pass)
{
	struct tg_minisign_key *k;
	struct tg_err err = {0};

	ck_assert_msg(tg_minisign_keygen(aid_path(dir, "k.key"),
			  aid_path(dir, "k.pub"), pass, 16 * MIB, &err) == 0,
	    "%s", err.text);
	ck_assert_msg(
	    tg_minisign_load(&k, aid_path(dir, "k.key"), pass, NULL, &err) == 0,
	    "%s", err.text);
	return k;
}

static void
sign(struct tg_buf *out, const struct tg_minisign_key *k, struct tg_sv bytes)
{
	tg_buf_init(out, AID_MAX);
	ck_assert_int_eq(tg_minisign_sign(out, k, bytes, COMMENT, NULL), 0);
}

START_TEST(minisign_signature_verifies_and_gives_the_comment)
{
	char *const dir = aid_dir();
	struct tg_minisign_key *const k = new_key(dir, no_pass);
	const struct tg_minisign_pub *const pub = tg_minisign_public(k);
	struct tg_buf sig, trusted, again;
	struct tg_err err = {0};
	uint8_t id[8];

	sign(&sig, k, TG_SV("the bytes"));
	sign(&again, k, TG_SV("the bytes"));
	ck_assert_str_eq(sig.p, again.p); /* deterministic */
	tg_buf_init(&trusted, 1000);
	ck_assert_int_eq(tg_minisign_verify(pub, TG_SV("the bytes"),
			     tg_buf_sv(&sig), &trusted, &err),
	    0);
	ck_assert_str_eq(trusted.p, COMMENT);
	ck_assert_int_eq(tg_minisign_sig_id(id, tg_buf_sv(&sig), NULL), 0);
	ck_assert_mem_eq(id, pub->id, sizeof id);
	tg_buf_reset(&trusted);
	ck_assert_int_eq(tg_minisign_verify(pub, TG_SV("the bytez"),
			     tg_buf_sv(&sig), &trusted, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	ck_assert_uint_eq(trusted.n, 0);
	tg_buf_deinit(&sig);
	tg_buf_deinit(&again);
	tg_buf_deinit(&trusted);
	tg_minisign_free(k);
	aid_dir_free(dir);
}
END_TEST

START_TEST(minisign_key_of_somebody_else_does_not_verify)
{
	char *const dir = aid_dir(), *const other = aid_dir();
	struct tg_minisign_key *const a = new_key(dir, no_pass);
	struct tg_minisign_key *const b = new_key(other, no_pass);
	struct tg_minisign_pub mixed = *tg_minisign_public(b);
	struct tg_err err = {0};
	struct tg_buf sig;

	sign(&sig, a, TG_SV("x"));
	ck_assert_int_eq(tg_minisign_verify(tg_minisign_public(b), TG_SV("x"),
			     tg_buf_sv(&sig), NULL, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	/* The key id is only a hint: the key itself decides. */
	memcpy(mixed.id, tg_minisign_public(a)->id, sizeof mixed.id);
	ck_assert_int_eq(
	    tg_minisign_verify(&mixed, TG_SV("x"), tg_buf_sv(&sig), NULL, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	tg_buf_deinit(&sig);
	tg_minisign_free(a);
	tg_minisign_free(b);
	aid_dir_free(dir);
	aid_dir_free(other);
}
END_TEST

/* Every bit outside the untrusted comment: the stock tool lets six through. */
START_TEST(minisign_no_flipped_bit_is_accepted)
{
	static const char prefix[] = "untrusted comment: ";
	char *const dir = aid_dir();
	struct tg_minisign_key *const k = new_key(dir, no_pass);
	struct tg_buf sig;
	size_t tried = 0;

	sign(&sig, k, TG_SV("x"));
	for (size_t bit = 0; bit < sig.n * 8; bit++) {
		const size_t at = bit / 8;
		const size_t line =
		    (size_t)((char *)memchr(sig.p, '\n', sig.n) - sig.p);

		if (at >= sizeof prefix - 1 && at < line)
			continue;
		sig.p[at] = (char)(sig.p[at] ^ (1 << bit % 8));
		ck_assert_msg(tg_minisign_verify(tg_minisign_public(k),
				  TG_SV("x"), tg_buf_sv(&sig), NULL, NULL) < 0,
		    "bit %zu", bit);
		sig.p[at] = (char)(sig.p[at] ^ (1 << bit % 8));
		tried++;
	}
	ck_assert_uint_gt(tried, 2000);
	ck_assert_int_eq(tg_minisign_verify(tg_minisign_public(k), TG_SV("x"),
			     tg_buf_sv(&sig), NULL, NULL),
	    0);
	for (size_t n = 0; n < sig.n; n++)
		ck_assert_int_lt(
		    tg_minisign_verify(tg_minisign_public(k), TG_SV("x"),
			(struct tg_sv){sig.p, n}, NULL, NULL),
		    0);
	ck_assert_int_eq(tg_buf_addc(&sig, '\n', NULL), 0);
	ck_assert_int_lt(tg_minisign_verify(tg_minisign_public(k), TG_SV("x"),
			     tg_buf_sv(&sig), NULL, NULL),
	    0);
	tg_buf_deinit(&sig);
	tg_minisign_free(k);
	aid_dir_free(dir);
}
END_TEST

static const char *const bad_comments[] = {
    "a\nb", "a\rb", "a\tb", "\x7f", "\x01", "\xff"};

START_TEST(minisign_trusted_comment_is_one_line_of_text)
{
	char *const dir = aid_dir();
	struct tg_minisign_key *const k = new_key(dir, no_pass);
	struct tg_buf sig;

	tg_buf_init(&sig, AID_MAX);
	ck_assert_int_eq(
	    tg_minisign_sign(&sig, k, TG_SV("x"), bad_comments[_i], NULL), -1);
	ck_assert_uint_eq(sig.n, 0);
	tg_buf_deinit(&sig);
	tg_minisign_free(k);
	aid_dir_free(dir);
}
END_TEST

/* Key files. */

START_TEST(minisign_passphrase_is_asked_for_and_checked)
{
	char *const dir = aid_dir();
	struct tg_minisign_key *k = new_key(dir, TG_SV("open sesame"));
	const char *const path = aid_path(dir, "k.key");
	struct tg_minisign_pub pub = *tg_minisign_public(k);
	struct tg_err err = {0};
	bool needs = false;
	struct stat st;

	tg_minisign_free(k);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(tg_minisign_load(&k, path, no_pass, &needs, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert(needs);
	ck_assert_int_eq(
	    tg_minisign_load(&k, path, TG_SV("open sesam"), &needs, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert(!needs);
	ck_assert_int_eq(
	    tg_minisign_load(&k, path, TG_SV("open sesame"), &needs, &err), 0);
	ck_assert_mem_eq(tg_minisign_public(k), &pub, sizeof pub);
	tg_minisign_free(k);
	/* Group or others may read it: refused. */
	ck_assert_int_eq(chmod(path, 0604), 0);
	ck_assert_int_eq(
	    tg_minisign_load(&k, path, TG_SV("open sesame"), &needs, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	aid_dir_free(dir);
}
END_TEST

START_TEST(minisign_keygen_never_replaces_a_key)
{
	char *const dir = aid_dir();
	struct tg_buf before, after;
	struct tg_err err = {0};

	tg_minisign_free(new_key(dir, no_pass));
	aid_slurp(&before, aid_path(dir, "k.key"));
	ck_assert_int_eq(tg_minisign_keygen(aid_path(dir, "k.key"),
			     aid_path(dir, "new.pub"), no_pass, 0, &err),
	    -1);
	ck_assert(!tg_fs_exists(aid_path(dir, "new.pub")));
	ck_assert_int_eq(tg_minisign_keygen(aid_path(dir, "new.key"),
			     aid_path(dir, "k.pub"), no_pass, 0, &err),
	    -1);
	ck_assert(!tg_fs_exists(aid_path(dir, "new.key")));
	aid_slurp(&after, aid_path(dir, "k.key"));
	ck_assert_str_eq(before.p, after.p);
	tg_buf_deinit(&before);
	tg_buf_deinit(&after);
	aid_dir_free(dir);
}
END_TEST

/* Every character of an unencrypted key file changed in one bit: refused, or
 * still the same key (comment, salt and limits are not part of it). */
START_TEST(minisign_damaged_key_file_is_refused)
{
	char *const dir = aid_dir();
	struct tg_minisign_key *const good = new_key(dir, no_pass);
	const char *const path = aid_path(dir, "k.key");
	struct tg_buf text;
	size_t refused = 0;

	aid_slurp(&text, path);
	for (size_t i = 0; i < text.n; i++) {
		struct tg_minisign_key *k;
		struct tg_err err = {0};

		text.p[i] ^= 1;
		aid_write(path, text.p, text.n);
		if (tg_minisign_load(&k, path, no_pass, NULL, &err) < 0) {
			ck_assert_int_eq(err.cls, TG_E_KEY);
			refused++;
		} else {
			ck_assert_mem_eq(tg_minisign_public(k),
			    tg_minisign_public(good),
			    sizeof(struct tg_minisign_pub));
			tg_minisign_free(k);
		}
		text.p[i] ^= 1;
	}
	/* id, secret key and checksum: 104 bytes are 139 characters. */
	ck_assert_uint_ge(refused, 139);
	tg_buf_deinit(&text);
	tg_minisign_free(good);
	aid_dir_free(dir);
}
END_TEST

#define PUB_TEXT "RWS6UCo604J0vB2xSz3KfnKp3ZDtJ3Zvjy/SE71SbhnJS+34O/YnyESW"

static const char *const bad_pubs[] = {
    "",
    "RW",
    "RWS6UCo604J0vB2xSz3KfnKp3ZDtJ3Zvjy/SE71SbhnJS+34O/YnyES",
    PUB_TEXT "A",
    "XWS6UCo604J0vB2xSz3KfnKp3ZDtJ3Zvjy/SE71SbhnJS+34O/YnyESW",
    " " PUB_TEXT,
    "comment\n" PUB_TEXT "\n",
    "untrusted comment: x\n" PUB_TEXT "\nmore",
};

START_TEST(minisign_other_text_is_no_public_key)
{
	struct tg_minisign_pub pub;
	struct tg_err err = {0};

	ck_assert_int_eq(
	    tg_minisign_pub(&pub, tg_sv_of(bad_pubs[_i]), &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
}
END_TEST

START_TEST(minisign_public_key_and_id_are_written_as_the_stock_tool_does)
{
	static const char str[] = PUB_TEXT;
	char out[TG_MINISIGN_PUB_STR], id[TG_MINISIGN_ID_HEX];
	struct tg_minisign_pub pub;

	ck_assert_int_eq(tg_minisign_pub(&pub, TG_SV(str), NULL), 0);
	tg_minisign_pub_str(out, &pub);
	ck_assert_str_eq(out, str);
	tg_minisign_id(id, &pub);
	ck_assert_str_eq(id, "BC7482D33A2A50BA");
	pub.id[7] = 0;
	tg_minisign_id(id, &pub);
	ck_assert_str_eq(id, "7482D33A2A50BA");
}
END_TEST

/* The stock program. */

static bool
have(const char *test)
{
	return aid_have("minisign", test);
}

START_TEST(minisign_program_accepts_ours_and_we_its)
{
	char *const dir = aid_dir();
	const char *const make[] = {
	    "minisign", "-G", "-W", "-p", "s.pub", "-s", "s.key", NULL};
	const char *const stock_sign[] = {"minisign", "-S", "-s", "s.key", "-m",
	    "msg", "-t", COMMENT, "-c", NULL, NULL};
	const char *const stock_verify[] = {
	    "minisign", "-V", "-p", "s.pub", "-m", "msg", NULL};
	const char *argv[TG_COUNT(stock_sign)];
	struct tg_minisign_key *k;
	struct tg_minisign_pub pub;
	struct tg_buf sig, theirs, text;
	struct tg_err err = {0};
	char comment[128];
	uint8_t msg[3000];

	if (!have("minisign_program_accepts_ours_and_we_its"))
		goto out;
	aid_fill(msg, sizeof msg, 11);
	aid_write(aid_path(dir, "msg"), msg, sizeof msg);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, make), 0);
	ck_assert_msg(tg_minisign_load(
			  &k, aid_path(dir, "s.key"), no_pass, NULL, &err) == 0,
	    "%s", err.text);
	aid_slurp(&text, aid_path(dir, "s.pub"));
	ck_assert_int_eq(tg_minisign_pub(&pub, tg_buf_sv(&text), NULL), 0);
	ck_assert_mem_eq(&pub, tg_minisign_public(k), sizeof pub);

	sign(&sig, k, (struct tg_sv){(const char *)msg, sizeof msg});
	aid_write(aid_path(dir, "msg.minisig"), sig.p, sig.n);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, stock_verify), 0);

	/* The same comments: the same bytes. */
	ck_assert_int_eq(
	    sscanf(sig.p, "untrusted comment: %127[^\n]", comment), 1);
	memcpy(argv, stock_sign, sizeof argv);
	argv[9] = comment;
	ck_assert_int_eq(aid_run(dir, NULL, NULL, argv), 0);
	aid_slurp(&theirs, aid_path(dir, "msg.minisig"));
	ck_assert_uint_eq(theirs.n, sig.n);
	ck_assert_mem_eq(theirs.p, sig.p, sig.n);
	tg_buf_deinit(&theirs);

	/* Its own default comments (the trusted one has a tab). */
	argv[6] = NULL;
	ck_assert_int_eq(aid_run(dir, NULL, NULL, argv), 0);
	aid_slurp(&theirs, aid_path(dir, "msg.minisig"));
	ck_assert_msg(tg_minisign_verify(&pub,
			  (struct tg_sv){(const char *)msg, sizeof msg},
			  tg_buf_sv(&theirs), NULL, &err) == 0,
	    "%s", err.text);
	tg_buf_deinit(&theirs);
	tg_buf_deinit(&sig);
	tg_buf_deinit(&text);
	tg_minisign_free(k);
out:
	aid_dir_free(dir);
}
END_TEST

START_TEST(minisign_legacy_signature_of_the_program_is_refused)
{
	char *const dir = aid_dir();
	const char *const legacy[] = {
	    "minisign", "-S", "-l", "-s", "k.key", "-m", "msg", NULL};
	struct tg_minisign_key *k;
	struct tg_err err = {0};
	struct tg_buf sig;

	if (!have("minisign_legacy_signature_of_the_program_is_refused"))
		goto out;
	k = new_key(dir, no_pass);
	aid_write(aid_path(dir, "msg"), "x", 1);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, legacy), 0);
	aid_slurp(&sig, aid_path(dir, "msg.minisig"));
	ck_assert_int_eq(tg_minisign_verify(tg_minisign_public(k), TG_SV("x"),
			     tg_buf_sv(&sig), NULL, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "legacy"));
	tg_buf_deinit(&sig);
	tg_minisign_free(k);
out:
	aid_dir_free(dir);
}
END_TEST

/* Our key file, with a passphrase and little memory, in the stock tool. */
START_TEST(minisign_program_signs_with_our_encrypted_key)
{
	char *const dir = aid_dir();
	const char *const argv[] = {
	    "minisign", "-S", "-s", "k.key", "-m", "msg", NULL};
	const char *const check[] = {
	    "minisign", "-V", "-p", "k.pub", "-m", "msg", NULL};
	struct tg_minisign_key *k;
	struct tg_err err = {0};
	struct tg_buf sig;

	if (!have("minisign_program_signs_with_our_encrypted_key"))
		goto out;
	k = new_key(dir, TG_SV("open sesame"));
	aid_write(aid_path(dir, "msg"), "x", 1);
	aid_write(aid_path(dir, "pass"), "open sesame\n", 12);
	ck_assert_int_eq(aid_run(dir, aid_path(dir, "pass"), NULL, argv), 0);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, check), 0);
	aid_slurp(&sig, aid_path(dir, "msg.minisig"));
	ck_assert_msg(tg_minisign_verify(tg_minisign_public(k), TG_SV("x"),
			  tg_buf_sv(&sig), NULL, &err) == 0,
	    "%s", err.text);
	tg_buf_deinit(&sig);
	tg_minisign_free(k);
out:
	aid_dir_free(dir);
}
END_TEST

Suite *
minisign_suite(void)
{
	Suite *const s = suite_create("minisign");
	TCase *const t = tcase_create("minisign");

	tcase_add_test(t, minisign_signature_verifies_and_gives_the_comment);
	tcase_add_test(t, minisign_key_of_somebody_else_does_not_verify);
	tcase_add_test(t, minisign_no_flipped_bit_is_accepted);
	tcase_add_loop_test(t, minisign_trusted_comment_is_one_line_of_text, 0,
	    (int)TG_COUNT(bad_comments));
	tcase_add_test(t, minisign_passphrase_is_asked_for_and_checked);
	tcase_add_test(t, minisign_keygen_never_replaces_a_key);
	tcase_add_test(t, minisign_damaged_key_file_is_refused);
	tcase_add_loop_test(t, minisign_other_text_is_no_public_key, 0,
	    (int)TG_COUNT(bad_pubs));
	tcase_add_test(
	    t, minisign_public_key_and_id_are_written_as_the_stock_tool_does);
	tcase_add_test(t, minisign_program_accepts_ours_and_we_its);
	tcase_add_test(t, minisign_legacy_signature_of_the_program_is_refused);
	tcase_add_test(t, minisign_program_signs_with_our_encrypted_key);
	suite_add_tcase(s, t);
	return s;
}
