/*
 * checkpoint.h - what a note of a ledger says (c2sp.org/tlog-checkpoint):
 *
 *	origin LF  size LF  base64(root) LF
 *
 * No extension lines, no other spelling of the same numbers.
 */
#ifndef TG_PIPELINE_LEDGER_CHECKPOINT_H
#define TG_PIPELINE_LEDGER_CHECKPOINT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/ledger/note.h"
#include "pipeline/ledger/tree.h"

struct tg_checkpoint {
	char origin[TG_NOTE_NAME_MAX + 1];
	uint64_t size; /* entries */
	uint8_t root[TG_TREE_HASH];
};

int tg_checkpoint_text(struct tg_buf *out, const struct tg_checkpoint *c,
    struct tg_err *err) TG_MUST_CHECK;
/* The three lines, strictly.  TG_E_INTEGRITY. */
int tg_checkpoint_parse(struct tg_checkpoint *out, struct tg_sv text,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_checkpoint_open - @note's signature by @pub, then its text.  The origin
 * must be @origin, or the key's name when that is NULL: the same key also
 * signs record trees under other origins, and one must not pass for the
 * other.  TG_E_INTEGRITY.
 */
int tg_checkpoint_open(struct tg_checkpoint *out, const struct tg_note_pub *pub,
    const char *origin, struct tg_sv note, struct tg_err *err) TG_MUST_CHECK;

#endif
