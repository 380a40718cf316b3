#include "base/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/num.h"
#include "base/banned.h"

#define RUNS 64		       /* merged at once */
#define MERGE_BYTES (4u << 20) /* of all runs' windows */
#define PATH_BYTES 4096

/* A sorted run in the file and the window of it that is in memory. */
struct run {
	uint64_t at, end; /* bytes in the file not read yet */
	uint8_t *window;
	size_t n, pos; /* rows in it, the next */
};

struct tg_sorter {
	const char *dir;
	size_t row, cap, n; /* bytes; rows */
	uint8_t *rows;
	size_t pos;
	int fd; /* -1: all is in memory */
	uint64_t size, spilled, count;
	uint64_t end[RUNS]; /* where run i ends in the file */
	struct run run[RUNS];
	size_t n_run;
	uint8_t *windows;
	size_t window; /* rows of one */
	unsigned heap[RUNS];
	size_t n_heap;
	bool sorted;
};

int
tg_sorter_new(struct tg_sorter **out, const char *dir, size_t row,
    size_t memory, struct tg_err *err)
{
	struct tg_sorter *s = calloc(1, sizeof(*s));
	size_t bytes;

	if (s == NULL)
		return tg_fail_memory(err);
	s->dir = dir;
	s->row = row;
	s->fd = -1;
	s->cap = memory / row > 0 ? memory / row : 1;
	s->rows = tg_size_mul(&bytes, s->cap, row) ? malloc(bytes) : NULL;
	if (s->rows == NULL) {
		free(s);
		return tg_fail_memory(err);
	}
	*out = s;
	return 0;
}

void
tg_sorter_free(struct tg_sorter *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s->rows);
	free(s->windows);
	free(s);
}

static int
compare(const void *a, const void *b, void *row)
{
	return memcmp(a, b, *(const size_t *)row);
}

static void
sort(struct tg_sorter *s)
{
	qsort_r(s->rows, s->n, s->row, compare, &s->row);
}

/* A file without a name: nobody else opens it, nothing of it stays. */
static int
unnamed(struct tg_sorter *s, int *fd, struct tg_err *err)
{
	char path[PATH_BYTES];
	const int n = snprintf(path, sizeof(path), "%s/rows-XXXXXX", s->dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return tg_fail(err, TG_E_IO, "%s: name too long", s->dir);
	*fd = mkostemp(path, O_CLOEXEC); /* 0600 */
	if (*fd < 0)
		return tg_fail(err, TG_E_IO, "%s: %s", s->dir, strerror(errno));
	if (unlink(path) < 0) {
		(void)close(*fd);
		*fd = -1;
		return tg_fail(err, TG_E_IO, "%s: %s", path, strerror(errno));
	}
	return 0;
}

static int
write_rows(
    struct tg_sorter *s, int fd, const void *p, size_t n, struct tg_err *err)
{
	if (tg_fs_write_all(fd, p, n, err) < 0)
		return tg_fail_in(err, "%s", s->dir);
	s->spilled += n;
	return 0;
}

/* The next rows of a run into its window; 0 rows: it is done. */
static int
fill(struct tg_sorter *s, struct run *r, struct tg_err *err)
{
	const uint64_t left = r->end - r->at;
	size_t want = s->window * s->row, got = 0;

	if (want > left)
		want = (size_t)left;
	while (got < want) {
		const ssize_t k = pread(
		    s->fd, r->window + got, want - got, (off_t)(r->at + got));

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return tg_fail(err, TG_E_IO, "%s: %s", s->dir,
			    k < 0 ? strerror(errno)
				  : "a sorted run breaks off");
		got += (size_t)k;
	}
	r->at += got;
	r->n = got / s->row;
	r->pos = 0;
	return 0;
}

static const uint8_t *
head(const struct tg_sorter *s, unsigned i)
{
	return s->run[i].window + s->run[i].pos * s->row;
}

static bool
before(const struct tg_sorter *s, unsigned a, unsigned b)
{
	return memcmp(head(s, a), head(s, b), s->row) < 0;
}

static void
sift_down(struct tg_sorter *s, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2; c++)
			if (c < s->n_heap &&
			    before(s, s->heap[c], s->heap[least]))
				least = c;
		if (least == i)
			return;
		const unsigned other = s->heap[least];

		s->heap[least] = s->heap[i];
		s->heap[i] = other;
		i = least;
	}
}

