#include "base/digest.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/fs.h"

#include "base/banned.h"

#define DIGEST_CHUNK 65536 /* bytes of a read */

int
tg_sha256_init(struct tg_sha256 *h, struct tg_err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	h->ctx = NULL;
	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(ctx);
		ERR_clear_error(); /* its queue keeps texts of each failure */
		return tg_fail_memory(err);
	}
	h->ctx = ctx;
	return 0;
}

/* After _init neither update nor final of SHA-256 has a way to fail. */
void
tg_sha256_add(struct tg_sha256 *h, const void *p, size_t n)
{
	const int ok = n == 0 ? 1 : EVP_DigestUpdate(h->ctx, p, n);

	assert(ok == 1);
	(void)ok;
}

void
tg_sha256_end(struct tg_sha256 *h, uint8_t out[TG_SHA256_LEN])
{
	unsigned int n = 0;
	const int ok = EVP_DigestFinal_ex(h->ctx, out, &n);

	assert(ok == 1 && n == TG_SHA256_LEN);
	(void)ok;
	tg_sha256_drop(h);
}

void
tg_sha256_drop(struct tg_sha256 *h)
{
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
}

int
tg_sha256_bytes(
    uint8_t out[TG_SHA256_LEN], const void *p, size_t n, struct tg_err *err)
{
	struct tg_sha256 h;

	if (tg_sha256_init(&h, err) < 0)
		return -1;
	tg_sha256_add(&h, p, n);
	tg_sha256_end(&h, out);
	return 0;
}

/* pread: the descriptor's position is neither used nor moved. */
int
tg_sha256_fd(
    uint8_t out[TG_SHA256_LEN], int fd, uint64_t *size, struct tg_err *err)
{
	struct tg_sha256 h = {NULL};
	uint8_t *buf = NULL;
	off_t at = 0;
	int rc = -1;

	buf = malloc(DIGEST_CHUNK);
	if (buf == NULL)
		return tg_fail_memory(err);
	if (tg_sha256_init(&h, err) < 0)
		goto out;
	for (;;) {
		const ssize_t got = pread(fd, buf, DIGEST_CHUNK, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			tg_fail_errno(err, errno, "cannot read");
			goto out;
		}
		if (got == 0)
			break;
		tg_sha256_add(&h, buf, (size_t)got);
		at += got;
	}
	tg_sha256_end(&h, out);
	if (size != NULL)
		*size = (uint64_t)at;
	rc = 0;
out:
	tg_sha256_drop(&h);
	free(buf);
	return rc;
}

int
tg_sha256_file(uint8_t out[TG_SHA256_LEN], const char *path, uint64_t *size,
    struct tg_err *err)
{
	struct stat st;
	const int fd = tg_fs_open(path, &st, NULL, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = tg_sha256_fd(out, fd, size, err);
	if (rc < 0)
		tg_fail_in(err, "%s", path);
	(void)close(fd);
	return rc;
}

void
tg_sha256_hex(char out[TG_SHA256_HEX], const uint8_t d[TG_SHA256_LEN])
{
	tg_hex(out, d, TG_SHA256_LEN);
}
