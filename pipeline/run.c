#include "pipeline/run.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/run_priv.h"
#include "base/banned.h"

const char *
tg_run_path(struct tg_run *r, const char *tail)
{
	return tg_arena_fmt(&r->arena, "%s/%s", r->dir, tail);
}

const char *
tg_run_ledger_dir(struct tg_run *r, bool private)
{
	return tg_arena_fmt(&r->arena, "%s/%s", r->job->state,
	    private ? "ledger-state" : "ledger");
}

void
tg_run_say(const struct tg_run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->opts->say == NULL)
		return;
	va_start(ap, fmt);
	(void)vfprintf(r->opts->say, fmt, ap);
	va_end(ap);
	(void)fputc('\n', r->opts->say);
}

static void
deinit(struct tg_run *r)
{
	if (r->has_members)
		tg_members_deinit(&r->members);
	tg_facts_free(r->facts);
	free(r->packed);
	free(r->counts);
	tg_minisign_free(r->key);
	tg_attributes_free(r->attrs);
	for (size_t i = 0; i < TG_JOB_SOURCES; i++)
		tg_vocab_free(r->vocab[i]);
	tg_rules_free(r->rules);
	tg_policy_free(r->policy);
	tg_exceptions_free(&r->exceptions);
	tg_holds_free(&r->holds);
	tg_recipient_free(r->recipient);
	tg_trust_free(r->trust);
	tg_sampled_deinit(&r->drawn);
	tg_crypt_wipe(r->seed, sizeof(r->seed));
	tg_crypt_wipe(r->sample_key, sizeof(r->sample_key));
	tg_crypt_wipe(r->pseudonyms, sizeof(r->pseudonyms));
	tg_crypt_wipe(r->set, sizeof(r->set));
	tg_arena_deinit(&r->arena);
}

static bool
stops_at(const struct tg_run *r, const char *state)
{
	return r->opts->until != NULL && strcmp(r->opts->until, state) == 0;
}

/* A gate that failed takes the standing approvals of its origin away, also
 * where it does not stop the run. */
static int
suspend(struct tg_run *r, struct tg_err *err)
{
	struct tg_standing_ask ask = {.state_dir = r->job->state};
	const char *dir = tg_run_ledger_dir(r, false);
	const char *private = tg_run_ledger_dir(r, true);
	bool on;
	int rc = -1;

	if (tg_policy_has(r->policy, "/approvals/standing/suspend_on",
		"gate_failure", &on, err) < 0)
		return -1;
	if (!on)
		return 0;
	if (dir == NULL || private == NULL)
		return tg_fail_memory(err);
	if (tg_ledger_open(&ask.ledger, dir, private, r->env, err) == 0)
		rc = tg_standing_suspend(
		    &ask, r->origin, "gate_failure", r->id, err);
	tg_ledger_free(ask.ledger);
	return rc;
}

/* Each step is safe to do again: it begins by clearing what it makes. */
static int
steps(struct tg_run *r, struct tg_err *err)
{
	if (tg_run_setup(r, err) < 0 || tg_run_plan(r, err) < 0 ||
	    tg_exceptions_bundle(&r->exceptions, r->id, err) < 0)
		return -1;
	if (r->state < TG_RUN_BUNDLED) {
		if (tg_run_holds(r, err) < 0 || tg_run_read(r, err) < 0 ||
		    (r->gates.n > 0 && suspend(r, err) < 0))
			return -1;
		if (stops_at(r, "rechecked"))
			return 0;
		if (tg_run_seal(r, err) < 0)
			return -1;
		tg_run_goes_on(r);
	}
	if (r->state == TG_RUN_BUNDLED && tg_run_end_pseudonyms(r, err) < 0)
		return -1;
	if (stops_at(r, "bundled") || r->state >= TG_RUN_RECORDED)
		return 0;
	return tg_run_record(r, err);
}

