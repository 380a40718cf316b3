#include "pipeline/pseudonym_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/runs.h"
#include "base/banned.h"

#define DAY 86400
#define FILE_MAX (64u << 10)
#define LEAF "/anonymisation/pseudonym/"
#define TAIL ".json"
#define PER_BUNDLE "per_bundle"
#define PER_RECIPIENT "per_recipient"

char *
tg_pseudonym_path(const char *state_dir, const char *id, const char *tail)
{
	char name[TG_PSEUDONYM_ID + 16];
	char *dir = tg_fs_join(state_dir, "pseudonyms");
	char *path;

	(void)snprintf(name, sizeof(name), "%.16s%s", id, tail);
	path = dir == NULL ? NULL : tg_fs_join(dir, name);
	free(dir);
	return path;
}

char *
tg_pseudonym_record_path(
    const char *state_dir, const char *id, const char *tail)
{
	char *dir = tg_pseudonym_path(state_dir, TG_PSEUDONYM_DESTROYED, "");
	char name[TG_PSEUDONYM_ID + 24];
	char *path;

	(void)snprintf(name, sizeof(name), "%.16s.json%s", id, tail);
	path = dir == NULL ? NULL : tg_fs_join(dir, name);
	free(dir);
	return path;
}

void
tg_pseudonym_key_id(char out[TG_PSEUDONYM_ID], const uint8_t key[TG_KEY_LEN])
{
	uint8_t id[TG_KEY_LEN];

	tg_crypt_derive(id, key, "operators/key-id", TG_SV(""));
	tg_hex(out, id, (TG_PSEUDONYM_ID - 1) / 2);
}

int
tg_pseudonym_scope(struct tg_pseudonym_scope *out, const struct tg_policy *p,
    const char *purpose, const char *recipient, const char *bundle_id,
    int64_t as_of, struct tg_err *err)
{
	struct tg_pseudonym_scope s = {
	    .purpose = purpose, .recipient = recipient, .bundle_id = ""};
	const char *domain;
	uint64_t days;

	if (tg_policy_str(p, LEAF "domain", &domain, err) < 0 ||
	    tg_policy_str(p, LEAF "key_destroyed_at", &s.destroyed_at, err) <
		0 ||
	    tg_policy_u64(p, LEAF "rotation_days", &days, err) < 0)
		return -1;
	s.per_bundle = strcmp(domain, PER_BUNDLE) == 0;
	if (s.per_bundle)
		s.bundle_id = bundle_id;
	if (days == 0)
		days = 1;
	s.period = (uint64_t)as_of / (days * DAY);
	s.period_ends = (int64_t)((s.period + 1) * days * DAY);
	*out = s;
	return 0;
}

/* ---- one key ----------------------------------------------------------- */

/* Both halves and the scope. */
static int
derive(uint8_t out[TG_KEY_LEN], const uint8_t half[TG_KEY_LEN],
    const uint8_t master[TG_KEY_LEN], const struct tg_pseudonym_scope *s,
    struct tg_err *err)
{
	const struct tg_sv info = {(const char *)half, TG_KEY_LEN};
	uint8_t both[TG_KEY_LEN];
	struct tg_buf b;
	int rc;

	tg_buf_init(&b, 4096);
	rc = tg_buf_addf(&b, err, "%s|%s|%llu|%s", s->purpose, s->recipient,
	    (unsigned long long)s->period, s->bundle_id);
	if (rc == 0) {
		tg_crypt_derive(both, master, "pseudonym", info);
		tg_crypt_derive(out, both, "pseudonym/scope", tg_buf_sv(&b));
	}
	tg_crypt_wipe(both, sizeof(both));
	tg_buf_deinit(&b);
	return rc;
}

static bool
is(const struct tg_json *o, const char *key, const char *text)
{
	return strcmp(tg_json_get_str(o, key, ""), text) == 0;
}

