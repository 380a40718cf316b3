/*
 * usage.h - what a verb takes, from its help: what the help does not say is
 * refused rather than passed over.
 *
 * The synopsis is alternatives between " | ".  The lower-case words that one
 * begins with are words of the verb ("exception add FILE"); what follows is
 * operands, as many as there are names, or any number with "..."; an option
 * there takes its value with it.  The help text of an option that only some
 * words take begins with them: "diff: ...", "new, trust: ...".
 */
#ifndef TG_CLI_USAGE_H
#define TG_CLI_USAGE_H

#include "base/attr.h"
#include "cli/cmd.h"

/*
 * tg_usage_check - cli->args against the help of cli->cmd; sets cli->lang.
 * TG_E_USAGE: an unknown word, a word too many, an option of another word, a
 * language that is not en or fr.
 */
int tg_usage_check(struct tg_cli *cli) TG_MUST_CHECK;

#endif
