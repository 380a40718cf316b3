#include "cli/common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/num.h"
#include "pipeline/exceptions.h"
#include "pipeline/standing.h"
#include "base/banned.h"

#define PASS_MAX 1024
#define DAY 86400
#define HOUR 3600
#define PATHS_MEMORY (1u << 16)

int
tg_cli_job(struct tg_cli *cli, struct tg_job **out)
{
	const char *file = tg_args_value(&cli->args, "job");

	if (file == NULL && !tg_fs_exists(TG_JOB_FILE)) {
		(void)tg_fail(&cli->err, TG_E_CONFIG,
		    "no " TG_JOB_FILE " here and no -c FILE");
		return tg_fail_hint(
		    &cli->err, "tracegate init writes one to begin with");
	}
	return tg_job_load(out, file == NULL ? TG_JOB_FILE : file, &cli->err);
}

/* The first line of a descriptor; the buffer is wiped by its owner. */
static int
first_line(int fd, struct tg_buf *hold, struct tg_sv *out, struct tg_err *err)
{
	char c;
	ssize_t n;

	while ((n = read(fd, &c, 1)) == 1 && c != '\n')
		if (tg_buf_addc(hold, c, err) < 0)
			return -1;
	if (n < 0)
		return tg_fail_errno(err, errno, "passphrase");
	if (hold->n == 0)
		return tg_fail(err, TG_E_KEY, "an empty passphrase");
	*out = tg_buf_sv(hold);
	return 0;
}

static int
ask_tty(
    const char *ask, struct tg_buf *hold, struct tg_sv *out, struct tg_err *err)
{
	struct termios old, quiet;
	int rc;

	(void)fprintf(stderr, "passphrase for %s: ", ask);
	(void)fflush(stderr);
	if (tcgetattr(STDIN_FILENO, &old) < 0)
		return tg_fail_errno(err, errno, "terminal");
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	rc = first_line(STDIN_FILENO, hold, out, err);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	(void)fputc('\n', stderr);
	return rc;
}

int
tg_cli_passphrase(
    struct tg_cli *cli, const char *ask, struct tg_buf *hold, struct tg_sv *out)
{
	const char *file = tg_args_value(&cli->args, "passphrase-file");
	const char *fd_text = tg_args_value(&cli->args, "passphrase-fd");
	uint64_t fd;

	*out = (struct tg_sv){NULL, 0};
	if (fd_text != NULL) {
		if (!tg_parse_u64(&fd, tg_sv_of(fd_text), 0, 1023))
			return tg_fail(&cli->err, TG_E_USAGE,
			    "--passphrase-fd: a number expected");
		return first_line((int)fd, hold, out, &cli->err);
	}
	if (file != NULL) {
		char *nl;

		if (tg_fs_slurp_private(hold, file, &cli->err) < 0)
			return -1;
		nl = hold->n == 0 ? NULL : memchr(hold->p, '\n', hold->n);
		if (nl != NULL)
			hold->n = (size_t)(nl - hold->p);
		if (hold->n == 0)
			return tg_fail(&cli->err, TG_E_KEY,
			    "%s: an empty passphrase", file);
		*out = tg_buf_sv(hold);
		return 0;
	}
	if (ask == NULL || cli->no_input || !cli->tty_err ||
	    isatty(STDIN_FILENO) != 1)
		return 0;
	return ask_tty(ask, hold, out, &cli->err);
}

int
tg_cli_key(struct tg_cli *cli, const char *path, struct tg_minisign_key **out)
{
	struct tg_buf hold;
	struct tg_sv pass;
	bool needs = false;
	int rc = -1;

	tg_buf_init(&hold, PASS_MAX);
	if (tg_cli_passphrase(cli, NULL, &hold, &pass) < 0)
		goto out;
	rc = tg_minisign_load(out, path, pass, &needs, &cli->err);
	if (rc < 0 && needs && pass.p == NULL) {
		if (tg_cli_passphrase(cli, path, &hold, &pass) < 0)
			goto out;
		if (pass.p == NULL) {
			(void)tg_fail_hint(
			    &cli->err, "give it with --passphrase-file FILE");
			goto out;
		}
		tg_err_clear(&cli->err);
		rc = tg_minisign_load(out, path, pass, &needs, &cli->err);
	}
out:
	tg_buf_wipe_deinit(&hold);
	return rc;
}

/* Records of the register by id and digest: in force or not. */
static int
exceptions_of(struct tg_policy_exception out[TG_POLICY_EXCEPTIONS], size_t *n,
    const struct tg_job *job, const struct tg_json *used, struct tg_arena *mem,
    struct tg_err *err)
{
	*n = 0;
	for (; *n < tg_json_len(used) && *n < TG_POLICY_EXCEPTIONS; (*n)++) {
		const struct tg_json *x = tg_json_at(used, *n);

		out[*n].sha256 = tg_json_get_str(x, "sha256", "");
		out[*n].path = tg_exception_path(
		    job->state, tg_json_get_str(x, "id", ""), mem);
		if (out[*n].path == NULL)
			return tg_fail_memory(err);
	}
	return 0;
}

