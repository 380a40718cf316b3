#include "pipeline/bundle/hkdf.h"

#include "base/banned.h"

void
tg_hkdf(struct tg_hkdf *h, const void *ikm, size_t n_ikm, const void *salt,
    size_t n_salt, struct tg_sv info)
{
	static const uint8_t none[crypto_auth_hmacsha256_BYTES];
	static const uint8_t one = 1; /* T(1): one block is all we need */

	if (n_salt == 0) {
		salt = none;
		n_salt = sizeof none;
	}
	(void)crypto_auth_hmacsha256_init(&h->hmac, salt, n_salt);
	(void)crypto_auth_hmacsha256_update(&h->hmac, ikm, n_ikm);
	(void)crypto_auth_hmacsha256_final(&h->hmac, h->prk);

	(void)crypto_auth_hmacsha256_init(&h->hmac, h->prk, sizeof h->prk);
	(void)crypto_auth_hmacsha256_update(
	    &h->hmac, (const unsigned char *)info.p, info.n);
	(void)crypto_auth_hmacsha256_update(&h->hmac, &one, 1);
	(void)crypto_auth_hmacsha256_final(&h->hmac, h->key);
}
