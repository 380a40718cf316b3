/* review_text.h - where a human review stands, as lines in one language. */
#ifndef TG_REPORT_REVIEW_TEXT_H
#define TG_REPORT_REVIEW_TEXT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "report/strings.h"

/*
 * tg_review_text - @review, appended: {"run","state","demanded",
 * "wanted","population","examined","found"[,"upper_ppb"]}; state as
 * tg_review_state_name (pipeline/review.h).  TG_E_MEMORY, TG_E_LIMIT.
 */
int tg_review_text(struct tg_buf *out, const struct tg_json *review,
    enum tg_lang lang, struct tg_err *err) TG_MUST_CHECK;
/* The head of a record that is shown: the @i-th of those drawn, from 0. */
int tg_review_record(struct tg_buf *out, const struct tg_json *review, size_t i,
    int64_t record, enum tg_lang lang, struct tg_err *err) TG_MUST_CHECK;

#endif
