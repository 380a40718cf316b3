#include "pipeline/bundle/ustar.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

#define D50 "d1234567890123456789012345678901234567890123456789"
#define D48 "d12345678901234567890123456789012345678901234567"
#define N90                                             \
	"n12345678901234567890123456789012345678901234" \
	"567890123456789012345678901234567890123456789"

/* Bytewise sorted; lengths around the limits of ustar. */
static const struct {
	const char *name;
	size_t n;
} members[] = {
    {"A", 0},
    {"bag-info.txt", 12},
    {"bagit.txt", 511},
    {"data-more", 1},
    {"data/a.b_c-d/E", 512},
    {"data/a/b/c/d/e/f", 513},
    {"data/big", 100000},
    {"data/" D50 "/" D50 "/" D48 "/" N90 "123456789", 700}, /* 155 + 99 */
    {"data/" D50 "/" N90, 1},
    {"data/" D50 "/x", 2},
    {"data/" N90 "/" N90, 3},
    {"data/" N90 "12345", 5},  /* 100 bytes: whole */
    {"data/" N90 "123456", 6}, /* 101 bytes: cut */
    {"manifest-sha256.txt", 10240},
    {"z", 1024},
};

static void
content(uint8_t *p, size_t i)
{
	aid_fill(p, members[i].n, (uint32_t)i + 20);
}

static void
make_tar(struct tg_buf *out)
{
	uint8_t *const p = malloc(200000);
	struct tg_ustar_writer w;
	struct tg_err err = {0};

	tg_buf_init(out, AID_MAX);
	tg_ustar_begin(&w, aid_take, out);
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		const size_t n = members[i].n;

		content(p, i);
		ck_assert_msg(tg_ustar_member(
				  &w, tg_sv_of(members[i].name), n, &err) == 0,
		    "%s: %s", members[i].name, err.text);
		for (size_t at = 0; at < n; at += 333)
			ck_assert_int_eq(tg_ustar_data(&w, p + at,
					     n - at < 333 ? n - at : 333, NULL),
			    0);
	}
	ck_assert_int_eq(tg_ustar_end(&w, NULL), 0);
	ck_assert_uint_eq(w.n, out->n);
	free(p);
}

/* What is read is written down as "name size:bytes". */
static int
log_member(void *ctx, struct tg_sv name, uint64_t size, struct tg_err *err)
{
	return tg_buf_addf(
	    ctx, err, "%.*s %llu:", TG_SV_FMT(name), (unsigned long long)size);
}

static int
log_done(void *ctx, struct tg_err *err)
{
	return tg_buf_addc(ctx, '\n', err);
}

static struct tg_ustar_events
logger(struct tg_buf *log)
{
	tg_buf_init(log, AID_MAX);
	return (struct tg_ustar_events){log_member, aid_take, log_done, log};
}

static int
read_pieces(
    struct tg_sv tar, size_t piece, struct tg_buf *log, struct tg_err *err)
{
	const struct tg_ustar_events on = logger(log);
	struct tg_ustar_reader r;

	tg_ustar_reader_init(&r, &on);
	for (size_t at = 0; at < tar.n; at += piece)
		if (tg_ustar_push(&r, tar.p + at,
			tar.n - at < piece ? tar.n - at : piece, err) < 0)
			return -1;
	return tg_ustar_finish(&r, err);
}

START_TEST(ustar_is_what_gnu_tar_makes_of_the_same_files)
{
	static const char tar[] =
	    "find . -type f -printf '%P\\n' | LC_ALL=C sort | "
	    "LC_ALL=C tar --format=ustar --no-recursion --mtime=@0 "
	    "--owner=0 --group=0 --numeric-owner --mode=0644 -T - -cf -";
	char *const dir = aid_dir();
	uint8_t *const p = malloc(200000);
	struct tg_buf ours, theirs;

	if (!aid_have("tar", "ustar_is_what_gnu_tar_makes"))
		goto out;
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		char path[512];

		(void)snprintf(
		    path, sizeof path, "%s/in/%s", dir, members[i].name);
		*strrchr(path, '/') = '\0';
		ck_assert_int_eq(tg_fs_mkdirs(path, 0700, NULL), 0);
		path[strlen(path)] = '/';
		content(p, i);
		aid_write(path, p, members[i].n);
	}
	ck_assert_int_eq(
	    aid_sh(aid_path(dir, "in"), aid_path(dir, "gnu.tar"), tar), 0);
	aid_slurp(&theirs, aid_path(dir, "gnu.tar"));
	make_tar(&ours);
	ck_assert_uint_eq(ours.n, theirs.n);
	ck_assert_mem_eq(ours.p, theirs.p, ours.n);
	tg_buf_deinit(&ours);
	tg_buf_deinit(&theirs);
