/*
 * provenance.h - where a number comes from: "seed" (the founding brief),
 * "choice" (ours, no law fixes it) or a control id (policy-and-evidence.md 2).
 */
#ifndef TG_POLICIES_PROVENANCE_H
#define TG_POLICIES_PROVENANCE_H

#include "policies/layer.h"

/* Reads the map "provenance" of @root into @l.  TG_E_CONFIG when it names
 * nothing that the file sets, or no such source; TG_E_MEMORY. */
int tg_provenance_read(struct tg_layer *l, const struct tg_ynode *root,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;

/* Every number of a base or region file has one, else E-NO-SOURCE. */
int
tg_provenance_need(const struct tg_layer *l, struct tg_err *err) TG_MUST_CHECK;

/* What the file says of @path: the longest prefix counts.  NULL: nothing. */
const char *tg_provenance_find(const struct tg_layer *l, const char *path);

#endif
