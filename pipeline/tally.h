/*
 * tally.h - how often each of many things came, in constant memory: a
 * count-min sketch (Cormode, Muthukrishnan, "An improved data stream summary",
 * 2005) with conservative update.
 *
 * A count is never below the true one, so a cap holds for everybody; it is
 * above where a thing shares all its four cells with others, so that somebody
 * may be capped early: with 100,000 things (the policy's cap on records) the
 * chance is below 1 in 10,000 a thing.
 */
#ifndef TG_PIPELINE_TALLY_H
#define TG_PIPELINE_TALLY_H

#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"
#include "base/sv.h"

struct tg_tally;

/* 16 MiB, of which only what is touched is used; NULL when out of memory. */
struct tg_tally *tg_tally_new(void) TG_MUST_CHECK;
void tg_tally_free(struct tg_tally *t);

/*
 * tg_tally_below - whether @name was counted fewer than @max times; then it is
 * counted once more.  @key: of the run, so that nobody can choose names that
 * meet in a cell.
 */
bool tg_tally_below(struct tg_tally *t, const uint8_t key[TG_KEY_LEN],
    struct tg_trace_text name, uint64_t max) TG_MUST_CHECK;

#endif
