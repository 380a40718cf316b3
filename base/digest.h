/*
 * digest.h - SHA-256 (FIPS 180-4), the digest of identity everywhere; what
 * sha256sum prints.  The libcrypto door: SHA-NI, four times libsodium's.
 */
#ifndef TG_BASE_DIGEST_H
#define TG_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#define TG_SHA256_LEN 32
#define TG_SHA256_HEX 65 /* 64 lower-case hex digits and NUL */

struct tg_sha256 {
	void *ctx; /* EVP_MD_CTX */
};

int tg_sha256_init(struct tg_sha256 *h, struct tg_err *err) TG_MUST_CHECK;
void tg_sha256_add(struct tg_sha256 *h, const void *p, size_t n);
/* tg_sha256_end - the digest of what was added; releases @h. */
void tg_sha256_end(struct tg_sha256 *h, uint8_t out[TG_SHA256_LEN]);
/* tg_sha256_drop - releases without a result; fine after _end and on a
 * zeroed struct. */
void tg_sha256_drop(struct tg_sha256 *h);

int tg_sha256_bytes(uint8_t out[TG_SHA256_LEN], const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
/* The open file from its start; *@size gets its length (may be NULL). */
int tg_sha256_fd(uint8_t out[TG_SHA256_LEN], int fd, uint64_t *size,
    struct tg_err *err) TG_MUST_CHECK;
int tg_sha256_file(uint8_t out[TG_SHA256_LEN], const char *path, uint64_t *size,
    struct tg_err *err) TG_MUST_CHECK;
void tg_sha256_hex(char out[TG_SHA256_HEX], const uint8_t d[TG_SHA256_LEN]);

#endif
