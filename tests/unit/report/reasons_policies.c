/* reasons_policies.c - what is said of a policy, and by the gate of a job. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/env.h"
#include "policies/gate.h"
#include "policies/lint.h"
#include "tests/unit/policies/orderly.h"
#include "tests/unit/policies/exception_text.h"
#include "tests/unit/policies/sandbox.h"
#include "tests/unit/report/reasons.h"

#include "base/banned.h"

/* ---- compile ----------------------------------------------------------- */

/* A project over a region, or a planted fault in the shipped files. */
struct text {
	const char *region, *project;
	const char *file, *from, *to;
};

static void
compile(const struct reason_case *c)
{
	const struct text *t = c->arg;
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p;

	if (t->project != NULL) {
		p = with_project(t->region, t->project, &err);
	} else {
		char policies[SANDBOX_PATH], regions[SANDBOX_PATH];

		sandbox_copy_policies("x");
		sandbox_edit(t->file, t->from, t->to);
		(void)snprintf(policies, sizeof(policies), "%s",
		    sandbox_path("x/policies"));
		(void)snprintf(
		    regions, sizeof(regions), "%s", sandbox_path("x/regions"));
		p = compile_from(
		    policies, regions, t->region, NULL, NULL, &err);
	}
	ck_assert_ptr_null(p);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	saw_in(err.text);
}

static const struct text
    relax = {"uk", "retention: {data: {debug: {max_days: 45}}}\n", NULL, NULL,
	NULL},
    empty = {"uk", "purposes: {allow: []}\n", NULL, NULL, NULL},
    incomparable = {"uk",
	"anonymisation: {fields: {timestamp: {op: "
	"pseudonymise}}}\n",
	NULL, NULL, NULL},
    locked = {"fr", "anonymisation: {claims: {FR: pseudonymised}}\n", NULL,
	NULL, NULL},
    conflict = {"uk", "sampling: {rate_max: 0.005}\n", NULL, NULL, NULL},
    operator= {"fr",
	"redaction: {detectors: {PERSON: {operator: "
	"hash}}}\n",
	NULL, NULL, NULL},
    freetext = {"fr", NULL, "x/regions/fr/policy.yaml",
	"free_text: synthetic_only", "free_text: reviewed"},
    activations = {"fr", NULL, "x/regions/fr/policy.yaml",
	"  on_clean: features_only", "  on_clean: keep         "},
    level = {"fr", NULL, "x/regions/fr/policy.yaml", "level: anonymised_tested",
	"level: k_anonymous"},
    source = {"uk", NULL, "x/policies/base.yaml",
	"  \"/sampling/caps\": choice\n", ""};

/* A record over the UK policy. */
struct changed {
	const char *from, *to;
};

