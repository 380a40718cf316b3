/*
 * classes.h - equivalence classes of an export: k-anonymity over subjects,
 * l-diversity, suppression, and the risk of re-identification, in constant
 * memory (base/sorter.h).
 *
 * Pass one adds a row for each unit that would leave; nothing but keyed digests
 * is in it, in memory and on disk.  tg_classes_finish gives the figures and a
 * verdict for each row, which pass two reads back in the order of the rows.
 *
 * A class is all rows with the same quasi-identifiers as they leave.
 *
 * k: the distinct subjects of a class (Samarati & Sweeney 1998; Sweeney 2002),
 *    or its rows where the policy says k_unit: record.
 *    Where one row of a class carries a finding on health, the class asks for
 *    k_health: were only such rows taken out, what is left could fall below k.
 * l: the distinct sensitive values of a class (Machanavajjhala et al. 2007,
 *    distinct l-diversity); a class without any is not judged by l.
 *
 * A subject is, in this order: the person named in the unit; the person named
 * in another unit of the same trace; the session; the trace; the unit alone.
 * Two ids of one person count as two: the figures say how many rows rest on
 * which, and only "person" supports a statement about people.
 *
 * Risk, of a class of f subjects (El Emam & Dankar 2008, JAMIA 15:627-637; ARX
 * uses the same terms; marketer: Dankar & El Emam 2010):
 *   prosecutor  knows that the target is in the data: 1/f.  Greatest: 1/min f.
 *               Mean over subjects: classes / subjects.
 *   journalist  does not: 1/F, F the class in the population.  F >= f, so it is
 *               at most the prosecutor's; the population itself is not known
 *               here, and the bound is what is printed.
 *   marketer    matches all of them: the expected share that is right.  With
 *               the data as the population it is classes / subjects.
 * A subject in n classes counts n times in these two.
 */
#ifndef TG_PIPELINE_CLASSES_H
#define TG_PIPELINE_CLASSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#define TG_CLASS_DIGEST                                      \
	16 /* bytes, BLAKE2b-128 keyed with a key of the run \
	    */

/* What a subject is known by; the lower, the better. */
enum tg_subject_by {
	TG_SUBJECT_PERSON,
	TG_SUBJECT_SESSION,
	TG_SUBJECT_TRACE,
	TG_SUBJECT_UNIT,
	TG_SUBJECT_KINDS
};

struct tg_class_row {
	uint8_t trace[TG_CLASS_DIGEST]; /* units that belong together */
	enum tg_subject_by by;
	uint8_t subject[TG_CLASS_DIGEST];
	uint8_t quasi[TG_CLASS_DIGEST];
	bool has_sensitive;
	uint8_t sensitive[TG_CLASS_DIGEST];
	bool health; /* a finding that the policy counts as health */
};

enum tg_class_verdict { TG_CLASS_KEEP, TG_CLASS_SMALL, TG_CLASS_ONE_VALUE };

/* The classes by size: bucket i holds sizes tg_class_sizes[i] and more, below
 * those of the next. */
#define TG_CLASS_BUCKETS 10
extern const uint64_t tg_class_sizes[TG_CLASS_BUCKETS];

struct tg_class_figures {
	uint64_t rows, subjects, classes;
	uint64_t in_classes; /* subjects, once in each class they are in */
	uint64_t min, max;   /* subjects (or rows) of a class; 0: no class */
	uint64_t single;     /* classes of one */
	uint64_t l_min;	     /* of the classes with sensitive values; 0: none */
	uint64_t with_value, one_value; /* classes with any; with one */
	/* Classes with a row on health, these rows, the least such class. */
	uint64_t health_classes, health_rows, health_min;
	uint64_t bucket[TG_CLASS_BUCKETS], bucket_rows[TG_CLASS_BUCKETS];
	/* parts per billion, rounded up; 0: no class */
	uint64_t prosecutor_max, prosecutor_mean, marketer;
};

struct tg_class_limits {
	uint64_t k;	   /* at least 1 */
	uint64_t k_health; /* 0: as k */
	uint64_t l;	   /* 0: the policy asks none */
	bool by_record;
};

struct tg_class_result {
	struct tg_class_figures before, after; /* suppression */
	uint64_t small, one_value;	       /* rows with each verdict */
	uint64_t small_health; /* of small, those that k alone would keep */
	uint64_t by[TG_SUBJECT_KINDS]; /* rows, by what their subject is */
	uint64_t spilled;	       /* bytes that went to disk */
};

/* The class of one row: its subjects (or rows), its different values. */
struct tg_class_size {
	uint64_t k, l;
};

struct tg_classes;

/*
 * tg_classes_new - @dir becomes a new, empty folder of ours, 0700; what an
 * interrupted run left there is removed.  @memory: bytes of rows in memory for
 * each of at most four sorted sets.  TG_E_IO, TG_E_MEMORY, as all below.
 */
int tg_classes_new(struct tg_classes **out, const char *dir, size_t memory,
    struct tg_err *err) TG_MUST_CHECK;
/* Removes the folder. */
void tg_classes_free(struct tg_classes *c);

int tg_classes_add(struct tg_classes *c, const struct tg_class_row *row,
    struct tg_err *err) TG_MUST_CHECK;
int
tg_classes_finish(struct tg_classes *c, const struct tg_class_limits *limits,
    struct tg_class_result *out, struct tg_err *err) TG_MUST_CHECK;

/*
 * After tg_classes_finish, and after pass two where there is one: from the
 * first row on, in the order of the rows.  1: @out is the next one's; 0: that
 * was the last; -1.
 */
int tg_classes_sizes(struct tg_classes *c, struct tg_err *err) TG_MUST_CHECK;
int tg_classes_next_size(struct tg_classes *c, struct tg_class_size *out,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_classes_verdict - of the next row of pass two, which must be the row that
 * pass one had there.  tg_classes_same at the end: TG_E_INTEGRITY when the two
 * passes did not see the same rows; what was written since must not leave.
 */
int tg_classes_verdict(struct tg_classes *c, const struct tg_class_row *row,
    enum tg_class_verdict *out, struct tg_err *err) TG_MUST_CHECK;
int
tg_classes_same(const struct tg_classes *c, struct tg_err *err) TG_MUST_CHECK;

#endif
