#include <stdlib.h>

#include "cli/register.h"
#include "pipeline/holds.h"
#include "pipeline/standing.h"
#include "report/hold_text.h"
#include "report/status_text.h"
#include "base/banned.h"

#define TEXT_MAX (8u << 20)

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"lang", 0, "LANG", "holds and approvals in en (default) or fr"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Where every run of the job's state folder stands, and what comes next; "
    "then the standing approvals, with what has become of them, and the legal "
    "holds that are in force.",
    "Of one RUN only that run.",
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

/* Before people decide, a person reads. */
static void
line_of_review(struct line *l, const struct tg_review *r)
{
	if (r->state == TG_REVIEW_FOUND) {
		l->state = tg_decisions_name(TG_DECISIONS_REFUSED);
		l->text = "GATE-REVIEW: personal data was found";
		l->next = "";
	} else if (r->state == TG_REVIEW_VOID) {
		l->text = r->why;
		l->next = "";
	} else if (r->state == TG_REVIEW_WAITING) {
		l->text = "nobody has read the sample";
		l->next = "tracegate review";
	}
}

static struct line
line_of(const struct tg_run_ref *run, const struct tg_decisions *d,
    const struct tg_review *r)
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
		if (d->state != TG_DECISIONS_REFUSED)
			line_of_review(&l, r);
	} else if (run->state == TG_RUN_UPLOADING) {
		l.next = "tracegate upload";
	}
	return l;
}

struct ctx {
	struct tg_cli *cli;
	struct tg_cli_register r;
	struct tg_json *runs, *reviews, *standing, *holds; /* of the result */
};

/* Of what waits for people; one that is due joins the result. */
static int
review(struct ctx *c, const struct tg_run_ref *run, struct tg_review *r)
{
	struct tg_json *o;
	int bad = 0;

	if (run->state != TG_RUN_AWAITING)
		return 0;
	if (tg_cli_review(c->cli, c->r.job, run, r) < 0)
		return -1;
	if (r->state != TG_REVIEW_WAITING)
		return 0;
	o = tg_json_object();
	bad |= tg_json_set_str(o, "run", run->id);
	bad |= tg_json_set_int(o, "wanted", r->wanted);
	bad |= tg_json_push(c->reviews, o);
	return bad ? tg_fail_memory(&c->cli->err) : 0;
}

static int
one(struct ctx *c, const char *name)
{
	struct tg_decisions d = {.docs = NULL};
	struct tg_review r = {.state = TG_REVIEW_NOT_ASKED};
	struct tg_cli *cli = c->cli;
	struct tg_run_ref run;
	struct tg_json *o;
	struct line l;
	int bad = 0;

	if (tg_runs_open(&run, c->r.job->state, name, &cli->err) < 0)
		return -1;
	if ((run.state >= TG_RUN_BUNDLED &&
		tg_cli_decisions(cli, c->r.job, &run, &d) < 0) ||
	    review(c, &run, &r) < 0) {
		tg_decisions_free(&d);
		tg_run_ref_free(&run);
		return -1;
	}
	l = line_of(&run, &d, &r);
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
	bad |= tg_json_push(c->runs, o);
	tg_review_free(&r);
	tg_decisions_free(&d);
	tg_run_ref_free(&run);
	return bad ? tg_fail_memory(&cli->err) : 0;
}

static int
runs(struct ctx *c)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_runs_list(&names, c->r.job->state, &c->cli->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++)
		rc = one(c, names.name[i]);
	if (names.n == 0 && !c->cli->json)
		(void)printf("no run yet: tracegate run\n");
	tg_fs_names_free(&names);
	return rc;
}

