#include "pipeline/bundle/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "pipeline/bundle/name.h"

#include "base/banned.h"

#define DIR_MODE 0700
#define FILE_MODE 0600
#define PATH_ROOM 4096

void
tg_unpack_init(struct tg_unpack *u)
{
	*u = (struct tg_unpack){.fd = -1};
}

/* "<dir>.partial" in a new string; NULL when out of memory. */
static char *
partial(const char *dir)
{
	struct tg_buf b;
	char *s = NULL;

	tg_buf_init(&b, PATH_ROOM);
	if (tg_buf_adds(&b, dir, NULL) == 0 &&
	    tg_buf_adds(&b, ".partial", NULL) == 0)
		s = strdup(b.p);
	tg_buf_deinit(&b);
	return s;
}

int
tg_unpack_begin(struct tg_unpack *u, const char *dir, struct tg_err *err)
{
	struct stat st;

	/* lstat: a link to nowhere is "there" too. */
	if (lstat(dir, &st) == 0)
		return tg_fail(err, TG_E_NO, "%s: is there already", dir);
	u->dir = strdup(dir);
	u->part = partial(dir);
	if (u->dir == NULL || u->part == NULL)
		return tg_fail_memory(err);
	if (tg_fs_remove_tree(u->part, err) < 0)
		return -1;
	return tg_fs_mkdirs(u->part, DIR_MODE, err);
}

/* The folders above the file, below part. */
static int
make_parents(struct tg_unpack *u, struct tg_err *err)
{
	char *const slash = strrchr(u->file, '/');
	int rc;

	*slash = '\0';
	rc = tg_fs_mkdirs(u->file, DIR_MODE, err);
	*slash = '/';
	return rc;
}

int
tg_unpack_member(struct tg_unpack *u, struct tg_sv name, struct tg_err *err)
{
	char text[TG_NAME_MAX + 1];

	if (u->dir == NULL)
		return 0;
	if (!tg_name_ok(name) || u->fd >= 0)
		return tg_fail(err, TG_E_BUG, "unpack: not a member's name");
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	free(u->file);
	u->file = tg_fs_join(u->part, text);
	if (u->file == NULL)
		return tg_fail_memory(err);
	if (make_parents(u, err) < 0)
		return -1;
	u->fd = open(u->file,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	return u->fd < 0 ? tg_fail_errno(err, errno, "%s", u->file) : 0;
}

int
tg_unpack_data(struct tg_unpack *u, const void *p, size_t n, struct tg_err *err)
{
	if (u->dir == NULL)
		return 0;
	if (tg_fs_write_all(u->fd, p, n, err) < 0)
		return tg_fail_in(err, "%s", u->file);
	return 0;
}

int
tg_unpack_done(struct tg_unpack *u, struct tg_err *err)
{
	const int fd = u->fd;

	if (u->dir == NULL)
		return 0;
	u->fd = -1;
	/* A full disk may show only here. */
	return close(fd) < 0 ? tg_fail_errno(err, errno, "%s", u->file) : 0;
}

int
tg_unpack_commit(struct tg_unpack *u, struct tg_err *err)
{
	if (u->dir == NULL)
		return 0;
	if (rename(u->part, u->dir) < 0)
		return tg_fail_errno(err, errno, "%s", u->dir);
	free(u->part);
	u->part = NULL;
	return 0;
}

void
tg_unpack_abort(struct tg_unpack *u)
{
	if (u->fd >= 0)
		(void)close(u->fd);
	if (u->part != NULL && tg_fs_remove_tree(u->part, NULL) < 0) {
		/* Nothing more to do: it is in a folder of mode 0700, and
		 * the next tg_unpack_begin removes it. */
	}
	free(u->dir);
	free(u->part);
	free(u->file);
	tg_unpack_init(u);
}
