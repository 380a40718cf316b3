#include "pipeline/bundle/zstd.h"

#include <stdlib.h>

#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

static const size_t sizes[] = {0, 1, 2, 131071, 131072, 131073, 1000000};

static void
compress(struct tg_buf *out, const void *p, size_t n, int level, bool padme)
{
	struct tg_zstd_writer *w;

	tg_buf_init(out, AID_MAX);
	ck_assert_int_eq(tg_zstd_writer_new(&w, level, aid_take, out, NULL), 0);
	ck_assert_int_eq(tg_zstd_write(w, p, n, NULL), 0);
	ck_assert_int_eq(tg_zstd_finish(w, padme, NULL), 0);
	tg_zstd_writer_free(w);
}

static int
decompress(
    struct tg_buf *out, struct tg_sv in, size_t piece, struct tg_err *err)
{
	struct tg_zstd_reader *r;
	int rc = 0;

	tg_buf_init(out, AID_MAX);
	ck_assert_int_eq(tg_zstd_reader_new(&r, aid_take, out, NULL), 0);
	for (size_t at = 0; at < in.n && rc == 0; at += piece)
		rc = tg_zstd_push(
		    r, in.p + at, in.n - at < piece ? in.n - at : piece, err);
	if (rc == 0)
		rc = tg_zstd_ended(r, err);
	tg_zstd_reader_free(r);
	return rc;
}

/* Half of it compresses. */
static uint8_t *
half_noise(size_t n)
{
	uint8_t *const p = calloc(1, n + 1);

	for (size_t at = 0; at + 512 <= n; at += 512)
		aid_fill(p + at, 256, (uint32_t)at);
	return p;
}

START_TEST(zstd_padme_grows_little_and_never_shrinks)
{
	ck_assert_uint_eq(tg_zstd_padme(0), 0);
	ck_assert_uint_eq(tg_zstd_padme(1), 1);
	ck_assert_uint_eq(tg_zstd_padme(8), 8);
	ck_assert_uint_eq(tg_zstd_padme(9), 10); /* the paper's example */
	ck_assert_uint_eq(tg_zstd_padme(1000000), 1015808);
	for (uint64_t n = 2; n < 300000; n++) {
		const uint64_t p = tg_zstd_padme(n);

		if (p < n || (p - n) * 100 > n * 12 || tg_zstd_padme(p) != p)
			ck_abort_msg(
			    "padme of %ju is %ju", (uintmax_t)n, (uintmax_t)p);
	}
}
END_TEST

START_TEST(zstd_what_was_compressed_comes_back)
{
	static const int levels[] = {1, 3, 19};
	const size_t n = sizes[_i];
	uint8_t *const p = half_noise(n);
	struct tg_buf z, out;
	struct tg_err err = {0};

	for (unsigned i = 0; i < 6; i++) {
		compress(&z, p, n, levels[i / 2], i % 2 != 0);
		if (i % 2 != 0)
			ck_assert_uint_eq(z.n, tg_zstd_padme(z.n));
		ck_assert_msg(decompress(&out, tg_buf_sv(&z), i == 3 ? 1 : 4096,
				  &err) == 0,
		    "%s", err.text);
		ck_assert_uint_eq(out.n, n);
		ck_assert(n == 0 || memcmp(out.p, p, n) == 0);
		tg_buf_deinit(&out);
		tg_buf_deinit(&z);
	}
	free(p);
}
END_TEST

START_TEST(zstd_level_is_1_to_19)
{
	struct tg_zstd_writer *w;
	struct tg_err err = {0};

	for (int level = -1; level <= 23; level++) {
		if (level >= 1 && level <= 19)
			continue;
		ck_assert_int_eq(
		    tg_zstd_writer_new(&w, level, aid_take, NULL, &err), -1);
		ck_assert_int_eq(err.cls, TG_E_CONFIG);
	}
}
END_TEST

/* The content checksum and the strict padding leave no bit free, but those of
 * the frame that mean nothing: so what comes out is always right. */
