#include "cli/policy_ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "cli/policy_replay.h"
#include "pipeline/ruleset.h"
#include "policies/code.h"
#include "policies/diff.h"
#include "policies/origin.h"
#include "policies/jschema.h"

#include "report/terms.h"
#include "base/banned.h"

#define TEXT_MAX (8u << 20)

/* One side of a diff and what it holds on to. */
struct side {
	char *policies, *regions, *hold;
	const char *data, *project; /* borrowed; data NULL: ours */
	const char *region[TG_RULESET_REGIONS];
	size_t n_region;
	struct tg_policy *policy;
};

static void
side_free(struct side *s)
{
	tg_policy_free(s->policy);
	free(s->policies);
	free(s->regions);
	free(s->hold);
}

/* DIR: another set of policies/ and regions/; FILE: a project policy; else
 * regions. */
static int
side_open(struct side *s, const char *word, const struct tg_policy_src *src,
    struct tg_err *err)
{
	struct tg_policy_src one = *src;

	if (tg_fs_is_dir(word)) {
		s->policies = tg_fs_join(word, "policies");
		s->regions = tg_fs_join(word, "regions");
		if (s->policies == NULL || s->regions == NULL)
			return tg_fail_memory(err);
		s->data = word;
		one.policy_dir = s->policies;
		one.region_dir = s->regions;
	} else if (tg_fs_exists(word)) {
		one.project = word;
	} else {
		if (tg_ruleset_regions(
			word, &s->hold, s->region, &s->n_region, err) < 0)
			return -1;
		one.region = s->region;
		one.n_region = s->n_region;
	}
	s->project = one.project;
	return tg_policy_compile(&s->policy, &one, err);
}

static int
diff_print(struct tg_cli *cli, const struct side *s, struct tg_diff_count *n,
    struct tg_json **list)
{
	struct tg_buf text;
	int rc = -1;

	if (cli->json)
		return tg_diff_json(
		    list, n, s[0].policy, s[1].policy, &cli->err);
	tg_buf_init(&text, TEXT_MAX);
	if (tg_diff_text(&text, n, s[0].policy, s[1].policy, &cli->err) == 0) {
		rc = 0;
		(void)fwrite(text.p, 1, text.n, stdout);
		(void)printf("%zu leaves compared: %zu tighter, %zu looser, "
			     "%zu changed and neither\n",
		    n->examined, n->way[TG_DIFF_TIGHTER],
		    n->way[TG_DIFF_LOOSER], n->way[TG_DIFF_APART]);
	}
	tg_buf_deinit(&text);
	return rc;
}

static int
diff_replay(struct tg_cli *cli, const struct side *s, struct tg_json **out)
{
	const char *run = tg_args_value(&cli->args, "replay");

	if (run == NULL)
		return 0;
	return tg_policy_replay(out, cli, run, s[0].policy, s[1].policy,
	    s[1].data == NULL ? cli->data_dir : s[1].data, s[1].project);
}

/* With a replay both are one answer: {"leaves","replay"}. */
static int
diff_answer(
    struct tg_cli *cli, struct tg_json *take_list, struct tg_json *take_replay)
{
	if (take_list != NULL && take_replay != NULL) {
		int bad;

		cli->result = tg_json_object();
		bad = tg_json_set(cli->result, "leaves", take_list) |
		    tg_json_set(cli->result, "replay", take_replay);
		return bad == 0 ? 0 : tg_fail_memory(&cli->err);
	}
	cli->result = take_list;
	tg_json_free(take_replay);
	return 0;
}

/* Whether a record is decided otherwise, or may be. */
static bool
other(const struct tg_json *replay)
{
	const struct tg_json *n = tg_json_get(replay, "records");

	return tg_json_get_int(n, "moved", 0) +
	    tg_json_get_int(n, "unknown", 0) >
	    0;
}

