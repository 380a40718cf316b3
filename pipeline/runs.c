#include "pipeline/runs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"
#include "pipeline/bundle/sums.h"
#include "base/banned.h"

#define RUN_PREFIX "EXP-"

static char *
runs_dir(const char *state_dir, struct tg_err *err)
{
	char *dir = tg_fs_join(state_dir, "runs");

	if (dir == NULL)
		(void)tg_fail_memory(err);
	return dir;
}

int
tg_runs_list(struct tg_fs_names *out, const char *state_dir, struct tg_err *err)
{
	char *dir = runs_dir(state_dir, err);
	size_t kept = 0;
	int rc;

	if (dir == NULL)
		return -1;
	*out = (struct tg_fs_names){NULL, 0};
	rc = tg_fs_is_dir(dir) ? tg_fs_list(out, dir, false, err) : 0;
	free(dir);
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < out->n; i++)
		if (strncmp(out->name[i], RUN_PREFIX, strlen(RUN_PREFIX)) == 0)
			out->name[kept++] = out->name[i];
		else
			free(out->name[i]);
	out->n = kept;
	return 0;
}

/* The one id that @name means. */
static int
which(char id[TG_RUN_ID], const struct tg_fs_names *all, const char *name,
    struct tg_err *err)
{
	const char *found = NULL;
	size_t n = 0;

	if (all->n == 0)
		return tg_fail(err, TG_E_USAGE, "there is no run yet");
	if (name == NULL || strcmp(name, "latest") == 0) {
		(void)snprintf(id, TG_RUN_ID, "%s", all->name[all->n - 1]);
		return 0;
	}
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->name[i], name) == 0) {
			(void)snprintf(id, TG_RUN_ID, "%s", name);
			return 0;
		}
		if (strncmp(all->name[i], name, strlen(name)) == 0) {
			found = all->name[i];
			n++;
		}
	}
	if (n != 1)
		return tg_fail(err, TG_E_USAGE,
		    n == 0 ? "no run '%s'"
			   : "more than one run begins with "
			     "'%s'",
		    name);
	(void)snprintf(id, TG_RUN_ID, "%s", found);
	return 0;
}

static int
manifest(struct tg_run_ref *r, struct tg_err *err)
{
	char *path = tg_fs_join(r->bundle, "manifest.json");
	uint8_t digest[TG_SHA256_LEN];
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_fs_slurp(&r->manifest_bytes, path, NULL, err) < 0)
		goto out;
	if (tg_json_parse(
		&r->manifest, tg_buf_sv(&r->manifest_bytes), path, err) < 0) {
		/* We wrote it: what is no JSON any more was changed. */
		if (err != NULL && err->cls == TG_E_CONFIG)
			err->cls = TG_E_INTEGRITY;
		goto out;
	}
	if (tg_sha256_bytes(
		digest, r->manifest_bytes.p, r->manifest_bytes.n, err) < 0)
		goto out;
	tg_sha256_hex(r->manifest_sha256, digest);
	rc = 0;
out:
	free(path);
	return rc;
}

