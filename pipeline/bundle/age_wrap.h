/*
 * age_wrap.h - the file key wrapped for a recipient, and found again (C2SP
 * age.md, "The X25519 recipient type", "The scrypt recipient type").
 */
#ifndef TG_PIPELINE_BUNDLE_AGE_WRAP_H
#define TG_PIPELINE_BUNDLE_AGE_WRAP_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/age_header.h"

/* Secure scratch of the caller's. */
struct tg_age_wrap {
	struct tg_hkdf hkdf;
	uint8_t secret[TG_AGE_KEY_LEN]; /* ephemeral */
	uint8_t shared[TG_AGE_KEY_LEN];
};

/* tg_age_wrap_x25519 - appends one stanza.  TG_E_KEY when @pk is a point of
 * low order, TG_E_MEMORY. */
int tg_age_wrap_x25519(struct tg_buf *out, struct tg_age_wrap *s,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN],
    const uint8_t pk[TG_AGE_KEY_LEN], struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_age_wrap_open - tries every key on every stanza.  All X25519 and scrypt
 * stanzas are checked first, whether or not there is a key for them.
 * @file_key: secure memory of the caller's; set only when found.
 * TG_E_INTEGRITY: a malformed stanza, scrypt not alone or with a work factor
 * above keys->max_log_n; TG_E_KEY: no key fits; TG_E_IO: scrypt
 * found no memory.
 */
int tg_age_wrap_open(uint8_t file_key[TG_AGE_FILE_KEY_LEN],
    struct tg_age_wrap *s, const struct tg_age_header *h,
    const struct tg_age_keys *keys, struct tg_err *err) TG_MUST_CHECK;

#endif
