#include "cli/policy_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "policies/ptest.h"

#include "base/banned.h"

#define ENDING ".test.yaml"

struct test {
	struct tg_cli *cli;
	const struct tg_policy_src *src;
	struct tg_ptest_sum sum;
	bool coverage;
};

static void
seen(void *ctx, const struct tg_ptest_seen *s)
{
	struct test *t = ctx;
	struct tg_json *o;

	if (!t->cli->json) {
		if (!s->ok || !t->cli->quiet)
			(void)printf("%s  %s:%u: %s%s%s\n",
			    s->ok ? "ok  " : "FAIL", s->file, s->line, s->name,
			    s->ok ? "" : ": ", s->why);
		return;
	}
	o = tg_json_object();
	if (o == NULL)
		return;
	(void)tg_json_set_str(o, "file", s->file);
	(void)tg_json_set_int(o, "line", (int64_t)s->line);
	(void)tg_json_set_str(o, "name", s->name);
	(void)tg_json_set_bool(o, "ok", s->ok);
	(void)tg_json_set_str(o, "why", s->why);
	(void)tg_json_push(t->cli->result, o);
}

static int
one_file(struct test *t, const char *path)
{
	return tg_ptest_run(
	    &t->sum, path, t->coverage, t->src, seen, t, &t->cli->err);
}

static bool
is_test(const char *name)
{
	const size_t n = strlen(name), e = strlen(ENDING);

	return n > e && strcmp(name + n - e, ENDING) == 0;
}

static int
one_folder(struct test *t, const char *dir)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_fs_list(&names, dir, false, &t->cli->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		char *path;

		if (!is_test(names.name[i]))
			continue;
		path = tg_fs_join(dir, names.name[i]);
		rc = path == NULL ? tg_fail_memory(&t->cli->err)
				  : one_file(t, path);
		free(path);
	}
	tg_fs_names_free(&names);
	return rc;
}

static int
shipped(struct test *t)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_fs_list(&names, t->src->region_dir, false, &t->cli->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		char *dir = tg_fs_join(t->src->region_dir, names.name[i]);

		if (dir == NULL)
			rc = tg_fail_memory(&t->cli->err);
		else if (tg_fs_is_dir(dir))
			rc = one_folder(t, dir);
		free(dir);
	}
	tg_fs_names_free(&names);
	return rc;
}

static void
tell(const struct test *t)
{
	const struct tg_ptest_sum *s = &t->sum;

	if (t->cli->json)
		return;
	if (t->coverage)
		(void)printf("%zu leaves loosened, %zu unprotected, %zu cannot "
			     "be looser\n",
		    s->leaves, s->unprotected, s->fixed);
	(void)printf(
	    "%zu passed, %zu failed\n", s->cases - s->failed, s->failed);
}

int
tg_policy_test(struct tg_cli *cli, const struct tg_policy_src *src, bool *no)
{
	struct test t = {.cli = cli,
	    .src = src,
	    .coverage = tg_args_given(&cli->args, "coverage")};
	int rc = 0;

	if (cli->json) {
		cli->result = tg_json_array();
		if (cli->result == NULL)
			return tg_fail_memory(&cli->err);
	}
	for (size_t i = 1; i < cli->args.n_rest && rc == 0; i++)
		rc = one_file(&t, cli->args.rest[i]);
	if (cli->args.n_rest == 1)
		rc = shipped(&t);
	if (rc < 0)
		return -1;
	tell(&t);
	if (t.sum.cases == 0)
		tg_cli_note(cli, "no case was run");
	*no = t.sum.cases == 0 || t.sum.failed > 0 || t.sum.unprotected > 0 ||
	    (t.coverage && t.sum.leaves == 0);
	return 0;
}
