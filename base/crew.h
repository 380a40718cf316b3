/*
 * crew.h - threads that do a row of tasks whose results are taken in the order
 * in which they were given.
 *
 * A ring of places, a task in each.  One thread, the owner, gives tasks and
 * takes results, first in, first out; helpers do them, several at a time.  The
 * owner does tasks itself where it would have to wait, so that with no helper
 * at all everything is done, in order.  What a place holds is the caller's:
 * between giving and taking it is the doing thread's alone.
 *
 * All but the work is called by the owner.
 */
#ifndef TG_BASE_CREW_H
#define TG_BASE_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#define TG_CREW_HELPERS 255 /* at most */

/* The task in @place, by thread @who: 0 is the owner, helpers count from 1. */
typedef void (*tg_crew_work)(void *ctx, unsigned who, size_t place);

struct tg_crew;

/*
 * tg_crew_new - with @helpers threads, or as many as the system lets be made;
 * none is no error.  @places: at least 1.  @ctx is borrowed.  TG_E_MEMORY;
 * TG_E_BUG: too many, no place.
 */
int tg_crew_new(struct tg_crew **out, unsigned helpers, size_t places,
    tg_crew_work work, void *ctx, struct tg_err *err) TG_MUST_CHECK;
/* Tasks that nobody has begun are not done any more. */
void tg_crew_free(struct tg_crew *c);

/* Helpers there are. */
unsigned tg_crew_helpers(const struct tg_crew *c);
/* Tasks given and not taken. */
size_t tg_crew_out(const struct tg_crew *c);

/* The place of the next task; false when all are taken up. */
bool tg_crew_place(const struct tg_crew *c, size_t *place);
/* It is there; @done: nothing is left to do, it only waits for its turn. */
void tg_crew_give(struct tg_crew *c, bool done);

/* The place of the oldest task when it is done; @wait: it is, when this
 * returns.  False: not yet, or none was given. */
bool tg_crew_oldest(struct tg_crew *c, bool wait, size_t *place);
/* Its result was taken: the place is free. */
void tg_crew_taken(struct tg_crew *c);

/* All tasks are forgotten; those that were begun are ended first. */
void tg_crew_clear(struct tg_crew *c);

#endif
