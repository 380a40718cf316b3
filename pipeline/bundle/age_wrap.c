#include "pipeline/bundle/age_wrap.h"

#include <errno.h>
#include <sodium.h>

#include "base/crypt.h"
#include "base/enc.h"
#include "base/num.h"

#include "base/banned.h"

#define SALT_LEN 16
#define SCRYPT_LABEL "age-encryption.org/v1/scrypt"
#define LABEL_LEN (sizeof SCRYPT_LABEL - 1)
#define X25519_LABEL "age-encryption.org/v1/X25519"
#define LOG_N_MAX 63 /* more does not fit a 64-bit N */

/* The wrap key encrypts one message only: the nonce is fixed. */
static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

/* What a stanza says, once it was found well formed. */
struct scrypt_args {
	uint8_t salt[SALT_LEN];
	uint64_t log_n;
};

static void
x25519_key(struct tg_age_wrap *s, const uint8_t share[TG_AGE_KEY_LEN],
    const uint8_t pk[TG_AGE_KEY_LEN])
{
	uint8_t salt[2 * TG_AGE_KEY_LEN];

	memcpy(salt, share, TG_AGE_KEY_LEN);
	memcpy(salt + TG_AGE_KEY_LEN, pk, TG_AGE_KEY_LEN);
	tg_hkdf(&s->hkdf, s->shared, sizeof s->shared, salt, sizeof salt,
	    TG_SV(X25519_LABEL));
}

int
tg_age_wrap_x25519(struct tg_buf *out, struct tg_age_wrap *s,
    const uint8_t file_key[TG_AGE_FILE_KEY_LEN],
    const uint8_t pk[TG_AGE_KEY_LEN], struct tg_err *err)
{
	uint8_t share[TG_AGE_KEY_LEN], body[TG_AGE_BODY];
	struct tg_buf digits;
	int rc;

	tg_crypt_random(s->secret, sizeof s->secret);
	(void)crypto_scalarmult_base(share, s->secret);
	/* -1: the shared secret is zero, the key is a low-order point. */
	if (crypto_scalarmult(s->shared, s->secret, pk) != 0)
		return tg_fail(
		    err, TG_E_KEY, "an age recipient that is no usable key");
	x25519_key(s, share, pk);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, file_key,
	    TG_AGE_FILE_KEY_LEN, NULL, 0, NULL, nonce, s->hkdf.key);
	tg_buf_init(&digits, 64);
	rc = tg_b64_add(&digits, share, sizeof share, TG_B64_BARE, err);
	if (rc == 0) {
		const struct tg_sv args[] = {
		    TG_SV("X25519"), tg_buf_sv(&digits)};

		rc = tg_age_header_stanza(out, args, TG_COUNT(args), body, err);
	}
	tg_buf_deinit(&digits);
	return rc;
}

static int
bad(size_t no, const char *what, struct tg_err *err)
{
	return tg_fail(
	    err, TG_E_INTEGRITY, "age header: stanza %zu: %s", no + 1, what);
}

/* The share of a well-formed X25519 stanza. */
static int
x25519_args(uint8_t share[TG_AGE_KEY_LEN], const struct tg_age_stanza *st,
    size_t no, struct tg_err *err)
{
	size_t n;

	if (st->n_arg != 1)
		return bad(no, "X25519 takes one argument", err);
	if (!tg_b64_decode(
		share, TG_AGE_KEY_LEN, &n, st->arg[0], TG_B64_BARE) ||
	    n != TG_AGE_KEY_LEN)
		return bad(no, "the X25519 share is not 32 bytes", err);
	/* Before decrypting: the partitioning oracle of age.md. */
	if (st->n_body != TG_AGE_BODY)
		return bad(no, "the wrapped key is not 32 bytes", err);
	return 0;
}

static int
scrypt_args(struct scrypt_args *a, const struct tg_age_stanza *st, size_t no,
    struct tg_err *err)
{
	size_t n;

	if (st->n_arg != 2)
		return bad(no, "scrypt takes two arguments", err);
	if (!tg_b64_decode(
		a->salt, sizeof a->salt, &n, st->arg[0], TG_B64_BARE) ||
	    n != sizeof a->salt)
		return bad(no, "the scrypt salt is not 16 bytes", err);
	/* ^[1-9][0-9]*$ in age.md: no leading zero. */
	if (st->arg[1].p[0] == '0' ||
	    !tg_parse_u64(&a->log_n, st->arg[1], 1, LOG_N_MAX))
		return bad(no, "not a scrypt work factor", err);
	if (st->n_body != TG_AGE_BODY)
		return bad(no, "the wrapped key is not 32 bytes", err);
	return 0;
}

