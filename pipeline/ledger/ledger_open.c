/*
 * ledger_open.c - the part of ledger.h that creates and opens: the state
 * folder, the lock, the key, and what the key has promised so far.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "pipeline/ledger/ledger_priv.h"

#include "base/banned.h"

/* The state folder is ours alone: whoever can write there can make the key
 * sign a fork. */
static int
check_state(const char *state, struct tg_err *err)
{
	struct stat st;

	if (stat(state, &st) < 0) {
		(void)tg_fail(err, errno == ENOENT ? TG_E_CONFIG : TG_E_IO,
		    "%s: the ledger's state folder cannot be used", state);
		return tg_fail_hint(err, "tracegate init");
	}
	if ((st.st_mode & 077) != 0) {
		(void)tg_fail(err, TG_E_KEY,
		    "%s: the ledger's state folder is open to other users",
		    state);
		return tg_fail_hint(err, "chmod 700 %s", state);
	}
	return 0;
}

static int
take_lock(struct tg_ledger *l, const char *state, struct tg_err *err)
{
	char *path;

	l->state = strdup(state);
	path = tg_fs_join(state, "lock");
	if (l->state == NULL || path == NULL) {
		free(path);
		return tg_fail_memory(err);
	}
	l->lock = tg_fs_lock(path, err);
	free(path);
	return l->lock < 0 ? -1 : 0;
}

static void
adopt_key(struct tg_ledger *l, struct tg_note_key *take_key)
{
	l->key = take_key;
	l->pub = *tg_note_public(take_key);
	tg_note_vkey(l->vkey, &l->pub);
}

static int
load_key(struct tg_ledger *l, struct tg_err *err)
{
	char *path = tg_fs_join(l->state, "log.key");
	struct tg_note_key *key = NULL;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, TG_NOTE_VKEY_MAX + 16);
	if (path == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_slurp_private(&b, path, err) < 0)
		goto out;
	if (b.n == 0 || b.p[b.n - 1] != '\n') {
		(void)tg_fail(err, TG_E_KEY, "%s: not one line", path);
		goto out;
	}
	if (tg_note_key(&key, (struct tg_sv){b.p, b.n - 1}, err) < 0) {
		(void)tg_fail_in(err, "%s", path);
		goto out;
	}
	adopt_key(l, key);
	rc = 0;
out:
	tg_buf_wipe_deinit(&b);
	free(path);
	return rc;
}

static int
make_key(struct tg_ledger *l, const char *origin, struct tg_err *err)
{
	struct tg_note_key *key = NULL;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, TG_NOTE_VKEY_MAX + 16);
	if (tg_note_key_new(&key, origin, &l->env, err) < 0)
		goto out;
	if (tg_note_skey(&b, key, err) < 0 || tg_buf_addc(&b, '\n', err) < 0 ||
	    tg_ledger_write_in(
		l->state, "log.key", tg_buf_sv(&b), 0600, TG_FS_NEW, err) < 0)
		goto out;
	adopt_key(l, key);
	key = NULL;
	rc = 0;
out:
	tg_buf_wipe_deinit(&b);
	tg_note_key_free(key);
	return rc;
}

/* log.vkey in the folder is the public half of our key. */
static int
settle_vkey(struct tg_ledger *l, struct tg_err *err)
{
	char line[TG_NOTE_VKEY_MAX + 1];
	const size_t n = strlen(l->vkey);
	struct tg_buf b;
	bool missing;
	int rc;

	memcpy(line, l->vkey, n);
	line[n] = '\n';
	tg_buf_init(&b, TG_NOTE_VKEY_MAX + 1);
	rc = tg_ledger_slurp_in(&b, l->dir, "log.vkey", &missing, err);
	if (rc < 0 && missing)
		rc = tg_ledger_write_in(l->dir, "log.vkey",
		    (struct tg_sv){line, n + 1}, 0644, TG_FS_OVERWRITE, err);
	else if (rc == 0 &&
	    !tg_sv_eq(tg_buf_sv(&b), (struct tg_sv){line, n + 1}))
		rc = tg_fail(err, TG_E_INTEGRITY,
		    "%s/log.vkey: not the public half of the ledger's key",
		    l->dir);
	tg_buf_deinit(&b);
	return rc;
}

