#include <stdlib.h>

#include "base/fs.h"
#include "cli/common.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"output", 'o', "DIR", "write here (default: evidence-RUN)"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Writes the evidence of a run as it stands now: evidence.json, and the "
    "same as HTML and Markdown in English and French.  The document that "
    "decisions are bound to is the one in the bundle; this one also shows the "
    "decisions and the upload.",
    NULL,
};

static const struct tg_example examples[] = {
    {"for the auditor", "tracegate evidence latest -o evidence"},
    {NULL, NULL},
};

static int
run(struct tg_cli *cli)
{
	struct tg_job *job = NULL;
	struct tg_run_ref ref = {.id = ""};
	const char *out = tg_args_value(&cli->args, "output");
	char *dir = NULL;
	int status = 0;

	if (tg_cli_run(cli, &job, &ref) < 0 ||
	    tg_run_ref_sealed(&ref, &cli->err) < 0) {
		status = tg_cli_failed(cli);
		goto out;
	}
	if (out != NULL) {
		dir = strdup(out);
	} else {
		char name[TG_RUN_ID + 16];

		(void)snprintf(name, sizeof(name), "evidence-%s", ref.id);
		dir = strdup(name);
	}
	if (dir == NULL)
		(void)tg_fail_memory(&cli->err);
	if (dir == NULL || tg_fs_mkdirs(dir, 0755, &cli->err) < 0 ||
	    tg_cli_evidence(cli, job, &ref, dir, &cli->result) < 0)
		status = tg_cli_failed(cli);
	else if (!cli->json)
		(void)printf(
		    "%s/evidence.en.html\n%s/evidence.fr.html\n", dir, dir);
out:
	free(dir);
	if (ref.id[0] != '\0')
		tg_run_ref_free(&ref);
	tg_job_free(job);
	return status;
}

const struct tg_cmd tg_cmd_evidence = {
    .name = "evidence",
    .group = "Account for",
    .summary = "write the evidence of a run",
    .synopsis = "[-c JOB] [RUN] [-o DIR]",
    .description = description,
    .opts = opts,
    .exits = "0 written; 1 the run is not that far.",
    .examples = examples,
    .run = run,
};
