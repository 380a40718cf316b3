#include <stdlib.h>
#include <string.h>

#include "cli/register.h"
#include "pipeline/holds.h"
#include "regions/region.h"
#include "report/hold_text.h"
#include "base/banned.h"

#define TEXT_MAX (1u << 20)

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"key", 0, "FILE", "your secret key (minisign)"},
    {"due", 0, NULL, "list: only those whose review is overdue"},
    {"lang", 0, "LANG", "en (default) or fr"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "A legal hold suspends deletion: what is in its scope stays although its "
    "time is over.  It narrows access and widens no use: a record past its "
    "date leaves in no export, with the code RET-HELD.",
    "add FILE puts the record (policies/README.md) into the register and, with "
    "--key, signs it; it is in force when the roles of "
    "/retention/legal_hold/requires have signed (as shipped: legal), none of "
    "them who asks for it or prepares the export.  show ID prints one, and "
    "release ID --key FILE ends one, signed by the same roles.",
    "Its review is at most /retention/legal_hold/max_review_days after it was "
    "placed.  When that day has passed it stays in force: nothing is deleted "
    "until somebody decides, and list --due and status exit 1.  To keep it "
    "longer, add a new record and release the old one.",
    NULL,
};

static const struct tg_example examples[] = {
    {"legal places one",
	"tracegate hold add HOLD-2026-001.yaml --key legal.key"},
    {"is one to be looked at again?", "tracegate hold list --due"},
    {"the case is over",
	"tracegate hold release HOLD-2026-001 --key legal.key"},
    {NULL, NULL},
};

struct ctx {
	struct tg_cli_register r;
	struct tg_holds holds;
	struct tg_regions regions;
};

static int
open_holds(struct ctx *c, bool append)
{
	if (tg_cli_register_open(&c->r, append) < 0)
		return -1;
	return tg_holds_open(&c->holds, &c->r.reg, &c->r.mem, &c->r.cli->err);
}

/* As it is now, after something was written. */
static int
again(struct ctx *c)
{
	tg_holds_free(&c->holds);
	return tg_holds_open(&c->holds, &c->r.reg, &c->r.mem, &c->r.cli->err);
}

static int
find(struct ctx *c, const char *id, const struct tg_hold_now **out)
{
	*out = tg_holds_by_id(&c->holds, id);
	return *out != NULL ? 0
			    : tg_fail(&c->r.cli->err, TG_E_USAGE,
				  "the register has no legal hold '%.64s'", id);
}

static int
show(struct ctx *c, const struct tg_hold_now *x, bool whole)
{
	struct tg_cli *cli = c->r.cli;
	struct tg_json *o = NULL;
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, TEXT_MAX);
	if (tg_hold_json(&o, x, &cli->err) < 0)
		goto out;
	if (cli->json) {
		rc = tg_json_push(cli->result, tg_json_ref(o)) == 0
		    ? 0
		    : tg_fail_memory(&cli->err);
	} else if (tg_hold_text(&text, o, whole, cli->lang, &cli->err) == 0) {
		(void)fwrite(text.p, 1, text.n, stdout);
		rc = 0;
	}
out:
	tg_json_free(o);
	tg_buf_deinit(&text);
	return rc;
}

static int
show_id(struct ctx *c, const char *id)
{
	const struct tg_hold_now *x;

	return find(c, id, &x) < 0 ? -1 : show(c, x, true);
}

static int
none(struct ctx *c, bool due)
{
	struct tg_cli *cli = c->r.cli;
	struct tg_buf text;
	int rc;

	if (cli->json)
		return 0;
	tg_buf_init(&text, TEXT_MAX);
	rc = tg_hold_none(&text, due, c->holds.n, cli->lang, &cli->err);
	if (rc == 0)
		(void)fwrite(text.p, 1, text.n, stdout);
	tg_buf_deinit(&text);
	return rc;
}

static int
list(struct ctx *c, int *status)
{
	const bool due = tg_args_given(&c->r.cli->args, "due");
	size_t shown = 0;

	if (open_holds(c, false) < 0)
		return -1;
	for (size_t i = 0; i < c->holds.n; i++) {
		const struct tg_hold_now *x = &c->holds.hold[i];

		if (due && !x->due)
			continue;
		shown++;
		if (show(c, x, false) < 0)
			return -1;
	}
	*status = due && shown > 0 ? 1 : 0;
	return shown > 0 ? 0 : none(c, due);
}

/* ---- what the policy says ---------------------------------------------- */

