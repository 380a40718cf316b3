/*
 * age_header.h - the text header of an age file (C2SP age.md, "ABNF definition
 * of file header"), read strictly and written canonically.
 */
#ifndef TG_PIPELINE_BUNDLE_AGE_HEADER_H
#define TG_PIPELINE_BUNDLE_AGE_HEADER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/bundle/age_in.h"
#include "pipeline/bundle/hkdf.h"

/* Ceilings against hostile files; a stanza is about 100 bytes. */
#define TG_AGE_HEADER_MAX 65536 /* bytes */
#define TG_AGE_STANZAS_MAX 128

#define TG_AGE_FILE_KEY_LEN 16
#define TG_AGE_MAC_LEN 32
#define TG_AGE_ARGS 2  /* kept beside the type: no type of ours has more */
#define TG_AGE_BODY 32 /* a wrapped file key */

struct tg_age_stanza {
	struct tg_sv type;
	struct tg_sv arg[TG_AGE_ARGS];
	size_t n_arg; /* all there are, the type not counted */
	uint8_t body[TG_AGE_BODY];
	size_t n_body; /* of the whole body; body holds its first 32 bytes */
};

struct tg_age_header {
	struct tg_buf text; /* stanzas borrow from it */
	size_t n_mac_text;  /* text up to and with "---": what the MAC covers */
	uint8_t mac[TG_AGE_MAC_LEN];
	size_t n;
	struct tg_age_stanza stanza[TG_AGE_STANZAS_MAX];
};

/* tg_age_header_read - *@out is freed by the caller.  TG_E_INTEGRITY with the
 * line, for anything that the grammar does not allow. */
int tg_age_header_read(struct tg_age_header **out, struct tg_age_in *in,
    struct tg_err *err) TG_MUST_CHECK;
void tg_age_header_free(struct tg_age_header *h);

/* tg_age_header_mac - of the header text up to and with "---"; @h is secure
 * scratch. */
void tg_age_header_mac(uint8_t mac[TG_AGE_MAC_LEN], struct tg_hkdf *h,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN], struct tg_sv text);

/* Writing: _begin, then a _stanza for each recipient, then _end. */
int tg_age_header_begin(struct tg_buf *out, struct tg_err *err) TG_MUST_CHECK;
/* @args: the type and what follows it, already encoded. */
int tg_age_header_stanza(struct tg_buf *out, const struct tg_sv *args,
    size_t n_args, const uint8_t body[TG_AGE_BODY], struct tg_err *err)
    TG_MUST_CHECK;
int tg_age_header_end(struct tg_buf *out, struct tg_hkdf *h,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN], struct tg_err *err)
    TG_MUST_CHECK;

#endif
