/*
 * feature_rows.h - rows of features: tokens, and beside them numbers of one
 * feature a token (exports and inference API of Neuronpedia, SAEDashboard,
 * Delphi).  What is derived from the numbers (the largest, where, the sum) is
 * named in a table, so that it can be computed anew when some of them go.
 */
#ifndef TG_PIPELINE_SOURCES_FEATURE_ROWS_H
#define TG_PIPELINE_SOURCES_FEATURE_ROWS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/record.h"

/* What stands beside an array of values. */
enum tg_feature_part {
	TG_FEATURE_MAX,
	TG_FEATURE_MIN,
	TG_FEATURE_AT, /* index of the largest */
	TG_FEATURE_SUM,
	TG_FEATURE_COUNTS, /* numbers a token, or rows of these */
	TG_FEATURE_DFA,	   /* direct attribution, a number a token */
	TG_FEATURE_DFA_MAX,
	TG_FEATURE_DFA_AT, /* the token that is attributed */
	TG_FEATURE_LOST	   /* made of the values, cannot be computed anew */
};

struct tg_feature_key {
	const char *key;
	enum tg_feature_part part;
};

extern const struct tg_feature_key tg_feature_keys[];
extern const size_t tg_feature_keys_n;

/* The array of numbers, one a token, in object @i, or UINT32_MAX. */
uint32_t tg_feature_values(const struct tg_jdoc *d, uint32_t i);
/* A finite number; false: none. */
bool tg_feature_number(const struct tg_jdoc *d, uint32_t i, double *out);

/*
 * tg_feature_check - object @i of numbers beside @tokens.  TG_E_INPUT with the
 * byte when they contradict each other: another length, an index outside,
 * something that is no number.
 */
int tg_feature_check(const struct tg_record *r, uint32_t i, uint32_t tokens,
    struct tg_err *err) TG_MUST_CHECK;
/* The same for the rows of a layer: "tokenIndices" beside "values". */
int tg_feature_check_rows(const struct tg_record *r, uint32_t i,
    uint32_t tokens, struct tg_err *err) TG_MUST_CHECK;
/* The same for "activeFeatures": {index: [[token, value], …]}. */
int tg_feature_check_pairs(const struct tg_record *r, uint32_t active,
    uint32_t tokens, struct tg_err *err) TG_MUST_CHECK;

#endif
