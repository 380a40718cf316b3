#include <string.h>

#include <stdlib.h>

#include "base/fs.h"
#include "cli/common.h"
#include "cli/pack_check.h"
#include "cli/policy_ask.h"
#include "cli/policy_exception.h"
#include "cli/policy_names.h"
#include "cli/policy_test.h"
#include "pipeline/ruleset.h"
#include "policies/check.h"
#include "policies/lint.h"
#include "policies/show.h"
#include "redactors/redactor.h"
#include "regions/wording.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    {"region", 0, "LIST", "regions; several: the strictest of each"},
    {"policy", 'p', "FILE", "a project policy over them"},
    {"pack", 0, "FILE", "check: a rule pack, beside those of the regions"},
    {"strict", 0, NULL, "check: a warning is an error"},
    {"scope-config", 0, "FILE",
	"the four settings of a Gemma Scope wrapper; they only tighten"},
    {"date", 0, "DATE", "for review and reference dates (default: today)"},
    {"fail-on", 0, "WAY",
	"diff: 'looser' lets a policy pass that is only tighter"},
    {"replay", 0, "RUN",
	"diff: what NEW would have decided of a run that was made"},
    {"lang", 0, "LANG", "diff, explain: words in en (default) or fr"},
    {"coverage", 0, NULL,
	"test: each leaf, loosened one step, must fail a case"},
    {"kind", 0, "KIND",
	"names: what the file is: insee-given, census-surnames, ssa-given, "
	"ons-given"},
    {"min", 0, "N", "names: bearers that a name needs (default: by kind)"},
    {"output", 'o', "FILE", "names: write here, FILE.tgd"},
    TG_OPT_JOB,
    {"key", 0, "FILE", "exception: the secret key of who signs"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "check FILE...: whether policy files (floor, region, project, reference, "
    "controls) are valid, and whether one over another only tightens.  Without "
    "files: all that is shipped, with the rules of every region.",
    "A rule pack (version, pack, rules) is known by its content, or named with "
    "--pack.  It is loaded beside those of the regions, as scan --pack does: "
    "every error in it is told with file, line and column, and what is valid "
    "but costs: rules without a prefilter, alternatives that are never taken.",
    "show: the effective policy of a region, each leaf with its value, the "
    "file and line that won, and where the number comes from (seed, law or "
    "choice).",
    "diff OLD NEW: what changed, leaf by leaf, and whether it is tighter or "
    "looser.  Each is a region (or several: uk,fr), a project policy FILE over "
    "--region, or a folder with other policies/ and regions/.  What is not "
    "provably tighter counts as looser.",
    "diff --replay RUN: besides, what NEW would have decided of a run of the "
    "job (-c) that was made by OLD: which records would leave that did not, or "
    "not leave that did, with the reason; what would be done to findings; "
    "what would stop the run; who must approve.  From what the run has kept "
    "of its records: nothing is read or looked at again, and where that is "
    "not enough it says so.  With --fail-on looser, a record that would leave, "
    "or may, and did not, counts.",
    "explain NAME: a leaf by its path, the head of it or one segment "
    "(/limits, k_min, EMAIL): what it may be, which file says what, and the "
    "duty behind it; or a reason code (RET-EXPIRED): who says it, in words, "
    "the leaf that decides, the controls.",
    "test [FILE...]: runs the cases of *.test.yaml files (without: those of "
    "every region): what the policy says of a job, with the exact reason "
    "codes, "
    "and floors that it must not fall below.",
    "schema: JSON Schema (draft-07) of a policy file, for editors.",
    "names FILE: an official file of names as a dictionary for the folder "
    "names/ of a region, read with the lists that are there.  Kinds: "
    "insee-given (INSEE, nat*.csv), census-surnames (US Census Bureau, "
    "Names_2010Census.csv), ssa-given (US Social Security Administration, "
    "yobXXXX.txt), ons-given (ONS baby names as CSV).  The same file gives the "
    "same bytes; the dictionary holds the digest of the file, and fingerprints "
    "in place of the names.",
    "exception: the only way to loosen a leaf, and only where the job names "
    "it. "
    " add FILE puts a record into the job's register (its form is in "
    "policies/README.md); approve ID signs it, by persons who neither asked "
    "for it nor prepare the export, as many as /exceptions/distinct_persons "
    "wants; revoke ID ends it, also for a bundle that is not sent yet; list "
    "shows state, signatures and uses.  It holds for at most "
    "/exceptions/max_days.  Lists of denied destinations, raw samples in "
    "documents, hashes without a key, the French NIR, encryption, signatures "
    "and approval by two persons are never excepted.",
    NULL,
};

static const struct tg_example examples[] = {
    {"all shipped files", "tracegate policy check"},
    {"rules of your own", "tracegate policy check my-rules.yaml"},
    {"what decides in France", "tracegate policy show --region fr"},
    {"may this change go in?",
	"tracegate policy diff --region uk --fail-on looser approved/ ."},
    {"and what would it have let through last night?",
	"tracegate policy diff --region uk --replay latest approved/ ."},
    {"why 1,000 tokens?",
	"tracegate policy explain --region uk max_tokens_per_trace"},
    {"the given names of INSEE",
	"tracegate policy names --kind insee-given nat2021.csv "
	"-o regions/fr/names/insee.tgd"},
    {"an exception, signed by one of those who must",
	"tracegate policy exception approve EXC-2026-001 --key dpo.key"},
    {NULL, NULL},
};