static bool
of_scope(const struct tg_json *about, const struct tg_pseudonym_scope *s)
{
	return is(about, "domain",
		   s->per_bundle ? PER_BUNDLE : PER_RECIPIENT) &&
	    is(about, "purpose", s->purpose) &&
	    is(about, "recipient", s->recipient) &&
	    is(about, "bundle_id", s->bundle_id) &&
	    tg_json_get_int(about, "period", -1) == (int64_t)s->period;
}

/* What a key that is there is of; NULL with *@rc 0: none (its making was
 * interrupted), with -1 an error. */
static struct tg_json *
about_of(const char *state_dir, const char *id, int *rc, struct tg_err *err)
{
	char *path = tg_pseudonym_path(state_dir, id, TAIL);
	char *key = tg_pseudonym_path(state_dir, id, ".key");
	char *end = tg_pseudonym_path(state_dir, id, ".destroying");
	struct tg_json *o = NULL;
	int bad = 0;

	*rc = -1;
	if (path == NULL || key == NULL || end == NULL)
		(void)tg_fail_memory(err);
	else if (!tg_fs_exists(key) && !tg_fs_exists(end))
		*rc = 0;
	else if (tg_json_load(&o, path, err) == 0) {
		bad |= tg_json_set_str(o, "key_id", id);
		bad |= tg_json_set_bool(o, "begun", tg_fs_exists(end));
		*rc = bad ? tg_fail_memory(err) : 0;
	}
	if (*rc < 0) {
		tg_json_free(o);
		o = NULL;
	}
	free(path);
	free(key);
	free(end);
	return o;
}

static int
ids(struct tg_fs_names *out, const char *state_dir, struct tg_err *err)
{
	char *dir = tg_fs_join(state_dir, "pseudonyms");
	const size_t tail = sizeof(TAIL) - 1;
	size_t kept = 0;
	int rc;

	*out = (struct tg_fs_names){NULL, 0};
	if (dir == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_is_dir(dir) ? tg_fs_list(out, dir, false, err) : 0;
	free(dir);
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		char *name = out->name[i];
		const size_t n = strlen(name);

		if (n == TG_PSEUDONYM_ID - 1 + tail &&
		    strcmp(name + n - tail, TAIL) == 0) {
			name[n - tail] = '\0';
			out->name[kept++] = name;
		} else {
			free(name);
		}
	}
	out->n = kept;
	return 0;
}

/* 1: @half of key @id of @s, and it makes the key of that id; 0: not. */
static int
read_half(uint8_t half[TG_KEY_LEN], uint8_t key[TG_KEY_LEN],
    const char *state_dir, const char *id, const struct tg_pseudonym_scope *s,
    const uint8_t master[TG_KEY_LEN], struct tg_err *err)
{
	char *path = tg_pseudonym_path(state_dir, id, ".key");
	char got[TG_PSEUDONYM_ID];
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, TG_KEY_LEN + 1);
	if (path == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_slurp_private(&b, path, err) == 0) {
		if (b.n != TG_KEY_LEN) {
			(void)tg_fail(err, TG_E_KEY, "%s: %d bytes expected",
			    path, TG_KEY_LEN);
		} else {
			memcpy(half, b.p, TG_KEY_LEN);
			rc = derive(key, half, master, s, err);
		}
	}
	if (rc == 0) {
		tg_pseudonym_key_id(got, key);
		/* Another keys/pseudonyms.key made it: it is not in force. */
		rc = strcmp(got, id) == 0;
	}
	tg_buf_wipe_deinit(&b);
	free(path);
	return rc;
}

