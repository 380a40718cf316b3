/* policy_ask.h - policy diff, explain and schema: questions about policies. */
#ifndef TG_CLI_POLICY_ASK_H
#define TG_CLI_POLICY_ASK_H

#include "cli/cmd.h"
#include "policies/policy.h"

/* Each prints its answer or puts it into cli->result.  *no: the answer is no
 * (they differ); -1 with cli->err. */
int tg_ask_diff(struct tg_cli *cli, const struct tg_policy_src *src, bool *no)
    TG_MUST_CHECK;
int tg_ask_explain(struct tg_cli *cli, const struct tg_policy_src *src)
    TG_MUST_CHECK;
int tg_ask_schema(struct tg_cli *cli) TG_MUST_CHECK;

#endif
