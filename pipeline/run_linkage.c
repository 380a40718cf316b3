/* run_linkage.c - what a run's records can be linked by, and the earlier
 * bundles of the state folder that they are held against. */
#include <string.h>

#include "base/fs.h"
#include "pipeline/run_priv.h"
#include "pipeline/runs.h"
#include "base/banned.h"

int
tg_run_linkage_open(struct tg_run *r, struct tg_linkage **out,
    uint8_t digests[TG_KEY_LEN], struct tg_err *err)
{
	const char *dir = tg_run_path(r, "linkage");
	uint8_t key[TG_KEY_LEN];
	int rc = -1;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_linkage_key(key, r->job->state, r->env, err) == 0)
		rc = tg_linkage_new(out, dir, key, TG_ANONYMITY_MEMORY, err);
	/* The same value has the same digest in every bundle of this state. */
	tg_crypt_derive(digests, key, "linkage/digests", TG_SV(""));
	tg_crypt_wipe(key, sizeof(key));
	return rc;
}

/* Whether the run made a bundle that somebody may have, now or later. */
static bool
counts(const struct tg_run *r, const struct tg_run_ref *run)
{
	const struct tg_json *keep = tg_json_get(run->manifest, "retention");

	return run->manifest != NULL && strcmp(run->id, r->id) != 0 &&
	    tg_json_get_int(keep, "delete_after", INT64_MAX) >= r->as_of;
}

static int
earlier(struct tg_run *r, struct tg_linkage_earlier **out, size_t *n,
    struct tg_err *err)
{
	struct tg_fs_names names;
	struct tg_linkage_earlier *list;
	int rc = 0;

	*n = 0;
	if (tg_runs_list(&names, r->job->state, err) < 0)
		return -1;
	list = tg_arena_calloc(&r->arena, names.n + 1, sizeof(*list));
	if (list == NULL)
		rc = tg_fail_memory(err);
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		struct tg_linkage_earlier *e = &list[*n];
		struct tg_run_ref run;

		rc = tg_runs_open(&run, r->job->state, names.name[i], err);
		if (rc < 0)
			break;
		if (counts(r, &run)) {
			e->path = tg_arena_fmt(
			    &r->arena, "%s/" TG_LINKAGE_FILE, run.dir);
			e->recipient = tg_arena_str(&r->arena,
			    tg_sv_of(tg_json_get_str(
				tg_json_get(run.manifest, "recipient"), "id",
				"")));
			if (e->path == NULL || e->recipient == NULL)
				rc = tg_fail_memory(err);
			(*n)++;
		}
		tg_run_ref_free(&run);
	}
	tg_fs_names_free(&names);
	*out = list;
	return rc;
}

int
tg_run_linkage_close(struct tg_run *r, struct tg_linkage *l, struct tg_err *err)
{
	const char *path = tg_run_path(r, TG_LINKAGE_FILE);
	struct tg_linkage_result *got = &r->linkage;
	struct tg_linkage_earlier *list;
	size_t n;

	if (path == NULL)
		return tg_fail_memory(err);
	if (earlier(r, &list, &n, err) < 0 ||
	    tg_linkage_finish(l, path, r->recipient->id, list, n, got, err) < 0)
		return -1;
	tg_run_say(r,
	    "   %-12s %llu records linked here, %llu pseudonyms, %llu unique "
	    "groups and %llu texts met in %llu earlier bundles",
	    "linkability", (unsigned long long)got->linked,
	    (unsigned long long)(got->values_same + got->values_other),
	    (unsigned long long)got->unique_earlier,
	    (unsigned long long)got->texts_earlier,
	    (unsigned long long)got->bundles);
	return 0;
}
