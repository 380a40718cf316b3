#include <string.h>

#include "cli/common.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Where every run of the job's state folder stands, and what comes next.",
    NULL,
};

static const struct tg_example examples[] = {
    {"all runs", "tracegate status"},
    {"one run", "tracegate status latest"},
    {NULL, NULL},
};

struct line {
	const char *state, *next, *text;
};

static struct line
line_of(const struct tg_run_ref *run, const struct tg_decisions *d)
{
	struct line l = {tg_state_name(run->state), "", ""};

	if (run->state < TG_RUN_AWAITING) {
		l.next = "tracegate run";
	} else if (run->state == TG_RUN_AWAITING) {
		l.state = tg_decisions_name(d->state);
		l.text = d->n_reason > 0 ? d->reason[0].text : "";
		l.next = d->state == TG_DECISIONS_APPROVED ? "tracegate upload"
		    : d->state == TG_DECISIONS_REFUSED	   ? ""
						       : "tracegate approve";
	} else if (run->state == TG_RUN_UPLOADING) {
		l.next = "tracegate upload";
	}
	return l;
}

static int
one(struct tg_cli *cli, const struct tg_job *job, const char *name)
{
	struct tg_decisions d = {.docs = NULL};
	struct tg_run_ref run;
	struct tg_json *o;
	struct line l;
	int bad = 0;

	if (tg_runs_open(&run, job->state, name, &cli->err) < 0)
		return -1;
	if (run.state >= TG_RUN_BUNDLED &&
	    tg_cli_decisions(cli, job, &run, &d) < 0) {
		tg_run_ref_free(&run);
		return -1;
	}
	l = line_of(&run, &d);
	if (!cli->json)
		(void)printf("%-22s %-18s %s%s%s%s\n", run.id, l.state, l.text,
		    l.text[0] == '\0' ? "" : "  ",
		    l.next[0] == '\0' ? "" : "-> ", l.next);
	o = tg_json_object();
	bad |= tg_json_set_str(o, "run", run.id);
	bad |= tg_json_set_str(o, "state", l.state);
	bad |= tg_json_set_str(o, "bundle_id", run.bundle_id);
	bad |= tg_json_set_str(o, "next", l.next);
	bad |= tg_json_set_int(o, "approvals", (int64_t)d.counted);
	bad |= tg_json_push(cli->result, o);
	tg_decisions_free(&d);
	tg_run_ref_free(&run);
	return bad ? tg_fail_memory(&cli->err) : 0;
}

static int
all(struct tg_cli *cli, const struct tg_job *job)
{
	struct tg_fs_names names;
	int rc = 0;

	if (cli->args.n_rest > 0)
		return one(cli, job, cli->args.rest[0]);
	if (tg_runs_list(&names, job->state, &cli->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++)
		rc = one(cli, job, names.name[i]);
	if (names.n == 0 && !cli->json)
		(void)printf("no run yet: tracegate run\n");
	tg_fs_names_free(&names);
	return rc;
}

static int
run(struct tg_cli *cli)
{
	struct tg_job *job = NULL;
	int status = 0;

	cli->result = tg_json_array();
	if (tg_cli_job(cli, &job) < 0 || all(cli, job) < 0)
		status = tg_cli_failed(cli);
	tg_job_free(job);
	return status;
}

const struct tg_cmd tg_cmd_status = {
    .name = "status",
    .group = "Look (nothing changes)",
    .summary = "where every export stands, and what to do next",
    .synopsis = "[-c JOB] [RUN]",
    .description = description,
    .opts = opts,
    .exits = "0 shown; 2 no such run.",
    .examples = examples,
    .run = run,
};
