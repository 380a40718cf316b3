/*
 * words.h - the words that a region's folder brings: what the tables of
 * terms.def and sources.def do not have, a region says in its wording.yaml:
 *
 *	region.ch            its own name
 *	type.CH_AHV          a type that its identifiers find; so any kind of
 *	                     terms.h by its name in lower case
 *	source.<requirement>.<CONTROL>
 *	                     the clause behind a requirement (sources.def)
 *
 * What the tables have stays theirs.
 */
#ifndef TG_REPORT_WORDS_H
#define TG_REPORT_WORDS_H

#include "base/attr.h"
#include "base/json.h"
#include "regions/wording.h"
#include "report/terms.h"

#define TG_WORDS_SOURCE "source."
#define TG_WORDS_CLAUSE "clause." /* of a contract with a recipient */

/* {"type.CH_AHV":{"en","fr"},...} in the order of the file; NULL when out of
 * memory.  @w NULL: none. */
struct tg_json *tg_words_json(const struct tg_wording *w) TG_MUST_CHECK;
/* The words under @key, borrowed; NULL when there are none. */
const char *
tg_words_find(const struct tg_json *words, enum tg_lang lang, const char *key);

#endif
