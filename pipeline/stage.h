/*
 * stage.h - one pass over records: its settings, its scratch, its stages.
 *
 * The same stages serve three purposes.  EXPORT is the way of a record into a
 * bundle.  REDACT is the filter (decode, redact, activations).  SCAN looks and
 * changes nothing.  The recheck of an export is SCAN over the packed output,
 * with a scanner of its own and what the format allows known (RECHECK).
 */
#ifndef TG_PIPELINE_STAGE_H
#define TG_PIPELINE_STAGE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/err.h"
#include "pipeline/counts.h"
#include "pipeline/quasi.h"
#include "pipeline/record.h"
#include "pipeline/sources/attributes.h"
#include "pipeline/sources/tensor_roles.h"
#include "pipeline/sources/vocab.h"
#include "redactors/operators.h"
#include "redactors/redactor.h"

enum tg_mode { TG_MODE_EXPORT, TG_MODE_REDACT, TG_MODE_SCAN, TG_MODE_RECHECK };

enum tg_op {
	TG_OP_KEEP,
	TG_OP_PSEUDONYMISE,
	TG_OP_LABEL,
	TG_OP_GENERALISE,
	TG_OP_DROP
};

enum tg_granularity {
	TG_TIME_INSTANT,
	TG_TIME_DAY,
	TG_TIME_MONTH,
	TG_TIME_YEAR,
	TG_TIME_NONE
};

/* Captured at from <= t < until: under a legal hold (holds.h). */
struct tg_held {
	int64_t from, until; /* s UTC */
};
#define TG_HELD_CODE "RET-HELD" /* of what is too old and kept all the same */

/* What the policy says, resolved once, immutable during a pass. */
struct tg_settings {
	enum tg_mode mode;
	/* s20 */
	uint64_t rate_ppb;
	enum tg_sample_unit {
		TG_SAMPLE_TRACE,
		TG_SAMPLE_SESSION,
		TG_SAMPLE_SUBJECT
	} sample_unit;
	uint64_t max_records;	  /* units kept in a run; 0: no cap */
	uint64_t max_per_subject; /* of one person; 0: no cap */
	uint8_t sample_key[TG_KEY_LEN];
	/* s30 */
	bool error_blocks; /* on_detector_error: block_run */
	enum tg_foreign {
		TG_FOREIGN_TOLD, /* counted only: no policy */
		TG_FOREIGN_DROPS,
		TG_FOREIGN_BLOCKS
	} foreign;	  /* on_unsupported_language */
	bool text_drops;  /* free_text: real text does not leave */
	bool number_null; /* a JSON number with a finding becomes null */
	bool keyed;	  /* pseudonym_key and run_key are secrets */
	int year; /* of the run, for ages; 0: unknown, dates are labelled */
	uint8_t run_key[TG_KEY_LEN];   /* numbers of a run */
	uint8_t table_key[TG_KEY_LEN]; /* hashes of values in memory */
	/* s40 */
	bool graphs_allowed;
	bool graphs_recapture;
	enum tg_span_rule {
		TG_SPAN_FROM, /* drop_from_span_on: the tokens before stay */
		TG_SPAN_RECAPTURE,
		TG_SPAN_RECORD, /* drop_record: the context does not leave */
		TG_SPAN_BARE,	/* drop_activations: its text alone leaves */
		TG_SPAN_ROWS	/* drop_span_rows: only its own tokens go */
	} on_span;
	bool clean_bare; /* on_clean: drop_activations */
	bool aggregate;	 /* form: aggregate_only; no number of a trace leaves */
	bool kind[TG_KIND_COUNT]; /* of tensors: may leave */
	bool unscanned_record;	  /* drop the file, not only its tensors */
	unsigned value_bits;	  /* of an sae_topk value; 0: any */
	uint64_t topk;		  /* features of a token, a file; 0: any */
	struct tg_tensor_map tensor_map; /* borrowed from the policy */
	/* s50 */
	uint64_t max_tokens, max_bytes;
	bool exceed_drops;
	int64_t oldest; /* units captured before do not leave; 0: no limit */
	const struct tg_held *held; /* borrowed: of these, those that stay */
	size_t n_held;
	/* s60 */
	enum tg_op op[TG_FIELD_COUNT];
	enum tg_granularity granularity;
	/* hipaa_safe_harbor: whose times say no more than the year */
	enum tg_harbor {
		TG_HARBOR_NEVER,
		TG_HARBOR_HEALTH,
		TG_HARBOR_ALWAYS
	} harbor;
	uint8_t pseudonym_key[TG_KEY_LEN];
};

