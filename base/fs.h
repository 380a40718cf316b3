/*
 * fs.h - files.  Whole or nothing: written beside, fsynced, renamed, the
 * folder fsynced.  Never through a symbolic link.
 *
 * Every function returns 0 or -1 with TG_E_IO (TG_E_MEMORY, TG_E_LIMIT where
 * said) and the path in the text.
 */
#ifndef TG_BASE_FS_H
#define TG_BASE_FS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

/*
 * tg_fs_open - the regular file for reading, and its @st: no symbolic link, no
 * FIFO.  The caller closes the descriptor.  "No such file" sets *@missing when
 * it is not NULL (still -1).
 */
int tg_fs_open(const char *path, struct stat *st, bool *missing,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_fs_slurp - appends the whole file to @out.  @out's ceiling is the limit
 * (TG_E_LIMIT).  "No such file" sets *@missing when it is not NULL (still -1).
 */
int tg_fs_slurp(struct tg_buf *out, const char *path, bool *missing,
    struct tg_err *err) TG_MUST_CHECK;

/* tg_fs_private - the open file is owned by us and closed to group and others
 * (0600 or less), else TG_E_KEY.  As ssh does with its keys. */
int tg_fs_private(int fd, const char *path, struct tg_err *err) TG_MUST_CHECK;

/* tg_fs_slurp_private - tg_fs_slurp of a file that must be tg_fs_private. */
int tg_fs_slurp_private(
    struct tg_buf *out, const char *path, struct tg_err *err) TG_MUST_CHECK;

enum {
	TG_FS_NEW = 0,	     /* an existing file is an error (TG_E_NO) */
	TG_FS_OVERWRITE = 1, /* an existing file is replaced */
	TG_FS_SAME_IS_FINE =
	    2 /* an existing file with the same bytes is done */
};

/* tg_fs_write - @path holds exactly @bytes and survives a power cut. */
int tg_fs_write(const char *path, struct tg_sv bytes, mode_t mode, int how,
    struct tg_err *err) TG_MUST_CHECK;

/* A file being written: path.tmp-XXXXXX until committed. */
struct tg_fs_out {
	int fd; /* -1: none */
	char *tmp;
	char *path;
	int how;
	uint64_t n; /* bytes written */
};

int tg_fs_out_open(struct tg_fs_out *o, const char *path, mode_t mode, int how,
    struct tg_err *err) TG_MUST_CHECK;
int tg_fs_out_write(struct tg_fs_out *o, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
int tg_fs_out_commit(struct tg_fs_out *o, struct tg_err *err) TG_MUST_CHECK;
/* tg_fs_out_abort - removes what was written; after a commit a no-op. */
void tg_fs_out_abort(struct tg_fs_out *o);

int tg_fs_write_all(int fd, const void *p, size_t n, struct tg_err *err)
    TG_MUST_CHECK;
/* tg_fs_mkdirs - @path and its parents exist; new ones get @mode. */
int
tg_fs_mkdirs(const char *path, mode_t mode, struct tg_err *err) TG_MUST_CHECK;
/* tg_fs_remove_tree - @path and all below are gone; missing is fine. */
int tg_fs_remove_tree(const char *path, struct tg_err *err) TG_MUST_CHECK;
int tg_fs_sync_dir(const char *path, struct tg_err *err) TG_MUST_CHECK;
bool tg_fs_exists(const char *path);
bool tg_fs_is_dir(const char *path);

/* Names in a folder ("." and ".." left out) or, with @deep, relative paths of
 * all regular files below it; bytewise sorted; freed with tg_fs_names_free. */
struct tg_fs_names {
	char **name;
	size_t n;
};
int tg_fs_list(struct tg_fs_names *out, const char *path, bool deep,
    struct tg_err *err) TG_MUST_CHECK;
void tg_fs_names_free(struct tg_fs_names *names);

/* tg_fs_lock - an exclusive flock on @path (created 0600), not waiting.
 * Returns the descriptor, or -1: TG_E_LOCKED when another process holds it. */
int tg_fs_lock(const char *path, struct tg_err *err) TG_MUST_CHECK;

/* tg_fs_join - "a/b" in a new string; NULL when out of memory. */
char *tg_fs_join(const char *a, const char *b) TG_MUST_CHECK;

#endif
