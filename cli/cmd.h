/*
 * cmd.h - what a verb is: one row of cmds.def, one file, one table of options
 * from which the parser, --help and the man page come.
 */
#ifndef TG_CLI_CMD_H
#define TG_CLI_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/env.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/opt.h"
#include "report/strings.h"

struct tg_cli {
	struct tg_env env;
	const struct tg_cmd *cmd;
	struct tg_args args;
	struct tg_err err;
	bool json;	   /* the answer is cli->result, at the end: no text */
	bool json_lines;   /* --json=lines */
	enum tg_lang lang; /* --lang, for the verbs that have it */
	bool quiet, verbose;
	bool no_input;	    /* never ask */
	bool tty_err;	    /* stderr is a terminal: progress lines */
	char *data_dir;	    /* holds policies/, regions/, redactors/ */
	const char *answer; /* the document of --json goes here, or NULL */
	struct tg_json *result, *notes, *next; /* of the JSON answer */
};

struct tg_example {
	const char *text, *command;
};

struct tg_cmd {
	const char *name;  /* "run" */
	const char *group; /* heading in the help */
	const char *summary;
	const char *synopsis; /* after "tracegate run": what usage.h holds */
	const char *const *description; /* paragraphs, NULL-terminated */
	const struct tg_opt *opts;	/* name NULL ends */
	const char *exits; /* "0 done; 4 waiting for a decision; …" */
	const struct tg_example *examples; /* text NULL ends */
	bool
	    streams; /* writes the lines of --json=lines itself, as they come */
	/* The exit status; on failure cli->err is set and its class decides. */
	int (*run)(struct tg_cli *cli);
};

#define TG_CMD(id) extern const struct tg_cmd tg_cmd_##id;
#include "cli/cmds.def"
#undef TG_CMD

size_t tg_cmd_count(void);
const struct tg_cmd *tg_cmd_at(size_t i);
const struct tg_cmd *tg_cmd_find(const char *name);

/* The status of cli->err; prints nothing. */
int tg_cli_failed(const struct tg_cli *cli);
/* A line of the answer's notes or next steps; to stderr as text, into the
 * document with --json. */
void tg_cli_note(struct tg_cli *cli, const char *fmt, ...) TG_PRINTF(2, 3);
void tg_cli_next(struct tg_cli *cli, const char *fmt, ...) TG_PRINTF(2, 3);
/* The help of @cmd, or (NULL) of the program, as text or as the result; the
 * exit status. */
int tg_cli_help(struct tg_cli *cli, const struct tg_cmd *cmd);
/* data_dir/@tail in a new string, NULL: memory. */
char *tg_cli_data(const struct tg_cli *cli, const char *tail) TG_MUST_CHECK;

/* help.c */
void tg_help_top(FILE *out);
void tg_help_cmd(FILE *out, const struct tg_cmd *cmd);
/* The same for programs: the verbs with group and summary; of a verb its
 * synopsis, options, exits, examples.  NULL: memory. */
struct tg_json *tg_help_top_json(void) TG_MUST_CHECK;
struct tg_json *tg_help_cmd_json(const struct tg_cmd *cmd) TG_MUST_CHECK;
/* NULL: there is no such topic. */
const char *tg_help_topic(const char *topic);
void tg_help_man(FILE *out, const struct tg_cmd *cmd);
void tg_help_man_top(FILE *out);

#endif