static int
standing(struct ctx *c, struct tg_buf *text)
{
	const struct tg_standing_ask ask = {.state_dir = c->r.job->state,
	    .trust = c->r.trust,
	    .ledger = c->r.reg.ledger,
	    .now = c->r.reg.now};
	struct tg_err *err = &c->cli->err;
	struct tg_json *list;
	int bad = 0;

	if (tg_standing_list(&list, &ask, err) < 0)
		return -1;
	for (size_t i = 0; i < tg_json_len(list) && bad == 0; i++) {
		bad |=
		    tg_json_push(c->standing, tg_json_ref(tg_json_at(list, i)));
		if (bad == 0 &&
		    tg_standing_text(
			text, tg_json_at(list, i), c->cli->lang, err) < 0) {
			tg_json_free(list);
			return -1;
		}
	}
	tg_json_free(list);
	return bad ? tg_fail_memory(err) : 0;
}

/* Those in force, the ones that are overdue among them. */
static int
holds(struct ctx *c, struct tg_buf *text, int *status)
{
	struct tg_err *err = &c->cli->err;
	struct tg_holds all;
	int rc = 0;

	if (tg_holds_open(&all, &c->r.reg, &c->r.mem, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n && rc == 0; i++) {
		struct tg_json *o = NULL;

		if (all.hold[i].state != TG_HOLD_IN_FORCE)
			continue;
		rc = tg_hold_json(&o, &all.hold[i], err);
		if (rc == 0)
			rc = tg_hold_text(text, o, false, c->cli->lang, err);
		if (rc == 0)
			rc = tg_json_push(c->holds, tg_json_ref(o)) == 0
			    ? 0
			    : tg_fail_memory(err);
		tg_json_free(o);
	}
	if (tg_holds_due(&all) > 0)
		*status = 1;
	tg_holds_free(&all);
	return rc;
}

/* Without a ledger nobody has signed anything. */
static int
registers(struct ctx *c, struct tg_buf *text, int *status)
{
	char *ledger = tg_fs_join(c->r.job->state, "ledger");
	const bool begun = ledger != NULL && tg_fs_exists(ledger);

	free(ledger);
	if (ledger == NULL)
		return tg_fail_memory(&c->cli->err);
	if (!begun)
		return 0;
	return tg_cli_register_open(&c->r, false) < 0 ||
		standing(c, text) < 0 || holds(c, text, status) < 0
	    ? -1
	    : 0;
}

static int
all(struct ctx *c, int *status)
{
	struct tg_buf text;
	int rc = -1;

	if (tg_cli_job(c->cli, &c->r.job) < 0)
		return -1;
	if (c->cli->args.n_rest > 0)
		return one(c, c->cli->args.rest[0]);
	tg_buf_init(&text, TEXT_MAX);
	if (runs(c) == 0 && registers(c, &text, status) == 0)
		rc = 0;
	if (rc == 0 && !c->cli->json && text.n > 0)
		(void)printf("\n%s", text.p);
	tg_buf_deinit(&text);
	return rc;
}

/* The result is there from the start: its lists are filled. */
static int
result(struct ctx *c)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	c->cli->result = o;
	bad |= tg_json_set(o, "runs", tg_json_array());
	bad |= tg_json_set(o, "reviews", tg_json_array());
	bad |= tg_json_set(o, "standing", tg_json_array());
	bad |= tg_json_set(o, "holds", tg_json_array());
	c->runs = tg_json_get(o, "runs");
	c->reviews = tg_json_get(o, "reviews");
	c->standing = tg_json_get(o, "standing");
	c->holds = tg_json_get(o, "holds");
	return bad ? tg_fail_memory(&c->cli->err) : 0;
}

static int
run(struct tg_cli *cli)
{
	struct ctx c = {.cli = cli};
	int status = 0;

	tg_cli_register_init(&c.r, cli);
	if (result(&c) < 0 || all(&c, &status) < 0)
		status = tg_cli_failed(cli);
	tg_cli_register_deinit(&c.r);
	return status;
}

const struct tg_cmd tg_cmd_status = {
    .name = "status",
    .group = "Look (nothing changes)",
    .summary = "where every export stands, and what to do next",
    .synopsis = "[-c JOB] [RUN]",
    .description = description,
    .opts = opts,
    .exits = "0 shown; 1 shown, and the review of a legal hold is overdue; 2 "
	     "no such run.",
    .examples = examples,
    .run = run,
};
