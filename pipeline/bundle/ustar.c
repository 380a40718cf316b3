#include "pipeline/bundle/ustar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/banned.h"

#define NAME_LEN 100
#define PREFIX_LEN 155
#define READ_SIZE 65536

/* Where the fields of a header block are (POSIX, "ustar Interchange Format").
 */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_TIME = 136,
	AT_SUM = 148,
	AT_TYPE = 156,
	AT_MAGIC = 257,
	AT_DEVMAJOR = 329,
	AT_DEVMINOR = 337,
	AT_PREFIX = 345
};

static const uint8_t zeros[TG_USTAR_RECORD];

/* @digits octal digits and a NUL. */
static void
put_octal(uint8_t *p, unsigned digits, uint64_t v)
{
	for (unsigned i = digits; i > 0; i--, v >>= 3)
		p[i - 1] = (uint8_t)('0' + (v & 7));
	p[digits] = '\0';
}

/* GNU tar's rule (split_long_name): at the last '/' that leaves a prefix of at
 * most 155 bytes.  0: the name fits whole; SIZE_MAX: it cannot be cut. */
static size_t
cut_at(struct tg_sv name)
{
	size_t i;

	if (name.n <= NAME_LEN)
		return 0;
	i = name.n > PREFIX_LEN + 1 ? PREFIX_LEN : name.n - 1;
	while (i > 0 && name.p[i] != '/')
		i--;
	return i == 0 || name.n - i - 1 > NAME_LEN ? SIZE_MAX : i;
}

bool
tg_ustar_header(uint8_t block[TG_USTAR_BLOCK], struct tg_sv name, uint64_t size)
{
	unsigned sum = 0;
	size_t cut;

	if (!tg_name_ok(name) || size > TG_USTAR_SIZE_MAX)
		return false;
	cut = cut_at(name);
	if (cut == SIZE_MAX)
		return false;
	memset(block, 0, TG_USTAR_BLOCK);
	if (cut == 0) {
		memcpy(block + AT_NAME, name.p, name.n);
	} else {
		memcpy(block + AT_PREFIX, name.p, cut);
		memcpy(block + AT_NAME, name.p + cut + 1, name.n - cut - 1);
	}
	put_octal(block + AT_MODE, 7, 0644);
	put_octal(block + AT_UID, 7, 0);
	put_octal(block + AT_GID, 7, 0);
	put_octal(block + AT_SIZE, 11, size);
	put_octal(block + AT_TIME, 11, 0);
	block[AT_TYPE] = '0';
	memcpy(block + AT_MAGIC, "ustar\00000", 8);
	put_octal(block + AT_DEVMAJOR, 7, 0);
	put_octal(block + AT_DEVMINOR, 7, 0);
	/* Summed as if its own field were spaces; six digits, NUL, space. */
	memset(block + AT_SUM, ' ', 8);
	for (unsigned i = 0; i < TG_USTAR_BLOCK; i++)
		sum += block[i];
	put_octal(block + AT_SUM, 6, sum);
	return true;
}

/* Bytewise after the last name, which is then this one. */
static bool
in_order(char last[TG_NAME_MAX + 1], size_t *n_last, struct tg_sv name)
{
	if (tg_sv_cmp((struct tg_sv){last, *n_last}, name) >= 0)
		return false;
	memcpy(last, name.p, name.n);
	*n_last = name.n;
	return true;
}

static uint64_t
up_to(uint64_t n, uint64_t unit)
{
	return (unit - n % unit) % unit;
}

/* Writing. */

void
tg_ustar_begin(struct tg_ustar_writer *w, tg_write_fn write, void *ctx)
{
	*w = (struct tg_ustar_writer){.write = write, .ctx = ctx};
}

static int
emit(struct tg_ustar_writer *w, const void *p, size_t n, struct tg_err *err)
{
	w->n += n;
	return n == 0 ? 0 : w->write(w->ctx, p, n, err);
}

int
tg_ustar_member(struct tg_ustar_writer *w, struct tg_sv name, uint64_t size,
    struct tg_err *err)
{
	uint8_t block[TG_USTAR_BLOCK];

	if (w->left != 0)
		return tg_fail(err, TG_E_BUG, "tar: the last member is short");
	if (!tg_ustar_header(block, name, size))
		return tg_fail(err, TG_E_INPUT,
		    "tar member %llu: the name or the size does not fit ustar",
		    (unsigned long long)w->members + 1);
	if (!in_order(w->last, &w->n_last, name))
		return tg_fail(err, TG_E_INPUT,
		    "tar member %llu: not in bytewise order, or twice",
		    (unsigned long long)w->members + 1);
	w->members++;
	w->left = size;
	return emit(w, block, sizeof block, err);
}

int
tg_ustar_data(
    struct tg_ustar_writer *w, const void *p, size_t n, struct tg_err *err)
{
	if (n > w->left)
		return tg_fail(err, TG_E_BUG, "tar: the member is too long");
	w->left -= n;
	if (emit(w, p, n, err) < 0)
		return -1;
	if (w->left > 0)
		return 0;
	return emit(w, zeros, (size_t)up_to(w->n, TG_USTAR_BLOCK), err);
}

int
tg_ustar_end(struct tg_ustar_writer *w, struct tg_err *err)
{
	if (w->left != 0)
		return tg_fail(err, TG_E_BUG, "tar: the last member is short");
	if (emit(w, zeros, (size_t)2 * TG_USTAR_BLOCK, err) < 0)
		return -1;
	return emit(w, zeros, (size_t)up_to(w->n, TG_USTAR_RECORD), err);
}

