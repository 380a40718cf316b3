/* policy_exception.h - policy exception add, approve, revoke, list. */
#ifndef TG_CLI_POLICY_EXCEPTION_H
#define TG_CLI_POLICY_EXCEPTION_H

#include "cli/cmd.h"

/* Prints its answer or puts it into cli->result; -1 with cli->err. */
int tg_policy_exception(struct tg_cli *cli) TG_MUST_CHECK;

#endif
