#include "pipeline/sampled.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/fs.h"
#include "base/banned.h"

#define ROW 9		   /* bytes: the number, and whether it was kept */
#define BLOCK (ROW * 4096) /* bytes read or written at a time */

#define SLOTS ((size_t)1 << 18) /* 6 MiB */

struct slot {
	uint64_t h, read, kept; /* read 0: free */
};

/* The list while it is written. */
struct list {
	struct tg_sampled *s;
	struct slot *slot;
	size_t n, cap; /* of slot; full at half */
	struct tg_fs_out out;
	struct tg_sha256 sha;
	uint64_t rate_ppb;
};

int
tg_sampled_init(struct tg_sampled *s, const char *path, struct tg_err *err)
{
	char *raw = NULL;
	int rc = 0;

	*s = (struct tg_sampled){.fd = -1, .path = strdup(path)};
	tg_buf_init(&s->block, BLOCK);
	if (s->path == NULL || asprintf(&raw, "%s.raw", path) < 0)
		return tg_fail_memory(err);
	s->fd = open(
	    raw, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0 || unlink(raw) < 0)
		rc = tg_fail_errno(err, errno, "%s", raw);
	free(raw);
	return rc;
}

void
tg_sampled_deinit(struct tg_sampled *s)
{
	if (s->path != NULL && s->fd >= 0)
		(void)close(s->fd);
	tg_buf_deinit(&s->block);
	free(s->path);
	*s = (struct tg_sampled){.fd = -1};
}

static int
flush(struct tg_sampled *s, struct tg_err *err)
{
	const struct tg_sv all = tg_buf_sv(&s->block);

	if (tg_fs_write_all(s->fd, all.p, all.n, err) < 0)
		return tg_fail_in(err, "%s", s->path);
	tg_buf_reset(&s->block);
	return 0;
}

int
tg_sampled_add(struct tg_sampled *s, uint64_t h, bool kept, struct tg_err *err)
{
	char row[ROW];

	memcpy(row, &h, sizeof(h));
	row[ROW - 1] = kept ? 1 : 0;
	if (s->block.n + ROW > BLOCK && flush(s, err) < 0)
		return -1;
	s->n++;
	return tg_buf_add(&s->block, row, sizeof(row), err);
}

/* ---- the list ---------------------------------------------------------- */

/* False when the table is full. */
static bool
count(struct list *l, uint64_t h, bool kept)
{
	size_t i = (size_t)h & (l->cap - 1);

	while (l->slot[i].read > 0 && l->slot[i].h != h)
		i = (i + 1) & (l->cap - 1);
	if (l->slot[i].read == 0) {
		if (l->n == l->cap / 2)
			return false;
		l->n++;
	}
	l->slot[i].h = h;
	l->slot[i].read++;
	l->slot[i].kept += kept;
	return true;
}

/* The numbers from @lo to @hi.  1: all of them; 0: too many; -1. */
static int
collect(struct list *l, uint64_t lo, uint64_t hi, struct tg_err *err)
{
	static const struct slot none;
	char block[BLOCK];
	off_t at = 0;
	ssize_t got;

	for (size_t i = 0; i < l->cap; i++)
		l->slot[i] = none;
	l->n = 0;
	while ((got = pread(l->s->fd, block, sizeof(block), at)) > 0) {
		for (ssize_t i = 0; i + ROW <= got; i += ROW) {
			uint64_t h;

			memcpy(&h, block + i, sizeof(h));
			if (h >= lo && h <= hi &&
			    !count(l, h, block[i + ROW - 1] != 0))
				return 0;
		}
		if (got % ROW != 0)
			return tg_fail(
			    err, TG_E_IO, "%s: a short read", l->s->path);
		at += got;
	}
	if (got < 0)
		return tg_fail_errno(err, errno, "%s", l->s->path);
	return 1;
}

static int
by_number(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	/* Free ones last. */
	if ((x->read == 0) != (y->read == 0))
		return x->read == 0 ? 1 : -1;
	return (x->h > y->h) - (x->h < y->h);
}