/* Reading. */

void
tg_ustar_reader_init(
    struct tg_ustar_reader *r, const struct tg_ustar_events *on)
{
	*r = (struct tg_ustar_reader){.on = *on};
}

static int
bad(const struct tg_ustar_reader *r, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY, "tar: byte %llu: %s",
	    (unsigned long long)r->n, what);
}

static struct tg_sv
field(const uint8_t *p, size_t max)
{
	return (struct tg_sv){(const char *)p, strnlen((const char *)p, max)};
}

/* The 11 digits of the size; anything else is found by comparing. */
static uint64_t
get_octal(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 11; i++)
		v = v << 3 | (uint64_t)(p[i] & 7);
	return v;
}

/* A member's block must be what we would write for its name and size. */
static int
take_header(struct tg_ustar_reader *r, struct tg_err *err)
{
	const struct tg_sv prefix = field(r->block + AT_PREFIX, PREFIX_LEN);
	const struct tg_sv rest = field(r->block + AT_NAME, NAME_LEN);
	const uint64_t size = get_octal(r->block + AT_SIZE);
	char text[PREFIX_LEN + 1 + NAME_LEN];
	struct tg_sv name = {text, 0};
	uint8_t want[TG_USTAR_BLOCK];

	if (prefix.n > 0) {
		memcpy(text, prefix.p, prefix.n);
		text[prefix.n] = '/';
		name.n = prefix.n + 1;
	}
	memcpy(text + name.n, rest.p, rest.n);
	name.n += rest.n;
	if (!tg_ustar_header(want, name, size) ||
	    memcmp(want, r->block, sizeof want) != 0)
		return bad(r, "not a member header of a bundle", err);
	if (!in_order(r->last, &r->n_last, name))
		return bad(r, "a name twice or out of order", err);
	r->members++;
	r->left = size;
	r->pad = up_to(size, TG_USTAR_BLOCK);
	if (r->on.member(r->on.ctx, name, size, err) < 0)
		return -1;
	return size == 0 ? r->on.done(r->on.ctx, err) : 0;
}

static int
take_block(struct tg_ustar_reader *r, struct tg_err *err)
{
	if (memcmp(r->block, zeros, TG_USTAR_BLOCK) != 0)
		return take_header(r, err);
	/* This block and one more, then up to the record. */
	r->end = r->n + (uint64_t)2 * TG_USTAR_BLOCK;
	r->end += up_to(r->end, TG_USTAR_RECORD);
	return 0;
}

/* How many bytes of @p are zero before the first that is not. */
static size_t
zero_run(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] == 0)
		i++;
	return i;
}

static size_t
at_most(size_t n, uint64_t max)
{
	return n < max ? n : (size_t)max;
}

/* Takes some of the bytes; *@k says how many. */
static int
step(struct tg_ustar_reader *r, const uint8_t *p, size_t n, size_t *k,
    struct tg_err *err)
{
	if (r->end != 0) {
		*k = zero_run(p, at_most(n, r->end - r->n));
		r->n += *k;
		if (*k < n)
			return bad(r, "data after the end", err);
	} else if (r->left > 0) {
		*k = at_most(n, r->left);
		r->left -= *k;
		r->n += *k;
		if (r->on.data(r->on.ctx, p, *k, err) < 0)
			return -1;
		if (r->left == 0)
			return r->on.done(r->on.ctx, err);
	} else if (r->pad > 0) {
		const size_t due = at_most(n, r->pad);

		*k = zero_run(p, due);
		r->pad -= *k;
		r->n += *k;
		if (*k < due)
			return bad(r, "the padding is not zero", err);
	} else {
		*k = at_most(n, TG_USTAR_BLOCK - r->n_block);
		memcpy(r->block + r->n_block, p, *k);
		r->n_block += *k;
		if (r->n_block < TG_USTAR_BLOCK)
			return 0;
		r->n_block = 0;
		/* n is where the block starts while it is looked at. */
		if (take_block(r, err) < 0)
			return -1;
		r->n += TG_USTAR_BLOCK;
	}
	return 0;
}

int
tg_ustar_push(
    struct tg_ustar_reader *r, const void *p, size_t n, struct tg_err *err)
{
	const uint8_t *in = p;

	for (size_t k = 0; n > 0; in += k, n -= k)
		if (step(r, in, n, &k, err) < 0)
			return -1;
	return 0;
}

int
tg_ustar_finish(struct tg_ustar_reader *r, struct tg_err *err)
{
	if (r->end == 0 || r->n != r->end)
		return bad(r, "the tar is cut", err);
	return 0;
}

int
tg_ustar_read(int fd, const struct tg_ustar_events *on, struct tg_err *err)
{
	struct tg_ustar_reader *const r = malloc(sizeof *r);
	uint8_t *const buf = malloc(READ_SIZE);
	ssize_t n;
	int rc = -1;

	if (r == NULL || buf == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	tg_ustar_reader_init(r, on);
	while ((n = read(fd, buf, READ_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			(void)tg_fail_errno(err, errno, "reading the tar");
			goto out;
		}
		if (tg_ustar_push(r, buf, (size_t)n, err) < 0)
			goto out;
	}
	rc = tg_ustar_finish(r, err);
out:
	free(r);
	free(buf);
	return rc;
}
