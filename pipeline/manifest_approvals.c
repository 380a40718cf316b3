/* manifest_approvals.c - the part of manifest.h that says whose word it takes,
 * and whose ledger writes it down. */
#include "pipeline/manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

#include "base/banned.h"

/* Roles, persons and days that the policy asks for below @head. */
static int
people(struct tg_json *o, const struct tg_policy *p, const char *head)
{
	struct tg_json *list = tg_json_array();
	uint64_t persons = 0, days = 0;
	char path[64];
	int bad = 0, n;

	n = snprintf(path, sizeof(path), "%s/roles/", head);
	for (size_t i = 0; i < tg_policy_count(p); i++) {
		const struct tg_leaf *leaf = tg_policy_at(p, i);
		struct tg_json *r;
		uint64_t count;

		if (strncmp(leaf->path, path, (size_t)n) != 0)
			continue;
		r = tg_json_object();
		bad |= !tg_parse_u64(&count, tg_sv_of(leaf->text), 0, 100);
		bad |= tg_json_set_str(r, "role", leaf->path + n);
		bad |= tg_json_set_int(r, "count", bad ? 0 : (int64_t)count);
		bad |= tg_json_push(list, r);
	}
	(void)snprintf(path, sizeof(path), "%s/distinct_persons", head);
	bad |= tg_policy_u64(p, path, &persons, NULL) < 0;
	(void)snprintf(path, sizeof(path), "%s/expires_days", head);
	bad |= tg_policy_u64(p, path, &days, NULL) < 0;
	bad |= tg_json_set(o, "roles", list);
	bad |= tg_json_set_int(o, "distinct_persons", (int64_t)persons);
	return bad | tg_json_set_int(o, "expires_days", (int64_t)days);
}

/* How many records people read before it may go. */
static int
review(struct tg_json *m, const struct tg_manifest_in *in)
{
	const char *applies = "";
	struct tg_json *o = tg_json_object();
	uint64_t least = 0, most = 0;
	bool real = false;
	int bad = 0;

	for (size_t i = 0; i < in->n_input; i++)
		real = real || strcmp(in->text_origin[i], "synthetic") != 0;
	bad |= tg_policy_u64(in->policy, "/gates/human_review_min_records",
		   &least, NULL) < 0;
	bad |= tg_policy_u64(in->policy, "/gates/human_review_max_findings",
		   &most, NULL) < 0;
	bad |= tg_policy_str(in->policy, "/gates/human_review_applies_to",
		   &applies, NULL) < 0;
	bad |= tg_json_set_int(o, "min_records", (int64_t)least);
	bad |= tg_json_set_int(o, "max_findings", (int64_t)most);
	bad |= tg_json_set_str(o, "applies_to", applies);
	bad |= tg_json_set_bool(
	    o, "demanded", least > 0 && (real || strcmp(applies, "real") != 0));
	return bad | tg_json_set(m, "review", o);
}

int
tg_manifest_approvals(struct tg_json *m, const struct tg_manifest_in *in)
{
	const struct tg_leaf *on =
	    tg_policy_find(in->policy, "/approvals/standing/suspend_on");
	struct tg_json *o = tg_json_object(), *standing = tg_json_object(),
		       *causes = tg_json_array(), *ledger = tg_json_object();
	int bad = people(o, in->policy, "/approvals/per_bundle");

	bad |= people(standing, in->policy, "/approvals/standing");
	for (size_t i = 0; on != NULL && i < on->n; i++)
		bad |= tg_json_push_str(causes, on->item[i]);
	bad |= tg_json_set(standing, "suspend_on", causes);
	bad |= tg_json_set(standing, "used", tg_json_array());
	bad |= tg_json_set(o, "standing", standing);
	bad |= tg_json_set(m, "approvals", o);
	bad |= review(m, in);
	bad |= tg_json_set_str(ledger, "origin", in->ledger_origin);
	bad |= tg_json_set_str(ledger, "vkey", in->ledger_vkey);
	return bad | tg_json_set(m, "ledger", ledger);
}
