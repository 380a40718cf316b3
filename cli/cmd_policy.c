#include <string.h>

#include <stdlib.h>

#include "base/fs.h"
#include "base/num.h"
#include "cli/common.h"
#include "pipeline/ruleset.h"
#include "policies/check.h"
#include "policies/lint.h"
#include "policies/show.h"
#include "redactors/dict_import.h"
#include "redactors/redactor.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    {"region", 0, "LIST", "regions; several: the strictest of each"},
    {"policy", 'p', "FILE", "a project policy over them"},
    {"scope-config", 0, "FILE",
	"the four settings of a Gemma Scope wrapper; they only tighten"},
    {"date", 0, "DATE", "for review and reference dates (default: today)"},
    {"kind", 0, "KIND",
	"of the file for names: insee-given, census-surnames, ssa-given, "
	"ons-given"},
    {"min", 0, "N", "names: bearers that a name needs (default: by kind)"},
    {"output", 'o', "FILE", "names: write here, FILE.tgd"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "check FILE...: whether policy files (floor, region, project, reference, "
    "controls) are valid, and whether one over another only tightens.  Without "
    "files: all that is shipped, with the rules of every region.",
    "show: the effective policy of a region, each leaf with its value, the "
    "file and line that won, and where the number comes from (seed, law or "
    "choice).",
    "names FILE: an official file of names as a dictionary for the folder "
    "names/ of a region, read with the lists that are there.  Kinds: "
    "insee-given (INSEE, nat*.csv), census-surnames (US Census Bureau, "
    "Names_2010Census.csv), ssa-given (US Social Security Administration, "
    "yobXXXX.txt), ons-given (ONS baby names as CSV).  The same file gives the "
    "same bytes; the dictionary holds the digest of the file, and fingerprints "
    "in place of the names.",
    NULL,
};

static const struct tg_example examples[] = {
    {"all shipped files", "tracegate policy check"},
    {"what decides in France", "tracegate policy show --region fr"},
    {"the given names of INSEE",
	"tracegate policy names --kind insee-given nat2021.csv "
	"-o regions/fr/names/insee.tgd"},
    {NULL, NULL},
};

#define LINES_MAX (8u << 20)

