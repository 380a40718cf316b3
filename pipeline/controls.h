/*
 * controls.h - what a terminal does not show: the colours of a log (ECMA-48
 * 5.4, ESC [ 3 1 m), zero bytes of UTF-16 that was read as bytes, the marks of
 * a protocol.  Between the digits of a number they hide it from every pattern;
 * glued to a value they are a letter beside it.
 */
#ifndef TG_PIPELINE_CONTROLS_H
#define TG_PIPELINE_CONTROLS_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/jscan.h"

/* @text, decoded of the raw string @raw, without control characters but blanks
 * and line ends, and without the sequences that only set colours; *text is new
 * in @a when there are any.  A vertical tab and a form feed end a line.  What
 * is taken out behind a finding goes with it when that is replaced, as does
 * what the text begins with in front of one.
 */
int tg_controls_out(struct tg_jtext *text, struct tg_sv raw, struct tg_arena *a,
    struct tg_err *err) TG_MUST_CHECK;

#endif
