#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/sinks/sink_impl.h"

#include "base/banned.h"

/* Bytes copied at a time. */
#define CHUNK ((size_t)256 * 1024)

struct file_sink {
	struct tg_sink base;
	char *root;
};

enum seen { SEEN_ABSENT, SEEN_SAME, SEEN_OTHER };

/*
 * What stands under @path.  @fresh: from the disk, not from the cache, as far
 * as the kernel follows the advice.
 */
static int
look(enum seen *out, const char *path, const struct tg_put *put, bool fresh,
    struct tg_err *err)
{
	const int fd =
	    open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	uint8_t have[TG_SHA256_LEN];
	uint64_t size;
	struct stat st;
	int rc = -1;

	*out = SEEN_OTHER;
	if (fd < 0) {
		if (errno == ENOENT)
			*out = SEEN_ABSENT;
		else if (errno != ELOOP && errno != ENXIO)
			return tg_fail_errno(err, errno, "%s", path);
		return 0;
	}
	if (fstat(fd, &st) < 0) {
		(void)tg_fail_errno(err, errno, "%s", path);
		goto out;
	}
	rc = 0;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != put->size)
		goto out;
	if (fresh)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	rc = tg_sha256_fd(have, fd, &size, err);
	if (rc == 0 && size == put->size &&
	    memcmp(have, put->sha256, sizeof(have)) == 0)
		*out = SEEN_SAME;
out:
	(void)close(fd);
	return rc;
}

/* Copies and hashes; the digest decides whether the file gets its name. */
static int
copy(struct tg_fs_out *o, int fd, const struct tg_sink *s,
    const struct tg_put *put, struct tg_err *err)
{
	uint8_t have[TG_SHA256_LEN];
	struct tg_sha256 h = {NULL};
	uint64_t done = 0;
	char *chunk = malloc(CHUNK);
	int rc = -1;

	if (chunk == NULL)
		return tg_fail_memory(err);
	if (tg_sha256_init(&h, err) < 0)
		goto out;
	while (done < put->size) {
		const ssize_t n = pread(fd, chunk, CHUNK, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			(void)tg_fail_errno(err, errno, "%s", put->path);
			goto out;
		}
		if (n == 0)
			break;
		tg_sha256_add(&h, chunk, (size_t)n);
		if (tg_fs_out_write(o, chunk, (size_t)n, err) < 0)
			goto out;
		done += (uint64_t)n;
		if (s->progress != NULL)
			s->progress(s->progress_ctx, done, put->size);
	}
	tg_sha256_end(&h, have);
	if (done != put->size || memcmp(have, put->sha256, sizeof(have)) != 0)
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: changed while it was being copied", put->path);
	else
		rc = 0;
out:
	tg_sha256_drop(&h);
	free(chunk);
	return rc;
}

static int
parents(const char *path, struct tg_err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int rc;

	if (slash == NULL || slash == path)
		return 0;
	dir = strndup(path, (size_t)(slash - path));
	if (dir == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_mkdirs(dir, 0755, err);
	free(dir);
	return rc;
}

/* "x.tmp-0a1b2c": what base/fs.h leaves of "x" when it is killed. */
static bool
is_leftover(const char *name, const char *of)
{
	const size_t n = strlen(of), tail = sizeof(".tmp-") - 1;

	return strncmp(name, of, n) == 0 &&
	    strncmp(name + n, ".tmp-", tail) == 0 &&
	    strlen(name + n + tail) == 6 &&
	    strspn(name + n + tail, "0123456789abcdef") == 6;
}

/* Whoever receives the folder finds no file that no manifest names. */
static int
sweep(const char *path, struct tg_err *err)
{
	const char *slash = strrchr(path, '/');
	struct tg_fs_names names = {NULL, 0};
	char *dir = slash == NULL || slash == path
	    ? strdup(slash == NULL ? "." : "/")
	    : strndup(path, (size_t)(slash - path));
	const char *base = slash == NULL ? path : slash + 1;
	int rc = -1;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_fs_list(&names, dir, false, err) < 0)
		goto out;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		char *full;

		if (!is_leftover(names.name[i], base))
			continue;
		full = tg_fs_join(dir, names.name[i]);
		if (full == NULL)
			rc = tg_fail_memory(err);
		else if (unlink(full) < 0 && errno != ENOENT)
			rc = tg_fail_errno(err, errno, "%s", full);
		free(full);
	}
out:
	tg_fs_names_free(&names);
	free(dir);
	return rc;
}

/* The file's own metadata (xattr(7)), where its file system has any. */
#define EXPIRES "user.tracegate.expires_at"