struct tg_aggregate;
struct tg_sampled;
struct tg_tally;
struct tg_run;

#define TG_NEST_MAX 4 /* JSON in a string, this deep */

struct tg_pass {
	const struct tg_settings *set;
	const struct tg_rules *rules;
	struct tg_scanner *scanner;
	struct tg_operators *ops;
	const struct tg_attributes *attrs;
	struct tg_counts *counts;
	/* SCAN, RECHECK: one finding; borrowed arguments.  May be NULL. */
	int (*on_finding)(void *ctx, const struct tg_record *r,
	    const struct tg_text *text, const struct tg_finding *f,
	    struct tg_err *err);
	/* Any mode: one text as it came in and all that was found in it, before
	 * on_finding; borrowed arguments.  May be NULL. */
	int (*on_text)(void *ctx, const struct tg_record *r,
	    const struct tg_text *text, const struct tg_findings *found,
	    struct tg_err *err);
	/* EXPORT: a record behind the last stage, whether it leaves or not.
	 * May be NULL. */
	int (*on_record)(
	    void *ctx, const struct tg_record *r, struct tg_err *err);
	/* EXPORT: the redacted prompt, of @r, to trace again; borrowed.  May be
	 * NULL. */
	int (*on_recapture)(void *ctx, const struct tg_record *r,
	    struct tg_sv prompt, struct tg_err *err);
	void *ctx;
	/* EXPORT: where numbers of traces go under set->aggregate; NULL:
	 * nowhere. */
	struct tg_aggregate *aggregate;
	/* EXPORT: what units are told apart by.  May be NULL. */
	struct tg_quasi *quasi;
	bool health[TG_COUNT_TYPES]; /* types that are about health */
	bool want_paths;
	const char *format; /* the input's format so far, or NULL */
	bool stream;	    /* the input has pieces of a stream (stream.h) */
	/* What the input is known to be (the recheck), or NULL. */
	const struct tg_source *expected;
	struct tg_sampled *drawn; /* EXPORT: the draw; may be NULL */
	struct tg_tally *tally;	  /* units kept of each person; made by s20 */
	/* What token ids of a tensor file spell; NULL: not known. */
	const struct tg_vocab *vocab;
	/* Attested of the tensor files: attention looks back only; a context
	 * begins with the first token that the model saw. */
	bool causal, whole;
	/* The file of the texts of tensor files, or NULL: what stands beside
	 * each (beside.h).  Not read in RECHECK. */
	const char *texts;
	bool texts_gone; /* RECHECK: they told the contexts, no ids left */
	/* Of the context at hand: token k is bytes [off[k], off[k + 1]) of its
	 * text, k below n_off. */
	const uint32_t *off;
	uint32_t n_off;
	uint8_t *struck; /* s40: 1 where token k goes alone; room for n_off */
	/* scratch */
	struct tg_jdoc nest[TG_NEST_MAX];
	struct tg_buf joined, redo, work;
	struct tg_run *seams; /* made by seams.c */
	uint64_t serial;      /* units seen */
	uint64_t sampled;     /* units kept by s20 so far */
};

