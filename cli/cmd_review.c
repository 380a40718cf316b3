#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/register.h"
#include "cli/terminal.h"
#include "pipeline/review.h"
#include "report/review_text.h"
#include "base/banned.h"

#define TEXT_MAX (1u << 20)
#define LINE_MAX_BYTES 512
#define FOUND_MAX 16 /* types of one record */

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"next", 0, NULL, "show the next record, and stop"},
    {"ok", 0, NULL, "nothing was found in the record that was shown"},
    {"found", 0, "TYPE", "personal data of this type was; may be repeated"},
    {"sign", 0, NULL, "sign what was answered, when all is"},
    {"role", 0, "ROLE", "the role you sign in: dpo, privacy, ..."},
    {"key", 0, "FILE", "your secret key (minisign)"},
    {"lang", 0, "LANG", "en (default) or fr"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "A person reads a random sample of the redacted records before an export "
    "is approved.  How many is the policy's "
    "(/gates/human_review_min_records, all where there are fewer), which ones "
    "the seed's and the manifest's, and nobody's choice.  Each is shown on the "
    "terminal as it would leave (of a tensor file, its header), nowhere else; "
    "the answer is ok, or the types "
    "of the personal data that is still in it.",
    "At a terminal all is asked in turn, and what was answered is kept; "
    "--next, --ok and --found do the same one by one.  With all answered, "
    "--sign --role ROLE --key FILE signs a record of it into the bundle and "
    "the ledger: how many were read, in how many something was found, the "
    "exact bound that follows, and no text.  The document shows it; who "
    "prepared the export cannot sign it.",
    "More than /gates/human_review_max_findings refuse the export: correct "
    "the rule, and prepare it anew.  Where every source was declared to hold "
    "invented text only, the policy as shipped asks for no review "
    "(/gates/human_review_applies_to).",
    NULL,
};

static const struct tg_example examples[] = {
    {"read, then sign",
	"tracegate review latest --sign --role dpo --key dpo.key"},
    {"where does it stand?", "tracegate review latest --json"},
    {NULL, NULL},
};

struct ctx {
	struct tg_cli *cli;
	struct tg_cli_register r; /* the job; the ledger while it is signed */
	struct tg_run_ref run;
	struct tg_review now;
	struct tg_review_draw draw;
};

/* ---- said -------------------------------------------------------------- */

