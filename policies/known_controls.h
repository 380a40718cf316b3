/*
 * known_controls.h - the controls that a layer speaks of are controls there
 * are.
 */
#ifndef TG_POLICIES_KNOWN_CONTROLS_H
#define TG_POLICIES_KNOWN_CONTROLS_H

#include "policies/control.h"
#include "policies/layer.h"

/* Those it lists below 'controls' are in @c (@n files), which the error calls
 * @where.  TG_E_CONFIG with file:line:col. */
int
tg_known_listed(const struct tg_controls *c, size_t n, const struct tg_layer *l,
    const char *where, struct tg_err *err) TG_MUST_CHECK;

/* Those its provenance names, the same. */
int tg_known_sources(const struct tg_controls *c, size_t n,
    const struct tg_layer *l, struct tg_err *err) TG_MUST_CHECK;

#endif
