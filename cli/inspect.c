#include "cli/inspect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/ruleset.h"
#include "base/banned.h"

#define PACKS_MEMORY (1u << 18)

static int
attributes(struct tg_look *l, struct tg_cli *cli)
{
	char *path = tg_cli_data(cli, TG_ATTRIBUTES_FILE);
	int rc;

	if (path == NULL)
		return tg_fail_memory(&cli->err);
	rc = tg_attributes_load(&l->attrs, path, &cli->err);
	free(path);
	return rc;
}

static int
policy(
    struct tg_look *l, struct tg_cli *cli, const char *const *region, size_t n)
{
	const char *project = tg_args_value(&cli->args, "policy");
	char *policies, *regions;
	int rc = -1;

	if (project == NULL)
		return 0;
	policies = tg_cli_data(cli, "policies");
	regions = tg_cli_data(cli, "regions");
	if (policies == NULL || regions == NULL) {
		(void)tg_fail_memory(&cli->err);
	} else {
		const struct tg_policy_src src = {.policy_dir = policies,
		    .region_dir = regions,
		    .region = region,
		    .n_region = n,
		    .project = project};

		rc = tg_policy_compile(&l->policy, &src, &cli->err);
	}
	free(policies);
	free(regions);
	return rc;
}

/* Packs of --pack, then those that the project's policy names. */
static int
packs(struct tg_look *l, struct tg_cli *cli, const char **pack, size_t *n,
    struct tg_arena *mem)
{
	const char *named[TG_RULESET_PACKS], *one;
	size_t k = 0;

	*n = 0;
	for (size_t i = 0; (one = tg_args_nth(&cli->args, "pack", i)) != NULL;
	     i++) {
		if (*n == TG_RULESET_PACKS)
			return tg_fail(&cli->err, TG_E_USAGE, "--pack: over %d",
			    TG_RULESET_PACKS);
		pack[(*n)++] = one;
	}
	if (l->policy != NULL &&
	    tg_ruleset_packs(named, &k, l->policy,
		tg_args_value(&cli->args, "policy"), mem, &cli->err) < 0)
		return -1;
	for (size_t i = 0; i < k; i++)
		pack[(*n)++] = named[i];
	return 0;
}

static int
rules(struct tg_look *l, struct tg_cli *cli)
{
	const char *text = tg_args_value(&cli->args, "region");
	const char *region[TG_RULESET_REGIONS], *pack[TG_RULESET_PACKS * 2];
	struct tg_arena mem;
	char *hold = NULL;
	size_t n, k;
	int rc = -1;

	if (tg_ruleset_regions(text == NULL ? "uk,fr,us" : text, &hold, region,
		&n, &cli->err) < 0)
		return -1;
	tg_arena_init(&mem, PACKS_MEMORY);
	if (policy(l, cli, region, n) == 0 &&
	    packs(l, cli, pack, &k, &mem) == 0)
		rc = tg_ruleset_load_more(
		    &l->rules, cli->data_dir, region, n, pack, k, &cli->err);
	tg_arena_deinit(&mem);
	free(hold);
	return rc;
}

/* The words of a job's source: attention, context. */
static int
attested(struct tg_cli *cli, const char *name, const char *yes, const char *no,
    bool *out)
{
	const char *word = tg_args_value(&cli->args, name);

	*out = word != NULL && strcmp(word, yes) == 0;
	if (word == NULL || *out || strcmp(word, no) == 0)
		return 0;
	return tg_fail(&cli->err, TG_E_USAGE, "--%s %s or %s, not %s", name,
	    yes, no, word);
}

/* What token ids spell, how the tensors were made, and what of them the policy
 * lets leave. */
static int
tensors(struct tg_look *l, struct tg_cli *cli)
{
	const char *path = tg_args_value(&cli->args, "tokenizer");

	if (l->policy != NULL &&
	    tg_settings_activations(&l->set, l->policy, &cli->err) < 0)
		return -1;
	if (path != NULL && tg_vocab_load(&l->vocab, path, NULL, &cli->err) < 0)
		return -1;
	l->pass.vocab = l->vocab;
	l->pass.texts = tg_args_value(&cli->args, "texts");
	if (attested(cli, "attention", "causal", "unknown", &l->pass.causal) <
	    0)
		return -1;
	return attested(
	    cli, "tensor-context", "whole", "window", &l->pass.whole);
}

