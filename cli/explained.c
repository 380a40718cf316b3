/* explained.c - what explains a run: is it what its manifest says? */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "cli/common.h"
#include "pipeline/ledger/ledger.h"
#include "base/banned.h"

static const char *
digest_of(const struct tg_json *manifest, const char *key)
{
	const char *hex =
	    tg_json_get_str(tg_json_get(manifest, "explained_by"), key, "");

	return hex[0] == '\0' ? NULL : hex;
}

int
tg_cli_explained(struct tg_cli_explained *out, const struct tg_job *job,
    const struct tg_run_ref *run, struct tg_err *err)
{
	char *dir = tg_fs_join(job->state, "ledger");
	struct tg_ledger *l = NULL;
	int64_t index = -1;
	int rc = 0;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (run->state >= TG_RUN_RECORDED &&
	    (tg_ledger_read(&l, dir, NULL, err) < 0 ||
		tg_ledger_find(l, "export.prepared", "manifest_sha256",
		    run->manifest_sha256, &index, err) < 0))
		rc = -1;
	else if (run->state >= TG_RUN_RECORDED && index < 0)
		rc = tg_fail(err, TG_E_INTEGRITY,
		    "%s: its manifest is not the one that was recorded",
		    run->id);
	else
		*out = (struct tg_cli_explained){
		    digest_of(run->manifest, "facts_sha256"),
		    digest_of(run->manifest, "decided_sha256")};
	tg_ledger_free(l);
	free(dir);
	return rc;
}

static int
is_the_one(const char *path, const char *sha256, struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	if (sha256 == NULL)
		return 0;
	if (tg_sha256_file(digest, path, NULL, err) < 0)
		return -1;
	tg_sha256_hex(hex, digest);
	return strcmp(hex, sha256) == 0
	    ? 0
	    : tg_fail(err, TG_E_INTEGRITY,
		  "%s: not what the signed manifest says was written", path);
}

int
tg_cli_stored(struct tg_json **out, const char *dir, const char *name,
    const char *sha256, struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	int rc = 0;

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_fs_exists(path))
		rc = is_the_one(path, sha256, err) < 0
		    ? -1
		    : tg_json_load(out, path, err);
	/* We wrote it: what is no JSON any more was changed. */
	if (rc < 0 && err->cls == TG_E_CONFIG)
		err->cls = TG_E_INTEGRITY;
	free(path);
	return rc;
}
