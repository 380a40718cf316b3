/*
 * seams.h - values that go on in the next text: an e-mail address cut by a
 * streaming delta, a card number over two messages or two fields.
 *
 * Which texts are joined: strings of content, in the order in which they stand
 * in the record and in those of seam_orders.h (of one path, one column, one
 * name), those of one unit, and those of two units of the same trace
 * (log records of one conversation).  What only names a part of the structure
 * ("role", "type", "id", "finish_reason") stands between them and is passed
 * over; strings that are kept, identifiers and times are never joined.  A
 * number stands in the row, because it is a string once it was replaced, but
 * two numbers side by side are two numbers.
 *
 * With which separator: none, because what was cut reads right again only with
 * nothing between.  Where both sides end in a digit or a capital also a space,
 * because people end a message where a group of digits ends; there only a check
 * digit or a telephone's form counts.  A line end is not tried: the scanner's
 * own view of line breaks takes it out again, which is the first of the two.
 *
 * What counts: a finding that has bytes on both sides of a seam, of a type that
 * is an identifier by its form (a check digit, an e-mail address, a telephone,
 * a secret).  A name, an address, an age, a place is not: two sentences side by
 * side make those by chance.
 *
 * The cost: no text is scanned again.  Around a seam that could cut such a
 * value (a digit, '@', '%' or a long word next to it) SEAM_WINDOW bytes of each
 * side are scanned once more; windows that touch become one, so that a chain of
 * short deltas is looked at once.  Memory is bounded by SEAM_RUN_MAX.
 */
#ifndef TG_PIPELINE_SEAMS_H
#define TG_PIPELINE_SEAMS_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/walk.h"

/* Whether a value may go on from @t, node @i, to others: by the name it stands
 * under; and to which. */
void tg_seams_place(const struct tg_walk *w, struct tg_text *t, uint32_t i);

/* After the texts were scanned one by one.  A finding takes its part of each
 * text; until a look at the redacted texts finds nothing more. */
int tg_seams(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
    TG_MUST_CHECK;

#endif
