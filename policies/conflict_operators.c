/*
 * conflict_operators.c - what the effective policy does to a finding: the
 * operator that a project asks for, down to the floor, and what law and claims
 * forbid.
 */
#include <stdio.h>

#include "policies/conflict.h"

#include "base/banned.h"

#define HEAD "/redaction/detectors/"

/* Types with something coarser to say (redactors/generalise.def; a test of the
 * pipeline compares). */
static const char *const coarser[] = {"AGE", "DATE_OF_BIRTH", "FR_POSTCODE",
    "GPS", "IP_ADDRESS", "UK_POSTCODE", "US_ZIP"};

struct detector {
	const struct tg_leaves *s;
	struct tg_sv type;
	const struct tg_pval *done; /* operator, else action */
};

static const struct tg_pval *
find(const struct tg_leaves *s, const char *path)
{
	return tg_leaves_find(s, tg_sv_of(path));
}

static const struct tg_pval *
leaf(const struct detector *d, const char *name)
{
	char path[TG_SCHEMA_PATH];

	(void)snprintf(
	    path, sizeof(path), HEAD "%.*s/%s", TG_SV_FMT(d->type), name);
	return find(d->s, path);
}

static bool
is(const struct tg_pval *v, const char *word)
{
	return v != NULL && v->text != NULL && strcmp(v->text, word) == 0;
}

static bool
is_any(const struct tg_pval *v, const char *const *words)
{
	for (; *words != NULL; words++)
		if (is(v, *words))
			return true;
	return false;
}

/* A project asks for an operator; the floor is the loosest there is, and
 * without one the action. */
static int
check_floor(const struct detector *d, struct tg_err *err)
{
	const struct tg_pval *asked = leaf(d, "operator");
	const struct tg_pval *action = leaf(d, "action");
	const struct tg_pval *floor = leaf(d, "floor");

	if (floor == NULL)
		floor = action;
	if (asked != NULL && floor == NULL)
		return tg_fail(err, TG_E_CONFIG,
		    "%s:%u:%u: E-CONFLICT: %s: no base or region file has an "
		    "action for this type",
		    asked->from->file.path, asked->line, asked->col,
		    asked->path);
	if (asked != NULL && asked->num < floor->num)
		return tg_conflict_pair(
		    asked, "E-RELAX", "is looser than the floor", floor, err);
	return 0;
}

/* An operator that finds nothing to do in values of the type. */
static int
check_serves(const struct detector *d, struct tg_err *err)
{
	bool coarse = false;

	for (size_t i = 0; i < TG_COUNT(coarser); i++)
		coarse = coarse || tg_sv_is(d->type, coarser[i]);
	if (is(d->done, "generalise") && !coarse)
		return tg_conflict_alone(
		    d->done, "knows nothing coarser for this type", err);
	if (!is(d->done, "shift_date"))
		return 0;
	if (!tg_sv_is(d->type, "DATE_OF_BIRTH"))
		return tg_conflict_alone(d->done, "is for dates", err);
	if (leaf(d, "shift_days") == NULL)
		return tg_conflict_alone(d->done, "asks for shift_days", err);
	return 0;
}

/* A mask that leaves characters, as its leaf; NULL when it leaves none. */
static const struct tg_pval *
shown(const struct detector *d)
{
	static const char *const kept[] = {"mask_keep_first", "mask_keep_last"};

	for (size_t i = 0; i < TG_COUNT(kept) && is(d->done, "mask"); i++) {
		const struct tg_pval *v = leaf(d, kept[i]);

		if (v != NULL && v->num > 0)
			return v;
	}
	return NULL;
}

/* "full or truncated" is a listed identifier: 28 CFR 202.234(a) (US-04). */
static int
check_gov_id(const struct detector *d, struct tg_err *err)
{
	const struct tg_pval *ban =
	    find(d->s, "/redaction/partial_mask_on_gov_id");
	const struct tg_pval *fides = leaf(d, "fides"), *part = shown(d);

	if (part == NULL || !is(ban, "forbid") || fides == NULL ||
	    !tg_sv_starts(tg_sv_of(fides->text), TG_SV("user.government_id")))
		return 0;
	return tg_conflict_pair(part, "E-CONFLICT",
	    "of a government identifier stay readable", ban, err);
}

