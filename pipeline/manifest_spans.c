/*
 * manifest_spans.c - what was done to activations whose text held a finding,
 * and who answers for what that leaves open.
 */
#include <string.h>

#include "pipeline/manifest.h"
#include "pipeline/settings.h"
#include "base/banned.h"

int
tg_manifest_span_rule(struct tg_json *activations, const struct tg_policy *p)
{
	const char *path = tg_settings_span_path(p);
	const char *rule = "", *who = "";
	struct tg_json *risk;
	int bad;

	if (path != NULL && tg_policy_str(p, path, &rule, NULL) < 0)
		return -1;
	bad = tg_json_set_str(activations, "on_span", rule);
	if (strcmp(rule, "drop_span_rows") != 0)
		return bad;
	if (tg_policy_str(p, "/activations/span_rows_approver", &who, NULL) < 0)
		return -1;
	risk = tg_json_object();
	bad |= tg_json_set_str(risk, "code", "rows-behind-a-finding");
	bad |= tg_json_set_str(risk, "approver", who);
	return bad | tg_json_set(activations, "residual_risk", risk);
}
