#include "pipeline/bundle/minisign.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/bundle/minisign_file.h"

#include "base/banned.h"

#define ID_LEN 8
#define SEED_LEN crypto_sign_SEEDBYTES
#define SK_LEN crypto_sign_SECRETKEYBYTES
#define SIG_LEN crypto_sign_BYTES
#define HASH_LEN crypto_generichash_BYTES_MAX
#define SALT_LEN crypto_pwhash_scryptsalsa208sha256_SALTBYTES
#define CHECK_LEN 32
#define PUB_LEN 42	   /* "Ed", id, key */
#define KEY_FILE_MAX 4096  /* bytes; the stock tool's is 254 */
#define PUB_FILE_MODE 0644 /* the public half is for everyone */

/* What a key file may ask of us; the stock default is 2^25 and 1 GiB. */
#define OPS_MAX (UINT64_C(1) << 28)
#define MEM_MIN (UINT64_C(1) << 20)
#define MEM_MAX (UINT64_C(4) << 30)

/* The secret key file, byte by byte (minisign.h of 0.11, SeckeyStruct). */
struct sealed {
	uint8_t sig_alg[2];   /* "Ed" */
	uint8_t kdf_alg[2];   /* "Sc", or zero: not encrypted */
	uint8_t check_alg[2]; /* "B2" */
	uint8_t salt[SALT_LEN];
	uint8_t ops[8], mem[8]; /* little-endian */
	/* From here on under the key stream of the passphrase. */
	uint8_t id[ID_LEN];
	uint8_t sk[SK_LEN];
	uint8_t check[CHECK_LEN]; /* BLAKE2b-256 of sig_alg, id, sk */
};

#define STREAM_LEN (ID_LEN + SK_LEN + CHECK_LEN)
_Static_assert(sizeof(struct sealed) == 54 + STREAM_LEN, "no padding");

struct tg_minisign_key {
	struct tg_minisign_pub pub;
	uint8_t sk[SK_LEN];
};

/* Secure scratch of one load or one keygen. */
struct scratch {
	struct sealed file;
	uint8_t stream[STREAM_LEN];
	uint8_t seed[SEED_LEN];
	uint8_t sk[SK_LEN];
};

