/*
 * gate.h - may this job run under this policy?  Every rule is asked, every
 * "no" is a reason with its stable code, the leaf that decided, where that
 * leaf stands and the controls behind it (policy-and-evidence.md 4.8).
 *
 * Fail closed: what the job leaves out counts against it, unless the comment
 * of the member says otherwise; a leaf that the policy lacks is an error.  An
 * empty text counts as left out.
 */
#ifndef TG_POLICIES_GATE_H
#define TG_POLICIES_GATE_H

#include <stdint.h>

#include "policies/policy.h"

struct tg_job_mechanism {
	const char *origin;    /* "GB" */
	const char *mechanism; /* "uk_us_data_bridge" */
};

struct tg_job_dsp {
	const char *category; /* "covered_identifiers" */
	uint64_t persons; /* U.S. persons in the window, this job included */
};

struct tg_policy_job {
	const char *purpose;
	const char *legal_basis;    /* "A6-1-f" */
	const char *assessment_ref; /* LIA / mise en balance, or NULL */
	const char *audit_ref;	    /* of a formal audit, or NULL */
	const char *access; /* who may read it, where access is restricted */

	const char *destination; /* ISO 3166-1 of the recipient */
	const struct tg_job_mechanism *mechanism; /* one an origin */
	size_t n_mechanism;
	const char *const *check; /* done: "tra_recorded", ... */
	size_t n_check;
	int64_t assessment_age_days; /* of the transfer; -1: not known, which
				      * a mechanism that rests on one refuses */
	const char *const *recipient_field; /* those that are filled */
	size_t n_recipient_field;

	/* The recipient's keys, as its record states them. */
	uint64_t n_key;
	int64_t key_age_days;	 /* of the oldest; -1: not known, refused */
	const char *key_country; /* ISO 3166-1, where the secret keys are */
	const char *key_holder;	 /* "recipient", or who else has them */
	bool keys_apart; /* ours are not where the target is; looked at when
			  * there is a target */
	const char *const *clause; /* those that the contract has */
	size_t n_clause;
	const char *onward_transfer; /* as the contract has it: "allow",
				      * "prior_approval", "deny" */

	const char *intruder_ref;  /* of a motivated-intruder test; NULL: none
				    * was made, which refuses nothing */
	int64_t intruder_age_days; /* of it; -1: not known, refused */

	bool has_rate; /* false: /sampling/rate_default is taken */
	uint64_t rate_ppb;

	const char *retention_class; /* NULL: that of the purpose */
	bool has_retention; /* false: the days of the class are taken */
	uint64_t retention_days;

	const char *target;	      /* URL, or NULL: nothing is uploaded */
	const char *residency;	      /* ISO 3166-1, or NULL: not declared */
	const char *expected_owner;   /* account of the bucket, or NULL */
	const char *const *certified; /* what the host is certified for:
				       * "hds_certified" */
	size_t n_certified;
	bool no_health_data; /* as the job declares; false: there may be */

	const char *const *activation_kind; /* those exported */
	size_t n_activation_kind;
	const char *computed_on; /* "redacted_text", "raw_text"; NULL: not
				  * declared */

	/* Figures of a later stage, looked at when has_... is set. */
	bool has_k, has_residual, has_latency;
	uint64_t k; /* smallest class */
	uint64_t residual_findings;
	uint64_t latency_delta_ms; /* by which capture raises the 90th
				    * percentile, as measured by the job's
				    * owner */
	const struct tg_job_dsp *dsp;
	size_t n_dsp;
};

#define TG_REASONS_MAX 64
#define TG_REASON_TEXT 256

struct tg_reason {
	const char *code;	   /* "XFR-DENIED": a constant */
	char path[TG_REASON_TEXT]; /* the leaf */
	const char *file; /* its winner; borrowed from the policy; "" when the
			   * policy says nothing there */
	uint32_t line;
	char controls[TG_REASON_TEXT]; /* "UK-13, XC-07" */
	char detail[TG_REASON_TEXT];   /* what is wrong, in a sentence */
};

struct tg_reasons {
	struct tg_reason r[TG_REASONS_MAX];
	size_t n; /* 0: the job is allowed */
};

/*
 * tg_policy_job - asks every rule; @out is overwritten.
 * Returns 0 with the reasons; -1: TG_E_CONFIG E-NO-SUCH-LEAF, TG_E_LIMIT over
 * TG_REASONS_MAX (then the job must not run either).
 */
int tg_policy_job(const struct tg_policy *p, const struct tg_policy_job *job,
    struct tg_reasons *out, struct tg_err *err) TG_MUST_CHECK;

/* 28 CFR 202.205: whether @persons are @ratio of a threshold (at most 10^9) or
 * all of it. */
bool
tg_policy_reached(uint64_t persons, uint64_t threshold, uint64_t ratio_ppb);

/* Whether a URL fits a pattern: '*' stands for anything but '/', "**" for
 * anything. */
bool tg_policy_target_fits(const char *pattern, const char *url);

#endif
