/* codec_test.c - compressed inputs as plain bytes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/sources/codec.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

#define TEXT (256u << 10)
#define SKIPPABLE "\x5a\x2a\x4d\x18\x04\0\0\0abcd"

static const struct tg_codec_limits none = {0, 0};
static struct tg_buf raw, text;

typedef void compress_fn(struct tg_buf *out, const void *p, size_t n);
static compress_fn *const compress[] = {input_gzip, input_zstd};

static void
setup(void)
{
	uint64_t s = 99;

	tg_buf_init(&raw, 64u << 20);
	tg_buf_init(&text, 64u << 20);
	/* 256 KiB that compress to about half. */
	ck_assert_int_eq(tg_buf_reserve(&text, TEXT, NULL), 0);
	for (text.n = 0; text.n < TEXT; text.n++) {
		s ^= s << 13;
		s ^= s >> 7;
		s ^= s << 17;
		text.p[text.n] = (char)('a' + s % 16);
	}
}

static void
teardown(void)
{
	tg_buf_deinit(&raw);
	tg_buf_deinit(&text);
}

/* Reads all in pieces of @piece; the end's verdict; what came is in @out. */
static int
drain(struct tg_buf *out, const struct tg_buf *in, size_t piece,
    const struct tg_codec_limits *limits, struct tg_err *err)
{
	struct tg_codec *c;
	char *p = malloc(piece);
	size_t n = 1;
	int rc;

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(
	    tg_codec_open(&c, input_fd(in->p, in->n), "in", limits, err), 0);
	do {
		rc = tg_codec_read(c, p, piece, &n, err);
		if (rc == 0)
			ck_assert_int_eq(tg_buf_add(out, p, n, NULL), 0);
	} while (rc == 0 && n > 0);
	if (rc < 0)
		ck_assert_int_eq(tg_codec_read(c, p, piece, &n, NULL), -1);
	else
		ck_assert_int_eq(tg_codec_read(c, p, piece, &n, NULL), 0);
	tg_codec_free(c);
	free(p);
	return rc;
}

