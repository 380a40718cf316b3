#include "cli/cmd.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    {"man", 0, NULL, "print the man page's source (mdoc)"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Without a word: the verbs.  With a verb: its help, which tells of all its "
    "words.  With a topic: "
    "exit-codes, environment, files, states or json.",
    NULL,
};

static const struct tg_example examples[] = {
    {"the exit codes", "tracegate help exit-codes"},
    {NULL, NULL},
};

static void
man(const struct tg_cmd *cmd)
{
	if (cmd == NULL)
		tg_help_man_top(stdout);
	else
		tg_help_man(stdout, cmd);
}

static int
topic(struct tg_cli *cli, const char *word)
{
	const char *text = tg_help_topic(word);

	if (text == NULL)
		return tg_fail(
		    &cli->err, TG_E_USAGE, "no verb and no topic '%s'", word);
	if (!cli->json) {
		(void)fputs(text, stdout);
		return 0;
	}
	cli->result = tg_json_object();
	if (tg_json_set_str(cli->result, "topic", word) < 0 ||
	    tg_json_set_str(cli->result, "text", text) < 0)
		return tg_fail_memory(&cli->err);
	return 0;
}

static int
run(struct tg_cli *cli)
{
	const char *word = cli->args.n_rest > 0 ? cli->args.rest[0] : NULL;
	const struct tg_cmd *cmd = word == NULL ? NULL : tg_cmd_find(word);

	if (word != NULL && cmd == NULL)
		return topic(cli, word) < 0 ? tg_cli_failed(cli) : 0;
	if (!tg_args_given(&cli->args, "man"))
		return tg_cli_help(cli, cmd);
	if (cli->json) {
		(void)tg_fail(
		    &cli->err, TG_E_USAGE, "--man or --json, not both of them");
		return tg_cli_failed(cli);
	}
	man(cmd);
	return 0;
}

const struct tg_cmd tg_cmd_help = {
    .name = "help",
    .group = "Account for",
    .summary = "help for a verb or a topic",
    .synopsis = "[VERB [WORD...] | TOPIC]",
    .description = description,
    .opts = opts,
    .exits = "0 shown; 2 no such verb or topic.",
    .examples = examples,
    .run = run,
};
