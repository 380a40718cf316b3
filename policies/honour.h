/*
 * honour.h - who makes a leaf of a policy true: policies/honours.def as a
 * table, in both languages.
 */
#ifndef TG_POLICIES_HONOUR_H
#define TG_POLICIES_HONOUR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum tg_honour_by {
	TG_HONOUR_COMPILE,
	TG_HONOUR_GATE,
	TG_HONOUR_RUN,
	TG_HONOUR_APPROVE,
	TG_HONOUR_UPLOAD,
	TG_HONOUR_EVIDENCE,
	TG_HONOUR_LABEL,
	TG_HONOUR_ALWAYS,
	TG_HONOUR_NOBODY
};

struct tg_honour {
	const char *pattern; /* as in schema.def */
	enum tg_honour_by by;
	const char *file;	       /* of the tree, that reads it; or "" */
	const char *note_en, *note_fr; /* or "" */
};

/* NULL behind the last. */
const struct tg_honour *tg_honour_at(size_t i);
/* By the pattern of a row of schema.def; NULL: it has none. */
const struct tg_honour *tg_honour_find(const char *pattern);

/* "gate", "run", ..., "nobody". */
const char *tg_honour_word(enum tg_honour_by by);
/* Appends a sentence: what becomes of the line, and the note.  TG_E_LIMIT,
 * TG_E_MEMORY. */
int tg_honour_say(struct tg_buf *out, const struct tg_honour *h, bool french,
    struct tg_err *err) TG_MUST_CHECK;

#endif
