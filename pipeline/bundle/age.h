/*
 * age.h - age v1 files (C2SP age.md): X25519 recipients for writing; X25519
 * identities and scrypt passphrases for reading.  Streaming, constant memory.
 */
#ifndef TG_PIPELINE_BUNDLE_AGE_H
#define TG_PIPELINE_BUNDLE_AGE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_AGE_KEY_LEN 32
#define TG_AGE_RECIPIENTS 32 /* most we write to */

/* Where bytes go; returns 0 or -1 with err set. */
typedef int (*tg_write_fn)(
    void *ctx, const void *p, size_t n, struct tg_err *err);

/* "age1…" to 32 bytes and back.  TG_E_KEY; age1pq… is refused with the
 * reason. */
int tg_age_recipient(uint8_t pk[TG_AGE_KEY_LEN], struct tg_sv s,
    struct tg_err *err) TG_MUST_CHECK;
int tg_age_recipient_str(struct tg_buf *out, const uint8_t pk[TG_AGE_KEY_LEN],
    struct tg_err *err) TG_MUST_CHECK;
/* "AGE-SECRET-KEY-1…" to 32 bytes and back (secret: wiped buffers). */
int tg_age_identity(uint8_t sk[TG_AGE_KEY_LEN], struct tg_sv s,
    struct tg_err *err) TG_MUST_CHECK;
int tg_age_identity_str(struct tg_buf *out, const uint8_t sk[TG_AGE_KEY_LEN],
    struct tg_err *err) TG_MUST_CHECK;
void
tg_age_public(uint8_t pk[TG_AGE_KEY_LEN], const uint8_t sk[TG_AGE_KEY_LEN]);
/* An identity file as age-keygen writes it (private, 0600): @n keys. */
int tg_age_identity_file(uint8_t (*sk)[TG_AGE_KEY_LEN], size_t cap, size_t *n,
    const char *path, struct tg_err *err) TG_MUST_CHECK;

struct tg_age_writer;
int tg_age_writer_new(struct tg_age_writer **out,
    const uint8_t (*pk)[TG_AGE_KEY_LEN], size_t n, tg_write_fn write, void *ctx,
    struct tg_err *err) TG_MUST_CHECK;
int tg_age_write(struct tg_age_writer *w, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_age_finish - the last chunk; without it the file does not open. */
int tg_age_finish(struct tg_age_writer *w, struct tg_err *err) TG_MUST_CHECK;
void tg_age_writer_free(struct tg_age_writer *w);

struct tg_age_keys {
	const uint8_t (*sk)[TG_AGE_KEY_LEN];
	size_t n;
	struct tg_sv passphrase; /* p NULL: none */
	unsigned max_log_n;	 /* scrypt work factor accepted, e.g. 20 */
};

/*
 * tg_age_open - decrypts @fd to @write, chunk by authenticated chunk.
 * TG_E_INTEGRITY on any defect, TG_E_KEY when no key fits.  No byte that was
 * not authenticated is written.
 */
int tg_age_open(int fd, const struct tg_age_keys *keys, tg_write_fn write,
    void *ctx, struct tg_err *err) TG_MUST_CHECK;

/* Stanza count of the header, for "as many as the manifest names". */
int tg_age_stanzas(int fd, size_t *n, struct tg_err *err) TG_MUST_CHECK;

#endif
