#include <string.h>

#include "cli/common.h"
#include "pipeline/facts_find.h"
#include "report/answer.h"
#include "base/banned.h"

#define TEXT_MAX (8u << 20)

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"record", 0, "ID",
	"why a record left or did not: FILE:RECORD as scan "
	"names it, or the id it is drawn by (a trace id)"},
    {"bundle", 0, NULL, "why the bundle waits, was refused or left"},
    {"decision", 0, NULL, "why the decision on it is what it is"},
    {"lang", 0, "LANG", "en (default) or fr"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Why something in a run is as it is, from what the run has stored: the "
    "stage, the stable code, the fact (type, score, place and length of a "
    "finding: never its text), the line of the policy that decided with its "
    "file and layer, the control behind it, what can be done, and what the "
    "stages before had said.",
    "Of a bundle: the transfer and its instrument, every requirement with its "
    "result as those who decided read it, who must sign and who has, and the "
    "entries of the ledger.  Of a decision: who must sign, who has, what "
    "counts "
    "and what does not.",
    "The lines of the policy are those of the day of the run.  What is gone "
    "(the record log, an older run without one) is said to be gone; the "
    "manifest's counts are shown then.",
    NULL,
};

static const struct tg_example examples[] = {
    {"why is line 12 not in the bundle?",
	"tracegate explain latest --record traces.jsonl:12"},
    {"why has nothing been sent yet?", "tracegate explain latest --bundle"},
    {"pourquoi ce lot a-t-il été refusé ?",
	"tracegate explain latest --decision --lang fr"},
    {NULL, NULL},
};

struct ctx {
	struct tg_cli *cli;
	struct tg_job *job;
	struct tg_run_ref run;
	struct tg_cli_explained by;
	struct tg_json *decided;
};

static int
record(struct ctx *c, const struct tg_explain_in *in, const char *id)
{
	struct tg_json *found = NULL;
	int rc;

	if (tg_facts_find(
		&found, c->run.dir, id, c->by.facts_sha256, &c->cli->err) < 0)
		return -1;
	rc = tg_explain_record(&c->cli->result, in, found, &c->cli->err);
	tg_json_free(found);
	if (rc < 0 || tg_json_get_bool(c->cli->result, "known", false))
		return rc;
	(void)tg_fail(&c->cli->err, TG_E_USAGE,
	    "%s has read no record of that name", c->run.id);
	return tg_fail_hint(&c->cli->err,
	    "FILE:RECORD as scan --json=lines prints it, or the id that the "
	    "draw goes by (a trace id)");
}

static bool
has(const struct tg_json *ledger, const char *type)
{
	for (size_t i = 0; i < tg_json_len(ledger); i++)
		if (strcmp(tg_json_get_str(tg_json_at(ledger, i), "type", ""),
			type) == 0)
			return true;
	return false;
}

static int
bundle(struct ctx *c, const struct tg_explain_in *in, bool decision_only)
{
	struct tg_json *evidence = NULL, *stopped = NULL;
	struct tg_json *ledger = tg_json_array();
	struct tg_decisions d = {.docs = NULL};
	struct tg_explain_bundle b = {.bundle_id = c->run.bundle_id};
	int rc = -1;

	if (ledger == NULL)
		return tg_fail_memory(&c->cli->err);
	if (tg_cli_stored(&evidence, c->run.evidence, "evidence.json", NULL,
		&c->cli->err) < 0 ||
	    tg_cli_stored(
		&stopped, c->run.dir, TG_RUN_STOPPED, NULL, &c->cli->err) < 0 ||
	    tg_cli_ledger_of(c->job, &c->run, ledger, &c->cli->err) < 0)
		goto out;
	if (c->run.state >= TG_RUN_RECORDED) {
		if (tg_cli_decisions(c->cli, c->job, &c->run, &d) < 0)
			goto out;
		b.decisions = &d;
	}
	b.evidence = evidence;
	b.stopped = stopped;
	b.ledger = ledger;
	b.leaving = has(ledger, "export.intent");
	b.left = has(ledger, "export.done");
	rc = tg_explain_bundle(
	    &c->cli->result, in, &b, decision_only, &c->cli->err);
out:
	tg_decisions_free(&d);
	tg_json_free(evidence);
	tg_json_free(stopped);
	tg_json_free(ledger);
	return rc;
}

static int
show(struct ctx *c)
{
	struct tg_buf text;
	int rc = 0;

	if (c->cli->json)
		return 0;
	tg_buf_init(&text, TEXT_MAX);
	rc = tg_explain_text(&text, c->cli->result, c->cli->lang, &c->cli->err);
	if (rc == 0)
		(void)fwrite(text.p, 1, text.n, stdout);
	tg_buf_deinit(&text);
	return rc;
}

static int
act(struct ctx *c)
{
	const struct tg_args *args = &c->cli->args;
	const char *id = tg_args_value(args, "record");
	const bool of_bundle = tg_args_given(args, "bundle");
	const bool of_decision = tg_args_given(args, "decision");
	struct tg_explain_in in = {.run = c->run.id};

	if ((id != NULL) + of_bundle + of_decision != 1)
		return tg_fail(&c->cli->err, TG_E_USAGE,
		    "one of --record ID, --bundle, --decision is wanted");
	if (tg_cli_explained(&c->by, c->job, &c->run, &c->cli->err) < 0 ||
	    tg_cli_stored(&c->decided, c->run.dir, TG_RUN_DECIDED,
		c->by.decided_sha256, &c->cli->err) < 0)
		return -1;
	in.state = tg_state_name(c->run.state);
	in.decided = c->decided;
	in.manifest = c->run.manifest;
	if ((id != NULL ? record(c, &in, id) : bundle(c, &in, of_decision)) < 0)
		return -1;
	return show(c);
}

/* Whether all that was asked is known. */
static bool
whole(const struct ctx *c)
{
	const struct tg_json *list = tg_json_get(c->cli->result, "records");

	return list == NULL || tg_json_len(list) > 0;
}

static int
run(struct tg_cli *cli)
{
	struct ctx c = {.cli = cli, .run = {.id = ""}};
	int status = 0;

	if (tg_cli_run(cli, &c.job, &c.run) < 0 || act(&c) < 0)
		status = tg_cli_failed(cli);
	else if (!whole(&c))
		status = 1;
	tg_json_free(c.decided);
	if (c.run.id[0] != '\0')
		tg_run_ref_free(&c.run);
	tg_job_free(c.job);
	return status;
}

const struct tg_cmd tg_cmd_explain = {
    .name = "explain",
    .group = "Look (nothing changes)",
    .summary = "why a record, a bundle, a decision is as it is",
    .synopsis = "[-c JOB] [RUN] --record ID | --bundle | --decision",
    .description = description,
    .opts = opts,
    .exits = "0 explained; 1 no longer known; 2 no such run or record; 5 what "
	     "the run has stored is damaged.",
    .examples = examples,
    .run = run,
};
