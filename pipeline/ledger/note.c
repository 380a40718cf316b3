#include "pipeline/ledger/note.h"

#include <sodium.h>
#include <stdio.h>

#include "base/crypt.h"
#include "base/enc.h"

#include "base/banned.h"

#define ALG_ED25519 1
#define SIG_LEN (4 + crypto_sign_BYTES) /* key id and signature */
#define SIG_MAX 8192 /* bytes of another key's signature line, decoded */
#define DASH "\xe2\x80\x94 " /* U+2014 and a space */

struct tg_note_key {
	struct tg_note_pub pub;
	uint8_t seed[crypto_sign_SEEDBYTES];
	uint8_t sk[crypto_sign_SECRETKEYBYTES];
};

static void
key_id(uint8_t id[4], const char *name, const uint8_t pk[32])
{
	static const uint8_t sep[2] = {'\n', ALG_ED25519};
	uint8_t d[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state h;

	(void)crypto_hash_sha256_init(&h);
	(void)crypto_hash_sha256_update(
	    &h, (const uint8_t *)name, strlen(name));
	(void)crypto_hash_sha256_update(&h, sep, sizeof(sep));
	(void)crypto_hash_sha256_update(&h, pk, 32);
	(void)crypto_hash_sha256_final(&h, d);
	memcpy(id, d, 4);
}

bool
tg_note_name_ok(struct tg_sv name)
{
	if (name.n == 0 || name.n > TG_NOTE_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		const char c = name.p[i];

		if (c <= ' ' || c > '~' || c == '+')
			return false;
	}
	return true;
}

/* "name+hex8+base64(alg, 32 bytes)" taken apart; false when it is not. */
static bool
take_apart(char name[TG_NOTE_NAME_MAX + 1], uint8_t id[4], uint8_t raw[33],
    struct tg_sv s)
{
	const char *plus = s.n == 0 ? NULL : memchr(s.p, '+', s.n);
	struct tg_sv head, rest;
	size_t n;

	if (plus == NULL)
		return false;
	head = (struct tg_sv){s.p, (size_t)(plus - s.p)};
	rest = (struct tg_sv){plus + 1, s.n - head.n - 1};
	if (!tg_note_name_ok(head) || rest.n != 8 + 1 + 44 || rest.p[8] != '+')
		return false;
	for (size_t i = 0; i < 8; i++) /* the form is lower case only */
		if (rest.p[i] >= 'A' && rest.p[i] <= 'F')
			return false;
	if (!tg_hex_decode(id, 4, (struct tg_sv){rest.p, 8}) ||
	    !tg_b64_decode(
		raw, 33, &n, (struct tg_sv){rest.p + 9, 44}, TG_B64_PADDED))
		return false;
	memcpy(name, head.p, head.n);
	name[head.n] = '\0';
	return n == 33 && raw[0] == ALG_ED25519;
}

int
tg_note_pub(struct tg_note_pub *out, struct tg_sv vkey, struct tg_err *err)
{
	struct tg_note_pub pub;
	uint8_t raw[33], id[4];

	if (!take_apart(pub.name, id, raw, vkey))
		return tg_fail(err, TG_E_KEY,
		    "not a verifier key of the form name+hash+base64 with an "
		    "Ed25519 key");
	memcpy(pub.pk, raw + 1, 32);
	key_id(pub.id, pub.name, pub.pk);
	if (memcmp(id, pub.id, 4) != 0)
		return tg_fail(err, TG_E_KEY,
		    "verifier key is damaged: its hash is not that of its "
		    "name and key");
	*out = pub;
	return 0;
}

void
tg_note_vkey(char out[TG_NOTE_VKEY_MAX], const struct tg_note_pub *pub)
{
	char id[9],
	    b64[sodium_base64_ENCODED_LEN(33, sodium_base64_VARIANT_ORIGINAL)];
	uint8_t raw[33] = {ALG_ED25519};

	memcpy(raw + 1, pub->pk, 32);
	tg_hex(id, pub->id, 4);
	(void)sodium_bin2base64(
	    b64, sizeof(b64), raw, sizeof(raw), sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(out, TG_NOTE_VKEY_MAX, "%s+%s+%s", pub->name, id, b64);
}

/* A key from its seed; the name is known to be good. */
static int
key_from(struct tg_note_key **out, const char *name, const uint8_t seed[32],
    struct tg_err *err)
{
	struct tg_note_key *k = tg_secret_alloc(sizeof(*k));

	if (k == NULL)
		return tg_fail_memory(err);
	memset(k, 0, sizeof(*k));
	memcpy(k->pub.name, name, strlen(name) + 1);
	memcpy(k->seed, seed, sizeof(k->seed));
	(void)crypto_sign_seed_keypair(k->pub.pk, k->sk, k->seed);
	key_id(k->pub.id, k->pub.name, k->pub.pk);
	*out = k;
	return 0;
}

int
tg_note_key_new(struct tg_note_key **out, const char *name,
    const struct tg_env *env, struct tg_err *err)
{
	uint8_t seed[crypto_sign_SEEDBYTES];
	int rc;

	if (!tg_note_name_ok(tg_sv_of(name)))
		return tg_fail(err, TG_E_CONFIG,
		    "a ledger's name is printable ASCII without spaces and "
		    "'+', at most %d bytes",
		    TG_NOTE_NAME_MAX);
	env->random(env->ctx, seed, sizeof(seed));
	rc = key_from(out, name, seed, err);
	tg_crypt_wipe(seed, sizeof(seed));
	return rc;
}

int
tg_note_key(struct tg_note_key **out, struct tg_sv skey, struct tg_err *err)
{
	const struct tg_sv head = TG_SV("PRIVATE+KEY+");
	char name[TG_NOTE_NAME_MAX + 1];
	struct tg_note_key *k = NULL;
	uint8_t raw[33] = {0}, id[4];
	int rc = -1;

	if (!tg_sv_starts(skey, head) ||
	    !take_apart(name, id, raw,
		(struct tg_sv){skey.p + head.n, skey.n - head.n})) {
		(void)tg_fail(err, TG_E_KEY,
		    "not a signing key of the form "
		    "PRIVATE+KEY+name+hash+base64");
		goto out;
	}
	if (key_from(&k, name, raw + 1, err) < 0)
		goto out;
	if (memcmp(id, k->pub.id, 4) != 0) {
		(void)tg_fail(err, TG_E_KEY,
		    "signing key is damaged: its hash is not that of its name "
		    "and public key");
		goto out;
	}
	*out = k;
	k = NULL;
	rc = 0;
out:
	tg_crypt_wipe(raw, sizeof(raw));
	tg_note_key_free(k);
	return rc;
}

int
tg_note_skey(
    struct tg_buf *out, const struct tg_note_key *k, struct tg_err *err)
{
	uint8_t raw[33] = {ALG_ED25519};
	char id[9];
	int rc = -1;

	memcpy(raw + 1, k->seed, 32);
	tg_hex(id, k->pub.id, 4);
	if (tg_buf_addf(out, err, "PRIVATE+KEY+%s+%s+", k->pub.name, id) == 0 &&
	    tg_b64_add(out, raw, sizeof(raw), TG_B64_PADDED, err) == 0)
		rc = 0;
	tg_crypt_wipe(raw, sizeof(raw));
	return rc;
}

void
tg_note_key_free(struct tg_note_key *k)
{
	if (k != NULL)
		tg_secret_free(k);
}

const struct tg_note_pub *
tg_note_public(const struct tg_note_key *k)
{
	return &k->pub;
}

/* UTF-8, no control byte but LF, LF at the end. */
static bool
text_ok(struct tg_sv s)
{
	if (s.n == 0 || s.p[s.n - 1] != '\n' || tg_utf8_valid(s) != s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\n')
			return false;
	return true;
}

int
tg_note_sign(struct tg_buf *out, const struct tg_note_key *k, struct tg_sv text,
    struct tg_err *err)
{
	uint8_t sig[SIG_LEN];

	if (!text_ok(text))
		return tg_fail(err, TG_E_BUG, "not a text for a signed note");
	memcpy(sig, k->pub.id, 4);
	(void)crypto_sign_detached(
	    sig + 4, NULL, (const uint8_t *)text.p, text.n, k->sk);
	if (tg_buf_addsv(out, text, err) < 0 ||
	    tg_buf_addf(out, err, "\n" DASH "%s ", k->pub.name) < 0 ||
	    tg_b64_add(out, sig, sizeof(sig), TG_B64_PADDED, err) < 0)
		return -1;
	return tg_buf_addc(out, '\n', err);
}

/* Offset of the blank line's LF that ends the text, or 0. */
static size_t
text_end(struct tg_sv note)
{
	for (size_t i = note.n; i-- > 1;)
		if (note.p[i] == '\n' && note.p[i - 1] == '\n')
			return i;
	return 0;
}

enum line { LINE_BAD, LINE_OTHER, LINE_WRONG, LINE_GOOD };

/* One signature line without its LF. */
static enum line
line_check(struct tg_sv line, struct tg_sv text, const struct tg_note_pub *pub)
{
	const struct tg_sv dash = TG_SV(DASH);
	struct tg_sv name, b64;
	uint8_t sig[SIG_MAX];
	const char *sp;
	size_t n;

	if (!tg_sv_starts(line, dash))
		return LINE_BAD;
	name = (struct tg_sv){line.p + dash.n, line.n - dash.n};
	sp = name.n == 0 ? NULL : memchr(name.p, ' ', name.n);
	if (sp == NULL)
		return LINE_BAD;
	b64 = (struct tg_sv){sp + 1, name.n - (size_t)(sp - name.p) - 1};
	name.n = (size_t)(sp - name.p);
	if (name.n == 0 || memchr(name.p, '+', name.n) != NULL ||
	    !tg_b64_decode(sig, sizeof(sig), &n, b64, TG_B64_PADDED) || n <= 4)
		return LINE_BAD;
	if (!tg_sv_is(name, pub->name) || memcmp(sig, pub->id, 4) != 0)
		return LINE_OTHER;
	if (n != SIG_LEN ||
	    crypto_sign_verify_detached(
		sig + 4, (const uint8_t *)text.p, text.n, pub->pk) != 0)
		return LINE_WRONG;
	return LINE_GOOD;
}

int
tg_note_open(struct tg_sv *text, const struct tg_note_pub *pub,
    struct tg_sv note, struct tg_err *err)
{
	const size_t end = text_end(note);
	struct tg_sv body = {note.p, end};
	size_t good = 0, lines = 0;

	if (note.n > TG_NOTE_MAX || end == 0 || !text_ok(note) ||
	    !text_ok(body))
		return tg_fail(err, TG_E_INTEGRITY, "not a signed note");
	for (size_t i = end + 1; i < note.n;) {
		const char *lf = memchr(note.p + i, '\n', note.n - i);
		const size_t len = (size_t)(lf - (note.p + i));

		if (++lines > TG_NOTE_SIGS)
			return tg_fail(err, TG_E_INTEGRITY,
			    "signed note with more than %d signatures",
			    TG_NOTE_SIGS);
		switch (
		    line_check((struct tg_sv){note.p + i, len}, body, pub)) {
		case LINE_BAD:
			return tg_fail(err, TG_E_INTEGRITY,
			    "signed note with a malformed signature line");
		case LINE_WRONG:
			return tg_fail(err, TG_E_INTEGRITY,
			    "wrong signature of %s", pub->name);
		case LINE_GOOD:
			good++;
			break;
		case LINE_OTHER:
			break;
		}
		i += len + 1;
	}
	if (good == 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "not signed by the key of %s that is expected", pub->name);
	*text = body;
	return 0;
}
