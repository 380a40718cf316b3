/*
 * seam_view.h - how a run of texts reads, and where what was found in a reading
 * stands in the run: as it is, with spaces where groups of a number meet, with
 * line ends where words do, or spelled, where the texts are pieces of tokens
 * ({"a":"ĠAB12","b":"3456C"}).
 *
 * Spelled are texts of at most TG_SEAM_TOKEN bytes, as in an array (spell.h),
 * when one of the run begins as only tokens do.  Longer ones stay as they are.
 */
#ifndef TG_PIPELINE_SEAM_VIEW_H
#define TG_PIPELINE_SEAM_VIEW_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/seam_run.h"
#include "pipeline/spell.h"

#define TG_SEAM_TOKEN 64u /* bytes; a longer text is no token */

void tg_seam_view_plain(struct tg_seam_view *v, const struct tg_run *run);
/* *@any: there is a seam with a space. */
int tg_seam_view_spaced(struct tg_seam_view *v, bool *any, struct tg_run *run,
    struct tg_err *err) TG_MUST_CHECK;
/* A line ends where a word stands beside the seam: "AB12" | "3456C" | "thanks"
 * would hide the value in a longer word.  *@any: there is one. */
int tg_seam_view_worded(struct tg_seam_view *v, bool *any, struct tg_run *run,
    struct tg_err *err) TG_MUST_CHECK;
int tg_seam_view_spelled(struct tg_seam_view *v, struct tg_run *run,
    enum tg_spelling how, struct tg_err *err) TG_MUST_CHECK;

/* Whether @how reads the run in another way than those before it; none does
 * when it has no token. */
bool tg_seam_view_wants(const struct tg_run *run, enum tg_spelling how);

/* The offset in the run of byte @at; of what reads as a whole its beginning, or
 * its end when @end. */
uint32_t tg_seam_view_origin(const struct tg_seam_view *v,
    const struct tg_run *run, uint32_t at, bool end);

#endif
