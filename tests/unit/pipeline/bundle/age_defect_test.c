/*
 * What a hostile or damaged age file may hold.  Nothing of it opens, and what
 * was given out before the defect is always the true beginning.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/age_header.h"
#include "tests/unit/pipeline/bundle/age_kit.h"
#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

#define CHUNK 65536U
#define SEALED (CHUNK + 16U)
#define SMALL 4700U /* with its header about 5 KB */

/* Takes plaintext only as long as it is the true beginning. */
struct truth {
	const uint8_t *p;
	size_t n, at;
	bool lied;
};

static int
compare(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct truth *const t = ctx;

	(void)err;
	if (n > t->n - t->at || memcmp(t->p + t->at, p, n) != 0)
		t->lied = true;
	else
		t->at += n;
	return 0;
}

static int
open_fd(int fd, struct truth *t, struct tg_err *err)
{
	static uint8_t sk[1][TG_AGE_KEY_LEN];
	static const struct tg_age_keys keys = {
	    (const uint8_t(*)[TG_AGE_KEY_LEN])sk, 1, {NULL, 0}, 20};

	if (sk[0][0] == 0)
		kit_key(sk[0]);
	t->at = 0;
	t->lied = false;
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return tg_age_open(fd, &keys, compare, t, err);
}

START_TEST(age_no_flipped_bit_is_accepted)
{
	uint8_t plain[SMALL];
	struct truth t = {plain, sizeof plain, 0, false};
	struct tg_err err = {0};
	struct tg_buf age;
	size_t tried = 0;
	int fd;

	aid_fill(plain, sizeof plain, 6);
	kit_seal(&age, plain, sizeof plain, 2);
	fd = aid_memfd(age.p, age.n);
	ck_assert_int_eq(open_fd(fd, &t, &err), 0);
	for (size_t bit = 0; bit < age.n * 8; bit += AID_STRIDE(17)) {
		const char good = age.p[bit / 8],
			   bad = (char)(good ^ (1 << bit % 8));

		ck_assert_int_eq(pwrite(fd, &bad, 1, (off_t)(bit / 8)), 1);
		ck_assert_msg(open_fd(fd, &t, &err) < 0, "bit %zu", bit);
		ck_assert_msg(err.cls == TG_E_INTEGRITY || err.cls == TG_E_KEY,
		    "bit %zu: %s", bit, err.text);
		ck_assert_msg(!t.lied && t.at == 0, "bit %zu", bit);
		ck_assert_int_eq(pwrite(fd, &good, 1, (off_t)(bit / 8)), 1);
		tried++;
	}
	ck_assert_int_eq(open_fd(fd, &t, &err), 0);
	ck_assert_uint_ge(tried, age.n * 8 / AID_STRIDE(17));
	(void)close(fd);
	tg_buf_deinit(&age);
}
END_TEST

START_TEST(age_no_cut_and_no_appended_byte_is_accepted)
{
	uint8_t plain[SMALL];
	struct truth t = {plain, sizeof plain, 0, false};
	struct tg_err err = {0};
	struct tg_buf age;
	int fd;

	aid_fill(plain, sizeof plain, 7);
	kit_seal(&age, plain, sizeof plain, 1);
	fd = aid_memfd(age.p, age.n);
	for (int c = 0; c < 256; c++) {
		const char extra = (char)c;

		ck_assert_int_eq(pwrite(fd, &extra, 1, (off_t)age.n), 1);
		ck_assert_int_lt(open_fd(fd, &t, &err), 0);
		ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
		ck_assert(!t.lied);
	}
	for (size_t n = age.n; n-- > 0;) {
		ck_assert_int_eq(ftruncate(fd, (off_t)n), 0);
		ck_assert_msg(open_fd(fd, &t, &err) < 0, "cut to %zu", n);
		ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
		ck_assert(!t.lied && t.at == 0);
	}
	(void)close(fd);
	tg_buf_deinit(&age);
}
END_TEST