static int
put(struct list *l, const char *text, struct tg_err *err)
{
	const size_t n = strlen(text);

	tg_sha256_add(&l->sha, text, n);
	if (l->s->block.n + n > BLOCK) {
		if (tg_fs_out_write(
			&l->out, l->s->block.p, l->s->block.n, err) < 0)
			return -1;
		tg_buf_reset(&l->s->block);
	}
	return tg_buf_add(&l->s->block, text, n, err);
}

static int
write_range(struct list *l, struct tg_err *err)
{
	char line[64];

	qsort(l->slot, l->cap, sizeof(*l->slot), by_number);
	for (size_t i = 0; i < l->n; i++) {
		const struct slot *t = &l->slot[i];

		(void)snprintf(line, sizeof(line), "%016llx %llu %llu\n",
		    (unsigned long long)t->h, (unsigned long long)t->read,
		    (unsigned long long)t->kept);
		l->s->seen++;
		l->s->drawn += tg_sample_below(t->h, l->rate_ppb);
		if (put(l, line, err) < 0)
			return -1;
	}
	return 0;
}

/* Range by range; one that holds too many is halved, and the next may be twice
 * as wide. */
static int
all_ranges(struct list *l, struct tg_err *err)
{
	uint64_t lo = 0, width = UINT64_MAX;

	for (;;) {
		const uint64_t hi =
		    width > UINT64_MAX - lo ? UINT64_MAX : lo + width;
		const int rc = collect(l, lo, hi, err);

		if (rc < 0)
			return -1;
		if (rc == 0) {
			width = (hi - lo) / 2;
			continue;
		}
		if (write_range(l, err) < 0)
			return -1;
		if (hi == UINT64_MAX)
			return 0;
		lo = hi + 1;
		width = width > UINT64_MAX / 2 ? UINT64_MAX : width * 2 + 1;
	}
}

static size_t
slots_for(const struct tg_sampled *s)
{
	const size_t max = s->hold == 0 ? SLOTS : s->hold;
	size_t cap = 2;

	while (cap < max && cap / 2 < s->n)
		cap *= 2;
	return cap;
}

int
tg_sampled_finish(struct tg_sampled *s, const uint8_t key[TG_KEY_LEN],
    uint64_t rate_ppb, struct tg_err *err)
{
	struct list l = {.s = s, .cap = slots_for(s), .rate_ppb = rate_ppb};
	uint8_t digest[TG_SHA256_LEN];
	char hex[2 * TG_KEY_LEN + 1], head[128];
	int rc = -1;

	s->seen = s->drawn = 0;
	l.slot = calloc(l.cap, sizeof(*l.slot));
	if (l.slot == NULL)
		return tg_fail_memory(err);
	if (flush(s, err) < 0 || tg_sha256_init(&l.sha, err) < 0) {
		free(l.slot);
		return -1;
	}
	tg_hex(hex, key, TG_KEY_LEN);
	(void)snprintf(head, sizeof(head), "tracegate-sample/1 %s\n", hex);
	if (tg_fs_out_open(&l.out, s->path, 0600, TG_FS_OVERWRITE, err) < 0)
		goto out;
	if (put(&l, head, err) == 0 && all_ranges(&l, err) == 0 &&
	    tg_fs_out_write(&l.out, s->block.p, s->block.n, err) == 0)
		rc = tg_fs_out_commit(&l.out, err);
	tg_fs_out_abort(&l.out);
	tg_sha256_end(&l.sha, digest);
	tg_sha256_hex(s->sha256, digest);
out:
	tg_sha256_drop(&l.sha);
	tg_crypt_wipe(hex, sizeof(hex));
	tg_crypt_wipe(head, sizeof(head));
	tg_buf_wipe_deinit(&s->block);
	tg_buf_init(&s->block, BLOCK);
	free(l.slot);
	return rc;
}
