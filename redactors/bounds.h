/*
 * bounds.h - what stands directly around a finding, and may speak against it.
 */
#ifndef TG_REDACTORS_BOUNDS_H
#define TG_REDACTORS_BOUNDS_H

#include "redactors/look.h"
#include "redactors/rule.h"

/* Whether the rule's boundary holds for @s: not glued to a letter or digit; not
 * in a replacement of ours; strict: nor part of a decimal number or a UUID. */
bool tg_bounds_ok(
    const struct tg_rule *r, const struct tg_look *v, struct tg_span s);
/* Whether @s is all of the text but blanks and punctuation. */
bool tg_bounds_whole(const struct tg_look *v, struct tg_span s);

#endif