/* A file of the head of @age and the chunks that @order names. */
static int
reordered(const struct tg_buf *age, const char *order)
{
	const size_t head = kit_payload(age);
	const int fd = aid_memfd(age->p, head);

	ck_assert_int_eq(lseek(fd, 0, SEEK_END), (off_t)head);
	for (; *order != '\0'; order++) {
		const size_t at = head + (size_t)(*order - '0') * SEALED;
		const size_t n = age->n - at < SEALED ? age->n - at : SEALED;

		ck_assert_int_eq(tg_fs_write_all(fd, age->p + at, n, NULL), 0);
	}
	return fd;
}

static const struct {
	const char *order;
	unsigned given; /* chunks given out before the defect */
} orders[] = {{"1023", 0}, {"0213", 1}, {"0132", 2}, {"0012", 1}, {"0123", 4},
    {"01123", 2}, {"0122", 3}, {"01233", 4}, {"023", 1}, {"013", 2}, {"012", 3},
    {"123", 0}, {"3", 0}, {"0", 1}, {"", 0}, {"0121", 3}, {"01230", 4},
    {"00", 1}, {"33", 0}};

START_TEST(age_chunks_moved_doubled_or_dropped_are_found)
{
	/* Once with a short last chunk, once with a full one. */
	for (unsigned full = 0; full < 2; full++) {
		const size_t n = 3 * CHUNK + (full != 0 ? CHUNK : 77);
		const bool right = strcmp(orders[_i].order, "0123") == 0;
		uint8_t *const plain = malloc(n);
		struct truth t = {plain, n, 0, false};
		struct tg_err err = {0};
		struct tg_buf age;
		size_t given = orders[_i].given * (size_t)CHUNK;
		int fd;

		aid_fill(plain, n, 8);
		kit_seal(&age, plain, n, 1);
		fd = reordered(&age, orders[_i].order);
		ck_assert_int_eq(open_fd(fd, &t, &err), right ? 0 : -1);
		if (!right)
			ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
		ck_assert(!t.lied);
		/* A short last chunk with more after it is no chunk at all. */
		if (full == 0 && strlen(orders[_i].order) > 4 &&
		    given > 3 * CHUNK)
			given = 3 * CHUNK;
		ck_assert_uint_eq(t.at, given < n ? given : n);
		(void)close(fd);
		tg_buf_deinit(&age);
		free(plain);
	}
}
END_TEST

START_TEST(age_payload_of_another_file_is_found)
{
	uint8_t plain[1000];
	struct truth t = {plain, sizeof plain, 0, false};
	struct tg_err err = {0};
	struct tg_buf a, b;
	int fd;

	aid_fill(plain, sizeof plain, 9);
	kit_seal(&a, plain, sizeof plain, 1);
	kit_seal(&b, plain, sizeof plain, 1);
	ck_assert_uint_eq(a.n, b.n);
	/* Without its nonce, then with it. */
	for (size_t skip = 0; skip <= 16; skip += 16) {
		const size_t at = kit_payload(&a) - skip;

		fd = aid_memfd(a.p, at);
		ck_assert_int_eq(lseek(fd, 0, SEEK_END), (off_t)at);
		ck_assert_int_eq(
		    tg_fs_write_all(fd, b.p + at, b.n - at, NULL), 0);
		ck_assert_int_lt(open_fd(fd, &t, &err), 0);
		ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
		ck_assert(!t.lied && t.at == 0);
		(void)close(fd);
	}
	tg_buf_deinit(&a);
	tg_buf_deinit(&b);
}
END_TEST

/* Headers. */

static int
open_text(const char *text, size_t n, struct tg_err *err)
{
	struct truth t = {NULL, 0, 0, false};
	const int fd = aid_memfd(text, n);
	const int rc = open_fd(fd, &t, err);

	ck_assert(!t.lied);
	(void)close(fd);
	return rc;
}

