/* input.c - inputs of the tests of pipeline/sources/, made in memory. */
#include <sys/mman.h>
#include <unistd.h>

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/fs.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

int
input_fd(const void *p, size_t n)
{
	const int fd = memfd_create("input", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(tg_fs_write_all(fd, p, n, NULL), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

void
input_gzip(struct tg_buf *out, const void *p, size_t n)
{
	z_stream z = {.zalloc = Z_NULL};
	const size_t room = n + n / 500 + 128;
	void *in = malloc(n + 1);

	ck_assert_ptr_nonnull(in);
	if (n > 0)
		memcpy(in, p, n);
	ck_assert_int_eq(tg_buf_reserve(out, room, NULL), 0);
	ck_assert_int_eq(
	    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_in = in;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out->p + out->n;
	z.avail_out = (uInt)room;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += room - z.avail_out;
	(void)deflateEnd(&z);
	free(in);
}

void
input_zstd(struct tg_buf *out, const void *p, size_t n)
{
	const size_t room = ZSTD_compressBound(n);
	size_t k;

	ck_assert_int_eq(tg_buf_reserve(out, room, NULL), 0);
	k = ZSTD_compress(out->p + out->n, room, p, n, 3);
	ck_assert(!ZSTD_isError(k));
	out->n += k;
}