/*
 * What is anonymous links nobody and shows nothing of a value: WP29 05/2014
 * singling out, linkability, inference (FR-09; detection.md 5.1).
 */
static int
check_claim(
    const struct detector *d, const struct tg_pval *claim, struct tg_err *err)
{
	static const char *const not [] = {"keep", "tag", "shift_date",
	    "tokenise", "hash", "pseudonymise", "number", NULL};
	const struct tg_pval *part = shown(d);

	if (!is(claim, "anonymised"))
		return 0;
	if (part != NULL)
		return tg_conflict_pair(part, "E-CLAIM-OPERATOR",
		    "characters stay readable, which is not anonymous", claim,
		    err);
	if (is_any(d->done, not ))
		return tg_conflict_pair(d->done, "E-CLAIM-OPERATOR",
		    "is not anonymous", claim, err);
	return 0;
}

/* 45 CFR 164.514(b)(2)(i): no element of a date but the year, no part of an
 * identifier; (c): no code that is derived from the information (US-11). */
static int
check_hipaa(const struct detector *d, struct tg_err *err)
{
	static const char *const not [] = {
	    "keep", "shift_date", "tokenise", "hash", "pseudonymise", NULL};
	const struct tg_pval *harbor =
	    find(d->s, "/anonymisation/hipaa_safe_harbor");
	const struct tg_pval *part = shown(d);

	if (!is(harbor, "always"))
		return 0;
	if (part != NULL)
		return tg_conflict_pair(part, "E-CLAIM-OPERATOR",
		    "characters stay readable", harbor, err);
	if (is_any(d->done, not ))
		return tg_conflict_pair(d->done, "E-CLAIM-OPERATOR",
		    "is not in the safe harbor", harbor, err);
	return 0;
}

/* Equal text in other hands: the raw value is never left where a region asks
 * for k-anonymity or more. */
static int
check_keep(const struct detector *d, struct tg_err *err)
{
	static const char *const levels[] = {
	    "k_anonymous", "anonymised_tested", NULL};
	const struct tg_pval *level = find(d->s, "/anonymisation/level");

	if (is(d->done, "keep") && is_any(level, levels))
		return tg_conflict_pair(d->done, "E-CONFLICT",
		    "leaves the value in place", level, err);
	return 0;
}

static int
check_one(const struct detector *d, struct tg_err *err)
{
	static const char claims[] = "/anonymisation/claims/";

	if (check_floor(d, err) < 0)
		return -1;
	if (d->done == NULL)
		return 0;
	if (check_serves(d, err) < 0 || check_gov_id(d, err) < 0 ||
	    check_hipaa(d, err) < 0 || check_keep(d, err) < 0)
		return -1;
	for (size_t i = 0; i < d->s->n; i++)
		if (tg_sv_starts(tg_sv_of(d->s->v[i].path),
			(struct tg_sv){claims, sizeof(claims) - 1}) &&
		    check_claim(d, &d->s->v[i], err) < 0)
			return -1;
	return 0;
}

int
tg_conflict_operators(const struct tg_leaves *s, struct tg_err *err)
{
	const struct tg_sv head = TG_SV(HEAD);
	struct tg_sv last = {NULL, 0};

	for (size_t i = 0; i < s->n; i++) {
		struct tg_sv path = tg_sv_of(s->v[i].path);
		struct detector d = {.s = s};

		if (!tg_sv_starts(path, head))
			continue;
		d.type.p = path.p + head.n;
		while (head.n + d.type.n < path.n && d.type.p[d.type.n] != '/')
			d.type.n++;
		if (tg_sv_eq(d.type, last))
			continue;
		last = d.type;
		d.done = leaf(&d, "operator");
		if (d.done == NULL)
			d.done = leaf(&d, "action");
		if (check_one(&d, err) < 0)
			return -1;
	}
	return 0;
}
