#include "pipeline/bundle/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/bundle/bag.h"
#include "pipeline/bundle/zstd.h"
#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/seal_kit.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

#define VOLUME "payload-00000.tar.zst.age"

static void
seal(struct tg_volume *v, const struct kit_volume *k)
{
	struct tg_err err = {0};

	ck_assert_msg(tg_seal_volume(v, &k->spec, &err) == 0, "%s", err.text);
}

static void
assert_same_file(const char *a, const char *b)
{
	struct tg_buf x, y;

	aid_slurp(&x, a);
	aid_slurp(&y, b);
	ck_assert(tg_sv_eq(tg_buf_sv(&x), tg_buf_sv(&y)));
	tg_buf_deinit(&x);
	tg_buf_deinit(&y);
}

/* The folder holds the members, the tag files and nothing else. */
static void
assert_unpacked(const struct kit_volume *k, const char *out)
{
	struct tg_fs_names names;
	struct stat st;

	ck_assert_int_eq(tg_fs_list(&names, out, true, NULL), 0);
	ck_assert_uint_eq(names.n, KIT_MEMBERS + TG_BAG_TAGS);
	for (size_t i = 0; i < names.n; i++) {
		ck_assert_int_eq(stat(aid_path(out, names.name[i]), &st), 0);
		ck_assert_uint_eq(st.st_mode & 07777, 0600);
	}
	tg_fs_names_free(&names);
	for (size_t i = 0; i < KIT_MEMBERS; i++)
		assert_same_file(
		    k->member[i].path, aid_path(out, k->member[i].name));
}