/* 1: the key of @s that is there; 0: none; -1. */
static int
in_force(uint8_t half[TG_KEY_LEN], uint8_t key[TG_KEY_LEN],
    const char *state_dir, const struct tg_pseudonym_scope *s,
    const uint8_t master[TG_KEY_LEN], struct tg_err *err)
{
	struct tg_fs_names names;
	int rc = 0;

	if (ids(&names, state_dir, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		struct tg_json *about =
		    about_of(state_dir, names.name[i], &rc, err);

		if (about != NULL && of_scope(about, s) &&
		    !tg_json_get_bool(about, "begun", true))
			rc = read_half(half, key, state_dir, names.name[i], s,
			    master, err);
		tg_json_free(about);
	}
	tg_fs_names_free(&names);
	return rc;
}

/* What it is of goes first: no half of a key lies there unaccounted for. */
static int
store(const char *state_dir, const uint8_t half[TG_KEY_LEN],
    const uint8_t key[TG_KEY_LEN], const struct tg_pseudonym_scope *s,
    bool given, int64_t now, struct tg_err *err)
{
	const struct tg_sv secret = {(const char *)half, TG_KEY_LEN};
	char id[TG_PSEUDONYM_ID];
	char *dir = tg_fs_join(state_dir, "pseudonyms");
	char *path = NULL, *about = NULL, *record = NULL;
	struct tg_json *o = tg_json_object();
	struct tg_buf b;
	int bad = 0, rc = -1;

	tg_buf_init(&b, FILE_MAX);
	tg_pseudonym_key_id(id, key);
	record = tg_pseudonym_record_path(state_dir, id, "");
	path = tg_pseudonym_path(state_dir, id, ".key");
	about = tg_pseudonym_path(state_dir, id, TAIL);
	bad |= tg_json_set_str(o, "schema", "tracegate.pseudonym-key/1");
	bad |= tg_json_set_str(
	    o, "domain", s->per_bundle ? PER_BUNDLE : PER_RECIPIENT);
	bad |= tg_json_set_str(o, "purpose", s->purpose);
	bad |= tg_json_set_str(o, "recipient", s->recipient);
	bad |= tg_json_set_str(o, "bundle_id", s->bundle_id);
	bad |= tg_json_set_int(o, "period", (int64_t)s->period);
	bad |= tg_json_set_int(o, "period_ends", s->period_ends);
	bad |= tg_json_set_int(o, "created_at", now);
	bad |= tg_json_set_str(o, "key_destroyed_at", s->destroyed_at);
	bad |= tg_json_set_bool(o, "given", given);
	if (bad || dir == NULL || path == NULL || about == NULL ||
	    record == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_exists(record))
		(void)tg_fail(err, TG_E_KEY,
		    "%s: this key was destroyed; it is not made again", record);
	else if (tg_json_canonical(&b, o, err) == 0 &&
	    tg_fs_mkdirs(dir, 0700, err) == 0 &&
	    tg_fs_write(about, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, err) == 0)
		rc = tg_fs_write(path, secret, 0600, TG_FS_NEW, err);
	tg_json_free(o);
	tg_buf_deinit(&b);
	free(dir);
	free(path);
	free(about);
	free(record);
	return rc;
}

int
tg_pseudonym_key(uint8_t out[TG_KEY_LEN], const char *state_dir,
    const struct tg_pseudonym_scope *scope, const uint8_t master[TG_KEY_LEN],
    const uint8_t *fixed, const struct tg_env *env, struct tg_err *err)
{
	uint8_t half[TG_KEY_LEN], key[TG_KEY_LEN];
	int rc = in_force(half, key, state_dir, scope, master, err);

	if (rc == 1 && fixed != NULL && !tg_crypt_same(fixed, half, TG_KEY_LEN))
		rc = tg_fail(err, TG_E_KEY,
		    "another key of these pseudonyms is in force: the one "
		    "handed in would not be used");
	else if (rc == 0) {
		if (fixed != NULL)
			memcpy(half, fixed, TG_KEY_LEN);
		else
			env->random(env->ctx, half, TG_KEY_LEN);
		rc = derive(key, half, master, scope, err) < 0
		    ? -1
		    : store(state_dir, half, key, scope, fixed != NULL,
			  env->now(env->ctx), err);
	}
	if (rc >= 0)
		memcpy(out, key, TG_KEY_LEN);
	tg_crypt_wipe(half, sizeof(half));
	tg_crypt_wipe(key, sizeof(key));
	return rc < 0 ? -1 : 0;
}

/* ---- all keys ---------------------------------------------------------- */

/* The bundle of @run joins those of its key in @list. */
static int
add_bundle(struct tg_json *list, const struct tg_run_ref *run)
{
	const struct tg_json *m = run->manifest;
	const char *id = tg_json_get_str(
	    tg_json_get(m, "anonymisation"), "pseudonym_key_id", "");
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(list); i++) {
		struct tg_json *key = tg_json_at(list, i), *o;

		if (!is(key, "key_id", id))
			continue;
		o = tg_json_object();
		bad |= tg_json_set_str(o, "bundle_id", run->bundle_id);
		bad |= tg_json_set_str(o, "run", run->id);
		bad |= tg_json_set_int(
		    o, "sealed_at", tg_json_get_int(m, "created", 0));
		bad |= tg_json_set_int(o, "delete_after",
		    tg_json_get_int(
			tg_json_get(m, "retention"), "delete_after", 0));
		bad |= tg_json_push(tg_json_get(key, "bundles"), o);
	}
	return bad;
}

