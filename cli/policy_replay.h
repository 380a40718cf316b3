/* policy_replay.h - policy diff --replay RUN. */
#ifndef TG_CLI_POLICY_REPLAY_H
#define TG_CLI_POLICY_REPLAY_H

#include "cli/cmd.h"
#include "policies/policy.h"

/*
 * tg_policy_replay - what @policy would have decided of run @name of the job,
 * into *out (pipeline/replay.h); as text to stdout without --json.  @old: the
 * policy it is compared with, for a note where the run was decided by another
 * one.  @data_dir: where the rules of @policy are; @project: its file, or NULL.
 * -1 with cli->err.
 */
int tg_policy_replay(struct tg_json **out, struct tg_cli *cli, const char *name,
    const struct tg_policy *old, struct tg_policy *policy, const char *data_dir,
    const char *project) TG_MUST_CHECK;

#endif
