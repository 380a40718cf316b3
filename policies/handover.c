#include "policies/handover.h"

#include "base/banned.h"

#define RECIPIENT "recipient" /* who holds the secret keys, and nobody else */

static const char *
or_nobody(const char *word)
{
	return word == NULL ? "nobody states who" : word;
}

static int
ask_count(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/encryption/min_recipient_keys";
	uint64_t min = 0;

	if (tg_policy_u64(g->p, path, &min, err) < 0)
		return -1;
	if (g->job->n_key >= min)
		return 0;
	return tg_reason_add(g, "KEY-COUNT", path, err,
	    "the recipient has %llu keys, %llu are wanted",
	    (unsigned long long)g->job->n_key, (unsigned long long)min);
}

static int
ask_age(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/encryption/recipient_key_max_age_days";
	uint64_t max = 0;

	if (tg_policy_u64(g->p, path, &max, err) < 0)
		return -1;
	if (g->job->key_age_days < 0)
		return tg_reason_add(g, "KEY-AGE", path, err,
		    "the recipient does not say when its keys were made "
		    "(key_date)");
	if ((uint64_t)g->job->key_age_days <= max)
		return 0;
	return tg_reason_add(g, "KEY-AGE", path, err,
	    "the recipient's key is %lld days old, %llu are allowed",
	    (long long)g->job->key_age_days, (unsigned long long)max);
}

/* 28 CFR 202, CISA Security Requirements (US-07): keys away from countries of
 * concern.  A policy may say nothing here. */
static int
ask_custody(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/encryption/key_custody_deny";
	const struct tg_leaf *deny = tg_policy_find(g->p, path);
	const char *in = g->job->key_country;
	bool denied = false;

	if (deny == NULL || deny->n == 0)
		return 0;
	if (in == NULL)
		return tg_reason_add(g, "KEY-CUSTODY", path, err,
		    "the recipient does not say in which country its secret "
		    "keys are (key_country)");
	if (tg_policy_has(g->p, path, in, &denied, err) < 0)
		return -1;
	if (!denied)
		return 0;
	return tg_reason_add(g, "KEY-CUSTODY", path, err,
	    "the recipient's secret keys are in %.8s", in);
}

/* A flag that a policy may leave out. */
static int
flag(const struct tg_gate *g, const char *path, bool *out, struct tg_err *err)
{
	*out = false;
	return tg_policy_find(g->p, path) == NULL
	    ? 0
	    : tg_policy_bool(g->p, path, out, err);
}

/* 15 CFR 734.18(a)(5): the means of decryption are provided to no third
 * party. */
static int
ask_end_to_end(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/encryption/end_to_end_required";
	const char *who = g->job->key_holder;
	bool wanted;

	if (flag(g, path, &wanted, err) < 0)
		return -1;
	if (!wanted || (who != NULL && strcmp(who, RECIPIENT) == 0))
		return 0;
	return tg_reason_add(g, "KEY-HOLDER", path, err,
	    "the recipient alone must hold its secret keys (key_holder: "
	    "recipient): %.64s",
	    or_nobody(who));
}

static int
ask_store(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/encryption/key_store_separate_from_target";
	bool wanted;

	if (g->job->target == NULL)
		return 0;
	if (flag(g, path, &wanted, err) < 0)
		return -1;
	if (!wanted || g->job->keys_apart)
		return 0;
	return tg_reason_add(g, "KEY-STORE", path, err,
	    "our keys and the target are in one folder");
}

/* ---- what the recipient has agreed to ---------------------------------- */

static bool
agreed(const struct tg_policy_job *job, const char *clause)
{
	for (size_t i = 0; i < job->n_clause; i++)
		if (strcmp(job->clause[i], clause) == 0)
			return true;
	return false;
}

static int
ask_clauses(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/recipient_clauses";
	const struct tg_leaf *need = tg_policy_find(g->p, path);
	char missing[TG_REASON_TEXT] = "";

	for (size_t i = 0; need != NULL && i < need->n; i++)
		if (!agreed(g->job, need->item[i]))
			tg_reason_append(missing, need->item[i]);
	if (missing[0] == '\0')
		return 0;
	return tg_reason_add(g, "DPA-CLAUSE", path, err,
	    "the recipient's record names no clause of the contract for: %s",
	    missing);
}

static int
ask_onward(struct tg_gate *g, struct tg_err *err)
{
	static const char *const order[] = {"allow", "prior_approval", "deny"};
	const char *path = "/transfers/onward_transfer";
	const char *agreed_to = g->job->onward_transfer, *want;
	size_t have = 0, wanted = 0;

	if (tg_policy_str(g->p, path, &want, err) < 0)
		return -1;
	for (size_t i = 0; i < TG_COUNT(order); i++) {
		if (strcmp(want, order[i]) == 0)
			wanted = i;
		if (agreed_to != NULL && strcmp(agreed_to, order[i]) == 0)
			have = i;
	}
	if (have >= wanted)
		return 0;
	return tg_reason_add(g, "XFR-ONWARD", path, err,
	    "the contract must say of onward transfer: %s; the recipient's "
	    "record says: %.64s",
	    want, agreed_to == NULL ? "nothing" : agreed_to);
}

int
tg_handover_ask(struct tg_gate *g, struct tg_err *err)
{
	static int (*const rules[])(struct tg_gate *, struct tg_err *) = {
	    ask_count, ask_age, ask_custody, ask_end_to_end, ask_store,
	    ask_clauses, ask_onward};

	for (size_t i = 0; i < TG_COUNT(rules); i++)
		if (rules[i](g, err) < 0)
			return -1;
	return 0;
}
