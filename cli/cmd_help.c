#include "cli/cmd.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    {"man", 0, NULL, "print the man page's source (mdoc)"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Without a word: the verbs.  With a verb: its help.  With a topic: "
    "exit-codes, environment, files, states or json.",
    NULL,
};

static const struct tg_example examples[] = {
    {"the exit codes", "tracegate help exit-codes"},
    {NULL, NULL},
};

static int
run(struct tg_cli *cli)
{
	const bool man = tg_args_given(&cli->args, "man");
	const char *word;
	const struct tg_cmd *cmd;

	if (cli->args.n_rest == 0) {
		if (man)
			tg_help_man_top(stdout);
		else
			tg_help_top(stdout);
		return 0;
	}
	word = cli->args.rest[0];
	cmd = tg_cmd_find(word);
	if (cmd != NULL && man)
		tg_help_man(stdout, cmd);
	else if (cmd != NULL)
		tg_help_cmd(stdout, cmd);
	else if (!tg_help_topic(stdout, word)) {
		(void)tg_fail(
		    &cli->err, TG_E_USAGE, "no verb and no topic '%s'", word);
		return tg_cli_failed(cli);
	}
	return 0;
}

const struct tg_cmd tg_cmd_help = {
    .name = "help",
    .group = "Account for",
    .summary = "help for a verb or a topic",
    .synopsis = "[VERB | TOPIC]",
    .description = description,
    .opts = opts,
    .exits = "0 shown; 2 no such verb or topic.",
    .examples = examples,
    .run = run,
};
