/* ptest_job.h - the job of a policy test, read from YAML. */
#ifndef TG_POLICIES_PTEST_JOB_H
#define TG_POLICIES_PTEST_JOB_H

#include "policies/gate.h"
#include "policies/pfile.h"

#define TG_PTEST_LIST 64

struct tg_ptest_job {
	struct tg_policy_job job; /* points into the rest and into the file */
	struct tg_job_mechanism mechanism[TG_PTEST_LIST];
	struct tg_job_dsp dsp[TG_PTEST_LIST];
	const char *check[TG_PTEST_LIST], *kind[TG_PTEST_LIST],
	    *field[TG_PTEST_LIST], *clause[TG_PTEST_LIST],
	    *certified[TG_PTEST_LIST];
};

void tg_ptest_job_init(struct tg_ptest_job *j);
/* Sets what @map says and leaves the rest.  Keys: purpose, legal_basis,
 * assessment_ref, audit_ref, access, destination, class, residency, target,
 * expected_owner, activations_computed_on, key_country, key_holder,
 * onward_transfer; rate, retention_days, assessment_age_days, k,
 * residual_findings, intruder_age_days (of intruder_ref), latency_delta_ms,
 * key_count, key_age_days; keys_apart, no_health_data; checks,
 * activation_kinds, recipient_fields, clauses, certified; mechanisms, dsp.
 * TG_E_CONFIG with the place. */
int tg_ptest_job_read(struct tg_ptest_job *j, const struct tg_pfile *f,
    const struct tg_ynode *map, struct tg_err *err) TG_MUST_CHECK;

#endif