static int
report(struct tg_run_done *d, const struct tg_run *r, struct tg_err *err)
{
	memcpy(d->id, r->id, sizeof(d->id));
	memcpy(d->bundle_id, r->bundle_id, sizeof(d->bundle_id));
	memcpy(
	    d->manifest_sha256, r->manifest_sha256, sizeof(d->manifest_sha256));
	memcpy(d->standing, r->standing, sizeof(d->standing));
	d->state = r->state;
	d->resumed = r->resumed;
	d->dir = strdup(r->dir == NULL ? "" : r->dir);
	d->bundle = strdup(r->bundle == NULL ? "" : r->bundle);
	d->read = r->known_read;
	d->out = r->known_out;
	d->quarantined = r->known_quarantined;
	if (r->counts != NULL) {
		d->read = r->counts->records;
		d->out = r->members.records;
		d->quarantined = r->counts->quarantined;
	}
	return d->dir == NULL || d->bundle == NULL ? tg_fail_memory(err) : 0;
}

/* The run's own error stays the one that is told. */
static int
gate_failed(struct tg_run *r, struct tg_err *err)
{
	struct tg_err why = {.cls = TG_E_NONE};

	if (r->gate_failed && suspend(r, &why) < 0)
		(void)tg_fail_in(
		    err, "standing approvals not suspended (%s)", why.text);
	return -1;
}

static int
one_origin(struct tg_run_done *d, struct tg_job *job, const char *origin,
    const struct tg_run_opts *opts, const struct tg_env *env,
    struct tg_err *err)
{
	struct tg_run r = {.env = env,
	    .opts = opts,
	    .job = job,
	    .origin = origin,
	    .as_of = opts->as_of};
	int rc;

	tg_arena_init(&r.arena, TG_RUN_ARENA);
	rc = steps(&r, err);
	if (rc < 0) {
		tg_run_stopped(&r, err);
		rc = gate_failed(&r, err);
	}
	if (report(d, &r, rc < 0 ? NULL : err) < 0)
		rc = -1;
	deinit(&r);
	return rc;
}

/* The origins of the sources, each once, sorted. */
static int
origins(const struct tg_job *job, const char *out[TG_RUNS_MAX], size_t *n,
    struct tg_err *err)
{
	*n = 0;
	for (size_t i = 0; i < job->n_source; i++) {
		const char *o = job->source[i].origin;
		size_t k = 0;

		while (k < *n && strcmp(out[k], o) != 0)
			k++;
		if (k < *n)
			continue;
		if (*n == TG_RUNS_MAX)
			return tg_fail(err, TG_E_CONFIG,
			    "%s: more than %d origins", job->file, TG_RUNS_MAX);
		for (k = *n; k > 0 && strcmp(out[k - 1], o) > 0; k--)
			out[k] = out[k - 1];
		out[k] = o;
		(*n)++;
	}
	return 0;
}

int
tg_run_job(struct tg_run_done done[TG_RUNS_MAX], size_t *n, struct tg_job *job,
    const struct tg_run_opts *opts, const struct tg_env *env,
    struct tg_err *err)
{
	const char *origin[TG_RUNS_MAX];
	size_t count;
	const char *lock = tg_arena_fmt(&job->arena, "%s/lock", job->state);
	int fd, rc = 0;

	*n = 0;
	if (lock == NULL)
		return tg_fail_memory(err);
	if (origins(job, origin, &count, err) < 0 ||
	    tg_fs_mkdirs(job->state, 0700, err) < 0)
		return -1;
	fd = tg_fs_lock(lock, err);
	if (fd < 0)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++) {
		done[i] = (struct tg_run_done){.id = ""};
		rc = one_origin(&done[i], job, origin[i], opts, env, err);
		(*n)++;
	}
	(void)close(fd);
	return rc;
}

void
tg_run_done_free(struct tg_run_done *done, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(done[i].dir);
		free(done[i].bundle);
	}
}
