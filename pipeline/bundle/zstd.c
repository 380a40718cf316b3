#include "pipeline/bundle/zstd.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/banned.h"

#define PIECE 131072 /* bytes of output at once */
#define SKIP_HEAD 8
#define SKIP_MAX UINT32_MAX

/* What level 19 uses for a stream of unknown length; a frame that asks for
 * more memory is not ours. */
#define WINDOW_LOG_MAX 23

/* RFC 8878 section 3.1.2: the first of the sixteen magic numbers. */
static const uint8_t skip_magic[4] = {0x50, 0x2a, 0x4d, 0x18};

struct tg_zstd_writer {
	ZSTD_CCtx *zstd;
	tg_write_fn write;
	void *ctx;
	uint64_t n; /* bytes written */
	uint8_t out[PIECE];
};

uint64_t
tg_zstd_padme(uint64_t n)
{
	unsigned e = 0, s = 0;
	uint64_t mask;

	if (n < 2)
		return n;
	while (n >> e > 1)
		e++; /* floor(log2 n) */
	while (e >> s > 0)
		s++; /* floor(log2 e) + 1: bits that hold e */
	mask = (UINT64_C(1) << (e - s)) - 1;
	return (n + mask) & ~mask;
}

int
tg_zstd_writer_new(struct tg_zstd_writer **out, int level, tg_write_fn write,
    void *ctx, struct tg_err *err)
{
	struct tg_zstd_writer *w;

	if (level < 1 || level > TG_ZSTD_LEVEL_MAX)
		return tg_fail(err, TG_E_CONFIG, "zstd level %d: not 1 to %d",
		    level, TG_ZSTD_LEVEL_MAX);
	w = calloc(1, sizeof *w);
	if (w == NULL)
		return tg_fail_memory(err);
	w->write = write;
	w->ctx = ctx;
	w->zstd = ZSTD_createCCtx();
	if (w->zstd == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(
		w->zstd, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1))) {
		tg_zstd_writer_free(w);
		return tg_fail_memory(err);
	}
	*out = w;
	return 0;
}

static int
emit(struct tg_zstd_writer *w, const void *p, size_t n, struct tg_err *err)
{
	w->n += n;
	return n == 0 ? 0 : w->write(w->ctx, p, n, err);
}

static int
compress(struct tg_zstd_writer *w, ZSTD_inBuffer *in, ZSTD_EndDirective how,
    struct tg_err *err)
{
	size_t left;

	do {
		ZSTD_outBuffer out = {w->out, sizeof w->out, 0};

		left = ZSTD_compressStream2(w->zstd, &out, in, how);
		if (ZSTD_isError(left))
			return tg_fail(err, TG_E_MEMORY, "zstd: %s",
			    ZSTD_getErrorName(left));
		if (emit(w, w->out, out.pos, err) < 0)
			return -1;
	} while (how == ZSTD_e_end ? left != 0 : in->pos < in->size);
	return 0;
}

int
tg_zstd_write(
    struct tg_zstd_writer *w, const void *p, size_t n, struct tg_err *err)
{
	ZSTD_inBuffer in = {p, n, 0};

	return compress(w, &in, ZSTD_e_continue, err);
}

/* One skippable frame of zero bytes up to the padded size. */
static int
pad(struct tg_zstd_writer *w, struct tg_err *err)
{
	uint64_t left = tg_zstd_padme(w->n + SKIP_HEAD) - w->n - SKIP_HEAD;
	uint8_t head[SKIP_HEAD];

	if (left > SKIP_MAX)
		return tg_fail(err, TG_E_LIMIT, "zstd: too much to pad");
	memcpy(head, skip_magic, sizeof skip_magic);
	for (unsigned i = 0; i < 4; i++)
		head[4 + i] = (uint8_t)(left >> 8 * i);
	if (emit(w, head, sizeof head, err) < 0)
		return -1;
	memset(w->out, 0, sizeof w->out);
	while (left > 0) {
		const size_t k =
		    left < sizeof w->out ? (size_t)left : sizeof w->out;

		if (emit(w, w->out, k, err) < 0)
			return -1;
		left -= k;
	}
	return 0;
}

int
tg_zstd_finish(struct tg_zstd_writer *w, bool padme, struct tg_err *err)
{
	ZSTD_inBuffer none = {NULL, 0, 0};

	if (compress(w, &none, ZSTD_e_end, err) < 0)
		return -1;
	return padme ? pad(w, err) : 0;
}

