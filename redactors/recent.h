/*
 * recent.h - longer texts that were looked at lately, and what was found.
 *
 * A prompt stands in its tokens too, and in every span of a conversation that
 * goes on.  A text is seen only when all its bytes are the same, so that
 * nothing depends on a hash but the time.  Only for texts whose key says
 * nothing to any rule.  Bounded; forgets by place.
 */
#ifndef TG_REDACTORS_RECENT_H
#define TG_REDACTORS_RECENT_H

#include "base/attr.h"
#include "base/err.h"
#include "redactors/redactor.h"

#define TG_RECENT_MIN 128	  /* bytes of a text */
#define TG_RECENT_MAX (16u << 10) /* bytes of a text */
#define TG_RECENT_FINDINGS 128	  /* of a text */

struct tg_recent;

int tg_recent_new(struct tg_recent **out, struct tg_err *err) TG_MUST_CHECK;
void tg_recent_free(struct tg_recent *s);
/* Nothing was seen. */
void tg_recent_forget(struct tg_recent *s);

/* *@out: the findings of @text, borrowed until the next call. */
bool tg_recent_has(const struct tg_recent *s, struct tg_trace_text text,
    struct tg_findings *out);
/* Not kept when it is too short, too long, or there is no memory. */
void tg_recent_put(struct tg_recent *s, struct tg_trace_text text,
    const struct tg_findings *found);

#endif
