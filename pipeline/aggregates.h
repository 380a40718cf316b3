/*
 * aggregates.h - the way from records into aggregate.h and from there into the
 * bundle, where the policy says form: aggregate_only.  What has numbers of a
 * trace (rows of features, contexts of tensor files, graphs) does not leave as
 * a record: ANO-AGGREGATE.  Its numbers are counted when it would have left: of
 * the tokens that on_span, on_clean and the limits let leave.
 *
 * A subject is the person named in a unit, else its session, its trace, the
 * unit alone (classes.h; what other units of the trace name is not looked up).
 *
 * Not counted, and gone all the same: numbers that nothing places (no name of
 * the layer and no index of the feature, or names with other characters than
 * letters, digits and ._:/@+-, or with a finding in them); graphs.
 */
#ifndef TG_PIPELINE_AGGREGATES_H
#define TG_PIPELINE_AGGREGATES_H

#include "base/json.h"
#include "pipeline/aggregate.h"
#include "pipeline/members.h"
#include "pipeline/stage.h"
#include "policies/policy.h"

#define TG_AGGREGATES_MEMBER "data/aggregates/aggregates.jsonl"
#define TG_AGGREGATES_SCHEMA "https://tracegate.dev/aggregates/1"
/* Bytes of rows in memory of each of two sorted sets. */
#define TG_AGGREGATES_MEMORY (4u << 20)

/* What the policy says; *@on: of this run.  k is the greater of k_min and
 * min_subjects.  TG_E_CONFIG: a leaf is missing. */
int tg_aggregates_ask(struct tg_aggregate_limits *out, bool *on,
    const struct tg_policy *p, struct tg_err *err) TG_MUST_CHECK;

/* Whether node @i is text that is looked at although the policy lets no text
 * leave: that of a unit of which only sums do. */
bool tg_aggregates_reads(
    const struct tg_pass *p, const struct tg_record *r, uint32_t i);

/* s60: the units of a record that have numbers of a trace go, and what they
 * give is added.  Nothing without set->aggregate. */
int tg_aggregates_take(
    struct tg_pass *p, struct tg_record *r, struct tg_err *err) TG_MUST_CHECK;

/* Whose unit @u is; of a tensor file whose head names somebody theirs.
 * *@counts: it may be counted; else it was noted why not. */
struct tg_aggregates_ids {
	struct tg_trace_text person, session, trace, bytes;
};
int tg_aggregates_subject(struct tg_aggregate *a, uint8_t out[TG_CLASS_DIGEST],
    const struct tg_aggregates_ids *ids, bool *counts, struct tg_err *err)
    TG_MUST_CHECK;
/* Whether @name may be part of a group's name. */
bool tg_aggregates_name(struct tg_trace_text name);

/*
 * tg_aggregates_write - the cells that leave as a member of the bag; none, no
 * member.  @seed: of the run, for the noise.  @what: all that the cells are
 * made of: the same noise on other data, or of another scale, would give it
 * away.
 */
int tg_aggregates_write(struct tg_aggregate *a, struct tg_members *m,
    const uint8_t seed[TG_KEY_LEN], struct tg_sv what, struct tg_err *err)
    TG_MUST_CHECK;

/* "aggregates" of the manifest (run.h); NULL when out of memory. */
struct tg_json *tg_aggregates_json(const struct tg_aggregate_limits *l,
    const struct tg_aggregate_result *r) TG_MUST_CHECK;

#endif
