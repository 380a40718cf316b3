/*
 * jschema.h - policies/schema.def as a JSON Schema (draft-07, the one that
 * editors of YAML speak), for the file that people edit.
 *
 * Each leaf carries "x-merge", the rule two values merge by, and "x-stricter",
 * which way is stricter: lower, higher, later (of the words listed), fewer,
 * more, same.  What the schema cannot say - that a child only tightens, that
 * numbers have a provenance - `policy check` says.
 */
#ifndef TG_POLICIES_JSCHEMA_H
#define TG_POLICIES_JSCHEMA_H

#include "base/json.h"

/* The whole schema; the caller's.  TG_E_MEMORY. */
int tg_jschema(struct tg_json **out, struct tg_err *err) TG_MUST_CHECK;

#endif
