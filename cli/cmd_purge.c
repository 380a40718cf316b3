#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/common.h"
#include "cli/register.h"
#include "pipeline/holds.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/purge.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"dry-run", 'n', NULL, "say what is due; change nothing"},
    {"keys", 0, NULL, "keys of pseudonyms alone"},
    {"bundle", 0, "ID", "what is of this bundle, due or not"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Destroys what the policy says must go by now.  Keys of pseudonyms "
    "(key_destroyed_at: retention_end): when every bundle made with one is "
    "past its retention, and a key that no bundle was made with when its "
    "period is over.  The digests that a bundle leaves to be compared with "
    "later ones: when it is past its retention.",
    "A key's file is overwritten, synced and unlinked; the exporter's key "
    "signs a record of it, in pseudonyms/destroyed/ of the state folder, and "
    "the ledger gets its digest.  verify checks a record.  What that does not "
    "prove, copies in backups and snapshots above all, is in docs/THREATS.md.",
    "What a legal hold covers stays, and is told as held (RET-HELD).",
    "The same command after an interruption goes on where it stopped.",
    NULL,
};

static const struct tg_example examples[] = {
    {"is anything due? (exit 1)", "tracegate purge -n"},
    {"every night", "tracegate purge --passphrase-file pass"},
    {NULL, NULL},
};

/* What the end of a key takes, opened when the first one goes. */
struct ender {
	struct tg_minisign_key *key;
	struct tg_pseudonym_end end;
	struct tg_cli_register reg; /* the job and its trust file */
	struct tg_holds holds;	    /* of it */
};

static int
open_end(struct tg_cli *cli, struct ender *e)
{
	const struct tg_person *who;
	char *path = tg_fs_join(e->reg.job->keys, "export.key");
	char *dir = tg_fs_join(e->reg.job->state, "ledger");
	char *private = tg_fs_join(e->reg.job->state, "ledger-state");
	int rc = -1;

	if (path == NULL || dir == NULL || private == NULL) {
		(void)tg_fail_memory(&cli->err);
		goto out;
	}
	if (tg_cli_key(cli, path, &e->key) < 0)
		goto out;
	who = tg_trust_by_key(e->reg.trust, tg_minisign_public(e->key));
	if (who == NULL || !tg_person_has(who, "exporter")) {
		(void)tg_fail(&cli->err, TG_E_KEY,
		    "%s is not a key that %s has for an exporter", path,
		    e->reg.job->trust);
		goto out;
	}
	e->end = (struct tg_pseudonym_end){.state_dir = e->reg.job->state,
	    .by = who,
	    .key = e->key,
	    .env = &cli->env};
	rc = tg_ledger_open(&e->end.ledger, dir, private, &cli->env, &cli->err);
out:
	free(path);
	free(dir);
	free(private);
	return rc;
}

/* What is held is known before anything goes. */
static int
open_holds(struct tg_cli *cli, struct ender *e)
{
	return tg_cli_register_open(&e->reg, false) < 0
	    ? -1
	    : tg_holds_open(&e->holds, &e->reg.reg, &e->reg.mem, &cli->err);
}

/* A legal hold over what @run of bundle @id held, or NULL in *@by.  Of a run
 * that is gone only its names are known, which takes it out of no scope. */
static int
hold_over(struct tg_cli *cli, struct ender *e, const char *run, const char *id,
    const struct tg_hold_now **by)
{
	struct tg_hold_asked what = {.run = run, .bundle_id = id, .origin = ""};
	struct tg_run_ref ref = {.id = ""};
	int rc = tg_runs_open(&ref, e->reg.job->state, run, &cli->err);

	if (rc == 0) {
		what = tg_hold_asked_of(&ref);
	} else if (cli->err.cls == TG_E_USAGE) {
		tg_err_clear(&cli->err);
		rc = 0;
	}
	if (rc == 0)
		*by = tg_holds_over(&e->holds, &what);
	tg_run_ref_free(&ref);
	return rc;
}

/* One hold over any of its bundles is enough. */
static int
held(struct tg_cli *cli, struct ender *e, const struct tg_json *item,
    const struct tg_hold_now **by)
{
	const struct tg_json *bundles =
	    tg_json_get(tg_json_get(item, "key"), "bundles");

	*by = NULL;
	if (!tg_purge_is_key(item))
		return hold_over(cli, e, tg_json_get_str(item, "run", ""),
		    tg_json_get_str(item, "id", ""), by);
	for (size_t i = 0; i < tg_json_len(bundles) && *by == NULL; i++) {
		const struct tg_json *b = tg_json_at(bundles, i);

		if (hold_over(cli, e, tg_json_get_str(b, "run", ""),
			tg_json_get_str(b, "bundle_id", ""), by) < 0)
			return -1;
	}
	return 0;
}

static void
close_end(struct ender *e)
{
	tg_holds_free(&e->holds);
	tg_cli_register_deinit(&e->reg);
	tg_ledger_free(e->end.ledger);
	tg_minisign_free(e->key);
}

static const char *
words_of(const struct tg_json *item)
{
	return tg_purge_is_key(item) ? "pseudonym key" : "digests of a bundle";
}

