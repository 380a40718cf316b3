/* judge_law.c - rows about purpose, basis, parties and the transfer. */
#include <string.h>

#include "report/judge.h"

#include "base/env.h"
#include "base/banned.h"

void
tg_judge_purpose(struct tg_judge *j)
{
	const char *id = tg_judge_text(j, "purpose", "id");
	const struct tg_leaf *allow = tg_judge_leaf(j, "/purposes/allow");

	j->declared = true;
	if (id[0] == '\0') {
		tg_judge_say(j, TG_MARK_NOT_MET, "purpose-missing", 0);
		return;
	}
	if (allow == NULL) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
		return;
	}
	tg_judge_str(j, id);
	if (tg_leaf_has(tg_judge_leaf(j, "/purposes/deny"), id)) {
		tg_judge_say(j, TG_MARK_NOT_MET, "purpose-denied", 1);
	} else if (!tg_leaf_has(allow, id)) {
		tg_judge_say(j, TG_MARK_NOT_MET, "purpose-unlisted", 1);
	} else {
		tg_judge_int(j, (int64_t)allow->n);
		tg_judge_say(j, TG_MARK_MET, "purpose-listed", 1);
	}
}

void
tg_judge_basis(struct tg_judge *j)
{
	const char *basis = tg_judge_text(j, "purpose", "legal_basis");
	const char *ref = tg_judge_text(j, "purpose", "assessment_ref");
	const struct tg_leaf *allow = tg_judge_leaf(j, "/legal/basis_allow");
	const struct tg_leaf *needs =
	    tg_judge_leaf(j, "/legal/assessment_required_for");

	j->declared = true;
	if (basis[0] == '\0') {
		tg_judge_say(j, TG_MARK_NOT_MET, "basis-missing", 0);
		return;
	}
	if (allow == NULL) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
		return;
	}
	tg_judge_term(j, "basis", basis);
	if (!tg_leaf_has(allow, basis)) {
		tg_judge_say(j, TG_MARK_NOT_MET, "basis-unlisted", 1);
	} else if (ref[0] != '\0') {
		tg_judge_str(j, ref);
		tg_judge_str(j, tg_judge_declarer(j->m));
		tg_judge_say(j, TG_MARK_MET, "basis-listed", 1);
	} else if (tg_leaf_has(needs, basis)) {
		tg_judge_say(j, TG_MARK_NOT_MET, "basis-no-assessment", 1);
	} else {
		tg_judge_str(j, tg_judge_declarer(j->m));
		tg_judge_say(j, TG_MARK_MET, "basis-plain", 1);
	}
}

void
tg_judge_dpia(struct tg_judge *j)
{
	const char *ref = tg_judge_text(j, "purpose", "dpia_ref");

	j->declared = true;
	if (ref[0] == '\0') {
		tg_judge_say(j, TG_MARK_CONFIRM, "dpia-missing", 0);
		return;
	}
	tg_judge_str(j, ref);
	tg_judge_str(j, tg_judge_declarer(j->m));
	tg_judge_say(j, TG_MARK_MET, "dpia-named", 1);
}

/* Dates come as text or as seconds; true when there is one. */
static bool
contract_date(const struct tg_judge *j, int64_t *out)
{
	const struct tg_json *v =
	    tg_json_get(tg_json_get(j->m, "recipient"), "contract_date");

	if (tg_json_kind(v) == TG_JSON_INT) {
		*out = tg_json_number(v);
		return *out > 0;
	}
	return tg_time_parse(out, tg_sv_of(tg_json_text(v)));
}

static bool
has_detail(const struct tg_judge *j, const char *field)
{
	int64_t t;

	if (strcmp(field, "contract_date") == 0)
		return contract_date(j, &t);
	return tg_judge_text(j, "recipient", field)[0] != '\0';
}

