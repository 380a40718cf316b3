/*
 * decisions_state.c - the part of decision.h that says whether an export may
 * go: which decisions count, and whether persons can be given to all the
 * places that the policy wants filled.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/decision.h"
#include "pipeline/decision_doc.h"
#include "pipeline/standing.h"

#include "base/banned.h"

#define FILES_MAX (TG_APPROVAL_ROLES * TG_APPROVAL_COUNT)
#define SLOTS_MAX (TG_APPROVAL_ROLES * TG_APPROVAL_COUNT)

const char *
tg_decisions_name(enum tg_decisions_now state)
{
	static const char *const name[] = {
	    "awaiting-decision", "approved", "refused", "lapsed"};

	return name[state];
}

static int
approvals_in(
    struct tg_approvals *out, const struct tg_json *a, struct tg_err *err)
{
	const struct tg_json *roles = tg_json_get(a, "roles");
	const int64_t distinct = tg_json_get_int(a, "distinct_persons", -1);
	const int64_t days = tg_json_get_int(a, "expires_days", -1);
	struct tg_approvals r = {0};

	if (tg_json_len(roles) == 0 || tg_json_len(roles) > TG_APPROVAL_ROLES ||
	    distinct < 1 || distinct > FILES_MAX || days < 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the manifest does not say whose approval is needed");
	for (; r.n < tg_json_len(roles); r.n++) {
		const struct tg_json *o = tg_json_at(roles, r.n);
		const char *role = tg_json_get_str(o, "role", "");
		const int64_t count = tg_json_get_int(o, "count", -1);

		if (!tg_role_ok(tg_sv_of(role)) || count < 1 ||
		    count > TG_APPROVAL_COUNT)
			return tg_fail(err, TG_E_INTEGRITY,
			    "the manifest asks for a role or a number of "
			    "persons that is none");
		memcpy(r.need[r.n].role, role, strlen(role) + 1);
		r.need[r.n].count = (unsigned)count;
	}
	r.distinct_persons = (unsigned)distinct;
	r.expires_days = days;
	*out = r;
	return 0;
}

int
tg_approvals_of(struct tg_approvals *out, const struct tg_json *manifest,
    struct tg_err *err)
{
	return approvals_in(out, tg_json_get(manifest, "approvals"), err);
}

int
tg_approvals_standing(struct tg_approvals *out, const struct tg_json *manifest,
    struct tg_err *err)
{
	const struct tg_json *a =
	    tg_json_get(tg_json_get(manifest, "approvals"), "standing");

	if (a != NULL)
		return approvals_in(out, a, err);
	*out = (struct tg_approvals){.n = 0};
	return 0;
}

/* Approvals that count: who (by id), as what. */
struct votes {
	const char *person[FILES_MAX]; /* borrowed from the documents */
	const char *role[FILES_MAX];
	bool standing[FILES_MAX];
	size_t n;
	bool rejected, expired, broken;
};

static void TG_PRINTF(4, 5) add_reason(struct tg_decisions *d, const char *code,
    const char *role, const char *fmt, ...)
{
	struct tg_decision_reason *r;
	va_list ap;

	if (d->n_reason == TG_DECISION_REASONS)
		return;
	r = &d->reason[d->n_reason++];
	(void)snprintf(r->code, sizeof(r->code), "%s", code);
	(void)snprintf(r->role, sizeof(r->role), "%s", role);
	va_start(ap, fmt);
	(void)vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}

static bool
is_reject(const struct tg_json *doc)
{
	return strcmp(tg_decision_member(doc, "decision", NULL),
		   tg_decide_name(TG_REJECT)) == 0;
}

