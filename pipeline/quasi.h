/*
 * quasi.h - what a unit is told apart by when it leaves: its row for
 * classes.h, and what it can be linked by, for linkage.h.  Stage 60 hands in
 * each identifier as it leaves.
 *
 * Quasi-identifiers of a unit are the set of (field, exported value) of the
 * fields that the policy calls quasi: those in the unit, and those beside it
 * that the format shares among several units (the attributes of a resource);
 * and each coarser value that an operator wrote into a text (a postal area).
 * Its sensitive value is all its exported text taken together: texts that
 * differ in a word are different values.
 */
#ifndef TG_PIPELINE_QUASI_H
#define TG_PIPELINE_QUASI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/err.h"
#include "pipeline/classes.h"
#include "pipeline/linkage.h"
#include "pipeline/record.h"

struct tg_quasi_entry {
	uint32_t first, last; /* units */
	enum tg_quasi_kind {
		TG_QUASI_VALUE,
		TG_QUASI_PERSON,
		TG_QUASI_LINK /* an identifier as it leaves */
	} kind;
	uint8_t digest[TG_CLASS_DIGEST];
};

struct tg_quasi {
	struct tg_classes *classes; /* borrowed; NULL: none are made */
	struct tg_linkage *linkage; /* borrowed; NULL: not measured */
	bool second;		    /* asks for verdicts; else adds rows */
	bool off;		    /* units of this input do not count */
	bool field[TG_FIELD_COUNT]; /* is a quasi-identifier, and leaves */
	bool link[TG_FIELD_COUNT];  /* is an identifier, and leaves */
	uint8_t key[TG_KEY_LEN];    /* of the digests */
	/* scratch of a record */
	struct tg_quasi_entry *entry;
	size_t n, cap;
	uint32_t *active;
	uint8_t (*set)[TG_CLASS_DIGEST];
	size_t cap_active;
	uint8_t (*text)[TG_CLASS_DIGEST + 1]; /* of each unit; last: any */
	size_t cap_text;
	struct tg_class_row *row; /* of each unit of the last record */
	bool *has_row;
	size_t cap_row, cap_has_row;
	struct tg_buf work;
};

void tg_quasi_init(
    struct tg_quasi *q, struct tg_classes *c, const uint8_t key[TG_KEY_LEN]);
void tg_quasi_deinit(struct tg_quasi *q);

/* A new record.  @q may be NULL here and below: nothing is done. */
void tg_quasi_begin(struct tg_quasi *q);
/* Node @i leaves as @value.  TG_E_MEMORY. */
int tg_quasi_value(struct tg_quasi *q, const struct tg_record *r, uint32_t i,
    enum tg_field_id field, struct tg_sv value, struct tg_err *err)
    TG_MUST_CHECK;
/* Node @i names a person, whatever becomes of it. */
int tg_quasi_person(struct tg_quasi *q, const struct tg_record *r, uint32_t i,
    struct tg_trace_text id, struct tg_err *err) TG_MUST_CHECK;
/* All was handed in: the row of each unit that would leave; in the second
 * reading those of small classes are dropped (ANO-K, ANO-L). */
int tg_quasi_end(struct tg_quasi *q, struct tg_record *r, struct tg_err *err)
    TG_MUST_CHECK;
/* The row of @unit of the record that tg_quasi_end was given last; NULL: it had
 * none, or @q is NULL or off. */
const struct tg_class_row *
tg_quasi_row(const struct tg_quasi *q, uint32_t unit);

#endif
