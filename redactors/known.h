/*
 * known.h - short texts that were looked at and had nothing in them.
 *
 * Names of services, models and roles stand in every record.  A text is known
 * only when all its bytes and all those of its key are the same, so that
 * nothing depends on a hash but the time.  Bounded; forgets by place.
 */
#ifndef TG_REDACTORS_KNOWN_H
#define TG_REDACTORS_KNOWN_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_KNOWN_TEXT 64 /* bytes of a text */
#define TG_KNOWN_KEY 32	 /* bytes of its key */

struct tg_known;

int tg_known_new(struct tg_known **out, struct tg_err *err) TG_MUST_CHECK;
void tg_known_free(struct tg_known *k);
/* Nothing is known any more. */
void tg_known_forget(struct tg_known *k);

bool tg_known_has(const struct tg_known *k, struct tg_trace_text text,
    struct tg_trace_text key);
/* Longer ones are not kept. */
void tg_known_put(
    struct tg_known *k, struct tg_trace_text text, struct tg_trace_text key);

#endif
