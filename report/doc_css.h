/* doc_css.h - the style sheet: a memorandum, on screen and on A4. */
#ifndef TG_REPORT_DOC_CSS_H
#define TG_REPORT_DOC_CSS_H

#include "report/doc.h"
#include "report/doc_esc.h"

/* Writes the whole content of <style>. */
void tg_doc_css(struct tg_doc_out *o, const struct tg_doc_frame *f);

#endif