struct ctx {
	struct tg_cli *cli;
	char *policies, *regions;
	const char *region[TG_RULESET_REGIONS];
	size_t n_region;
	char *hold;
	size_t examined, warnings, fatal;
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

static int
one_file(struct ctx *c, const char *path, const struct tg_policy_src *src)
{
	struct tg_policy_checked done;

	if (tg_policy_check_file(&done, path, src, &c->cli->err) < 0)
		return -1;
	c->examined += done.n;
	if (!c->cli->json)
		(void)printf("ok  %s  %s, %zu examined%s\n", path, done.kind,
		    done.n, done.merged ? ", only tightens" : "");
	return 0;
}

/* Policy, dates and rules of one region, all together. */
static int
one_region(struct ctx *c, const char *code)
{
	struct tg_policy_src src = source(c);
	struct tg_policy *p = NULL;
	struct tg_rules *rules = NULL;
	int64_t now;
	bool given;
	int rc = -1;

	src.region = &code;
	src.n_region = 1;
	if (tg_cli_date(c->cli, &now, &given) < 0 ||
	    tg_policy_compile(&p, &src, &c->cli->err) < 0 ||
	    tg_ruleset_load(&rules, c->cli->data_dir, &code, 1, &c->cli->err) <
		0)
		goto out;
	(void)tg_policy_lint(p, now, warn, c);
	c->examined += tg_policy_count(p) + tg_rules_count(rules);
	if (!c->cli->json)
		(void)printf("ok  %s  %zu leaves, %zu rules, sha256 %s\n", code,
		    tg_policy_count(p), tg_rules_count(rules),
		    tg_policy_sha256(p));
	rc = 0;
out:
	tg_rules_free(rules);
	tg_policy_free(p);
	return rc;
}

static int
check(struct ctx *c)
{
	const struct tg_policy_src src = source(c);
	struct tg_fs_names names;
	int rc = 0;

	for (size_t i = 1; i < c->cli->args.n_rest; i++)
		if (one_file(c, c->cli->args.rest[i], &src) < 0)
			return -1;
	if (c->cli->args.n_rest == 1 && c->n_region > 0)
		for (size_t i = 0; i < c->n_region; i++)
			if (one_region(c, c->region[i]) < 0)
				return -1;
	if (c->cli->args.n_rest > 1 || c->n_region > 0)
		return 0;
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

/* What was done, as an answer. */
static int
names_done(struct ctx *c, const char *path, const struct tg_import *done)
{
	int bad = 0;

	if (!c->cli->json) {
		(void)printf("ok  %s  %zu names of %zu rows; %zu rows left "
			     "out, %zu names too rare\n",
		    path, done->words, done->rows, done->left, done->rare);
		return 0;
	}
	c->cli->result = tg_json_object();
	if (c->cli->result == NULL)
		return tg_fail_memory(&c->cli->err);
	bad |= tg_json_set_int(c->cli->result, "names", (int64_t)done->words);
	bad |= tg_json_set_int(c->cli->result, "rows", (int64_t)done->rows);
	bad |= tg_json_set_int(c->cli->result, "left_out", (int64_t)done->left);
	bad |= tg_json_set_int(c->cli->result, "rare", (int64_t)done->rare);
	return bad == 0 ? 0 : tg_fail_memory(&c->cli->err);
}

static bool
is_dictionary(const char *path)
{
	const size_t n = strlen(path), k = strlen(".tgd");

	return n > k && strcmp(path + n - k, ".tgd") == 0;
}

static int
names(struct ctx *c)
{
	const struct tg_args *a = &c->cli->args;
	const char *kind = tg_args_value(a, "kind");
	const char *path = tg_args_value(a, "output");
	const char *least = tg_args_value(a, "min");
	struct tg_err *err = &c->cli->err;
	struct tg_buf in, out;
	struct tg_import done;
	uint64_t min = 0;
	int rc = -1;

	if (a->n_rest != 2 || kind == NULL || path == NULL ||
	    !is_dictionary(path))
		return tg_fail(err, TG_E_USAGE,
		    "names: --kind KIND, one FILE and -o OUT.tgd expected");
	if (least != NULL &&
	    !tg_parse_u64(&min, tg_sv_of(least), 1, 1000000000))
		return tg_fail(err, TG_E_USAGE, "--min: 1 or more expected");
	tg_buf_init(&in, TG_IMPORT_MAX);
	tg_buf_init(&out, TG_DICT_FILE);
	if (tg_fs_slurp(&in, a->rest[1], NULL, err) == 0 &&
	    tg_dict_import(
		&out, &done, kind, min, tg_buf_sv(&in), a->rest[1], err) == 0 &&
	    tg_fs_write(path, tg_buf_sv(&out), 0644, TG_FS_OVERWRITE, err) == 0)
		rc = names_done(c, path, &done);
	tg_buf_deinit(&in);
	tg_buf_deinit(&out);
	return rc;
}

static int
act(struct ctx *c)
{
	const char *word = c->cli->args.n_rest > 0 ? c->cli->args.rest[0] : "";

	if (strcmp(word, "check") == 0)
		return check(c);
	if (strcmp(word, "show") == 0)
		return show(c);
	if (strcmp(word, "names") == 0)
		return names(c);
	return tg_fail(&c->cli->err, TG_E_USAGE,
	    "policy check, policy show or policy names expected");
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
	else if (c.fatal > 0)
		status = tg_err_exit(TG_E_CONFIG);
	free(c.hold);
	free(c.policies);
	free(c.regions);
	return status;
}

const struct tg_cmd tg_cmd_policy = {
    .name = "policy",
    .group = "Set up",
    .summary = "check and show policies; import names",
    .synopsis = "check [FILE...] | show --region LIST | "
		"names --kind KIND FILE -o OUT.tgd",
    .description = description,
    .opts = opts,
    .exits = "0 valid; 3 invalid, or a review date has passed.",
    .examples = examples,
    .run = run,
};
