#include "policies/gate.h"

#include <stdio.h>

#include "policies/handover.h"
#include "policies/parts.h"
#include "policies/reason.h"
#include "policies/transfer.h"

#include "base/banned.h"

#define PPB UINT64_C(1000000000)

static int
ask_purpose(struct tg_gate *g, struct tg_err *err)
{
	const char *allow = "/purposes/allow", *deny = "/purposes/deny";
	const char *purpose = g->job->purpose;
	bool allowed = false, denied = false;

	if (purpose == NULL)
		return tg_reason_add(g, "PUR-NOT-ALLOWED", allow, err,
		    "the job names no purpose");
	if (tg_policy_has(g->p, allow, purpose, &allowed, err) < 0 ||
	    tg_policy_has(g->p, deny, purpose, &denied, err) < 0)
		return -1;
	if (denied)
		return tg_reason_add(g, "PUR-NOT-ALLOWED", deny, err,
		    "the purpose '%.64s' is denied", purpose);
	if (!allowed)
		return tg_reason_add(g, "PUR-NOT-ALLOWED", allow, err,
		    "the purpose '%.64s' is not among those allowed", purpose);
	return 0;
}

static int
ask_basis(struct tg_gate *g, struct tg_err *err)
{
	const char *allow = "/legal/basis_allow";
	const char *need = "/legal/assessment_required_for";
	const char *basis = g->job->legal_basis;
	bool allowed = false, needs = false;

	if (basis == NULL)
		return tg_reason_add(
		    g, "LEG-BASIS", allow, err, "the job names no legal basis");
	if (tg_policy_has(g->p, allow, basis, &allowed, err) < 0 ||
	    tg_policy_has(g->p, need, basis, &needs, err) < 0)
		return -1;
	if (!allowed &&
	    tg_reason_add(g, "LEG-BASIS", allow, err,
		"the legal basis '%.64s' is not among those "
		"allowed",
		basis) < 0)
		return -1;
	if (needs && g->job->assessment_ref == NULL)
		return tg_reason_add(g, "LEG-LIA-MISSING", need, err,
		    "the legal basis '%.64s' asks for an assessment with its "
		    "reference",
		    basis);
	return 0;
}

static int
over_rate(
    struct tg_gate *g, const char *path, uint64_t rate, struct tg_err *err)
{
	uint64_t max = 0;

	if (tg_policy_ratio(g->p, path, &max, err) < 0)
		return -1;
	if (rate <= max)
		return 0;
	if (tg_reason_add(g, "SMP-RATE", path, err,
		"a sampling rate of %llu ppb is over %llu ppb",
		(unsigned long long)rate, (unsigned long long)max) < 0)
		return -1;
	return 1;
}

/* The lower of the general cap and the purpose's own, if it has one. */
static int
ask_rate(struct tg_gate *g, struct tg_err *err)
{
	uint64_t rate = g->job->rate_ppb;
	char path[TG_SCHEMA_PATH];
	int rc;

	if (!g->job->has_rate &&
	    tg_policy_ratio(g->p, "/sampling/rate_default", &rate, err) < 0)
		return -1;
	rc = over_rate(g, "/sampling/rate_max", rate, err);
	if (rc != 0 || g->job->purpose == NULL)
		return rc < 0 ? -1 : 0;
	(void)snprintf(
	    path, sizeof(path), "/sampling/per_purpose/%.64s", g->job->purpose);
	if (tg_policy_find(g->p, path) == NULL)
		return 0;
	return over_rate(g, path, rate, err) < 0 ? -1 : 0;
}

/* ---- retention --------------------------------------------------------- */

/* The class of the job, or that of its purpose; "" when neither is known. */
static const char *
retention_class(const struct tg_gate *g)
{
	const struct tg_leaf *leaf;
	char path[TG_SCHEMA_PATH];

	if (g->job->retention_class != NULL)
		return g->job->retention_class;
	if (g->job->purpose == NULL)
		return "";
	(void)snprintf(path, sizeof(path),
	    "/purposes/define/%.64s/retention_class", g->job->purpose);
	leaf = tg_policy_find(g->p, path);
	return leaf == NULL ? "" : leaf->text;
}

static int
ask_days(struct tg_gate *g, const char *class, const char *path, uint64_t max,
    struct tg_err *err)
{
	const char *asked = "/retention/asked_days";
	uint64_t days = g->job->retention_days;

	if (g->job->has_retention && days > max)
		return tg_reason_add(g, "RET-TOO-LONG", path, err,
		    "%llu days are over the %llu of the class '%.64s'",
		    (unsigned long long)days, (unsigned long long)max, class);
	if (tg_policy_find(g->p, asked) == NULL)
		return 0;
	if (tg_policy_u64(g->p, asked, &days, err) < 0)
		return -1;
	if (days > max)
		return tg_reason_add(g, "RET-TOO-LONG", path, err,
		    "the scope configuration asks for %llu days, the class "
		    "'%.64s' allows %llu",
		    (unsigned long long)days, class, (unsigned long long)max);
	return 0;
}

