/* run_decided.c - decided.json of a run: what the policy decides by. */
#include "base/fs.h"
#include "pipeline/run_priv.h"
#include "policies/decided.h"
#include "base/banned.h"

int
tg_run_decided(struct tg_run *r, struct tg_err *err)
{
	const char *path = tg_run_path(r, TG_RUN_DECIDED);
	struct tg_json *o = NULL;
	struct tg_buf b;
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&b, TG_JSON_MAX);
	if (tg_policy_decided(&o, r->policy, r->job->retention_class, err) ==
		0 &&
	    tg_json_canonical(&b, o, err) == 0)
		rc = tg_fs_write(
		    path, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, err);
	tg_buf_deinit(&b);
	tg_json_free(o);
	return rc;
}
