/* reader.c - an input as a row of records. */
#include "pipeline/sources/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "pipeline/sources/sniff.h"

#include "base/banned.h"

#define FIRST_ROOM (256u << 10) /* bytes of the buffer at the start */

struct tg_reader {
	struct tg_codec *codec;
	char *name;
	struct tg_reader_limits limits;
	struct tg_reader_info info;
	char *buf;
	size_t cap, max; /* bytes allocated, at most */
	size_t beg, end; /* of the bytes not reported yet */
	uint64_t offset; /* of buf[beg] */
	uint64_t line;	 /* number of the line at beg */
	bool eof;	 /* nothing comes behind end */
	bool done;	 /* the document was reported */
	/* What ended the input early; reported after the records before. */
	struct tg_err broken;
};

static int
make_room(struct tg_reader *r, struct tg_err *err)
{
	size_t cap = r->cap;
	char *buf;

	if (r->end < r->cap)
		return 0;
	if (r->beg > 0) {
		memmove(r->buf, r->buf + r->beg, r->end - r->beg);
		r->end -= r->beg;
		r->beg = 0;
		return 0;
	}
	/* cap is at most TG_READER_RECORD_MAX and a little. */
	cap = cap == 0 ? FIRST_ROOM : cap * 2;
	if (cap > r->max)
		cap = r->max;
	if (cap == r->cap)
		return tg_fail(err, TG_E_BUG, "reader: no room");
	buf = realloc(r->buf, cap);
	if (buf == NULL)
		return tg_fail_memory(err);
	r->buf = buf;
	r->cap = r->info.memory = cap;
	return 0;
}

/*
 * More bytes behind end, or eof.  Damage and bombs end the input here, and are
 * reported when what came before them is used up.
 */
static int
more(struct tg_reader *r, struct tg_err *err)
{
	struct tg_err e = {.cls = TG_E_NONE};
	size_t n;

	if (make_room(r, err) < 0)
		return -1;
	if (tg_codec_read(r->codec, r->buf + r->end, r->cap - r->end, &n, &e) <
	    0) {
		if (e.cls != TG_E_INPUT && e.cls != TG_E_LIMIT) {
			if (err != NULL)
				*err = e;
			return -1;
		}
		r->broken = e;
		n = 0;
	}
	r->eof = n == 0;
	r->end += n;
	r->info.bytes += n;
	return 0;
}

static void
use(struct tg_reader *r, size_t n)
{
	r->beg += n;
	r->offset += n;
}

/* At least @n bytes, or all there are. */
static int
have(struct tg_reader *r, size_t n, struct tg_err *err)
{
	while (!r->eof && r->end - r->beg < n) {
		if (more(r, err) < 0)
			return -1;
	}
	return 0;
}

static int
refuse(const struct tg_reader *r, struct tg_err *err)
{
	const struct tg_sniff *s = tg_sniff(tg_reader_head(r));

	if (s == NULL)
		return 0;
	(void)tg_fail(
	    err, TG_E_INPUT, "%s: byte 0: %s: %s", r->name, s->format, s->why);
	return tg_fail_hint(err, "%s", s->recipe);
}

/* Reads on while the first line has no end, to the size of a record. */
static int
choose_frame(struct tg_reader *r, struct tg_err *err)
{
	enum tg_frame *frame = &r->info.frame;
	const size_t most = r->limits.record_max + 2;

	for (;;) {
		const size_t n = r->end - r->beg;

		if (tg_frame_choose(frame, (struct tg_sv){r->buf + r->beg, n},
			r->eof && r->broken.cls == TG_E_NONE, err) < 0)
			return -1;
		if (*frame != TG_FRAME_AUTO)
			return 0;
		if (r->eof || n >= most) {
			*frame = TG_FRAME_LINES;
			return 0;
		}
		if (have(r, n < most / 2 ? 2 * n : most, err) < 0)
			return -1;
	}
}

static int
start(struct tg_reader *r, struct tg_err *err)
{
	if (have(r, TG_READER_HEAD, err) < 0)
		return -1;
	if (r->end == 0 && r->broken.cls != TG_E_NONE) {
		if (err != NULL)
			*err = r->broken;
		return -1;
	}
	if (r->limits.frame == TG_FRAME_AUTO && refuse(r, err) < 0)
		return -1;
	if (r->end >= 3 && memcmp(r->buf, "\xef\xbb\xbf", 3) == 0) {
		r->info.bom = true;
		use(r, 3);
	}
	r->info.frame = r->limits.frame;
	return r->info.frame == TG_FRAME_AUTO ? choose_frame(r, err) : 0;
}

