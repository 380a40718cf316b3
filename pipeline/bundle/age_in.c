#include "pipeline/bundle/age_in.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/sv.h"

#include "base/banned.h"

#define RAW_SIZE 65536
#define COLUMNS 64
#define LINE_BYTES 48	/* what a full line decodes to */
#define SPACE_MAX 1024	/* white space outside the armor; as the age tool */
#define FIRST_LOOK 2048 /* bytes that decide; SPACE_MAX and a first line */

static const char begin_line[] = "-----BEGIN AGE ENCRYPTED FILE-----";
static const char end_line[] = "-----END AGE ENCRYPTED FILE-----";

struct tg_age_in {
	int fd;
	bool armored;
	bool over;	  /* armor: the last body line was seen */
	bool closed;	  /* armor: the END line was seen */
	bool raw_end;	  /* the descriptor is at its end */
	uint64_t line;	  /* armor line, from 1 */
	size_t at, n_raw; /* raw[at..n_raw) is not yet taken */
	size_t d_at, n_d; /* the same of a decoded line */
	uint8_t decoded[LINE_BYTES];
	uint8_t raw[RAW_SIZE];
};

static int
read_some(
    struct tg_age_in *in, void *p, size_t n, size_t *got, struct tg_err *err)
{
	ssize_t r;

	do
		r = read(in->fd, p, n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return tg_fail_errno(err, errno, "reading the age file");
	if (r == 0)
		in->raw_end = true;
	*got = (size_t)r;
	return 0;
}

static int
fill(struct tg_age_in *in, struct tg_err *err)
{
	in->at = in->n_raw = 0;
	return in->raw_end
	    ? 0
	    : read_some(in, in->raw, sizeof in->raw, &in->n_raw, err);
}

/* The next raw byte: 1, 0 at the end, -1. */
static int
next_byte(struct tg_age_in *in, char *c, struct tg_err *err)
{
	if (in->at == in->n_raw) {
		if (fill(in, err) < 0)
			return -1;
		if (in->n_raw == 0)
			return 0;
	}
	*c = (char)in->raw[in->at++];
	return 1;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int
bad_armor(const struct tg_age_in *in, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY, "age armor line %llu: %s",
	    (unsigned long long)in->line, what);
}

/* One line without its LF or CR LF.  The END line alone may end the file. */
static int
next_line(
    struct tg_age_in *in, char line[COLUMNS + 1], size_t *n, struct tg_err *err)
{
	int r;
	char c = '\0';

	in->line++;
	for (*n = 0; (r = next_byte(in, &c, err)) > 0 && c != '\n';) {
		if (*n == COLUMNS + 1)
			return bad_armor(in, "over 64 columns", err);
		line[(*n)++] = c;
	}
	if (r < 0)
		return -1;
	if (r > 0 && *n > 0 && line[*n - 1] == '\r')
		(*n)--;
	if (*n > COLUMNS)
		return bad_armor(in, "over 64 columns", err);
	if (r == 0 && !tg_sv_is((struct tg_sv){line, *n}, end_line))
		return bad_armor(in, "the file ends inside the armor", err);
	return 0;
}

/* After the END line: white space and the end of the file. */
static int
drain(struct tg_age_in *in, struct tg_err *err)
{
	size_t n = 0;
	char c;
	int r;

	in->closed = true;
	while ((r = next_byte(in, &c, err)) > 0)
		if (!is_space(c) || ++n > SPACE_MAX)
			return bad_armor(in, "data after the END line", err);
	return r;
}

/* Decodes the next body line; at the END line nothing is left. */
static int
decode_line(struct tg_age_in *in, struct tg_err *err)
{
	char line[COLUMNS + 1];
	size_t n;

	in->d_at = in->n_d = 0;
	if (next_line(in, line, &n, err) < 0)
		return -1;
	if (tg_sv_is((struct tg_sv){line, n}, end_line))
		return drain(in, err);
	if (in->over)
		return bad_armor(in, "the END line was due", err);
	if (n == 0 ||
	    !tg_b64_decode(in->decoded, sizeof in->decoded, &in->n_d,
		(struct tg_sv){line, n}, TG_B64_PADDED)) {
		in->n_d = 0;
		return bad_armor(in, "not canonical base64", err);
	}
	in->over = in->n_d < LINE_BYTES;
	return 0;
}

/* Decides by the first bytes.  Armor: white space and the BEGIN line taken. */
static int
detect(struct tg_age_in *in, struct tg_err *err)
{
	const struct tg_sv dashes = TG_SV("-----BEGIN ");
	char line[COLUMNS + 1];
	size_t n = 0, got = 0;
	struct tg_sv seen;

	while (in->n_raw < FIRST_LOOK && !in->raw_end) {
		if (read_some(in, in->raw + in->n_raw,
			sizeof in->raw - in->n_raw, &got, err) < 0)
			return -1;
		in->n_raw += got;
	}
	while (n < in->n_raw && n < SPACE_MAX && is_space((char)in->raw[n]))
		n++;
	seen = (struct tg_sv){(const char *)in->raw + n, in->n_raw - n};
	if (!tg_sv_starts(seen, dashes))
		return 0;
	in->armored = true;
	in->at = n;
	if (next_line(in, line, &n, err) < 0)
		return -1;
	if (!tg_sv_is((struct tg_sv){line, n}, begin_line))
		return bad_armor(in, "not the BEGIN line of an age file", err);
	return 0;
}

int
tg_age_in_new(struct tg_age_in **out, int fd, struct tg_err *err)
{
	struct tg_age_in *const in = calloc(1, sizeof *in);

	if (in == NULL)
		return tg_fail_memory(err);
	in->fd = fd;
	if (detect(in, err) < 0) {
		tg_age_in_free(in);
		return -1;
	}
	*out = in;
	return 0;
}

void
tg_age_in_free(struct tg_age_in *in)
{
	free(in);
}

static int
read_armor(
    struct tg_age_in *in, uint8_t *p, size_t n, size_t *got, struct tg_err *err)
{
	while (*got < n) {
		size_t k = in->n_d - in->d_at;

		if (k == 0) {
			if (in->closed)
				return 0;
			if (decode_line(in, err) < 0)
				return -1;
			continue;
		}
		if (k > n - *got)
			k = n - *got;
		memcpy(p + *got, in->decoded + in->d_at, k);
		in->d_at += k;
		*got += k;
	}
	return 0;
}

static int
read_binary(
    struct tg_age_in *in, uint8_t *p, size_t n, size_t *got, struct tg_err *err)
{
	while (*got < n) {
		size_t k = in->n_raw - in->at;

		if (k > 0) {
			if (k > n - *got)
				k = n - *got;
			memcpy(p + *got, in->raw + in->at, k);
			in->at += k;
		} else if (in->raw_end) {
			return 0;
		} else if (n - *got >= sizeof in->raw) {
			/* A chunk is longer than the buffer: no copy. */
			if (read_some(in, p + *got, n - *got, &k, err) < 0)
				return -1;
		} else {
			if (fill(in, err) < 0)
				return -1;
			continue;
		}
		*got += k;
	}
	return 0;
}

int
tg_age_in_read(
    struct tg_age_in *in, void *p, size_t n, size_t *got, struct tg_err *err)
{
	*got = 0;
	return in->armored ? read_armor(in, p, n, got, err)
			   : read_binary(in, p, n, got, err);
}
