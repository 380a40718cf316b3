/*
 * age_stream.h - the payload of an age file: chunks of 64 KiB, each sealed
 * under a counter and a "last" flag (C2SP age.md, "Payload"; the STREAM
 * construction, eprint 2015/189).
 */
#ifndef TG_PIPELINE_BUNDLE_AGE_STREAM_H
#define TG_PIPELINE_BUNDLE_AGE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "pipeline/bundle/age_header.h"

#define TG_AGE_CHUNK 65536 /* bytes of plaintext */
#define TG_AGE_TAG 16
#define TG_AGE_SEALED (TG_AGE_CHUNK + TG_AGE_TAG)
#define TG_AGE_NONCE_LEN 16

/* Lives in secure memory. */
struct tg_age_stream {
	uint8_t key[TG_HKDF_LEN];
	uint64_t chunk; /* the next one's number, from 0 */
};

/* tg_age_stream_init - the payload key of @file_key and the file's nonce; @h is
 * secure scratch. */
void tg_age_stream_init(struct tg_age_stream *s, struct tg_hkdf *h,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN],
    const uint8_t nonce[TG_AGE_NONCE_LEN]);

/* tg_age_stream_seal - @n + TG_AGE_TAG bytes to @out; counts on.  @p may be
 * where @out is. */
void tg_age_stream_seal(struct tg_age_stream *s, uint8_t *out, const uint8_t *p,
    size_t n, bool last);
/* tg_age_stream_unseal - @n bytes with tag to @n - TG_AGE_TAG; counts on only
 * when it is authentic, and is false, @out zeroed, when it is not. */
bool tg_age_stream_unseal(struct tg_age_stream *s, uint8_t *out,
    const uint8_t *c, size_t n, bool last) TG_MUST_CHECK;

#endif