static void
le64_store(uint8_t p[8], uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t
le64_load(const uint8_t p[8])
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

int
tg_minisign_pub(struct tg_minisign_pub *out, struct tg_sv s, struct tg_err *err)
{
	uint8_t b[PUB_LEN];

	if (!tg_minisign_file_b64(b, sizeof b, s, true) ||
	    memcmp(b, "Ed", 2) != 0) {
		(void)tg_fail(err, TG_E_KEY, "not a minisign public key");
		return tg_fail_hint(err,
		    "56 characters that start with \"RW\", or a .pub file");
	}
	memcpy(out->id, b + 2, ID_LEN);
	memcpy(out->pk, b + 2 + ID_LEN, sizeof out->pk);
	return 0;
}

void
tg_minisign_pub_str(
    char out[TG_MINISIGN_PUB_STR], const struct tg_minisign_pub *pub)
{
	uint8_t b[PUB_LEN];

	memcpy(b, "Ed", 2);
	memcpy(b + 2, pub->id, ID_LEN);
	memcpy(b + 2 + ID_LEN, pub->pk, sizeof pub->pk);
	(void)sodium_bin2base64(out, TG_MINISIGN_PUB_STR, b, sizeof b,
	    sodium_base64_VARIANT_ORIGINAL);
}

void
tg_minisign_id(char out[TG_MINISIGN_ID_HEX], const struct tg_minisign_pub *pub)
{
	/* As the stock tool prints it: no leading zeros. */
	(void)snprintf(out, TG_MINISIGN_ID_HEX, "%" PRIX64, le64_load(pub->id));
}

/* BLAKE2b-256 over algorithm, id and secret key. */
static void
key_check(uint8_t out[CHECK_LEN], const struct sealed *f)
{
	crypto_generichash_state h;

	(void)crypto_generichash_init(&h, NULL, 0, CHECK_LEN);
	(void)crypto_generichash_update(&h, f->sig_alg, sizeof f->sig_alg);
	(void)crypto_generichash_update(&h, f->id, sizeof f->id);
	(void)crypto_generichash_update(&h, f->sk, sizeof f->sk);
	(void)crypto_generichash_final(&h, out, CHECK_LEN);
	tg_crypt_wipe(&h, sizeof h);
}

/* Encrypts or decrypts the secret part of @s->file. */
static int
xor_stream(struct scratch *s, struct tg_sv pass, struct tg_err *err)
{
	uint8_t *const part[] = {s->file.id, s->file.sk, s->file.check};
	static const size_t n[] = {ID_LEN, SK_LEN, CHECK_LEN};
	const uint8_t *x = s->stream;

	if (crypto_pwhash_scryptsalsa208sha256(s->stream, sizeof s->stream,
		pass.p, pass.n, s->file.salt, le64_load(s->file.ops),
		(size_t)le64_load(s->file.mem)) != 0)
		return tg_fail_errno(err, errno, "scrypt");
	for (size_t i = 0; i < TG_COUNT(part); i++)
		for (size_t k = 0; k < n[i]; k++)
			part[i][k] ^= *x++;
	return 0;
}

/* Key generation. */

static int
new_key(struct scratch *s, struct tg_minisign_pub *pub, struct tg_sv pass,
    uint64_t mem, struct tg_err *err)
{
	struct sealed *const f = &s->file;

	memcpy(f->sig_alg, "Ed", 2);
	memcpy(f->check_alg, "B2", 2);
	tg_crypt_random(s->seed, sizeof s->seed);
	tg_crypt_random(pub->id, sizeof pub->id);
	memcpy(f->id, pub->id, sizeof f->id);
	(void)crypto_sign_seed_keypair(pub->pk, f->sk, s->seed);
	key_check(f->check, f);
	if (pass.p == NULL)
		return 0;
	memcpy(f->kdf_alg, "Sc", 2);
	tg_crypt_random(f->salt, sizeof f->salt);
	/* ops = mem / 32 gives r = 8 and p = 1 (libsodium's pickparams). */
	le64_store(f->ops, mem / 32);
	le64_store(f->mem, mem);
	return xor_stream(s, pass, err);
}

static int
write_pub(
    const char *path, const struct tg_minisign_pub *pub, struct tg_err *err)
{
	char id[TG_MINISIGN_ID_HEX], str[TG_MINISIGN_PUB_STR];
	struct tg_buf text;
	int rc = -1;

	tg_minisign_id(id, pub);
	tg_minisign_pub_str(str, pub);
	tg_buf_init(&text, KEY_FILE_MAX);
	if (tg_buf_addf(&text, err,
		"untrusted comment: minisign public key %s\n%s\n", id,
		str) == 0)
		rc = tg_fs_write(
		    path, tg_buf_sv(&text), PUB_FILE_MODE, TG_FS_NEW, err);
	tg_buf_deinit(&text);
	return rc;
}

static int
write_key(const char *path, const struct sealed *f, struct tg_err *err)
{
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, KEY_FILE_MAX);
	/* The whole of it at once: no half-grown copy is left behind. */
	if (tg_buf_reserve(&text, 512, err) == 0 &&
	    tg_buf_addf(&text, err, "untrusted comment: minisign %s\n",
		f->kdf_alg[0] == 0 ? "secret key, not encrypted"
				   : "encrypted secret key") == 0 &&
	    tg_b64_add(&text, f, sizeof *f, TG_B64_PADDED, err) == 0 &&
	    tg_buf_addc(&text, '\n', err) == 0)
		rc = tg_fs_write(path, tg_buf_sv(&text), 0600, TG_FS_NEW, err);
	tg_buf_wipe_deinit(&text);
	return rc;
}

int
tg_minisign_keygen(const char *path, const char *pub_path, struct tg_sv pass,
    uint64_t mem_limit, struct tg_err *err)
{
	struct tg_minisign_pub pub;
	struct scratch *s;
	int rc = -1;

	if (pass.p != NULL && (mem_limit < MEM_MIN || mem_limit > MEM_MAX))
		return tg_fail(
		    err, TG_E_USAGE, "scrypt memory: not 1 MiB to 4 GiB");
	s = tg_secret_alloc(sizeof *s);
	if (s == NULL)
		return tg_fail_memory(err);
	memset(s, 0, sizeof *s);
	if (new_key(s, &pub, pass, mem_limit, err) < 0 ||
	    write_key(path, &s->file, err) < 0)
		goto out;
	if (write_pub(pub_path, &pub, err) < 0) {
		(void)unlink(path); /* ours, written just now */
		goto out;
	}
	rc = 0;
out:
	tg_secret_free(s);
	return rc;
}

/* Loading. */

