#include "pipeline/bundle/age.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/fs.h"
#include "tests/unit/pipeline/bundle/age_kit.h"
#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

#define CHUNK 65536U

static const size_t sizes[] = {0, 1, 2, 63, 64, 65535, 65536, 65537, 131071,
    131072, 131073, 196608, 196609, 1000000, 1114112};

START_TEST(age_keys_are_those_of_the_specification)
{
	uint8_t sk[TG_AGE_KEY_LEN], pk[TG_AGE_KEY_LEN], got[TG_AGE_KEY_LEN];
	struct tg_buf text;

	kit_key(sk);
	for (size_t i = 0; i < sizeof sk; i++)
		ck_assert_uint_eq(sk[i], 0x42);
	tg_age_public(pk, sk);
	ck_assert_int_eq(tg_age_recipient(got, TG_SV(KIT_RECIPIENT), NULL), 0);
	ck_assert_mem_eq(got, pk, sizeof pk);
	tg_buf_init(&text, 256);
	ck_assert_int_eq(tg_age_recipient_str(&text, pk, NULL), 0);
	ck_assert_str_eq(text.p, KIT_RECIPIENT);
	tg_buf_reset(&text);
	ck_assert_int_eq(tg_age_identity_str(&text, sk, NULL), 0);
	ck_assert_str_eq(text.p, KIT_IDENTITY);
	tg_buf_deinit(&text);
}
END_TEST

static const char *const no_recipient[] = {"", "age1", "age", "AGE1",
    "AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ",
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwk",
    KIT_IDENTITY, KIT_RECIPIENT " ", " " KIT_RECIPIENT,
    "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e",
    "ssh-ed25519 AAAA"};

