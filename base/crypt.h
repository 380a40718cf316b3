/*
 * crypt.h - the libsodium door for everything that is not a bundle or a ledger:
 * keyed hashes (sampling, pseudonyms), secure memory, wiping.
 */
#ifndef TG_BASE_CRYPT_H
#define TG_BASE_CRYPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_KEY_LEN 32 /* bytes of every symmetric key and seed here */

/* tg_crypt_init - once, before any other function; TG_E_BUG on failure. */
int tg_crypt_init(struct tg_err *err) TG_MUST_CHECK;

/* tg_crypt_random - bytes from the kernel. */
void tg_crypt_random(void *p, size_t n);
/* tg_crypt_wipe - overwritten; not optimised away. */
void tg_crypt_wipe(void *p, size_t n);
/* tg_crypt_same - equal, in a time that does not depend on the bytes. */
bool tg_crypt_same(const void *a, const void *b, size_t n) TG_MUST_CHECK;

/*
 * tg_crypt_blake2b - BLAKE2b of @n bytes; @out_len 1 to 64; @key of
 * TG_KEY_LEN bytes or NULL.  RFC 7693.
 */
void tg_crypt_blake2b(
    uint8_t *out, size_t out_len, const void *p, size_t n, const uint8_t *key);

#define TG_SHORT_KEY 16
/* tg_crypt_short - SipHash-2-4 (Aumasson & Bernstein 2012): a keyed hash of
 * short input, ten times faster than the one above. */
uint64_t
tg_crypt_short(const uint8_t key[TG_SHORT_KEY], const void *p, size_t n);

/*
 * tg_crypt_derive - a 32-byte key for one use: keyed BLAKE2b-256 of
 * "tracegate/<label>\0" and @info.
 */
void tg_crypt_derive(uint8_t out[TG_KEY_LEN], const uint8_t key[TG_KEY_LEN],
    const char *label, struct tg_sv info);

/* Guarded, locked memory for secrets; NULL when it cannot be had. */
void *tg_secret_alloc(size_t n) TG_MUST_CHECK;
void tg_secret_free(void *p);

/* Version of the library, for the manifest. */
const char *tg_crypt_version(void);

#endif
