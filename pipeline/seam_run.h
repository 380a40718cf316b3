/*
 * seam_run.h - texts that follow each other, joined: their ends, and what of
 * it is looked at.  See seams.h.
 */
#ifndef TG_PIPELINE_SEAM_RUN_H
#define TG_PIPELINE_SEAM_RUN_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/stage.h"

#define TG_SEAM_WINDOW 96u   /* bytes of each side of a seam */
#define TG_SEAM_WORD 1024u   /* and on to the end of the word, at most */
#define TG_SEAM_PIECES 4096u /* of one run */

/* Bytes of one end of a long text. */
#define TG_SEAM_TAKE (TG_SEAM_WINDOW + TG_SEAM_WORD)

struct tg_seam_piece {
	uint32_t text; /* in the record */
	uint32_t from; /* in the text (the redacted one after round 0) */
	uint32_t at;   /* in the run */
	uint32_t n;
	bool known; /* what is before it was looked at with it already */
	struct tg_hit *hit; /* of the text, as it was when added */
	uint32_t n_hit;
};

/* A finding across a seam. */
struct tg_seam_find {
	struct tg_finding f;	 /* in the run */
	struct tg_trace_text in; /* what was looked at */
	bool spelled;		 /* as pieces of tokens */
	struct tg_finding there; /* the same, in it */
};

/* How the run reads; see seam_view.h. */
struct tg_seam_view {
	struct tg_sv text; /* borrowed from the run */
	struct tg_seam_read {
		uint32_t at;   /* where the piece begins in the text */
		uint32_t lead; /* bytes in front that are not the piece's */
		uint32_t drop; /* bytes of the piece that do not show */
		bool same;     /* the rest byte by byte; else as a whole */
		bool token;    /* begins as only tokens do */
	} piece[TG_SEAM_PIECES];
};

struct tg_run {
	struct tg_pass *p;
	struct tg_record *r;
	unsigned round; /* 0: the texts as they came; else as redacted */
	uint32_t fresh;
	bool apart; /* other texts stand between these in the document */
	bool pair;  /* a key and its value */
	struct tg_seam_piece piece[TG_SEAM_PIECES];
	uint32_t n;
	struct tg_buf *bytes;  /* joined; the pass's scratch */
	struct tg_buf *spaced; /* as another view reads them; the same */
	struct tg_seam_view view;
};

typedef int (*tg_seam_take)(
    struct tg_run *run, const struct tg_seam_find *f, struct tg_err *err);

void tg_run_init(struct tg_run *run, struct tg_pass *p, struct tg_record *r);
void tg_run_clear(struct tg_run *run);

/* Adds text @i, or its beginning when it is long; @known: nothing new goes on
 * into it from the one before.  *@full: there is no room for another. */
int tg_run_add(struct tg_run *run, uint32_t i, bool known, bool *full,
    struct tg_err *err) TG_MUST_CHECK;
/* A full run begins anew with the end of what it held last. */
int tg_run_again(struct tg_run *run, struct tg_err *err) TG_MUST_CHECK;

/* The last piece that begins at or before byte @at of the run. */
uint32_t tg_run_piece(const struct tg_run *run, uint32_t at);

/* Scans around the seams that could cut a value; @take gets each finding that
 * lies across one. */
int tg_run_look(struct tg_run *run, tg_seam_take take, struct tg_err *err)
    TG_MUST_CHECK;

#endif