/* Whether a person of the role has to approve, however it is approved. */
static bool
must_approve(const struct tg_policy *p, const char *role)
{
	static const char *const head[] = {
	    "/approvals/per_bundle/roles/", "/approvals/standing/roles/"};
	char path[TG_SCHEMA_PATH];
	uint64_t n;

	for (size_t i = 0; i < TG_COUNT(head); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", head[i], role);
		if (tg_policy_u64(p, path, &n, NULL) < 0 || n == 0)
			return false;
	}
	return true;
}

static bool
claims_anonymity(const struct tg_policy *p)
{
	static const char head[] = "/anonymisation/claims/";
	size_t n = 0;

	for (size_t i = 0; i < tg_policy_count(p); i++) {
		const struct tg_leaf *leaf = tg_policy_at(p, i);

		if (strncmp(leaf->path, head, sizeof(head) - 1) != 0)
			continue;
		if (strcmp(leaf->text, "anonymised") != 0)
			return false;
		n++;
	}
	return n > 0;
}

/* What a retention class may ask for.  A word that is not known is not
 * fulfilled. */
static bool
fulfilled(const struct tg_gate *g, const char *need)
{
	if (strcmp(need, "audit_reference") == 0)
		return g->job->audit_ref != NULL;
	if (strcmp(need, "restricted_access") == 0)
		return g->job->access != NULL;
	if (strcmp(need, "dpo_approval") == 0)
		return must_approve(g->p, "dpo");
	return strcmp(need, "claim_anonymised") == 0 && claims_anonymity(g->p);
}

static int
ask_retention(struct tg_gate *g, struct tg_err *err)
{
	const char *class = retention_class(g);
	const struct tg_leaf *needs;
	char path[TG_SCHEMA_PATH];
	uint64_t max = 0;

	/* A purpose that is not defined is not allowed: said already. */
	if (class[0] == '\0')
		return 0;
	(void)snprintf(
	    path, sizeof(path), "/retention/data/%.64s/max_days", class);
	if (tg_policy_find(g->p, path) == NULL)
		return tg_reason_add(g, "RET-TOO-LONG", path, err,
		    "there is no retention class '%.64s'", class);
	if (tg_policy_u64(g->p, path, &max, err) < 0 ||
	    ask_days(g, class, path, max, err) < 0)
		return -1;
	(void)snprintf(
	    path, sizeof(path), "/retention/data/%.64s/requires", class);
	needs = tg_policy_find(g->p, path);
	for (size_t i = 0; needs != NULL && i < needs->n; i++)
		if (!fulfilled(g, needs->item[i]) &&
		    tg_reason_add(g, "RET-TOO-LONG", path, err,
			"the class '%.64s' asks for: %.64s", class,
			needs->item[i]) < 0)
			return -1;
	return 0;
}

/* ---- activations and figures ------------------------------------------- */

static int
ask_activations(struct tg_gate *g, struct tg_err *err)
{
	const char *allow = "/activations/kinds_allow";
	const char *deny = "/activations/kinds_deny";
	const char *source = "/activations/computed_on";
	const char *want = NULL;

	for (size_t i = 0; i < g->job->n_activation_kind; i++) {
		const char *kind = g->job->activation_kind[i];
		bool allowed = false, denied = false;

		if (tg_policy_has(g->p, allow, kind, &allowed, err) < 0 ||
		    tg_policy_has(g->p, deny, kind, &denied, err) < 0)
			return -1;
		if ((denied || !allowed) &&
		    tg_reason_add(g, "ACT-KIND", denied ? deny : allow, err,
			"activations of the kind '%.64s' do not leave",
			kind) < 0)
			return -1;
	}
	if (g->job->computed_on == NULL)
		return 0;
	if (tg_policy_str(g->p, source, &want, err) < 0)
		return -1;
	if (strcmp(want, "any") == 0 || strcmp(g->job->computed_on, want) == 0)
		return 0;
	return tg_reason_add(g, "ACT-SOURCE", source, err,
	    "activations were computed on %.64s, not on %s",
	    g->job->computed_on, want);
}

static int
ask_intruder(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/gates/intruder_test_max_age_days";
	const int64_t days = g->job->intruder_age_days;
	uint64_t max = 0;

	if (g->job->intruder_ref == NULL)
		return 0;
	if (tg_policy_u64(g->p, path, &max, err) < 0)
		return -1;
	if (days < 0)
		return tg_reason_add(g, "GATE-INTRUDER", path, err,
		    "the motivated-intruder test has no date");
	if ((uint64_t)days <= max)
		return 0;
	return tg_reason_add(g, "GATE-INTRUDER", path, err,
	    "the motivated-intruder test is %lld days old, %llu are allowed",
	    (long long)days, (unsigned long long)max);
}