static int
marked(int rc, const struct tg_put *put, struct tg_put_result *res,
    struct tg_err *err)
{
	if (rc == 0)
		return 0;
	if (errno != ENOTSUP && errno != ENOSYS)
		return tg_fail_errno(err, errno, "%s: " EXPIRES, put->name);
	res->unmarked = true;
	return 0;
}

/* One that is there already: the mark too. */
static int
mark(const char *path, const struct tg_put *put, struct tg_put_result *res,
    struct tg_err *err)
{
	const char *until = put->expires_at;

	if (until == NULL)
		return 0;
	return marked(
	    lsetxattr(path, EXPIRES, until, strlen(until), 0), put, res, err);
}

static int
write_new(struct tg_sink *s, const char *path, int fd, const struct tg_put *put,
    struct tg_put_result *res, struct tg_err *err)
{
	const char *until = put->expires_at;
	struct tg_fs_out o = {.fd = -1};
	int rc;

	if (parents(path, err) < 0 ||
	    tg_fs_out_open(&o, path, 0644, TG_FS_SAME_IS_FINE, err) < 0)
		return -1;
	rc = copy(&o, fd, s, put, err);
	/* Before it has its name, so that no file is without. */
	if (rc == 0 && until != NULL)
		rc = marked(fsetxattr(o.fd, EXPIRES, until, strlen(until), 0),
		    put, res, err);
	if (rc == 0)
		rc = tg_fs_out_commit(&o, err);
	tg_fs_out_abort(&o);
	return rc;
}

static int
file_put(struct tg_sink *s, int fd, const struct tg_put *put,
    struct tg_put_result *res, struct tg_err *err)
{
	const struct file_sink *f = (const struct file_sink *)s;
	char *path = tg_fs_join(f->root, put->name);
	enum seen seen;
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	if (look(&seen, path, put, false, err) < 0)
		goto out;
	if (seen == SEEN_OTHER) {
		(void)tg_fail(err, TG_E_NO,
		    "%s: something else is there; "
		    "it is never replaced",
		    path);
		goto out;
	}
	if (seen == SEEN_SAME) {
		res->was_there = true;
		rc = mark(path, put, res, err) < 0 ? -1 : sweep(path, err);
		goto out;
	}
	res->tries = 1;
	if (write_new(s, path, fd, put, res, err) < 0 ||
	    look(&seen, path, put, true, err) < 0)
		goto out;
	if (seen != SEEN_SAME) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: read again, it is not what was written", path);
		goto out;
	}
	res->sent = put->size;
	rc = sweep(path, err);
out:
	free(path);
	return rc;
}

static void
file_free(struct tg_sink *s)
{
	free(((struct file_sink *)s)->root);
}

static const struct tg_sink_ops OPS = {.put = file_put, .free = file_free};

/* "file:/abs", "file:rel", "file:///abs"; the rest of the URL is the path as
 * it is: no percent-decoding. */
const char *
tg_sink_folder(const char *url)
{
	static const char scheme[] = "file:";
	const size_t n = sizeof(scheme) - 1;

	if (strncmp(url, scheme, n) != 0)
		return NULL;
	return url + n + (strncmp(url + n, "//", 2) == 0 ? 2 : 0);
}

/* An absolute path as it is; another below the options' base. */
static char *
rooted(struct tg_sv path, const struct tg_sink_options *opt)
{
	char *own = strndup(path.p, path.n), *joined;

	if (own == NULL || own[0] == '/' || opt == NULL || opt->base == NULL)
		return own;
	joined = tg_fs_join(opt->base, own);
	free(own);
	return joined;
}

static int
file_open(struct tg_sink **out, struct tg_sv url,
    const struct tg_sink_options *opt, const struct tg_env *env TG_UNUSED,
    struct tg_err *err)
{
	struct tg_sv path = {url.p + 5, url.n - 5};
	struct file_sink *f;

	if (tg_sv_starts(path, TG_SV("//"))) {
		path.p += 2;
		path.n -= 2;
		if (path.n == 0 || path.p[0] != '/')
			return tg_fail(err, TG_E_CONFIG,
			    "a file target has no host: write file:/folder");
	}
	if (path.n == 0)
		return tg_fail(err, TG_E_CONFIG, "file: without a folder");
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return tg_fail_memory(err);
	f->base.ops = &OPS;
	f->root = rooted(path, opt);
	if (f->root == NULL) {
		free(f);
		return tg_fail_memory(err);
	}
	*out = &f->base;
	return 0;
}

const struct tg_sink_kind tg_sink_file = {.scheme = "file", .open = file_open};
