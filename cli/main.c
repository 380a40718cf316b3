/* main.c - the verb by its table, the answer on stdout, the rest on stderr, the
 * exit status of the contract. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "base/yaml.h"
#include "cli/cmd.h"
#include "cli/envelope.h"
#include "cli/usage.h"
#include "cli/version.h"
#include "pipeline/manifest.h"
#include "base/banned.h"

#define TG_CMD(id) &tg_cmd_##id,
static const struct tg_cmd *const cmds[] = {
#include "cli/cmds.def"
};
#undef TG_CMD

#define EXE_MAX 4096

size_t
tg_cmd_count(void)
{
	return TG_COUNT(cmds);
}

const struct tg_cmd *
tg_cmd_at(size_t i)
{
	return i < TG_COUNT(cmds) ? cmds[i] : NULL;
}

const struct tg_cmd *
tg_cmd_find(const char *name)
{
	for (size_t i = 0; i < TG_COUNT(cmds); i++)
		if (strcmp(cmds[i]->name, name) == 0)
			return cmds[i];
	return NULL;
}

int
tg_cli_failed(const struct tg_cli *cli)
{
	const int status = tg_err_exit(cli->err.cls);

	return status == 0 ? tg_err_exit(TG_E_BUG) : status;
}

int
tg_cli_help(struct tg_cli *cli, const struct tg_cmd *cmd)
{
	if (cli->json) {
		cli->result =
		    cmd == NULL ? tg_help_top_json() : tg_help_cmd_json(cmd);
		if (cli->result != NULL)
			return 0;
		(void)tg_fail_memory(&cli->err);
		return tg_cli_failed(cli);
	}
	if (cmd == NULL)
		tg_help_top(stdout);
	else
		tg_help_cmd(stdout, cmd);
	return 0;
}

char *
tg_cli_data(const struct tg_cli *cli, const char *tail)
{
	return tg_fs_join(cli->data_dir, tail);
}

/* The folder @up levels above the program, when it holds our data. */
static char *
beside_program(const char *tail, unsigned up)
{
	char exe[EXE_MAX], *dir, *probe;
	const ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	for (unsigned i = 0; i <= up; i++) {
		char *slash = strrchr(exe, '/');

		if (slash == NULL)
			return NULL;
		*slash = '\0';
	}
	dir = tail == NULL ? strdup(exe) : tg_fs_join(exe, tail);
	probe = dir == NULL ? NULL : tg_fs_join(dir, "policies/base.yaml");
	if (probe == NULL || !tg_fs_exists(probe)) {
		free(dir);
		dir = NULL;
	}
	free(probe);
	return dir;
}

/* --data-dir, $TRACEGATE_DATA_DIR, the source tree of build/<mode>/, the
 * prefix's share/tracegate, /usr/share/tracegate. */
static char *
find_data(const struct tg_cli *cli)
{
	const char *given = tg_args_value(&cli->args, "data-dir");
	char *dir;

	if (given == NULL)
		given = cli->env.get(cli->env.ctx, "TRACEGATE_DATA_DIR");
	if (given != NULL)
		return strdup(given);
	dir = beside_program(NULL, 2);
	if (dir == NULL)
		dir = beside_program("share/tracegate", 1);
	return dir == NULL ? strdup("/usr/share/tracegate") : dir;
}

/* Secrets and trace text stay out of core dumps and of others' reach. */
static void
lock_down(void)
{
	const struct rlimit none = {0, 0};

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void
print_error(const struct tg_cli *cli)
{
	if (cli->err.cls == TG_E_NONE)
		return;
	(void)fprintf(stderr, "tracegate: %s\n", cli->err.text);
	if (cli->err.hint[0] != '\0')
		(void)fprintf(stderr, "  %s\n", cli->err.hint);
}

static int
version(struct tg_cli *cli)
{
	if (!cli->json) {
		tg_version_print(stdout);
		return 0;
	}
	cli->result = tg_version_json();
	if (cli->result == NULL)
		(void)tg_fail_memory(&cli->err);
	return cli->result == NULL ? tg_cli_failed(cli) : 0;
}

static int
run(struct tg_cli *cli)
{
	if (tg_envelope_options(cli) < 0)
		return tg_cli_failed(cli);
	cli->quiet = tg_args_given(&cli->args, "quiet");
	cli->verbose = tg_args_given(&cli->args, "verbose");
	cli->no_input = tg_args_given(&cli->args, "no-input");
	if (tg_args_given(&cli->args, "version"))
		return version(cli);
	if (tg_args_given(&cli->args, "help"))
		return tg_cli_help(cli, cli->cmd);
	if (tg_usage_check(cli) < 0)
		return tg_cli_failed(cli);
	cli->data_dir = find_data(cli);
	if (cli->data_dir == NULL) {
		(void)tg_fail_memory(&cli->err);
		return tg_cli_failed(cli);
	}
	return cli->cmd->run(cli);
}

static int
unknown_verb(struct tg_cli *cli, const char *word)
{
	const char *names[TG_COUNT(cmds) + 1] = {NULL};
	const char *near;

	for (size_t i = 0; i < TG_COUNT(cmds); i++)
		names[i] = cmds[i]->name;
	near = tg_nearest(tg_sv_of(word), names);
	(void)tg_fail(&cli->err, TG_E_USAGE, "unknown verb '%s'%s%s%s", word,
	    near == NULL ? "" : " (did you mean '", near == NULL ? "" : near,
	    near == NULL ? "" : "'?)");
	(void)tg_fail_hint(&cli->err, "tracegate help lists the verbs");
	return tg_cli_failed(cli);
}

static int
start(struct tg_cli *cli, int argc, char **argv)
{
	tg_envelope_asked(cli, argc, argv);
	if (argc < 2) {
		tg_help_top(stderr);
		return tg_err_exit(TG_E_USAGE);
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return tg_cli_help(cli, NULL);
	if (strcmp(argv[1], "--version") == 0)
		return version(cli);
	cli->cmd = tg_cmd_find(argv[1]);
	if (cli->cmd == NULL)
		return unknown_verb(cli, argv[1]);
	if (tg_args_parse(
		&cli->args, cli->cmd->opts, argc, argv, 2, &cli->err) < 0) {
		(void)tg_fail_hint(
		    &cli->err, "tracegate help %s", cli->cmd->name);
		return tg_cli_failed(cli);
	}
	return run(cli);
}

int
main(int argc, char **argv)
{
	static struct tg_cli cli;
	int status;

	lock_down();
	if (tg_crypt_init(&cli.err) < 0) {
		print_error(&cli);
		return tg_err_exit(TG_E_BUG);
	}
	cli.env = tg_env_system();
	cli.tty_err = isatty(STDERR_FILENO) == 1;
	cli.notes = tg_json_array();
	cli.next = tg_json_array();
	status = start(&cli, argc, argv);
	if (cli.json)
		status = tg_envelope_print(&cli, status);
	print_error(&cli);
	tg_json_free(cli.result);
	tg_json_free(cli.notes);
	tg_json_free(cli.next);
	free(cli.data_dir);
	if (fflush(stdout) != 0 && status == 0)
		status = tg_err_exit(TG_E_IO);
	return status;
}
