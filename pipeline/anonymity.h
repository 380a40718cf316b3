/*
 * anonymity.h - what the policy asks of equivalence classes, what was measured,
 * and whether units go.
 *
 * Measured is every run whose policy has a quasi-identifier that leaves.  Units
 * of classes below k (or l) go where the level is k_anonymous or stricter and
 * the classes hold people to whom /anonymisation/k_applies_to extends: real
 * ones, or all.  When real and invented sources meet and only the real ones
 * count, only their units are in the classes: invented people hide nobody.
 */
#ifndef TG_PIPELINE_ANONYMITY_H
#define TG_PIPELINE_ANONYMITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/classes.h"
#include "pipeline/quasi.h"
#include "policies/policy.h"

/* Bytes of rows in memory, of each of at most four sorted sets. */
#define TG_ANONYMITY_MEMORY (4u << 20)

struct tg_anonymity {
	bool measured; /* the policy names a quasi-identifier that leaves */
	bool enforced; /* units of small classes go */
	bool only_real;
	bool applies_to_all;
	bool field[TG_FIELD_COUNT];
	unsigned direct;	   /* identifying fields the policy names */
	bool link[TG_FIELD_COUNT]; /* of them, those that leave, coded */
	bool general;		   /* coarser values may stand in texts */
	struct tg_class_limits limits;
	uint64_t max_suppressed_ppb;
	struct tg_class_result result;
};

/* TG_E_CONFIG: a leaf is missing.  @real, @invented: sources of the run. */
int tg_anonymity_ask(struct tg_anonymity *out, const struct tg_policy *p,
    bool real, bool invented, struct tg_err *err) TG_MUST_CHECK;

/* Units that have to go; 0 when nothing is enforced. */
uint64_t tg_anonymity_suppressed(const struct tg_anonymity *a);
/*
 * tg_anonymity_judge - TG_E_NO: more would have to go than the policy's
 * max_suppression_ratio; the run stops.
 */
int tg_anonymity_judge(const struct tg_anonymity *a, struct tg_err *err)
    TG_MUST_CHECK;

/* "anonymity" of the manifest (run.h); NULL when out of memory. */
struct tg_json *tg_anonymity_json(const struct tg_anonymity *a) TG_MUST_CHECK;

#endif
