#include "tests/unit/pipeline/bundle/aid.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/asan_children.h"

#include "base/banned.h"

char *
aid_dir(void)
{
	char *const dir = strdup("/tmp/tg-bundle-XXXXXX");

	ck_assert_ptr_nonnull(dir);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	return dir;
}

void
aid_dir_free(char *dir)
{
	ck_assert_int_eq(tg_fs_remove_tree(dir, NULL), 0);
	free(dir);
}

const char *
aid_path(const char *dir, const char *name)
{
	static char ring[8][512];
	static unsigned at;
	char *const p = ring[at++ % 8];

	(void)snprintf(p, sizeof ring[0], "%s/%s", dir, name);
	return p;
}

void
aid_write(const char *path, const void *p, size_t n)
{
	struct tg_err err = {0};

	ck_assert_msg(tg_fs_write(path, (struct tg_sv){p, n}, 0600,
			  TG_FS_OVERWRITE, &err) == 0,
	    "%s", err.text);
}

void
aid_slurp(struct tg_buf *out, const char *path)
{
	struct tg_err err = {0};

	tg_buf_init(out, AID_MAX);
	ck_assert_msg(tg_fs_slurp(out, path, NULL, &err) == 0, "%s", err.text);
}

int
aid_memfd(const void *p, size_t n)
{
	const int fd = memfd_create("test", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(tg_fs_write_all(fd, p, n, NULL), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

void
aid_fill(void *p, size_t n, uint32_t seed)
{
	uint8_t *const out = p;
	uint32_t x = seed * 2654435761U + 1;

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		out[i] = (uint8_t)(x >> 24);
	}
}

int
aid_take(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	return tg_buf_add(ctx, p, n, err);
}

bool
aid_have(const char *program, const char *test)
{
	const char *at = getenv("PATH");

	while (at != NULL && *at != '\0') {
		const size_t n = strcspn(at, ":");
		char path[1024];

		(void)snprintf(
		    path, sizeof path, "%.*s/%s", (int)n, at, program);
		if (access(path, X_OK) == 0)
			return true;
		at += n + (at[n] == ':');
	}
	(void)printf("SKIP %s: no program \"%s\"\n", test, program);
	return false;
}

static void
redirect(const char *path, int flags, int to)
{
	const int fd = open(path == NULL ? "/dev/null" : path, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		_exit(126);
	if (fd != to)
		(void)close(fd);
}

static void
child(const char *dir, const char *in, const char *out, const char *const *argv)
{
	char *args[32] = {NULL};

	if (dir != NULL && chdir(dir) < 0)
		_exit(126);
	redirect(in, O_RDONLY, STDIN_FILENO);
	redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
	redirect(NULL, O_WRONLY, STDERR_FILENO);
	for (size_t i = 0; i < 31 && argv[i] != NULL; i++)
		args[i] = strdup(argv[i]);
	(void)execvp(args[0], args);
	_exit(127);
}

int
aid_run(
    const char *dir, const char *in, const char *out, const char *const *argv)
{
	const pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		child(dir, in, out, argv);
	while (waitpid(pid, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
aid_sh(const char *dir, const char *out, const char *script)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return aid_run(dir, NULL, out, argv);
}
