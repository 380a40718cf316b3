#include "base/digest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

#define MILLION 1000000

/* FIPS 180-4 examples (NIST CSRC): empty, "abc", two blocks. */
static const struct {
	const char *text, *hex;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static const char million_a[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

START_TEST(the_examples_of_fips_180_hold)
{
	uint8_t d[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	ck_assert_int_eq(tg_sha256_bytes(d, vectors[_i].text,
			     strlen(vectors[_i].text), NULL),
	    0);
	tg_sha256_hex(hex, d);
	ck_assert_str_eq(hex, vectors[_i].hex);
}
END_TEST

START_TEST(pieces_of_any_size_give_the_same_digest)
{
	static const size_t steps[] = {1, 63, 64, 65, 4096, 99999};
	const size_t step = steps[_i];
	char *a = malloc(MILLION);
	struct tg_sha256 h;
	uint8_t d[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	ck_assert_ptr_nonnull(a);
	memset(a, 'a', MILLION);
	ck_assert_int_eq(tg_sha256_init(&h, NULL), 0);
	for (size_t i = 0; i < MILLION; i += step)
		tg_sha256_add(&h, a, MILLION - i < step ? MILLION - i : step);
	tg_sha256_add(&h, NULL, 0);
	tg_sha256_end(&h, d);
	tg_sha256_drop(&h);
	tg_sha256_hex(hex, d);
	ck_assert_str_eq(hex, million_a);
	free(a);
}
END_TEST

START_TEST(a_file_is_digested_from_its_start_and_its_position_stays)
{
	char *dir = test_folder(), *path = tg_fs_join(dir, "a");
	char *a = malloc(MILLION);
	uint8_t d[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	uint64_t size = 0;
	struct tg_err err;
	int fd;

	ck_assert_ptr_nonnull(a);
	memset(a, 'a', MILLION);
	ck_assert_int_eq(tg_fs_write(path, (struct tg_sv){a, MILLION}, 0600,
			     TG_FS_NEW, &err),
	    0);
	ck_assert_int_eq(tg_sha256_file(d, path, &size, &err), 0);
	tg_sha256_hex(hex, d);
	ck_assert_str_eq(hex, million_a);
	ck_assert_uint_eq(size, MILLION);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(lseek(fd, 5, SEEK_SET), 5);
	memset(d, 0, sizeof(d));
	ck_assert_int_eq(tg_sha256_fd(d, fd, NULL, &err), 0);
	tg_sha256_hex(hex, d);
	ck_assert_str_eq(hex, million_a);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 5);
	close(fd);
	ck_assert_int_eq(tg_fs_remove_tree(dir, &err), 0);
	ck_assert_int_eq(tg_sha256_file(d, path, &size, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	free(a);
	free(path);
	free(dir);
}
END_TEST

Suite *
digest_suite(void)
{
	Suite *s = suite_create("digest");
	TCase *t = tcase_create("digest");

	tcase_add_loop_test(
	    t, the_examples_of_fips_180_hold, 0, (int)TG_COUNT(vectors));
	tcase_add_loop_test(t, pieces_of_any_size_give_the_same_digest, 0, 6);
	tcase_add_test(
	    t, a_file_is_digested_from_its_start_and_its_position_stays);
	suite_add_tcase(s, t);
	return s;
}
