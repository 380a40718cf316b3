#include "base/crypt.h"

#include <assert.h>
#include <sodium.h>

#include "base/num.h"

#include "base/banned.h"

_Static_assert(TG_KEY_LEN == crypto_generichash_KEYBYTES, "key length");

int
tg_crypt_init(struct tg_err *err)
{
	if (sodium_init() < 0)
		return tg_fail(err, TG_E_BUG, "libsodium cannot be used");
	return 0;
}

void
tg_crypt_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

void
tg_crypt_wipe(void *p, size_t n)
{
	if (n > 0)
		sodium_memzero(p, n);
}

bool
tg_crypt_same(const void *a, const void *b, size_t n)
{
	return n == 0 || sodium_memcmp(a, b, n) == 0;
}

void
tg_crypt_blake2b(
    uint8_t *out, size_t out_len, const void *p, size_t n, const uint8_t *key)
{
	const int rc = crypto_generichash(
	    out, out_len, p, n, key, key == NULL ? 0 : (size_t)TG_KEY_LEN);

	assert(rc == 0); /* fails on lengths out of range only */
	(void)rc;
}

uint64_t
tg_crypt_short(const uint8_t key[TG_SHORT_KEY], const void *p, size_t n)
{
	uint8_t out[crypto_shorthash_BYTES];
	uint64_t v = 0;

	(void)crypto_shorthash(out, p, n, key); /* always 0 */
	for (size_t i = sizeof(out); i > 0; i--)
		v = v << 8 | out[i - 1];
	return v;
}

void
tg_crypt_derive(uint8_t out[TG_KEY_LEN], const uint8_t key[TG_KEY_LEN],
    const char *label, struct tg_sv info)
{
	static const char head[] = "tracegate/";
	crypto_generichash_state st;
	int bad = 0;

	bad |= crypto_generichash_init(&st, key, TG_KEY_LEN, TG_KEY_LEN);
	bad |= crypto_generichash_update(
	    &st, (const uint8_t *)head, sizeof(head) - 1);
	/* The label with its NUL: no label is the head of another. */
	bad |= crypto_generichash_update(
	    &st, (const uint8_t *)label, strlen(label) + 1);
	if (info.n > 0)
		bad |= crypto_generichash_update(
		    &st, (const uint8_t *)info.p, info.n);
	bad |= crypto_generichash_final(&st, out, TG_KEY_LEN);
	sodium_memzero(&st, sizeof(st));
	assert(bad == 0); /* fails on lengths out of range only */
	(void)bad;
}

/* sodium_malloc puts the last byte at the end of a page; a multiple of 16
 * keeps the first one aligned. */
void *
tg_secret_alloc(size_t n)
{
	if (!tg_size_add(&n, n, 15))
		return NULL;
	return sodium_malloc(n - n % 16);
}

void
tg_secret_free(void *p)
{
	sodium_free(p);
}

const char *
tg_crypt_version(void)
{
	return sodium_version_string();
}
