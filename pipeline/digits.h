/*
 * digits.h - what numbers spell: a number its digits; arrays of numbers that
 * spell a text: one digit each, or one byte each.  A finding takes every number
 * it touches: the first becomes the replacement, the rest "", the array keeps
 * its length.
 */
#ifndef TG_PIPELINE_DIGITS_H
#define TG_PIPELINE_DIGITS_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/walk.h"

#define TG_DIGITS_MIN 7 /* fewer identify no one */

/* Digits of a whole number: a sign before and ".0" behind say nothing; empty
 * for a fraction. */
struct tg_sv tg_digits_whole(struct tg_sv raw);

/* Array @i of content, if it spells a text; else nothing is done. */
int tg_digits_collect(struct tg_walk *w, uint32_t i, struct tg_err *err)
    TG_MUST_CHECK;

/* Appends the bytes that the numbers of array @i are; false: they are not all
 * 0 to 255. */
int tg_digits_bytes(struct tg_buf *out, bool *are, const struct tg_jdoc *d,
    uint32_t i, struct tg_err *err) TG_MUST_CHECK;

#endif
