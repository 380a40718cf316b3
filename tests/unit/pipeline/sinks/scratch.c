#include "tests/unit/pipeline/sinks/scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"

#include "base/banned.h"

void
scratch_init(struct scratch *t)
{
	*t = (struct scratch){.fixed = {.now = INT64_C(1795564800), .seed = 1}};
	t->env = tg_env_fixed(&t->fixed);
	(void)snprintf(t->dir, sizeof(t->dir), "/tmp/tg-sinks-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(t->dir));
}

void
scratch_deinit(struct scratch *t)
{
	struct tg_err err;

	tg_ledger_free(t->ledger);
	ck_assert_int_eq(tg_fs_remove_tree(t->dir, &err), 0);
}

char *
scratch_path(const struct scratch *t, const char *name)
{
	char *path = tg_fs_join(t->dir, name);

	ck_assert_ptr_nonnull(path);
	return path;
}

char *
scratch_bytes(
    const struct scratch *t, const char *name, const void *p, size_t n)
{
	char *path = scratch_path(t, name), *dir = strdup(path);
	struct tg_err err = {.text = ""};

	ck_assert_ptr_nonnull(dir);
	*strrchr(dir, '/') = '\0';
	ck_assert_msg(tg_fs_mkdirs(dir, 0700, &err) == 0, "%s", err.text);
	ck_assert_msg(tg_fs_write(path, (struct tg_sv){p, n}, 0600,
			  TG_FS_OVERWRITE, &err) == 0,
	    "%s", err.text);
	free(dir);
	return path;
}

char *
scratch_file(const struct scratch *t, const char *name, const char *text)
{
	return scratch_bytes(t, name, text, strlen(text));
}

struct tg_receipt *
scratch_receipt(struct scratch *t, const char *bundle, const char *target)
{
	const struct tg_intent what = {.bundle_id = bundle,
	    .manifest_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934"
			       "ca495991b7852b855",
	    .target = target,
	    .deadline = INT64_C(1795564800) + 86400};
	char *dir = scratch_path(t, "ledger"), *state = scratch_path(t, "st");
	struct tg_receipt *r = NULL;
	struct tg_err err = {.text = ""};

	if (t->ledger == NULL) {
		ck_assert_msg(tg_ledger_create(dir, state,
				  "example.org/sinks-test", &t->env, &err) == 0,
		    "%s", err.text);
		ck_assert_msg(
		    tg_ledger_open(&t->ledger, dir, state, &t->env, &err) == 0,
		    "%s", err.text);
	}
	ck_assert_msg(
	    tg_receipt_intent(&r, t->ledger, &what, &err) == 0, "%s", err.text);
	free(dir);
	free(state);
	return r;
}

struct tg_put
scratch_put(const char *name, const char *path)
{
	struct tg_put put = {.name = name,
	    .path = path,
	    .content_type = "application/octet-stream"};
	struct tg_err err = {.text = ""};

	ck_assert_msg(tg_sha256_file(put.sha256, path, &put.size, &err) == 0,
	    "%s", err.text);
	return put;
}
