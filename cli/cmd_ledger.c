#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/num.h"
#include "cli/common.h"
#include "pipeline/ledger/ledger.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"ledger", 0, "DIR", "a ledger folder (default: the job's)"},
    {"vkey", 0, "KEY", "its verifier key (default: the folder's own)"},
    {"from", 0, "SIZE", "prove: that nothing before SIZE was changed"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "list: the entries.  show N: one entry.  prove N: that entry N is in the "
    "tree, as a c2sp.org/tlog-proof@v1; prove --from SIZE: that the tree only "
    "grew since it had SIZE entries.  checkpoint: the signed tree head.",
    "The folder is C2SP tlog-tiles: anyone can mirror and check it with other "
    "programs.  Entries hold no personal data.",
    NULL,
};

static const struct tg_example examples[] = {
    {"what happened", "tracegate ledger list"},
    {"a proof for the auditor", "tracegate ledger prove 12 >12.tlog-proof"},
    {NULL, NULL},
};

static int
show_entry(struct tg_cli *cli, struct tg_ledger *l, uint64_t i, bool whole)
{
	struct tg_buf b;
	struct tg_json *e = NULL;
	char time[TG_TIME_LEN];
	int rc = -1;

	tg_buf_init(&b, TG_LEDGER_ENTRY_MAX + 1);
	if (tg_ledger_entry(l, i, &b, &cli->err) < 0 ||
	    tg_json_parse(&e, tg_buf_sv(&b), "entry", &cli->err) < 0)
		goto out;
	if (cli->json) {
		rc = tg_json_push(cli->result, tg_json_ref(e));
	} else if (whole) {
		rc = fwrite(b.p, 1, b.n, stdout) == b.n ? 0 : -1;
	} else {
		tg_time_format(time, tg_json_get_int(e, "time", 0));
		(void)printf("%6llu  %s  %-20s %s\n", (unsigned long long)i,
		    time, tg_json_get_str(e, "type", "?"),
		    tg_json_get_str(
			e, "bundle_id", tg_json_get_str(e, "run", "")));
		rc = 0;
	}
out:
	tg_json_free(e);
	tg_buf_deinit(&b);
	return rc;
}

static int
number(struct tg_cli *cli, const char *text, uint64_t most, uint64_t *out)
{
	if (text == NULL || !tg_parse_u64(out, tg_sv_of(text), 0, most))
		return tg_fail(&cli->err, TG_E_USAGE,
		    "a number from 0 to %llu expected",
		    (unsigned long long)most);
	return 0;
}

static int
prove(struct tg_cli *cli, struct tg_ledger *l)
{
	const char *from = tg_args_value(&cli->args, "from");
	const char *word = cli->args.n_rest > 1 ? cli->args.rest[1] : from;
	struct tg_buf b;
	uint64_t n;
	int rc;

	if (tg_ledger_size(l) == 0)
		return tg_fail(&cli->err, TG_E_NO, "the ledger is empty");
	if (number(cli, word, tg_ledger_size(l) - (from == NULL), &n) < 0)
		return -1;
	tg_buf_init(&b, 1u << 20);
	rc = from != NULL ? tg_ledger_consistency(l, n, &b, &cli->err)
			  : tg_ledger_prove(l, n, &b, &cli->err);
	if (rc == 0 && cli->json)
		rc = tg_json_push(cli->result, tg_json_str(tg_buf_sv(&b)));
	else if (rc == 0)
		rc = fwrite(b.p, 1, b.n, stdout) == b.n ? 0 : -1;
	tg_buf_deinit(&b);
	return rc;
}

static int
act(struct tg_cli *cli, struct tg_ledger *l)
{
	const char *word = cli->args.n_rest > 0 ? cli->args.rest[0] : "list";
	const struct tg_sv note = tg_ledger_checkpoint(l);
	uint64_t n;
	int rc = 0;

	if (strcmp(word, "list") == 0) {
		for (uint64_t i = 0; i < tg_ledger_size(l) && rc == 0; i++)
			rc = show_entry(cli, l, i, false);
		return rc;
	}
	if (strcmp(word, "show") == 0) {
		if (tg_ledger_size(l) == 0)
			return tg_fail(
			    &cli->err, TG_E_NO, "the ledger is empty");
		if (number(cli, cli->args.n_rest > 1 ? cli->args.rest[1] : NULL,
			tg_ledger_size(l) - 1, &n) < 0)
			return -1;
		return show_entry(cli, l, n, true);
	}
	if (strcmp(word, "prove") == 0)
		return prove(cli, l);
	if (strcmp(word, "checkpoint") == 0 && cli->json)
		return tg_json_push(cli->result, tg_json_str(note));
	if (strcmp(word, "checkpoint") == 0)
		return fwrite(note.p, 1, note.n, stdout) == note.n ? 0 : -1;
	return tg_fail(&cli->err, TG_E_USAGE,
	    "ledger list, show N, prove N or checkpoint expected");
}

static int
run(struct tg_cli *cli)
{
	const char *given = tg_args_value(&cli->args, "ledger");
	struct tg_job *job = NULL;
	struct tg_ledger *l = NULL;
	char *dir = NULL;
	int status = 0;

	cli->result = tg_json_array();
	if (given != NULL)
		dir = strdup(given);
	else if (tg_cli_job(cli, &job) == 0)
		dir = tg_fs_join(job->state, "ledger");
	if (dir == NULL && cli->err.cls == TG_E_NONE)
		(void)tg_fail_memory(&cli->err);
	if (dir == NULL ||
	    tg_ledger_read(
		&l, dir, tg_args_value(&cli->args, "vkey"), &cli->err) < 0 ||
	    act(cli, l) < 0)
		status = tg_cli_failed(cli);
	tg_ledger_free(l);
	free(dir);
	tg_job_free(job);
	return status;
}

const struct tg_cmd tg_cmd_ledger = {
    .name = "ledger",
    .group = "Account for",
    .summary = "list, show and prove what was recorded",
    .synopsis = "list | show N | prove N | prove --from SIZE | checkpoint",
    .description = description,
    .opts = opts,
    .exits = "0 shown; 2 no such entry; 5 the ledger is damaged.",
    .examples = examples,
    .run = run,
};
