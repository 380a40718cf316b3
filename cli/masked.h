/*
 * masked.h - the words around findings, shown only when many say the same.
 *
 * What stands around a value can name its person as well as the value does.
 * So a context is the three words before and after, every finding in it
 * replaced by its type, words with a digit or an @ by '*'; and it is shown
 * only when the very same context stands in TG_MASKED_TRACES traces or more (a
 * record that names no trace is one of its own).
 */
#ifndef TG_CLI_MASKED_H
#define TG_CLI_MASKED_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "pipeline/record.h"
#include "redactors/redactor.h"

#define TG_MASKED_TRACES 5
#define TG_MASKED_WORDS 3 /* on each side */

struct tg_masked;

int tg_masked_new(struct tg_masked **out, struct tg_err *err) TG_MUST_CHECK;
void tg_masked_free(struct tg_masked *m);

/* The context of finding @i of @all in @text. */
int tg_masked_context(struct tg_buf *out, const struct tg_rules *rules,
    struct tg_trace_text text, const struct tg_findings *all, size_t i,
    struct tg_err *err) TG_MUST_CHECK;
/* It stands in the trace of text @t of record @r of @file. */
int tg_masked_add(struct tg_masked *m, struct tg_sv context, const char *file,
    const struct tg_record *r, const struct tg_text *t, struct tg_err *err)
    TG_MUST_CHECK;
/* Those that may be shown, sorted; borrowed from @m. */
int tg_masked_list(struct tg_masked *m, const char *const **out, size_t *n,
    struct tg_err *err) TG_MUST_CHECK;

#endif
