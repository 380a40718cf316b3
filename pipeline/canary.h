/*
 * canary.h - invented values planted in texts, run through the stages of an
 * export, and counted: how many of each type were struck.
 *
 * For each type that the rules know and the policy does not leave in place, as
 * many as /gates/canary_min_per_type are planted in English and French
 * sentences of a JSON line, of an OTLP attribute and of an array of tokens, as
 * they are and disguised: with the escapes of JSON, as JSON in a string,
 * percent-encoded, in base64, in other widths, with invisible characters
 * between.  They are drawn with a key of the run's seed.  They go through the
 * stages with a scanner, operators and counts of their own, and are never
 * emitted to a member: nothing of them is in a bundle or in its figures.
 *
 * A canary is found when its unit was dropped by s30, or when every byte of it
 * is struck and the record as it would leave does not hold it; by which type's
 * rule does not matter.  What is measured is the rules and the policy, with
 * values of the forms of canaries.def; a person whose name is in no dictionary
 * is not among them.
 */
#ifndef TG_PIPELINE_CANARY_H
#define TG_PIPELINE_CANARY_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "pipeline/canary_value.h"
#include "pipeline/counts.h"
#include "pipeline/settings.h"

struct tg_canary {
	const char *type; /* of the rules */
	enum tg_canary_state {
		TG_CANARY_MEASURED,
		TG_CANARY_KEPT,	      /* the policy leaves the type in place */
		TG_CANARY_NOT_COVERED /* canaries.def has no such type */
	} state;
	enum tg_canary_class class;
	uint64_t planted, found;
};

struct tg_canaries {
	uint64_t per_type;   /* 0: the policy asks for none */
	uint64_t min_ppb[2]; /* recall, by class */
	struct tg_canary type[TG_COUNT_TYPES];
	size_t n;
};

/*
 * tg_canaries_run - plants and counts.  @set: of the run, whose seed @key is
 * derived from.  TG_E_CONFIG: a leaf is missing; TG_E_BUG: a canary did not
 * arrive where it was planted; TG_E_MEMORY.
 */
int tg_canaries_run(struct tg_canaries *out, const struct tg_policy *p,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    const struct tg_settings *set, const uint8_t key[TG_KEY_LEN],
    struct tg_err *err) TG_MUST_CHECK;

/* TG_E_NO, GATE-CANARY: of a type fewer were found than the policy asks. */
int tg_canaries_judge(const struct tg_canaries *c, struct tg_err *err)
    TG_MUST_CHECK;

/* "canaries" of the manifest (run.h); NULL when out of memory. */
struct tg_json *tg_canaries_json(const struct tg_canaries *c) TG_MUST_CHECK;

#endif