static int
bundles(struct tg_json *list, const char *state_dir, struct tg_err *err)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_runs_list(&names, state_dir, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		struct tg_run_ref run;

		rc = tg_runs_open(&run, state_dir, names.name[i], err);
		if (rc < 0)
			break;
		if (run.manifest != NULL && add_bundle(list, &run) != 0)
			rc = tg_fail_memory(err);
		tg_run_ref_free(&run);
	}
	tg_fs_names_free(&names);
	return rc;
}

/* When the key goes, and why. */
static int
set_due(struct tg_json *key, int64_t now)
{
	const struct tg_json *list = tg_json_get(key, "bundles");
	const char *word = tg_json_get_str(key, "key_destroyed_at", "");
	const bool sealed = strcmp(word, "bundle_sealed") == 0;
	const char *reason = word;
	int64_t at = 0;
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const int64_t t = tg_json_get_int(tg_json_at(list, i),
		    sealed ? "sealed_at" : "delete_after", 0);

		at = t > at ? t : at;
	}
	if (tg_json_len(list) == 0) {
		at = tg_json_get_int(key, "period_ends", 0);
		reason = "unused";
	}
	if (strcmp(word, "never") == 0) {
		at = 0;
		reason = "";
	}
	bad |= tg_json_set_str(key, "reason", reason);
	bad |= tg_json_set_int(key, "due_at", at);
	return bad |
	    tg_json_set_bool(key, "due",
		tg_json_get_bool(key, "begun", false) ||
		    (at != 0 && at <= now));
}

int
tg_pseudonym_keys(struct tg_json **out, const char *state_dir, int64_t now,
    struct tg_err *err)
{
	struct tg_json *list = tg_json_array();
	struct tg_fs_names names = {NULL, 0};
	int bad = list == NULL, rc = -1;

	if (ids(&names, state_dir, err) < 0)
		goto out;
	for (size_t i = 0; i < names.n; i++) {
		struct tg_json *about =
		    about_of(state_dir, names.name[i], &rc, err);

		if (rc < 0)
			goto out;
		if (about == NULL)
			continue;
		bad |= tg_json_set(about, "bundles", tg_json_array());
		bad |= tg_json_push(list, about);
	}
	rc = bad ? tg_fail_memory(err) : bundles(list, state_dir, err);
	for (size_t i = 0; i < tg_json_len(list) && rc == 0; i++)
		if (set_due(tg_json_at(list, i), now) != 0)
			rc = tg_fail_memory(err);
out:
	tg_fs_names_free(&names);
	if (rc < 0)
		tg_json_free(list);
	else
		*out = list;
	return rc;
}
