#include "pipeline/residency.h"

#include <string.h>

#include "base/banned.h"

int
tg_residency_judge(
    const struct tg_sink_place *place, const char *declared, struct tg_err *err)
{
	const bool known = place->country[0] != '\0';

	if (!place->asked ||
	    (known ? strcmp(place->country, declared) == 0
		   : place->named && declared[0] != '\0'))
		return 0;
	(void)tg_fail(err, TG_E_NO,
	    "TGT-RESIDENCY-MISMATCH: the target is in region %s (%s), the job "
	    "declares %s; nothing was sent",
	    place->region, known ? place->country : "country not known",
	    declared[0] == '\0' ? "nothing" : declared);
	if (known || declared[0] == '\0')
		return -1;
	return tg_fail_hint(err,
	    "if that region is in %s, name it in target.region of the job",
	    declared);
}

int
tg_residency_check(struct tg_sink_place *place, const struct tg_json *manifest,
    struct tg_sink *sink, struct tg_err *err)
{
	const struct tg_json *r = tg_json_get(manifest, "residency");

	if (!tg_json_get_bool(r, "verify", false))
		return 0;
	if (tg_sink_place(sink, place, err) < 0) {
		(void)tg_fail_in(err,
		    "nothing was sent: the policy has the target say where it "
		    "is (/targets/verify_residency)");
		return tg_fail_hint(
		    err, "the key needs s3:GetBucketLocation on the bucket");
	}
	return tg_residency_judge(
	    place, tg_json_get_str(r, "declared", ""), err);
}

static const char *
given(const char *s)
{
	return s == NULL ? "" : s;
}

struct tg_json *
tg_residency_json(const struct tg_job *job, const struct tg_policy *p)
{
	struct tg_json *o = tg_json_object();
	bool verify = true;
	int bad = 0;

	bad |= tg_json_set_str(o, "declared", given(job->target_residency));
	bad |= tg_json_set_str(o, "region", given(job->target_region));
	bad |=
	    tg_policy_bool(p, "/targets/verify_residency", &verify, NULL) < 0;
	bad |= tg_json_set_bool(o, "verify", verify);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}
