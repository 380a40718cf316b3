#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/common.h"
#include "pipeline/run.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"scope-config", 0, "FILE",
	"the four settings of a Gemma Scope wrapper; they only tighten"},
    {"date", 0, "DATE", "the day retention counts from (default: today)"},
    {"seed-file", 0, "FILE",
	"32 bytes; the same give the same output, but for pseudonyms"},
    {"pseudonym-file", 0, "FILE",
	"32 bytes for the pseudonym key; the same give the same pseudonyms"},
    {"until", 0, "STATE", "stop after rechecked or bundled"},
    {"new", 0, NULL, "a new run, even when one can be taken up"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Reads the job's sources, samples, redacts, anonymises, rechecks, packs, "
    "seals, signs and records; then it waits for the people the policy names.  "
    "Nothing is sent.  One run for each origin of the job's sources.",
    "A run that falls within standing approvals (approve --standing) needs no "
    "more: it ends with 0, and upload may follow.",
    "A run that was interrupted is taken up by the same command and gives the "
    "same payload.  A record that is not understood goes to the run's "
    "quarantine, is counted and never sent; the rest goes on.",
    NULL,
};

static const struct tg_example examples[] = {
    {"the nightly export", "tracegate run -c /etc/tracegate/uk.yaml"},
    {NULL, NULL},
};

/* A run and whether standing approvals let it go. */
struct made {
	struct tg_run_done *run;
	bool approved;
};

/* Also what standing approvals let go is read by a person, where the policy
 * asks for it. */
static int
read_first(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, bool *approved)
{
	struct tg_review r;

	if (tg_cli_review(cli, job, run, &r) < 0)
		return -1;
	if (r.state == TG_REVIEW_WAITING)
		tg_cli_next(cli, "tracegate review %s", run->id);
	*approved = *approved &&
	    (r.state == TG_REVIEW_PASSED || r.state == TG_REVIEW_NOT_ASKED);
	tg_review_free(&r);
	return 0;
}

static int
decided(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, bool *approved)
{
	struct tg_decisions d;

	if (tg_cli_decisions(cli, job, run, &d) < 0)
		return -1;
	*approved = d.state == TG_DECISIONS_APPROVED;
	tg_decisions_free(&d);
	return run->state == TG_RUN_AWAITING
	    ? read_first(cli, job, run, approved)
	    : 0;
}

/* The evidence, SHA256SUMS, and the state awaiting-decision. */
static int
publish(struct tg_cli *cli, const struct tg_job *job, struct made *m)
{
	struct tg_run_done *done = m->run;
	struct tg_run_ref run;
	struct tg_json *model = NULL;
	char *dir;
	int rc = -1;

	if (done->state < TG_RUN_RECORDED)
		return 0;
	if (tg_runs_open(&run, job->state, done->id, &cli->err) < 0)
		return -1;
	if (run.state > TG_RUN_RECORDED) {
		done->state = run.state;
		rc = decided(cli, job, &run, &m->approved);
		tg_run_ref_free(&run);
		return rc;
	}
	dir = tg_fs_join(run.bundle, "evidence");
	if (dir == NULL)
		(void)tg_fail_memory(&cli->err);
	else if (tg_fs_mkdirs(dir, 0700, &cli->err) == 0 &&
	    tg_cli_evidence(cli, job, &run, dir, &model) == 0)
		rc = tg_runs_publish(&run, NULL, &cli->env, &cli->err);
	if (rc == 0)
		rc = decided(cli, job, &run, &m->approved);
	done->state = run.state;
	tg_json_free(model);
	free(dir);
	tg_run_ref_free(&run);
	return rc;
}

static int
as_json(struct tg_cli *cli, const struct made *m)
{
	const struct tg_run_done *d = m->run;
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "run", d->id);
	bad |= tg_json_set_str(o, "state", tg_state_name(d->state));
	bad |= tg_json_set_bool(o, "approved", m->approved);
	bad |= tg_json_set_str(o, "standing", d->standing);
	bad |= tg_json_set_str(o, "bundle_id", d->bundle_id);
	bad |= tg_json_set_str(o, "bundle", d->bundle);
	bad |= tg_json_set_str(o, "manifest_sha256", d->manifest_sha256);
	bad |= tg_json_set_bool(o, "resumed", d->resumed);
	bad |= tg_json_set_int(o, "records_read", (int64_t)d->read);
	bad |= tg_json_set_int(o, "records_out", (int64_t)d->out);
	bad |= tg_json_set_int(o, "quarantined", (int64_t)d->quarantined);
	bad |= tg_json_push(cli->result, o);
	return bad ? tg_fail_memory(&cli->err) : 0;
}

