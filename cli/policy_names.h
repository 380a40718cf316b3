/* policy_names.h - policy names: an official file of names as a dictionary. */
#ifndef TG_CLI_POLICY_NAMES_H
#define TG_CLI_POLICY_NAMES_H

#include "cli/cmd.h"

/* Writes the dictionary and says what it holds; -1 with cli->err. */
int tg_policy_names(struct tg_cli *cli) TG_MUST_CHECK;

#endif