static int
check_file(const struct sealed *f, bool *encrypted, struct tg_err *err)
{
	const uint64_t ops = le64_load(f->ops), mem = le64_load(f->mem);

	if (memcmp(f->sig_alg, "Ed", 2) != 0 ||
	    memcmp(f->check_alg, "B2", 2) != 0)
		return tg_fail(
		    err, TG_E_KEY, "not a minisign Ed25519 secret key");
	*encrypted = memcmp(f->kdf_alg, "Sc", 2) == 0;
	if (!*encrypted && memcmp(f->kdf_alg, "\0\0", 2) != 0)
		return tg_fail(
		    err, TG_E_KEY, "an unknown key derivation of the key file");
	if (*encrypted && (ops > OPS_MAX || mem > MEM_MAX))
		return tg_fail(err, TG_E_KEY,
		    "the key file asks for more than 4 GiB or 2^28 steps of "
		    "scrypt");
	return 0;
}

/* The key pair fits together and, when it was encrypted, the checksum. */
static int
check_key(struct scratch *s, struct tg_minisign_pub *pub, bool encrypted,
    struct tg_err *err)
{
	static const uint8_t none[CHECK_LEN];
	uint8_t check[CHECK_LEN];

	key_check(check, &s->file);
	/* The stock tool leaves the checksum zero with -W. */
	if (!tg_crypt_same(check, s->file.check, sizeof check) &&
	    (encrypted || !tg_crypt_same(none, s->file.check, sizeof none)))
		return tg_fail(err, TG_E_KEY,
		    encrypted ? "wrong passphrase, or the key file is damaged"
			      : "the key file is damaged");
	memcpy(s->seed, s->file.sk, sizeof s->seed);
	(void)crypto_sign_seed_keypair(pub->pk, s->sk, s->seed);
	if (!tg_crypt_same(s->sk, s->file.sk, sizeof s->sk))
		return tg_fail(err, TG_E_KEY, "the key file is damaged");
	memcpy(pub->id, s->file.id, sizeof pub->id);
	return 0;
}

static int
open_key(struct scratch *s, struct tg_minisign_key *k, struct tg_sv text,
    struct tg_sv pass, bool *needs_pass, struct tg_err *err)
{
	bool encrypted = false;

	if (!tg_minisign_file_b64(&s->file, sizeof s->file, text, false))
		return tg_fail(err, TG_E_KEY, "not a minisign secret key");
	if (check_file(&s->file, &encrypted, err) < 0)
		return -1;
	if (encrypted && pass.p == NULL) {
		if (needs_pass != NULL)
			*needs_pass = true;
		return tg_fail(err, TG_E_KEY, "the key needs its passphrase");
	}
	if (encrypted && xor_stream(s, pass, err) < 0)
		return -1;
	if (check_key(s, &k->pub, encrypted, err) < 0)
		return -1;
	memcpy(k->sk, s->file.sk, sizeof k->sk);
	return 0;
}

int
tg_minisign_load(struct tg_minisign_key **out, const char *path,
    struct tg_sv pass, bool *needs_pass, struct tg_err *err)
{
	struct tg_minisign_key *k = tg_secret_alloc(sizeof *k);
	struct scratch *const s = tg_secret_alloc(sizeof *s);
	struct tg_buf text;
	int rc = -1;

	if (needs_pass != NULL)
		*needs_pass = false;
	tg_buf_init(&text, KEY_FILE_MAX);
	if (k == NULL || s == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_slurp_private(&text, path, err) < 0)
		goto out;
	if (open_key(s, k, tg_buf_sv(&text), pass, needs_pass, err) < 0) {
		(void)tg_fail_in(err, "%s", path);
		goto out;
	}
	*out = k;
	k = NULL;
	rc = 0;
out:
	tg_buf_wipe_deinit(&text);
	tg_secret_free(s);
	tg_secret_free(k);
	return rc;
}

void
tg_minisign_free(struct tg_minisign_key *k)
{
	tg_secret_free(k);
}

const struct tg_minisign_pub *
tg_minisign_public(const struct tg_minisign_key *k)
{
	return &k->pub;
}

/* Signing and verifying. */

static void
prehash(uint8_t out[HASH_LEN], struct tg_sv bytes)
{
	tg_crypt_blake2b(out, HASH_LEN, bytes.p, bytes.n, NULL);
}

/* What the second signature covers: the first one and the comment. */
static int
global_text(struct tg_buf *out, const uint8_t *sig, struct tg_sv trusted,
    struct tg_err *err)
{
	return tg_buf_add(out, sig, SIG_LEN, err) < 0 ||
		tg_buf_addsv(out, trusted, err) < 0
	    ? -1
	    : 0;
}

