/*
 * note.h - signed notes (c2sp.org/signed-note) with Ed25519 keys (signature
 * type 0x01) and the keys in the forms of golang.org/x/mod/sumdb/note.
 *
 * Stricter than the specification where that costs nobody anything: key names
 * are printable ASCII, keys and signatures are canonical base64, and a note
 * with a bad line anywhere is refused whole.
 */
#ifndef TG_PIPELINE_LEDGER_NOTE_H
#define TG_PIPELINE_LEDGER_NOTE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_NOTE_NAME_MAX 255 /* bytes of a key name */
#define TG_NOTE_VKEY_MAX                                    \
	(TG_NOTE_NAME_MAX + 1 + 8 + 1 + 44 + 1) /* with NUL \
						 */
#define TG_NOTE_MAX 65536 /* bytes of a note that is read */
#define TG_NOTE_SIGS                                      \
	64 /* signature lines of a note that is read; the \
	    * specification asks for at least 16 */

struct tg_note_pub {
	char name[TG_NOTE_NAME_MAX + 1];
	uint8_t id[4]; /* SHA-256(name, LF, 0x01, pk)[:4] */
	uint8_t pk[32];
};

struct tg_note_key; /* in secure memory */

/* A key name: not empty, printable ASCII without space and '+'. */
bool tg_note_name_ok(struct tg_sv name);

/* "name+hex8+base64" to a key and back.  TG_E_KEY. */
int tg_note_pub(struct tg_note_pub *out, struct tg_sv vkey, struct tg_err *err)
    TG_MUST_CHECK;
void tg_note_vkey(char out[TG_NOTE_VKEY_MAX], const struct tg_note_pub *pub);

/* A new key drawn from @env; TG_E_CONFIG for a name that is none. */
int tg_note_key_new(struct tg_note_key **out, const char *name,
    const struct tg_env *env, struct tg_err *err) TG_MUST_CHECK;
/* "PRIVATE+KEY+name+hex8+base64".  TG_E_KEY. */
int tg_note_key(struct tg_note_key **out, struct tg_sv skey, struct tg_err *err)
    TG_MUST_CHECK;
/* Appends that form to @out (wipe the buffer). */
int tg_note_skey(struct tg_buf *out, const struct tg_note_key *k,
    struct tg_err *err) TG_MUST_CHECK;
void tg_note_key_free(struct tg_note_key *k);
/* Borrowed. */
const struct tg_note_pub *tg_note_public(const struct tg_note_key *k);

/* tg_note_sign - appends @text (UTF-8, no control bytes but LF, LF at its
 * end; else TG_E_BUG), the blank line and one signature line. */
int tg_note_sign(struct tg_buf *out, const struct tg_note_key *k,
    struct tg_sv text, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_note_open - *@text is the part of @note that @pub has signed, its last LF
 * included.  Lines of other keys are ignored, as the specification demands.
 * TG_E_INTEGRITY: no line of @pub, a wrong signature, not a note.
 */
int tg_note_open(struct tg_sv *text, const struct tg_note_pub *pub,
    struct tg_sv note, struct tg_err *err) TG_MUST_CHECK;

#endif
