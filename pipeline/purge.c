#include "pipeline/purge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/linkage.h"
#include "pipeline/runs.h"
#include "base/banned.h"

#define KEY "pseudonym_key"
#define LINKAGE "linkage"
#define ASKED "asked"

bool
tg_purge_is_key(const struct tg_json *item)
{
	return strcmp(tg_json_get_str(item, "what", ""), KEY) == 0;
}

/* Whether bundle @id is among @bundles, objects of tg_pseudonym_keys. */
static bool
among(const struct tg_json *bundles, const char *id)
{
	for (size_t i = 0; i < tg_json_len(bundles); i++)
		if (strcmp(tg_json_get_str(
			       tg_json_at(bundles, i), "bundle_id", ""),
			id) == 0)
			return true;
	return false;
}

static struct tg_json *
item(const char *what, const char *id, const char *reason, int64_t due_at)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "what", what);
	bad |= tg_json_set_str(o, "id", id);
	bad |= tg_json_set_str(o, "reason", reason);
	bad |= tg_json_set_int(o, "due_at", due_at);
	bad |= tg_json_set(o, "bundles", tg_json_array());
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static int
add_key(struct tg_json *out, struct tg_json *key, const char *asked)
{
	const struct tg_json *bundles = tg_json_get(key, "bundles");
	const bool due = tg_json_get_bool(key, "due", false);
	struct tg_json *o;
	int bad = 0;

	if (asked == NULL ? !due : !among(bundles, asked))
		return 0;
	if (!due)
		bad |= tg_json_set_str(key, "reason", ASKED);
	o = item(KEY, tg_json_get_str(key, "key_id", ""),
	    tg_json_get_str(key, "reason", ""),
	    tg_json_get_int(key, "due_at", 0));
	for (size_t i = 0; i < tg_json_len(bundles); i++)
		bad |= tg_json_push_str(tg_json_get(o, "bundles"),
		    tg_json_get_str(tg_json_at(bundles, i), "bundle_id", ""));
	bad |= tg_json_set(o, "key", tg_json_ref(key));
	return bad | tg_json_push(out, o);
}

/* 1: the run's bundle left digests for later ones; 0: not, or no more. */
static int
left_digests(const struct tg_run_ref *run, struct tg_err *err)
{
	char *path = tg_fs_join(run->dir, TG_LINKAGE_FILE);
	int there;

	if (path == NULL)
		return tg_fail_memory(err);
	there = tg_fs_exists(path);
	free(path);
	return there;
}

static int
add_linkage(struct tg_json *out, const struct tg_run_ref *run,
    const struct tg_purge_ask *ask, bool *known, struct tg_err *err)
{
	const int64_t at = tg_json_get_int(
	    tg_json_get(run->manifest, "retention"), "delete_after", INT64_MAX);
	const bool due = at <= ask->now;
	const bool asked =
	    ask->bundle != NULL && strcmp(ask->bundle, run->bundle_id) == 0;
	struct tg_json *o;
	int there, bad = 0;

	*known = *known || asked;
	if (ask->keys_only || (ask->bundle == NULL ? !due : !asked))
		return 0;
	there = left_digests(run, err);
	if (there <= 0)
		return there;
	o = item(LINKAGE, run->bundle_id, due ? "retention_end" : ASKED, at);
	bad |= tg_json_push_str(tg_json_get(o, "bundles"), run->bundle_id);
	bad |= tg_json_set_str(o, "run", run->id);
	bad |= tg_json_push(out, o);
	return bad ? tg_fail_memory(err) : 0;
}

static int
linkages(struct tg_json *out, const struct tg_purge_ask *ask, bool *known,
    struct tg_err *err)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_runs_list(&names, ask->state_dir, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		struct tg_run_ref run;

		rc = tg_runs_open(&run, ask->state_dir, names.name[i], err);
		if (rc < 0)
			break;
		if (run.manifest != NULL)
			rc = add_linkage(out, &run, ask, known, err);
		tg_run_ref_free(&run);
	}
	tg_fs_names_free(&names);
	return rc;
}

int
tg_purge_list(struct tg_json **out, bool *known, const struct tg_purge_ask *ask,
    struct tg_err *err)
{
	struct tg_json *list = tg_json_array(), *keys = NULL;
	bool there = false;
	int bad = list == NULL, rc = -1;

	if (tg_pseudonym_keys(&keys, ask->state_dir, ask->now, err) < 0)
		goto out;
	for (size_t i = 0; i < tg_json_len(keys); i++)
		bad |= add_key(list, tg_json_at(keys, i), ask->bundle);
	rc = bad ? tg_fail_memory(err) : linkages(list, ask, &there, err);
out:
	tg_json_free(keys);
	if (rc < 0) {
		tg_json_free(list);
		return -1;
	}
	if (known != NULL)
		*known = there;
	*out = list;
	return 0;
}

int
tg_purge_item(const struct tg_json *item, const char *state_dir,
    const struct tg_pseudonym_end *end, struct tg_err *err)
{
	struct tg_run_ref run;
	char *path;
	int rc = 0;

	if (tg_purge_is_key(item))
		return tg_pseudonym_destroy(end, tg_json_get(item, "key"), err);
	if (tg_runs_open(
		&run, state_dir, tg_json_get_str(item, "run", ""), err) < 0)
		return -1;
	path = tg_fs_join(run.dir, TG_LINKAGE_FILE);
	if (path == NULL)
		rc = tg_fail_memory(err);
	else if (unlink(path) < 0 && errno != ENOENT)
		rc = tg_fail_errno(err, errno, "%s", path);
	free(path);
	tg_run_ref_free(&run);
	return rc;
}
