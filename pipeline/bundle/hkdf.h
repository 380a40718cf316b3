/*
 * hkdf.h - HKDF-SHA-256 (RFC 5869) on libsodium's HMAC: libsodium 1.0.18 has
 * no HKDF of its own.
 */
#ifndef TG_PIPELINE_BUNDLE_HKDF_H
#define TG_PIPELINE_BUNDLE_HKDF_H

#include <sodium.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

#define TG_HKDF_LEN 32 /* bytes; the one length that age derives */

/* Lives in secure memory: every part of it can give a key away. */
struct tg_hkdf {
	uint8_t key[TG_HKDF_LEN]; /* the result */
	uint8_t prk[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state hmac;
};

/*
 * tg_hkdf - h->key from the key @ikm, @salt (may be empty: 32 zero bytes, RFC
 * 5869 section 2.2) and @info.  Cannot fail.
 */
void tg_hkdf(struct tg_hkdf *h, const void *ikm, size_t n_ikm, const void *salt,
    size_t n_salt, struct tg_sv info);

#endif
