#include <string.h>

#include "cli/common.h"
#include "pipeline/verify.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    {"trust", 0, "FILE", "trust.yaml: whose signatures count"},
    {"exporter", 0, "KEY", "the exporter's public key (RW...)"},
    {"vkey", 0, "KEY", "the ledger's verifier key"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Checks a bundle, a ledger folder, an evidence folder, a decision or the "
    "record that a key was destroyed; which "
    "of them it is is told by its content.  A file too many fails as well as a "
    "changed or missing one.  Every check says how many things it examined; "
    "what could not be assessed is no pass.",
    NULL,
};

static const struct tg_example examples[] = {
    {"a received bundle",
	"tracegate verify --trust partners.yaml tg-uk-abcdefghij/"},
    {"a mirror of a ledger", "tracegate verify ledger/"},
    {NULL, NULL},
};

struct ctx {
	struct tg_cli *cli;
	const char *path;
};

static void
report(void *p, const struct tg_verify_check *c)
{
	static const char *const words[] = {"OK", "FAILED", "not assessed"};
	struct ctx *ctx = p;
	struct tg_json *o;
	int bad = 0;

	if (!ctx->cli->json) {
		if (!ctx->cli->quiet || c->result != TG_CHECK_OK)
			(void)printf("%-13s %-14s %s (%llu examined)\n",
			    words[c->result], c->name, c->text,
			    (unsigned long long)c->examined);
		return;
	}
	o = tg_json_object();
	bad |= tg_json_set_str(o, "path", ctx->path);
	bad |= tg_json_set_str(o, "check", c->name);
	bad |= tg_json_set_str(o, "result", words[c->result]);
	bad |= tg_json_set_int(o, "examined", (int64_t)c->examined);
	bad |= tg_json_set_str(o, "text", c->text);
	bad |= tg_json_push(ctx->cli->result, o);
	if (bad)
		(void)tg_fail_memory(&ctx->cli->err);
}

/* The worst class of all paths counts: 5 before 1. */
static int
all(struct tg_cli *cli, const struct tg_trust *trust)
{
	struct ctx ctx = {.cli = cli};
	const struct tg_verify_opts o = {.trust = trust,
	    .exporter = tg_args_value(&cli->args, "exporter"),
	    .vkey = tg_args_value(&cli->args, "vkey"),
	    .now = cli->env.now(cli->env.ctx),
	    .report = report,
	    .ctx = &ctx};
	int status = 0;

	for (size_t i = 0; i < cli->args.n_rest; i++) {
		struct tg_err err = {0};
		struct tg_verify_sum sum;
		int rc;

		ctx.path = cli->args.rest[i];
		rc = tg_verify_path(&sum, ctx.path, &o, &err);
		if (!cli->json)
			(void)printf("%s: %s: %u checks passed, %u not "
				     "assessed, %u failed\n",
			    ctx.path, tg_verify_kind_name(sum.kind), sum.ok,
			    sum.not_assessed, sum.failed);
		if (rc == 0)
			continue;
		if (status == 0 || err.cls == TG_E_INTEGRITY) {
			cli->err = err;
			status = tg_cli_failed(cli);
		}
	}
	return status;
}

static int
run(struct tg_cli *cli)
{
	const char *file = tg_args_value(&cli->args, "trust");
	struct tg_trust *trust = NULL;
	int status;

	cli->result = tg_json_array();
	if (cli->args.n_rest == 0) {
		(void)tg_fail(&cli->err, TG_E_USAGE,
		    "a bundle, ledger, evidence folder, decision or record "
		    "expected");
		return tg_cli_failed(cli);
	}
	if (file != NULL && tg_trust_load(&trust, file, &cli->err) < 0)
		return tg_cli_failed(cli);
	status = all(cli, trust);
	tg_trust_free(trust);
	return status;
}

const struct tg_cmd tg_cmd_verify = {
    .name = "verify",
    .group = "Account for",
    .summary = "check a bundle, ledger, evidence or decision",
    .synopsis = "[--trust FILE] PATH...",
    .description = description,
    .opts = opts,
    .exits = "0 every check passed; 1 none failed, but something was not "
	     "assessed; 5 a check failed.",
    .examples = examples,
    .run = run,
};