#define LINES_MAX (8u << 20)
#define PACKS_MEMORY (1u << 18)

struct ctx {
	struct tg_cli *cli;
	char *policies, *regions;
	const char *region[TG_RULESET_REGIONS];
	size_t n_region;
	char *hold;
	size_t examined, warnings, fatal;
	bool no; /* diff: they differ */
};

static struct tg_policy_src
source(const struct ctx *c)
{
	return (struct tg_policy_src){.policy_dir = c->policies,
	    .region_dir = c->regions,
	    .region = c->region,
	    .n_region = c->n_region,
	    .project = tg_args_value(&c->cli->args, "policy"),
	    .scope_config = tg_args_value(&c->cli->args, "scope-config")};
}

static void
warn(void *ctx, const struct tg_policy_warning *w)
{
	struct ctx *c = ctx;

	c->warnings++;
	c->fatal += w->fatal;
	tg_cli_note(
	    c->cli, "%s:%u: %s: %s", w->file, w->line, w->code, w->text);
}

/* One thing that holds, of the JSON answer. */
static int
holds(struct ctx *c, const char *name, const char *kind, size_t examined)
{
	struct tg_json *o;
	int bad = 0;

	c->examined += examined;
	if (!c->cli->json)
		return 0;
	if (c->cli->result == NULL)
		c->cli->result = tg_json_array();
	o = tg_json_object();
	bad |= tg_json_set_str(o, "name", name);
	bad |= tg_json_set_str(o, "kind", kind);
	bad |= tg_json_set_int(o, "examined", (int64_t)examined);
	bad |= tg_json_push(c->cli->result, o);
	return bad ? tg_fail_memory(&c->cli->err) : 0;
}

static int
one_pack(struct ctx *c, const char *path, const struct tg_policy_src *src)
{
	struct tg_pack_checked done;

	if (tg_pack_check(&done, c->cli, path, src) < 0)
		return -1;
	c->warnings += done.warnings;
	if (!c->cli->json)
		(void)printf("ok  %s  rule pack, %zu rules, %zu warnings\n",
		    path, done.rules, done.warnings);
	return holds(c, path, "rule pack", done.rules);
}

static int
one_file(struct ctx *c, const char *path, const struct tg_policy_src *src)
{
	struct tg_policy_checked done;

	if (tg_pack_is(path))
		return one_pack(c, path, src);
	if (tg_policy_check_file(&done, path, src, &c->cli->err) < 0)
		return -1;
	if (!c->cli->json)
		(void)printf("ok  %s  %s, %zu examined%s\n", path, done.kind,
		    done.n, done.merged ? ", only tightens" : "");
	return holds(c, path, done.kind, done.n);
}

/* The words that a region's folder brings; it need not bring any. */
static int
one_wording(struct ctx *c, const char *code)
{
	char *home = tg_fs_join(c->regions, code);
	char *path = home == NULL ? NULL : tg_fs_join(home, "wording.yaml");
	struct tg_wording w;
	int rc = 0;

	if (path == NULL)
		rc = tg_fail_memory(&c->cli->err);
	else if (tg_fs_exists(path)) {
		rc = tg_wording_load(&w, path, &c->cli->err);
		if (rc == 0) {
			c->examined += w.sentences->n;
			tg_wording_free(&w);
		}
	}
	free(path);
	free(home);
	return rc;
}

/* Policy, dates, rules and words of one region, all together. */
static int
one_region(struct ctx *c, const char *code)
{
	struct tg_policy_src src = source(c);
	struct tg_policy *p = NULL;
	struct tg_rules *rules = NULL;
	const char *pack[TG_RULESET_PACKS];
	struct tg_arena mem;
	size_t n_pack;
	int64_t now;
	bool given;
	int rc = -1;

	tg_arena_init(&mem, PACKS_MEMORY);
	src.region = &code;
	src.n_region = 1;
	if (tg_cli_date(c->cli, &now, &given) < 0 ||
	    tg_policy_compile(&p, &src, &c->cli->err) < 0 ||
	    tg_ruleset_packs(
		pack, &n_pack, p, src.project, &mem, &c->cli->err) < 0 ||
	    tg_ruleset_load_more(&rules, c->cli->data_dir, &code, 1, pack,
		n_pack, &c->cli->err) < 0 ||
	    one_wording(c, code) < 0)
		goto out;
	(void)tg_policy_lint(p, now, warn, c);
	if (!c->cli->json)
		(void)printf("ok  %s  %zu leaves, %zu rules, sha256 %s\n", code,
		    tg_policy_count(p), tg_rules_count(rules),
		    tg_policy_sha256(p));
	rc = holds(
	    c, code, "region", tg_policy_count(p) + tg_rules_count(rules));
out:
	tg_arena_deinit(&mem);
	tg_rules_free(rules);
	tg_policy_free(p);
	return rc;
}