/* A document of trusted hand.  It goes to the list, which owns it. */
static int
take_doc(struct tg_decisions *d, struct votes *v, struct tg_json *take_doc,
    const struct tg_decision_reason *why, struct tg_err *err)
{
	if (tg_json_push(d->docs, take_doc) != 0)
		return tg_fail_memory(err);
	if (why->code[0] == '\0' && is_reject(take_doc)) {
		v->rejected = true;
		add_reason(d, "APR-REJECTED", why->role, "%s rejected: %.180s",
		    tg_decision_member(take_doc, "signer", "id"),
		    tg_decision_member(take_doc, "reason", NULL));
	} else if (why->code[0] == '\0') {
		v->person[v->n] = tg_decision_member(take_doc, "signer", "id");
		v->role[v->n] = tg_decision_member(take_doc, "role", NULL);
		v->standing[v->n] = tg_standing_is(take_doc);
		v->n++;
	} else if (strcmp(why->code, "APR-EXPIRED") == 0) {
		v->expired = true;
	}
	return 0;
}

static int
look(struct tg_decisions *d, struct votes *v, const char *dir, const char *name,
    const struct tg_decision_against *a, struct tg_err *err)
{
	struct tg_decision_reason why;
	struct tg_json *doc = NULL;

	if (d->examined == FILES_MAX)
		return tg_fail(err, TG_E_LIMIT, "%s: more than %d decisions",
		    dir, FILES_MAX);
	if (tg_decision_verify(&doc, &why, dir, name, a, err) < 0)
		return -1;
	d->examined++;
	if (why.code[0] != '\0')
		add_reason(d, why.code, why.role, "%s: %.180s", name, why.text);
	if (doc == NULL) {
		v->broken = true;
		return 0;
	}
	return take_doc(d, v, doc, &why, err);
}