static void
exception(const struct reason_case *c)
{
	static const char *const region = "uk";
	const struct changed *by = c->arg;
	uint8_t digest[TG_SHA256_LEN];
	char sha256[TG_SHA256_HEX];
	const struct tg_policy_exception x = {
	    sandbox_path("EXC-1.yaml"), sha256};
	const struct tg_policy_src src = {.policy_dir = root_path("policies"),
	    .region_dir = root_path("regions"),
	    .region = &region,
	    .n_region = 1,
	    .exception = &x,
	    .n_exception = 1};
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p = NULL;
	struct tg_buf text;

	tg_buf_init(&text, 1u << 16);
	exception_text(&text, by->from, by->to);
	sandbox_write("EXC-1.yaml", text.p);
	ck_assert_int_eq(tg_sha256_bytes(digest, text.p, text.n, NULL), 0);
	tg_sha256_hex(sha256, digest);
	ck_assert_int_eq(tg_policy_compile(&p, &src, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	saw_in(err.text);
	tg_buf_deinit(&text);
}

static const struct changed never = {"/limits/max_tokens_per_trace",
				"/anonymisation/unkeyed_hash"},
			    inherited = {"_value: 1000", "_value: 800"},
			    not_looser = {"_value: 2000", "_value: 800"},
			    too_long = {"2026-12-20", "2027-12-20"};

/* Code that asks for what the policy does not say. */
static void
no_leaf(const struct reason_case *c)
{
	struct tg_policy *p = shipped("");
	struct tg_reasons out;
	struct tg_err err = {.cls = TG_E_NONE};

	(void)c;
	ck_assert_int_eq(tg_policy_job(p, &orderly, &out, &err), -1);
	saw_in(err.text);
	tg_policy_free(p);
}

/* ---- lint -------------------------------------------------------------- */

struct aged {
	const char *day;
	bool reviewed, fresh; /* made so for long */
};

static void
hear(void *ctx, const struct tg_policy_warning *w)
{
	(void)ctx;
	saw(w->code);
}

static void
lint(const struct reason_case *c)
{
	static const char due[] = "review_by: 2027-06-01",
			  later[] = "review_by: 2046-06-01";
	const struct aged *a = c->arg;
	char policies[SANDBOX_PATH], regions[SANDBOX_PATH];
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p;
	int64_t now = 0;

	sandbox_copy_policies("x");
	if (a->reviewed) {
		sandbox_edit("x/policies/base.yaml", due, later);
		sandbox_edit("x/regions/uk/policy.yaml", due, later);
	}
	if (a->fresh)
		sandbox_edit("x/policies/reference-2026-11.yaml",
		    "stale_after_days: 180", "stale_after_days: 3650");
	(void)snprintf(
	    policies, sizeof(policies), "%s", sandbox_path("x/policies"));
	(void)snprintf(
	    regions, sizeof(regions), "%s", sandbox_path("x/regions"));
	p = compile_from(policies, regions, "uk", NULL, NULL, &err);
	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert(tg_time_parse(&now, tg_sv_of(a->day)));
	(void)tg_policy_lint(p, now, hear, NULL);
	tg_policy_free(p);
}

static const struct aged before = {"2026-11-23", false, false},
			 nears = {"2027-05-02", false, false},
			 passed = {"2027-06-02", false, true},
			 stale = {"2027-06-01", true, false},
			 expired = {"2031-12-28", true, true};

/* ---- the gate ---------------------------------------------------------- */

/* A job to the United States by the data bridge, under the UK policy and a
 * project's lines: allowed, but for the change. */
struct asked {
	const char *region, *project;
	void (*change)(struct tg_policy_job *job);
};

static const struct tg_job_mechanism bridge = {"GB", "uk_us_data_bridge"},
				     addendum = {"GB", "uk_addendum_b1_0"},
				     clause = {"US", "dsp_contract_clause"};
static const char *const bridge_checks[] = {
    "dpf_active", "uk_extension_active", "sensitive_items_flagged"};
static const char *const clause_checks[] = {"onward_ban_202_302",
    "covered_person_screened", "violation_report_14_days"};

static struct tg_policy_job
allowed_job(const char *region)
{
	struct tg_policy_job job = orderly;
	const bool us = strcmp(region, "us") == 0;

	job.destination = us ? "GB" : "US";
	job.mechanism = us ? &clause : &bridge;
	job.n_mechanism = 1;
	job.check = us ? clause_checks : bridge_checks;
	job.n_check = 3;
	return job;
}

static void
ask(const struct tg_policy *p, const struct tg_policy_job *job,
    struct tg_reasons *out)
{
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_msg(tg_policy_job(p, job, out, &err) == 0, "%s", err.text);
}

static void
gate(const struct reason_case *c)
{
	const struct asked *a = c->arg;
	struct tg_policy_job job = allowed_job(a->region);
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p = shipped(a->region);
	struct tg_reasons out;

	ask(p, &job, &out);
	ck_assert_msg(out.n == 0, "%s", out.r[0].detail);
	if (a->project != NULL) {
		tg_policy_free(p);
		p = with_project(a->region, a->project, &err);
		ck_assert_msg(p != NULL, "%s", err.text);
	}
	a->change(&job);
	ask(p, &job, &out);
	for (size_t i = 0; i < out.n; i++) {
		saw(out.r[i].code);
		ck_assert_str_ne(out.r[i].path, "");
		ck_assert_str_ne(out.r[i].detail, "");
	}
	tg_policy_free(p);
}

static const char *const dense[] = {"kv_cache"};
static const struct tg_job_dsp bulk = {"covered_identifiers", 100000};

#define ASK(name, region, project, change)                   \
	static void change_##name(struct tg_policy_job *job) \
	{                                                    \
		change;                                      \
	}                                                    \
	static const struct asked name = {region, project, change_##name};

ASK(purpose, "uk", NULL, job->purpose = "model_training")
ASK(basis, "uk", NULL, job->legal_basis = "A6-1-a")
ASK(lia, "uk", NULL, job->assessment_ref = NULL)
ASK(agreement, "uk", NULL, job->n_recipient_field = 2)
ASK(denied, "uk", "transfers: {destinations_deny: [US]}\n", (void)job)
ASK(not_allowed, "uk", "transfers: {destinations_allow: [\"@GB\"]}\n",
    (void)job)
ASK(mechanism, "uk", NULL, job->n_mechanism = 0)
ASK(checks, "uk", NULL, job->mechanism = &addendum)
ASK(old, "uk", NULL, job->assessment_age_days = 366)
ASK(us_bulk, "us", NULL, job->dsp = &bulk; job->n_dsp = 1)
ASK(rate, "uk", NULL, job->has_rate = true; job->rate_ppb = 50000001)
ASK(days, "uk", NULL, job->has_retention = true; job->retention_days = 31)
ASK(kind, "uk", NULL, job->activation_kind = dense; job->n_activation_kind = 1)
ASK(raw, "uk", NULL, job->computed_on = "raw_text")
ASK(k, "uk", NULL, job->has_k = true; job->k = 1)
ASK(residual, "uk", NULL, job->has_residual = true; job->residual_findings = 1)
ASK(scheme, "uk", NULL, job->target = "ftp://example.org/x")
ASK(pattern, "uk", "targets: {patterns: [\"file:/srv/uk/*\"]}\n",
    job->target = "file:/srv/uk/a/b")
ASK(onward, "uk", NULL, job->onward_transfer = "allow")
ASK(clauses, "uk", NULL, job->n_clause = 2)
ASK(keys, "uk", NULL, job->n_key = 0)
ASK(key_age, "uk", NULL, job->key_age_days = 401)
ASK(custody, "us", NULL, job->key_country = "CN")
ASK(holder, "us", NULL, job->key_holder = "cloud_provider")
ASK(store, "uk", NULL, job->target = "file:sent"; job->keys_apart = false)
ASK(latency, "uk", NULL, job->has_latency = true; job->latency_delta_ms = 101)
ASK(part, "uk", "evidence: {languages: [de]}\n", (void)job)
ASK(intruder, "uk", NULL, job->intruder_ref = "IT-1";
    job->intruder_age_days = 366)
ASK(owner, "uk", NULL, job->target = "s3://b/p"; job->expected_owner = NULL)
ASK(health, "uk", "targets: {health_data_requires: [hds_certified]}\n",
    job->target = "file:sent";
    job->no_health_data = false)
ASK(place, "uk", NULL, job->residency = "US")

const struct reason_case reasons_of_policies[] = {{"E-RELAX", compile, &relax},
    {"E-EMPTY", compile, &empty}, {"E-INCOMPARABLE", compile, &incomparable},
    {"E-LOCKED", compile, &locked}, {"E-CONFLICT", compile, &conflict},
    {
	"E-CLAIM-OPERATOR",
	compile,
	&operator},
	{"E-CLAIM-ACTIVATIONS", compile, &activations},
	{"E-CLAIM-FREETEXT", compile, &freetext},
	{"E-CLAIM-LEVEL", compile, &level},
	{"E-NO-SOURCE", compile, &source},
	{"E-NO-SUCH-LEAF", no_leaf, NULL},
	{"EXC-NEVER", exception, &never},
	{"EXC-INHERITED", exception, &inherited},
	{"EXC-NOT-LOOSER", exception, &not_looser},
	{"EXC-TOO-LONG", exception, &too_long},
	{"NOT-IN-FORCE", lint, &before},
	{"REVIEW-DUE", lint, &nears},
	{"REVIEW-PASSED", lint, &passed},
	{"REF-STALE", lint, &stale},
	{"REF-EXPIRED", lint, &expired},
	{"PUR-NOT-ALLOWED", gate, &purpose},
	{"LEG-BASIS", gate, &basis},
	{"LEG-LIA-MISSING", gate, &lia},
	{"DPA-INCOMPLETE", gate, &agreement},
	{"XFR-DENIED", gate, &denied},
	{"XFR-NOT-ALLOWED", gate, &not_allowed},
	{"XFR-MECHANISM", gate, &mechanism},
	{"XFR-CHECKS", gate, &checks},
	{"XFR-ASSESSMENT-STALE", gate, &old},
	{"DSP-BULK", gate, &us_bulk},
	{"SMP-RATE", gate, &rate},
	{"RET-TOO-LONG", gate, &days},
	{"ACT-KIND", gate, &kind},
	{"ACT-SOURCE", gate, &raw},
	{"ANO-K", gate, &k},
	{"GATE-RESIDUAL", gate, &residual},
	{"TGT-SCHEME", gate, &scheme},
	{"TGT-PATTERN", gate, &pattern},
	{"XFR-ONWARD", gate, &onward},
	{"DPA-CLAUSE", gate, &clauses},
	{"KEY-COUNT", gate, &keys},
	{"KEY-AGE", gate, &key_age},
	{"KEY-CUSTODY", gate, &custody},
	{"KEY-HOLDER", gate, &holder},
	{"KEY-STORE", gate, &store},
	{"LAT-P90", gate, &latency},
	{"EVI-PART", gate, &part},
	{"GATE-INTRUDER", gate, &intruder},
	{"TGT-OWNER", gate, &owner},
	{"TGT-HEALTH", gate, &health},
	{"TGT-RESIDENCY", gate, &place},
};
const size_t n_reasons_of_policies = TG_COUNT(reasons_of_policies);
