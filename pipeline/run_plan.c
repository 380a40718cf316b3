/*
 * run_plan.c - the directory of a run.  One that was begun for the same job,
 * day, policy and rules and has not been sent is taken up; else a new one is
 * made.  The seed is drawn, written, and its digest put in the ledger before
 * the first record is read.
 */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/json.h"
#include "pipeline/run_priv.h"
#include "base/banned.h"

#define SERIAL_MAX 99
#define DATE_LEN 10

static void
upper(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'a' && *s <= 'z')
			*s = (char)(*s - 32);
}

/* "EXP-2026-11-24-UK-" */
static void
id_head(const struct tg_run *r, char out[TG_RUN_ID])
{
	char time[TG_TIME_LEN], region[16];

	tg_time_format(time, r->as_of);
	(void)snprintf(region, sizeof(region), "%s", r->region[0]);
	upper(region);
	(void)snprintf(out, TG_RUN_ID, "EXP-%.*s-%s-", DATE_LEN, time, region);
}

/* All that follows from the seed. */
static int
from_seed(struct tg_run *r, struct tg_err *err)
{
	uint8_t nonce[TG_KEY_LEN], digest[TG_SHA256_LEN];
	char name[64];

	tg_crypt_derive(nonce, r->seed, "bundle-nonce", tg_sv_of(r->region[0]));
	tg_hex(r->nonce, nonce, sizeof(nonce));
	if (tg_sha256_bytes(digest, r->seed, sizeof(r->seed), err) < 0)
		return -1;
	tg_sha256_hex(r->seed_commit, digest);
	tg_settings_sample_key(r->sample_key, r->seed);
	if (tg_sha256_bytes(digest, r->sample_key, sizeof(r->sample_key), err) <
	    0)
		return -1;
	tg_sha256_hex(r->sample_commit, digest);
	if (tg_sha256_bytes(digest, nonce, sizeof(nonce), err) < 0)
		return -1;
	tg_base32(name, digest, sizeof(digest));
	(void)snprintf(r->bundle_id, sizeof(r->bundle_id), "tg-%s-%.10s",
	    r->region[0], name);
	r->bundle =
	    tg_arena_fmt(&r->arena, "%s/bundle/%s", r->dir, r->bundle_id);
	return r->bundle == NULL ? tg_fail_memory(err) : 0;
}

static int
read_seed(struct tg_run *r, const char *path, struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 4096);
	if (tg_fs_slurp_private(&b, path, err) < 0)
		goto out;
	if (b.n != sizeof(r->seed)) {
		(void)tg_fail(err, TG_E_KEY, "%s: 32 bytes expected", path);
		goto out;
	}
	memcpy(r->seed, b.p, sizeof(r->seed));
	rc = 0;
out:
	tg_buf_wipe_deinit(&b);
	return rc;
}

static bool
fits(const struct tg_run *r, const struct tg_json *plan)
{
	return strcmp(tg_json_get_str(plan, "job_sha256", ""),
		   r->job->sha256) == 0 &&
	    strcmp(tg_json_get_str(plan, "policy_sha256", ""),
		tg_policy_sha256(r->policy)) == 0 &&
	    strcmp(tg_json_get_str(plan, "rules_sha256", ""),
		tg_rules_sha256(r->rules)) == 0 &&
	    strcmp(tg_json_get_str(plan, "origin", ""), r->origin) == 0;
}

/* The manifest of a run that is sealed already: its digest and its counts. */
static int
known_manifest(struct tg_run *r, struct tg_err *err)
{
	const char *path =
	    tg_arena_fmt(&r->arena, "%s/manifest.json", r->bundle);
	const struct tg_json *list;
	struct tg_json *m = NULL;
	uint8_t digest[TG_SHA256_LEN];

	if (r->state < TG_RUN_BUNDLED)
		return 0;
	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_sha256_file(digest, path, NULL, err) < 0 ||
	    tg_json_load(&m, path, err) < 0)
		return -1;
	tg_sha256_hex(r->manifest_sha256, digest);
	list = tg_json_get(m, "source");
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *s = tg_json_at(list, i);

		r->known_read += (uint64_t)tg_json_get_int(s, "records", 0);
		r->known_quarantined +=
		    (uint64_t)tg_json_get_int(s, "quarantined", 0);
	}
	r->known_out =
	    (uint64_t)tg_json_get_int(tg_json_get(m, "records"), "count", 0);
	tg_json_free(m);
	return 0;
}

/* 1: taken up; 0: not this one; -1. */
static int
take_up(struct tg_run *r, const char *id, struct tg_err *err)
{
	struct tg_json *plan = NULL;
	struct tg_err quiet;
	const char *path;
	int rc = 0;

	r->dir = tg_arena_fmt(&r->arena, "%s/runs/%s", r->job->state, id);
	path = r->dir == NULL ? NULL : tg_run_path(r, "plan.json");
	r->journal = r->dir == NULL ? NULL : tg_run_path(r, "journal");
	if (path == NULL || r->journal == NULL)
		return tg_fail_memory(err);
	if (tg_json_load(&plan, path, &quiet) < 0)
		return 0; /* killed before it had a plan */
	if (tg_journal_read(&r->state, r->journal, err) < 0) {
		rc = -1;
	} else if (fits(r, plan) && r->state < TG_RUN_UPLOADED) {
		const char *seed = tg_run_path(r, "seed");

		r->as_of = tg_json_get_int(plan, "as_of", r->as_of);
		r->commit_index =
		    (uint64_t)tg_json_get_int(plan, "commit_index", 0);
		(void)snprintf(r->id, sizeof(r->id), "%s", id);
		r->resumed = true;
		rc = seed == NULL		  ? tg_fail_memory(err)
		    : read_seed(r, seed, err) < 0 ? -1
		    : from_seed(r, err) < 0	  ? -1
		    : known_manifest(r, err) < 0  ? -1
						  : 1;
	}
	tg_json_free(plan);
	return rc;
}

