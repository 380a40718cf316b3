/*
 * told.h - what a pass has to tell its listeners of one record (on_text,
 * on_finding), kept in order until the record's turn has come.
 */
#ifndef TG_PIPELINE_TOLD_H
#define TG_PIPELINE_TOLD_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "pipeline/stage.h"

struct tg_told {
	struct tg_buf event;
	struct tg_buf found; /* struct tg_finding */
	struct tg_buf
	    whole; /* struct tg_text: those no text of the record is */
	struct tg_buf bytes; /* what they read */
};

void tg_told_init(struct tg_told *t);
void tg_told_deinit(struct tg_told *t);
/* Nothing was told. */
void tg_told_reset(struct tg_told *t);

/* From now on @p tells @t what the listeners of @as want to hear. */
void
tg_told_listen(struct tg_told *t, struct tg_pass *p, const struct tg_pass *as);

/* All of it, in order, to the listeners of @p; -1: what one of them says.  @r
 * is the record, as it is behind s30. */
int tg_told_again(const struct tg_told *t, const struct tg_pass *p,
    const struct tg_record *r, struct tg_err *err) TG_MUST_CHECK;

#endif
