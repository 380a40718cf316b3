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
	bad |= tg_json_set_str(ledger, "origin", in->ledger_origin);
	bad |= tg_json_set_str(ledger, "vkey", in->ledger_vkey);
	return bad | tg_json_set(m, "ledger", ledger);
}
