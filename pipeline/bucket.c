#include "pipeline/bucket.h"

#include "base/banned.h"

#define MEMBER "bucket"
#define OWNER "expected_owner"
#define ASK "ask_versions"

struct tg_json *
tg_bucket_json(const struct tg_job *job, const struct tg_policy *p)
{
	struct tg_json *o = tg_json_object();
	bool ask = true;
	int bad = tg_policy_bool(
		      p, "/targets/require_versioning_known", &ask, NULL) < 0;

	bad |= tg_json_set_str(
	    o, OWNER, job->target_owner == NULL ? "" : job->target_owner);
	bad |= tg_json_set_bool(o, ASK, ask);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

const char *
tg_bucket_owner(const struct tg_json *manifest)
{
	const char *id =
	    tg_json_get_str(tg_json_get(manifest, MEMBER), OWNER, "");

	return id[0] == '\0' ? NULL : id;
}

int
tg_bucket_check(enum tg_sink_versions *out, const struct tg_json *manifest,
    struct tg_sink *sink, struct tg_err *err)
{
	*out = TG_VERSIONS_UNASKED;
	if (!tg_json_get_bool(tg_json_get(manifest, MEMBER), ASK, false) ||
	    tg_sink_versions(sink, out, err) == 0)
		return 0;
	(void)tg_fail_in(err,
	    "TGT-VERSIONING: nothing was sent: the policy has the target say "
	    "whether it keeps versions (/targets/require_versioning_known)");
	return tg_fail_hint(
	    err, "the key needs s3:GetBucketVersioning on the bucket");
}
