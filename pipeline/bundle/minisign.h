/*
 * minisign.h - minisign 0.11 keys and prehashed signatures ("ED", BLAKE2b-512),
 * byte-compatible with the stock tool.  Legacy "Ed" signatures are refused.
 */
#ifndef TG_PIPELINE_BUNDLE_MINISIGN_H
#define TG_PIPELINE_BUNDLE_MINISIGN_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_MINISIGN_PUB_STR 57 /* 56 base64 digits ("RW…") and NUL */
#define TG_MINISIGN_ID_HEX 17  /* key id as minisign prints it, and NUL */

struct tg_minisign_pub {
	uint8_t id[8];
	uint8_t pk[32];
};

struct tg_minisign_key; /* in secure memory */

/* From "RW…" or a whole .pub file's text.  TG_E_KEY. */
int tg_minisign_pub(struct tg_minisign_pub *out, struct tg_sv s,
    struct tg_err *err) TG_MUST_CHECK;
void tg_minisign_pub_str(
    char out[TG_MINISIGN_PUB_STR], const struct tg_minisign_pub *pub);
void
tg_minisign_id(char out[TG_MINISIGN_ID_HEX], const struct tg_minisign_pub *pub);

/* tg_minisign_keygen - writes @path (0600, new) and @path's public half to
 * @pub_path.  @pass p NULL: unencrypted.  @mem_limit: scrypt bytes, e.g.
 * 128 MiB (the stock tool honours it). */
int tg_minisign_keygen(const char *path, const char *pub_path,
    struct tg_sv pass, uint64_t mem_limit, struct tg_err *err) TG_MUST_CHECK;
/* TG_E_KEY: not private, wrong passphrase, damaged.  *@needs_pass is set when
 * the file is encrypted and @pass is none. */
int tg_minisign_load(struct tg_minisign_key **out, const char *path,
    struct tg_sv pass, bool *needs_pass, struct tg_err *err) TG_MUST_CHECK;
void tg_minisign_free(struct tg_minisign_key *k);
const struct tg_minisign_pub *
tg_minisign_public(const struct tg_minisign_key *k);

/* The text of a .minisig over @bytes with the signed @trusted comment (one
 * line, no control bytes). */
int tg_minisign_sign(struct tg_buf *out, const struct tg_minisign_key *k,
    struct tg_sv bytes, const char *trusted, struct tg_err *err) TG_MUST_CHECK;
/* TG_E_INTEGRITY; @trusted (may be NULL) gets the trusted comment.  Stricter
 * than the stock tool: canonical base64, no bytes after the last line. */
int tg_minisign_verify(const struct tg_minisign_pub *pub, struct tg_sv bytes,
    struct tg_sv sig, struct tg_buf *trusted, struct tg_err *err) TG_MUST_CHECK;
/* The key id inside a .minisig, to choose the key. */
int tg_minisign_sig_id(uint8_t id[8], struct tg_sv sig, struct tg_err *err)
    TG_MUST_CHECK;

#endif
