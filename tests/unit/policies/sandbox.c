#include "tests/unit/policies/sandbox.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/asan_children.h"

#include "base/banned.h"

static char dir[SANDBOX_PATH];

const char *
root_path(const char *below)
{
	static char path[4][SANDBOX_PATH];
	static unsigned int turn;
	const char *root = getenv("TG_ROOT");

	ck_assert_msg(root != NULL, "TG_ROOT is not set");
	turn = (turn + 1) % 4;
	(void)snprintf(path[turn], SANDBOX_PATH, "%s/%s", root, below);
	return path[turn];
}

void
sandbox_open(void)
{
	/* In memory where there is one: thousands of fsyncs. */
	(void)snprintf(dir, sizeof(dir), "%s/tracegate-policies-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

void
sandbox_close(void)
{
	struct tg_err err = {0};

	ck_assert_msg(tg_fs_remove_tree(dir, &err) == 0, "%s", err.text);
}

const char *
sandbox_path(const char *below)
{
	static char path[4][SANDBOX_PATH];
	static unsigned int turn;

	turn = (turn + 1) % 4;
	(void)snprintf(path[turn], SANDBOX_PATH, "%.128s/%.256s", dir, below);
	return path[turn];
}

void
sandbox_write(const char *below, const char *text)
{
	char parent[SANDBOX_PATH];
	struct tg_err err = {0};

	(void)snprintf(parent, sizeof(parent), "%s", sandbox_path(below));
	*strrchr(parent, '/') = '\0';
	ck_assert_msg(tg_fs_mkdirs(parent, 0700, &err) == 0, "%s", err.text);
	ck_assert_msg(tg_fs_write(sandbox_path(below), tg_sv_of(text), 0600,
			  TG_FS_OVERWRITE, &err) == 0,
	    "%s", err.text);
}

static void
copy(const char *file, const char *below)
{
	struct tg_err err = {0};
	char to[SANDBOX_PATH];
	struct tg_buf text;

	tg_buf_init(&text, 1u << 20);
	ck_assert_msg(tg_fs_slurp(&text, root_path(file), NULL, &err) == 0,
	    "%s", err.text);
	(void)snprintf(to, sizeof(to), "%.128s/%.128s", below, file);
	sandbox_write(to, text.p);
	tg_buf_deinit(&text);
}

void
sandbox_copy_policies(const char *below)
{
	static const char *const files[] = {"policies/base.yaml",
	    "policies/controls.yaml", "policies/reference-2026-11.yaml",
	    "regions/uk/policy.yaml", "regions/uk/controls.yaml",
	    "regions/fr/policy.yaml", "regions/fr/controls.yaml",
	    "regions/us/policy.yaml", "regions/us/controls.yaml"};

	for (size_t i = 0; i < TG_COUNT(files); i++)
		copy(files[i], below);
}

void
sandbox_move(const char *from, const char *to)
{
	char was[SANDBOX_PATH];

	(void)snprintf(was, sizeof(was), "%s", sandbox_path(from));
	ck_assert_int_eq(rename(was, sandbox_path(to)), 0);
}

void
sandbox_edit(const char *file, const char *from, const char *to)
{
	struct tg_err err = {0};
	struct tg_buf text, new;
	const char *at;

	tg_buf_init(&text, 1u << 20);
	tg_buf_init(&new, 1u << 20);
	ck_assert_msg(tg_fs_slurp(&text, sandbox_path(file), NULL, &err) == 0,
	    "%s", err.text);
	at = strstr(text.p, from);
	ck_assert_msg(at != NULL, "no '%s' in %s", from, file);
	ck_assert_int_eq(
	    tg_buf_add(&new, text.p, (size_t)(at - text.p), &err), 0);
	ck_assert_int_eq(tg_buf_adds(&new, to, &err), 0);
	ck_assert_int_eq(tg_buf_adds(&new, at + strlen(from), &err), 0);
	sandbox_write(file, new.p);
	tg_buf_deinit(&text);
	tg_buf_deinit(&new);
}

struct tg_policy *
compile_from(const char *policy_dir, const char *region_dir,
    const char *regions, const char *project, const char *scope,
    struct tg_err *err)
{
	struct tg_policy_src src = {.policy_dir = policy_dir,
	    .region_dir = region_dir,
	    .project = project,
	    .scope_config = scope};
	char text[SANDBOX_PATH], *rest = text;
	struct tg_policy *p = NULL;
	const char *code[16];

	(void)snprintf(text, sizeof(text), "%s", regions);
	for (char *one; (one = strsep(&rest, ",")) != NULL;)
		if (one[0] != '\0')
			code[src.n_region++] = one;
	src.region = code;
	return tg_policy_compile(&p, &src, err) < 0 ? NULL : p;
}

struct tg_policy *
shipped(const char *regions)
{
	struct tg_err err = {0};
	struct tg_policy *p = compile_from(root_path("policies"),
	    root_path("regions"), regions, NULL, NULL, &err);

	ck_assert_msg(p != NULL, "%s: %s", regions, err.text);
	return p;
}

struct tg_policy *
with_project(const char *regions, const char *text, struct tg_err *err)
{
	struct tg_buf all;
	struct tg_policy *p;

	tg_buf_init(&all, 1u << 20);
	ck_assert_int_eq(tg_buf_adds(&all, PROJECT_HEAD, err), 0);
	ck_assert_int_eq(tg_buf_adds(&all, text, err), 0);
	sandbox_write("p.yaml", all.p);
	tg_buf_deinit(&all);
	p = compile_from(root_path("policies"), root_path("regions"), regions,
	    sandbox_path("p.yaml"), NULL, err);
	return p;
}