static int
every_region(struct ctx *c)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_fs_list(&names, c->regions, false, &c->cli->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		char *dir = tg_fs_join(c->regions, names.name[i]);

		if (dir != NULL && tg_fs_is_dir(dir))
			rc = one_region(c, names.name[i]);
		free(dir);
	}
	tg_fs_names_free(&names);
	return rc;
}

/* Packs, files, regions that were named; without any, every region. */
static int
check(struct ctx *c)
{
	const struct tg_args *a = &c->cli->args;
	const struct tg_policy_src src = source(c);
	const char *pack;
	size_t packs = 0;

	while ((pack = tg_args_nth(a, "pack", packs)) != NULL) {
		if (one_pack(c, pack, &src) < 0)
			return -1;
		packs++;
	}
	for (size_t i = 1; i < a->n_rest; i++)
		if (one_file(c, a->rest[i], &src) < 0)
			return -1;
	for (size_t i = 0; a->n_rest == 1 && i < c->n_region; i++)
		if (one_region(c, c->region[i]) < 0)
			return -1;
	if (a->n_rest == 1 && c->n_region == 0 && packs == 0 &&
	    every_region(c) < 0)
		return -1;
	return c->examined > 0
	    ? 0
	    : tg_fail(&c->cli->err, TG_E_CONFIG, "nothing was examined");
}

static int
show(struct ctx *c)
{
	const struct tg_policy_src src = source(c);
	struct tg_policy *p = NULL;
	struct tg_buf text;
	int rc = -1;

	if (c->n_region == 0)
		return tg_fail(&c->cli->err, TG_E_USAGE,
		    "show: --region uk (or fr, us, uk,fr) expected");
	tg_buf_init(&text, LINES_MAX);
	if (tg_policy_compile(&p, &src, &c->cli->err) < 0)
		goto out;
	if (c->cli->json)
		rc = tg_policy_show_json(&c->cli->result, p, &c->cli->err);
	else if (tg_policy_show_text(&text, p, &c->cli->err) == 0)
		rc = fwrite(text.p, 1, text.n, stdout) == text.n ? 0 : -1;
out:
	tg_buf_deinit(&text);
	tg_policy_free(p);
	return rc;
}

static int
act(struct ctx *c)
{
	const char *word = c->cli->args.n_rest > 0 ? c->cli->args.rest[0] : "";
	const struct tg_policy_src src = source(c);

	if (strcmp(word, "check") == 0)
		return check(c);
	if (strcmp(word, "show") == 0)
		return show(c);
	if (strcmp(word, "diff") == 0)
		return tg_ask_diff(c->cli, &src, &c->no);
	if (strcmp(word, "explain") == 0)
		return tg_ask_explain(c->cli, &src);
	if (strcmp(word, "test") == 0)
		return tg_policy_test(c->cli, &src, &c->no);
	if (strcmp(word, "schema") == 0)
		return tg_ask_schema(c->cli);
	if (strcmp(word, "names") == 0)
		return tg_policy_names(c->cli);
	if (strcmp(word, "exception") == 0)
		return tg_policy_exception(c->cli);
	return tg_fail(&c->cli->err, TG_E_USAGE,
	    "policy check, show, test, diff, explain, schema, names or "
	    "exception expected");
}

static int
run(struct tg_cli *cli)
{
	struct ctx c = {.cli = cli};
	const char *list = tg_args_value(&cli->args, "region");
	int status = 0;

	c.policies = tg_cli_data(cli, "policies");
	c.regions = tg_cli_data(cli, "regions");
	if (c.policies == NULL || c.regions == NULL)
		(void)tg_fail_memory(&cli->err);
	if (c.regions == NULL ||
	    (list != NULL &&
		tg_ruleset_regions(
		    list, &c.hold, c.region, &c.n_region, &cli->err) < 0) ||
	    act(&c) < 0)
		status = tg_cli_failed(cli);
	else if (c.fatal > 0 ||
	    (c.warnings > 0 && tg_args_given(&cli->args, "strict")))
		status = tg_err_exit(TG_E_CONFIG);
	else if (c.no)
		status = 1;
	free(c.hold);
	free(c.policies);
	free(c.regions);
	return status;
}

const struct tg_cmd tg_cmd_policy = {
    .name = "policy",
    .group = "Set up",
    .summary = "check, show, test, compare and explain policies",
    .synopsis =
	"check [FILE...] | show --region LIST | test [FILE...] | "
	"diff OLD NEW [--replay RUN] | explain NAME --region LIST | schema | "
	"names --kind KIND FILE -o OUT.tgd | "
	"exception add FILE | exception approve ID --key FILE | "
	"exception revoke ID --key FILE | exception list",
    .description = description,
    .opts = opts,
    .exits = "0 valid, or the same; 1 they differ, a test failed, or you may "
	     "not sign this; 3 invalid, a review "
	     "date has passed, or (--strict) a warning; 5 the log of "
	     "the run was changed; 10 key or passphrase.",
    .examples = examples,
    .run = run,
};
