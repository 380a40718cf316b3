/* codec.c - the zlib and zstd door for inputs. */
#include "pipeline/sources/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZLIB_CONST /* the input is const */
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/banned.h"

#define SNIFF 4 /* bytes that tell the kind */

struct tg_codec {
	int fd;
	char *name;
	struct tg_codec_limits limits;
	enum tg_codec_kind kind;
	bool eof;     /* of the file */
	bool failed;  /* for good */
	bool between; /* compressed: no member or frame is open */
	bool padding; /* gzip: zero bytes are all that may come */
	z_stream z;
	bool z_open;
	ZSTD_DStream *zstd;
	struct tg_sha256 sha;
	uint64_t raw; /* bytes read from the file */
	uint64_t out; /* bytes given out */
	size_t at, n; /* of buf: used, filled */
	uint8_t buf[TG_CODEC_RAW];
};

/* Raw bytes used: where a defect is. */
static unsigned long long
raw_at(const struct tg_codec *c)
{
	return (unsigned long long)(c->raw - (c->n - c->at));
}

/* More of the file behind what is in the buffer; at its end eof is set. */
static int
fill(struct tg_codec *c, struct tg_err *err)
{
	ssize_t k;

	if (c->at == c->n)
		c->at = c->n = 0;
	if (c->eof || c->n == sizeof(c->buf))
		return 0;
	do {
		k = read(c->fd, c->buf + c->n, sizeof(c->buf) - c->n);
	} while (k < 0 && errno == EINTR);
	if (k < 0)
		return tg_fail_errno(err, errno, "%s", c->name);
	if (k == 0) {
		c->eof = true;
		return 0;
	}
	tg_sha256_add(&c->sha, c->buf + c->n, (size_t)k);
	c->n += (size_t)k;
	c->raw += (uint64_t)k;
	return 0;
}

static enum tg_codec_kind
sniff(const uint8_t *p, size_t n)
{
	/* RFC 1952 section 2.3.1, RFC 8878 sections 3.1.1 and 3.1.2. */
	if (n >= 2 && p[0] == 0x1f && p[1] == 0x8b)
		return TG_CODEC_GZIP;
	if (n >= 4 && memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0)
		return TG_CODEC_ZSTD;
	if (n >= 4 && (p[0] & 0xf0) == 0x50 &&
	    memcmp(p + 1, "\x2a\x4d\x18", 3) == 0)
		return TG_CODEC_ZSTD;
	return TG_CODEC_PLAIN;
}

static int
open_decoder(struct tg_codec *c, struct tg_err *err)
{
	if (c->kind == TG_CODEC_GZIP) {
		/* 15: the largest window; 16: gzip and nothing else. */
		if (inflateInit2(&c->z, 15 + 16) != Z_OK)
			return tg_fail_memory(err);
		c->z_open = true;
	} else if (c->kind == TG_CODEC_ZSTD) {
		c->zstd = ZSTD_createDStream();
		if (c->zstd == NULL ||
		    ZSTD_isError(ZSTD_DCtx_setParameter(
			c->zstd, ZSTD_d_windowLogMax, TG_CODEC_WINDOW_LOG)))
			return tg_fail_memory(err);
	}
	return 0;
}

int
tg_codec_open(struct tg_codec **out, int take_fd, const char *name,
    const struct tg_codec_limits *limits, struct tg_err *err)
{
	struct tg_codec *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)close(take_fd);
		return tg_fail_memory(err);
	}
	c->fd = take_fd;
	c->limits = *limits;
	c->between = true;
	c->name = strdup(name);
	if (c->name == NULL) {
		(void)tg_fail_memory(err);
		goto fail;
	}
	if (tg_sha256_init(&c->sha, err) < 0)
		goto fail;
	while (c->n < SNIFF && !c->eof) {
		if (fill(c, err) < 0)
			goto fail;
	}
	c->kind = sniff(c->buf, c->n);
	if (open_decoder(c, err) < 0)
		goto fail;
	*out = c;
	return 0;
fail:
	tg_codec_free(c);
	return -1;
}

void
tg_codec_free(struct tg_codec *c)
{
	if (c == NULL)
		return;
	if (c->z_open)
		(void)inflateEnd(&c->z);
	(void)ZSTD_freeDStream(c->zstd);
	tg_sha256_drop(&c->sha);
	free(c->name);
	(void)close(c->fd);
	free(c);
}

static int
read_plain(struct tg_codec *c, void *p, size_t cap, size_t *n)
{
	*n = c->n - c->at < cap ? c->n - c->at : cap;
	memcpy(p, c->buf + c->at, *n);
	c->at += *n;
	return 0;
}

static int
damaged(const struct tg_codec *c, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INPUT, "%s: %s data %s at byte %llu", c->name,
	    tg_codec_name(c->kind), what, raw_at(c));
}

/* Between two gzip members: the next one, padding, or the end. */
static int
next_member(struct tg_codec *c, struct tg_err *err)
{
	while (c->at < c->n && c->buf[c->at] == 0) {
		c->padding = true;
		c->at++;
	}
	if (c->at == c->n)
		return 0;
	/* When the first byte is the last in the buffer, inflate judges. */
	if (c->padding || c->buf[c->at] != 0x1f ||
	    (c->n - c->at > 1 && c->buf[c->at + 1] != 0x8b))
		return damaged(c, "is followed by other bytes", err);
	if (inflateReset(&c->z) != Z_OK)
		return tg_fail(err, TG_E_BUG, "inflateReset");
	c->between = false;
	return 0;
}