static int
set_limits(struct tg_reader *r, const struct tg_reader_limits *limits,
    struct tg_err *err)
{
	if (limits != NULL)
		r->limits = *limits;
	if (r->limits.record_max == 0)
		r->limits.record_max = TG_READER_RECORD;
	if (r->limits.out_max == 0)
		r->limits.out_max = TG_READER_OUT_MAX;
	if (r->limits.ratio_max == 0)
		r->limits.ratio_max = TG_READER_RATIO_MAX;
	if (r->limits.record_max > TG_READER_RECORD_MAX)
		return tg_fail(err, TG_E_USAGE,
		    "a record of more than 1 GiB cannot be read");
	if (r->limits.frame == TG_FRAME_EMPTY)
		return tg_fail(err, TG_E_BUG, "reader: forced to be empty");
	/* A record, its line end, and one byte that shows it is longer. */
	r->max = r->limits.record_max + 3;
	if (r->max < FIRST_ROOM)
		r->max = FIRST_ROOM;
	return 0;
}

int
tg_reader_open_fd(struct tg_reader **out, int take_fd, const char *name,
    const struct tg_reader_limits *limits, struct tg_err *err)
{
	struct tg_reader *r = calloc(1, sizeof(*r));
	struct tg_codec_limits codec;

	if (r == NULL || set_limits(r, limits, err) < 0) {
		(void)close(take_fd);
		if (r == NULL)
			return tg_fail_memory(err);
		goto fail;
	}
	codec.out_max = r->limits.out_max;
	codec.ratio_max = r->limits.ratio_max;
	if (tg_codec_open(&r->codec, take_fd, name, &codec, err) < 0)
		goto fail;
	r->info.codec = tg_codec_kind(r->codec);
	r->line = 1;
	r->name = strdup(name);
	if (r->name == NULL) {
		(void)tg_fail_memory(err);
		goto fail;
	}
	if (start(r, err) < 0)
		goto fail;
	*out = r;
	return 0;
fail:
	tg_reader_free(r);
	return -1;
}

int
tg_reader_open(struct tg_reader **out, const char *path,
    const struct tg_reader_limits *limits, struct tg_err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return tg_fail_errno(err, errno, "%s", path);
	return tg_reader_open_fd(out, fd, path, limits, err);
}

void
tg_reader_free(struct tg_reader *r)
{
	if (r == NULL)
		return;
	tg_codec_free(r->codec);
	free(r->name);
	free(r->buf);
	free(r);
}

static int
spill(struct tg_reader *r, struct tg_reader_rec *rec, size_t n,
    struct tg_err *err)
{
	if (n == 0)
		return 0;
	if (r->limits.spill != NULL &&
	    r->limits.spill(r->limits.spill_ctx, rec, r->buf + r->beg, n, err) <
		0)
		return -1;
	rec->size += n;
	use(r, n);
	return 0;
}

/* Bytes of the line end that closes buf[beg, beg + n); 0, 1 or 2. */
static uint8_t
line_end(const struct tg_reader *r, size_t n)
{
	const char *p = r->buf + r->beg;

	if (n == 0 || p[n - 1] != '\n')
		return 0;
	return n > 1 && p[n - 2] == '\r' ? 2 : 1;
}

/* Bytes from beg on that belong to the record for certain: the last two may
 * be its line end. */
static size_t
certain(const struct tg_reader *r)
{
	const size_t n = r->end - r->beg;

	return n > 2 ? n - 2 : 0;
}

/*
 * Hands the record at beg to the spill function, without ever holding it.
 * Lines: to the next line end.  Document: to the end of the input.
 */
