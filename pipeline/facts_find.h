/*
 * facts_find.h - one record looked up in what its run has stored: the facts,
 * the draw, the quarantine.
 */
#ifndef TG_PIPELINE_FACTS_FIND_H
#define TG_PIPELINE_FACTS_FIND_H

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"

#define TG_FACTS_UNITS 100 /* units told of one id; the rest is counted */

/*
 * tg_facts_find - @id: "FILE:RECORD", as a finding names it (FILE may lack
 * leading folders; RECORD from 1), else an id that the draw goes by or that a
 * unit has: a trace id; a session or a person where those are drawn.  @sha256:
 * as of tg_facts_each.
 *
 * {"id","head":{...},              the first line of the facts, or null: gone
 *  "units":[{...,"file","real","k","l"}],     lines of the facts (FORMATS.md)
 *  "more":<n>,                     units beyond TG_FACTS_UNITS
 *  "incomplete":<bool>,            the facts reached their bound
 *  "place":{"file","record","records"},       of FILE:RECORD, else null
 *  "listed":<bool>,                an id, and the list of the draw is there
 *  "quarantined":[{"file","record","offset","bytes","code"}],
 *  "draw":{"number","read","kept"}}           of an id, or null: not drawn from
 *
 * Nothing known of @id is no error: the lists are empty.  TG_E_USAGE: FILE is
 * more than one input, or none has so many records; TG_E_INTEGRITY: a store is
 * damaged; TG_E_IO, TG_E_MEMORY.
 */
int tg_facts_find(struct tg_json **out, const char *run_dir, const char *id,
    const char *sha256, struct tg_err *err) TG_MUST_CHECK;

#endif
