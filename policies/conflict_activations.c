/*
 * conflict_activations.c - what the effective policy lets leave of activations:
 * what a project asks for, down to the floor, and what a claim forbids.
 */
#include <stdio.h>

#include "policies/conflict.h"

#include "base/banned.h"

/* Roles that approvals ask for. */
static const char *const roles[] = {
    "/approvals/per_bundle/roles/", "/approvals/standing/roles/"};

static bool
is(const struct tg_pval *v, const char *word)
{
	return v != NULL && strcmp(v->text, word) == 0;
}

/* The place of @word in the leaf's order; @v is of such a leaf. */
static uint64_t
rank(const struct tg_pval *v, const char *word)
{
	uint64_t i = 0;

	while (v->row->words[i] != NULL && strcmp(v->row->words[i], word) != 0)
		i++;
	return i;
}

/*
 * A floor is of the file that says what is done when nobody asks: one that a
 * law has tightened has no floor but itself until that law states another.
 */
static int
check_floor(const struct tg_pval *span, const struct tg_pval *asked,
    const struct tg_pval *floor, struct tg_err *err)
{
	if (asked == NULL)
		return 0;
	if (span == NULL)
		return tg_conflict_alone(
		    asked, "asks for what no base or region file has", err);
	if (floor == NULL || floor->from != span->from)
		floor = span;
	return asked->num >= floor->num
	    ? 0
	    : tg_conflict_pair(
		  asked, "E-RELAX", "is looser than the floor", floor, err);
}

/* Rows behind a finding give it back (trace-formats 5.4): a person answers for
 * them, whose role the approvals of each bundle ask for, and standing ones. */
static int
check_approver(
    const struct tg_leaves *s, const struct tg_pval *done, struct tg_err *err)
{
	const struct tg_pval *who =
	    tg_leaves_find(s, TG_SV("/activations/span_rows_approver"));

	if (!is(done, "drop_span_rows"))
		return 0;
	if (who == NULL)
		return tg_conflict_alone(done,
		    "asks for a named approver: span_rows_approver, a role",
		    err);
	for (size_t i = 0; i < TG_COUNT(roles); i++) {
		const struct tg_pval *role;
		char path[TG_SCHEMA_PATH];

		(void)snprintf(
		    path, sizeof(path), "%s%.128s", roles[i], who->text);
		role = tg_leaves_find(s, tg_sv_of(path));
		if (role == NULL || role->num == 0)
			return tg_conflict_alone(who,
			    "is a role that not all approvals ask for", err);
	}
	return 0;
}

/* A text in which something was found gives no more than one without. */
static int
check_clean(
    const struct tg_pval *clean, const struct tg_pval *done, struct tg_err *err)
{
	if (done == NULL || !is(clean, "drop_activations") ||
	    done->num >= rank(done, "drop_activations"))
		return 0;
	return tg_conflict_pair(done, "E-CONFLICT",
	    "lets more leave of a text with a finding than of one without",
	    clean, err);
}

/* Rows of people's texts are not anonymous, found or not (trace-formats 5.2,
 * 5.4: keep and drop_span_rows are not for France). */
static int
check_claim(const struct tg_pval *claim, const struct tg_pval *clean,
    const struct tg_pval *done, struct tg_err *err)
{
	if (!is(claim, "anonymised"))
		return 0;
	if (is(done, "drop_span_rows"))
		return tg_conflict_pair(done, "E-CLAIM-ACTIVATIONS",
		    "is not anonymous", claim, err);
	if (is(clean, "keep"))
		return tg_conflict_pair(clean, "E-CLAIM-ACTIVATIONS",
		    "is not anonymous", claim, err);
	return 0;
}

/* Noise has a scale only where it is bounded what one subject changes. */
static int
check_noise(const struct tg_leaves *s, struct tg_err *err)
{
	const struct tg_pval *noise =
	    tg_leaves_find(s, TG_SV("/activations/aggregate/epsilon_milli"));
	static const char *const needs[] = {
	    "/activations/aggregate/cells_per_subject",
	    "/activations/aggregate/clip"};

	for (size_t i = 0; noise != NULL && i < TG_COUNT(needs); i++)
		if (tg_leaves_find(s, tg_sv_of(needs[i])) == NULL)
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:%u: E-CONFLICT: %s asks for %s: without it "
			    "nothing bounds what one subject changes",
			    noise->from->file.path, noise->line, noise->col,
			    noise->path, needs[i]);
	return 0;
}

int
tg_conflict_activations(const struct tg_leaves *s, struct tg_err *err)
{
	static const char claims[] = "/anonymisation/claims/";
	const struct tg_pval *span =
	    tg_leaves_find(s, TG_SV("/activations/on_span"));
	const struct tg_pval *asked =
	    tg_leaves_find(s, TG_SV("/activations/on_span_asked"));
	const struct tg_pval *clean =
	    tg_leaves_find(s, TG_SV("/activations/on_clean"));
	const struct tg_pval *done = asked == NULL ? span : asked;

	if (check_floor(span, asked,
		tg_leaves_find(s, TG_SV("/activations/on_span_floor")),
		err) < 0 ||
	    check_clean(clean, done, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (strncmp(s->v[i].path, claims, sizeof(claims) - 1) == 0 &&
		    check_claim(&s->v[i], clean, done, err) < 0)
			return -1;
	return check_noise(s, err) < 0 || check_approver(s, done, err) < 0 ? -1
									   : 0;
}