int
tg_cli_policy(struct tg_cli *cli, const struct tg_job *job, const char *region,
    const struct tg_json *used, struct tg_policy **out)
{
	struct tg_policy_exception x[TG_POLICY_EXCEPTIONS];
	char *policies = tg_cli_data(cli, "policies");
	char *regions = tg_cli_data(cli, "regions");
	struct tg_policy_src src = {.policy_dir = policies,
	    .region_dir = regions,
	    .region = &region,
	    .n_region = 1,
	    .project = job == NULL ? NULL : job->policy,
	    .scope_config = tg_args_value(&cli->args, "scope-config"),
	    .exception = x};
	struct tg_arena mem;
	int rc = -1;

	tg_arena_init(&mem, PATHS_MEMORY);
	if (policies == NULL || regions == NULL)
		(void)tg_fail_memory(&cli->err);
	else if (exceptions_of(
		     x, &src.n_exception, job, used, &mem, &cli->err) == 0)
		rc = tg_policy_compile(out, &src, &cli->err);
	tg_arena_deinit(&mem);
	free(policies);
	free(regions);
	return rc;
}

int
tg_cli_run(struct tg_cli *cli, struct tg_job **job, struct tg_run_ref *run)
{
	const char *name = cli->args.n_rest > 0 ? cli->args.rest[0] : NULL;

	if (cli->args.n_rest > 1)
		return tg_fail(&cli->err, TG_E_USAGE, "one run at a time");
	if (tg_cli_job(cli, job) < 0)
		return -1;
	return tg_runs_open(run, (*job)->state, name, &cli->err);
}

int
tg_cli_decisions(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, struct tg_decisions *out)
{
	struct tg_trust *trust = NULL;
	struct tg_approvals need;
	int rc = -1;

	*out = (struct tg_decisions){.docs = NULL};
	if (tg_trust_load(&trust, job->trust, &cli->err) < 0)
		return -1;
	if (tg_approvals_of(&need, run->manifest, &cli->err) == 0) {
		struct tg_decision_against a = {.manifest = run->manifest,
		    .manifest_sha256 = run->manifest_sha256,
		    .evidence_dir = run->evidence,
		    .trust = trust,
		    .now = cli->env.now(cli->env.ctx)};

		if (tg_standing_ledger(
			&a.ledger, job->state, run->manifest, &cli->err) == 0)
			rc = tg_decisions_state(
			    out, run->bundle, &a, &need, &cli->err);
		tg_ledger_free(a.ledger);
	}
	tg_trust_free(trust);
	return rc;
}

int
tg_cli_review(struct tg_cli *cli, const struct tg_job *job,
    const struct tg_run_ref *run, struct tg_review *out)
{
	struct tg_review_against a = {.bundle = run->bundle,
	    .manifest = run->manifest,
	    .manifest_sha256 = run->manifest_sha256,
	    .now = cli->env.now(cli->env.ctx)};
	char *dir = tg_fs_join(job->state, "ledger");
	struct tg_trust *trust = NULL;
	int rc = -1;

	if (dir == NULL)
		(void)tg_fail_memory(&cli->err);
	else if (tg_trust_load(&trust, job->trust, &cli->err) == 0 &&
	    tg_ledger_read(&a.ledger, dir, NULL, &cli->err) == 0) {
		a.trust = trust;
		rc = tg_review_read(out, &a, &cli->err);
	}
	tg_ledger_free(a.ledger);
	tg_trust_free(trust);
	free(dir);
	return rc;
}

int
tg_cli_date(struct tg_cli *cli, int64_t *out, bool *given)
{
	const char *text = tg_args_value(&cli->args, "date");

	*given = text != NULL;
	*out = cli->env.now(cli->env.ctx);
	if (text != NULL && !tg_time_parse(out, tg_sv_of(text)))
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--date: 2026-11-24 or 2026-11-24T02:41:00Z expected");
	return 0;
}

bool
tg_cli_span(int64_t *out, const char *text)
{
	const size_t n = strlen(text);
	uint64_t v;

	if (n < 2 || !tg_parse_u64(&v, (struct tg_sv){text, n - 1}, 1, 3650))
		return false;
	if (text[n - 1] == 'd')
		*out = (int64_t)v * DAY;
	else if (text[n - 1] == 'h')
		*out = (int64_t)v * HOUR;
	else
		return false;
	return true;
}

void
tg_cli_person_id(char out[TG_ID_MAX + 1], const char *name)
{
	size_t n = 0;

	for (; *name != '\0' && n < TG_ID_MAX; name++) {
		const char c =
		    *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = c;
		else if (n > 0 && out[n - 1] != '.')
			out[n++] = '.';
	}
	while (n > 0 && out[n - 1] == '.')
		n--;
	out[n] = '\0';
}
