/*
 * Aggregates as they leave (pipeline/aggregates.h), for the recheck, which is
 * told that they are: a file that looks like them is none, its numbers are
 * nobody's word for it.
 */
#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define FRAME TG_CLS_FRAME, 0, TG_FIELD_none
#define KEEP TG_CLS_KEEP, 0, TG_FIELD_none

enum { K_LINE = 1 };

static const struct tg_shape_row rows[] = {
    {K_LINE, "schema", KEEP},
    {K_LINE, "unit", FRAME},
    {K_LINE, "k", FRAME},
    {K_LINE, "clip", FRAME},
    {K_LINE, "cells_per_subject", FRAME},
    {K_LINE, "epsilon_milli", FRAME},
    {K_LINE, "format", KEEP},
    {K_LINE, "model", KEEP},
    {K_LINE, "at", KEEP},
    {K_LINE, "cells", FRAME},
};

static const struct tg_shape shape = {rows, TG_COUNT(rows), NULL, NULL};

static int
classify(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t cells = tg_jdoc_find(d, 0, "cells");
	struct tg_unit *u;

	r->cls[0] = TG_CLS_FRAME;
	if (tg_shape_walk(&shape, r, 0, K_LINE, err) < 0)
		return -1;
	/* Numbers over many people; anything else in their place is unknown. */
	for (uint32_t i = cells;
	     cells != UINT32_MAX && i < d->nodes[cells].next; i++)
		if (d->nodes[i].kind == TG_J_NUMBER ||
		    d->nodes[i].kind == TG_J_ARRAY)
			r->cls[i] = TG_CLS_FRAME;
	return tg_record_add_unit(r, 0, &u, err);
}

const struct tg_source tg_source_aggregates = {
    .name = "aggregates",
    .title = "aggregates over subjects, written by this program",
    .loose = true,
    .classify = classify,
};
