/*
 * aggregate.h - what leaves under /activations/form: aggregate_only: of each
 * cell (a feature of a layer, a neuron of a tensor) over all subjects of a run
 * how many there are and the sum of their means.  No number of one trace does.
 *
 * A contribution is one subject's numbers of one cell in one text: how many,
 * and their sum.  A number is taken in units of 1 / TG_AGGREGATE_UNIT after it
 * was cut to the policy's clip, both ways.  All contributions of a subject to a
 * cell become one number, their mean, so that nobody counts more than anybody
 * else.  A cell with fewer than k subjects does not leave.
 *
 * With epsilon each number that leaves has discrete Laplace noise
 * (base/laplace.h).  One subject is in at most `cells` cells (those of its
 * greatest means, by size without the sign) and changes in each the number of
 * subjects by 1 and the sum by at most clip.  Half of epsilon is for either, so
 * that the scales are 2 cells / epsilon and 2 cells clip / epsilon, and the
 * numbers of the cells together are epsilon-differentially private for a
 * subject.  Which cells leave is decided by the exact number and is not covered
 * by epsilon: k is what protects it.
 *
 * Rows wait on disk, sorted in constant memory (base/sorter.h); they hold keyed
 * digests of subjects.  What comes out does not depend on the order in which it
 * was added.
 */
#ifndef TG_PIPELINE_AGGREGATE_H
#define TG_PIPELINE_AGGREGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/laplace.h"
#include "base/sv.h"
#include "pipeline/classes.h"

#define TG_AGGREGATE_UNIT 1024		  /* parts of 1 */
#define TG_AGGREGATE_ROWS (1u << 27)	  /* contributions of a run */
#define TG_AGGREGATE_GROUPS (1u << 16)	  /* layers, tensors of a run */
#define TG_AGGREGATE_NAME 256		  /* bytes of each text of a group */
#define TG_AGGREGATE_CELLS_MAX (1u << 16) /* largest limits.cells */
#define TG_AGGREGATE_CLIP_MAX 1000000	  /* largest limits.clip */

struct tg_aggregate_limits {
	uint64_t k;		/* subjects of a cell that leaves, at least 1 */
	uint64_t clip;		/* of a number, 1 to TG_AGGREGATE_CLIP_MAX */
	uint64_t epsilon_milli; /* thousandths; 0: no noise */
	/* Cells of one subject, at most TG_AGGREGATE_CELLS_MAX; 0: any number,
	 * which noise does not allow. */
	uint64_t cells;
	bool named; /* a subject is a person or a session that is named */
};

/* Cells that have a meaning together; all borrowed, none longer than
 * TG_AGGREGATE_NAME. */
struct tg_aggregate_group {
	struct tg_sv format, model, at; /* "" where it is not known */
};

struct tg_aggregate_result {
	uint64_t contributions, subjects, groups;
	uint64_t by[TG_SUBJECT_KINDS]; /* units, by what their subject is */
	uint64_t unnamed;  /* units left out: their subject is not named */
	uint64_t unplaced; /* left out: nothing says which feature it is */
	uint64_t over;	   /* means beyond the cells of a subject */
	uint64_t kept, suppressed; /* cells */
	uint64_t spilled;	   /* bytes that went to disk */
};

/* One cell that leaves; borrowed arguments. */
struct tg_aggregate_cell {
	const struct tg_aggregate_group *group;
	uint32_t cell;
	int64_t subjects; /* with noise at least k all the same */
	int64_t sum;	  /* of their means, in units */
};

struct tg_aggregate;

/*
 * tg_aggregate_new - @dir becomes a new, empty folder of ours, 0700; @memory:
 * bytes of rows in memory for each of two sorted sets.  @key: of the subjects'
 * digests, copied.  TG_E_CONFIG: limits that are none, noise without a number
 * of cells or of a scale above TG_LAPLACE_MAX; TG_E_IO, TG_E_MEMORY, as all
 * below.
 */
int tg_aggregate_new(struct tg_aggregate **out, const char *dir,
    const struct tg_aggregate_limits *limits, const uint8_t key[TG_KEY_LEN],
    size_t memory, struct tg_err *err) TG_MUST_CHECK;
/* Removes the folder. */
void tg_aggregate_free(struct tg_aggregate *a);

const struct tg_aggregate_limits *
tg_aggregate_limits(const struct tg_aggregate *a);
/* Its counters; what finish sets is 0 before. */
struct tg_aggregate_result *tg_aggregate_result(struct tg_aggregate *a);

/* The digest of a subject: @id of one of the kinds of classes.h, in which
 * capitals of ASCII do not differ. */
int tg_aggregate_subject(struct tg_aggregate *a, uint8_t out[TG_CLASS_DIGEST],
    enum tg_subject_by by, struct tg_trace_text id, struct tg_err *err)
    TG_MUST_CHECK;

/* The number of a group, made when it is new.  TG_E_LIMIT: too many. */
int tg_aggregate_group(struct tg_aggregate *a, uint32_t *out,
    const struct tg_aggregate_group *group, struct tg_err *err) TG_MUST_CHECK;

/* A number in units, cut to the clip; false: it is none (NaN). */
bool tg_aggregate_units(const struct tg_aggregate *a, int64_t *out, double v)
    TG_MUST_CHECK;

/* @n numbers (at least 1) of sum @sum, each from tg_aggregate_units.
 * TG_E_LIMIT: more than TG_AGGREGATE_ROWS. */
int tg_aggregate_add(struct tg_aggregate *a,
    const uint8_t subject[TG_CLASS_DIGEST], uint32_t group, uint32_t cell,
    uint32_t n, int64_t sum, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_aggregate_finish - each cell that leaves, by group (format, model, at) and
 * number.  @dice: of the noise; not asked without epsilon.  Once.
 */
int tg_aggregate_finish(struct tg_aggregate *a, const struct tg_dice *dice,
    int (*cell)(
	void *ctx, const struct tg_aggregate_cell *c, struct tg_err *err),
    void *ctx, struct tg_err *err) TG_MUST_CHECK;

#endif