#define V1 "age-encryption.org/v1\n"
#define B43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B22 "AAAAAAAAAAAAAAAAAAAAAA"
#define MAC "--- " B43 "\n"
#define B64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
	const char *text, *says;
	enum tg_err_class cls;
} headers[] = {
    {"", "ends inside", TG_E_INTEGRITY},
    {"age-encryption.org/v2\n-> a\n\n" MAC, "does not start", TG_E_INTEGRITY},
    {V1 MAC, "no recipient", TG_E_INTEGRITY},
    {V1 "\n" MAC, "not the start of a stanza", TG_E_INTEGRITY},
    {V1 "->\n\n" MAC, "without a type", TG_E_INTEGRITY},
    {V1 "-> \n\n" MAC, "empty argument", TG_E_INTEGRITY},
    {V1 "->a\n\n" MAC, "arguments", TG_E_INTEGRITY},
    {V1 "-> a  b\n\n" MAC, "empty argument", TG_E_INTEGRITY},
    {V1 "-> a \n\n" MAC, "empty argument", TG_E_INTEGRITY},
    {V1 "-> a\x7f\n\n" MAC, "arguments", TG_E_INTEGRITY},
    {V1 "-> a\r\n\n" MAC, "arguments", TG_E_INTEGRITY},
    {V1 "-> a\xc3\xa9\n\n" MAC, "arguments", TG_E_INTEGRITY},
    {V1 "-> a\nAA=\n" MAC, "base64", TG_E_INTEGRITY},
    {V1 "-> a\nAB\n" MAC, "base64", TG_E_INTEGRITY},
    {V1 "-> a\n\xc1\xc1\n" MAC, "base64", TG_E_INTEGRITY},
    {V1 "-> a\n" B64 "\n" MAC, "base64", TG_E_INTEGRITY},
    {V1 "-> a\n" B64 "A\n\n" MAC, "64 columns", TG_E_INTEGRITY},
    {V1 "-> a\n\nAAAA\n" MAC, "not the start", TG_E_INTEGRITY},
    {V1 "-> a\n\n--- " B43 "=\n", "43 base64", TG_E_INTEGRITY},
    {V1 "-> a\n\n---" B43 "A\n", "43 base64", TG_E_INTEGRITY},
    {V1 "-> a\n\n---\n", "43 base64", TG_E_INTEGRITY},
    {V1 "-> a\n\n--- " B22 "BBBBBBBBBBBBBBBBBBBBB\n", "canonical",
	TG_E_INTEGRITY},
    {V1 "-> a\n\n" MAC, "none of the keys", TG_E_KEY},
    {V1 "-> a\n" B64 "\n\n" MAC, "none of the keys", TG_E_KEY},
    {V1 "-> x25519 " B43 "\n" B43 "\n" MAC, "none of the keys", TG_E_KEY},
    {V1 "-> X25519\n" B43 "\n" MAC, "one argument", TG_E_INTEGRITY},
    {V1 "-> X25519 " B43 " x\n" B43 "\n" MAC, "one argument", TG_E_INTEGRITY},
    {V1 "-> X25519 " B22 "\n" B43 "\n" MAC, "32 bytes", TG_E_INTEGRITY},
    {V1 "-> X25519 " B43 "A\n" B43 "\n" MAC, "32 bytes", TG_E_INTEGRITY},
    {V1 "-> X25519 " B43 "\n" B22 "\n" MAC, "wrapped key", TG_E_INTEGRITY},
    {V1 "-> X25519 " B43 "\n" B43 "\n" MAC, "low order", TG_E_INTEGRITY},
    {V1 "-> scrypt " B22 " 10\n" B43 "\n-> a\n\n" MAC, "only stanza",
	TG_E_INTEGRITY},
    {V1 "-> scrypt " B22 " 10\n" B43 "\n" MAC, "passphrase", TG_E_KEY},
    {V1 "-> scrypt " B22 "\n" B43 "\n" MAC, "two arguments", TG_E_INTEGRITY},
    {V1 "-> scrypt " B43 " 10\n" B43 "\n" MAC, "salt", TG_E_INTEGRITY},
    {V1 "-> scrypt " B22 " 010\n" B43 "\n" MAC, "factor", TG_E_INTEGRITY},
    {V1 "-> scrypt " B22 " 0\n" B43 "\n" MAC, "factor", TG_E_INTEGRITY},
    {V1 "-> scrypt " B22 " 64\n" B43 "\n" MAC, "factor", TG_E_INTEGRITY},
    {V1 "-> scrypt " B22 " 1x\n" B43 "\n" MAC, "factor", TG_E_INTEGRITY},
    {V1 "-> scrypt " B22 " 10\n" B22 "\n" MAC, "wrapped", TG_E_INTEGRITY},
    {V1 "-> mlkem768x25519 " B43 "\n" B43 "\n" MAC, "none of the keys",
	TG_E_KEY},
};

