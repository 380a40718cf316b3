/* run_pseudonyms.c - the key of a run's pseudonyms: in force before anything is
 * read, gone when the bundle is sealed where the policy says so. */
#include <string.h>

#include "base/fs.h"
#include "pipeline/run_priv.h"
#include "base/banned.h"

#define BUNDLE_SEALED "bundle_sealed"

/* The random half that --pseudonym-file hands in. */
static int
handed_in(uint8_t out[TG_KEY_LEN], const char *path, struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 4096);
	if (tg_fs_slurp_private(&b, path, err) == 0) {
		if (b.n == TG_KEY_LEN) {
			memcpy(out, b.p, TG_KEY_LEN);
			rc = 0;
		} else {
			(void)tg_fail(
			    err, TG_E_KEY, "%s: 32 bytes expected", path);
		}
	}
	tg_buf_wipe_deinit(&b);
	return rc;
}

int
tg_run_pseudonyms(struct tg_run *r, uint8_t key[TG_KEY_LEN], struct tg_err *err)
{
	const char *file = r->opts->pseudonym_file;
	uint8_t half[TG_KEY_LEN];
	int rc = -1;

	if (tg_pseudonym_scope(&r->pseudonym_scope, r->policy,
		r->job->purpose_id, r->recipient->id, r->bundle_id, r->as_of,
		err) < 0)
		return -1;
	if (file == NULL || handed_in(half, file, err) == 0)
		rc = tg_pseudonym_key(key, r->job->state, &r->pseudonym_scope,
		    r->pseudonyms, file == NULL ? NULL : half, r->env, err);
	tg_crypt_wipe(half, sizeof(half));
	return rc;
}

int
tg_run_end_pseudonyms(struct tg_run *r, struct tg_err *err)
{
	const char *path =
	    tg_arena_fmt(&r->arena, "%s/manifest.json", r->bundle);
	struct tg_pseudonym_end end = {.state_dir = r->job->state,
	    .by = r->preparer,
	    .key = r->key,
	    .env = r->env};
	const struct tg_json *a;
	struct tg_json *m = NULL;
	int rc = 0;

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_json_load(&m, path, err) < 0)
		return -1;
	a = tg_json_get(m, "anonymisation");
	if (strcmp(tg_json_get_str(a, "key_destroyed_at", ""), BUNDLE_SEALED) ==
	    0) {
		rc = tg_run_open_ledger(r, &end.ledger, err);
		if (rc == 0)
			rc = tg_pseudonym_end_of(&end,
			    tg_json_get_str(a, "pseudonym_key_id", ""), err);
		tg_ledger_free(end.ledger);
		if (rc == 0)
			tg_run_say(r, "   %-12s pseudonym key destroyed: %s",
			    "keys", tg_json_get_str(a, "pseudonym_key_id", ""));
	}
	tg_json_free(m);
	return rc;
}