int
tg_ask_diff(struct tg_cli *cli, const struct tg_policy_src *src, bool *no)
{
	const char *fail_on = tg_args_value(&cli->args, "fail-on");
	struct tg_json *list = NULL, *replay = NULL;
	struct tg_diff_count n;
	struct side s[2] = {{.policy = NULL}, {.policy = NULL}};
	int rc = -1;

	if (cli->args.n_rest != 3)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "diff: two of region, policy file or folder expected");
	if (fail_on != NULL && strcmp(fail_on, "looser") != 0)
		return tg_fail(
		    &cli->err, TG_E_USAGE, "diff: --fail-on takes 'looser'");
	if (side_open(&s[0], cli->args.rest[1], src, &cli->err) < 0 ||
	    side_open(&s[1], cli->args.rest[2], src, &cli->err) < 0 ||
	    diff_print(cli, s, &n, &list) < 0 ||
	    diff_replay(cli, s, &replay) < 0)
		goto out;
	/* What is not provably tighter counts as looser. */
	*no = n.way[TG_DIFF_LOOSER] + n.way[TG_DIFF_APART] > 0 ||
	    tg_json_get_bool(replay, "looser", false) ||
	    (fail_on == NULL && (n.way[TG_DIFF_TIGHTER] > 0 || other(replay)));
	rc = diff_answer(cli, list, replay);
	list = replay = NULL;
out:
	tg_json_free(list);
	tg_json_free(replay);
	side_free(&s[0]);
	side_free(&s[1]);
	return rc;
}

/* A reason code under a policy: who says it, in words, the leaf that decides
 * and the controls behind it. */
static int
explain_code(struct tg_cli *cli, const struct tg_policy *p, const char *code,
    bool french)
{
	const struct tg_code *c = tg_code_find(code);
	const char *words = tg_term(french ? TG_FR : TG_EN, TG_T_REASON, code);
	struct tg_reason r = {.file = ""};
	const bool open = strstr(c->rule, "{") != NULL;
	int bad = 0;

	/* A rule with a place in it is a leaf only for a job. */
	if (!tg_code_reason(&r, p, code, ""))
		return tg_fail(&cli->err, TG_E_BUG, "no code '%.32s'", code);
	if (!cli->json) {
		(void)printf("%s  %s\nstage    %s\n", code, words, c->stage);
		if (c->rule[0] != '\0')
			(void)printf("rule     %s\n", c->rule);
		if (!open && r.line > 0)
			(void)printf("         %s:%u\n", r.file, r.line);
		if (r.controls[0] != '\0')
			(void)printf("control  %s\n", r.controls);
		return 0;
	}
	cli->result = tg_json_object();
	bad |= tg_json_set_str(cli->result, "code", code);
	bad |= tg_json_set_str(cli->result, "words", words);
	bad |= tg_json_set_str(cli->result, "stage", c->stage);
	bad |= tg_json_set_str(cli->result, "rule", c->rule);
	bad |= tg_json_set_str(cli->result, "file", open ? "" : r.file);
	bad |= tg_json_set_int(cli->result, "line", open ? 0 : r.line);
	bad |= tg_json_set_str(cli->result, "controls", r.controls);
	return bad != 0 ? tg_fail_memory(&cli->err) : 0;
}

int
tg_ask_explain(struct tg_cli *cli, const struct tg_policy_src *src)
{
	const bool french = cli->lang == TG_FR;
	struct tg_policy *p = NULL;
	struct tg_buf text;
	size_t n;
	int rc = -1;

	if (cli->args.n_rest != 2 || src->n_region == 0)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "explain: a leaf or a name of one, and --region expected");
	tg_buf_init(&text, TEXT_MAX);
	if (tg_policy_compile(&p, src, &cli->err) < 0)
		goto out;
	if (tg_code_find(cli->args.rest[1]) != NULL) {
		rc = explain_code(cli, p, cli->args.rest[1], french);
	} else if (cli->json) {
		rc = tg_origin_json(
		    &cli->result, &n, p, cli->args.rest[1], french, &cli->err);
	} else if (tg_origin_text(&text, &n, p, cli->args.rest[1], french,
		       &cli->err) == 0) {
		rc = 0;
		(void)fwrite(text.p, 1, text.n, stdout);
	}
out:
	tg_buf_deinit(&text);
	tg_policy_free(p);
	return rc;
}

int
tg_ask_schema(struct tg_cli *cli)
{
	struct tg_json *schema = NULL;
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, TEXT_MAX);
	if (tg_jschema(&schema, &cli->err) < 0 ||
	    tg_json_pretty(&text, schema, &cli->err) < 0)
		goto out;
	if (cli->json) {
		cli->result = schema;
		schema = NULL;
	} else {
		(void)fwrite(text.p, 1, text.n, stdout);
	}
	rc = 0;
out:
	tg_json_free(schema);
	tg_buf_deinit(&text);
	return rc;
}
