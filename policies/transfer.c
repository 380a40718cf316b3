#include "policies/transfer.h"

#include <stdio.h>
#include <strings.h>

#include "policies/country.h"

#include "base/banned.h"

#define ORIGINS "/transfers/origins/"
#define PATTERNS "/targets/patterns/"

static bool
in_list(const char *const *list, size_t n, const char *item)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], item) == 0)
			return true;
	return false;
}

/* Denied beats not allowed: one of the two is said, not both. */
static int
ask_destination(struct tg_gate *g, struct tg_err *err)
{
	const char *deny = "/transfers/destinations_deny";
	const char *allow = "/transfers/destinations_allow";
	const char *to = g->job->destination;
	bool denied = false, allowed = false;

	if (to == NULL || !tg_country_known(tg_sv_of(to)))
		return tg_reason_add(g, "XFR-NOT-ALLOWED", allow, err,
		    "the job names no destination country");
	if (tg_policy_has(g->p, deny, to, &denied, err) < 0 ||
	    tg_policy_has(g->p, allow, to, &allowed, err) < 0)
		return -1;
	if (denied)
		return tg_reason_add(
		    g, "XFR-DENIED", deny, err, "destination %s is denied", to);
	if (!allowed)
		return tg_reason_add(g, "XFR-NOT-ALLOWED", allow, err,
		    "destination %s is not among those allowed", to);
	return 0;
}

static const char *
mechanism_of(const struct tg_policy_job *job, const char *origin)
{
	for (size_t i = 0; i < job->n_mechanism; i++)
		if (strcmp(job->mechanism[i].origin, origin) == 0)
			return job->mechanism[i].mechanism;
	return NULL;
}

/* The checks that @mechanism wants, or NULL; their leaf's path into @path. */
static const struct tg_leaf *
checks_of(const struct tg_policy *p, const char *origin, const char *mechanism,
    char path[TG_SCHEMA_PATH])
{
	(void)snprintf(path, TG_SCHEMA_PATH,
	    ORIGINS "%s/mechanism_checks/%.64s", origin, mechanism);
	return tg_policy_find(p, path);
}

static int
ask_checks(struct tg_gate *g, const char *origin, const char *mechanism,
    struct tg_err *err)
{
	char path[TG_SCHEMA_PATH];
	const struct tg_leaf *need = checks_of(g->p, origin, mechanism, path);

	for (size_t i = 0; need != NULL && i < need->n; i++)
		if (!in_list(g->job->check, g->job->n_check, need->item[i]))
			return tg_reason_add(g, "XFR-CHECKS", path, err,
			    "%s: the check '%s' was not done", mechanism,
			    need->item[i]);
	return 0;
}

/* The check that stands for the origin's transfer assessment: "tra_recorded"
 * where assessment_kind is TRA. */
static bool
is_assessment(const struct tg_policy *p, const char *origin, const char *check)
{
	static const char tail[] = "_recorded";
	const struct tg_leaf *kind;
	char path[TG_SCHEMA_PATH];
	size_t n;

	(void)snprintf(
	    path, sizeof(path), ORIGINS "%s/assessment_kind", origin);
	kind = tg_policy_find(p, path);
	if (kind == NULL)
		return false;
	n = strlen(kind->text);
	return strncasecmp(check, kind->text, n) == 0 &&
	    strcmp(check + n, tail) == 0;
}

/* A mechanism that rests on an assessment wants to know when it was made. */
static int
ask_dated(struct tg_gate *g, const char *origin, const char *mechanism,
    struct tg_err *err)
{
	char path[TG_SCHEMA_PATH];
	const struct tg_leaf *need = checks_of(g->p, origin, mechanism, path);

	for (size_t i = 0; need != NULL && i < need->n; i++)
		if (g->job->assessment_age_days < 0 &&
		    is_assessment(g->p, origin, need->item[i]))
			return tg_reason_add(g, "XFR-ASSESSMENT-STALE",
			    "/transfers/assessment_max_age_days", err,
			    "%s: the assessment behind '%s' has no date",
			    mechanism, need->item[i]);
	return 0;
}

