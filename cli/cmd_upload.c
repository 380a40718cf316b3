#include "cli/common.h"
#include "pipeline/deliver.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"dry-run", 'n', NULL, "all checks, nothing written or sent"},
    {"endpoint", 0, "URL", "of an s3: target (default: the job's)"},
    {"ca-bundle", 0, "FILE", "certificates to trust, PEM"},
    {"credentials", 0, "FILE", "shared credentials file"},
    {"profile", 0, "NAME", "of the credentials file"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Sends an approved bundle to the target its manifest names.  First the "
    "bundle is checked against what was signed and the decisions against the "
    "policy; then the intent is written to the ledger; only then the first "
    "byte leaves.  An object that is there with the same bytes is left, one "
    "with other bytes is never replaced.",
    "The same command after an interruption goes on where it stopped.",
    NULL,
};

static const struct tg_example examples[] = {
    {"what would happen", "tracegate upload -n latest"},
    {"send", "tracegate upload latest"},
    {NULL, NULL},
};

static void
show(struct tg_cli *cli, const struct tg_run_ref *run,
    const struct tg_delivered *d, bool dry)
{
	int bad = 0;

	cli->result = tg_json_object();
	bad |= tg_json_set_str(cli->result, "run", run->id);
	bad |= tg_json_set_str(cli->result, "state", tg_state_name(run->state));
	bad |= tg_json_set_int(cli->result, "files", (int64_t)d->files);
	bad |= tg_json_set_int(cli->result, "bytes", (int64_t)d->bytes);
	bad |= tg_json_set_int(cli->result, "intent_index", d->intent_index);
	bad |= tg_json_set_int(
	    cli->result, "month_bytes", (int64_t)d->budget.month);
	bad |= tg_json_set_str(
	    cli->result, "warning", d->budget.warn ? d->budget.say : d->dsp);
	if (bad || cli->json)
		return;
	if (d->done_before)
		(void)printf("%s was uploaded before\n", run->id);
	else if (dry)
		(void)printf(
		    "%s may go; nothing was sent (--dry-run)\n", run->id);
	else
		(void)printf("%s uploaded: %llu files, %llu bytes, intent "
			     "ledger #%lld\n",
		    run->id, (unsigned long long)d->files,
		    (unsigned long long)d->bytes, (long long)d->intent_index);
}

static int
run(struct tg_cli *cli)
{
	struct tg_job *job = NULL;
	struct tg_run_ref ref = {.id = ""};
	struct tg_trust *trust = NULL;
	struct tg_delivered d;
	const char *endpoint = tg_args_value(&cli->args, "endpoint");
	struct tg_deliver how = {
	    .sink = {.ca_bundle = tg_args_value(&cli->args, "ca-bundle"),
		.credentials = tg_args_value(&cli->args, "credentials"),
		.profile = tg_args_value(&cli->args, "profile"),
		.path_style = -1},
	    .dry_run = tg_args_given(&cli->args, "dry-run"),
	    .say = cli->quiet ? NULL : stderr};
	int status = 0;

	if (tg_cli_run(cli, &job, &ref) < 0 ||
	    tg_trust_load(&trust, job->trust, &cli->err) < 0) {
		status = tg_cli_failed(cli);
	} else {
		how.state_dir = job->state;
		how.trust = trust;
		how.sink.endpoint =
		    endpoint == NULL ? job->target_endpoint : endpoint;
		how.sink.region = job->target_region;
		how.sink.base = job->dir;
		if (tg_deliver(&d, &ref, &how, &cli->env, &cli->err) < 0)
			status = tg_cli_failed(cli);
		else
			show(cli, &ref, &d, how.dry_run);
	}
	tg_trust_free(trust);
	if (ref.id[0] != '\0')
		tg_run_ref_free(&ref);
	tg_job_free(job);
	return status;
}

const struct tg_cmd tg_cmd_upload = {
    .name = "upload",
    .group = "Deliver",
    .summary = "send an approved bundle",
    .synopsis = "[-c JOB] [-n] [RUN]",
    .description = description,
    .opts = opts,
    .exits = "0 sent (or sent before); 1 refused, or the target holds other "
	     "bytes; 4 decisions are missing or lapsed; 5 the bundle is not "
	     "what was signed; 6 network, retry may help; 10 credentials.",
    .examples = examples,
    .run = run,
};
