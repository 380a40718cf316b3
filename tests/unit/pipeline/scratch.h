/*
 * scratch.h - a folder of its own for one test, a fixed clock and randomness,
 * and the few file operations that attack what was written.
 */
#ifndef TG_TESTS_UNIT_PIPELINE_SCRATCH_H
#define TG_TESTS_UNIT_PIPELINE_SCRATCH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/fs.h"

struct scratch {
	char dir[64];
	char path[8][256]; /* handed out in turn by scratch_path */
	unsigned next;
	struct tg_env_fixed clock;
	struct tg_env env;
};

static inline void
scratch_init(struct scratch *s)
{
	/* In memory where there is one: thousands of fsyncs. */
	(void)snprintf(s->dir, sizeof(s->dir), "%s/tg-test-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	s->next = 0;
	/* 2026-11-24T00:00:00Z */
	s->clock = (struct tg_env_fixed){.now = 1795478400, .seed = 7};
	s->env = tg_env_fixed(&s->clock);
}

static inline void
scratch_deinit(struct scratch *s)
{
	ck_assert_int_eq(tg_fs_remove_tree(s->dir, NULL), 0);
}

/* A path below the folder; good for the next seven calls. */
static inline const char *
scratch_path(struct scratch *s, const char *name)
{
	char *p = s->path[s->next++ % TG_COUNT(s->path)];

	const size_t head = strlen(s->dir), tail = strlen(name) + 1;

	ck_assert_uint_le(head + 1 + tail, sizeof(s->path[0]));
	memcpy(p, s->dir, head);
	p[head] = '/';
	memcpy(p + head + 1, name, tail);
	return p;
}

static inline void
scratch_put(const char *path, struct tg_sv bytes)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	ck_assert_int_eq(fclose(f), 0);
}

static inline void
scratch_get(struct tg_buf *out, const char *path)
{
	tg_buf_reset(out);
	ck_assert_int_eq(tg_fs_slurp(out, path, NULL, NULL), 0);
}

/* cp -a @from @to, for a state to go back to. */
static inline void
scratch_copy_tree(const char *from, const char *to)
{
	struct tg_fs_names names;
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1u << 26);
	ck_assert_int_eq(tg_fs_mkdirs(to, 0700, &err), 0);
	ck_assert_int_eq(tg_fs_list(&names, from, true, &err), 0);
	for (size_t i = 0; i < names.n; i++) {
		char *a = tg_fs_join(from, names.name[i]);
		char *z = tg_fs_join(to, names.name[i]);
		char *slash = strrchr(z, '/');

		*slash = '\0';
		ck_assert_int_eq(tg_fs_mkdirs(z, 0700, &err), 0);
		*slash = '/';
		scratch_get(&b, a);
		ck_assert_int_eq(
		    tg_fs_write(z, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, &err),
		    0);
		free(a);
		free(z);
	}
	tg_fs_names_free(&names);
	tg_buf_deinit(&b);
}

/* An assertion that says what the error was. */
#define OK(expr)                                                 \
	do {                                                     \
		if ((expr) != 0)                                 \
			ck_abort_msg("%s: %s", #expr, err.text); \
	} while (0)
#define FAILS(expr, class)                                                   \
	do {                                                                 \
		ck_assert_msg((expr) == -1, "%s did not fail", #expr);       \
		ck_assert_msg(err.cls == (class), "%s: class %d: %s", #expr, \
		    (int)err.cls, err.text);                                 \
	} while (0)

#endif
