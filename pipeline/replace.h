/*
 * replace.h - one text: what is found in it and what stands for it, until a
 * scan of the redacted text finds nothing more.
 */
#ifndef TG_PIPELINE_REPLACE_H
#define TG_PIPELINE_REPLACE_H

#include "pipeline/stage.h"

/* The offset in the original text of offset @at in the redacted one; inside a
 * replacement: its start, or its end when @end. */
uint32_t tg_replace_origin(const struct tg_text *t, size_t at, bool end);

/* Adds [start, end) by @by; hits that it touches become one with it. */
int tg_replace_merge(struct tg_record *r, struct tg_text *t, uint32_t start,
    uint32_t end, struct tg_sv by, struct tg_err *err) TG_MUST_CHECK;

/* The text with its hits replaced, into p->redo. */
int tg_replace_text(struct tg_pass *p, const struct tg_text *t,
    struct tg_err *err) TG_MUST_CHECK;

/* The findings of @text, which stands where @t does.  What the scanner cannot
 * judge is TG_E_INPUT: the record does not leave (TG_E_NO where the policy
 * blocks the run). */
int tg_replace_scan(struct tg_pass *p, struct tg_record *r,
    struct tg_trace_text text, const struct tg_text *t,
    struct tg_findings *found, struct tg_err *err) TG_MUST_CHECK;

/* A finding of @type in @t, whatever is done about it: its unit (all of them
 * when it is in what they share) is about health when the type is. */
void tg_replace_seen(const struct tg_pass *p, struct tg_record *r,
    const struct tg_text *t, uint16_t type);

/* What the policy does about @f at [start, end) of @t: a verdict on its unit,
 * and a hit.  @round 0: found in what came; later a finding becomes a label.
 * TG_E_NO when the policy blocks the run. */
int tg_replace_strike(struct tg_pass *p, struct tg_record *r, struct tg_text *t,
    const struct tg_finding *f, uint32_t start, uint32_t end, unsigned round,
    struct tg_err *err) TG_MUST_CHECK;

/* One finding of @t that no scan of @t alone has told: to on_finding and
 * on_text, whichever is asked for. */
int tg_replace_tell(struct tg_pass *p, const struct tg_record *r,
    const struct tg_text *t, const struct tg_finding *f, struct tg_err *err)
    TG_MUST_CHECK;

#endif
