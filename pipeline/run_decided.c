/* run_decided.c - decided.json of a run: what the policy decides by; and
 * stopped.json, where it came to no bundle. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/run_priv.h"
#include "policies/code.h"
#include "policies/decided.h"
#include "base/banned.h"

int
tg_run_decided(struct tg_run *r, struct tg_err *err)
{
	const char *path = tg_run_path(r, TG_RUN_DECIDED);
	uint8_t digest[TG_SHA256_LEN];
	struct tg_json *o = NULL;
	struct tg_buf b;
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&b, TG_JSON_MAX);
	if (tg_policy_decided(&o, r->policy, r->job->retention_class, err) ==
		0 &&
	    tg_json_canonical(&b, o, err) == 0 &&
	    tg_sha256_bytes(digest, b.p, b.n, err) == 0)
		rc = tg_fs_write(
		    path, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, err);
	if (rc == 0)
		tg_sha256_hex(r->explained.decided_sha256, digest);
	tg_buf_deinit(&b);
	tg_json_free(o);
	return rc;
}

/* The first reason code in @text, or "". */
static const char *
code_in(const char *text)
{
	const struct tg_code *c;
	const char *first = NULL, *code = "";

	for (size_t i = 0; (c = tg_code_at(i)) != NULL; i++) {
		const char *at = strstr(text, c->code);

		if (at == NULL || at[strlen(c->code)] != ':' ||
		    (first != NULL && at >= first))
			continue;
		first = at;
		code = c->code;
	}
	return code;
}

void
tg_run_stopped(struct tg_run *r, const struct tg_err *why)
{
	const char *path = r->id[0] == '\0' || r->dir == NULL
	    ? NULL
	    : tg_run_path(r, TG_RUN_STOPPED);
	struct tg_json *o;
	struct tg_buf b;
	int bad = 0;

	if (path == NULL || why == NULL || r->state >= TG_RUN_BUNDLED)
		return;
	tg_buf_init(&b, TG_JSON_MAX);
	o = tg_json_object();
	bad |= tg_json_set_str(o, "code", code_in(why->text));
	bad |= tg_json_set_str(o, "text", why->text);
	bad |= tg_json_set_int(o, "at", r->env->now(r->env->ctx));
	if (bad == 0)
		bad = tg_json_canonical(&b, o, NULL);
	if (bad == 0)
		bad = tg_fs_write(
		    path, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, NULL);
	(void)bad; /* what stopped the run is told anyway */
	tg_buf_deinit(&b);
	tg_json_free(o);
}

void
tg_run_goes_on(struct tg_run *r)
{
	const char *path = tg_run_path(r, TG_RUN_STOPPED);

	if (path != NULL)
		(void)unlink(path);
}
