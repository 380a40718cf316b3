/*
 * seam_orders.h - the orders in which the texts of a record may have to be read
 * to see a value whole: [{"text":"a@exam","from":"web"},{"text":"ple.org"}] has
 * a text of another kind between the halves, and a table has a column.
 *
 *   as they stand
 *       document order
 *   by kin
 *       those of one path, its numbers left open, and of one role:
 *       choices[].text, gen_ai.prompt.N.content, what the user says in
 *       messages[].content, the values of one key of attributes
 *   by column
 *       those of one path at one place in rows that are arrays of at most
 *       ROW_MAX elements
 *   by name
 *       those under one name, wherever it stands in the unit
 *   by pair
 *       a key and its value: {"AB12":"3456C"}
 *
 * In each but the first only what is new is looked at: two texts side by side
 * that another order did not put there.
 */
#ifndef TG_PIPELINE_SEAM_ORDERS_H
#define TG_PIPELINE_SEAM_ORDERS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/walk.h"

enum tg_seam_by {
	TG_SEAM_AS_THEY_STAND,
	TG_SEAM_BY_KIN,
	TG_SEAM_BY_COLUMN,
	TG_SEAM_BY_NAME,
	TG_SEAM_BY_PAIR,
	TG_SEAM_ORDERS
};

struct tg_seam_step {
	uint64_t group; /* only texts of one group follow each other */
	uint32_t text;	/* in the record */
	uint32_t rank;	/* in the document */
	bool known;	/* stands behind the step before in the document too */
};

struct tg_seam_order {
	struct tg_seam_step *step; /* the record's arena */
	uint32_t n;
	uint32_t *joins; /* the texts that may go on in others; the same */
	uint32_t n_joins;
};

/* Sets what the orders need to know of @t, node @i: t->kin, t->column. */
void
tg_seam_orders_place(const struct tg_walk *w, struct tg_text *t, uint32_t i);

/* Node @i stands below an array. */
bool tg_seam_orders_listed(const struct tg_jdoc *d, uint32_t i);

/* Array @i is a row: an element of an array, of few elements. */
bool tg_seam_orders_row(const struct tg_jdoc *d, uint32_t i);

/* The kin of what is below string @i, which holds JSON. */
uint64_t tg_seam_orders_below(const struct tg_walk *w, uint32_t i);

/* The texts of @r that may go on in others, and room for the steps of any order
 * of them, good for the record.  TG_E_MEMORY. */
int tg_seam_orders_room(struct tg_seam_order *out, struct tg_record *r,
    struct tg_err *err) TG_MUST_CHECK;

/* The texts of @out in order @by; groups that say nothing new are left out. */
void tg_seam_orders_make(
    struct tg_seam_order *out, const struct tg_record *r, enum tg_seam_by by);

#endif