static int
oversized(struct tg_reader *r, struct tg_reader_rec *rec, struct tg_err *err)
{
	rec->oversized = true;
	r->info.oversized++;
	for (;;) {
		const size_t n = r->end - r->beg;
		const char *nl = r->info.frame == TG_FRAME_DOCUMENT
		    ? NULL
		    : memchr(r->buf + r->beg, '\n', n);
		const size_t len =
		    nl == NULL ? n : (size_t)(nl - (r->buf + r->beg)) + 1;

		if (nl != NULL || r->eof) {
			rec->eol = line_end(r, len);
			if (spill(r, rec, len - rec->eol, err) < 0)
				return -1;
			use(r, rec->eol);
			rec->cut = nl == NULL && r->broken.cls != TG_E_NONE;
			return 1;
		}
		if (spill(r, rec, certain(r), err) < 0 || more(r, err) < 0)
			return -1;
	}
}

static int
finish(const struct tg_reader *r, struct tg_err *err)
{
	if (r->broken.cls == TG_E_NONE)
		return 0;
	if (err != NULL)
		*err = r->broken;
	return -1;
}

/*
 * *@len: the bytes of the line or document at beg, line end included, when it
 * ends in the buffer; else all that is buffered, and *@whole is false: it is
 * longer than a record may be.
 */
static int
extent(struct tg_reader *r, size_t *len, bool *whole, struct tg_err *err)
{
	const bool lines = r->info.frame != TG_FRAME_DOCUMENT;
	size_t seen = 0;

	for (;;) {
		const size_t n = r->end - r->beg;
		const char *nl = !lines || n == seen
		    ? NULL
		    : memchr(r->buf + r->beg + seen, '\n', n - seen);

		*whole = nl != NULL || r->eof;
		*len = nl == NULL ? n : (size_t)(nl - (r->buf + r->beg)) + 1;
		if (*whole || n > r->limits.record_max + 2)
			return 0;
		seen = n;
		if (more(r, err) < 0)
			return -1;
	}
}

static bool
is_blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	}
	return true;
}

/* What begins at beg: 1 a record, 0 an empty line, -1 failed. */
static int
take(struct tg_reader *r, size_t len, bool whole, struct tg_reader_rec *rec,
    struct tg_err *err)
{
	const bool lines = r->info.frame != TG_FRAME_DOCUMENT;
	size_t size;
	int rc = 1;

	*rec = (struct tg_reader_rec){.text = TG_SV(""),
	    .no = r->info.records + 1,
	    .line = r->line,
	    .offset = r->offset};
	rec->eol = whole ? line_end(r, len) : 0;
	size = len - rec->eol;
	rec->cut = whole && r->broken.cls != TG_E_NONE &&
	    (r->beg + len == r->end && (!lines || rec->eol == 0));
	r->line++;
	if (lines && whole && !rec->cut && is_blank(r->buf + r->beg, size)) {
		r->info.empty_lines++;
		use(r, len);
		return 0;
	}
	if (!whole || size > r->limits.record_max) {
		rc = oversized(r, rec, err);
	} else {
		rec->text = (struct tg_sv){r->buf + r->beg, size};
		rec->size = size;
		use(r, len);
	}
	if (rc == 1) {
		r->info.records++;
		r->info.no_eol = rec->eol == 0;
	}
	return rc;
}

int
tg_reader_next(
    struct tg_reader *r, struct tg_reader_rec *rec, struct tg_err *err)
{
	struct tg_reader_rec found = {.no = 0};
	size_t len;
	bool whole;
	int rc = 0;

	while (rc == 0 && !r->done) {
		if (extent(r, &len, &whole, err) < 0)
			return -1;
		if (len == 0)
			return finish(r, err);
		rc = take(r, len, whole, &found, err);
		if (r->info.frame == TG_FRAME_DOCUMENT)
			r->done = true;
	}
	if (rc == 0)
		return finish(r, err);
	if (rc > 0)
		*rec = found;
	return rc;
}

const struct tg_reader_info *
tg_reader_info(const struct tg_reader *r)
{
	return &r->info;
}

struct tg_sv
tg_reader_head(const struct tg_reader *r)
{
	return (struct tg_sv){r->buf == NULL ? "" : r->buf + r->beg,
	    r->end - r->beg < TG_READER_HEAD ? r->end - r->beg
					     : TG_READER_HEAD};
}

int
tg_reader_digest(struct tg_reader *r, uint8_t out[TG_SHA256_LEN],
    uint64_t *bytes, struct tg_err *err)
{
	return tg_codec_digest(r->codec, out, bytes, err);
}