/* One line, and one object of the answer. */
static int
say(struct tg_cli *cli, const struct tg_json *item,
    const struct tg_hold_now *by, bool done)
{
	const struct tg_json *bundles = tg_json_get(item, "bundles");
	const int64_t at = tg_json_get_int(item, "due_at", 0);
	struct tg_json *o = tg_json_object();
	char due[TG_TIME_LEN];
	int bad = 0;

	tg_time_format(due, at);
	if (!cli->json)
		(void)printf("%-9s  %-19s  %s  %s, due %.10s, bundles: %zu\n",
		    by != NULL ? "held"
			: done ? "destroyed"
			       : "due",
		    words_of(item), tg_json_get_str(item, "id", ""),
		    tg_json_get_str(item, "reason", ""), due,
		    tg_json_len(bundles));
	bad |= tg_json_set_str(o, "what", tg_json_get_str(item, "what", ""));
	bad |= tg_json_set_str(o, "id", tg_json_get_str(item, "id", ""));
	bad |=
	    tg_json_set_str(o, "reason", tg_json_get_str(item, "reason", ""));
	bad |= tg_json_set_str(o, "due_at", due);
	bad |= tg_json_set(o, "bundles", tg_json_copy(bundles));
	bad |= tg_json_set_bool(o, "destroyed", done);
	if (by != NULL) {
		bad |= tg_json_set_str(o, "code", "RET-HELD");
		bad |= tg_json_set_str(o, "hold", by->h.id);
		tg_cli_note(cli, "RET-HELD: kept, legal hold %s", by->h.id);
	}
	bad |= tg_json_push(cli->result, o);
	return bad ? tg_fail_memory(&cli->err) : 0;
}

/* What is due and not held goes; *@n of such. */
static int
one(struct tg_cli *cli, struct ender *e, const struct tg_json *item, bool dry,
    size_t *n)
{
	const struct tg_hold_now *by;

	if (held(cli, e, item, &by) < 0)
		return -1;
	*n += by == NULL;
	if (dry || by != NULL)
		return say(cli, item, by, false);
	if (tg_purge_is_key(item) && e->key == NULL && open_end(cli, e) < 0)
		return -1;
	if (tg_purge_item(item, e->reg.job->state, &e->end, &cli->err) < 0)
		return -1;
	return say(cli, item, NULL, true);
}

static int
go(struct tg_cli *cli, struct ender *e, const struct tg_json *list, bool dry)
{
	size_t n = 0;

	if (tg_json_len(list) > 0 && open_holds(cli, e) < 0)
		return -1;
	for (size_t i = 0; i < tg_json_len(list); i++)
		if (one(cli, e, tg_json_at(list, i), dry, &n) < 0)
			return -1;
	if (n == 0 && !cli->json)
		(void)printf("nothing is due\n");
	return dry && n > 0
	    ? tg_fail(&cli->err, TG_E_NO,
		  "%zu due; nothing was destroyed (--dry-run)", n)
	    : 0;
}

static int
all(struct tg_cli *cli, struct ender *e)
{
	const struct tg_purge_ask ask = {.state_dir = e->reg.job->state,
	    .now = cli->env.now(cli->env.ctx),
	    .keys_only = tg_args_given(&cli->args, "keys"),
	    .bundle = tg_args_value(&cli->args, "bundle")};
	char *lock = tg_fs_join(e->reg.job->state, "lock");
	struct tg_json *list = NULL;
	bool known;
	int fd = -1, rc = -1;

	if (lock == NULL)
		(void)tg_fail_memory(&cli->err);
	else
		fd = tg_fs_lock(lock, &cli->err);
	free(lock);
	if (fd < 0)
		return -1;
	if (tg_purge_list(&list, &known, &ask, &cli->err) == 0) {
		if (ask.bundle != NULL && !known)
			(void)tg_fail(&cli->err, TG_E_USAGE,
			    "no bundle '%s' in %s", ask.bundle, ask.state_dir);
		else
			rc = go(
			    cli, e, list, tg_args_given(&cli->args, "dry-run"));
	}
	tg_json_free(list);
	(void)close(fd);
	return rc;
}

static int
run(struct tg_cli *cli)
{
	struct ender e = {.key = NULL};
	int status = 0;

	tg_cli_register_init(&e.reg, cli);
	cli->result = tg_json_array();
	if (cli->args.n_rest > 0)
		(void)tg_fail(&cli->err, TG_E_USAGE,
		    "'%s': purge takes options alone", cli->args.rest[0]);
	if (cli->args.n_rest > 0 || tg_cli_job(cli, &e.reg.job) < 0 ||
	    all(cli, &e) < 0)
		status = tg_cli_failed(cli);
	close_end(&e);
	return status;
}

const struct tg_cmd tg_cmd_purge = {
    .name = "purge",
    .group = "Account for",
    .summary = "destroy what retention says must go",
    .synopsis = "[-c JOB] [-n] [--keys] [--bundle ID]",
    .description = description,
    .opts = opts,
    .exits = "0 nothing is due any more; 1 something is due (--dry-run); 2 no "
	     "such bundle; 9 a run is active; 10 passphrase or key.",
    .examples = examples,
    .run = run,
};