static int
read_gzip(
    struct tg_codec *c, void *p, size_t cap, size_t *n, struct tg_err *err)
{
	int rc;

	*n = 0;
	if (c->between && next_member(c, err) < 0)
		return -1;
	if (c->between)
		return 0;
	c->z.next_in = c->buf + c->at;
	c->z.avail_in = (uInt)(c->n - c->at);
	c->z.next_out = p;
	c->z.avail_out = cap > UINT32_MAX ? UINT32_MAX : (uInt)cap;
	cap = c->z.avail_out;
	rc = inflate(&c->z, Z_NO_FLUSH);
	c->at = c->n - c->z.avail_in;
	*n = cap - c->z.avail_out;
	if (rc == Z_STREAM_END)
		c->between = true;
	else if (rc == Z_MEM_ERROR)
		return tg_fail_memory(err);
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		return damaged(c, "is damaged", err);
	return 0;
}

static int
read_zstd(
    struct tg_codec *c, void *p, size_t cap, size_t *n, struct tg_err *err)
{
	ZSTD_inBuffer in = {c->buf, c->n, c->at};
	ZSTD_outBuffer out = {p, cap, 0};
	size_t rc;

	*n = 0;
	if (c->between && c->at == c->n)
		return 0;
	rc = ZSTD_decompressStream(c->zstd, &out, &in);
	if (!ZSTD_isError(rc)) {
		c->at = in.pos;
		*n = out.pos;
		c->between = rc == 0;
		return 0;
	}
	switch ((int)ZSTD_getErrorCode(rc)) {
	case ZSTD_error_memory_allocation:
		return tg_fail_memory(err);
	case ZSTD_error_frameParameter_windowTooLarge:
		return tg_fail(err, TG_E_LIMIT,
		    "%s: zstd frame at byte %llu asks for a window above "
		    "128 MiB",
		    c->name, raw_at(c));
	case ZSTD_error_prefix_unknown:
		return damaged(c, "is followed by other bytes", err);
	default:
		return damaged(c, "is damaged", err);
	}
}

static int
read_some(
    struct tg_codec *c, void *p, size_t cap, size_t *n, struct tg_err *err)
{
	switch (c->kind) {
	case TG_CODEC_GZIP:
		return read_gzip(c, p, cap, n, err);
	case TG_CODEC_ZSTD:
		return read_zstd(c, p, cap, n, err);
	case TG_CODEC_PLAIN:
	default:
		return read_plain(c, p, cap, n);
	}
}

static int
check_bomb(const struct tg_codec *c, struct tg_err *err)
{
	const uint64_t used = c->raw - (c->n - c->at);

	if (c->kind == TG_CODEC_PLAIN)
		return 0;
	if (c->limits.out_max != 0 && c->out > c->limits.out_max)
		return tg_fail(err, TG_E_LIMIT,
		    "%s: decompresses to more than %llu bytes", c->name,
		    (unsigned long long)c->limits.out_max);
	if (c->limits.ratio_max != 0 && c->out > TG_CODEC_RATIO_FLOOR &&
	    c->out / c->limits.ratio_max > used)
		return tg_fail(err, TG_E_LIMIT,
		    "%s: decompresses to more than %u times its size", c->name,
		    (unsigned)c->limits.ratio_max);
	return 0;
}

static int
read_until_some(
    struct tg_codec *c, void *p, size_t cap, size_t *n, struct tg_err *err)
{
	for (;;) {
		const bool dry = c->at == c->n;

		if (read_some(c, p, cap, n, err) < 0)
			return -1;
		c->out += *n;
		if (*n > 0)
			return check_bomb(c, err);
		if (c->eof && (dry || c->kind == TG_CODEC_PLAIN))
			return c->between ? 0
					  : damaged(c, "ends too early,", err);
		if (c->at == c->n && fill(c, err) < 0)
			return -1;
	}
}

int
tg_codec_read(
    struct tg_codec *c, void *p, size_t cap, size_t *n, struct tg_err *err)
{
	if (c->failed)
		return tg_fail(err, TG_E_INPUT,
		    "%s: read after a failure or a digest", c->name);
	if (cap == 0)
		return tg_fail(err, TG_E_BUG, "no room to read into");
	if (read_until_some(c, p, cap, n, err) < 0) {
		c->failed = true;
		return -1;
	}
	return 0;
}

enum tg_codec_kind
tg_codec_kind(const struct tg_codec *c)
{
	return c->kind;
}

const char *
tg_codec_name(enum tg_codec_kind kind)
{
	static const char *const name[] = {"plain", "gzip", "zstd"};

	return name[kind];
}

int
tg_codec_digest(struct tg_codec *c, uint8_t out[TG_SHA256_LEN], uint64_t *bytes,
    struct tg_err *err)
{
	if (c->sha.ctx == NULL)
		return tg_fail(
		    err, TG_E_BUG, "%s: digest asked for twice", c->name);
	c->failed = true;
	while (!c->eof) {
		c->at = c->n;
		if (fill(c, err) < 0)
			return -1;
	}
	tg_sha256_end(&c->sha, out);
	*bytes = c->raw;
	return 0;
}