static int
ask_origin(struct tg_gate *g, const char *origin, struct tg_err *err)
{
	const char *mechanism = mechanism_of(g->job, origin);
	const char *to =
	    g->job->destination == NULL ? "?" : g->job->destination;
	const struct tg_leaf *allowed;
	char path[TG_SCHEMA_PATH];

	(void)snprintf(
	    path, sizeof(path), ORIGINS "%s/mechanisms/%.8s", origin, to);
	allowed = tg_policy_find(g->p, path);
	if (allowed == NULL)
		return tg_reason_add(g, "XFR-MECHANISM", path, err,
		    "no mechanism leads from %s to %s", origin, to);
	if (mechanism == NULL)
		return tg_reason_add(g, "XFR-MECHANISM", path, err,
		    "the job names no mechanism from %s to %s", origin, to);
	if (!in_list(allowed->item, allowed->n, mechanism))
		return tg_reason_add(g, "XFR-MECHANISM", path, err,
		    "'%.64s' is no mechanism from %s to %s", mechanism, origin,
		    to);
	if (ask_checks(g, origin, mechanism, err) < 0)
		return -1;
	return ask_dated(g, origin, mechanism, err);
}

/* Each origin whose law is in the policy asks for its own mechanism. */
static int
ask_origins(struct tg_gate *g, struct tg_err *err)
{
	char last[3] = "";

	for (size_t i = 0; i < tg_policy_count(g->p); i++) {
		const char *path = tg_policy_at(g->p, i)->path;
		char origin[3];

		if (strncmp(path, ORIGINS, strlen(ORIGINS)) != 0)
			continue;
		memcpy(origin, path + strlen(ORIGINS), 2);
		origin[2] = '\0';
		if (strcmp(origin, last) == 0)
			continue;
		memcpy(last, origin, sizeof(last));
		if (ask_origin(g, origin, err) < 0)
			return -1;
	}
	if (last[0] == '\0') {
		tg_fail(err, TG_E_CONFIG,
		    "E-NO-SUCH-LEAF: the policy says nothing below "
		    "/transfers/origins");
		return -1;
	}
	return 0;
}

static int
ask_assessment(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/transfers/assessment_max_age_days";
	uint64_t max = 0;

	if (g->job->assessment_age_days < 0)
		return 0; /* where one is needed, ask_dated has said so */
	if (tg_policy_u64(g->p, path, &max, err) < 0)
		return -1;
	if ((uint64_t)g->job->assessment_age_days <= max)
		return 0;
	return tg_reason_add(g, "XFR-ASSESSMENT-STALE", path, err,
	    "the transfer assessment is %lld days old, %llu are allowed",
	    (long long)g->job->assessment_age_days, (unsigned long long)max);
}

static int
ask_recipient(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/transfers/recipient_fields_required";
	const struct tg_leaf *need = tg_policy_find(g->p, path);
	char missing[TG_REASON_TEXT] = "";
	size_t n = 0;

	if (need == NULL)
		return tg_fail(err, TG_E_CONFIG,
		    "E-NO-SUCH-LEAF: the policy does not say %s", path);
	for (size_t i = 0; i < need->n; i++) {
		if (in_list(g->job->recipient_field, g->job->n_recipient_field,
			need->item[i]))
			continue;
		tg_reason_append(missing, need->item[i]);
		n++;
	}
	if (n == 0)
		return 0;
	return tg_reason_add(g, "DPA-INCOMPLETE", path, err,
	    "the recipient's record lacks: %s", missing);
}

/* ---- the target -------------------------------------------------------- */

/* A star: the pattern after it, and where the URL is tried next. */
struct star {
	const char *pattern, *url;
};

