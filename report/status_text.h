/* status_text.h - what status says besides the runs, as lines in one
 * language. */
#ifndef TG_REPORT_STATUS_TEXT_H
#define TG_REPORT_STATUS_TEXT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "report/strings.h"

/* A standing approval as tg_standing_list (pipeline/standing.h) has it,
 * appended.  TG_E_MEMORY, TG_E_LIMIT. */
int tg_standing_text(struct tg_buf *out, const struct tg_json *standing,
    enum tg_lang lang, struct tg_err *err) TG_MUST_CHECK;

#endif