/* Where it stands; the answers so far, before it is signed. */
static struct tg_json *
standing(struct ctx *c)
{
	const struct tg_json *m = c->run.manifest;
	struct tg_json *o = tg_json_object();
	size_t examined = 0, found = 0;
	int bad = 0;

	tg_review_draw_count(&c->draw, &examined, &found);
	if (c->now.state == TG_REVIEW_PASSED ||
	    c->now.state == TG_REVIEW_FOUND) {
		examined = (size_t)c->now.examined;
		found = (size_t)c->now.found;
	}
	bad |= tg_json_set_str(o, "run", c->run.id);
	bad |= tg_json_set_str(o, "state", tg_review_state_name(c->now.state));
	bad |= tg_json_set_bool(o, "demanded",
	    tg_json_get_bool(tg_json_get(m, "review"), "demanded", true));
	bad |= tg_json_set_int(o, "wanted", c->now.wanted);
	bad |= tg_json_set_int(o, "population",
	    tg_json_get_int(tg_json_get(m, "records"), "count", 0));
	bad |= tg_json_set_int(o, "examined", (int64_t)examined);
	bad |= tg_json_set_int(o, "found", (int64_t)found);
	if (c->now.doc != NULL)
		bad |= tg_json_set_int(o, "upper_ppb",
		    tg_json_get_int(c->now.doc, "upper_ppb", -1));
	if (c->draw.items != NULL)
		bad |= tg_json_set(o, "items", tg_json_copy(c->draw.items));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static int
say(struct ctx *c)
{
	struct tg_cli *cli = c->cli;
	struct tg_buf text;
	int rc;

	tg_json_free(cli->result);
	cli->result = standing(c);
	if (cli->result == NULL)
		return tg_fail_memory(&cli->err);
	if (cli->json)
		return 0;
	tg_buf_init(&text, TEXT_MAX);
	rc = tg_review_text(&text, cli->result, c->cli->lang, &cli->err);
	if (rc == 0)
		(void)fwrite(text.p, 1, text.n, stdout);
	tg_buf_deinit(&text);
	return rc;
}

/* 0 it is in nobody's way, 1 refused, 4 somebody has to read, 5 void. */
static int
status_of(struct ctx *c)
{
	switch (c->now.state) {
	case TG_REVIEW_NOT_ASKED:
	case TG_REVIEW_PASSED:
		return 0;
	case TG_REVIEW_FOUND:
		return 1;
	case TG_REVIEW_VOID:
		tg_cli_note(c->cli, "%s: %s", TG_REVIEW_FILE, c->now.why);
		return 5;
	case TG_REVIEW_WAITING:
		break;
	}
	if (tg_review_draw_next(&c->draw) == c->draw.n)
		tg_cli_next(c->cli,
		    "tracegate review %s --sign --role ROLE --key FILE",
		    c->run.id);
	else
		tg_cli_next(c->cli, "tracegate review %s", c->run.id);
	return 4;
}

/* ---- read -------------------------------------------------------------- */

static int
show(struct ctx *c, size_t i)
{
	struct tg_err *err = &c->cli->err;
	struct tg_json *o = standing(c);
	struct tg_buf head, text;
	int rc = -1;

	if (isatty(STDOUT_FILENO) != 1) {
		tg_json_free(o);
		return tg_fail(
		    err, TG_E_USAGE, "records are shown on a terminal only");
	}
	tg_buf_init(&head, TEXT_MAX);
	tg_buf_init(&text, TG_REVIEW_TEXT_MAX);
	if (o == NULL) {
		(void)tg_fail_memory(err);
	} else if (tg_review_record(&head, o, i,
		       tg_json_get_int(
			   tg_json_at(c->draw.items, i), "record", 0),
		       c->cli->lang, err) == 0 &&
	    tg_review_draw_text(&text, &c->draw, i, err) == 0) {
		(void)printf("\n%s", head.p);
		tg_terminal_text(stdout, tg_buf_sv(&text));
		(void)printf("\n");
		(void)fflush(stdout);
		rc = tg_review_draw_shown(&c->draw, i, err);
	}
	tg_buf_wipe_deinit(&text);
	tg_buf_deinit(&head);
	tg_json_free(o);
	return rc;
}

/* The words of a line; false: it is no answer. */
static bool
words(char *line, const char *type[FOUND_MAX], size_t *n)
{
	char *save = NULL;

	*n = 0;
	for (char *w = strtok_r(line, " ,\t\n", &save); w != NULL;
	     w = strtok_r(NULL, " ,\t\n", &save)) {
		if (*n == FOUND_MAX)
			return false;
		type[(*n)++] = w;
	}
	return *n > 0;
}

/* Asks until there is an answer; *@stop: no more. */
static int
ask(struct ctx *c, size_t i, bool *stop)
{
	char line[LINE_MAX_BYTES];
	const char *type[FOUND_MAX];
	struct tg_err no;
	size_t n;

	for (;;) {
		(void)fprintf(
		    stderr, "%s > ", tg_str(c->cli->lang, TG_S_rv_prompt));
		(void)fflush(stderr);
		*stop = fgets(line, sizeof(line), stdin) == NULL;
		if (*stop)
			return 0;
		if (!words(line, type, &n))
			continue;
		*stop = strcmp(type[0], "q") == 0;
		if (*stop)
			return 0;
		tg_err_clear(&no);
		if (strcmp(type[0], "ok") == 0 && n == 1)
			return tg_review_draw_answer(
			    &c->draw, i, NULL, 0, &c->cli->err);
		if (tg_review_draw_answer(&c->draw, i, type, n, &no) == 0)
			return 0;
		if (no.cls != TG_E_USAGE) {
			c->cli->err = no;
			return -1;
		}
		(void)fprintf(
		    stderr, "%s\n", tg_str(c->cli->lang, TG_S_rv_again));
	}
}

static int
read_all(struct ctx *c)
{
	bool stop = false;
	size_t i;

	while (!stop && (i = tg_review_draw_next(&c->draw)) < c->draw.n)
		if (show(c, i) < 0 || ask(c, i, &stop) < 0)
			return -1;
	return 0;
}

/* --ok, --found: of the first that was not answered. */
static int
answer(struct ctx *c)
{
	const struct tg_args *a = &c->cli->args;
	const bool ok = tg_args_given(a, "ok");
	const size_t i = tg_review_draw_next(&c->draw);
	const char *type[FOUND_MAX], *t;
	size_t n = 0;

	while ((t = tg_args_nth(a, "found", n)) != NULL) {
		if (n == FOUND_MAX)
			return tg_fail(&c->cli->err, TG_E_USAGE,
			    "more than %d types", FOUND_MAX);
		type[n++] = t;
	}
	if (ok == (n > 0))
		return tg_fail(&c->cli->err, TG_E_USAGE,
		    "--ok, or --found TYPE: one of them");
	if (i == c->draw.n)
		return tg_fail(&c->cli->err, TG_E_NO,
		    "every record that was drawn is answered");
	return tg_review_draw_answer(&c->draw, i, type, n, &c->cli->err);
}

/* ---- signed ------------------------------------------------------------ */

/* What people have signed over a document stays that document. */
static int
undecided(struct ctx *c)
{
	struct tg_decisions d;
	int rc = 0;

	if (tg_cli_decisions(c->cli, c->r.job, &c->run, &d) < 0)
		return -1;
	for (size_t i = 0; i < tg_json_len(d.docs); i++)
		if (strcmp(
			tg_json_get_str(tg_json_at(d.docs, i), "decision", ""),
			tg_decide_name(TG_APPROVE_STANDING)) != 0)
			rc = tg_fail(&c->cli->err, TG_E_NO,
			    "%s was decided already: its document does not "
			    "change any more",
			    c->run.id);
	tg_decisions_free(&d);
	if (rc == 0 && c->run.state != TG_RUN_AWAITING)
		rc = tg_fail(&c->cli->err, TG_E_NO, "%s is %s", c->run.id,
		    tg_state_name(c->run.state));
	return rc;
}

static int
signed_by(struct ctx *c, struct tg_minisign_key **key)
{
	struct tg_cli *cli = c->cli;
	struct tg_review_sign s = {
	    .run = &c->run, .role = tg_args_value(&cli->args, "role")};

	if (s.role == NULL)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--role ROLE and --key FILE are needed");
	if (tg_cli_register_open(&c->r, true) < 0 ||
	    tg_cli_register_signer(&c->r, key, &s.who) < 0)
		return -1;
	s.state_dir = c->r.job->state;
	s.trust = c->r.trust;
	s.ledger = c->r.reg.ledger;
	s.now = c->r.reg.now;
	s.key = *key;
	return tg_review_sign(&s, &c->draw, &cli->err);
}

/* The document in the bundle shows what was signed; all of it again, after an
 * interruption. */
static int
sign(struct ctx *c)
{
	struct tg_cli *cli = c->cli;
	struct tg_minisign_key *key = NULL;
	struct tg_json *model = NULL;
	int rc = -1;

	tg_review_draw_free(&c->draw);
	if (undecided(c) < 0 ||
	    tg_review_draw_open(&c->draw, &c->run, true, &cli->err) < 0)
		return -1;
	if (signed_by(c, &key) == 0) {
		tg_ledger_free(c->r.reg.ledger);
		c->r.reg.ledger = NULL;
		tg_review_free(&c->now);
		if (tg_cli_evidence(
			cli, c->r.job, &c->run, c->run.evidence, &model) == 0 &&
		    tg_runs_publish(
			&c->run, "evidence/", &cli->env, &cli->err) == 0)
			rc = tg_cli_review(cli, c->r.job, &c->run, &c->now);
	}
	tg_minisign_free(key);
	tg_json_free(model);
	return rc;
}

/* ---- all --------------------------------------------------------------- */

static int
open_run(struct ctx *c)
{
	struct tg_cli *cli = c->cli;

	if (tg_cli_run(cli, &c->r.job, &c->run) < 0 ||
	    tg_run_ref_sealed(&c->run, &cli->err) < 0 ||
	    tg_cli_review(cli, c->r.job, &c->run, &c->now) < 0)
		return -1;
	return 0;
}

/* Whether somebody sits there who can read and answer. */
static bool
attended(const struct tg_cli *cli)
{
	return !cli->no_input && !cli->json && isatty(STDOUT_FILENO) == 1;
}

/* --next: the record and that it was shown. */
static int
show_next(struct ctx *c)
{
	const size_t i = tg_review_draw_next(&c->draw);

	if (i == c->draw.n)
		return 0;
	return show(c, i) < 0 ? -1
			      : tg_review_draw_keep(&c->draw, &c->cli->err);
}

/* A sample that is not signed yet. */
static int
go_on(struct ctx *c, bool next, bool answers, bool signs)
{
	if (answers)
		return answer(c);
	if (next)
		return show_next(c);
	if (attended(c->cli) && read_all(c) < 0)
		return -1;
	return signs ? sign(c) : 0;
}

static int
act(struct ctx *c)
{
	const struct tg_args *a = &c->cli->args;
	const bool next = tg_args_given(a, "next");
	const bool answers =
	    tg_args_given(a, "ok") || tg_args_given(a, "found");
	const bool signs = tg_args_given(a, "sign");
	const bool closed =
	    c->now.state == TG_REVIEW_FOUND || c->now.state == TG_REVIEW_PASSED;

	if (next + answers + signs > 1)
		return tg_fail(&c->cli->err, TG_E_USAGE,
		    "--next, --ok, --found and --sign: one of them");
	if (closed && !signs)
		return 0;
	if (tg_review_draw_open(&c->draw, &c->run, false, &c->cli->err) < 0)
		return -1;
	return closed ? sign(c) : go_on(c, next, answers, signs);
}

static int
run(struct tg_cli *cli)
{
	struct ctx c = {.cli = cli, .run = {.id = ""}};
	int status;

	tg_cli_register_init(&c.r, cli);
	if (open_run(&c) < 0 || act(&c) < 0 || say(&c) < 0)
		status = tg_cli_failed(cli);
	else
		status = status_of(&c);
	tg_review_draw_free(&c.draw);
	tg_review_free(&c.now);
	if (c.run.id[0] != '\0')
		tg_run_ref_free(&c.run);
	tg_cli_register_deinit(&c.r);
	return status;
}

const struct tg_cmd tg_cmd_review = {
    .name = "review",
    .group = "Decide",
    .summary = "read a random sample of what would leave",
    .synopsis = "[-c JOB] [RUN] [--next | --ok | --found TYPE | --sign --role "
		"ROLE --key FILE]",
    .description = description,
    .opts = opts,
    .exits = "0 passed, or not asked for; 1 personal data was found, or you "
	     "may not sign; 2 usage, or no terminal to show a record on; 4 "
	     "records are to be read, or signed for; 5 the records are not "
	     "what was sealed; 10 key or passphrase.",
    .examples = examples,
    .run = run,
};
