#include "cli/register.h"

#include <string.h>

#include "base/banned.h"

#define MEMORY (32u << 20)

void
tg_cli_register_init(struct tg_cli_register *r, struct tg_cli *cli)
{
	*r = (struct tg_cli_register){.cli = cli};
	tg_arena_init(&r->mem, MEMORY);
}

void
tg_cli_register_deinit(struct tg_cli_register *r)
{
	tg_ledger_free(r->reg.ledger);
	tg_trust_free(r->trust);
	tg_job_free(r->job);
	tg_arena_deinit(&r->mem);
}

int
tg_cli_register_open(struct tg_cli_register *r, bool append)
{
	struct tg_cli *cli = r->cli;
	const char *dir, *state;

	if ((r->job == NULL && tg_cli_job(cli, &r->job) < 0) ||
	    tg_trust_load(&r->trust, r->job->trust, &cli->err) < 0)
		return -1;
	r->reg = (struct tg_register){.state_dir = r->job->state,
	    .trust = r->trust,
	    .preparer = r->job->preparer,
	    .now = cli->env.now(cli->env.ctx)};
	dir = tg_arena_fmt(&r->mem, "%s/ledger", r->job->state);
	state = tg_arena_fmt(&r->mem, "%s/ledger-state", r->job->state);
	if (dir == NULL || state == NULL)
		return tg_fail_memory(&cli->err);
	return append
	    ? tg_ledger_open(&r->reg.ledger, dir, state, &cli->env, &cli->err)
	    : tg_ledger_read(&r->reg.ledger, dir, NULL, &cli->err);
}

int
tg_cli_register_signer(struct tg_cli_register *r, struct tg_minisign_key **key,
    const struct tg_person **who)
{
	struct tg_cli *cli = r->cli;
	const char *file = tg_args_value(&cli->args, "key");

	if (file == NULL)
		return tg_fail(&cli->err, TG_E_USAGE, "--key FILE is needed");
	if (tg_cli_key(cli, file, key) < 0)
		return -1;
	*who = tg_trust_by_key(r->trust, tg_minisign_public(*key));
	return *who != NULL
	    ? 0
	    : tg_fail(&cli->err, TG_E_KEY, "%s is nobody's key in %s", file,
		  r->job->trust);
}