static void
show(struct tg_cli *cli, const struct made *m)
{
	const struct tg_run_done *d = m->run;

	if (d->standing[0] != '\0')
		tg_cli_note(
		    cli, "%s: no standing approval: %s", d->id, d->standing);
	if (m->approved && d->state == TG_RUN_AWAITING)
		tg_cli_next(cli, "tracegate upload %s", d->id);
	if (d->state < TG_RUN_AWAITING || cli->json)
		return;
	(void)printf("%s  %s  %s\n", d->id,
	    m->approved && d->state == TG_RUN_AWAITING
		? tg_decisions_name(TG_DECISIONS_APPROVED)
		: tg_state_name(d->state),
	    d->bundle);
	if (d->state == TG_RUN_AWAITING)
		(void)printf("  document  %s/evidence/evidence.en.html\n"
			     "  Nothing was sent.\n",
		    d->bundle);
}

static int
status_of(const struct made *m, size_t n)
{
	bool waiting = false;

	for (size_t i = 0; i < n; i++) {
		if (m[i].run->quarantined > 0)
			return 7;
		waiting = waiting ||
		    (m[i].run->state == TG_RUN_AWAITING && !m[i].approved);
	}
	return waiting ? 4 : 0;
}

static int
options(struct tg_cli *cli, struct tg_run_opts *o)
{
	o->data_dir = cli->data_dir;
	o->scope_config = tg_args_value(&cli->args, "scope-config");
	o->seed_file = tg_args_value(&cli->args, "seed-file");
	o->pseudonym_file = tg_args_value(&cli->args, "pseudonym-file");
	o->until = tg_args_value(&cli->args, "until");
	o->fresh = tg_args_given(&cli->args, "new");
	o->say = cli->quiet ? NULL : stderr;
	o->progress = cli->tty_err && !cli->quiet;
	if (o->until != NULL && strcmp(o->until, "rechecked") != 0 &&
	    strcmp(o->until, "bundled") != 0)
		return tg_fail(
		    &cli->err, TG_E_USAGE, "--until rechecked or bundled");
	if (cli->args.n_rest > 0)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "run takes a job with -c, not '%s'", cli->args.rest[0]);
	return tg_cli_date(cli, &o->as_of, &o->as_of_given);
}

static int
work(struct tg_cli *cli, struct tg_job *job, const struct tg_run_opts *o)
{
	struct tg_run_done done[TG_RUNS_MAX];
	struct made made[TG_RUNS_MAX];
	size_t n = 0;
	int status, rc;

	rc = tg_run_job(done, &n, job, o, &cli->env, &cli->err);
	for (size_t i = 0; i < n; i++) {
		made[i] = (struct made){&done[i], false};
		if (rc == 0 && publish(cli, job, &made[i]) < 0)
			rc = -1;
		if (rc == 0 || i + 1 < n)
			show(cli, &made[i]);
		if (cli->json && as_json(cli, &made[i]) < 0)
			rc = -1;
	}
	status = rc < 0 ? tg_cli_failed(cli) : status_of(made, n);
	if (status == 4)
		tg_cli_next(cli,
		    "tracegate approve RUN --role ROLE --key "
		    "FILE, after reading the document");
	tg_run_done_free(done, n);
	return status;
}

static int
run(struct tg_cli *cli)
{
	struct tg_run_opts o = {.data_dir = NULL};
	struct tg_job *job = NULL;
	struct tg_buf hold;
	int status;

	tg_buf_init(&hold, 1024);
	if (cli->json)
		cli->result = tg_json_array();
	if (options(cli, &o) < 0 || tg_cli_job(cli, &job) < 0 ||
	    tg_cli_passphrase(cli, NULL, &hold, &o.passphrase) < 0)
		status = tg_cli_failed(cli);
	else
		status = work(cli, job, &o);
	tg_job_free(job);
	tg_buf_wipe_deinit(&hold);
	return status;
}

const struct tg_cmd tg_cmd_run = {
    .name = "run",
    .group = "Produce",
    .summary = "read, sample, redact, anonymise, recheck, bundle, record",
    .synopsis = "[-c JOB] [--scope-config FILE] [--date DATE]",
    .description = description,
    .opts = opts,
    .exits = "0 stopped where --until says, standing approvals let it go, or "
	     "sent already; 4 waiting for "
	     "decisions; 7 the same, and records were quarantined; 1 the "
	     "policy stops the run, residue was found, or nothing is left; 3 "
	     "job or policy invalid; 9 another run is active; 10 key or "
	     "passphrase.",
    .examples = examples,
    .run = run,
};
