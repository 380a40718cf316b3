#include "cli/pack_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/yaml.h"
#include "pipeline/ruleset.h"
#include "redactors/pack_lint.h"
#include "redactors/redactor.h"
#include "base/banned.h"

#define LEAF_MAX 96

bool
tg_pack_is(const char *path)
{
	struct tg_yaml *y = NULL;
	const struct tg_ynode *root;
	bool is = false;

	if (tg_yaml_load(&y, path, NULL) < 0)
		return false;
	root = tg_yaml_root(y);
	if (root != NULL && root->kind == TG_Y_MAP)
		is = tg_ynode_get(root, "schema") == NULL &&
		    (tg_ynode_get(root, "pack") != NULL ||
			tg_ynode_get(root, "rules") != NULL);
	tg_yaml_free(y);
	return is;
}

struct check {
	struct tg_cli *cli;
	struct tg_pack_checked *out;
	const char *path;
	const struct tg_rules *rules;
};

static void
complain(void *ctx, bool fatal, const char *text)
{
	struct check *c = ctx;

	c->out->errors += fatal;
	c->out->warnings += !fatal;
	tg_cli_note(c->cli, "%s", text);
}

/* Actions after which the data still tells of a person: WP29 opinion 05/2014
 * and CNIL, as policy-and-evidence.md 1.4 has them. */
static bool
leaves_traces(const char *action)
{
	return strcmp(action, "keep") == 0 ||
	    strcmp(action, "pseudonymise") == 0;
}

/* The action that a region's policy has for @type, where it forbids it. */
static void
operator_of(struct check *c, const struct tg_policy *p, const char *region,
    const struct tg_rule_info *rule)
{
	char path[LEAF_MAX];
	const struct tg_leaf *level = tg_policy_find(p, "/anonymisation/level");
	const struct tg_leaf *action;

	(void)snprintf(
	    path, sizeof(path), "/redaction/detectors/%s/action", rule->type);
	action = tg_policy_find(p, path);
	if (action == NULL || level == NULL ||
	    strcmp(level->text, "anonymised_tested") != 0 ||
	    strcmp(rule->category, "business") == 0 ||
	    !leaves_traces(action->text))
		return;
	c->out->errors++;
	tg_cli_note(c->cli,
	    "%s:%u:1: OPERATOR: rule '%s': %s forbids '%s' for %s (%s:%u): "
	    "anonymisation is required (%s:%u)",
	    rule->pack, rule->line, rule->id, region, action->text, rule->type,
	    action->file, action->line, level->file, level->line);
}

static int
operators_in(
    struct check *c, const struct tg_policy_src *src, const char *region)
{
	struct tg_policy_src one = *src;
	struct tg_policy *p = NULL;

	one.region = &region;
	one.n_region = 1;
	if (tg_policy_compile(&p, &one, &c->cli->err) < 0)
		return -1;
	for (size_t i = 0; i < tg_rules_count(c->rules); i++) {
		const struct tg_rule_info *rule =
		    tg_rules_info(c->rules, (uint16_t)i);

		if (strcmp(rule->pack, c->path) == 0)
			operator_of(c, p, region, rule);
	}
	tg_policy_free(p);
	return 0;
}

static int
operators(struct check *c, const struct tg_policy_src *src)
{
	struct tg_fs_names names;
	int rc = 0;

	for (size_t i = 0; i < src->n_region; i++)
		if (operators_in(c, src, src->region[i]) < 0)
			return -1;
	if (src->n_region > 0)
		return 0;
	if (tg_fs_list(&names, src->region_dir, false, &c->cli->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		char *dir = tg_fs_join(src->region_dir, names.name[i]);

		if (dir != NULL && tg_fs_is_dir(dir))
			rc = operators_in(c, src, names.name[i]);
		free(dir);
	}
	tg_fs_names_free(&names);
	return rc;
}

static void
count_rules(struct check *c)
{
	for (size_t i = 0; i < tg_rules_pack_count(c->rules); i++) {
		const char *sha;
		size_t n;
		const char *path = tg_rules_pack(c->rules, i, &sha, &n);

		if (strcmp(path, c->path) == 0)
			c->out->rules = n;
	}
}

int
tg_pack_check(struct tg_pack_checked *out, struct tg_cli *cli, const char *path,
    const struct tg_policy_src *src)
{
	struct check c = {.cli = cli, .out = out, .path = path};
	struct tg_complaints all = {complain, &c, 0};
	struct tg_rules *rules = NULL;
	int rc;

	*out = (struct tg_pack_checked){0};
	if (tg_ruleset_check(&rules, cli->data_dir, src->region, src->n_region,
		path, &all, &cli->err) < 0)
		return cli->err.cls == TG_E_CONFIG && all.n > 0
		    ? tg_fail_in(&cli->err, "%s", path)
		    : -1;
	c.rules = rules;
	count_rules(&c);
	(void)tg_rules_lint(rules, path, complain, &c);
	rc = operators(&c, src);
	tg_rules_free(rules);
	if (rc == 0 && out->errors > 0)
		rc = tg_fail(&cli->err, TG_E_CONFIG, "%s: %zu %s", path,
		    out->errors, out->errors == 1 ? "error" : "errors");
	return rc;
}