static int
ask_latency(struct tg_gate *g, struct tg_err *err)
{
	const char *path = "/budget/p90_latency_delta_ms_max";
	uint64_t max = 0;

	if (!g->job->has_latency)
		return 0;
	if (tg_policy_u64(g->p, path, &max, err) < 0)
		return -1;
	if (g->job->latency_delta_ms <= max)
		return 0;
	return tg_reason_add(g, "LAT-P90", path, err,
	    "capture slows the model by %llu ms (90th percentile), %llu are "
	    "allowed",
	    (unsigned long long)g->job->latency_delta_ms,
	    (unsigned long long)max);
}

static int
ask_figures(struct tg_gate *g, struct tg_err *err)
{
	const char *k = "/anonymisation/k_min";
	const char *residual = "/gates/residual_findings_max";
	uint64_t min = 0, max = 0;

	if (g->job->has_k) {
		if (tg_policy_u64(g->p, k, &min, err) < 0)
			return -1;
		if (g->job->k < min &&
		    tg_reason_add(g, "ANO-K", k, err, "k is %llu, under %llu",
			(unsigned long long)g->job->k,
			(unsigned long long)min) < 0)
			return -1;
	}
	if (ask_latency(g, err) < 0 || ask_intruder(g, err) < 0)
		return -1;
	if (!g->job->has_residual)
		return 0;
	if (tg_policy_u64(g->p, residual, &max, err) < 0)
		return -1;
	if (g->job->residual_findings <= max)
		return 0;
	return tg_reason_add(g, "GATE-RESIDUAL", residual, err,
	    "%llu findings after redaction, %llu are allowed",
	    (unsigned long long)g->job->residual_findings,
	    (unsigned long long)max);
}

/* Under it both products fit. */
bool
tg_policy_reached(uint64_t persons, uint64_t threshold, uint64_t ratio_ppb)
{
	return persons >= threshold || persons * PPB >= threshold * ratio_ppb;
}

static int
ask_dsp(struct tg_gate *g, struct tg_err *err)
{
	uint64_t block = 0, threshold = 0;
	char path[TG_SCHEMA_PATH];

	for (size_t i = 0; i < g->job->n_dsp; i++) {
		const struct tg_job_dsp *d = &g->job->dsp[i];

		(void)snprintf(path, sizeof(path),
		    "/us_dsp/thresholds_us_persons/%.64s", d->category);
		if (tg_policy_u64(g->p, path, &threshold, err) < 0 ||
		    tg_policy_ratio(g->p, "/us_dsp/block_ratio", &block, err) <
			0)
			return -1;
		if (!tg_policy_reached(d->persons, threshold, block))
			continue;
		if (tg_reason_add(g, "DSP-BULK", path, err,
			"%llu U.S. persons in the window, the threshold is "
			"%llu",
			(unsigned long long)d->persons,
			(unsigned long long)threshold) < 0)
			return -1;
	}
	return 0;
}

/* An empty text says nothing.  The target stays as it is: an empty URL is no
 * URL that is allowed. */
static const char *
said(const char *text)
{
	return text == NULL || text[0] == '\0' ? NULL : text;
}

int
tg_policy_job(const struct tg_policy *p, const struct tg_policy_job *job,
    struct tg_reasons *out, struct tg_err *err)
{
	static int (*const rules[])(struct tg_gate *, struct tg_err *) = {
	    ask_purpose, ask_basis, tg_transfer_ask, tg_handover_ask,
	    tg_parts_ask, ask_rate, ask_retention, ask_activations, ask_figures,
	    ask_dsp};
	struct tg_policy_job asked = *job;
	struct tg_gate g = {p, &asked, out};

	asked.purpose = said(job->purpose);
	asked.legal_basis = said(job->legal_basis);
	asked.assessment_ref = said(job->assessment_ref);
	asked.audit_ref = said(job->audit_ref);
	asked.destination = said(job->destination);
	asked.retention_class = said(job->retention_class);
	asked.residency = said(job->residency);
	asked.computed_on = said(job->computed_on);
	asked.intruder_ref = said(job->intruder_ref);
	asked.access = said(job->access);
	asked.expected_owner = said(job->expected_owner);
	asked.key_country = said(job->key_country);
	asked.key_holder = said(job->key_holder);
	asked.onward_transfer = said(job->onward_transfer);
	out->n = 0;
	for (size_t i = 0; i < TG_COUNT(rules); i++)
		if (rules[i](&g, err) < 0)
			return -1;
	return 0;
}