static bool
same(const struct tg_buf *a, const struct tg_buf *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

static void
comes_back(const struct tg_buf *want)
{
	static const size_t piece[] = {1, 7, 4096, 300000};

	for (size_t i = want->n > 100000 ? 2 : 0; i < TG_COUNT(piece); i++) {
		struct tg_buf out;
		struct tg_err err;

		tg_buf_init(&out, 64u << 20);
		ck_assert_msg(drain(&out, &raw, piece[i], &none, &err) == 0,
		    "%s", err.text);
		ck_assert(same(&out, want));
		tg_buf_deinit(&out);
	}
}

START_TEST(plain_gzip_and_zstd_come_back)
{
	ck_assert_int_eq(tg_buf_addsv(&raw, tg_buf_sv(&text), NULL), 0);
	comes_back(&text);
	for (size_t k = 0; k < TG_COUNT(compress); k++) {
		tg_buf_reset(&raw);
		compress[k](&raw, text.p, text.n);
		ck_assert_uint_lt(raw.n, text.n);
		comes_back(&text);
	}
}
END_TEST

START_TEST(an_empty_file_and_empty_streams_are_empty)
{
	struct tg_buf empty;

	tg_buf_init(&empty, 1);
	comes_back(&empty);
	for (size_t k = 0; k < TG_COUNT(compress); k++) {
		tg_buf_reset(&raw);
		compress[k](&raw, "", 0);
		comes_back(&empty);
	}
}
END_TEST

START_TEST(members_and_frames_follow_each_other)
{
	struct tg_buf want;

	tg_buf_init(&want, 1u << 20);
	ck_assert_int_eq(tg_buf_adds(&want, "one\ntwo\nthree\n", NULL), 0);
	for (size_t k = 0; k < TG_COUNT(compress); k++) {
		tg_buf_reset(&raw);
		compress[k](&raw, "one\n", 4);
		compress[k](&raw, "", 0);
		compress[k](&raw, "two\n", 4);
		compress[k](&raw, "three\n", 6);
		comes_back(&want);
	}
	tg_buf_deinit(&want);
}
END_TEST

START_TEST(skippable_frames_are_skipped)
{
	struct tg_buf want;

	tg_buf_init(&want, 100);
	ck_assert_int_eq(tg_buf_adds(&want, "onetwo", NULL), 0);
	for (int k = 0; k < 2; k++) {
		ck_assert_int_eq(tg_buf_add(&raw, SKIPPABLE, 12, NULL), 0);
		input_zstd(&raw, k == 0 ? "one" : "two", 3);
	}
	ck_assert_int_eq(tg_buf_add(&raw, SKIPPABLE, 12, NULL), 0);
	comes_back(&want);
	tg_buf_deinit(&want);
}
END_TEST

START_TEST(zero_padding_behind_gzip_is_no_damage)
{
	struct tg_buf want;
	struct tg_err err;
	static const char zeros[600000];

	tg_buf_init(&want, 100);
	ck_assert_int_eq(tg_buf_adds(&want, "one", NULL), 0);
	input_gzip(&raw, "one", 3);
	ck_assert_int_eq(tg_buf_add(&raw, zeros, sizeof(zeros), NULL), 0);
	comes_back(&want);
	/* Nothing may come behind it, not even a member. */
	input_gzip(&raw, "two", 3);
	tg_buf_reset(&want);
	ck_assert_int_eq(drain(&want, &raw, 100, &none, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	tg_buf_deinit(&want);
}
END_TEST

START_TEST(other_bytes_behind_the_data_are_refused)
{
	for (size_t k = 0; k < TG_COUNT(compress); k++) {
		struct tg_buf out;
		struct tg_err err;

		tg_buf_init(&out, 1u << 20);
		tg_buf_reset(&raw);
		compress[k](&raw, "one", 3);
		ck_assert_int_eq(tg_buf_adds(&raw, "{\"a\":1}\n", NULL), 0);
		ck_assert_int_eq(drain(&out, &raw, 100, &none, &err), -1);
		ck_assert_int_eq(err.cls, TG_E_INPUT);
		ck_assert_uint_eq(out.n, 3);
		tg_buf_deinit(&out);
	}
}
END_TEST

/* Every cut is found, and never gives bytes that were not there. */
START_TEST(a_stream_cut_at_any_byte_is_refused)
{
	for (size_t k = 0; k < TG_COUNT(compress); k++) {
		struct tg_buf whole;

		tg_buf_reset(&raw);
		compress[k](&raw, text.p, 300);
		tg_buf_init(&whole, 1u << 20);
		ck_assert_int_eq(
		    tg_buf_addsv(&whole, tg_buf_sv(&raw), NULL), 0);
		for (size_t n = 4; n < whole.n; n++) {
			struct tg_buf out;
			struct tg_err err;
			char at[64];

			raw.n = n;
			tg_buf_init(&out, 1u << 20);
			ck_assert_int_eq(
			    drain(&out, &raw, 100, &none, &err), -1);
			ck_assert_int_eq(err.cls, TG_E_INPUT);
			(void)snprintf(
			    at, sizeof(at), "ends too early, at byte %zu", n);
			ck_assert_ptr_nonnull(strstr(err.text, at));
			ck_assert_uint_le(out.n, 300);
			if (out.n > 0)
				ck_assert_mem_eq(out.p, text.p, out.n);
			tg_buf_deinit(&out);
		}
		tg_buf_deinit(&whole);
	}
}
END_TEST

START_TEST(a_changed_byte_is_found_by_the_checksum_of_gzip)
{
	struct tg_buf out;
	struct tg_err err;

	input_gzip(&raw, text.p, 5000);
	raw.p[raw.n / 2] = (char)(raw.p[raw.n / 2] ^ 0x10);
	tg_buf_init(&out, 1u << 20);
	ck_assert_int_eq(drain(&out, &raw, 100, &none, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "is damaged at byte"));
	tg_buf_deinit(&out);
}
END_TEST

/* Twice @mib of zeros do not come out whole. */
static void
bomb(const struct tg_codec_limits *limits, size_t mib, const char *what)
{
	char *zeros = calloc(1, mib << 20), *out = malloc(1u << 20);

	ck_assert(zeros != NULL && out != NULL);
	for (size_t k = 0; k < TG_COUNT(compress); k++) {
		struct tg_codec *c;
		struct tg_err err = {.cls = TG_E_NONE};
		uint64_t all = 0;
		size_t n = 1;

		tg_buf_reset(&raw);
		compress[k](&raw, zeros, mib << 20);
		/* The same member or frame once more. */
		ck_assert_int_eq(tg_buf_reserve(&raw, raw.n, NULL), 0);
		memcpy(raw.p + raw.n, raw.p, raw.n);
		raw.n *= 2;
		ck_assert_int_eq(tg_codec_open(&c, input_fd(raw.p, raw.n), "in",
				     limits, &err),
		    0);
		while (n > 0 && tg_codec_read(c, out, 1u << 20, &n, &err) == 0)
			all += n;
		tg_codec_free(c);
		ck_assert_int_eq(err.cls, TG_E_LIMIT);
		ck_assert_ptr_nonnull(strstr(err.text, what));
		ck_assert_uint_lt(all, 2 * mib << 20);
	}
	free(zeros);
	free(out);
}

START_TEST(a_bomb_is_stopped_by_size)
{
	bomb(&(struct tg_codec_limits){5u << 20, 0}, 4,
	    "more than 5242880 bytes");
}
END_TEST

START_TEST(a_bomb_is_stopped_by_ratio)
{
	bomb(&(struct tg_codec_limits){0, 500}, 40, "more than 500 times");
}
END_TEST

START_TEST(a_window_above_128_mib_is_refused)
{
	/* RFC 8878 section 3.1.1.1: magic, descriptor 0, window descriptor:
	 * exponent 18, 2^28 bytes; then an empty raw last block. */
	static const char frame[] = "\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00";
	struct tg_buf out;
	struct tg_err err;

	tg_buf_init(&out, 100);
	ck_assert_int_eq(tg_buf_add(&raw, frame, 9, NULL), 0);
	ck_assert_int_eq(drain(&out, &raw, 10, &none, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	raw.p[5] = '\x50'; /* 2^20 */
	ck_assert_int_eq(drain(&out, &raw, 10, &none, &err), 0);
	tg_buf_deinit(&out);
}
END_TEST

START_TEST(the_digest_is_of_all_raw_bytes_wherever_reading_stopped)
{
	for (size_t reads = 0; reads < 40; reads += 13) {
		uint8_t got[TG_SHA256_LEN], want[TG_SHA256_LEN];
		struct tg_codec *c;
		uint64_t bytes;
		char p[1000];
		size_t n;

		tg_buf_reset(&raw);
		input_gzip(&raw, text.p, text.n);
		ck_assert_int_eq(tg_buf_adds(&raw, "garbage", NULL), 0);
		ck_assert_int_eq(tg_sha256_bytes(want, raw.p, raw.n, NULL), 0);
		ck_assert_int_eq(tg_codec_open(&c, input_fd(raw.p, raw.n), "in",
				     &none, NULL),
		    0);
		for (size_t i = 0; i < reads; i++)
			ck_assert_int_eq(
			    tg_codec_read(c, p, sizeof(p), &n, NULL), 0);
		ck_assert_int_eq(tg_codec_digest(c, got, &bytes, NULL), 0);
		ck_assert_mem_eq(got, want, sizeof(want));
		ck_assert_uint_eq(bytes, raw.n);
		ck_assert_int_eq(tg_codec_read(c, p, sizeof(p), &n, NULL), -1);
		ck_assert_int_eq(tg_codec_digest(c, got, &bytes, NULL), -1);
		tg_codec_free(c);
	}
}
END_TEST

START_TEST(a_pipe_that_gives_byte_by_byte_is_read)
{
	struct tg_codec *c;
	char p[100];
	size_t n, all = 0;
	int fd[2];

	input_zstd(&raw, "slowly", 6);
	ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
	ck_assert_int_eq(write(fd[1], raw.p, 1), 1);
	if (fork() == 0) {
		for (size_t i = 1; i < raw.n; i++) {
			if (write(fd[1], raw.p + i, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	(void)close(fd[1]);
	ck_assert_int_eq(tg_codec_open(&c, fd[0], "pipe", &none, NULL), 0);
	ck_assert_int_eq(tg_codec_kind(c), TG_CODEC_ZSTD);
	do {
		ck_assert_int_eq(
		    tg_codec_read(c, p + all, sizeof(p) - all, &n, NULL), 0);
		all += n;
	} while (n > 0);
	ck_assert_uint_eq(all, 6);
	ck_assert_mem_eq(p, "slowly", 6);
	tg_codec_free(c);
	ck_assert_int_gt(wait(NULL), 0);
}
END_TEST

START_TEST(a_folder_cannot_be_read)
{
	struct tg_codec *c = NULL;
	struct tg_err err;

	ck_assert_int_eq(tg_codec_open(&c, open("/", O_RDONLY | O_CLOEXEC),
			     "folder", &none, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "folder"));
	ck_assert_ptr_null(c);
}
END_TEST

Suite *
codec_suite(void)
{
	Suite *s = suite_create("codec");
	TCase *t = tcase_create("codec");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, plain_gzip_and_zstd_come_back);
	tcase_add_test(t, an_empty_file_and_empty_streams_are_empty);
	tcase_add_test(t, members_and_frames_follow_each_other);
	tcase_add_test(t, skippable_frames_are_skipped);
	tcase_add_test(t, zero_padding_behind_gzip_is_no_damage);
	tcase_add_test(t, other_bytes_behind_the_data_are_refused);
	tcase_add_test(t, a_stream_cut_at_any_byte_is_refused);
	tcase_add_test(t, a_changed_byte_is_found_by_the_checksum_of_gzip);
	tcase_add_test(t, a_bomb_is_stopped_by_size);
	tcase_add_test(t, a_bomb_is_stopped_by_ratio);
	tcase_add_test(t, a_window_above_128_mib_is_refused);
	tcase_add_test(
	    t, the_digest_is_of_all_raw_bytes_wherever_reading_stopped);
	tcase_add_test(t, a_pipe_that_gives_byte_by_byte_is_read);
	tcase_add_test(t, a_folder_cannot_be_read);
	suite_add_tcase(s, t);
	return s;
}