START_TEST(seal_and_open_give_the_members_back)
{
	char *const dir = aid_dir();
	char *const out = tg_fs_join(dir, "out");
	struct kit_volume k;
	struct tg_volume sealed, opened;
	struct tg_err err = {0};
	struct tg_bundle_open open = {0};
	uint8_t digest[TG_SHA256_LEN];
	uint64_t size;

	kit_volume(&k, dir, VOLUME);
	seal(&sealed, &k);
	ck_assert_uint_eq(sealed.tar_members, KIT_MEMBERS + TG_BAG_TAGS);
	ck_assert_int_eq(tg_sha256_file(digest, k.out, &size, NULL), 0);
	ck_assert_uint_eq(size, sealed.bytes);
	ck_assert_mem_eq(digest, sealed.sha256, sizeof digest);
	open = (struct tg_bundle_open){.path = k.out,
	    .keys = &k.keys,
	    .want = &sealed,
	    .recipients = 2,
	    .out_dir = out};
	ck_assert_msg(
	    tg_bundle_open_volume(&opened, &open, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(opened.bytes, sealed.bytes);
	ck_assert_uint_eq(opened.tar_bytes, sealed.tar_bytes);
	ck_assert_uint_eq(opened.tar_members, sealed.tar_members);
	ck_assert_mem_eq(opened.sha256, sealed.sha256, TG_SHA256_LEN);
	ck_assert_mem_eq(opened.tar_sha256, sealed.tar_sha256, TG_SHA256_LEN);
	assert_unpacked(&k, out);
	/* A folder that is there is never written into. */
	ck_assert_int_eq(tg_bundle_open_volume(&opened, &open, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_NO);
	assert_unpacked(&k, out);
	free(out);
	aid_dir_free(dir);
}
END_TEST

/* The plaintext digest is the same every time, the ciphertext never. */
START_TEST(seal_again_gives_the_same_tar_under_fresh_keys)
{
	char *const dir = aid_dir(), *const other = aid_dir();
	struct kit_volume k, l;
	struct tg_volume a, b, c;

	kit_volume(&k, dir, VOLUME);
	kit_volume(&l, other, "payload-00001.tar.zst.age");
	/* The order in which the members come does not matter. */
	l.member[0] = k.member[3];
	l.member[3] = k.member[0];
	l.spec.zstd_level = 19;
	seal(&a, &k);
	seal(&b, &k);
	seal(&c, &l);
	ck_assert_uint_eq(a.tar_bytes, b.tar_bytes);
	ck_assert_mem_eq(a.tar_sha256, b.tar_sha256, TG_SHA256_LEN);
	ck_assert_mem_eq(a.tar_sha256, c.tar_sha256, TG_SHA256_LEN);
	ck_assert_mem_ne(a.sha256, b.sha256, TG_SHA256_LEN);
	aid_dir_free(dir);
	aid_dir_free(other);
}
END_TEST

START_TEST(seal_pads_the_size)
{
	char *const dir = aid_dir();
	struct kit_volume k;
	struct tg_volume v;
	struct tg_buf age;
	uint64_t payload, chunks;

	kit_volume(&k, dir, VOLUME);
	seal(&v, &k);
	aid_slurp(&age, k.out);
	payload = age.n - kit_payload(&age);
	chunks = (payload + 65551) / 65552;
	payload -= 16 * chunks;
	ck_assert_uint_eq(payload, tg_zstd_padme(payload));
	tg_buf_deinit(&age);
	aid_dir_free(dir);
}
END_TEST

/* Each leaves no volume, no temporary file, and says which class. */
static void
break_size(struct kit_volume *k)
{
	k->member[1].size--;
}
static void
break_longer(struct kit_volume *k)
{
	k->member[1].size++;
}
static void
break_digest(struct kit_volume *k)
{
	k->member[0].sha256[31] ^= 1;
}
static void
break_missing(struct kit_volume *k)
{
	(void)unlink(k->path[2]);
}
static void
break_link(struct kit_volume *k)
{
	(void)unlink(k->path[0]);
	ck_assert_int_eq(symlink("member-1", k->path[0]), 0);
}
static void
break_pipe(struct kit_volume *k)
{
	(void)unlink(k->path[0]);
	ck_assert_int_eq(mkfifo(k->path[0], 0600), 0);
}
static void
break_name(struct kit_volume *k)
{
	k->member[2].name = "data/../x";
}
static void
break_twice(struct kit_volume *k)
{
	k->member[2].name = k->member[3].name;
}
static void
break_level(struct kit_volume *k)
{
	k->spec.zstd_level = 0;
}
static void
break_recipients(struct kit_volume *k)
{
	k->spec.n_recipient = 0;
}
static void
break_empty(struct kit_volume *k)
{
	k->spec.n_member = 0;
}

static const struct {
	void (*how)(struct kit_volume *k);
	enum tg_err_class cls;
} breaks[] = {
    {break_size, TG_E_INTEGRITY},
    {break_longer, TG_E_INTEGRITY},
    {break_digest, TG_E_INTEGRITY},
    {break_missing, TG_E_IO},
    {break_link, TG_E_IO},
    {break_pipe, TG_E_IO},
    {break_name, TG_E_INPUT},
    {break_twice, TG_E_INPUT},
    {break_level, TG_E_CONFIG},
    {break_recipients, TG_E_KEY},
    {break_empty, TG_E_LIMIT},
};

START_TEST(seal_that_fails_leaves_nothing)
{
	char *const dir = aid_dir();
	struct kit_volume k;
	struct tg_volume v = {.bytes = 77};
	struct tg_fs_names names;
	struct tg_err err = {0};

	kit_volume(&k, dir, VOLUME);
	breaks[_i].how(&k);
	ck_assert_int_eq(tg_seal_volume(&v, &k.spec, &err), -1);
	ck_assert_msg(err.cls == breaks[_i].cls, "%s", err.text);
	ck_assert_uint_eq(v.bytes, 77);
	ck_assert_int_eq(tg_fs_list(&names, dir, false, NULL), 0);
	for (size_t i = 0; i < names.n; i++)
		ck_assert_int_eq(strncmp(names.name[i], "member-", 7), 0);
	tg_fs_names_free(&names);
	aid_dir_free(dir);
}
END_TEST

/* Opening what is not what the manifest names. */

static int
try_open(const struct kit_volume *k, const struct tg_volume *want,
    size_t recipients, struct tg_err *err)
{
	char out[600];
	const struct tg_bundle_open open = {.path = k->out,
	    .keys = &k->keys,
	    .want = want,
	    .max_tar_bytes = 1 << 20,
	    .max_members = 100,
	    .recipients = recipients,
	    .out_dir = out};
	int rc;

	(void)snprintf(out, sizeof out, "%s.out", k->out);
	rc = tg_bundle_open_volume(NULL, &open, err);
	if (rc < 0)
		ck_assert(!tg_fs_exists(out));
	(void)snprintf(out, sizeof out, "%s.out.partial", k->out);
	ck_assert(!tg_fs_exists(out));
	(void)snprintf(out, sizeof out, "%s.out", k->out);
	ck_assert_int_eq(tg_fs_remove_tree(out, NULL), 0);
	return rc;
}

START_TEST(open_finds_every_difference_from_the_manifest)
{
	char *const dir = aid_dir();
	struct kit_volume k;
	struct tg_volume v, w;
	struct tg_err err = {0};

	kit_volume(&k, dir, VOLUME);
	seal(&v, &k);
	ck_assert_msg(try_open(&k, &v, 2, &err) == 0, "%s", err.text);
	ck_assert_int_eq(try_open(&k, NULL, 0, &err), 0);
	ck_assert_int_eq(try_open(&k, &v, 1, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	for (unsigned i = 0; i < 7; i++) {
		w = v;
		w.bytes += i == 0;
		w.sha256[0] ^= i == 1;
		w.tar_bytes += i == 2;
		w.tar_bytes -= i == 3;
		w.tar_sha256[9] ^= i == 4;
		w.tar_members += i == 5;
		w.tar_members -= i == 6;
		ck_assert_int_eq(try_open(&k, &w, 2, &err), -1);
		ck_assert_msg(err.cls == TG_E_INTEGRITY, "%s", err.text);
	}
	aid_fill(k.sk, sizeof k.sk, 99);
	ck_assert_int_eq(try_open(&k, &v, 2, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_KEY);
	aid_dir_free(dir);
}
END_TEST

/* Sealed rightly, but not a bag, or not ours: each a single defect. */
static int
to_age(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	return tg_age_write(ctx, p, n, err);
}

static int
to_zstd(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	return tg_zstd_write(ctx, p, n, err);
}

static const struct {
	const char *names[8], *says;
} strange[] = {
    {{"data/a"}, "bag"},
    {{"bag-info.txt", "bagit.txt", "data/a", "data/b", "manifest-sha256.txt",
	 "tagmanifest-sha256.txt"},
	"does not say"},
    {{"bag-info.txt", "bagit.txt", "data/a", "evil.sh"}, "no file of a bag"},
    {{"bag-info.txt", "bagit.txt"}, "bag"},
};

START_TEST(open_takes_only_a_whole_bag)
{
	char *const dir = aid_dir();
	struct kit_volume k;
	struct tg_age_writer *age;
	struct tg_zstd_writer *zstd;
	struct tg_ustar_writer tar;
	struct tg_err err = {0};
	struct tg_buf out;

	kit_volume(&k, dir, VOLUME);
	tg_buf_init(&out, AID_MAX);
	ck_assert_int_eq(
	    tg_age_writer_new(&age, k.spec.recipient, 2, aid_take, &out, NULL),
	    0);
	ck_assert_int_eq(tg_zstd_writer_new(&zstd, 3, to_age, age, NULL), 0);
	tg_ustar_begin(&tar, to_zstd, zstd);
	for (size_t i = 0; i < 8 && strange[_i].names[i] != NULL; i++) {
		ck_assert_int_eq(tg_ustar_member(&tar,
				     tg_sv_of(strange[_i].names[i]), 1, NULL),
		    0);
		ck_assert_int_eq(tg_ustar_data(&tar, "x", 1, NULL), 0);
	}
	ck_assert_int_eq(tg_ustar_end(&tar, NULL), 0);
	ck_assert_int_eq(tg_zstd_finish(zstd, true, NULL), 0);
	ck_assert_int_eq(tg_age_finish(age, NULL), 0);
	tg_age_writer_free(age);
	tg_zstd_writer_free(zstd);
	aid_write(k.out, out.p, out.n);
	ck_assert_int_eq(try_open(&k, NULL, 2, &err), -1);
	ck_assert_msg(err.cls == TG_E_INTEGRITY &&
		strstr(err.text, strange[_i].says) != NULL,
	    "%s", err.text);
	tg_buf_deinit(&out);
	aid_dir_free(dir);
}
END_TEST

/* A bomb: 64 MiB of zeros in a few kilobytes stop at the cap. */
START_TEST(open_stops_at_the_cap)
{
	char *const dir = aid_dir();
	struct kit_volume k;
	struct tg_volume v;
	struct tg_err err = {0};
	const size_t n = 64U << 20;
	uint8_t *const zeros = calloc(1, n);

	kit_volume(&k, dir, VOLUME);
	aid_write(k.path[0], zeros, n);
	k.member[0].size = n;
	ck_assert_int_eq(
	    tg_sha256_bytes(k.member[0].sha256, zeros, n, NULL), 0);
	seal(&v, &k);
	ck_assert_uint_lt(v.bytes, 400000);
	ck_assert_int_eq(try_open(&k, NULL, 2, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(err.text, "longer than"));
	ck_assert_int_eq(try_open(&k, &v, 2, &err), 0);
	free(zeros);
	aid_dir_free(dir);
}
END_TEST

/* The way of a recipient without our software. */
START_TEST(seal_opens_with_standard_programs)
{
	static const char script[] =
	    "set -e; age -d -i key.txt " VOLUME
	    " | zstd -q -d >p.tar; sha256sum p.tar | cut -c-64 >sum; "
	    "tar -x --one-top-level=out -f p.tar; cd out; "
	    "sha256sum --strict -c manifest-sha256.txt "
	    "tagmanifest-sha256.txt; "
	    "find . -type f -printf '%P\\n' | LC_ALL=C sort | LC_ALL=C tar "
	    "--format=ustar --no-recursion --mtime=@0 --owner=0 --group=0 "
	    "--numeric-owner --mode=0644 -T - -cf - | cmp - ../p.tar";
	char *const dir = aid_dir();
	char hex[TG_SHA256_HEX];
	struct kit_volume k;
	struct tg_volume v;
	struct tg_buf sum;

	if (!aid_have("age", "seal_opens_with_standard_programs") ||
	    !aid_have("zstd", "seal_opens_with_standard_programs"))
		goto out;
	kit_volume(&k, dir, VOLUME);
	seal(&v, &k);
	aid_write(
	    aid_path(dir, "key.txt"), KIT_IDENTITY "\n", sizeof KIT_IDENTITY);
	ck_assert_int_eq(aid_sh(dir, NULL, script), 0);
	aid_slurp(&sum, aid_path(dir, "sum"));
	tg_sha256_hex(hex, v.tar_sha256);
	ck_assert_uint_eq(sum.n, 65);
	ck_assert_mem_eq(sum.p, hex, 64);
	tg_buf_deinit(&sum);
out:
	aid_dir_free(dir);
}
END_TEST

Suite *
seal_suite(void)
{
	Suite *const s = suite_create("seal");
	TCase *const t = tcase_create("seal");

	tcase_add_test(t, seal_and_open_give_the_members_back);
	tcase_add_test(t, seal_again_gives_the_same_tar_under_fresh_keys);
	tcase_add_test(t, seal_pads_the_size);
	tcase_add_loop_test(
	    t, seal_that_fails_leaves_nothing, 0, (int)TG_COUNT(breaks));
	tcase_add_test(t, open_finds_every_difference_from_the_manifest);
	tcase_add_loop_test(
	    t, open_takes_only_a_whole_bag, 0, (int)TG_COUNT(strange));
	tcase_add_test(t, open_stops_at_the_cap);
	tcase_add_test(t, seal_opens_with_standard_programs);
	suite_add_tcase(s, t);
	return s;
}
