/*
 * minisign_file.h - the texts of minisign 0.11: an untrusted comment line, then
 * base64 of a fixed structure.  Read strictly: canonical base64, LF line ends,
 * nothing after the last line.
 */
#ifndef TG_PIPELINE_BUNDLE_MINISIGN_FILE_H
#define TG_PIPELINE_BUNDLE_MINISIGN_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

/* minisign.h of 0.11: COMMENTMAXBYTES, TRUSTEDCOMMENTMAXBYTES; a line longer
 * than these is not read whole by the stock tool. */
#define TG_MINISIGN_FILE_COMMENT_MAX 1000
#define TG_MINISIGN_FILE_TRUSTED_MAX 8173

#define TG_MINISIGN_FILE_SIG 74 /* "ED", key id 8, signature 64 */
#define TG_MINISIGN_FILE_GLOBAL 64

/* A .minisig taken apart; trusted is borrowed from the text. */
struct tg_minisign_file_sig {
	uint8_t sig[TG_MINISIGN_FILE_SIG];
	struct tg_sv trusted;
	uint8_t global[TG_MINISIGN_FILE_GLOBAL];
};

/* tg_minisign_file_comment_ok - one line, no control bytes (a tab is fine: the
 * stock tool's own comment has one), valid UTF-8. */
bool tg_minisign_file_comment_ok(struct tg_sv s) TG_MUST_CHECK;

/* tg_minisign_file_sig - TG_E_INTEGRITY. */
int tg_minisign_file_sig(struct tg_minisign_file_sig *out, struct tg_sv text,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_minisign_file_b64 - a comment line and one line of base64 of exactly @n
 * bytes, or with @bare_ok that line alone.  False: not so. */
bool tg_minisign_file_b64(void *out, size_t n, struct tg_sv text, bool bare_ok)
    TG_MUST_CHECK;

#endif
