#include "policies/conflict.h"

#include <stdio.h>

#include "base/banned.h"

#define MIN_DAYS "/min_days"
#define MAX_DAYS "/max_days"

static const struct tg_pval *
find(const struct tg_leaves *s, const char *path)
{
	return tg_leaves_find(s, tg_sv_of(path));
}

/* Leaves <head>/<anything><tail>. */
static bool
is_under(const char *path, const char *head, const char *tail)
{
	const size_t n = strlen(path), h = strlen(head), t = strlen(tail);

	return n > h + t && memcmp(path, head, h) == 0 &&
	    strcmp(path + n - t, tail) == 0;
}

int
tg_conflict_pair(const struct tg_pval *v, const char *code, const char *what,
    const struct tg_pval *other, struct tg_err *err)
{
	return tg_fail(err, TG_E_CONFIG,
	    "%s:%u:%u: %s: %s: %s %s: %s %s (%s:%u)", v->from->file.path,
	    v->line, v->col, code, v->path, v->text, what, other->path,
	    other->text, other->from->file.path, other->line);
}

int
tg_conflict_alone(const struct tg_pval *v, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_CONFIG, "%s:%u:%u: E-CONFLICT: %s: %s %s",
	    v->from->file.path, v->line, v->col, v->path, v->text, what);
}

static int
fail_over(
    const struct tg_pval *low, const struct tg_pval *high, struct tg_err *err)
{
	return tg_fail(err, TG_E_CONFIG,
	    "%s:%u:%u: E-CONFLICT: %s %s is over %s %s (%s:%u)",
	    low->from->file.path, low->line, low->col, low->path, low->text,
	    high->path, high->text, high->from->file.path, high->line);
}

static int
check_order(const struct tg_leaves *s, struct tg_err *err)
{
	static const char *const pairs[][2] = {
	    {"/sampling/rate_default", "/sampling/rate_max"},
	    {"/budget/warn_gb_per_month", "/budget/cap_gb_per_month"},
	    {"/us_dsp/warn_ratio", "/us_dsp/block_ratio"},
	};

	for (size_t i = 0; i < TG_COUNT(pairs); i++) {
		const struct tg_pval *low = find(s, pairs[i][0]);
		const struct tg_pval *high = find(s, pairs[i][1]);

		if (low != NULL && high != NULL && low->num > high->num)
			return fail_over(low, high, err);
	}
	return 0;
}

static int
check_records(const struct tg_leaves *s, struct tg_err *err)
{
	char path[TG_SCHEMA_PATH];

	for (size_t i = 0; i < s->n; i++) {
		const struct tg_pval *low = &s->v[i], *high;
		size_t n = strlen(low->path);

		if (!is_under(low->path, "/retention/records/", MIN_DAYS) ||
		    n >= sizeof(path))
			continue;
		n -= strlen(MIN_DAYS);
		memcpy(path, low->path, n);
		memcpy(path + n, MAX_DAYS, sizeof(MAX_DAYS));
		high = find(s, path);
		if (high != NULL && low->num > high->num)
			return fail_over(low, high, err);
	}
	return 0;
}

/* An allow-list whose every entry is denied allows nothing. */
static int
check_denied(const struct tg_leaves *s, struct tg_err *err)
{
	static const char *const pairs[][2] = {
	    {"/purposes/allow", "/purposes/deny"},
	    {"/transfers/destinations_allow", "/transfers/destinations_deny"},
	    {"/activations/kinds_allow", "/activations/kinds_deny"},
	};

	for (size_t i = 0; i < TG_COUNT(pairs); i++) {
		const struct tg_pval *allow = find(s, pairs[i][0]);
		const struct tg_pval *deny = find(s, pairs[i][1]);

		if (allow == NULL || deny == NULL ||
		    tg_pval_extra(allow, deny) != NULL)
			continue;
		return tg_fail(err, TG_E_CONFIG,
		    "%s:%u:%u: E-EMPTY: %s: everything in it is denied "
		    "(%s:%u)",
		    allow->from->file.path, allow->line, allow->col,
		    allow->path, deny->from->file.path, deny->line);
	}
	return 0;
}

