#include "cli/policy_replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/common.h"
#include "pipeline/replay.h"
#include "pipeline/ruleset.h"
#include "pipeline/sources/attributes.h"
#include "report/answer.h"
#include "base/banned.h"

#define TEXT_MAX (8u << 20)
#define PACKS_MEMORY (1u << 18)

struct ctx {
	struct tg_cli *cli;
	struct tg_job *job;
	struct tg_run_ref run;
	struct tg_cli_explained by;
	struct tg_json *decided, *stopped;
	struct tg_rules *rules;
	struct tg_attributes *attrs;
	struct tg_replay_in in;
	char *scratch;
};

/* What the other policy would have texts looked at with. */
static int
looked_with(struct ctx *c, const char *data_dir, const char *project)
{
	struct tg_err *err = &c->cli->err;
	char *attrs = tg_fs_join(data_dir, TG_ATTRIBUTES_FILE);
	const char *pack[TG_RULESET_PACKS];
	struct tg_arena mem;
	size_t n = 0;
	int rc = -1;

	tg_arena_init(&mem, PACKS_MEMORY);
	if (attrs == NULL)
		(void)tg_fail_memory(err);
	else if (tg_ruleset_packs(pack, &n, c->in.policy, project, &mem, err) ==
		0 &&
	    tg_ruleset_load_more(&c->rules, data_dir, NULL, 0, pack, n, err) ==
		0 &&
	    tg_attributes_load(&c->attrs, attrs, err) == 0)
		rc = 0;
	tg_arena_deinit(&mem);
	free(attrs);
	if (rc < 0)
		return -1;
	c->in.rules_sha256 = tg_rules_sha256(c->rules);
	c->in.names_sha256 = tg_rules_names_sha256(c->rules);
	c->in.attributes_sha256 = tg_attributes_sha256(c->attrs);
	return 0;
}

static int
stored(struct ctx *c, const struct tg_policy *old)
{
	struct tg_err *err = &c->cli->err;
	const struct tg_json *plan = c->run.plan;

	if (tg_cli_explained(&c->by, c->job, &c->run, err) < 0 ||
	    tg_cli_stored(&c->decided, c->run.dir, TG_RUN_DECIDED,
		c->by.decided_sha256, err) < 0 ||
	    tg_cli_stored(&c->stopped, c->run.dir, TG_RUN_STOPPED, NULL, err) <
		0)
		return -1;
	if (c->decided == NULL)
		return tg_fail(err, TG_E_NO,
		    "%s has not kept the policy it was decided by: it cannot "
		    "be replayed",
		    c->run.id);
	if (strcmp(tg_json_get_str(c->decided, "effective_sha256", ""),
		tg_policy_sha256(old)) != 0)
		tg_cli_note(c->cli,
		    "%s was decided by another policy than the first one: what "
		    "is told is told against the run",
		    c->run.id);
	c->scratch = tg_fs_join(c->run.dir, "private/replay");
	if (c->scratch == NULL)
		return tg_fail_memory(err);
	c->in.run = c->run.id;
	c->in.run_dir = c->run.dir;
	c->in.facts_sha256 = c->by.facts_sha256;
	c->in.decided = c->decided;
	c->in.manifest = c->run.manifest;
	c->in.stopped = c->stopped;
	c->in.origin = tg_json_get_str(plan, "origin", "");
	c->in.as_of = tg_json_get_int(plan, "as_of", 0);
	c->in.retention_class = c->job->retention_class;
	if (strcmp(tg_json_get_str(plan, "job_sha256", ""), c->job->sha256) ==
	    0)
		c->in.job = c->job;
	c->in.scratch = c->scratch;
	return 0;
}

static int
print(struct tg_cli *cli, const struct tg_json *model)
{
	struct tg_buf text;
	int rc;

	if (cli->json)
		return 0;
	tg_buf_init(&text, TEXT_MAX);
	rc = tg_explain_text(&text, model, cli->lang, &cli->err);
	if (rc == 0)
		(void)fwrite(text.p, 1, text.n, stdout);
	tg_buf_deinit(&text);
	return rc;
}

int
tg_policy_replay(struct tg_json **out, struct tg_cli *cli, const char *name,
    const struct tg_policy *old, struct tg_policy *policy, const char *data_dir,
    const char *project)
{
	struct ctx c = {.cli = cli, .run = {.id = ""}};
	struct tg_json *model = NULL;
	int rc = -1;

	c.in.policy = policy;
	if (tg_cli_job(cli, &c.job) < 0 ||
	    tg_runs_open(&c.run, c.job->state, name, &cli->err) < 0 ||
	    stored(&c, old) < 0 || looked_with(&c, data_dir, project) < 0 ||
	    tg_replay(&model, &c.in, &cli->err) < 0 || print(cli, model) < 0)
		goto out;
	*out = model;
	model = NULL;
	rc = 0;
out:
	tg_json_free(model);
	free(c.scratch);
	tg_attributes_free(c.attrs);
	tg_rules_free(c.rules);
	tg_json_free(c.decided);
	tg_json_free(c.stopped);
	if (c.run.id[0] != '\0')
		tg_run_ref_free(&c.run);
	tg_job_free(c.job);
	return rc;
}
