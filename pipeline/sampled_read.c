/* sampled_read.c - sample.txt (sampled.h) read again, line by line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/num.h"
#include "pipeline/sampled.h"
#include "base/banned.h"

#define HEAD "tracegate-sample/1 "
#define NUMBER 16 /* hex digits */

struct list {
	const char *path;
	FILE *file;
	char *line;
	size_t cap;
	uint64_t no;
	uint8_t key[TG_KEY_LEN];
};

static int
broken(const struct list *l, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY, "%s:%llu: no line of a draw",
	    l->path, (unsigned long long)l->no);
}

/* The next line without its line feed.  1, 0: the end, -1. */
static int
next(struct list *l, struct tg_sv *out, struct tg_err *err)
{
	const ssize_t n = getline(&l->line, &l->cap, l->file);

	if (n <= 0)
		return ferror(l->file)
		    ? tg_fail_errno(err, errno, "%s", l->path)
		    : 0;
	l->no++;
	*out = (struct tg_sv){l->line, (size_t)n - 1};
	return l->line[n - 1] == '\n' ? 1 : broken(l, err);
}

static void
list_close(struct list *l)
{
	if (l->file != NULL)
		(void)fclose(l->file);
	if (l->line != NULL)
		tg_crypt_wipe(l->line, l->cap);
	free(l->line);
	tg_crypt_wipe(l->key, sizeof(l->key));
}

static int
list_open(struct list *l, const char *path, bool *gone, struct tg_err *err)
{
	const size_t head = sizeof(HEAD) - 1;
	struct tg_sv line;
	int rc;

	*l = (struct list){.path = path, .file = fopen(path, "re")};
	*gone = l->file == NULL && errno == ENOENT;
	if (l->file == NULL)
		return tg_fail_errno(err, errno, "%s", path);
	rc = next(l, &line, err);
	if (rc == 1 && line.n == head + 2 * TG_KEY_LEN &&
	    memcmp(line.p, HEAD, head) == 0 &&
	    tg_hex_decode(l->key, TG_KEY_LEN,
		(struct tg_sv){line.p + head, 2 * TG_KEY_LEN}))
		return 0;
	if (rc >= 0)
		(void)broken(l, err);
	list_close(l);
	return -1;
}

static bool
parse(struct tg_sampled_row *out, struct tg_sv line)
{
	const char *blank;
	uint8_t number[NUMBER / 2];
	struct tg_sv read, kept;

	if (line.n < NUMBER + 1 || line.p[NUMBER] != ' ' ||
	    !tg_hex_decode(
		number, sizeof(number), (struct tg_sv){line.p, NUMBER}))
		return false;
	read = (struct tg_sv){line.p + NUMBER + 1, line.n - NUMBER - 1};
	blank = memchr(read.p, ' ', read.n);
	if (blank == NULL)
		return false;
	kept.p = blank + 1;
	kept.n = read.n - (size_t)(blank - read.p) - 1;
	read.n = (size_t)(blank - read.p);
	out->number = 0;
	for (size_t i = 0; i < sizeof(number); i++)
		out->number = out->number << 8 | number[i];
	return tg_parse_u64(&out->read, read, 1, INT64_MAX) &&
	    tg_parse_u64(&out->kept, kept, 0, out->read);
}

/* 1, 0: the end, -1. */
static int
row(struct list *l, struct tg_sampled_row *out, struct tg_err *err)
{
	struct tg_sv line;
	const int rc = next(l, &line, err);

	if (rc <= 0)
		return rc;
	return parse(out, line) ? 1 : broken(l, err);
}

int
tg_sampled_find(struct tg_sampled_row *out, const char *path,
    struct tg_trace_text id, bool *gone, struct tg_err *err)
{
	struct tg_sampled_row r;
	struct list l;
	int rc;

	if (list_open(&l, path, gone, err) < 0)
		return -1;
	*out = (struct tg_sampled_row){.number = tg_sample_number(l.key, id)};
	while ((rc = row(&l, &r, err)) == 1)
		if (r.number == out->number) {
			*out = r;
			break;
		}
	list_close(&l);
	return rc;
}

int
tg_sampled_each(const char *path,
    int (*each)(void *ctx, const struct tg_sampled_row *row), void *ctx,
    bool *gone, struct tg_err *err)
{
	struct tg_sampled_row r;
	struct list l;
	int rc;

	if (list_open(&l, path, gone, err) < 0)
		return -1;
	while ((rc = row(&l, &r, err)) == 1)
		if ((rc = each(ctx, &r)) != 0)
			break;
	list_close(&l);
	return rc;
}