static int
ask(struct ctx *c, struct tg_hold_need *need, const struct tg_hold *h,
    const char *origin)
{
	struct tg_cli *cli = c->r.cli;
	const struct tg_region *region =
	    tg_regions_by_jurisdiction(&c->regions, tg_sv_of(origin));
	struct tg_policy *p = NULL;
	int rc;

	if (region == NULL)
		return tg_fail(&cli->err, TG_E_CONFIG,
		    "%s: no region speaks for origin '%s'", h->id, origin);
	if (tg_cli_policy(cli, c->r.job, region->code, NULL, &p) < 0)
		return -1;
	rc = tg_hold_allowed(need, h, p, &cli->err);
	tg_policy_free(p);
	return rc;
}

/* Every policy of its origins; of a hold that names none, of the job's. */
static int
allowed(struct ctx *c, struct tg_hold_need *need, const struct tg_hold *h)
{
	const struct tg_job *j = c->r.job;
	char *dir = tg_cli_data(c->r.cli, "regions");
	int rc = dir == NULL
	    ? tg_fail_memory(&c->r.cli->err)
	    : tg_regions_load(&c->regions, dir, &c->r.cli->err);

	*need = (struct tg_hold_need){.n = 0};
	free(dir);
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < h->origins.n && rc == 0; i++)
		rc = ask(c, need, h, h->origins.item[i]);
	for (size_t i = 0; i < j->n_source && h->origins.n == 0 && rc == 0; i++)
		rc = ask(c, need, h, j->source[i].origin);
	tg_regions_free(&c->regions);
	return rc;
}

static int
sign(struct ctx *c, const char *id, bool release)
{
	struct tg_err *err = &c->r.cli->err;
	const struct tg_hold_now *x;
	struct tg_minisign_key *key = NULL;
	const struct tg_person *who;
	struct tg_hold_need need;
	int rc = -1;

	if (find(c, id, &x) < 0)
		return -1;
	need = x->need;
	if ((release || allowed(c, &need, &x->h) == 0) &&
	    tg_cli_register_signer(&c->r, &key, &who) == 0)
		rc = tg_hold_sign(x, &c->r.reg, &need, release, who, key, err);
	tg_minisign_free(key);
	return rc < 0 ? -1 : again(c);
}

/* What the policy does not let does not join the register. */
static int
add(struct ctx *c, const char *file)
{
	struct tg_cli *cli = c->r.cli;
	const bool signs = tg_args_value(&cli->args, "key") != NULL;
	struct tg_hold_need need;
	char id[TG_HOLD_ID + 1];
	struct tg_hold h;
	int rc;

	if (open_holds(c, signs) < 0 ||
	    tg_hold_open(&h, file, &c->r.mem, &cli->err) < 0)
		return -1;
	rc = allowed(c, &need, &h);
	tg_hold_close(&h);
	if (rc < 0 || tg_hold_add(id, c->r.job->state, file, &cli->err) < 0 ||
	    again(c) < 0 || (signs && sign(c, id, false) < 0))
		return -1;
	if (tg_holds_by_id(&c->holds, id)->state == TG_HOLD_DRAFT)
		tg_cli_next(cli, "tracegate hold add %s --key FILE, by %s",
		    file, need.n > 0 ? need.role[0] : "?");
	return show_id(c, id);
}

static int
act(struct ctx *c, int *status)
{
	const struct tg_args *a = &c->r.cli->args;
	const char *what = a->n_rest > 0 ? a->rest[0] : "";
	const char *on = a->n_rest == 2 ? a->rest[1] : NULL;

	if (strcmp(what, "list") == 0 && a->n_rest == 1)
		return list(c, status);
	if (strcmp(what, "add") == 0 && on != NULL)
		return add(c, on);
	if (strcmp(what, "show") == 0 && on != NULL)
		return open_holds(c, false) < 0 ? -1 : show_id(c, on);
	if (strcmp(what, "release") == 0 && on != NULL)
		return open_holds(c, true) < 0 || sign(c, on, true) < 0
		    ? -1
		    : show_id(c, on);
	return tg_fail(&c->r.cli->err, TG_E_USAGE,
	    "hold list, add FILE, show ID or release ID expected");
}

static int
run(struct tg_cli *cli)
{
	struct ctx c = {.holds = {.n = 0}};
	int status = 0;

	cli->result = tg_json_array();
	tg_cli_register_init(&c.r, cli);
	if (act(&c, &status) < 0)
		status = tg_cli_failed(cli);
	tg_holds_free(&c.holds);
	tg_cli_register_deinit(&c.r);
	return status;
}

const struct tg_cmd tg_cmd_hold = {
    .name = "hold",
    .group = "Account for",
    .summary = "legal holds: what may not be deleted yet",
    .synopsis = "list [--due] | show ID | add FILE [--key FILE] | release ID "
		"--key FILE",
    .description = description,
    .opts = opts,
    .exits = "0 done; 1 list --due: one is overdue; or you may not sign; 2 no "
	     "such hold; 3 not a record, or longer than the policy lets; 5 a "
	     "record was changed or is gone; 10 key or passphrase.",
    .examples = examples,
    .run = run,
};