void
tg_zstd_writer_free(struct tg_zstd_writer *w)
{
	if (w == NULL)
		return;
	(void)ZSTD_freeCCtx(w->zstd);
	free(w);
}

/* Reading. */

struct tg_zstd_reader {
	ZSTD_DCtx *zstd;
	tg_write_fn write;
	void *ctx;
	bool started, framed; /* the frame has begun, is whole */
	size_t n_head;	      /* bytes of the skippable frame's head */
	uint32_t skip;	      /* its zero bytes still due */
	uint8_t head[SKIP_HEAD];
	uint8_t out[PIECE];
};

int
tg_zstd_reader_new(struct tg_zstd_reader **out, tg_write_fn write, void *ctx,
    struct tg_err *err)
{
	struct tg_zstd_reader *const r = calloc(1, sizeof *r);

	if (r == NULL)
		return tg_fail_memory(err);
	r->write = write;
	r->ctx = ctx;
	r->zstd = ZSTD_createDCtx();
	if (r->zstd == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(
		r->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
		tg_zstd_reader_free(r);
		return tg_fail_memory(err);
	}
	*out = r;
	return 0;
}

static int
bad(const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY, "zstd: %s", what);
}

/* Decompresses until the frame is whole or the input used up. */
static int
push_frame(struct tg_zstd_reader *r, ZSTD_inBuffer *in, struct tg_err *err)
{
	ZSTD_outBuffer out;

	r->started = true;
	do {
		size_t left;

		out = (ZSTD_outBuffer){r->out, sizeof r->out, 0};
		left = ZSTD_decompressStream(r->zstd, &out, in);
		if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
			return tg_fail_memory(err);
		if (ZSTD_isError(left))
			return bad(ZSTD_getErrorName(left), err);
		if (out.pos > 0 && r->write(r->ctx, r->out, out.pos, err) < 0)
			return -1;
		r->framed = left == 0;
	} while (!r->framed && (in->pos < in->size || out.pos == out.size));
	return 0;
}

static int
take_head(struct tg_zstd_reader *r, uint8_t c, struct tg_err *err)
{
	r->head[r->n_head++] = c;
	if (r->n_head < SKIP_HEAD)
		return 0;
	if (memcmp(r->head, skip_magic, sizeof skip_magic) != 0)
		return bad("data after the frame that is not padding", err);
	for (unsigned i = 0; i < 4; i++)
		r->skip |= (uint32_t)r->head[4 + i] << 8 * i;
	return 0;
}

/* After the frame: one skippable frame of zeros at most. */
static int
push_skip(
    struct tg_zstd_reader *r, const uint8_t *p, size_t n, struct tg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (r->n_head < SKIP_HEAD) {
			if (take_head(r, p[i], err) < 0)
				return -1;
			continue;
		}
		if (r->skip == 0)
			return bad("data after the padding", err);
		if (p[i] != 0)
			return bad("the padding is not zero", err);
		r->skip--;
	}
	return 0;
}

/* zstd itself would skip a leading skippable frame; ours never has one. */
static bool
first_is_frame(const uint8_t *p)
{
	return *p == (ZSTD_MAGICNUMBER & 0xff);
}

int
tg_zstd_push(
    struct tg_zstd_reader *r, const void *p, size_t n, struct tg_err *err)
{
	const uint8_t *const bytes = p;
	ZSTD_inBuffer in = {p, n, 0};

	if (n == 0)
		return 0;
	if (!r->started && !first_is_frame(bytes))
		return bad("not a zstd frame", err);
	if (!r->framed && push_frame(r, &in, err) < 0)
		return -1;
	return push_skip(r, bytes + in.pos, n - in.pos, err);
}

int
tg_zstd_ended(struct tg_zstd_reader *r, struct tg_err *err)
{
	if (!r->framed || r->skip != 0 ||
	    (r->n_head != 0 && r->n_head != SKIP_HEAD))
		return bad("the stream is cut", err);
	return 0;
}

void
tg_zstd_reader_free(struct tg_zstd_reader *r)
{
	if (r == NULL)
		return;
	(void)ZSTD_freeDCtx(r->zstd);
	free(r);
}

const char *
tg_zstd_version(void)
{
	return ZSTD_versionString();
}
