/* common.h - what the verbs about jobs and runs share. */
#ifndef TG_CLI_COMMON_H
#define TG_CLI_COMMON_H

#include "base/buf.h"
#include "cli/cmd.h"
#include "pipeline/bundle/minisign.h"
#include "pipeline/decision.h"
#include "pipeline/job.h"
#include "pipeline/review.h"
#include "pipeline/runs.h"
#include "pipeline/trust.h"
#include "policies/policy.h"
#include "report/strings.h"

#define TG_JOB_FILE "tracegate.yaml" /* of init, looked for in the folder */

#define TG_OPT_JOB                                                            \
	{                                                                     \
		"job", 'c', "FILE", "the job file (default ./tracegate.yaml)" \
	}
#define TG_OPT_PASS                                                         \
	{"passphrase-file", 0, "FILE", "the key's passphrase, first line"}, \
	{                                                                   \
		"passphrase-fd", 0, "N", "the same from an open descriptor" \
	}

/* The job of -c. */
int tg_cli_job(struct tg_cli *cli, struct tg_job **out) TG_MUST_CHECK;
/* Passphrase of --passphrase-file or --passphrase-fd, else (when @ask and there
 * is a terminal) typed; p stays NULL when there is none.  @hold is a wiped
 * buffer of the caller's. */
int tg_cli_passphrase(struct tg_cli *cli, const char *ask, struct tg_buf *hold,
    struct tg_sv *out) TG_MUST_CHECK;
/* A minisign key, its passphrase asked for when it needs one. */
int tg_cli_key(struct tg_cli *cli, const char *path,
    struct tg_minisign_key **out) TG_MUST_CHECK;
/* The policy of a region as the job has it, with the exceptions that a manifest
 * lists (may be NULL). */
int
tg_cli_policy(struct tg_cli *cli, const struct tg_job *job, const char *region,
    const struct tg_json *used, struct tg_policy **out) TG_MUST_CHECK;
/* A run and its job, from -c and the first word (or none: the latest). */
int tg_cli_run(struct tg_cli *cli, struct tg_job **job, struct tg_run_ref *run)
    TG_MUST_CHECK;

/* Where the decisions on a run stand. */
int tg_cli_decisions(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, struct tg_decisions *out) TG_MUST_CHECK;
/* Where the review by a person stands; free it. */
int tg_cli_review(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, struct tg_review *out) TG_MUST_CHECK;
/* Digests of what explains a run, as its manifest has them; borrowed from it,
 * NULL: it is not sealed, or older. */
struct tg_cli_explained {
	const char *facts_sha256, *decided_sha256;
};
/* TG_E_INTEGRITY: recorded, and the ledger holds another manifest. */
int tg_cli_explained(struct tg_cli_explained *out, const struct tg_job *job,
    const struct tg_run_ref *run, struct tg_err *err) TG_MUST_CHECK;
/* dir/name as JSON, NULL where the run kept none.  @sha256: what it must be, or
 * NULL.  TG_E_INTEGRITY: it is not, or no JSON any more. */
int tg_cli_stored(struct tg_json **out, const char *dir, const char *name,
    const char *sha256, struct tg_err *err) TG_MUST_CHECK;
/* Appends {index, type, time} of the ledger's entries about the run. */
int tg_cli_ledger_of(const struct tg_job *job, const struct tg_run_ref *run,
    struct tg_json *list, struct tg_err *err) TG_MUST_CHECK;
/* The evidence model of a run now; with @write into @dir. */
int tg_cli_evidence(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, const char *dir, struct tg_json **model)
    TG_MUST_CHECK;

/* YYYY-MM-DD or RFC 3339 of --date, else now. */
int tg_cli_date(struct tg_cli *cli, int64_t *out, bool *given) TG_MUST_CHECK;
/* "C. Besson" -> "c.besson". */
void tg_cli_person_id(char out[TG_ID_MAX + 1], const char *name);
/* "14d", "36h" in seconds. */
bool tg_cli_span(int64_t *out, const char *text) TG_MUST_CHECK;

#endif
