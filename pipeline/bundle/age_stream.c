#include "pipeline/bundle/age_stream.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/crypt.h"

#include "base/banned.h"

#define AEAD_NONCE crypto_aead_chacha20poly1305_ietf_NPUBBYTES

void
tg_age_stream_init(struct tg_age_stream *s, struct tg_hkdf *h,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN],
    const uint8_t nonce[TG_AGE_NONCE_LEN])
{
	s->chunk = 0;
	tg_hkdf(h, file_key, TG_AGE_FILE_KEY_LEN, nonce, TG_AGE_NONCE_LEN,
	    TG_SV("payload"));
	memcpy(s->key, h->key, sizeof s->key);
}

/* 11 bytes of big-endian counter and the flag. */
static void
chunk_nonce(uint8_t out[AEAD_NONCE], uint64_t chunk, bool last)
{
	memset(out, 0, AEAD_NONCE);
	for (unsigned i = 0; i < 8; i++)
		out[3 + i] = (uint8_t)(chunk >> (56 - 8 * i));
	out[AEAD_NONCE - 1] = last ? 1 : 0;
}

void
tg_age_stream_seal(struct tg_age_stream *s, uint8_t *out, const uint8_t *p,
    size_t n, bool last)
{
	uint8_t nonce[AEAD_NONCE];

	/* A counter that came round would reuse a nonce. */
	assert(n <= TG_AGE_CHUNK && s->chunk < UINT64_MAX);
	chunk_nonce(nonce, s->chunk++, last);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(
	    out, NULL, p, n, NULL, 0, NULL, nonce, s->key);
}

bool
tg_age_stream_unseal(struct tg_age_stream *s, uint8_t *out, const uint8_t *c,
    size_t n, bool last)
{
	uint8_t nonce[AEAD_NONCE];

	assert(n <= TG_AGE_SEALED);
	if (n < TG_AGE_TAG || s->chunk == UINT64_MAX)
		return false;
	chunk_nonce(nonce, s->chunk, last);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(
		out, NULL, NULL, c, n, NULL, 0, nonce, s->key) != 0) {
		tg_crypt_wipe(out, n - TG_AGE_TAG);
		return false;
	}
	s->chunk++;
	return true;
}
