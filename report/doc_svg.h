/* doc_svg.h - the bar chart, as inline SVG with a text alternative. */
#ifndef TG_REPORT_DOC_SVG_H
#define TG_REPORT_DOC_SVG_H

#include "report/doc.h"
#include "report/doc_esc.h"

/* @number makes the ids unique within the file. */
void tg_doc_svg_bars(
    struct tg_doc_out *o, const struct tg_block *figure, unsigned number);

#endif
