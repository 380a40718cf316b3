/*
 * origin.h - why a leaf of the effective policy has its value: what it may
 * be, which file says what, who wins, and the duty behind it.
 */
#ifndef TG_POLICIES_ORIGIN_H
#define TG_POLICIES_ORIGIN_H

#include "base/json.h"
#include "policies/compiled.h"

/*
 * tg_origin_text - appends a paragraph a leaf that @what names: a path, the
 * head of some ("/limits") or one segment of a path ("k_min", "EMAIL").
 * *n counts them.  Duties in French when @french and the control has it, else
 * in English.  TG_E_USAGE, with the nearest name, when there is none.
 */
int tg_origin_text(struct tg_buf *out, size_t *n, const struct tg_policy *p,
    const char *what, bool french, struct tg_err *err) TG_MUST_CHECK;

/* Every layer that says @v: an array of {layer, version, file, line, value,
 * holds}; NULL when out of memory. */
struct tg_json *tg_origin_said_by(
    const struct tg_policy *p, const struct tg_pval *v) TG_MUST_CHECK;

/* The same as an array of {path, value, what, rule, honoured_by, honoured,
 * said_by, source, controls: [{id, source, duty, codes}]}. */
int tg_origin_json(struct tg_json **out, size_t *n, const struct tg_policy *p,
    const char *what, bool french, struct tg_err *err) TG_MUST_CHECK;

#endif