START_TEST(age_other_text_is_no_recipient)
{
	uint8_t pk[TG_AGE_KEY_LEN] = {7};
	struct tg_err err = {0};

	ck_assert_int_eq(
	    tg_age_recipient(pk, tg_sv_of(no_recipient[_i]), &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_uint_eq(pk[0], 7);
}
END_TEST

START_TEST(age_post_quantum_recipient_is_refused_with_the_reason)
{
	uint8_t pk[TG_AGE_KEY_LEN];
	struct tg_err err = {0};

	ck_assert_int_eq(
	    tg_age_recipient(pk, TG_SV("age1pq1x34nzsvr0rxjsgdn8z"), &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(err.text, "post-quantum"));
	ck_assert_int_eq(tg_age_identity(pk,
			     TG_SV("AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45Q"
				   "MCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"),
			     &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_ptr_nonnull(strstr(err.text, "post-quantum"));
	ck_assert_ptr_null(strstr(err.text, "XX76JR"));
}
END_TEST

START_TEST(age_what_was_sealed_opens_to_the_same)
{
	const size_t n = sizes[_i];
	uint8_t *const p = malloc(n + 1);
	struct tg_buf age, out;
	struct tg_err err = {0};
	const size_t chunks = n == 0 ? 1 : (n + CHUNK - 1) / CHUNK;

	aid_fill(p, n, 1);
	kit_seal(&age, p, n, 2);
	/* age.md: header, nonce, and 16 bytes of tag a chunk. */
	ck_assert_uint_eq(age.n, kit_payload(&age) + n + 16 * chunks);
	tg_buf_init(&out, AID_MAX);
	ck_assert_msg(kit_open(&out, age.p, age.n, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(out.n, n);
	ck_assert(n == 0 || memcmp(out.p, p, n) == 0);
	tg_buf_deinit(&age);
	tg_buf_deinit(&out);
	free(p);
}
END_TEST

/* How the bytes come in does not matter. */
START_TEST(age_writes_of_any_length_make_the_same_chunks)
{
	static const size_t pieces[] = {1, 4095, 65535, 65536, 65537, 200000};
	const size_t n = 300000, k = pieces[_i];
	uint8_t *const p = malloc(n);
	uint8_t pk[1][TG_AGE_KEY_LEN];
	struct tg_age_writer *w;
	struct tg_buf age, out;

	aid_fill(p, n, 2);
	ck_assert_int_eq(
	    tg_age_recipient(pk[0], TG_SV(KIT_RECIPIENT), NULL), 0);
	tg_buf_init(&age, AID_MAX);
	tg_buf_init(&out, AID_MAX);
	ck_assert_int_eq(
	    tg_age_writer_new(&w, (const uint8_t(*)[TG_AGE_KEY_LEN])pk, 1,
		aid_take, &age, NULL),
	    0);
	for (size_t at = 0; at < n; at += k)
		ck_assert_int_eq(
		    tg_age_write(w, p + at, k < n - at ? k : n - at, NULL), 0);
	ck_assert_int_eq(tg_age_finish(w, NULL), 0);
	tg_age_writer_free(w);
	ck_assert_int_eq(kit_open(&out, age.p, age.n, NULL), 0);
	ck_assert_uint_eq(out.n, n);
	ck_assert_mem_eq(out.p, p, n);
	tg_buf_deinit(&age);
	tg_buf_deinit(&out);
	free(p);
}
END_TEST

/* Equal chunks differ, and two files share no 16-byte block: every nonce and
 * every key is used once. */
START_TEST(age_no_nonce_and_no_key_is_used_twice)
{
	const size_t n = 3 * CHUNK;
	uint8_t *const p = calloc(1, n);
	struct tg_buf a, b;
	const uint8_t *x, *y;

	kit_seal(&a, p, n, 1);
	kit_seal(&b, p, n, 1);
	x = (const uint8_t *)a.p + kit_payload(&a);
	y = (const uint8_t *)b.p + kit_payload(&b);
	for (size_t i = 0; i + 16 <= CHUNK; i += 16) {
		const uint8_t *const c = x + i;

		ck_assert_mem_ne(c, c + CHUNK + 16, 16);
		ck_assert_mem_ne(c, c + (size_t)2 * (CHUNK + 16), 16);
		ck_assert_mem_ne(c, y + i, 16);
	}
	ck_assert_mem_ne(x - 16, y - 16, 16);
	tg_buf_deinit(&a);
	tg_buf_deinit(&b);
	free(p);
}
END_TEST

START_TEST(age_recipient_counts_are_limited_and_counted)
{
	static const size_t counts[] = {1, 2, TG_AGE_RECIPIENTS};
	uint8_t pk[1][TG_AGE_KEY_LEN] = {{0}};
	struct tg_age_writer *w;
	struct tg_err err = {0};
	struct tg_buf age;

	for (size_t i = 0; i < TG_COUNT(counts); i++) {
		size_t n = 0;
		int fd;

		kit_seal(&age, "x", 1, counts[i]);
		fd = aid_memfd(age.p, age.n);
		ck_assert_int_eq(tg_age_stanzas(fd, &n, NULL), 0);
		ck_assert_uint_eq(n, counts[i]);
		(void)close(fd);
		tg_buf_deinit(&age);
	}
	ck_assert_int_eq(
	    tg_age_writer_new(&w, (const uint8_t(*)[TG_AGE_KEY_LEN])pk, 0,
		aid_take, NULL, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	/* Zero is a point of low order: nobody's key. */
	tg_buf_init(&age, AID_MAX);
	ck_assert_int_eq(
	    tg_age_writer_new(&w, (const uint8_t(*)[TG_AGE_KEY_LEN])pk, 1,
		aid_take, &age, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_uint_eq(age.n, 0);
	tg_buf_deinit(&age);
}
END_TEST

static int
no_room(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	size_t *const left = ctx;

	(void)p;
	if (n > *left)
		return tg_fail(err, TG_E_IO, "no room");
	*left -= n;
	return 0;
}

START_TEST(age_writer_that_failed_stays_failed)
{
	uint8_t *const p = calloc(1, (size_t)40 * CHUNK);
	uint8_t pk[1][TG_AGE_KEY_LEN];
	struct tg_age_writer *w;
	struct tg_err err = {0};
	size_t room = 500;

	ck_assert_int_eq(
	    tg_age_recipient(pk[0], TG_SV(KIT_RECIPIENT), NULL), 0);
	ck_assert_int_eq(
	    tg_age_writer_new(&w, (const uint8_t(*)[TG_AGE_KEY_LEN])pk, 1,
		no_room, &room, NULL),
	    0);
	ck_assert_int_eq(tg_age_write(w, p, (size_t)40 * CHUNK, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_int_eq(tg_age_write(w, p, 1, &err), -1);
	ck_assert_int_eq(tg_age_finish(w, &err), -1);
	tg_age_writer_free(w);
	free(p);
}
END_TEST

START_TEST(age_key_of_somebody_else_does_not_open)
{
	uint8_t sk[1][TG_AGE_KEY_LEN];
	const struct tg_age_keys keys = {
	    (const uint8_t(*)[TG_AGE_KEY_LEN])sk, 1, {NULL, 0}, 20};
	const struct tg_age_keys pass = {NULL, 0, TG_SV("secret"), 20};
	struct tg_err err = {0};
	struct tg_buf age, out;
	int fd;

	aid_fill(sk, sizeof sk, 3);
	kit_seal(&age, "hello", 5, 2);
	fd = aid_memfd(age.p, age.n);
	tg_buf_init(&out, 100);
	ck_assert_int_eq(tg_age_open(fd, &keys, aid_take, &out, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(tg_age_open(fd, &pass, aid_take, &out, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_uint_eq(out.n, 0);
	(void)close(fd);
	tg_buf_deinit(&age);
	tg_buf_deinit(&out);
}
END_TEST

START_TEST(age_identity_file_is_read_as_age_keygen_writes_it)
{
	static const char text[] =
	    "# created: 2026-11-24T00:00:00Z\n# public key: " KIT_RECIPIENT
	    "\n" KIT_IDENTITY "\r\n\n" KIT_IDENTITY;
	char *const dir = aid_dir();
	const char *const path = aid_path(dir, "key.txt");
	uint8_t sk[2][TG_AGE_KEY_LEN], want[TG_AGE_KEY_LEN];
	struct tg_err err = {0};
	size_t n = 0;

	kit_key(want);
	aid_write(path, text, sizeof text - 1);
	ck_assert_msg(
	    tg_age_identity_file(sk, 2, &n, path, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(n, 2);
	ck_assert_mem_eq(sk[0], want, sizeof want);
	ck_assert_mem_eq(sk[1], want, sizeof want);
	/* Not more than there is room for, and not readable by others. */
	ck_assert_int_eq(tg_age_identity_file(sk, 1, &n, path, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_int_eq(tg_age_identity_file(sk, 2, &n, path, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	aid_dir_free(dir);
}
END_TEST

static const char *const no_identities[] = {"", "# nothing\n", KIT_RECIPIENT,
    KIT_IDENTITY "x", KIT_IDENTITY "\nAGE-PLUGIN-YUBIKEY-1ABC\n",
    "age-encryption.org/v1\n", "-----BEGIN AGE ENCRYPTED FILE-----\n",
    "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW\n"};

START_TEST(age_identity_file_with_anything_else_is_refused)
{
	char *const dir = aid_dir();
	const char *const path = aid_path(dir, "key.txt");
	uint8_t sk[4][TG_AGE_KEY_LEN];
	struct tg_err err = {0};
	size_t n = 9;

	aid_write(path, no_identities[_i], strlen(no_identities[_i]));
	ck_assert_int_eq(tg_age_identity_file(sk, 4, &n, path, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_uint_eq(n, 9);
	/* An error never shows a secret. */
	ck_assert_ptr_null(strstr(err.text, "GFPYYSJZ"));
	aid_dir_free(dir);
}
END_TEST

/* Interoperation with the age program. */

START_TEST(age_program_opens_ours)
{
	const size_t n = sizes[_i];
	const char *const argv[] = {
	    "age", "-d", "-i", "key.txt", "-o", "out", "in.age", NULL};
	uint8_t *const p = malloc(n + 1);
	struct tg_buf age, out;
	char *dir;

	if (!aid_have("age", "age_program_opens_ours")) {
		free(p);
		return;
	}
	dir = aid_dir();
	aid_fill(p, n, 4);
	kit_seal(&age, p, n, 3);
	aid_write(aid_path(dir, "in.age"), age.p, age.n);
	aid_write(
	    aid_path(dir, "key.txt"), KIT_IDENTITY "\n", sizeof KIT_IDENTITY);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, argv), 0);
	if (n > 0) { /* age 1.1.1 makes no file for nothing */
		aid_slurp(&out, aid_path(dir, "out"));
		ck_assert_uint_eq(out.n, n);
		ck_assert_mem_eq(out.p, p, n);
		tg_buf_deinit(&out);
	}
	tg_buf_deinit(&age);
	aid_dir_free(dir);
	free(p);
}
END_TEST

static void
open_file_and_compare(const char *path, const void *p, size_t n)
{
	struct tg_buf age, out;
	struct tg_err err = {0};

	aid_slurp(&age, path);
	tg_buf_init(&out, AID_MAX);
	ck_assert_msg(kit_open(&out, age.p, age.n, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(out.n, n);
	ck_assert(n == 0 || memcmp(out.p, p, n) == 0);
	tg_buf_deinit(&age);
	tg_buf_deinit(&out);
}

START_TEST(age_program_writes_what_we_open_binary_and_armored)
{
	const size_t n = sizes[_i];
	const char *const binary[] = {"age", "-r", KIT_RECIPIENT, "-r",
	    KIT_RECIPIENT, "-o", "bin.age", "in", NULL};
	const char *const armor[] = {
	    "age", "-a", "-r", KIT_RECIPIENT, "-o", "asc.age", "in", NULL};
	uint8_t *const p = malloc(n + 1);
	char *dir;

	if (!aid_have("age", "age_program_writes_what_we_open")) {
		free(p);
		return;
	}
	dir = aid_dir();
	aid_fill(p, n, 5);
	aid_write(aid_path(dir, "in"), p, n);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, binary), 0);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, armor), 0);
	open_file_and_compare(aid_path(dir, "bin.age"), p, n);
	open_file_and_compare(aid_path(dir, "asc.age"), p, n);
	aid_dir_free(dir);
	free(p);
}
END_TEST

/* data/scrypt.age: age 1.1.1 -p, the passphrase below, work factor 18. */
START_TEST(age_program_passphrase_file_opens)
{
	static const char plain[] = "opened with a passphrase\n";
	const char *const root = getenv("TG_ROOT");
	struct tg_age_keys keys = {NULL, 0, TG_SV("correct horse"), 18};
	struct tg_err err = {0};
	struct tg_buf age, out;
	int fd;

	aid_slurp(&age,
	    aid_path(root == NULL ? "." : root,
		"tests/unit/pipeline/bundle/data/scrypt.age"));
	fd = aid_memfd(age.p, age.n);
	tg_buf_init(&out, 1000);
	ck_assert_msg(
	    tg_age_open(fd, &keys, aid_take, &out, &err) == 0, "%s", err.text);
	ck_assert_str_eq(out.p, plain);
	tg_buf_reset(&out);
	keys.passphrase = TG_SV("correct horsf");
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(tg_age_open(fd, &keys, aid_take, &out, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	ck_assert_uint_eq(out.n, 0);
	(void)close(fd);
	tg_buf_deinit(&age);
	tg_buf_deinit(&out);
}
END_TEST

Suite *
age_suite(void)
{
	Suite *const s = suite_create("age");
	TCase *const t = tcase_create("age");

	tcase_add_test(t, age_keys_are_those_of_the_specification);
	tcase_add_loop_test(
	    t, age_other_text_is_no_recipient, 0, (int)TG_COUNT(no_recipient));
	tcase_add_test(
	    t, age_post_quantum_recipient_is_refused_with_the_reason);
	tcase_add_loop_test(
	    t, age_what_was_sealed_opens_to_the_same, 0, (int)TG_COUNT(sizes));
	tcase_add_loop_test(
	    t, age_writes_of_any_length_make_the_same_chunks, 0, 6);
	tcase_add_test(t, age_no_nonce_and_no_key_is_used_twice);
	tcase_add_test(t, age_recipient_counts_are_limited_and_counted);
	tcase_add_test(t, age_writer_that_failed_stays_failed);
	tcase_add_test(t, age_key_of_somebody_else_does_not_open);
	tcase_add_test(t, age_identity_file_is_read_as_age_keygen_writes_it);
	tcase_add_loop_test(t, age_identity_file_with_anything_else_is_refused,
	    0, (int)TG_COUNT(no_identities));
	tcase_add_loop_test(t, age_program_opens_ours, 0, (int)TG_COUNT(sizes));
	tcase_add_loop_test(t,
	    age_program_writes_what_we_open_binary_and_armored, 0,
	    (int)TG_COUNT(sizes));
	tcase_add_test(t, age_program_passphrase_file_opens);
	suite_add_tcase(s, t);
	return s;
}
