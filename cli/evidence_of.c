/* evidence_of.c - the evidence of a run as it stands now. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/common.h"
#include "cli/register.h"
#include "pipeline/holds.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/pseudonym_key.h"
#include "report/evidence.h"
#include "base/banned.h"

int
tg_cli_ledger_of(const struct tg_job *job, const struct tg_run_ref *run,
    struct tg_json *list, struct tg_err *err)
{
	char *dir = tg_fs_join(job->state, "ledger");
	struct tg_ledger *l = NULL;
	struct tg_buf b;
	int rc = -1, bad = 0;

	if (dir == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&b, TG_LEDGER_ENTRY_MAX + 1);
	if (tg_ledger_read(&l, dir, NULL, err) < 0)
		goto out;
	for (uint64_t i = 0; i < tg_ledger_size(l); i++) {
		struct tg_json *e = NULL, *o;

		tg_buf_reset(&b);
		if (tg_ledger_entry(l, i, &b, err) < 0 ||
		    tg_json_parse(&e, tg_buf_sv(&b), "ledger", err) < 0)
			goto out;
		if (strcmp(tg_json_get_str(e, "bundle_id", ""),
			run->bundle_id) == 0 ||
		    strcmp(tg_json_get_str(e, "run", ""), run->id) == 0) {
			o = tg_json_object();
			bad |= tg_json_set_int(o, "index", (int64_t)i);
			bad |= tg_json_set_str(
			    o, "type", tg_json_get_str(e, "type", ""));
			bad |= tg_json_set_int(
			    o, "time", tg_json_get_int(e, "time", 0));
			bad |= tg_json_push(list, o);
		}
		tg_json_free(e);
	}
	rc = bad ? tg_fail_memory(err) : 0;
out:
	tg_buf_deinit(&b);
	tg_ledger_free(l);
	free(dir);
	return rc;
}

static const char *
status_of(const struct tg_run_ref *run, const struct tg_decisions *d)
{
	if (run->state >= TG_RUN_UPLOADING)
		return tg_state_name(run->state);
	return tg_decisions_name(d->state);
}

/* The words of the region's folder; a region need not have any. */
static int
wording_of(struct tg_cli *cli, const char *region, struct tg_wording *out)
{
	char *dir = tg_cli_data(cli, "regions");
	char *home = dir == NULL ? NULL : tg_fs_join(dir, region);
	char *path = home == NULL ? NULL : tg_fs_join(home, "wording.yaml");
	int rc = 0;

	if (path == NULL)
		rc = tg_fail_memory(&cli->err);
	else if (tg_fs_exists(path))
		rc = tg_wording_load(out, path, &cli->err);
	free(path);
	free(home);
	free(dir);
	return rc;
}

/* The legal hold over the bundle as it stands now; *@out stays NULL without. */
static int
hold_of(struct tg_json **out, const struct tg_register *reg,
    const struct tg_run_ref *run, struct tg_err *err)
{
	const struct tg_hold_asked what = tg_hold_asked_of(run);
	const int64_t until = tg_json_get_int(
	    tg_json_get(run->manifest, "retention"), "delete_after", 0);
	struct tg_hold_over by;
	int bad = 0;

	if (tg_holds_ask(&by, reg, &what, err) < 0)
		return -1;
	if (by.id[0] != '\0') {
		*out = tg_json_object();
		bad |= tg_json_set_str(*out, "id", by.id);
		bad |= tg_json_set_int(*out, "reviewed", by.reviewed);
		bad |= tg_json_set_bool(*out, "past", reg->now >= until);
	}
	return bad ? tg_fail_memory(err) : 0;
}

/* What the registers and the reviewer say of it; all owned. */
struct sayings {
	struct tg_json *ledger, *hold, *key;
	struct tg_review review;
	struct tg_wording words;
};

/* The hold, and what became of the key of its pseudonyms. */
static int
registered(struct sayings *s, struct tg_cli *cli, const struct tg_run_ref *run)
{
	struct tg_cli_register r;
	int rc = -1;

	tg_cli_register_init(&r, cli);
	if (tg_cli_register_open(&r, false) == 0 &&
	    hold_of(&s->hold, &r.reg, run, &cli->err) == 0)
		rc = tg_pseudonym_state(&s->key, r.job->state, run->manifest,
		    r.trust, r.reg.ledger, &cli->err);
	tg_cli_register_deinit(&r);
	return rc;
}

static int
sayings_of(struct sayings *s, struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, const char *region)
{
	*s = (struct sayings){.ledger = tg_json_array()};
	if (s->ledger == NULL)
		return tg_fail_memory(&cli->err);
	return tg_cli_ledger_of(job, run, s->ledger, &cli->err) < 0 ||
		wording_of(cli, region, &s->words) < 0 ||
		registered(s, cli, run) < 0 ||
		tg_cli_review(cli, job, run, &s->review) < 0
	    ? -1
	    : 0;
}

static void
sayings_free(struct sayings *s)
{
	tg_wording_free(&s->words);
	tg_review_free(&s->review);
	tg_json_free(s->hold);
	tg_json_free(s->ledger);
	tg_json_free(s->key);
}

int
tg_cli_evidence(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, const char *dir, struct tg_json **model)
{
	const char *region = tg_json_get_str(run->plan, "region", "");
	struct tg_policy *policy = NULL;
	struct tg_decisions d;
	struct sayings s = {.ledger = NULL};
	struct tg_evidence_in in = {.manifest = run->manifest,
	    .manifest_sha256 = run->manifest_sha256,
	    .now = cli->env.now(cli->env.ctx)};
	int rc = -1;

	*model = NULL;
	if (tg_cli_decisions(cli, job, run, &d) < 0 ||
	    tg_cli_policy(cli, job, region,
		tg_json_get(tg_json_get(run->manifest, "exceptions"), "used"),
		&policy) < 0 ||
	    sayings_of(&s, cli, job, run, region) < 0)
		goto out;
	in.ledger = s.ledger;
	in.hold = s.hold;
	in.review = s.review.doc;
	in.pseudonym_key = s.key;
	in.wording = s.words.yaml == NULL ? NULL : &s.words;
	/* The policy may have moved on; the page shows the one that decided. */
	if (strcmp(tg_policy_sha256(policy),
		tg_json_get_str(tg_json_get(run->manifest, "policy"),
		    "effective_sha256", "")) == 0)
		in.policy = policy;
	in.decisions = d.docs;
	in.status =
	    s.review.state == TG_REVIEW_FOUND ? "refused" : status_of(run, &d);
	if (tg_evidence_model(model, &in, &cli->err) < 0 ||
	    (dir != NULL && tg_evidence_write(dir, *model, &cli->err) < 0))
		goto out;
	rc = 0;
out:
	if (rc < 0) {
		tg_json_free(*model);
		*model = NULL;
	}
	tg_policy_free(policy);
	tg_decisions_free(&d);
	sayings_free(&s);
	return rc;
}
