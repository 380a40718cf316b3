#include "cli/policy_exception.h"

#include <stdlib.h>
#include <string.h>

#include "cli/common.h"
#include "pipeline/exceptions.h"

#include "base/banned.h"

#define MEMORY (8u << 20)

/* The register of a job, and the word that says what to do with it. */
struct ctx {
	struct tg_cli *cli;
	struct tg_arena mem;
	struct tg_job *job;
	struct tg_trust *trust;
	struct tg_register reg;
};

static int
open_register(struct ctx *c, bool append)
{
	struct tg_cli *cli = c->cli;
	const char *dir, *state;

	if (tg_cli_job(cli, &c->job) < 0 ||
	    tg_trust_load(&c->trust, c->job->trust, &cli->err) < 0)
		return -1;
	c->reg = (struct tg_register){.state_dir = c->job->state,
	    .trust = c->trust,
	    .preparer = c->job->preparer,
	    .now = cli->env.now(cli->env.ctx)};
	dir = tg_arena_fmt(&c->mem, "%s/ledger", c->job->state);
	state = tg_arena_fmt(&c->mem, "%s/ledger-state", c->job->state);
	if (dir == NULL || state == NULL)
		return tg_fail_memory(&cli->err);
	return append
	    ? tg_ledger_open(&c->reg.ledger, dir, state, &cli->env, &cli->err)
	    : tg_ledger_read(&c->reg.ledger, dir, NULL, &cli->err);
}

/* How many persons the policy of its region wants. */
static int
persons(struct ctx *c, const struct tg_exception_now *x, uint64_t *out)
{
	struct tg_policy *p = NULL;
	int rc;

	if (tg_cli_policy(c->cli, c->job, x->e.region, NULL, &p) < 0)
		return -1;
	rc =
	    tg_policy_u64(p, "/exceptions/distinct_persons", out, &c->cli->err);
	tg_policy_free(p);
	return rc;
}

static int
as_json(struct ctx *c, const struct tg_exception_now *x, const char *state)
{
	struct tg_json *o = NULL;
	int bad = 0;

	if (c->cli->result == NULL)
		c->cli->result = tg_json_array();
	if (tg_exception_json(&o, x, &c->cli->err) < 0)
		return -1;
	bad |= tg_json_set_str(o, "state", state);
	bad |= tg_json_set(o, "uses", tg_json_copy(x->uses));
	bad |= tg_json_push(c->cli->result, o);
	return bad ? tg_fail_memory(&c->cli->err) : 0;
}

static int
show(struct ctx *c, const struct tg_exception_now *x)
{
	const struct tg_ynode *root = tg_yaml_root(x->e.file.yaml);
	const char *state;
	struct tg_buf was, will;
	uint64_t need;
	int rc = -1;

	if (persons(c, x, &need) < 0)
		return -1;
	state = tg_exception_state(x, &c->reg, need);
	if (c->cli->json)
		return as_json(c, x, state);
	tg_buf_init(&was, TG_YAML_MAX);
	tg_buf_init(&will, TG_YAML_MAX);
	if (tg_exception_value(&was, x->e.inherited, &c->cli->err) == 0 &&
	    tg_exception_value(&will, x->e.requested, &c->cli->err) == 0) {
		(void)printf("%s  %s  %s  %s  %s -> %s  %s: %s\n"
			     "  %s to %s, signed by %zu of %llu, %zu uses\n",
		    x->e.id, state, x->e.region, x->e.path, was.p, will.p,
		    tg_exception_scope_name(x->e.scope), x->e.scope_id,
		    tg_ynode_get(root, "valid_from")->text.p,
		    tg_ynode_get(root, "valid_until")->text.p, x->n_by,
		    (unsigned long long)need, tg_json_len(x->uses));
		rc = 0;
	}
	tg_buf_deinit(&was);
	tg_buf_deinit(&will);
	return rc;
}

static int
show_id(struct ctx *c, const char *id)
{
	struct tg_exception_now x;
	int rc;

	if (tg_exception_find(&x, &c->reg, id, &c->mem, &c->cli->err) < 0)
		return -1;
	rc = show(c, &x);
	tg_exception_now_free(&x);
	return rc;
}

static int
list(struct ctx *c)
{
	const char *const *id;
	size_t n;

	if (c->cli->json)
		c->cli->result = tg_json_array();
	if (open_register(c, false) < 0 ||
	    tg_exceptions_ids(&id, &n, c->job->state, &c->mem, &c->cli->err) <
		0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (show_id(c, id[i]) < 0)
			return -1;
	if (n == 0 && !c->cli->json)
		(void)printf("no exceptions\n");
	return 0;
}

static int
add(struct ctx *c, const char *file)
{
	char id[TG_EXCEPTION_ID + 1];

	if (open_register(c, false) < 0 ||
	    tg_exception_add(id, c->job->state, file, &c->cli->err) < 0)
		return -1;
	tg_cli_next(c->cli,
	    "tracegate policy exception approve %s --key FILE, by each who "
	    "must sign",
	    id);
	return show_id(c, id);
}

static int
sign(struct ctx *c, const char *id, bool revoke)
{
	struct tg_cli *cli = c->cli;
	const char *file = tg_args_value(&cli->args, "key");
	struct tg_minisign_key *key = NULL;
	const struct tg_person *who;
	struct tg_exception_now x;
	int rc = -1;

	if (file == NULL)
		return tg_fail(&cli->err, TG_E_USAGE, "--key FILE is needed");
	if (open_register(c, true) < 0 ||
	    tg_exception_find(&x, &c->reg, id, &c->mem, &cli->err) < 0)
		return -1;
	if (tg_cli_key(cli, file, &key) < 0)
		goto out;
	who = tg_trust_by_key(c->trust, tg_minisign_public(key));
	if (who == NULL)
		(void)tg_fail(&cli->err, TG_E_KEY, "%s is nobody's key in %s",
		    file, c->job->trust);
	else
		rc =
		    tg_exception_sign(&x, &c->reg, revoke, who, key, &cli->err);
out:
	tg_minisign_free(key);
	tg_exception_now_free(&x);
	return rc < 0 ? -1 : show_id(c, id);
}

static int
act(struct ctx *c)
{
	const struct tg_args *a = &c->cli->args;
	const char *what = a->n_rest > 1 ? a->rest[1] : "";
	const char *on = a->n_rest == 3 ? a->rest[2] : NULL;

	if (strcmp(what, "list") == 0 && a->n_rest == 2)
		return list(c);
	if (strcmp(what, "add") == 0 && on != NULL)
		return add(c, on);
	if (strcmp(what, "approve") == 0 && on != NULL)
		return sign(c, on, false);
	if (strcmp(what, "revoke") == 0 && on != NULL)
		return sign(c, on, true);
	return tg_fail(&c->cli->err, TG_E_USAGE,
	    "policy exception add FILE, approve ID, revoke ID or list "
	    "expected");
}

int
tg_policy_exception(struct tg_cli *cli)
{
	struct ctx c = {.cli = cli};
	int rc;

	tg_arena_init(&c.mem, MEMORY);
	rc = act(&c);
	tg_ledger_free(c.reg.ledger);
	tg_trust_free(c.trust);
	tg_job_free(c.job);
	tg_arena_deinit(&c.mem);
	return rc;
}
