/*
 * origin.h - why a leaf of the effective policy has its value: what it may
 * be, which file says what, who wins, and the duty behind it.
 */
#ifndef TG_POLICIES_ORIGIN_H
#define TG_POLICIES_ORIGIN_H

#include "base/json.h"
#include "policies/policy.h"

/*
 * tg_origin_text - appends a paragraph a leaf that @what names: a path, the
 * head of some ("/limits") or one segment of a path ("k_min", "EMAIL").
 * *n counts them.  Duties in French when @french and the control has it, else
 * in English.  TG_E_USAGE, with the nearest name, when there is none.
 */
int tg_origin_text(struct tg_buf *out, size_t *n, const struct tg_policy *p,
    const char *what, bool french, struct tg_err *err) TG_MUST_CHECK;

/* The same as an array of {path, value, what, rule, said_by: [{layer, file,
 * line, value}], source, controls: [{id, source, duty, codes}]}. */
int tg_origin_json(struct tg_json **out, size_t *n, const struct tg_policy *p,
    const char *what, bool french, struct tg_err *err) TG_MUST_CHECK;

#endif
