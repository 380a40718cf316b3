/*
 * journal.h - the states of a run, one line each, fsynced; a torn last line is
 * ignored.  Private to the run's directory.
 */
#ifndef TG_PIPELINE_JOURNAL_H
#define TG_PIPELINE_JOURNAL_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

/* In order; a run only goes forward, but for approved/refused/lapsed. */
enum tg_state {
	TG_RUN_NONE,
	TG_RUN_PLANNED,
	TG_RUN_RECHECKED, /* read, redacted, rechecked: in the spool */
	TG_RUN_BUNDLED,	  /* sealed and signed */
	TG_RUN_RECORDED,  /* export.prepared is in the ledger */
	TG_RUN_AWAITING,  /* evidence written; people decide */
	TG_RUN_UPLOADING, /* export.intent is in the ledger */
	TG_RUN_UPLOADED
};

const char *tg_state_name(enum tg_state s);

/* The last whole line's state; TG_RUN_NONE when there is no journal. */
int tg_journal_read(enum tg_state *out, const char *path, struct tg_err *err)
    TG_MUST_CHECK;
int tg_journal_add(const char *path, enum tg_state s, int64_t now,
    struct tg_err *err) TG_MUST_CHECK;

#endif
