#include "base/fs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"

#include "base/banned.h"

#define FS_TMP_TRIES 64	 /* names tried for a temporary file */
#define FS_PATH_MAX 4096 /* bytes of a path, NUL included (PATH_MAX) */
#define FS_TMP_TAIL "XXXXXX"

/* O_NONBLOCK: a FIFO with our name must not hang us; regular files ignore it.
 */
#define FS_READ (O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static int
fail_open(struct tg_err *err, int e, const char *path)
{
	if (e == ELOOP)
		return tg_fail(err, TG_E_IO,
		    "%s: is a symbolic link, which is not followed", path);
	return tg_fail_errno(err, e, "%s", path);
}

/* The folder that holds @path, in a new string; NULL when out of memory. */
static char *
parent_of(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return n == 0 ? strdup(".") : strndup(path, n);
}

static int
sync_parent(const char *path, struct tg_err *err)
{
	char *dir = parent_of(path);
	int rc;

	if (dir == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_sync_dir(dir, err);
	free(dir);
	return rc;
}

int
tg_fs_open(const char *path, struct stat *st, bool *missing, struct tg_err *err)
{
	const int fd = open(path, FS_READ);

	if (fd < 0) {
		if (missing != NULL)
			*missing = errno == ENOENT;
		return fail_open(err, errno, path);
	}
	if (fstat(fd, st) < 0) {
		tg_fail_errno(err, errno, "%s", path);
		goto bad;
	}
	if (!S_ISREG(st->st_mode)) {
		tg_fail(err, TG_E_IO, "%s: not a regular file", path);
		goto bad;
	}
	return fd;
bad:
	(void)close(fd);
	return -1;
}

/* Reads into the room there is.  When it is full one byte more is asked for:
 * so a file that fits exactly grows nothing. */
static int
read_all(struct tg_buf *out, int fd, struct tg_err *err)
{
	for (;;) {
		const size_t room =
		    out->cap > out->n + 1 ? out->cap - out->n - 1 : 0;
		char probe = 0;
		ssize_t got;

		got = room > 0 ? read(fd, out->p + out->n, room)
			       : read(fd, &probe, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return tg_fail_errno(err, errno, "cannot read");
		if (got == 0)
			return 0;
		if (room == 0) {
			if (tg_buf_addc(out, probe, err) < 0)
				return -1;
			continue;
		}
		out->n += (size_t)got;
		out->p[out->n] = '\0';
	}
}

static int
slurp_fd(struct tg_buf *out, int fd, const struct stat *st, const char *path,
    struct tg_err *err)
{
	const size_t before = out->n;
	size_t hint = 0; /* one allocation when the size is told and fits */

	if (st->st_size > 0 && (size_t)st->st_size <= out->max - out->n)
		hint = (size_t)st->st_size;
	if (tg_buf_reserve(out, hint, err) < 0 || read_all(out, fd, err) < 0) {
		out->n = before;
		if (out->p != NULL)
			out->p[before] = '\0';
		return tg_fail_in(err, "%s", path);
	}
	return 0;
}

int
tg_fs_slurp(
    struct tg_buf *out, const char *path, bool *missing, struct tg_err *err)
{
	struct stat st;
	int fd, rc;

	if (missing != NULL)
		*missing = false;
	fd = tg_fs_open(path, &st, missing, err);
	if (fd < 0)
		return -1;
	rc = slurp_fd(out, fd, &st, path, err);
	(void)close(fd);
	return rc;
}

int
tg_fs_private(int fd, const char *path, struct tg_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return tg_fail_errno(err, errno, "%s", path);
	if (st.st_uid != geteuid())
		return tg_fail(
		    err, TG_E_KEY, "%s: belongs to another user", path);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		tg_fail(err, TG_E_KEY,
		    "%s: open to group or others (mode %04o)", path,
		    (unsigned int)(st.st_mode & 07777));
		return tg_fail_hint(err, "chmod 600 %s", path);
	}
	return 0;
}

int
tg_fs_slurp_private(struct tg_buf *out, const char *path, struct tg_err *err)
{
	struct stat st;
	int rc = -1;
	const int fd = tg_fs_open(path, &st, NULL, err);

	if (fd < 0)
		return -1;
	if (tg_fs_private(fd, path, err) == 0)
		rc = slurp_fd(out, fd, &st, path, err);
	(void)close(fd);
	return rc;
}

int
tg_fs_write_all(int fd, const void *p, size_t n, struct tg_err *err)
{
	const char *at = p;

	while (n > 0) {
		const ssize_t put = write(fd, at, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return tg_fail_errno(err, errno, "cannot write");
		at += put;
		n -= (size_t)put;
	}
	return 0;
}

static int
fail_exists(struct tg_err *err, const char *path)
{
	return tg_fail(err, TG_E_NO, "%s: exists already", path);
}

/* The last six characters become random hex digits.  Not an output: the name
 * is gone when the file is whole. */
static int
open_tmp(char *tmp, mode_t mode, struct tg_err *err)
{
	static const char digit[] = "0123456789abcdef";
	char *const tail = tmp + strlen(tmp) - (sizeof(FS_TMP_TAIL) - 1);

	for (int i = 0; i < FS_TMP_TRIES; i++) {
		unsigned char r[sizeof(FS_TMP_TAIL) - 1];
		int fd;

		if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
			return tg_fail_errno(err, errno, "no randomness");
		for (size_t k = 0; k < sizeof(r); k++)
			tail[k] = digit[r[k] & 15];
		fd = open(tmp,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return tg_fail_errno(err, errno, "%s", tmp);
	}
	return tg_fail(err, TG_E_IO, "%s: no free name", tmp);
}

int
tg_fs_out_open(struct tg_fs_out *o, const char *path, mode_t mode, int how,
    struct tg_err *err)
{
	struct stat st;
	char *tmp = NULL, *copy = NULL;
	int fd;

	*o = (struct tg_fs_out){-1, NULL, NULL, how, 0};
	if (lstat(path, &st) == 0) {
		if (S_ISLNK(st.st_mode))
			return fail_open(err, ELOOP, path);
		if (how == TG_FS_NEW)
			return fail_exists(err, path);
		if (!S_ISREG(st.st_mode))
			return tg_fail(
			    err, TG_E_IO, "%s: not a regular file", path);
	}
	copy = strdup(path);
	if (copy == NULL || asprintf(&tmp, "%s.tmp-" FS_TMP_TAIL, path) < 0) {
		free(copy);
		return tg_fail_memory(err);
	}
	fd = open_tmp(tmp, mode, err);
	if (fd < 0) {
		free(copy);
		free(tmp);
		return -1;
	}
	*o = (struct tg_fs_out){fd, tmp, copy, how, 0};
	return 0;
}

int
tg_fs_out_write(
    struct tg_fs_out *o, const void *p, size_t n, struct tg_err *err)
{
	assert(o->tmp != NULL);
	if (tg_fs_write_all(o->fd, p, n, err) < 0)
		return tg_fail_in(err, "%s", o->path);
	o->n += n;
	return 0;
}

/* Two open files, both read from their start. */
static int
same_bytes(bool *same, int a, int b)
{
	char x[4096], y[4096];
	off_t at = 0;

	*same = false;
	for (;;) {
		const ssize_t n = pread(a, x, sizeof(x), at);
		const ssize_t m = pread(b, y, sizeof(y), at);

		if (n < 0 || m < 0)
			return -1;
		/* Regular files: a short read is the end. */
		if (n != m || memcmp(x, y, (size_t)n) != 0)
			return 0;
		if (n == 0) {
			*same = true;
			return 0;
		}
		at += n;
	}
}

/* @o->path exists.  Done when it holds what was written, else TG_E_NO. */
static int
settle_same(struct tg_fs_out *o, struct tg_err *err)
{
	struct stat st;
	bool same = false;
	const int fd = tg_fs_open(o->path, &st, NULL, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = same_bytes(&same, o->fd, fd);
	if (rc < 0)
		tg_fail_errno(err, errno, "%s", o->path);
	else if (!same)
		rc = tg_fail(err, TG_E_NO,
		    "%s: exists already with other bytes", o->path);
	else if (fsync(fd) < 0) /* whoever wrote it may not have */
		rc = tg_fail_errno(err, errno, "%s", o->path);
	(void)close(fd);
	if (rc == 0)
		(void)unlink(o->tmp);
	return rc;
}

/* Fails with EEXIST rather than replace.  link() serves where the file system
 * has no RENAME_NOREPLACE (NFS). */
static int
rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (link(from, to) < 0)
		return -1;
	(void)unlink(from);
	return 0;
}

static int
publish(struct tg_fs_out *o, struct tg_err *err)
{
	if (o->how == TG_FS_OVERWRITE) {
		if (rename(o->tmp, o->path) < 0)
			return tg_fail_errno(err, errno, "%s", o->path);
		return 0;
	}
	if (rename_new(o->tmp, o->path) == 0)
		return 0;
	if (errno != EEXIST)
		return tg_fail_errno(err, errno, "%s", o->path);
	if (o->how == TG_FS_SAME_IS_FINE)
		return settle_same(o, err);
	return fail_exists(err, o->path);
}

static void
out_release(struct tg_fs_out *o)
{
	if (o->fd >= 0)
		(void)close(o->fd);
	free(o->tmp);
	free(o->path);
	*o = (struct tg_fs_out){-1, NULL, NULL, o->how, o->n};
}

/* The folder's name is made first: after the rename no memory is wanted. */
int
tg_fs_out_commit(struct tg_fs_out *o, struct tg_err *err)
{
	char *dir;
	int rc = -1;

	assert(o->tmp != NULL);
	dir = parent_of(o->path);
	if (dir == NULL) {
		tg_fail_memory(err);
		goto out;
	}
	if (fsync(o->fd) < 0) {
		tg_fail_errno(err, errno, "%s", o->path);
		goto out;
	}
	if (publish(o, err) < 0)
		goto out;
	rc = tg_fs_sync_dir(dir, err);
	out_release(o);
out:
	free(dir);
	tg_fs_out_abort(o); /* nothing to do after a release */
	return rc;
}

void
tg_fs_out_abort(struct tg_fs_out *o)
{
	if (o->tmp == NULL)
		return;
	(void)unlink(o->tmp);
	out_release(o);
}

int
tg_fs_write(const char *path, struct tg_sv bytes, mode_t mode, int how,
    struct tg_err *err)
{
	struct tg_fs_out o;

	if (tg_fs_out_open(&o, path, mode, how, err) < 0)
		return -1;
	if (tg_fs_out_write(&o, bytes.p, bytes.n, err) < 0) {
		tg_fs_out_abort(&o);
		return -1;
	}
	return tg_fs_out_commit(&o, err);
}

/* The folder @path: there already, or made and its name made durable. */
static int
mkdir_one(const char *path, mode_t mode, struct tg_err *err)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return sync_parent(path, err);
	/* Some file systems say EROFS or EACCES of what exists. */
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		return tg_fail(err, TG_E_IO, "%s: not a folder", path);
	}
	return tg_fail_errno(err, errno, "%s", path);
}

int
tg_fs_mkdirs(const char *path, mode_t mode, struct tg_err *err)
{
	char part[FS_PATH_MAX];
	const size_t n = strlen(path);

	if (n == 0 || n >= sizeof(part))
		return tg_fail_errno(
		    err, n == 0 ? ENOENT : ENAMETOOLONG, "%.64s", path);
	memcpy(part, path, n + 1);
	for (size_t i = 1; i <= n; i++) {
		const char c = part[i];

		if ((c != '/' && c != '\0') || part[i - 1] == '/')
			continue;
		part[i] = '\0';
		if (mkdir_one(part, mode, err) < 0)
			return -1;
		part[i] = c;
	}
	return 0;
}

int
tg_fs_sync_dir(const char *path, struct tg_err *err)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return tg_fail_errno(err, errno, "%s", path);
	/* EINVAL: a file system that has nothing to sync for folders. */
	if (fsync(fd) < 0 && errno != EINVAL)
		rc = tg_fail_errno(err, errno, "%s", path);
	(void)close(fd);
	return rc;
}

bool
tg_fs_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool
tg_fs_is_dir(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
tg_fs_lock(const char *path, struct tg_err *err)
{
	const int fd = open(
	    path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	int e;

	if (fd < 0)
		return fail_open(err, errno, path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	e = errno;
	(void)close(fd);
	if (e == EWOULDBLOCK)
		return tg_fail(err, TG_E_LOCKED,
		    "%s: another process is at work here", path);
	return tg_fail_errno(err, e, "%s", path);
}

char *
tg_fs_join(const char *a, const char *b)
{
	const size_t n = strlen(a), m = strlen(b);
	const bool slash = n > 0 && a[n - 1] != '/';
	size_t need;
	char *p;

	if (!tg_size_add(&need, n, m) || !tg_size_add(&need, need, 2))
		return NULL;
	p = malloc(need);
	if (p == NULL)
		return NULL;
	memcpy(p, a, n);
	if (slash)
		p[n] = '/';
	memcpy(p + n + slash, b, m + 1);
	return p;
}
