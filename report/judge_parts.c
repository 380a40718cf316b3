/* judge_parts.c - the row about the evidence itself: what the policy demands of
 * it, and what of that is not made; and the policy's lines that nobody
 * enforces. */
#include "report/judge.h"

#include <string.h>

#include "policies/honour.h"
#include "policies/parts.h"
#include "policies/schema.h"

#include "base/banned.h"

void
tg_judge_complete(struct tg_judge *j)
{
	struct tg_json *none = tg_json_array();
	int64_t wanted = 0;
	int bad = 0;

	for (size_t k = 0; k < TG_PART_KINDS; k++) {
		const enum tg_part_kind kind = (enum tg_part_kind)k;
		const struct tg_leaf *leaf =
		    tg_judge_leaf(j, tg_part_leaf(kind));

		for (size_t i = 0; leaf != NULL && i < leaf->n; i++) {
			const struct tg_part *p =
			    tg_part_find(kind, leaf->item[i]);

			wanted++;
			if (p == NULL || p->given_by[0] == '\0')
				bad |= tg_json_push_str(none, leaf->item[i]);
		}
	}
	if (wanted == 0 || bad != 0) {
		tg_json_free(none);
		tg_judge_say(j, TG_MARK_NOT_ASSESSED,
		    j->in->policy == NULL ? "no-policy" : "no-leaf", 0);
		return;
	}
	tg_judge_int(j, wanted);
	if (tg_json_len(none) == 0) {
		tg_json_free(none);
		tg_judge_say(j, TG_MARK_MET, "parts-all", wanted);
		return;
	}
	tg_judge_int(j, (int64_t)tg_json_len(none));
	tg_judge_terms(j, "part", none);
	tg_judge_say(j, TG_MARK_CONFIRM, "parts-some", wanted);
}

static bool
says(const struct tg_policy *policy, const char *pattern)
{
	for (size_t i = 0; i < tg_policy_count(policy); i++) {
		const struct tg_schema_row *row;
		const char *path = tg_policy_at(policy, i)->path;

		if (tg_schema_find(&row, tg_sv_of(path)) == TG_SCHEMA_LEAF &&
		    strcmp(row->pattern, pattern) == 0)
			return true;
	}
	return false;
}

struct tg_json *
tg_judge_unenforced(const struct tg_policy *policy)
{
	struct tg_json *out = tg_json_array();
	const struct tg_honour *h;
	int bad = 0;

	for (size_t i = 0; (h = tg_honour_at(i)) != NULL; i++)
		if (h->by == TG_HONOUR_NOBODY && says(policy, h->pattern))
			bad |= tg_json_push_str(out, h->pattern);
	if (bad != 0) {
		tg_json_free(out);
		return NULL;
	}
	return out;
}
