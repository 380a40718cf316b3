#include "cli/policy_exception.h"

#include <string.h>

#include "cli/register.h"
#include "pipeline/exceptions.h"

#include "base/banned.h"

/* How many persons the policy of its region wants. */
static int
persons(
    struct tg_cli_register *c, const struct tg_exception_now *x, uint64_t *out)
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
as_json(struct tg_cli_register *c, const struct tg_exception_now *x,
    const char *state)
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
show(struct tg_cli_register *c, const struct tg_exception_now *x)
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
		    tg_ynode_get(root, "valid_until")->text.p, x->by.n,
		    (unsigned long long)need, tg_json_len(x->uses));
		rc = 0;
	}
	tg_buf_deinit(&was);
	tg_buf_deinit(&will);
	return rc;
}

static int
show_id(struct tg_cli_register *c, const char *id)
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
list(struct tg_cli_register *c)
{
	const char *const *id;
	size_t n;

	if (c->cli->json)
		c->cli->result = tg_json_array();
	if (tg_cli_register_open(c, false) < 0 ||
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
add(struct tg_cli_register *c, const char *file)
{
	char id[TG_EXCEPTION_ID + 1];

	if (tg_cli_register_open(c, false) < 0 ||
	    tg_exception_add(id, c->job->state, file, &c->cli->err) < 0)
		return -1;
	tg_cli_next(c->cli,
	    "tracegate policy exception approve %s --key FILE, by each who "
	    "must sign",
	    id);
	return show_id(c, id);
}

static int
sign(struct tg_cli_register *c, const char *id, bool revoke)
{
	struct tg_err *err = &c->cli->err;
	struct tg_minisign_key *key = NULL;
	const struct tg_person *who;
	struct tg_exception_now x;
	int rc = -1;

	if (tg_cli_register_open(c, true) < 0 ||
	    tg_exception_find(&x, &c->reg, id, &c->mem, err) < 0)
		return -1;
	if (tg_cli_register_signer(c, &key, &who) == 0)
		rc = tg_exception_sign(&x, &c->reg, revoke, who, key, err);
	tg_minisign_free(key);
	tg_exception_now_free(&x);
	return rc < 0 ? -1 : show_id(c, id);
}

static int
act(struct tg_cli_register *c)
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
	struct tg_cli_register c;
	int rc;

	tg_cli_register_init(&c, cli);
	rc = act(&c);
	tg_cli_register_deinit(&c);
	return rc;
}
