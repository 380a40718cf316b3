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

#endif