START_TEST(zstd_changed_or_cut_stream_never_gives_other_bytes)
{
	const size_t n = 3000;
	uint8_t *const p = half_noise(n);
	struct tg_buf z, bare, out;
	size_t accepted = 0;

	compress(&z, p, n, 3, true);
	compress(&bare, p, n, 3, false);
	for (size_t bit = 0; bit < z.n * 8; bit++) {
		z.p[bit / 8] = (char)(z.p[bit / 8] ^ (1 << bit % 8));
		if (decompress(&out, tg_buf_sv(&z), 4096, NULL) == 0) {
			accepted++;
			ck_assert_uint_eq(out.n, n);
			ck_assert_mem_eq(out.p, p, n);
		}
		z.p[bit / 8] = (char)(z.p[bit / 8] ^ (1 << bit % 8));
		tg_buf_deinit(&out);
	}
	/* Window size and one unused bit of the frame header. */
	ck_assert_uint_le(accepted, 10);
	for (size_t cut = 0; cut < z.n; cut++) {
		const int rc =
		    decompress(&out, (struct tg_sv){z.p, cut}, 4096, NULL);

		/* Cut just before its padding it is a whole stream. */
		ck_assert_int_eq(rc, cut == bare.n ? 0 : -1);
		tg_buf_deinit(&out);
	}
	tg_buf_deinit(&bare);
	ck_assert_int_eq(tg_buf_addc(&z, '\0', NULL), 0);
	ck_assert_int_eq(decompress(&out, tg_buf_sv(&z), 4096, NULL), -1);
	tg_buf_deinit(&out);
	tg_buf_deinit(&z);
	free(p);
}
END_TEST

START_TEST(zstd_second_frame_or_leading_padding_is_refused)
{
	struct tg_buf a, b, out;

	compress(&a, "x", 1, 3, false);
	compress(&b, "y", 1, 3, true);
	ck_assert_int_eq(tg_buf_addsv(&a, tg_buf_sv(&b), NULL), 0);
	ck_assert_int_eq(decompress(&out, tg_buf_sv(&a), 4096, NULL), -1);
	tg_buf_deinit(&out);
	ck_assert_int_eq(
	    decompress(&out, (struct tg_sv){"\x50\x2a\x4d\x18\0\0\0\0", 8},
		4096, NULL),
	    -1);
	tg_buf_deinit(&out);
	ck_assert_int_eq(decompress(&out, TG_SV(""), 4096, NULL), -1);
	tg_buf_deinit(&out);
	tg_buf_deinit(&a);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(zstd_program_reads_ours_and_we_its)
{
	char *const dir = aid_dir();
	const size_t n = sizes[_i];
	uint8_t *const p = half_noise(n);
	const char *const un[] = {"zstd", "-q", "-d", "-o", "out", "z", NULL};
	const char *const re[] = {
	    "zstd", "-q", "-19", "--check", "-o", "theirs", "in", NULL};
	struct tg_buf z, out;
	struct tg_err err = {0};

	if (!aid_have("zstd", "zstd_program_reads_ours_and_we_its"))
		goto out;
	compress(&z, p, n, 19, true);
	aid_write(aid_path(dir, "z"), z.p, z.n);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, un), 0);
	aid_slurp(&out, aid_path(dir, "out"));
	ck_assert_uint_eq(out.n, n);
	ck_assert(n == 0 || memcmp(out.p, p, n) == 0);
	tg_buf_deinit(&out);
	tg_buf_deinit(&z);
	aid_write(aid_path(dir, "in"), p, n);
	ck_assert_int_eq(aid_run(dir, NULL, NULL, re), 0);
	aid_slurp(&z, aid_path(dir, "theirs"));
	ck_assert_msg(
	    decompress(&out, tg_buf_sv(&z), 4096, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(out.n, n);
	ck_assert(n == 0 || memcmp(out.p, p, n) == 0);
	tg_buf_deinit(&out);
	tg_buf_deinit(&z);
out:
	free(p);
	aid_dir_free(dir);
}
END_TEST

Suite *
zstd_suite(void)
{
	Suite *const s = suite_create("zstd");
	TCase *const t = tcase_create("zstd");

	tcase_add_test(t, zstd_padme_grows_little_and_never_shrinks);
	tcase_add_loop_test(
	    t, zstd_what_was_compressed_comes_back, 0, (int)TG_COUNT(sizes));
	tcase_add_test(t, zstd_level_is_1_to_19);
	tcase_add_test(t, zstd_changed_or_cut_stream_never_gives_other_bytes);
	tcase_add_test(t, zstd_second_frame_or_leading_padding_is_refused);
	tcase_add_loop_test(
	    t, zstd_program_reads_ours_and_we_its, 0, (int)TG_COUNT(sizes));
	suite_add_tcase(s, t);
	return s;
}
