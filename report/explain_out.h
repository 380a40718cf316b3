/* explain_out.h - what the files that write an explanation share. */
#ifndef TG_REPORT_EXPLAIN_OUT_H
#define TG_REPORT_EXPLAIN_OUT_H

#include "base/buf.h"
#include "report/view.h"

#define TG_XOUT_LABEL 9 /* columns of a label */

struct tg_xout {
	struct tg_view v; /* its document is the memory */
	struct tg_buf *out;
	struct tg_err *err;
	int rc; /* the first failure; nothing is written behind it */
};

/* tg_xout_begin - lines about @model, appended to @out; ended by
 * tg_xout_end, which says how it went, also after an error between them. */
int tg_xout_begin(struct tg_xout *x, struct tg_buf *out,
    const struct tg_json *model, enum tg_lang lang, struct tg_err *err)
    TG_MUST_CHECK;
int tg_xout_end(struct tg_xout *x) TG_MUST_CHECK;
/* "what  verdict"; "  label    text". */
void tg_xout_head(struct tg_xout *x, const char *what, const char *verdict);
void tg_xout_line(struct tg_xout *x, const char *label, const char *text);
/* The words of {"en","fr"} in the language. */
const char *tg_xout_words(const struct tg_xout *x, const struct tg_json *both);
/* "file:line  path = value   (base: ..., holds: ...)" of a rule. */
const char *tg_xout_rule(const struct tg_xout *x, const struct tg_json *rule);
/* Rule, controls and remedy of a model's reason. */
void tg_xout_why(struct tg_xout *x, const struct tg_json *o);

/* The parts of the answers. */
void tg_xout_record(struct tg_xout *x);
void tg_xout_bundle(struct tg_xout *x);
void tg_xout_replay(struct tg_xout *x);

#endif
