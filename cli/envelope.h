/*
 * envelope.h - the answer of --json: one document {"schema", "tool", "ok",
 * "exit_code", "result", "notes", "next"}, whatever became of the verb.
 *
 * With --json=lines it is the members of the result, one a line, without the
 * rest; notes and errors stand on standard error then.  A verb that gives its
 * lines while it works (tg_cmd.streams) writes them itself.
 */
#ifndef TG_CLI_ENVELOPE_H
#define TG_CLI_ENVELOPE_H

#include "base/attr.h"
#include "cli/cmd.h"

/* Whether @argv asks for --json, also where it cannot be parsed. */
void tg_envelope_asked(struct tg_cli *cli, int argc, char *const *argv);
/* The same by the parsed options; TG_E_USAGE: --json=other. */
int tg_envelope_options(struct tg_cli *cli) TG_MUST_CHECK;
/* Prints; the exit status: an answer that cannot be given is no success. */
int tg_envelope_print(struct tg_cli *cli, int status) TG_MUST_CHECK;

#endif
