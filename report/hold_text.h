/* hold_text.h - a legal hold as lines, in one language. */
#ifndef TG_REPORT_HOLD_TEXT_H
#define TG_REPORT_HOLD_TEXT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "report/strings.h"

/* tg_hold_text - @hold as tg_hold_json (pipeline/holds.h) has it, appended.
 * With @whole also the reason.  TG_E_MEMORY, TG_E_LIMIT. */
int tg_hold_text(struct tg_buf *out, const struct tg_json *hold, bool whole,
    enum tg_lang lang, struct tg_err *err) TG_MUST_CHECK;
/* What is said where there is none, of @examined, to list (@due: that is
 * overdue). */
int tg_hold_none(struct tg_buf *out, bool due, size_t examined,
    enum tg_lang lang, struct tg_err *err) TG_MUST_CHECK;

#endif
