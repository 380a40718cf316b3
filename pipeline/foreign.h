/*
 * foreign.h - a text in a language for which there are no rules and names does
 * not leave where the policy says so (/redaction/on_unsupported_language).
 */
#ifndef TG_PIPELINE_FOREIGN_H
#define TG_PIPELINE_FOREIGN_H

#include "pipeline/stage.h"

/* Counts @t when it is foreign; its unit is dropped (all of them when it is in
 * what they share), reason RED-LANGUAGE.  TG_E_NO: the policy blocks the run.
 * What is below content, and a token array: nothing else is running text. */
int tg_foreign(struct tg_pass *p, struct tg_record *r, const struct tg_text *t,
    struct tg_err *err) TG_MUST_CHECK;

#endif
