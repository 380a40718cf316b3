/* npy_test.c - the header of NumPy's arrays, read strictly and written. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/sources/npy.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

/* Version @v with @dict as it is (its line end included) and @n bytes. */
static void
file_of(struct tg_buf *b, unsigned v, const char *dict, size_t n)
{
	const size_t len = strlen(dict);
	const char le[] = {
	    (char)v, 0, (char)(len & 0xff), (char)(len >> 8), 0, 0};

	tg_buf_reset(b);
	ck_assert_int_eq(tg_buf_add(b, "\x93NUMPY", 6, NULL), 0);
	ck_assert_int_eq(tg_buf_add(b, le, v == 1 ? 4 : 6, NULL), 0);
	ck_assert_int_eq(tg_buf_adds(b, dict, NULL), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(tg_buf_addc(b, 'x', NULL), 0);
}

#define D(descr, order, shape)                                               \
	"{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape \
	", }  \n"

static const struct {
	unsigned version;
	const char *dict;
	size_t n;
	const char *says;
} rows[] = {
    {1, D("<f2", "False", "(2, 3)"), 12, NULL},
    {2, D("<i8", "False", "(1,)"), 8, NULL},
    {3, D("|u1", "False", "()"), 1, NULL},
    {1, "{\"shape\":(2,),\"descr\":\"<i4\",\"fortran_order\":False}\n", 8,
	NULL},
    {1, D("|O", "False", "(2,)"), 16, "holds code"},
    {1, D(">f4", "False", "(2,)"), 8, "big-endian"},
    {1, D("<U4", "False", "(2,)"), 32, "a type that is not read"},
    {1, D("<f4", "True", "(2,)"), 8, "Fortran order"},
    {1, D("<f4", "False", "(2)"), 8, "a comma expected"},
    {1, D("<f4", "False", "(-2,)"), 8, "not a whole number"},
    {1, D("<f4", "False", "(2,"), 8, "not a whole number"},
    {1, D("<f4", "False", "(2,)"), 9, "the array has 8 bytes"},
    {1, D("<f4", "False", "(2,)"), 7, "the array has 8 bytes"},
    {1, D("<f4", "False", "(4294967296, 4294967296)"), 8, "too large"},
    {1, D("<f4", "False", "(1,1,1,1,1,1,1,1,1)"), 4, "more axes"},
    {1, "{'descr': [('a', '<f4')], 'shape': (1,), 'fortran_order': False}\n", 4,
	"structured"},
    {1, "{'descr': '<f4', 'shape': (1,)}\n", 4, "not all there"},
    {1, "{'descr': '<f4', 'descr': '<f4'}\n", 4, "a key twice"},
    {1, "{'descr': '<f4', 'x': 1}\n", 4, "does not know"},
    {1, D("<f4", "False", "(1,)") "\n", 4, "behind the dictionary"},
    {1, "{'descr': '<f4'", 4, "expected"},
    {1, "[]\n", 4, "not a dictionary"},
    {4, D("<f4", "False", "(1,)"), 4, "byte 6: "},
};

START_TEST(an_array_is_taken_or_refused_with_the_place)
{
	struct tg_tensor_file f;
	struct tg_buf b;
	struct tg_err err = {.cls = TG_E_NONE};
	int rc;

	tg_buf_init(&b, 1u << 20);
	tg_tensor_file_init(&f);
	file_of(&b, rows[_i].version, rows[_i].dict, rows[_i].n);
	rc = tg_npy_parse(&f, tg_buf_sv(&b), b.n, &err);
	if (rows[_i].says == NULL) {
		ck_assert_msg(rc == 0, "%s: %s", rows[_i].dict, err.text);
		ck_assert_uint_eq(f.n, 1);
		ck_assert_uint_eq(
		    f.tensor[0].end - f.tensor[0].begin, rows[_i].n);
	} else {
		ck_assert_msg(rc == -1, "%s: accepted", rows[_i].dict);
		ck_assert_int_eq(err.cls, TG_E_INPUT);
		ck_assert_msg(strstr(err.text, rows[_i].says) != NULL, "%s: %s",
		    rows[_i].dict, err.text);
	}
	tg_tensor_file_deinit(&f);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(an_array_cut_anywhere_is_refused)
{
	struct tg_buf b;
	size_t taken = 0;

	tg_buf_init(&b, 1u << 20);
	file_of(&b, 1, D("<f4", "False", "(2,)"), 8);
	for (size_t n = 0; n < b.n; n++) {
		struct tg_tensor_file f;
		const int fd = input_fd(b.p, n);

		tg_tensor_file_init(&f);
		taken += tg_npy_read(&f, fd, NULL) == 0;
		tg_tensor_file_deinit(&f);
		(void)close(fd);
	}
	ck_assert_uint_eq(taken, 0);
	tg_buf_deinit(&b);
}
END_TEST

/* What was read, written again, is the same header. */
START_TEST(the_header_is_written_as_numpy_writes_it)
{
	static const char *const names[] = {"resid_L12.npy", "token_ids.npy"};
	const char *root = getenv("TG_ROOT");
	struct tg_tensor_file f;
	struct tg_buf b, again;
	struct tg_err err;
	char path[512];

	(void)snprintf(path, sizeof(path),
	    "%s/../shared/samples/traces/made/npy/%s",
	    root == NULL ? "." : root, names[_i]);
	if (!tg_fs_exists(path)) {
		(void)printf("skipped: no %s\n", path);
		return;
	}
	tg_buf_init(&b, 1u << 20);
	tg_buf_init(&again, 1u << 20);
	tg_tensor_file_init(&f);
	ck_assert_int_eq(tg_fs_slurp(&b, path, NULL, &err), 0);
	ck_assert_int_eq(tg_npy_parse(&f, tg_buf_sv(&b), b.n, &err), 0);
	ck_assert_int_eq(tg_npy_header(&again, &f.tensor[0], &err), 0);
	ck_assert_uint_eq(again.n, f.data);
	ck_assert_int_eq(memcmp(again.p, b.p, again.n), 0);
	tg_tensor_file_deinit(&f);
	tg_buf_deinit(&b);
	tg_buf_deinit(&again);
}
END_TEST

Suite *
npy_suite(void)
{
	Suite *s = suite_create("npy");
	TCase *t = tcase_create("npy");

	tcase_add_loop_test(
	    t, an_array_is_taken_or_refused_with_the_place, 0, TG_COUNT(rows));
	tcase_add_test(t, an_array_cut_anywhere_is_refused);
	tcase_add_loop_test(t, the_header_is_written_as_numpy_writes_it, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