/* All runs from their first row. */
static int
merge_begin(struct tg_sorter *s, struct tg_err *err)
{
	s->window = MERGE_BYTES / RUNS / s->row;
	if (s->window > s->cap)
		s->window = s->cap;
	if (s->window == 0)
		s->window = 1;
	if (s->windows == NULL)
		s->windows = malloc(RUNS * s->window * s->row);
	if (s->windows == NULL)
		return tg_fail_memory(err);
	s->n_heap = 0;
	for (unsigned i = 0; i < s->n_run; i++) {
		struct run *r = &s->run[i];

		r->window = s->windows + i * s->window * s->row;
		r->at = i == 0 ? 0 : s->end[i - 1];
		r->end = s->end[i];
		if (fill(s, r, err) < 0)
			return -1;
		if (r->n > 0)
			s->heap[s->n_heap++] = i;
	}
	for (size_t i = s->n_heap; i-- > 0;)
		sift_down(s, i);
	return 0;
}

/* Past the least row; the one before it is no longer there. */
static int
merge_step(struct tg_sorter *s, struct tg_err *err)
{
	struct run *r = &s->run[s->heap[0]];

	if (++r->pos == r->n && fill(s, r, err) < 0)
		return -1;
	if (r->n == 0)
		s->heap[0] = s->heap[--s->n_heap];
	sift_down(s, 0);
	return 0;
}

/* RUNS runs become one, in a file of their own. */
static int
merge_down(struct tg_sorter *s, struct tg_err *err)
{
	int fd = -1;
	size_t n = 0;

	if (unnamed(s, &fd, err) < 0)
		return -1;
	if (merge_begin(s, err) < 0)
		goto fail;
	while (s->n_heap > 0) { /* s->rows is empty: it is the buffer */
		memcpy(s->rows + n * s->row, head(s, s->heap[0]), s->row);
		if (merge_step(s, err) < 0)
			goto fail;
		if (++n < s->cap && s->n_heap > 0)
			continue;
		if (write_rows(s, fd, s->rows, n * s->row, err) < 0)
			goto fail;
		n = 0;
	}
	(void)close(s->fd);
	s->fd = fd;
	s->end[0] = s->size;
	s->n_run = 1;
	return 0;
fail:
	(void)close(fd);
	return -1;
}

static int
spill(struct tg_sorter *s, struct tg_err *err)
{
	if (s->fd < 0 && unnamed(s, &s->fd, err) < 0)
		return -1;
	sort(s);
	if (write_rows(s, s->fd, s->rows, s->n * s->row, err) < 0)
		return -1;
	s->size += s->n * s->row;
	s->end[s->n_run++] = s->size;
	s->n = 0;
	return s->n_run == RUNS ? merge_down(s, err) : 0;
}

int
tg_sorter_add(struct tg_sorter *s, const void *row, struct tg_err *err)
{
	if (s->sorted)
		return tg_fail(err, TG_E_BUG, "a row after the sorting");
	if (s->n == s->cap && spill(s, err) < 0)
		return -1;
	memcpy(s->rows + s->n * s->row, row, s->row);
	s->n++;
	s->count++;
	return 0;
}

int
tg_sorter_rewind(struct tg_sorter *s, struct tg_err *err)
{
	if (!s->sorted) {
		if (s->fd < 0) {
			sort(s);
		} else {
			if (s->n > 0 && spill(s, err) < 0)
				return -1;
			free(s->rows);
			s->rows = malloc(s->row); /* the row that is lent */
			if (s->rows == NULL)
				return tg_fail_memory(err);
		}
		s->sorted = true;
	}
	s->pos = 0;
	return s->fd < 0 ? 0 : merge_begin(s, err);
}

int
tg_sorter_next(struct tg_sorter *s, const uint8_t **row, struct tg_err *err)
{
	*row = NULL;
	if (!s->sorted)
		return tg_fail(err, TG_E_BUG, "rows that are not sorted yet");
	if (s->fd < 0) {
		if (s->pos < s->n)
			*row = s->rows + s->pos++ * s->row;
		return 0;
	}
	if (s->n_heap == 0)
		return 0;
	memcpy(s->rows, head(s, s->heap[0]), s->row);
	if (merge_step(s, err) < 0)
		return -1;
	*row = s->rows;
	return 0;
}

uint64_t
tg_sorter_count(const struct tg_sorter *s)
{
	return s->count;
}

uint64_t
tg_sorter_spilled(const struct tg_sorter *s)
{
	return s->spilled;
}
