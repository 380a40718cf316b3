/* review_draw_priv.h - what the files of review_draw.h share; not for others.
 */
#ifndef TG_PIPELINE_REVIEW_DRAW_PRIV_H
#define TG_PIPELINE_REVIEW_DRAW_PRIV_H

#include "pipeline/review_draw.h"

#define TG_REVIEW_PART 32 /* bytes of a file name of the spool */

/* The document of review_draw.h, drawn now, without answers. */
int tg_review_draw_now(struct tg_json **out, const struct tg_run_ref *run,
    struct tg_err *err) TG_MUST_CHECK;
/* Whether @path is an array file: one record, which shows its header, @header
 * bytes at @from (NULL: not asked). */
int tg_review_is_array(bool *out, size_t *from, size_t *header,
    const char *path, struct tg_err *err) TG_MUST_CHECK;

#endif