bool
tg_policy_target_fits(const char *pattern, const char *url)
{
	struct star deep = {NULL, NULL}, flat = {NULL, NULL};

	while (*url != '\0') {
		if (pattern[0] == '*' && pattern[1] == '*') {
			pattern += 2;
			deep = (struct star){pattern, url};
			flat.pattern = NULL;
		} else if (*pattern == '*') {
			flat = (struct star){++pattern, url};
		} else if (*pattern == *url) {
			pattern++;
			url++;
		} else if (flat.pattern != NULL && *flat.url != '/') {
			pattern = flat.pattern;
			url = ++flat.url;
		} else if (deep.pattern != NULL) {
			pattern = deep.pattern;
			url = ++deep.url;
			flat.pattern = NULL;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* A target must fit one pattern in every file that has any. */
static int
ask_patterns(struct tg_gate *g, struct tg_err *err)
{
	for (size_t i = 0; i < tg_policy_count(g->p); i++) {
		const struct tg_leaf *leaf = tg_policy_at(g->p, i);
		bool fits = false;

		if (strncmp(leaf->path, PATTERNS, strlen(PATTERNS)) != 0)
			continue;
		for (size_t k = 0; k < leaf->n && !fits; k++)
			fits = tg_policy_target_fits(
			    leaf->item[k], g->job->target);
		if (!fits &&
		    tg_reason_add(g, "TGT-PATTERN", leaf->path, err,
			"the target fits no pattern") < 0)
			return -1;
	}
	return 0;
}

/* The target of the scope configuration, or below it. */
static int
ask_export_target(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/targets/export_target";
	const struct tg_leaf *leaf = tg_policy_find(g->p, path);
	const char *to = g->job->target;
	size_t n;

	if (leaf == NULL)
		return 0;
	n = strlen(leaf->text);
	if (strncmp(to, leaf->text, n) == 0 &&
	    (to[n] == '\0' || to[n] == '/' || leaf->text[n - 1] == '/'))
		return 0;
	return tg_reason_add(g, "TGT-PATTERN", path, err,
	    "the target is not at or below %.128s", leaf->text);
}

/* Another's bucket of the same name takes what was meant for ours. */
static int
ask_owner(struct tg_gate *g, const char *scheme, struct tg_err *err)
{
	const char *path = "/targets/require_expected_owner";
	bool wanted = false;

	if (tg_policy_bool(g->p, path, &wanted, err) < 0)
		return -1;
	if (!wanted || g->job->expected_owner != NULL ||
	    strcmp(scheme, "file") == 0)
		return 0;
	return tg_reason_add(g, "TGT-OWNER", path, err,
	    "the job does not say whose the bucket is "
	    "(target.expected_owner)");
}

/* Where a host of health data must be certified (FR-18: CSP L.1111-8). */
static int
ask_health(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/targets/health_data_requires";
	const struct tg_leaf *need = tg_policy_find(g->p, path);
	char missing[TG_REASON_TEXT] = "";

	if (need == NULL || g->job->no_health_data)
		return 0;
	for (size_t i = 0; i < need->n; i++)
		if (!in_list(
			g->job->certified, g->job->n_certified, need->item[i]))
			tg_reason_append(missing, need->item[i]);
	if (missing[0] == '\0')
		return 0;
	return tg_reason_add(g, "TGT-HEALTH", path, err,
	    "the job does not declare that it holds no health data "
	    "(health_data: none), and its target is not: %s",
	    missing);
}

static int
ask_target(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/targets/schemes_allow";
	const char *to = g->job->target, *colon;
	char scheme[32] = "";
	bool ok = false;

	if (to == NULL)
		return 0;
	colon = strchr(to, ':');
	if (colon != NULL && (size_t)(colon - to) < sizeof(scheme))
		memcpy(scheme, to, (size_t)(colon - to));
	if (tg_policy_has(g->p, path, scheme, &ok, err) < 0)
		return -1;
	if (!ok &&
	    tg_reason_add(g, "TGT-SCHEME", path, err,
		"targets of the kind '%s:' are not allowed", scheme) < 0)
		return -1;
	if (ask_owner(g, scheme, err) < 0 || ask_health(g, err) < 0 ||
	    ask_patterns(g, err) < 0)
		return -1;
	return ask_export_target(g, err);
}

static int
ask_residency(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/targets/residency_allow";
	bool ok = false;

	if (g->job->residency == NULL)
		return 0;
	if (tg_policy_has(g->p, path, g->job->residency, &ok, err) < 0)
		return -1;
	if (ok)
		return 0;
	return tg_reason_add(g, "TGT-RESIDENCY", path, err,
	    "data may not rest in %.8s", g->job->residency);
}

int
tg_transfer_ask(struct tg_gate *g, struct tg_err *err)
{
	if (ask_destination(g, err) < 0 || ask_origins(g, err) < 0 ||
	    ask_assessment(g, err) < 0 || ask_recipient(g, err) < 0 ||
	    ask_target(g, err) < 0)
		return -1;
	return ask_residency(g, err);
}