static int
load(struct tg_run_ref *r, const char *state_dir, struct tg_err *err)
{
	char *runs = runs_dir(state_dir, err), *plan = NULL, *bundles = NULL;
	int rc = -1;

	if (runs == NULL)
		return -1;
	r->dir = tg_fs_join(runs, r->id);
	free(runs);
	if (r->dir == NULL)
		return tg_fail_memory(err);
	plan = tg_fs_join(r->dir, "plan.json");
	bundles = tg_fs_join(r->dir, "bundle");
	r->journal = tg_fs_join(r->dir, "journal");
	if (plan == NULL || bundles == NULL || r->journal == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_journal_read(&r->state, r->journal, err) < 0)
		goto out;
	if (tg_fs_exists(plan) && tg_json_load(&r->plan, plan, err) < 0)
		goto out;
	(void)snprintf(r->bundle_id, sizeof(r->bundle_id), "%s",
	    tg_json_get_str(r->plan, "bundle_id", ""));
	r->bundle = tg_fs_join(bundles, r->bundle_id);
	r->evidence =
	    r->bundle == NULL ? NULL : tg_fs_join(r->bundle, "evidence");
	if (r->evidence == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	rc = r->state >= TG_RUN_BUNDLED ? manifest(r, err) : 0;
out:
	free(plan);
	free(bundles);
	return rc;
}

int
tg_runs_open(struct tg_run_ref *out, const char *state_dir, const char *name,
    struct tg_err *err)
{
	struct tg_fs_names all;
	struct tg_run_ref r = {.id = ""};
	int rc;

	tg_buf_init(&r.manifest_bytes, TG_JSON_MAX);
	if (tg_runs_list(&all, state_dir, err) < 0)
		return -1;
	rc = which(r.id, &all, name, err);
	tg_fs_names_free(&all);
	if (rc == 0)
		rc = load(&r, state_dir, err);
	if (rc < 0) {
		tg_run_ref_free(&r);
		return -1;
	}
	*out = r;
	return 0;
}

void
tg_run_ref_free(struct tg_run_ref *r)
{
	free(r->dir);
	free(r->journal);
	free(r->bundle);
	free(r->evidence);
	tg_json_free(r->plan);
	tg_json_free(r->manifest);
	tg_buf_deinit(&r->manifest_bytes);
	*r = (struct tg_run_ref){.id = ""};
}

int
tg_run_ref_sealed(const struct tg_run_ref *r, struct tg_err *err)
{
	if (r->state >= TG_RUN_RECORDED)
		return 0;
	(void)tg_fail(err, TG_E_NO, "%s is %s: nothing to decide yet", r->id,
	    tg_state_name(r->state));
	return tg_fail_hint(err, "tracegate run takes it up");
}

/* Files that must have a digest: those of @old but the fresh ones, then those
 * that lie there and have none yet. */
struct publish {
	const struct tg_run_ref *run;
	struct tg_arena arena;
	struct tg_buf text; /* of the old sums; their names are borrowed */
	struct tg_sums old;
	const char *fresh;
	struct tg_sum *sum;
	size_t n;
};

static bool
is_fresh(const struct publish *p, struct tg_sv name)
{
	return p->fresh != NULL && tg_sv_starts(name, tg_sv_of(p->fresh));
}

static bool
has_sum(const struct publish *p, struct tg_sv name)
{
	for (size_t i = 0; i < p->n; i++)
		if (tg_sv_eq(p->sum[i].name, name))
			return true;
	return false;
}

static int
old_sums(struct publish *p, struct tg_err *err)
{
	char *path = tg_fs_join(p->run->bundle, TG_SUMS_FILE);
	bool missing = false;
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_fs_slurp(&p->text, path, &missing, err) == 0)
		rc = tg_sums_read(&p->old, tg_buf_sv(&p->text), &p->arena, err);
	else if (missing)
		(void)tg_fail(err, TG_E_INTEGRITY, "%s is gone", path);
	free(path);
	return rc;
}

/* A file without a digest gets one; what an interrupted write left is removed:
 * it was never part of this. */
static int
new_sum(struct publish *p, const char *name, struct tg_err *err)
{
	char *file = tg_fs_join(p->run->bundle, name);
	int rc = 0;

	if (file == NULL)
		return tg_fail_memory(err);
	if (strstr(name, ".tmp-") != NULL) {
		(void)unlink(file);
	} else if (strcmp(name, TG_SUMS_FILE) != 0 &&
	    !has_sum(p, tg_sv_of(name))) {
		p->sum[p->n].name = tg_sv_of(name);
		rc = tg_sha256_file(p->sum[p->n].sha256, file, NULL, err);
		p->n++;
	}
	free(file);
	return rc;
}

static int
sums(struct publish *p, const struct tg_fs_names *names, struct tg_buf *out,
    struct tg_err *err)
{
	if (p->run->state > TG_RUN_RECORDED && old_sums(p, err) < 0)
		return -1;
	p->sum = tg_arena_calloc(
	    &p->arena, names->n + p->old.n + 1, sizeof(*p->sum));
	if (p->sum == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < p->old.n; i++)
		if (!is_fresh(p, p->old.sum[i].name))
			p->sum[p->n++] = p->old.sum[i];
	for (size_t i = 0; i < names->n; i++)
		if (new_sum(p, names->name[i], err) < 0)
			return -1;
	return tg_sums_add(out, p->sum, p->n, err);
}

int
tg_runs_publish(struct tg_run_ref *r, const char *fresh,
    const struct tg_env *env, struct tg_err *err)
{
	struct publish p = {.run = r, .fresh = fresh};
	struct tg_fs_names names;
	struct tg_buf b;
	char *path = tg_fs_join(r->bundle, TG_SUMS_FILE);
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_fs_list(&names, r->bundle, true, err) < 0) {
		free(path);
		return -1;
	}
	tg_buf_init(&b, TG_SUMS_BYTES);
	tg_buf_init(&p.text, TG_SUMS_BYTES);
	tg_arena_init(&p.arena, TG_SUMS_BYTES);
	if (sums(&p, &names, &b, err) < 0 ||
	    tg_fs_write(path, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, err) < 0)
		goto out;
	if (r->state == TG_RUN_RECORDED) {
		if (tg_journal_add(r->journal, TG_RUN_AWAITING,
			env->now(env->ctx), err) < 0)
			goto out;
		r->state = TG_RUN_AWAITING;
	}
	rc = 0;
out:
	tg_buf_deinit(&b);
	tg_buf_deinit(&p.text);
	tg_arena_deinit(&p.arena);
	tg_fs_names_free(&names);
	free(path);
	return rc;
}
