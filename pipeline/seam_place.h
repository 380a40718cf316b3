/*
 * seam_place.h - which texts may go on in others: by the name a text stands
 * under, and by what is around it.  See seams.h.
 */
#ifndef TG_PIPELINE_SEAM_PLACE_H
#define TG_PIPELINE_SEAM_PLACE_H

#include "base/attr.h"
#include "pipeline/walk.h"

/* Whether a value may go on from @t, node @i, to others: by the name it stands
 * under; and to which. */
void tg_seam_place(const struct tg_walk *w, struct tg_text *t, uint32_t i);
/* Key @t of value @i may be the first half of a value. */
void tg_seam_place_key(const struct tg_walk *w, struct tg_text *t, uint32_t i);

/* Node @i is an element of an array of strings, or what a delta brings: a piece
 * of a stream. */
bool tg_seam_place_stream(const struct tg_jdoc *d, uint32_t i);

#endif