/* A purpose that is allowed is defined, with a retention class there is. */
static int
check_purposes(const struct tg_leaves *s, struct tg_err *err)
{
	const struct tg_pval *allow = find(s, "/purposes/allow"), *class;
	char path[TG_SCHEMA_PATH];

	for (size_t i = 0; allow != NULL && i < allow->n; i++) {
		(void)snprintf(path, sizeof(path),
		    "/purposes/define/%.128s/retention_class", allow->item[i]);
		class = find(s, path);
		if (class == NULL)
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:%u: E-CONFLICT: %s: '%s' is allowed but %s "
			    "is not defined",
			    allow->from->file.path, allow->line, allow->col,
			    allow->path, allow->item[i], path);
		(void)snprintf(path, sizeof(path),
		    "/retention/data/%.128s" MAX_DAYS, class->text);
		if (find(s, path) == NULL)
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:%u: E-CONFLICT: %s: there is no retention "
			    "class '%s'",
			    class->from->file.path, class->line, class->col,
			    class->path, class->text);
	}
	return 0;
}

/* The least that a legal claim asks of the technical level and of free text
 * (policy-and-evidence.md 1.4, FR-09, FR-10; US-09). */
static const struct {
	const char *claim, *path, *least, *code;
} claim_needs[] = {
    {"anonymised", "/anonymisation/level", "anonymised_tested",
	"E-CLAIM-LEVEL"},
    {"anonymised", "/anonymisation/free_text", "synthetic_only",
	"E-CLAIM-FREETEXT"},
    {"deidentified_ccpa", "/anonymisation/level", "k_anonymous",
	"E-CLAIM-LEVEL"},
    {"pseudonymised", "/anonymisation/level", "pseudonymised", "E-CLAIM-LEVEL"},
};

static bool
reaches(const struct tg_pval *v, const char *least)
{
	if (v == NULL)
		return false;
	for (uint64_t i = 0; v->row->words[i] != NULL; i++)
		if (strcmp(v->row->words[i], least) == 0)
			return v->num >= i;
	return false;
}

static int
check_claim(
    const struct tg_leaves *s, const struct tg_pval *claim, struct tg_err *err)
{
	for (size_t i = 0; i < TG_COUNT(claim_needs); i++) {
		const struct tg_pval *v = find(s, claim_needs[i].path);
		const struct tg_pval *at = v == NULL ? claim : v;

		if (strcmp(claim->text, claim_needs[i].claim) != 0 ||
		    reaches(v, claim_needs[i].least))
			continue;
		return tg_fail(err, TG_E_CONFIG,
		    "%s:%u:%u: %s: %s is %s, the claim '%s' (%s:%u) asks for "
		    "%s or stricter",
		    at->from->file.path, at->line, at->col, claim_needs[i].code,
		    claim_needs[i].path, v == NULL ? "not set" : v->text,
		    claim->text, claim->from->file.path, claim->line,
		    claim_needs[i].least);
	}
	return 0;
}

int
tg_conflict_check(const struct tg_leaves *leaves, struct tg_err *err)
{
	if (check_order(leaves, err) < 0 || check_records(leaves, err) < 0 ||
	    check_denied(leaves, err) < 0 || check_purposes(leaves, err) < 0 ||
	    tg_conflict_operators(leaves, err) < 0 ||
	    tg_conflict_activations(leaves, err) < 0)
		return -1;
	for (size_t i = 0; i < leaves->n; i++)
		if (is_under(leaves->v[i].path, "/anonymisation/claims/", "") &&
		    check_claim(leaves, &leaves->v[i], err) < 0)
			return -1;
	return 0;
}