/* Time of the last entry, so that time never runs back. */
static int
load_time(struct tg_ledger *l, struct tg_err *err)
{
	struct tg_json *j = NULL;

	if (l->cp.size == 0)
		return 0;
	if (tg_ledger_parse(&j, l, l->cp.size - 1, err) < 0)
		return -1;
	l->last_time = tg_json_get_int(j, "time", 0);
	tg_json_free(j);
	return 0;
}

int
tg_ledger_open(struct tg_ledger **out, const char *dir, const char *state,
    const struct tg_env *env, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	bool missing;
	int rc = -1;

	if (check_state(state, err) < 0 || tg_ledger_new(&l, dir, err) < 0)
		return -1;
	l->env = *env;
	if (take_lock(l, state, err) < 0 || load_key(l, err) < 0 ||
	    settle_vkey(l, err) < 0 || tg_ledger_settle(l, &missing, err) < 0)
		goto out;
	if (missing) {
		(void)tg_fail(err, TG_E_CONFIG, "%s: no ledger here yet", dir);
		(void)tg_fail_hint(err, "tracegate init");
		goto out;
	}
	if (load_time(l, err) < 0)
		goto out;
	*out = l;
	l = NULL;
	rc = 0;
out:
	tg_ledger_free(l);
	return rc;
}

/* Only "no such file" lets a key be made: anything else may be a folder that
 * is not mounted or a disk that fails. */
static int
settle_key(struct tg_ledger *l, const char *origin, struct tg_err *err)
{
	static const char *const trace[] = {"checkpoint", "last-signed"};
	bool missing;
	struct tg_buf b;

	tg_buf_init(&b, TG_NOTE_MAX);
	if (tg_ledger_slurp_in(&b, l->state, "log.key", &missing, err) == 0 ||
	    !missing) {
		tg_buf_wipe_deinit(&b);
		return load_key(l, err);
	}
	for (size_t i = 0; i < TG_COUNT(trace); i++) {
		const char *const dir = i == 0 ? l->dir : l->state;
		const int rc =
		    tg_ledger_slurp_in(&b, dir, trace[i], &missing, err);

		tg_buf_deinit(&b);
		if (rc == 0)
			return tg_fail(err, TG_E_KEY,
			    "%s/log.key: missing, but %s/%s is there", l->state,
			    dir, trace[i]);
		if (!missing)
			return -1;
	}
	tg_err_clear(err);
	return make_key(l, origin, err);
}

static int
genesis(struct tg_ledger *l, struct tg_err *err)
{
	struct tg_json *body = tg_json_object();
	uint64_t index;

	if (body == NULL)
		return tg_fail_memory(err);
	if (tg_json_set_str(body, "origin", l->pub.name) < 0) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(l, "genesis", body, &index, err);
}

int
tg_ledger_create(const char *dir, const char *state, const char *origin,
    const struct tg_env *env, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	bool missing;
	int rc = -1;

	if (!tg_note_name_ok(tg_sv_of(origin)))
		return tg_fail(err, TG_E_CONFIG,
		    "ledger origin: printable ASCII without spaces and '+', "
		    "such as exports.example.org/tracegate/uk");
	if (tg_fs_mkdirs(dir, 0755, err) < 0 ||
	    tg_fs_mkdirs(state, 0700, err) < 0 || check_state(state, err) < 0 ||
	    tg_ledger_new(&l, dir, err) < 0)
		return -1;
	l->env = *env;
	if (take_lock(l, state, err) < 0 || settle_key(l, origin, err) < 0)
		goto out;
	if (strcmp(l->pub.name, origin) != 0) {
		(void)tg_fail(err, TG_E_CONFIG,
		    "%s: holds the ledger %s already", dir, l->pub.name);
		goto out;
	}
	if (settle_vkey(l, err) < 0 || tg_ledger_settle(l, &missing, err) < 0 ||
	    load_time(l, err) < 0 || (missing && genesis(l, err) < 0))
		goto out;
	rc = 0;
out:
	tg_ledger_free(l);
	return rc;
}