out:
	free(p);
	aid_dir_free(dir);
}
END_TEST

START_TEST(ustar_pieces_of_any_length_read_the_same)
{
	static const size_t pieces[] = {1, 7, 511, 512, 513, 65536, 1 << 20};
	struct tg_buf tar, log, want;
	struct tg_err err = {0};
	uint8_t *const p = malloc(200000);

	make_tar(&tar);
	tg_buf_init(&want, AID_MAX);
	for (size_t i = 0; i < TG_COUNT(members); i++) {
		content(p, i);
		ck_assert_int_eq(log_member(&want, tg_sv_of(members[i].name),
				     members[i].n, NULL),
		    0);
		ck_assert_int_eq(tg_buf_add(&want, p, members[i].n, NULL), 0);
		ck_assert_int_eq(log_done(&want, NULL), 0);
	}
	ck_assert_msg(read_pieces(tg_buf_sv(&tar), pieces[_i], &log, &err) == 0,
	    "%s", err.text);
	ck_assert(tg_sv_eq(tg_buf_sv(&log), tg_buf_sv(&want)));
	tg_buf_deinit(&log);
	tg_buf_deinit(&want);
	tg_buf_deinit(&tar);
	free(p);
}
END_TEST

START_TEST(ustar_file_is_read_through_a_descriptor)
{
	struct tg_ustar_events on;
	struct tg_buf tar, log, want;
	int fd;

	make_tar(&tar);
	ck_assert_int_eq(read_pieces(tg_buf_sv(&tar), 1 << 20, &want, NULL), 0);
	on = logger(&log);
	fd = aid_memfd(tar.p, tar.n);
	ck_assert_int_eq(tg_ustar_read(fd, &on, NULL), 0);
	ck_assert(tg_sv_eq(tg_buf_sv(&log), tg_buf_sv(&want)));
	(void)close(fd);
	tg_buf_deinit(&log);
	tg_buf_deinit(&want);
	tg_buf_deinit(&tar);
}
END_TEST

/* A changed bit of a header, a padding or the end is found; one of the content
 * is not the tar's to find. */
START_TEST(ustar_no_flipped_bit_outside_the_content_is_accepted)
{
	static const uint8_t content_700[700];
	struct tg_buf tar, log;
	struct tg_ustar_writer w;
	size_t refused = 0;

	tg_buf_init(&tar, AID_MAX);
	tg_ustar_begin(&w, aid_take, &tar);
	ck_assert_int_eq(tg_ustar_member(&w, TG_SV("a/b"), 700, NULL), 0);
	ck_assert_int_eq(tg_ustar_data(&w, content_700, 500, NULL), 0);
	ck_assert_int_eq(tg_ustar_data(&w, content_700, 200, NULL), 0);
	ck_assert_int_eq(tg_ustar_member(&w, TG_SV("b"), 0, NULL), 0);
	ck_assert_int_eq(tg_ustar_end(&w, NULL), 0);
	for (size_t at = 0; at < tar.n; at += AID_STRIDE(3))
		for (unsigned bit = 0; bit < 8; bit++) {
			const bool inside = at >= 512 && at < 512 + 700;

			tar.p[at] = (char)(tar.p[at] ^ (1 << bit));
			ck_assert_msg((read_pieces(tg_buf_sv(&tar), 1 << 20,
					   &log, NULL) == 0) == inside,
			    "byte %zu bit %u", at, bit);
			tar.p[at] = (char)(tar.p[at] ^ (1 << bit));
			refused += !inside;
			tg_buf_deinit(&log);
		}
	ck_assert_uint_gt(refused, 10000 / AID_STRIDE(3));
	for (size_t n = 0; n < tar.n; n++) {
		ck_assert_int_lt(
		    read_pieces((struct tg_sv){tar.p, n}, 1 << 20, &log, NULL),
		    0);
		tg_buf_deinit(&log);
	}
	ck_assert_int_eq(tg_buf_addc(&tar, '\0', NULL), 0);
	ck_assert_int_lt(read_pieces(tg_buf_sv(&tar), 1 << 20, &log, NULL), 0);
	tg_buf_deinit(&log);
	tg_buf_deinit(&tar);
}
END_TEST

static const char *const bad_names[] = {"", "/", "/a", "a/", "a//b", ".", "..",
    "a/..", "../a", "a/./b", "./a", "-a", "a/-b", "a b", "a\\b", "a\nb", "a:b",
    "caf\xc3\xa9", "a*",
    /* no '/' where ustar can cut */
    "data_" N90 "123456", N90 "/" N90 N90, D50 "/" D50 "/" D50 "/" D50 N90};