static int
add_sig(struct tg_buf *out, const struct tg_minisign_key *k,
    const uint8_t sig[TG_MINISIGN_FILE_SIG], struct tg_sv trusted,
    const uint8_t global[SIG_LEN], struct tg_err *err)
{
	char id[TG_MINISIGN_ID_HEX];

	tg_minisign_id(id, &k->pub);
	if (tg_buf_addf(out, err,
		"untrusted comment: signature by minisign key %s\n", id) < 0 ||
	    tg_b64_add(out, sig, TG_MINISIGN_FILE_SIG, TG_B64_PADDED, err) <
		0 ||
	    tg_buf_adds(out, "\ntrusted comment: ", err) < 0 ||
	    tg_buf_addsv(out, trusted, err) < 0 ||
	    tg_buf_addc(out, '\n', err) < 0 ||
	    tg_b64_add(out, global, SIG_LEN, TG_B64_PADDED, err) < 0)
		return -1;
	return tg_buf_addc(out, '\n', err);
}

int
tg_minisign_sign(struct tg_buf *out, const struct tg_minisign_key *k,
    struct tg_sv bytes, const char *trusted, struct tg_err *err)
{
	const struct tg_sv comment = tg_sv_of(trusted);
	uint8_t hash[HASH_LEN], sig[TG_MINISIGN_FILE_SIG], global[SIG_LEN];
	struct tg_buf text;
	int rc = -1;

	if (comment.n > TG_MINISIGN_FILE_TRUSTED_MAX ||
	    !tg_minisign_file_comment_ok(comment) ||
	    memchr(trusted, '\t', comment.n) != NULL)
		return tg_fail(err, TG_E_USAGE,
		    "minisign: the trusted comment is not one line of text");
	tg_buf_init(&text, SIG_LEN + TG_MINISIGN_FILE_TRUSTED_MAX);
	prehash(hash, bytes);
	memcpy(sig, "ED", 2);
	memcpy(sig + 2, k->pub.id, ID_LEN);
	(void)crypto_sign_detached(
	    sig + 2 + ID_LEN, NULL, hash, sizeof hash, k->sk);
	if (global_text(&text, sig + 2 + ID_LEN, comment, err) < 0)
		goto out;
	(void)crypto_sign_detached(
	    global, NULL, (const unsigned char *)text.p, text.n, k->sk);
	rc = add_sig(out, k, sig, comment, global, err);
out:
	tg_buf_deinit(&text);
	return rc;
}

static int
check_sigs(const struct tg_minisign_pub *pub, struct tg_sv bytes,
    const struct tg_minisign_file_sig *s, struct tg_err *err)
{
	const uint8_t *const sig = s->sig + 2 + ID_LEN;
	uint8_t hash[HASH_LEN];
	struct tg_buf text;
	int rc = -1;

	prehash(hash, bytes);
	if (crypto_sign_verify_detached(sig, hash, sizeof hash, pub->pk) != 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the signature is not over these bytes");
	tg_buf_init(&text, SIG_LEN + TG_MINISIGN_FILE_TRUSTED_MAX);
	if (global_text(&text, sig, s->trusted, err) < 0)
		goto out;
	if (crypto_sign_verify_detached(s->global,
		(const unsigned char *)text.p, text.n, pub->pk) != 0) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "the trusted comment of the signature was changed");
		goto out;
	}
	rc = 0;
out:
	tg_buf_deinit(&text);
	return rc;
}

int
tg_minisign_verify(const struct tg_minisign_pub *pub, struct tg_sv bytes,
    struct tg_sv sig, struct tg_buf *trusted, struct tg_err *err)
{
	char has[TG_MINISIGN_ID_HEX], wants[TG_MINISIGN_ID_HEX];
	struct tg_minisign_file_sig s;
	struct tg_minisign_pub other;

	if (tg_minisign_file_sig(&s, sig, err) < 0)
		return -1;
	if (memcmp(s.sig + 2, pub->id, ID_LEN) != 0) {
		memcpy(other.id, s.sig + 2, ID_LEN);
		tg_minisign_id(has, &other);
		tg_minisign_id(wants, pub);
		return tg_fail(err, TG_E_INTEGRITY,
		    "signed with key %s, not with %s", has, wants);
	}
	if (check_sigs(pub, bytes, &s, err) < 0)
		return -1;
	return trusted == NULL ? 0 : tg_buf_addsv(trusted, s.trusted, err);
}

int
tg_minisign_sig_id(uint8_t id[8], struct tg_sv sig, struct tg_err *err)
{
	struct tg_minisign_file_sig s;

	if (tg_minisign_file_sig(&s, sig, err) < 0)
		return -1;
	memcpy(id, s.sig + 2, ID_LEN);
	return 0;
}
