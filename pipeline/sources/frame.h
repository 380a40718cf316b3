/*
 * frame.h - whether an input is JSON lines or one document, by content.
 *
 *   empty     nothing but white space
 *   lines     the first line is a complete JSON object; or it is not, the text
 *             is no beginning of one longer JSON text either (a malformed first
 *             line), and some line that begins with '{' is a complete object
 *   document  everything else: a pretty-printed object, an array, what is
 *             malformed throughout
 *
 * What begins with '[', or is binary, is a document always.  So is one with a
 * line that is an object and a comma: it lies inside an array.
 */
#ifndef TG_PIPELINE_SOURCES_FRAME_H
#define TG_PIPELINE_SOURCES_FRAME_H

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

enum tg_frame {
	TG_FRAME_AUTO, /* not chosen (yet) */
	TG_FRAME_EMPTY,
	TG_FRAME_LINES,
	TG_FRAME_DOCUMENT
};

/*
 * tg_frame_choose - of the first bytes of an input, byte order mark removed.
 * @whole: it is all there is.  AUTO when the first line has no end in @head and
 * more is needed.  TG_E_MEMORY.
 */
int tg_frame_choose(enum tg_frame *out, struct tg_sv head, bool whole,
    struct tg_err *err) TG_MUST_CHECK;

/* "empty", "lines", "document" */
const char *tg_frame_name(enum tg_frame frame);

#endif
