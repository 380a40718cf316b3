/*
 * doc_esc.h - what the writers share: a buffer with a sticky error and the
 * escaping of text for each form.
 *
 * Every escaper first cleans: bytes that are no UTF-8, control characters,
 * byte-order marks and the directional overrides that let a text show what it
 * does not say (Unicode TR 36) become U+FFFD.
 */
#ifndef TG_REPORT_DOC_ESC_H
#define TG_REPORT_DOC_ESC_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct tg_doc_out {
	struct tg_buf *buf;
	struct tg_err *err;
	int rc; /* 0, or -1 from the first failure on */
};

/* Markup of ours, as it is. */
void tg_doc_put(struct tg_doc_out *o, const char *s);
void tg_doc_putf(struct tg_doc_out *o, const char *fmt, ...) TG_PRINTF(2, 3);

/* Text of an element or a quoted attribute.  Line feeds and tabs stay. */
void tg_doc_esc_html(struct tg_doc_out *o, const char *s);
/* Inside a quoted CSS string within <style>. */
void tg_doc_esc_css(struct tg_doc_out *o, const char *s);
/* CommonMark and GFM text, table cells included; one line.  @bol: it begins
 * the line, where more characters are marks. */
void tg_doc_esc_md(struct tg_doc_out *o, const char *s, bool bol);
/* Inside a fenced block: cleaned only; @prefix starts every further line. */
void tg_doc_esc_fenced(struct tg_doc_out *o, const char *s, const char *prefix);

#endif
