/*
 * settings.h - what the effective policy says to the stages, resolved once.
 * A leaf the policy lacks is an error here, before a record is read.
 */
#ifndef TG_PIPELINE_SETTINGS_H
#define TG_PIPELINE_SETTINGS_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/stage.h"
#include "policies/policy.h"

/* What a run adds to the policy. */
struct tg_settings_run {
	const uint8_t *seed;	     /* TG_KEY_LEN */
	const uint8_t *pseudonyms;   /* TG_KEY_LEN: pseudonym_key.h */
	const char *retention_class; /* "debug" */
	bool all_synthetic;	     /* no source holds real people's text */
	uint64_t rate_ppb;	     /* 0: the policy's default */
	int64_t as_of;		     /* s UTC */
};

/* TG_E_CONFIG.  @real: for an input that holds real people's text. */
int tg_settings_export(struct tg_settings *out, const struct tg_policy *p,
    const struct tg_settings_run *run, bool real, struct tg_err *err)
    TG_MUST_CHECK;
/* The key of the draw: it is shown to an auditor, the seed never is. */
void
tg_settings_sample_key(uint8_t out[TG_KEY_LEN], const uint8_t seed[TG_KEY_LEN]);
/* For scan, redact and the recheck: no policy needed. */
void tg_settings_plain(struct tg_settings *out, enum tg_mode mode);
/* /redaction/detectors/<TYPE>/{operator,action,min_score} to the scanner; types
 * of the rule set that the policy does not name keep the default (label at
 * 50). */
int tg_settings_scanner(struct tg_scanner *s, const struct tg_rules *r,
    const struct tg_policy *p, struct tg_err *err) TG_MUST_CHECK;
/* /activations: kinds, sizes, what becomes of activations whose text holds a
 * finding, or none, or was not scanned.  TG_E_CONFIG. */
int tg_settings_activations(struct tg_settings *out, const struct tg_policy *p,
    struct tg_err *err) TG_MUST_CHECK;
/* The leaf that says what becomes of those with a finding: what a project asks
 * for, else what is done when nobody asks; NULL: none of both. */
const char *tg_settings_span_path(const struct tg_policy *p);
/* Types of @r that the policy counts as health: those whose category of data
 * (fideslang 2, /redaction/detectors/<TYPE>/fides) is user.health_and_medical
 * or below it. */
void tg_settings_health(bool out[TG_COUNT_TYPES], const struct tg_rules *r,
    const struct tg_policy *p);
/* The axes that the policy says of tensors; borrowed from it. */
void tg_settings_tensor_map(struct tg_settings *out, const struct tg_policy *p);
/* The parameters of the operators to @o, and each operator's self-test:
 * TG_E_CONFIG where one cannot serve its type or its text is found again. */
int tg_settings_operators(struct tg_operators *o, const struct tg_rules *r,
    const struct tg_policy *p, struct tg_err *err) TG_MUST_CHECK;
/* What becomes of a JSON number with a finding in it. */
int tg_settings_number(struct tg_settings *out, const struct tg_policy *p,
    struct tg_err *err) TG_MUST_CHECK;
/* What becomes of a text in a language that detection does not know. */
int tg_settings_language(struct tg_settings *out, const struct tg_policy *p,
    struct tg_err *err) TG_MUST_CHECK;
/* "label", "mask", ...: what the policy does to findings of @type. */
const char *tg_settings_action(const struct tg_policy *p, const char *type);
/* The key of pseudonyms, hashes, surrogates and shifts: 32 bytes in base64 in a
 * file 0600.  TG_E_KEY. */
int tg_settings_key_load(uint8_t out[TG_KEY_LEN], const char *path,
    struct tg_err *err) TG_MUST_CHECK;
/* For the filter: keyed operators are carried out. */
void tg_settings_key(struct tg_settings *s, const uint8_t key[TG_KEY_LEN]);
#endif