static int
commit(struct tg_run *r, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	struct tg_json *body = tg_json_object();
	const char *dir = tg_run_ledger_dir(r, false);
	const char *private = tg_run_ledger_dir(r, true);
	int bad = 0, rc = -1;

	bad |= tg_json_set_str(body, "run", r->id);
	bad |= tg_json_set_str(body, "seed_commit", r->seed_commit);
	bad |= tg_json_set_str(body, "sample_commit", r->sample_commit);
	bad |=
	    tg_json_set_str(body, "policy_sha256", tg_policy_sha256(r->policy));
	if (bad || dir == NULL || private == NULL) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	if (tg_ledger_open(&l, dir, private, r->env, err) == 0)
		rc = tg_ledger_append(
		    l, "sampling.committed", body, &r->commit_index, err);
	else
		tg_json_free(body);
	tg_ledger_free(l);
	return rc;
}

static int
write_plan(struct tg_run *r, struct tg_err *err)
{
	struct tg_json *o = tg_json_object();
	const char *path = tg_run_path(r, "plan.json");
	struct tg_buf b;
	int bad = 0, rc = -1;

	tg_buf_init(&b, 1u << 16);
	bad |= tg_json_set_str(o, "schema", "tracegate.plan/1");
	bad |= tg_json_set_str(o, "run", r->id);
	bad |= tg_json_set_str(o, "origin", r->origin);
	bad |= tg_json_set_str(o, "region", r->region[0]);
	bad |= tg_json_set_str(o, "job_sha256", r->job->sha256);
	bad |= tg_json_set_str(o, "policy_sha256", tg_policy_sha256(r->policy));
	bad |= tg_json_set_str(o, "rules_sha256", tg_rules_sha256(r->rules));
	bad |= tg_json_set_str(o, "bundle_id", r->bundle_id);
	bad |= tg_json_set_str(o, "seed_commit", r->seed_commit);
	bad |= tg_json_set_int(o, "commit_index", (int64_t)r->commit_index);
	bad |= tg_json_set_int(o, "as_of", r->as_of);
	if (bad || path == NULL)
		(void)tg_fail_memory(err);
	else if (tg_json_canonical(&b, o, err) == 0)
		rc = tg_fs_write(path, tg_buf_sv(&b), 0600, TG_FS_NEW, err);
	tg_buf_deinit(&b);
	tg_json_free(o);
	return rc;
}

static int
begin(struct tg_run *r, struct tg_err *err)
{
	const struct tg_sv seed = {(const char *)r->seed, sizeof(r->seed)};
	const char *path;

	if (r->opts->seed_file != NULL) {
		if (read_seed(r, r->opts->seed_file, err) < 0)
			return -1;
	} else {
		r->env->random(r->env->ctx, r->seed, sizeof(r->seed));
	}
	path = tg_run_path(r, "seed");
	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_fs_mkdirs(r->dir, 0700, err) < 0 ||
	    tg_fs_write(path, seed, 0600, TG_FS_NEW, err) < 0 ||
	    from_seed(r, err) < 0 || commit(r, err) < 0 ||
	    write_plan(r, err) < 0 ||
	    tg_journal_add(
		r->journal, TG_RUN_PLANNED, r->env->now(r->env->ctx), err) < 0)
		return -1;
	r->state = TG_RUN_PLANNED;
	r->resumed = false;
	return 0;
}

int
tg_run_plan(struct tg_run *r, struct tg_err *err)
{
	char head[TG_RUN_ID];
	unsigned last = 0;

	id_head(r, head);
	for (unsigned i = SERIAL_MAX; i >= 1; i--) {
		char id[TG_RUN_ID];
		const char *dir;
		int rc;

		(void)snprintf(id, sizeof(id), "%.40s%02u", head, i);
		dir = tg_arena_fmt(&r->arena, "%s/runs/%s", r->job->state, id);
		if (dir == NULL)
			return tg_fail_memory(err);
		if (!tg_fs_is_dir(dir))
			continue;
		if (last == 0)
			last = i;
		if (r->opts->fresh)
			break;
		rc = take_up(r, id, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	if (last == SERIAL_MAX)
		return tg_fail(err, TG_E_LIMIT, "%s%02d: no more runs today",
		    head, SERIAL_MAX);
	(void)snprintf(r->id, sizeof(r->id), "%.40s%02u", head, last + 1);
	r->dir = tg_arena_fmt(&r->arena, "%s/runs/%s", r->job->state, r->id);
	r->journal = r->dir == NULL ? NULL : tg_run_path(r, "journal");
	if (r->journal == NULL)
		return tg_fail_memory(err);
	return begin(r, err);
}