int tg_pass_init(struct tg_pass *p, const struct tg_settings *set,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    struct tg_counts *counts, struct tg_err *err) TG_MUST_CHECK;
void tg_pass_deinit(struct tg_pass *p);

/*
 * tg_pass_record - the stages of the mode over r->raw.  0: done, look at
 * r->dropped and the units; -1: TG_E_INPUT (the record goes to quarantine; its
 * code in *code), TG_E_NO (the policy blocks the run), or worse.
 */
int tg_pass_record(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * The same in three steps, for who looks at several records at a time.  The
 * first and the last are taken in the order of the records; the one between
 * (s30) by a pass of its thread's own (tg_pass_like), in any order.
 */
int tg_pass_begin(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err) TG_MUST_CHECK;
int tg_pass_look(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err) TG_MUST_CHECK;
int tg_pass_end(struct tg_pass *p, struct tg_record *r, const char **code,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_pass_like - a pass that looks at records as @p does, with a scanner,
 * operators and scratch of its own; what it counts goes to @counts.  It listens
 * to nothing yet.  tg_pass_follow - again what @p knows of the input at hand.
 */
int tg_pass_like(struct tg_pass *out, const struct tg_pass *p,
    struct tg_counts *counts, struct tg_err *err) TG_MUST_CHECK;
void tg_pass_follow(struct tg_pass *out, const struct tg_pass *p);

/* emit.c: appends the record as it leaves; re-scans it (TG_E_BUG when it is no
 * longer JSON).  Nothing is appended for a dropped record. */
int tg_emit(struct tg_pass *p, struct tg_record *r, struct tg_buf *out,
    struct tg_err *err) TG_MUST_CHECK;

/* One stage; reasons are set on units. */
#define TG_STAGE(phase, name)                                            \
	int tg_s##phase##_##name(struct tg_pass *p, struct tg_record *r, \
	    struct tg_err *err) TG_MUST_CHECK;
#include "pipeline/stages.def"
#undef TG_STAGE

/* s10_decode.c: @r, or a document in a string of it, is a piece of a stream.
 * TG_E_INPUT; a scan looks at the record first. */
int tg_decode_piece(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
    TG_MUST_CHECK;

/* Unit @unit of @r is one, says @stage: it does not leave; a scan says so of
 * the record. */
void tg_decode_unit_piece(const struct tg_pass *p, struct tg_record *r,
    uint32_t unit, const char *stage);

/* stage.c: what is said of such a record.  TG_E_INPUT, -1. */
int tg_stage_in_pieces(struct tg_err *err) TG_MUST_CHECK;

/* texts.c: every text that leaves or is looked at. */
int tg_texts_collect(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
    TG_MUST_CHECK;
/* Whether a string is tried as JSON. */
bool tg_texts_like_json(struct tg_trace_text t);
/* Whether its lines are: two may be JSON, or one an event of a stream. */
bool tg_texts_in_lines(struct tg_trace_text t);
/* replace.c: scans one text, sets its hits. */
int tg_text_scan(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    struct tg_err *err) TG_MUST_CHECK;
/* Scans what a text with hits has become, until nothing more is found; @struck
 * counts. */
int tg_text_again(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    size_t *struck, struct tg_err *err) TG_MUST_CHECK;

/* recall.c: a name that was found once in a unit is struck wherever else it
 * stands in it. */
int tg_recall(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
    TG_MUST_CHECK;

/* The rough token count of a text, and the offset where token @max ends (or
 * text.n): runs of letters and digits count one for each four bytes begun,
 * other visible characters one each. */
#define TG_TOKEN_ESTIMATOR "tracegate/words4"
uint64_t
tg_tokens_estimate(struct tg_trace_text t, uint64_t max, uint32_t *cut);
/* s50_limit.c: all tokens of the texts of each dropped unit, also behind the
 * limit or where it was not asked; @out has room for all units. */
void tg_limit_tokens(uint64_t *out, const struct tg_record *r);

#endif
