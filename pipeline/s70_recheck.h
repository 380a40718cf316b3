/*
 * s70_recheck.h - the packed output is looked at again, from the bytes, by a
 * scanner of its own: strings, keys, long numbers, joined tokens; what the
 * format does not know is residue too.  Any residue stops the run.
 */
#ifndef TG_PIPELINE_S70_RECHECK_H
#define TG_PIPELINE_S70_RECHECK_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/members.h"
#include "pipeline/sources/attributes.h"
#include "policies/policy.h"
#include "redactors/redactor.h"

struct tg_recheck {
	uint64_t records;  /* examined */
	uint64_t texts;	   /* examined */
	uint64_t findings; /* of these, those the policy does not keep */
	uint64_t unknown;  /* keys and values the format does not know */
	char first[256];   /* where the first stands: member, record, rule */
};

/* With @threads threads (input.h).  0 also with findings: the caller looks.
 * TG_E_INTEGRITY when a member is not
 * readable as what was written. */
int tg_s70_recheck(struct tg_recheck *out, const struct tg_members *m,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    const struct tg_policy *policy, unsigned threads, struct tg_err *err)
    TG_MUST_CHECK;

/* TG_E_NO unless something was examined and nothing found: REC-RESIDUE,
 * GATE-NOT-RUN. */
int
tg_recheck_clean(const struct tg_recheck *r, struct tg_err *err) TG_MUST_CHECK;

#endif
