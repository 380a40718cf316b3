/*
 * replay.c - a kept corpus through a fuzz target, without a fuzzer.
 *
 *	jscan_replay DIR…
 *
 * Each file is one input.  A target that aborts is a failed input: each runs in
 * a process of its own.  The closing line is "N passed, N failed"; the exit
 * status is 0 only when at least one ran and none failed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"

#include "base/banned.h"

#define INPUT_MAX (16u << 20) /* bytes */

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
/* What a target does once, when it has that. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static bool
passes(const char *path)
{
	struct tg_buf b;
	struct tg_err err;
	pid_t child;
	int status;

	tg_buf_init(&b, INPUT_MAX);
	if (tg_fs_slurp(&b, path, NULL, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		tg_buf_deinit(&b);
		return false;
	}
	child = fork();
	if (child == 0) {
		(void)LLVMFuzzerTestOneInput((const uint8_t *)b.p, b.n);
		_exit(EXIT_SUCCESS);
	}
	tg_buf_deinit(&b);
	return child > 0 && waitpid(child, &status, 0) == child &&
	    WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static int
replay(const char *dir, unsigned *passed, unsigned *failed)
{
	struct tg_fs_names names = {NULL, 0};
	struct tg_err err;

	if (tg_fs_list(&names, dir, true, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	for (size_t i = 0; i < names.n; i++) {
		char *path = tg_fs_join(dir, names.name[i]);

		if (path != NULL && passes(path)) {
			++*passed;
		} else {
			(void)fprintf(
			    stderr, "failed: %s/%s\n", dir, names.name[i]);
			++*failed;
		}
		free(path);
	}
	tg_fs_names_free(&names);
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	int rc = 0;

	if (LLVMFuzzerInitialize != NULL)
		(void)LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		if (replay(argv[i], &passed, &failed) < 0)
			rc = -1;
	}
	(void)printf("%u passed, %u failed\n", passed, failed);
	return rc == 0 && passed > 0 && failed == 0 ? EXIT_SUCCESS
						    : EXIT_FAILURE;
}