START_TEST(ustar_name_that_does_not_fit_is_refused)
{
	struct tg_ustar_writer w;
	struct tg_err err = {0};
	struct tg_buf out;

	tg_buf_init(&out, AID_MAX);
	tg_ustar_begin(&w, aid_take, &out);
	ck_assert_int_eq(
	    tg_ustar_member(&w, tg_sv_of(bad_names[_i]), 0, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_uint_eq(out.n, 0);
	tg_buf_deinit(&out);
}
END_TEST

START_TEST(ustar_members_are_in_order_whole_and_once)
{
	struct tg_ustar_writer w;
	struct tg_err err = {0};
	struct tg_buf out;

	tg_buf_init(&out, AID_MAX);
	tg_ustar_begin(&w, aid_take, &out);
	ck_assert_int_eq(tg_ustar_member(&w, TG_SV("b"), 2, NULL), 0);
	ck_assert_int_eq(tg_ustar_data(&w, "x", 1, NULL), 0);
	ck_assert_int_eq(tg_ustar_member(&w, TG_SV("c"), 0, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_int_eq(tg_ustar_end(&w, &err), -1);
	ck_assert_int_eq(tg_ustar_data(&w, "xx", 2, &err), -1);
	ck_assert_int_eq(tg_ustar_data(&w, "x", 1, NULL), 0);
	ck_assert_int_eq(tg_ustar_member(&w, TG_SV("b"), 0, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_int_eq(tg_ustar_member(&w, TG_SV("a"), 0, &err), -1);
	ck_assert_int_eq(
	    tg_ustar_member(&w, TG_SV("c"), TG_USTAR_SIZE_MAX + 1, &err), -1);
	ck_assert_int_eq(
	    tg_ustar_member(&w, TG_SV("c"), TG_USTAR_SIZE_MAX, NULL), 0);
	tg_buf_deinit(&out);
}
END_TEST

/* A link, a folder, a pax header, an old tar: well formed, and refused. */
START_TEST(ustar_reader_takes_nothing_that_gnu_tar_adds)
{
	static const char *const scripts[] = {
	    "ln -s a l; tar --format=ustar -cf - l",
	    "mkdir d; tar --format=ustar --mtime=@0 --owner=0 --group=0 "
	    "--numeric-owner --mode=0644 -cf - d",
	    "tar --format=pax --mtime=@0.5 -cf - a",
	    "tar --format=gnu --mtime=@0 --owner=0 --group=0 "
	    "--numeric-owner --mode=0644 -cf - a",
	    "tar --format=ustar --mtime=@1 --owner=0 --group=0 "
	    "--numeric-owner --mode=0644 -cf - a",
	    "tar --format=ustar --mtime=@0 --owner=1 --group=0 "
	    "--numeric-owner --mode=0644 -cf - a",
	    "tar --format=ustar --mtime=@0 --owner=0 --group=0 "
	    "--numeric-owner --mode=0755 -cf - a",
	    "tar --format=ustar --mtime=@0 --owner=0 --group=0 "
	    "--numeric-owner --mode=0644 -cf - b a"};
	char *const dir = aid_dir();
	struct tg_err err = {0};
	struct tg_buf tar, log;

	if (!aid_have("tar", "ustar_reader_takes_nothing_that_gnu_tar_adds"))
		goto out;
	aid_write(aid_path(dir, "a"), "a", 1);
	aid_write(aid_path(dir, "b"), "b", 1);
	ck_assert_int_eq(aid_sh(dir, aid_path(dir, "t.tar"), scripts[_i]), 0);
	aid_slurp(&tar, aid_path(dir, "t.tar"));
	ck_assert_int_eq(read_pieces(tg_buf_sv(&tar), 1 << 20, &log, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	tg_buf_deinit(&tar);
	tg_buf_deinit(&log);
out:
	aid_dir_free(dir);
}
END_TEST

Suite *
ustar_suite(void)
{
	Suite *const s = suite_create("ustar");
	TCase *const t = tcase_create("ustar");

	tcase_add_test(t, ustar_is_what_gnu_tar_makes_of_the_same_files);
	tcase_add_loop_test(t, ustar_pieces_of_any_length_read_the_same, 0, 7);
	tcase_add_test(t, ustar_file_is_read_through_a_descriptor);
	tcase_add_test(t, ustar_no_flipped_bit_outside_the_content_is_accepted);
	tcase_add_loop_test(t, ustar_name_that_does_not_fit_is_refused, 0,
	    (int)TG_COUNT(bad_names));
	tcase_add_test(t, ustar_members_are_in_order_whole_and_once);
	tcase_add_loop_test(
	    t, ustar_reader_takes_nothing_that_gnu_tar_adds, 0, 8);
	suite_add_tcase(s, t);
	return s;
}
