/*
 * prefilter_digits.h - how many digits a match of a pattern has, and among
 * which bytes.
 *
 * A number of a register has many digits and little between them.  Most starts
 * that its first bytes let through are shorter numbers: to count digits tells
 * them apart at less than the pattern costs.  It holds for every match.
 */
#ifndef TG_REDACTORS_PREFILTER_DIGITS_H
#define TG_REDACTORS_PREFILTER_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redactors/prefilter_bytes.h"

#define TG_DIGITS_MANY 5 /* fewer are not worth a count */
#define TG_DIGITS_FAR                                          \
	80 /* bytes; a match that may be longer is not counted \
	    */

struct tg_digits {
	uint32_t least;	     /* digits of any match; 0: not counted */
	uint32_t most;	     /* bytes of any match, at most TG_DIGITS_FAR */
	struct tg_bytes all; /* each of its bytes is one of these */
	bool number;	     /* of digits and what may part them alone */
};

/* The digits that stand at a start with only what may part digits between:
 * counted once for all patterns. */
struct tg_digits_run {
	size_t at;	 /* SIZE_MAX: none was counted */
	uint32_t digits; /* at most TG_DIGITS_FAR */
};

void tg_digits_empty(struct tg_digits *d); /* the empty text alone */
void tg_digits_single(struct tg_digits *d, const struct tg_bytes *set);
/* @d := @d, then @x @min to @max times. */
void tg_digits_concat(
    struct tg_digits *d, const struct tg_digits *x, uint32_t min, uint32_t max);
/* @d := @d or @x. */
void tg_digits_union(struct tg_digits *d, const struct tg_digits *x);
/* Of a whole pattern: least is 0 where a count is not worth it. */
void tg_digits_ready(struct tg_digits *d);

void
tg_digits_count(struct tg_digits_run *run, const unsigned char *p, size_t n);
/* The same among the bytes of @d. */
bool
tg_digits_among(const struct tg_digits *d, const unsigned char *p, size_t n);

/* Whether as many digits stand at byte @at of @p, of @n bytes, as a match has;
 * @run: of the text. */
static inline bool
tg_digits_stand(const struct tg_digits *d, struct tg_digits_run *run,
    const unsigned char *p, size_t n, size_t at)
{
	if (d->least == 0)
		return true;
	if (!d->number)
		return tg_digits_among(d, p + at, n - at);
	if (run->at != at) {
		tg_digits_count(run, p + at, n - at);
		run->at = at;
	}
	return run->digits >= d->least;
}

#endif