static int
frame(struct tg_look *l, struct tg_cli *cli)
{
	const char *format = tg_args_value(&cli->args, "format");
	const bool lines = tg_args_given(&cli->args, "lines");

	l->intake.frame = TG_INPUT_JSON;
	if (format != NULL && strcmp(format, "text") == 0)
		l->intake.frame = lines ? TG_INPUT_TEXT_LINES : TG_INPUT_TEXT;
	else if (format != NULL && strcmp(format, "json") != 0)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--format json or text, not %s", format);
	else if (lines)
		return tg_fail(
		    &cli->err, TG_E_USAGE, "--lines goes with --format text");
	return 0;
}

int
tg_look_open(struct tg_look *l, struct tg_cli *cli, enum tg_mode mode)
{
	const char *key = tg_args_value(&cli->args, "pseudonym-key");
	uint8_t secret[TG_KEY_LEN];
	int month, day;

	*l = (struct tg_look){.ready = false};
	if (cli->args.n_rest == 0)
		return tg_fail(
		    &cli->err, TG_E_USAGE, "a file, a folder or - expected");
	l->counts = calloc(1, sizeof(*l->counts));
	if (l->counts == NULL)
		return tg_fail_memory(&cli->err);
	if (rules(l, cli) < 0 || attributes(l, cli) < 0)
		return -1;
	tg_settings_plain(&l->set, mode);
	cli->env.random(
	    cli->env.ctx, l->set.table_key, sizeof(l->set.table_key));
	if (key != NULL) {
		if (tg_settings_key_load(secret, key, &cli->err) < 0)
			return -1;
		tg_settings_key(&l->set, secret);
		tg_crypt_wipe(secret, sizeof(secret));
	}
	tg_time_civil(cli->env.now(cli->env.ctx), &l->set.year, &month, &day);
	if (tg_pass_init(&l->pass, &l->set, l->rules, l->attrs, l->counts,
		&cli->err) < 0)
		return -1;
	tg_intake_init(&l->intake, &l->pass);
	l->ready = true;
	l->intake.say = stderr;
	if (l->policy != NULL &&
	    (tg_settings_scanner(
		 l->pass.scanner, l->rules, l->policy, &cli->err) < 0 ||
		tg_settings_operators(
		    l->pass.ops, l->rules, l->policy, &cli->err) < 0 ||
		tg_settings_number(&l->set, l->policy, &cli->err) < 0 ||
		tg_settings_language(&l->set, l->policy, &cli->err) < 0))
		return -1;
	if (tensors(l, cli) < 0)
		return -1;
	return frame(l, cli);
}

void
tg_look_foreign(const struct tg_look *l, struct tg_cli *cli)
{
	if (l->counts->foreign > 0)
		tg_cli_note(cli,
		    "%llu texts in another language than English and French: "
		    "names and addresses in them are not known",
		    (unsigned long long)l->counts->foreign);
}

void
tg_look_close(struct tg_look *l)
{
	if (l->ready) {
		tg_intake_deinit(&l->intake);
		tg_pass_deinit(&l->pass);
	}
	tg_vocab_free(l->vocab);
	tg_policy_free(l->policy);
	tg_attributes_free(l->attrs);
	tg_rules_free(l->rules);
	free(l->counts);
}

static int
one(struct tg_look *l, struct tg_cli *cli, const char *path, unsigned index,
    int fd)
{
	struct tg_input in = {.path = path, .index = index};

	l->file = path;
	return tg_input_run(&l->intake, &in, fd, &cli->err);
}

int
tg_look_all(struct tg_look *l, struct tg_cli *cli)
{
	struct tg_input_list list;
	int rc = 0;

	if (cli->args.n_rest == 1 && strcmp(cli->args.rest[0], "-") == 0)
		return one(l, cli, "-", 0, STDIN_FILENO);
	if (tg_input_collect(
		&list, cli->args.rest, cli->args.n_rest, &cli->err) < 0)
		return -1;
	if (list.n == 0)
		rc = tg_fail(&cli->err, TG_E_INPUT,
		    "no file in there: nothing was examined");
	for (size_t i = 0; i < list.n && rc == 0; i++)
		rc = one(l, cli, list.path[i], (unsigned)i, -1);
	tg_input_list_free(&list);
	return rc;
}