void
tg_judge_agreement(struct tg_judge *j)
{
	/* What base.yaml asks for; the policy's own list when there is one. */
	static const char *const usual[] = {"legal_name", "role", "country",
	    "contact", "contract_ref", "contract_date"};
	const struct tg_leaf *leaf =
	    tg_judge_leaf(j, "/transfers/recipient_fields_required");
	const char *const *field = leaf == NULL ? usual : leaf->item;
	const size_t n = leaf == NULL ? TG_COUNT(usual) : leaf->n;
	struct tg_json *missing = tg_json_array();
	int64_t present = 0, when = 0;

	j->declared = true;
	for (size_t i = 0; i < n; i++) {
		if (has_detail(j, field[i])) {
			present++;
		} else if (tg_json_push_str(missing, field[i]) < 0) {
			tg_json_free(missing);
			missing = NULL;
			break;
		}
	}
	tg_judge_int(j, present);
	tg_judge_int(j, (int64_t)n);
	if (missing == NULL || tg_json_len(missing) > 0 ||
	    !contract_date(j, &when)) {
		tg_judge_terms(j, "field", missing);
		tg_judge_say(
		    j, TG_MARK_NOT_MET, "agreement-incomplete", (int64_t)n);
		return;
	}
	tg_json_free(missing);
	tg_judge_str(j, tg_judge_text(j, "recipient", "contract_ref"));
	tg_judge_date(j, when);
	tg_judge_str(j, tg_judge_declarer(j->m));
	tg_judge_say(j, TG_MARK_MET, "agreement-complete", (int64_t)n);
}

void
tg_judge_key(struct tg_judge *j)
{
	const size_t keys = tg_json_len(
	    tg_json_get(tg_json_get(j->m, "payload"), "recipients"));
	const char *how = tg_judge_text(j, "recipient", "key_confirmed");

	j->declared = true;
	if (keys == 0) {
		tg_judge_say(j, TG_MARK_NOT_MET, "key-none", 0);
		return;
	}
	tg_judge_int(j, (int64_t)keys);
	if (how[0] == '\0') {
		tg_judge_say(
		    j, TG_MARK_CONFIRM, "key-unconfirmed", (int64_t)keys);
		return;
	}
	tg_judge_str(j, how);
	tg_judge_str(j, tg_judge_declarer(j->m));
	tg_judge_say(j, TG_MARK_MET, "key-confirmed", (int64_t)keys);
}

/* Whether a list of destinations names @country or a set that might hold it
 * ("@EEA": the sets are reference data, not in the effective policy). */
static bool
may_list(const struct tg_leaf *leaf, const char *country)
{
	if (leaf == NULL || tg_leaf_has(leaf, country))
		return true;
	for (size_t i = 0; i < leaf->n; i++)
		if (leaf->item[i][0] == '@')
			return true;
	return false;
}

void
tg_judge_transfer(struct tg_judge *j)
{
	const char *from = tg_json_get_str(j->m, "origin", "");
	const char *to = tg_judge_text(j, "recipient", "country");
	const struct tg_leaf *deny =
	    tg_judge_leaf(j, "/transfers/destinations_deny");
	const struct tg_leaf *allow =
	    tg_judge_leaf(j, "/transfers/destinations_allow");

	j->declared = true;
	if (from[0] == '\0' || to[0] == '\0') {
		tg_judge_say(j, TG_MARK_NOT_MET, "transfer-unknown", 0);
	} else if (tg_leaf_has(deny, to)) {
		tg_judge_term(j, "country", to);
		tg_judge_say(j, TG_MARK_NOT_MET, "transfer-denied", 1);
	} else if (strcmp(from, to) == 0) {
		tg_judge_term(j, "country", to);
		tg_judge_say(j, TG_MARK_MET, "transfer-domestic", 1);
	} else if (!may_list(allow, to)) {
		tg_judge_term(j, "country", to);
		tg_judge_say(j, TG_MARK_NOT_MET, "transfer-unlisted", 1);
	} else {
		/* The run began only because the policy admits this tool. */
		const char *tool = tg_judge_text(j, "recipient", "mechanism");

		tg_judge_term(j, "country", from);
		tg_judge_term(j, "country", to);
		if (tool[0] == '\0') {
			tg_judge_say(j, TG_MARK_CONFIRM, "transfer-abroad", 1);
			return;
		}
		tg_judge_str(j, tool);
		tg_judge_say(j, TG_MARK_MET, "transfer-tool", 1);
	}
}