START_TEST(age_header_defect_is_named)
{
	struct tg_err err = {0};

	ck_assert_int_eq(
	    open_text(headers[_i].text, strlen(headers[_i].text), &err), -1);
	ck_assert_msg(err.cls == headers[_i].cls &&
		strstr(err.text, headers[_i].says) != NULL,
	    "%s", err.text);
}
END_TEST

START_TEST(age_header_sizes_are_capped)
{
	struct tg_err err = {0};
	struct tg_buf text;

	/* 128 stanzas are read, 129 are not. */
	for (unsigned n = 128; n <= 129; n++) {
		tg_buf_init(&text, AID_MAX);
		ck_assert_int_eq(tg_buf_adds(&text, V1, NULL), 0);
		for (unsigned i = 0; i < n; i++)
			ck_assert_int_eq(
			    tg_buf_adds(&text, "-> a\n\n", NULL), 0);
		ck_assert_int_eq(tg_buf_adds(&text, MAC, NULL), 0);
		ck_assert_int_eq(open_text(text.p, text.n, &err), -1);
		ck_assert_int_eq(err.cls, n == 128 ? TG_E_KEY : TG_E_INTEGRITY);
		tg_buf_deinit(&text);
	}
	/* One endless line, one endless body. */
	for (unsigned body = 0; body < 2; body++) {
		tg_buf_init(&text, AID_MAX);
		ck_assert_int_eq(
		    tg_buf_adds(&text, body ? V1 "-> a\n" : V1 "-> ", NULL), 0);
		while (text.n < 200000)
			ck_assert_int_eq(
			    tg_buf_adds(&text, body ? B64 "\n" : B64, NULL), 0);
		ck_assert_int_eq(open_text(text.p, text.n, &err), -1);
		ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
		ck_assert_ptr_nonnull(strstr(err.text, "65536"));
		tg_buf_deinit(&text);
	}
}
END_TEST

START_TEST(age_scrypt_work_factor_is_capped_before_any_work)
{
	const struct tg_age_keys keys = {NULL, 0, TG_SV("x"), 17};
	static const char text[] = V1 "-> scrypt " B22 " 18\n" B43 "\n" MAC;
	struct truth t = {NULL, 0, 0, false};
	struct tg_err err = {0};
	const int fd = aid_memfd(text, sizeof text - 1);

	ck_assert_int_eq(tg_age_open(fd, &keys, compare, &t, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "over the limit of 17"));
	(void)close(fd);
}
END_TEST

Suite *
age_defect_suite(void)
{
	Suite *const s = suite_create("age_defect");
	TCase *const t = tcase_create("age_defect");

	tcase_set_timeout(t, 300); /* 40,000 files under a sanitizer */
	tcase_add_test(t, age_no_flipped_bit_is_accepted);
	tcase_add_test(t, age_no_cut_and_no_appended_byte_is_accepted);
	tcase_add_loop_test(t, age_chunks_moved_doubled_or_dropped_are_found, 0,
	    (int)TG_COUNT(orders));
	tcase_add_test(t, age_payload_of_another_file_is_found);
	tcase_add_loop_test(
	    t, age_header_defect_is_named, 0, (int)TG_COUNT(headers));
	tcase_add_test(t, age_header_sizes_are_capped);
	tcase_add_test(t, age_scrypt_work_factor_is_capped_before_any_work);
	suite_add_tcase(s, t);
	return s;
}
