#include "pipeline/linkage_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/banned.h"

#define ROW TG_LINKAGE_ROW
#define HEAD 64
#define SUM TG_SHA256_LEN
#define MAGIC "tracegate-linkage/1 "
#define KEY_ID 8 /* bytes */

/* The line at the head: it tells the key. */
static void
head_of(char out[HEAD + 1], const uint8_t key[TG_KEY_LEN])
{
	char id[2 * KEY_ID + 1];
	uint8_t digest[TG_KEY_LEN];

	tg_crypt_derive(digest, key, "linkage/key-id", TG_SV(""));
	tg_hex(id, digest, KEY_ID);
	(void)snprintf(out, HEAD + 1, MAGIC "%s%*s", id,
	    (int)(HEAD - strlen(MAGIC) - strlen(id)), "\n");
}

/* What is written counts into the sum. */
static int
put(struct tg_linkage_out *o, const void *p, size_t n, struct tg_err *err)
{
	tg_sha256_add(&o->sum, p, n);
	return tg_fs_out_write(&o->out, p, n, err);
}

int
tg_linkage_out_open(struct tg_linkage_out *o, const char *path,
    const uint8_t key[TG_KEY_LEN], struct tg_err *err)
{
	char head[HEAD + 1];

	*o = (struct tg_linkage_out){.out = {.fd = -1}};
	head_of(head, key);
	if (tg_sha256_init(&o->sum, err) < 0 ||
	    tg_fs_out_open(&o->out, path, 0600, TG_FS_OVERWRITE, err) < 0)
		return -1;
	return put(o, head, HEAD, err);
}

int
tg_linkage_out_row(
    struct tg_linkage_out *o, const uint8_t row[ROW], struct tg_err *err)
{
	if (o->n + ROW > sizeof(o->block)) {
		if (put(o, o->block, o->n, err) < 0)
			return -1;
		o->n = 0;
	}
	memcpy(o->block + o->n, row, ROW);
	o->n += ROW;
	return 0;
}

int
tg_linkage_out_close(struct tg_linkage_out *o, struct tg_err *err)
{
	uint8_t sum[TG_SHA256_LEN];

	if (put(o, o->block, o->n, err) < 0)
		return -1;
	tg_sha256_end(&o->sum, sum);
	return tg_fs_out_write(&o->out, sum, sizeof(sum), err) < 0
	    ? -1
	    : tg_fs_out_commit(&o->out, err);
}

void
tg_linkage_out_abort(struct tg_linkage_out *o)
{
	tg_sha256_drop(&o->sum);
	tg_fs_out_abort(&o->out);
}

static int
bad(const struct tg_linkage_in *in, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY, "%s: %s", in->path, what);
}

/* Up to @n bytes in all behind those of the block that were not taken. */
static int
fill(struct tg_linkage_in *in, size_t n, struct tg_err *err)
{
	memmove(in->block, in->block + in->at, in->n - in->at);
	in->n -= in->at;
	in->at = 0;
	while (in->n < n) {
		const ssize_t got = read(in->fd, in->block + in->n, n - in->n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tg_fail_errno(err, errno, "%s", in->path);
		if (got == 0)
			return 0;
		in->n += (size_t)got;
	}
	return 0;
}

/* 1: of this key; 0: of another. */
static int
read_head(struct tg_linkage_in *in, const struct stat *st,
    const uint8_t key[TG_KEY_LEN], struct tg_err *err)
{
	const uint64_t size = (uint64_t)st->st_size, around = HEAD + SUM;
	const uint64_t rows = size < around ? 0 : (size - around) / ROW;
	char want[HEAD + 1];

	if (tg_fs_private(in->fd, in->path, err) < 0 || fill(in, HEAD, err) < 0)
		return -1;
	head_of(want, key);
	if (in->n != HEAD || memcmp(in->block, want, strlen(MAGIC)) != 0)
		return bad(in, "no file of digests for later bundles", err);
	if (memcmp(in->block, want, HEAD) != 0)
		return 0;
	if (rows * ROW + around != size)
		return bad(in, "cut", err);
	if (tg_sha256_init(&in->sum, err) < 0)
		return -1;
	tg_sha256_add(&in->sum, in->block, HEAD);
	in->left = rows;
	in->at = in->n;
	return 1;
}

int
tg_linkage_in_open(struct tg_linkage_in *in, const char *path,
    const uint8_t key[TG_KEY_LEN], struct tg_err *err)
{
	struct stat st;
	bool missing = false;
	int rc;

	in->path = path;
	in->left = 0;
	in->n = in->at = 0;
	in->any = in->whole = false;
	in->sum = (struct tg_sha256){0};
	in->fd = tg_fs_open(path, &st, &missing, err);
	if (in->fd < 0) {
		if (missing)
			tg_err_clear(err);
		return missing ? 0 : -1;
	}
	rc = read_head(in, &st, key, err);
	if (rc <= 0)
		tg_linkage_in_close(in);
	return rc;
}

/* Behind the last row: is it what was written? */
static int
ends_well(struct tg_linkage_in *in, struct tg_err *err)
{
	uint8_t sum[TG_SHA256_LEN];

	if (in->whole)
		return 0;
	if (fill(in, SUM, err) < 0)
		return -1;
	tg_sha256_end(&in->sum, sum);
	if (in->n != SUM || memcmp(sum, in->block, SUM) != 0)
		return bad(in, "not the bytes that were written", err);
	in->whole = true;
	return 0;
}

int
tg_linkage_in_row(
    struct tg_linkage_in *in, const uint8_t **row, struct tg_err *err)
{
	*row = NULL;
	if (in->left == 0)
		return ends_well(in, err);
	if (in->n - in->at < ROW && fill(in, sizeof(in->block), err) < 0)
		return -1;
	if (in->n - in->at < ROW)
		return bad(in, "cut while it was read", err);
	if (in->any && memcmp(in->last, in->block + in->at, ROW) >= 0)
		return bad(in, "out of order", err);
	memcpy(in->last, in->block + in->at, ROW);
	tg_sha256_add(&in->sum, in->last, ROW);
	in->any = true;
	in->at += ROW;
	in->left--;
	*row = in->last;
	return 0;
}

void
tg_linkage_in_close(struct tg_linkage_in *in)
{
	tg_sha256_drop(&in->sum);
	if (in->fd >= 0)
		(void)close(in->fd);
	in->fd = -1;
}
