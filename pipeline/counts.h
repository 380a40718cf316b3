/*
 * counts.h - what happened, in numbers: the funnel of units by stage, drops by
 * reason code, spans by type.  Everything the evidence prints as measured comes
 * from here by way of the manifest.
 */
#ifndef TG_PIPELINE_COUNTS_H
#define TG_PIPELINE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"

#define TG_COUNT_STAGES 8
#define TG_COUNT_CODES 64
#define TG_COUNT_TYPES 128
#define TG_COUNT_ACTIONS 16

struct tg_count_drop {
	const char *code; /* static string */
	uint64_t n;
};

struct tg_count_stage {
	const char *name;
	uint64_t in, out;
	struct tg_count_drop drop[TG_COUNT_CODES];
	size_t n_drop;
};

struct tg_count_type {
	uint64_t spans, units, last; /* last: serial of the last unit counted */
	uint64_t done[TG_COUNT_ACTIONS]; /* findings, by enum tg_action */
};

/* Tensors of one name pattern: a row of tensor_roles.def or of tensor_map. */
struct tg_count_tensor {
	const char *pattern, *kind; /* static strings, or the policy's */
	uint64_t kept, dropped;
};

#define TG_COUNT_PATTERNS 128
#define TG_COUNT_LAYERS 1000

struct tg_counts {
	struct tg_count_stage stage[TG_COUNT_STAGES];
	size_t n_stage;
	struct tg_count_type type[TG_COUNT_TYPES];
	uint64_t records, bytes_in, bytes_out;
	uint64_t quarantined;
	uint64_t texts;		/* texts examined */
	uint64_t foreign;	/* of them in another language (s30) */
	uint64_t text_bytes;	/* bytes of them */
	uint64_t below;		/* candidates under their threshold */
	uint64_t suppressed;	/* matches left alone by a rule's own lists */
	uint64_t kept_findings; /* reported, left in place by the policy */
	uint64_t units_out;
	uint64_t truncated;
	uint64_t fields_dropped, pseudonymised, generalised, unknown;
	int64_t oldest;	  /* captured, of those within the limits; 0: unknown */
	uint64_t undated; /* within the limits, and not known when captured */
	/* Units kept by s20, by how it is known whose they are. */
	uint64_t of_person, of_session, of_unknown;
	uint64_t contexts, contexts_cut; /* of tensor files */
	uint64_t contexts_bare;		 /* left without their numbers */
	uint64_t rows, rows_kept;	 /* tokens of them */
	uint64_t tokens_struck;		 /* alone, others behind them stay */
	uint64_t tensors, tensors_kept;
	uint64_t features_over; /* entries above topk_max, left out */
	struct tg_count_tensor pattern[TG_COUNT_PATTERNS];
	size_t n_pattern;
	bool layer[TG_COUNT_LAYERS]; /* a tensor named by it left */
	uint64_t graphs, graphs_kept, graphs_recapture, graphs_dropped;
};

/* A tensor that left, or did not; @layer: of its name, -1: none.  Beyond
 * TG_COUNT_PATTERNS - 1 patterns the rest is counted as "*". */
void tg_counts_tensor(struct tg_counts *c, const char *pattern,
    const char *kind, int layer, bool kept);

/* The stage's row, made on first use. */
struct tg_count_stage *tg_counts_stage(struct tg_counts *c, const char *name);
/* TG_E_BUG when there are more codes than rows. */
int tg_counts_drop(struct tg_counts *c, const char *stage, const char *code,
    uint64_t n, struct tg_err *err) TG_MUST_CHECK;
/* One that was reported and left in place (action 0). */
void tg_counts_kept(struct tg_counts *c, uint16_t type, uint64_t serial);
/* What was done to a finding. */
void tg_counts_done(struct tg_counts *c, uint16_t type, unsigned action);
void tg_counts_finding(struct tg_counts *c, uint16_t type, uint64_t serial);

/* The "funnel" array of the manifest; NULL when out of memory. */
struct tg_json *tg_counts_funnel(const struct tg_counts *c) TG_MUST_CHECK;

#endif