static int
look_all(struct tg_decisions *d, struct votes *v, const char *dir,
    const struct tg_decision_against *a, struct tg_err *err)
{
	struct tg_fs_names names = {NULL, 0};
	int rc = -1;

	if (tg_fs_list(&names, dir, false, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (tg_decision_name_ok(tg_sv_of(names.name[i])) &&
		    look(d, v, dir, names.name[i], a, err) < 0)
			goto out;
	rc = 0;
out:
	tg_fs_names_free(&names);
	return rc;
}

/* The places to be filled, one for each person wanted. */
struct places {
	const char *role[SLOTS_MAX];
	size_t n;
	int vote[SLOTS_MAX]; /* which approval fills it; -1: none */
};

static bool
same_person(const struct votes *v, size_t a, size_t b)
{
	return strcmp(v->person[a], v->person[b]) == 0;
}

/*
 * Finds a person for place @s, moving those who can fill another place as well
 * (bipartite matching, one augmenting path).  A person is tried once: @seen.
 */
static bool
place(struct places *p, const struct votes *v, size_t s, bool *seen)
{
	for (size_t k = 0; k < v->n; k++) {
		size_t busy = p->n;

		if (seen[k] || strcmp(v->role[k], p->role[s]) != 0)
			continue;
		for (size_t i = 0; i < v->n; i++)
			seen[i] = seen[i] || same_person(v, i, k);
		for (size_t t = 0; t < p->n; t++)
			if (p->vote[t] >= 0 &&
			    same_person(v, (size_t)p->vote[t], k))
				busy = t;
		if (busy < p->n && !place(p, v, busy, seen))
			continue;
		p->vote[s] = (int)k;
		return true;
	}
	return false;
}

/* Fills what can be filled; the number of roles that lack somebody. */
static size_t
fill(struct tg_decisions *d, const struct votes *v,
    const struct tg_approvals *need)
{
	struct places p = {.n = 0};
	size_t missing = 0;

	for (size_t i = 0; i < need->n; i++)
		for (unsigned k = 0; k < need->need[i].count; k++) {
			p.role[p.n] = need->need[i].role;
			p.vote[p.n++] = -1;
		}
	for (size_t s = 0; s < p.n; s++) {
		bool seen[FILES_MAX] = {false};
		bool same = false;

		if (place(&p, v, s, seen))
			continue;
		missing++;
		for (size_t k = 0; k < v->n; k++)
			same = same || strcmp(v->role[k], p.role[s]) == 0;
		add_reason(d, same ? "APR-SAME-PERSON" : "APR-MISSING",
		    p.role[s],
		    same ? "another person is needed as %s"
			 : "nobody has approved as %s",
		    p.role[s]);
	}
	return missing;
}

/* Approvers and the preparer, each person once. */
static unsigned
distinct(const struct votes *v, const char *preparer)
{
	unsigned n = 1;

	for (size_t k = 0; k < v->n; k++) {
		bool again = strcmp(v->person[k], preparer) == 0;

		for (size_t i = 0; i < k; i++)
			again =
			    again || strcmp(v->person[k], v->person[i]) == 0;
		n += again ? 0 : 1;
	}
	return n;
}

static void
judge(struct tg_decisions *d, const struct votes *v,
    const struct tg_decision_against *a, const struct tg_approvals *need)
{
	const unsigned persons =
	    distinct(v, tg_decision_member(a->manifest, "preparer", "id"));
	size_t missing = fill(d, v, need);

	if (missing == 0 && persons < need->distinct_persons) {
		add_reason(d, "APR-SAME-PERSON", "",
		    "%u different persons are needed with the preparer, there "
		    "are %u",
		    need->distinct_persons, persons);
		missing++;
	}
	if (v->rejected)
		d->state = TG_DECISIONS_REFUSED;
	else if (missing == 0 && !v->broken && d->counted > 0)
		d->state = TG_DECISIONS_APPROVED;
	else if (v->expired && missing > 0)
		d->state = TG_DECISIONS_LAPSED;
	else
		d->state = TG_DECISIONS_WAITING;
}

/* The votes of one kind. */
static struct votes
only(const struct votes *v, bool standing)
{
	struct votes out = *v;

	out.n = 0;
	for (size_t i = 0; i < v->n; i++) {
		if (v->standing[i] != standing)
			continue;
		out.person[out.n] = v->person[i];
		out.role[out.n] = v->role[i];
		out.standing[out.n++] = standing;
	}
	return out;
}

/* Standing approvals stand together or not at all. */
static int
settle_standing(
    struct votes *v, const struct tg_decision_against *a, struct tg_err *err)
{
	const char *preparer =
	    tg_decision_member(a->manifest, "preparer", "id");
	const struct votes standing = only(v, true);
	struct tg_decisions unsaid = {.n_reason = 0};
	struct tg_approvals need;

	if (standing.n == 0)
		return 0;
	if (tg_approvals_standing(&need, a->manifest, err) < 0)
		return -1;
	if (need.n == 0 || fill(&unsaid, &standing, &need) > 0 ||
	    distinct(&standing, preparer) < need.distinct_persons)
		*v = only(v, false);
	return 0;
}

int
tg_decisions_state(struct tg_decisions *out, const char *dir,
    const struct tg_decision_against *a, const struct tg_approvals *need,
    struct tg_err *err)
{
	struct tg_decision_against against = *a;
	struct votes v = {.n = 0};

	memset(out, 0, sizeof(*out));
	if (need->n == 0)
		return tg_fail(
		    err, TG_E_CONFIG, "the policy asks for nobody's approval");
	if (a->manifest == NULL || a->trust == NULL)
		return tg_fail(
		    err, TG_E_BUG, "nothing to hold decisions against");
	if (against.max_days == 0)
		against.max_days = need->expires_days;
	out->docs = tg_json_array();
	if (out->docs == NULL)
		return tg_fail_memory(err);
	if (look_all(out, &v, dir, &against, err) < 0 ||
	    (!a->choosing && settle_standing(&v, a, err) < 0)) {
		tg_decisions_free(out);
		return -1;
	}
	out->counted = v.n;
	judge(out, &v, a, need);
	return 0;
}

void
tg_decisions_free(struct tg_decisions *d)
{
	if (d == NULL)
		return;
	tg_json_free(d->docs);
	d->docs = NULL;
}
