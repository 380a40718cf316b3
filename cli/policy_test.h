/* policy_test.h - policy test: the cases of *.test.yaml files. */
#ifndef TG_CLI_POLICY_TEST_H
#define TG_CLI_POLICY_TEST_H

#include "cli/cmd.h"
#include "policies/policy.h"

/* Runs the files of the command line, else those beside the policies of every
 * region.  *no: a case failed, there was none, or (--coverage) a leaf is
 * protected by none.  -1 with cli->err. */
int tg_policy_test(struct tg_cli *cli, const struct tg_policy_src *src,
    bool *no) TG_MUST_CHECK;

#endif