static int
check_stanzas(const struct tg_age_header *h, struct tg_err *err)
{
	uint8_t share[TG_AGE_KEY_LEN];
	struct scrypt_args a;

	for (size_t i = 0; i < h->n; i++) {
		const struct tg_age_stanza *const st = &h->stanza[i];

		if (tg_sv_is(st->type, "X25519") &&
		    x25519_args(share, st, i, err) < 0)
			return -1;
		if (!tg_sv_is(st->type, "scrypt"))
			continue;
		if (h->n != 1)
			return bad(i, "scrypt must be the only stanza", err);
		if (scrypt_args(&a, st, i, err) < 0)
			return -1;
	}
	return 0;
}

/* 1 opened, 0 not for this key. */
static int
unwrap(uint8_t file_key[TG_AGE_FILE_KEY_LEN], const struct tg_age_wrap *s,
    const struct tg_age_stanza *st)
{
	return crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL,
		   st->body, TG_AGE_BODY, NULL, 0, nonce, s->hkdf.key) == 0;
}

static int
try_x25519(uint8_t file_key[TG_AGE_FILE_KEY_LEN], struct tg_age_wrap *s,
    const struct tg_age_header *h, const uint8_t sk[TG_AGE_KEY_LEN],
    struct tg_err *err)
{
	uint8_t pk[TG_AGE_KEY_LEN], share[TG_AGE_KEY_LEN];

	tg_age_public(pk, sk);
	for (size_t i = 0; i < h->n; i++) {
		const struct tg_age_stanza *const st = &h->stanza[i];

		if (!tg_sv_is(st->type, "X25519"))
			continue;
		if (x25519_args(share, st, i, err) < 0)
			return -1;
		if (crypto_scalarmult(s->shared, sk, share) != 0)
			return bad(i, "the X25519 share has low order", err);
		x25519_key(s, share, pk);
		if (unwrap(file_key, s, st) != 0)
			return 1;
	}
	return 0;
}

static int
try_scrypt(uint8_t file_key[TG_AGE_FILE_KEY_LEN], struct tg_age_wrap *s,
    const struct tg_age_header *h, const struct tg_age_keys *keys,
    struct tg_err *err)
{
	uint8_t salt[LABEL_LEN + SALT_LEN];
	struct scrypt_args a;

	if (h->n != 1 || !tg_sv_is(h->stanza[0].type, "scrypt"))
		return 0;
	if (scrypt_args(&a, &h->stanza[0], 0, err) < 0)
		return -1;
	if (a.log_n > keys->max_log_n)
		return tg_fail(err, TG_E_INTEGRITY,
		    "age header: scrypt work factor %u, over the limit of %u",
		    (unsigned)a.log_n, keys->max_log_n);
	memcpy(salt, SCRYPT_LABEL, LABEL_LEN);
	memcpy(salt + LABEL_LEN, a.salt, SALT_LEN);
	if (crypto_pwhash_scryptsalsa208sha256_ll(
		(const uint8_t *)keys->passphrase.p, keys->passphrase.n, salt,
		sizeof salt, UINT64_C(1) << a.log_n, 8, 1, s->hkdf.key,
		sizeof s->hkdf.key) != 0)
		return tg_fail_errno(
		    err, errno, "scrypt, work factor %u", (unsigned)a.log_n);
	return unwrap(file_key, s, &h->stanza[0]);
}

/* Why no key fits, as far as the header tells. */
static int
no_key(const struct tg_age_header *h, const struct tg_age_keys *keys,
    struct tg_err *err)
{
	const struct tg_sv type = h->stanza[0].type;

	if (tg_sv_is(type, "scrypt"))
		return tg_fail(err, TG_E_KEY, "%s",
		    keys->passphrase.p == NULL
			? "the age file is encrypted with a passphrase"
			: "wrong passphrase for the age file");
	(void)tg_fail(err, TG_E_KEY,
	    "none of the keys given opens the age file (%zu recipients)", h->n);
	for (size_t i = 0; i < h->n; i++)
		if (tg_sv_starts(h->stanza[i].type, TG_SV("mlkem768")))
			(void)tg_fail_hint(err,
			    "it has post-quantum recipients, which need the "
			    "age program 1.3 or later");
	return -1;
}

int
tg_age_wrap_open(uint8_t file_key[TG_AGE_FILE_KEY_LEN], struct tg_age_wrap *s,
    const struct tg_age_header *h, const struct tg_age_keys *keys,
    struct tg_err *err)
{
	int found = 0;

	if (check_stanzas(h, err) < 0)
		return -1;
	for (size_t i = 0; i < keys->n && found == 0; i++)
		found = try_x25519(file_key, s, h, keys->sk[i], err);
	if (found == 0 && keys->passphrase.p != NULL)
		found = try_scrypt(file_key, s, h, keys, err);
	if (found == 0)
		return no_key(h, keys, err);
	return found < 0 ? -1 : 0;
}
