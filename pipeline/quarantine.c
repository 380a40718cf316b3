#include "pipeline/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/banned.h"

#define SAY_MAX 20 /* lines on stderr; the rest is counted */

int
tg_quarantine_open(
    struct tg_quarantine *q, const char *dir, FILE *say, struct tg_err *err)
{
	*q = (struct tg_quarantine){.say = say};
	if (tg_fs_remove_tree(dir, err) < 0 || tg_fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	q->dir = strdup(dir);
	return q->dir == NULL ? tg_fail_memory(err) : 0;
}

void
tg_quarantine_close(struct tg_quarantine *q)
{
	if (q->say != NULL && q->n > SAY_MAX)
		(void)fprintf(q->say,
		    "tracegate: … and %llu more: see quarantine/index.jsonl\n",
		    (unsigned long long)(q->n - SAY_MAX));
	free(q->dir);
	*q = (struct tg_quarantine){0};
}

static int
append(const char *dir, const char *name, struct tg_sv bytes, bool whole,
    struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	int fd = -1, rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	fd = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		(void)tg_fail_errno(err, errno, "%s", path);
		goto out;
	}
	if (tg_fs_write_all(fd, bytes.p, bytes.n, err) < 0 ||
	    (whole && tg_fs_write_all(fd, "\n", 1, err) < 0))
		goto out;
	if (whole && fsync(fd) < 0) {
		(void)tg_fail_errno(err, errno, "%s", path);
		goto out;
	}
	rc = 0;
out:
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return rc;
}

static int
index_line(
    struct tg_buf *out, const struct tg_quarantined *w, struct tg_err *err)
{
	struct tg_json *o = tg_json_object();
	int bad = 0, rc;

	bad |= tg_json_set_int(o, "source", w->source);
	bad |= tg_json_set_str(o, "file", w->file);
	bad |= tg_json_set_int(o, "record", (int64_t)w->record);
	bad |= tg_json_set_int(o, "offset", (int64_t)w->offset);
	bad |= tg_json_set_int(o, "bytes", (int64_t)w->bytes);
	bad |= tg_json_set_str(o, "code", w->code);
	bad |= tg_json_set_str(o, "message", w->message);
	bad |= tg_json_set_bool(o, "stored", w->raw.p != NULL || w->stored);
	rc = bad ? tg_fail_memory(err) : tg_json_canonical(out, o, err);
	tg_json_free(o);
	if (rc == 0 && out->n > 0 && out->p[out->n - 1] == '\n')
		out->n--;
	return rc;
}

static void
raw_name(char name[32], unsigned source)
{
	(void)snprintf(name, 32, "src-%04u.raw", source);
}

int
tg_quarantine_piece(struct tg_quarantine *q, unsigned source, const void *p,
    size_t n, struct tg_err *err)
{
	char name[32];

	raw_name(name, source);
	return append(q->dir, name, (struct tg_sv){p, n}, false, err);
}

int
tg_quarantine_add(
    struct tg_quarantine *q, const struct tg_quarantined *w, struct tg_err *err)
{
	char name[32];
	struct tg_buf line;
	int rc = -1;

	tg_buf_init(&line, 1u << 16);
	raw_name(name, w->source);
	if ((w->raw.p != NULL || w->stored) &&
	    append(q->dir, name, w->raw.p == NULL ? TG_SV("") : w->raw, true,
		err) < 0)
		goto out;
	if (index_line(&line, w, err) < 0 ||
	    append(q->dir, "index.jsonl", tg_buf_sv(&line), true, err) < 0)
		goto out;
	if (q->say != NULL && q->n < SAY_MAX && w->record != 0)
		(void)fprintf(q->say,
		    "tracegate: %s: record %llu at byte %llu: %s (%s)\n",
		    w->file, (unsigned long long)w->record,
		    (unsigned long long)w->offset, w->message, w->code);
	else if (q->say != NULL && q->n < SAY_MAX)
		(void)fprintf(q->say, "tracegate: %s: %s (%s)\n", w->file,
		    w->message, w->code);
	q->n++;
	rc = 0;
out:
	tg_buf_deinit(&line);
	return rc;
}
