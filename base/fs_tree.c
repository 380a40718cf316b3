/*
 * fs_tree.c - the part of base/fs.h that walks folders: sorted lists and whole
 * removal.  Always by descriptor, so that a folder swapped for a symbolic link
 * between two calls leads nowhere.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/num.h"

#include "base/banned.h"

#define TREE_DEPTH 64	      /* folders inside folders; deeper is refused */
#define TREE_NAMES (1u << 20) /* names of one list */

#define TREE_OPEN (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct names {
	struct tg_fs_names list;
	size_t cap;
};

static bool
is_dots(const char *s)
{
	return s[0] == '.' && (s[1] == '\0' || (s[1] == '.' && s[2] == '\0'));
}

static int
names_add(struct names *to, char *take_name, struct tg_err *err)
{
	if (take_name == NULL)
		return tg_fail_memory(err);
	if (to->list.n == TREE_NAMES) {
		free(take_name);
		return tg_fail(
		    err, TG_E_LIMIT, "more than %u names", TREE_NAMES);
	}
	if (to->list.n == to->cap) {
		const size_t cap = to->cap == 0 ? 16 : to->cap * 2;
		char **const p = reallocarray(to->list.name, cap, sizeof(*p));

		if (p == NULL) {
			free(take_name);
			return tg_fail_memory(err);
		}
		to->list.name = p;
		to->cap = cap;
	}
	to->list.name[to->list.n++] = take_name;
	return 0;
}

static int
name_cmp(const void *a, const void *b)
{
	const char *const *const x = a;
	const char *const *const y = b;

	return strcmp(*x, *y); /* bytes as unsigned char */
}

/* All names of the open folder; @take_fd is closed. */
static int
read_dir(struct names *out, int take_fd, struct tg_err *err)
{
	DIR *dir = fdopendir(take_fd);
	int rc = -1;

	if (dir == NULL) {
		tg_fail_errno(err, errno, "cannot read the folder");
		(void)close(take_fd);
		return -1;
	}
	for (;;) {
		const struct dirent *e;

		errno = 0;
		e = readdir(dir);
		if (e == NULL)
			break;
		if (!is_dots(e->d_name) &&
		    names_add(out, strdup(e->d_name), err) < 0)
			goto out;
	}
	if (errno != 0) {
		tg_fail_errno(err, errno, "cannot read the folder");
		goto out;
	}
	rc = 0;
out:
	(void)closedir(dir);
	return rc;
}

void
tg_fs_names_free(struct tg_fs_names *names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; i < names->n; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct tg_fs_names){NULL, 0};
}

/* The descriptor that read_dir may close while ours lives on. */
static int
reopen(int fd)
{
	return openat(fd, ".", TREE_OPEN);
}

static char *
below(const char *prefix, const char *name)
{
	return prefix[0] == '\0' ? strdup(name) : tg_fs_join(prefix, name);
}

/* The names in the open folder @fd, which is @depth folders down and stays
 * open.  The caller frees them, on failure too. */
static int
names_at(struct names *out, int fd, int depth, struct tg_err *err)
{
	const int copy = depth > TREE_DEPTH ? -1 : reopen(fd);

	if (depth > TREE_DEPTH)
		return tg_fail(
		    err, TG_E_LIMIT, "more than %d folders deep", TREE_DEPTH);
	if (copy < 0)
		return tg_fail_errno(err, errno, "cannot read the folder");
	return read_dir(out, copy, err);
}

static int list_deep(struct names *out, int fd, const char *prefix, int depth,
    struct tg_err *err);

static int
list_entry(struct names *out, int fd, const char *name, const char *prefix,
    int depth, struct tg_err *err)
{
	struct stat st;
	char *path;
	int sub, rc;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return tg_fail_errno(err, errno, "%s", name);
	if (S_ISREG(st.st_mode))
		return names_add(out, below(prefix, name), err);
	if (!S_ISDIR(st.st_mode))
		return 0;
	sub = openat(fd, name, TREE_OPEN);
	if (sub < 0)
		return tg_fail_errno(err, errno, "%s", name);
	path = below(prefix, name);
	rc = path == NULL ? tg_fail_memory(err)
			  : list_deep(out, sub, path, depth + 1, err);
	free(path);
	(void)close(sub);
	return rc;
}

static int
list_deep(struct names *out, int fd, const char *prefix, int depth,
    struct tg_err *err)
{
	struct names here = {{NULL, 0}, 0};
	int rc = -1;

	if (names_at(&here, fd, depth, err) < 0)
		goto out;
	for (size_t i = 0; i < here.list.n; i++)
		if (list_entry(out, fd, here.list.name[i], prefix, depth, err) <
		    0)
			goto out;
	rc = 0;
out:
	tg_fs_names_free(&here.list);
	return rc;
}

int
tg_fs_list(
    struct tg_fs_names *out, const char *path, bool deep, struct tg_err *err)
{
	struct names all = {{NULL, 0}, 0};
	const int fd = open(path, TREE_OPEN);
	int rc;

	if (fd < 0)
		return tg_fail_errno(err, errno, "%s", path);
	if (deep) {
		rc = list_deep(&all, fd, "", 1, err);
		(void)close(fd);
	} else {
		rc = read_dir(&all, fd, err);
	}
	if (rc < 0) {
		tg_fs_names_free(&all.list);
		return tg_fail_in(err, "%s", path);
	}
	if (all.list.n > 1)
		qsort(all.list.name, all.list.n, sizeof(char *), name_cmp);
	*out = all.list;
	return 0;
}

static int remove_at(int fd, const char *name, int depth, struct tg_err *err);

static int
empty_dir(int fd, int depth, struct tg_err *err)
{
	struct names here = {{NULL, 0}, 0};
	int rc = -1;

	if (names_at(&here, fd, depth, err) < 0)
		goto out;
	for (size_t i = 0; i < here.list.n; i++)
		if (remove_at(fd, here.list.name[i], depth, err) < 0)
			goto out;
	rc = 0;
out:
	tg_fs_names_free(&here.list);
	return rc;
}

/* unlink takes a symbolic link itself away, never what it points to. */
static int
remove_at(int fd, const char *name, int depth, struct tg_err *err)
{
	int sub, rc;

	if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return tg_fail_errno(err, errno, "%s", name);
	sub = openat(fd, name, TREE_OPEN);
	if (sub < 0)
		return tg_fail_errno(err, errno, "%s", name);
	rc = empty_dir(sub, depth + 1, err);
	(void)close(sub);
	if (rc == 0 && unlinkat(fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		rc = tg_fail_errno(err, errno, "%s", name);
	return rc;
}

int
tg_fs_remove_tree(const char *path, struct tg_err *err)
{
	if (remove_at(AT_FDCWD, path, 0, err) < 0)
		return tg_fail_in(err, "cannot remove %s", path);
	return 0;
}
