/*
 * seen.h - longer texts that were looked at lately, and what was found.
 *
 * A prompt stands in its tokens too, and in every span of a conversation that
 * goes on.  A text is seen only when all its bytes are the same, so that
 * nothing depends on a hash but the time.  Only for texts whose key says
 * nothing to any rule.  Bounded; forgets by place.
 */
#ifndef TG_REDACTORS_SEEN_H
#define TG_REDACTORS_SEEN_H

#include "base/attr.h"
#include "base/err.h"
#include "redactors/redactor.h"

#define TG_SEEN_MIN 128		/* bytes of a text */
#define TG_SEEN_MAX (16u << 10) /* bytes of a text */
#define TG_SEEN_FINDINGS 128	/* of a text */

struct tg_seen;

int tg_seen_new(struct tg_seen **out, struct tg_err *err) TG_MUST_CHECK;
void tg_seen_free(struct tg_seen *s);
/* Nothing was seen. */
void tg_seen_forget(struct tg_seen *s);

/* *@out: the findings of @text, borrowed until the next call. */
bool tg_seen_has(const struct tg_seen *s, struct tg_trace_text text,
    struct tg_findings *out);
/* Not kept when it is too short, too long, or there is no memory. */
void tg_seen_put(struct tg_seen *s, struct tg_trace_text text,
    const struct tg_findings *found);

#endif
